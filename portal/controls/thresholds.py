"""Thresholds of an item as conditions that hold, do not hold, or are open; each comparison can be shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from portal.controls.quantities import Quantity, Stated, Verdict, plain

UNVERIFIED = ("M", "I")
# What is known of the goods: a stated value of a number, the chosen option of a choice. What is not there is unknown.
Answers = Mapping[str, "Stated | str"]


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of a number with a threshold, in the quantity's unit; ``mark`` as in the reference."""

    quantity: str
    op: str
    value: Decimal
    unit: str
    mark: str

    def alone(self, answers: Answers) -> Verdict:
        """What the comparison says by itself."""
        stated = answers.get(self.quantity)
        return stated.against(self.op, self.value) if isinstance(stated, Stated) else "open"

    def verdict(self, answers: Answers) -> Verdict:
        """The same, but a threshold that is not verified never lets goods out."""
        found = self.alone(answers)
        return "open" if found == "outside" and self.mark in UNVERIFIED else found


@dataclass(frozen=True, slots=True)
class Choice:
    """The goods are one of the named options (single crystal; contains dysprosium)."""

    quantity: str
    options: tuple[str, ...]
    mark: str

    def alone(self, answers: Answers) -> Verdict:
        chosen = answers.get(self.quantity)
        if not isinstance(chosen, str) or not chosen or chosen == "unknown":
            return "open"
        return "met" if chosen in self.options else "outside"

    def verdict(self, answers: Answers) -> Verdict:
        found = self.alone(answers)
        return "open" if found == "outside" and self.mark in UNVERIFIED else found


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions, of which all must hold, or any one."""

    need: Literal["all", "any"]
    tests: "tuple[Test, ...]"

    def verdict(self, answers: Answers) -> Verdict:
        """Met or outside only where no open condition could change it."""
        return joined(self.need, [test.verdict(answers) for test in self.tests])


Leaf = Compare | Choice
Test = Compare | Choice | Group


def joined(need: Literal["all", "any"], verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict of several conditions together."""
    decides: Verdict = "outside" if need == "all" else "met"
    other: Verdict = "met" if need == "all" else "outside"
    if decides in verdicts:
        return decides
    return other if all(verdict == other for verdict in verdicts) else "open"


def leaves(test: Test | None) -> Iterator[Leaf]:
    """Every single comparison in a condition, in the order in which it is written."""
    if isinstance(test, Group):
        for inner in test.tests:
            yield from leaves(inner)
    elif test is not None:
        yield test


def relevant(test: Test | None, answers: Answers) -> Iterator[Leaf]:
    """The comparisons that bear on these goods: of several shapes, say, only that of the one that was chosen."""
    if not isinstance(test, Group):
        yield from leaves(test)
        return
    kept = [inner for inner in test.tests if not (test.need == "any" and _passed_over(inner, answers))]
    for inner in kept or test.tests:
        yield from relevant(inner, answers)


def _passed_over(test: Test, answers: Answers) -> bool:
    """Whether a choice within a condition leads past the rest of it."""
    return isinstance(test, Group) and any(
        isinstance(inner, Choice) and inner.alone(answers) == "outside" for inner in test.tests
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison as the worked answer shows it. ``margin`` is how far the stated value lies from the threshold."""

    quantity: Quantity
    stated: str
    threshold: str
    unit: str
    verdict: Verdict
    margin: str
    near: bool
    mark: str


def shown(leaf: Leaf, answers: Answers, known: Mapping[str, Quantity]) -> Comparison:
    """A comparison with value, threshold, unit and margin in words; a choice gives its options."""
    quantity, answer, verdict = known[leaf.quantity], answers.get(leaf.quantity), leaf.alone(answers)
    if isinstance(leaf, Choice):
        return Comparison(quantity, str(answer or ""), " ".join(leaf.options), "", verdict, "", False, leaf.mark)
    threshold = f"{SIGNS[leaf.op]} {plain(leaf.value)}"
    if not isinstance(answer, Stated):
        return Comparison(quantity, "", threshold, leaf.unit, verdict, "", False, leaf.mark)
    near = verdict == "outside" and quantity.close(answer, leaf.op, leaf.value)
    margin = _margin(answer, leaf)
    return Comparison(quantity, str(answer), threshold, leaf.unit, verdict, margin, near, leaf.mark)


SIGNS = {">": ">", ">=": "≥", "<": "<", "<=": "≤"}


def _margin(stated: Stated, leaf: Compare) -> str:
    """The signed distance to the threshold of the end of the statement that comes nearest to it."""
    if stated.exact is not None:
        nearest: Decimal | None = stated.exact
    else:
        nearest = stated.high if leaf.op in (">", ">=") else stated.low
        if leaf.alone({leaf.quantity: stated}) == "met":
            nearest = stated.low if leaf.op in (">", ">=") else stated.high
    if nearest is None:
        return ""
    distance = nearest - leaf.value
    return ("+" if distance > 0 else "−" if distance < 0 else "") + plain(abs(distance))


def read(row: Mapping[str, Any], mark: str) -> Test | None:
    """A condition from its YAML; ``None`` where a parameter has only words."""
    own = row.get("mark", mark)
    for need in ("all", "any"):
        if need in row:
            inner = tuple(test for part in row[need] if (test := read(part, own)) is not None)
            return Group(need, inner)
    if "is" in row:
        return Choice(row["quantity"], tuple(row["is"]), own)
    if "quantity" in row:
        return Compare(row["quantity"], row["op"], Decimal(row["value"]), row["unit"], own)
    return None
