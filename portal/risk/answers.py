"""Weigh the answer to one question. What was not answered counts as "I don't know", never as the safe answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.questionnaires import rules
from portal.risk import view
from portal.risk.policy import GIVEN, AnswerFactor, Effect, Kind, Policy
from portal.text import Text

_GRAVITY: tuple[Kind, ...] = ("factor", "forced_review", "hard_stop")


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an answer brings."""

    points: int
    kind: Kind
    text: Text


def weigh(factor: AnswerFactor, seen: view.View, policy: Policy) -> Weighed | None:
    """What the answers under this factor bring; ``None`` where the question is not asked.

    Over several goods lines the worst counts once, and its sentence names the lines that it is about.
    """
    if not factor.each_goods:
        return _weigh(factor, seen, policy, None)
    lines = [(line, found) for line in seen["goods"] if (found := _weigh(factor, seen, policy, line))]
    if not lines:
        return None
    worst = max((found for _, found in lines), key=lambda found: (_GRAVITY.index(found.kind), found.points))
    names = sorted({line["name"] for line, found in lines if found.text == worst.text})
    goods = Text(", ".join(names), "、".join(names))
    points = max(found.points for _, found in lines)
    return Weighed(points, worst.kind, policy.on_goods.filled(text=worst.text, goods=goods))


def _weigh(factor: AnswerFactor, seen: view.View, policy: Policy, line: Mapping[str, Any] | None) -> Weighed | None:
    if factor.unless and all(_is_one_of(view.answer(seen, q, line), safe) for q, safe in factor.unless.items()):
        return None
    raw = view.answer(seen, factor.question, line)
    chosen = _chosen(factor, raw, seen, policy, line)
    if chosen is None:
        effect = factor.values["unknown"]
        sentence = policy.missing_text if _is_missing(raw) else policy.unknown_text
        return Weighed(effect.points, effect.kind, effect.text or sentence.filled(subject=factor.subject))
    effects = [factor.values[value] for value in chosen]
    return Weighed(
        points=min(sum(effect.points for effect in effects), factor.values["unknown"].points),
        kind=max((effect.kind for effect in effects), key=_GRAVITY.index, default="factor"),
        text=_sentence(factor, effects),
    )


def _is_missing(raw: Any) -> bool:
    """A declaration that was not made counts as missing too."""
    return raw is None or raw is False or (isinstance(raw, str | list | tuple) and not raw)


def _is_one_of(raw: Any, values: Iterable[str]) -> bool:
    return isinstance(raw, str) and raw in values


def _chosen(
    factor: AnswerFactor, raw: Any, seen: view.View, policy: Policy, line: Mapping[str, Any] | None
) -> tuple[str, ...] | None:
    """The values that count, or ``None`` when the answer is missing, unknown, or none that the policy has."""
    if _is_missing(raw) or rules.is_unknown(raw):
        return None
    if factor.mode != "one":
        return _several(factor, raw)
    if factor.measure:
        value = view.measure(factor.measure, raw, line, seen, policy)
    else:
        value = GIVEN if GIVEN in factor.values else raw
    return (value,) if isinstance(value, str) and value in factor.values and value != "unknown" else None


def _several(factor: AnswerFactor, raw: Any) -> tuple[str, ...] | None:
    if not isinstance(raw, list | tuple) or not raw or any(value not in factor.values for value in raw):
        return None
    if rules.UNKNOWN in raw:
        return None
    there = factor.mode == "chosen"
    weighed = (value for value in factor.values if value != "unknown" and factor.values[value].text)
    return tuple(value for value in weighed if (value in raw) == there)


def _sentence(factor: AnswerFactor, effects: list[Effect]) -> Text:
    texts = [effect.text for effect in effects if effect.text]
    joined = Text(", ".join(text.en for text in texts), "、".join(text.zh for text in texts))
    return factor.text.filled(chosen=joined) if factor.text else joined
