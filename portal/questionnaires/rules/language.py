"""The words of the rule language: what a rule may be made of."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

Rule = Mapping[str, Any]

UNKNOWN: Final = "unknown"
EQUALITY: Final = frozenset({"==", "!="})
ORDER: Final = frozenset({"<", "<=", ">", ">="})
MEMBERSHIP: Final = frozenset({"in", "any_in", "all_in"})
QUANTIFIERS: Final = frozenset({"any", "all"})
OPERATORS: Final = EQUALITY | ORDER | MEMBERSHIP | QUANTIFIERS | {"and", "or", "not", "unknown", "answered"}
REFERENCES: Final = frozenset({"answer", "meta", "fact", "item"})
OPERANDS: Final = REFERENCES | {"count", "count_where"}


class RuleError(ValueError):
    """A rule that is not written in the rule language; ``check`` finds it before it is used."""


class Reference(NamedTuple):
    """Something that a rule reads: kind is ``answer``, ``meta``, ``fact``, ``item`` or ``list``."""

    kind: str
    name: str


class Problem(NamedTuple):
    """What is wrong with a rule, and where in it (``.and[1].==[0]``)."""

    path: str
    message: str


def is_unknown(value: Any) -> bool:
    """Whether a stored answer says "I don't know", as ``"unknown"`` or as ``{"unknown": true}``."""
    return value == UNKNOWN if isinstance(value, str) else isinstance(value, Mapping) and value.get(UNKNOWN) is True


def only(mapping: Any) -> tuple[str, Any]:
    """The single key of a rule or operand, and what stands under it."""
    if not isinstance(mapping, Mapping) or len(mapping) != 1:
        raise RuleError("expected a mapping with exactly one operator")
    name, body = next(iter(mapping.items()))
    return str(name), body
