"""Evaluate rules: pure, without eval, ending for any data."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

from portal.questionnaires.rules.language import OPERANDS, UNKNOWN, Rule, RuleError, is_unknown, only

_NUMBER = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Context(Protocol):
    """Where a rule finds its values. Each gives ``None`` for what it does not have."""

    def answer(self, name: str) -> Any:
        """The JSON value of the answer to the question with this id."""

    def meta(self, name: str) -> Any:
        """A value about the whole matter, such as today's date."""

    def fact(self, path: str) -> Any:
        """A value of the facts that are judged, by dotted path."""

    def size(self, name: str) -> int | None:
        """How many items the named list has."""


@dataclass(frozen=True, slots=True)
class Values:
    """The plain context: four mappings. ``answers`` is keyed by question id, ``lists`` by name."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    metas: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def answer(self, name: str) -> Any:
        return self.answers.get(name)

    def meta(self, name: str) -> Any:
        return self.metas.get(name)

    def fact(self, path: str) -> Any:
        return dig(self.facts, path)

    def size(self, name: str) -> int | None:
        return len(self.lists[name]) if name in self.lists else None


def evaluate(rule: Rule, context: Context) -> bool:
    """Whether the rule holds. Raises ``RuleError`` only for what ``check`` would have refused."""
    return _holds(rule, context, None)


def dig(value: Any, path: str) -> Any:
    """Follow a dotted path through mappings; a list on the way gives one list of all that its items have there."""
    for name in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list | tuple):
            value = [found for item in value for found in _each_of(dig(item, name))]
        else:
            return None
    return value


def _each_of(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _holds(rule: Rule, context: Context, item: Any) -> bool:
    name, body = only(rule)
    operation = _OPERATIONS.get(name)
    if operation is None:
        raise RuleError(f"{name!r} is not an operator")
    return operation(body, context, item)


def _value(operand: Any, context: Context, item: Any) -> Any:
    if isinstance(operand, Mapping):
        name, body = only(operand)
        source = _SOURCES.get(name)
        if source is None:
            raise RuleError(f"{name!r} is not an operand")
        found = source(body, context, item)
        return UNKNOWN if is_unknown(found) else found
    return operand


def _answer(path: str, context: Context, _item: Any) -> Any:
    name, dot, part = path.partition(".")
    found = context.answer(name)
    return dig(found, part) if dot else found


def _item_field(path: str, _context: Context, item: Any) -> Any:
    return item if path == "." else dig(item, path)


def _count(parts: Sequence[Any], context: Context, item: Any) -> int:
    total = 0
    for part in parts:
        if isinstance(part, str):
            total += context.size(part) or 0
        elif next(iter(part), "") in OPERANDS:
            total += len(_many(_value(part, context, item)))
        else:
            total += _holds(part, context, item)
    return total


def _count_where(body: Mapping[str, Any], context: Context, item: Any) -> int:
    return sum(_holds(body["where"], context, each) for each in _many(_value(body["over"], context, item)))


_SOURCES: Final[dict[str, Callable[[Any, Context, Any], Any]]] = {
    "answer": _answer,
    "meta": lambda name, context, _item: context.meta(name),
    "fact": lambda path, context, _item: context.fact(path),
    "item": _item_field,
    "count": _count,
    "count_where": _count_where,
}


def _many(value: Any) -> list[Any]:
    """The values of a list, of a mapping by item id, or of one lone value; nothing when missing."""
    if value is None:
        return []
    found = list(value) if isinstance(value, list | tuple | frozenset | set) else [value]
    if isinstance(value, Mapping) and not is_unknown(value):
        found = list(value.values())
    return [UNKNOWN if is_unknown(each) else each for each in found]


def number(value: Any) -> Decimal | None:
    """The exact finite number that a value is or spells in plain digits, else ``None``. True is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    return Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float | Decimal) or isinstance(right, int | float | Decimal):
        first, second = number(left), number(right)
        return first is not None and first == second
    if isinstance(left, date) or isinstance(right, date):
        day = _day(left)
        return day is not None and day == _day(right)
    return bool(left == right)


_IN_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}


def _ordered(operator: str, left: Any, right: Any) -> bool:
    compare = _IN_ORDER[operator]
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return compare(first, second)
    earlier, later = _day(left), _day(right)
    return earlier is not None and later is not None and compare(earlier, later)


def _comparison(test: Callable[[Any, Any], bool]) -> Callable[[Any, Context, Any], bool]:
    def compare(body: Sequence[Any], context: Context, item: Any) -> bool:
        left, right = _value(body[0], context, item), _value(body[1], context, item)
        return left is not None and right is not None and test(left, right)

    return compare


def _among(value: Any, allowed: Any) -> bool:
    return any(_equal(value, each) for each in _many(allowed))


def _any_among(values: Any, allowed: Any) -> bool:
    return any(_among(value, allowed) for value in _many(values))


def _all_among(values: Any, allowed: Any) -> bool:
    found = _many(values)
    return bool(found) and all(_among(value, allowed) for value in found)


def _each(body: Mapping[str, Any], context: Context, item: Any) -> Iterator[bool]:
    return (_holds(body["where"], context, each) for each in _many(_value(body["over"], context, item)))


def _all(body: Mapping[str, Any], context: Context, item: Any) -> bool:
    found = list(_each(body, context, item))
    return bool(found) and all(found)


_OPERATIONS: Final[dict[str, Callable[[Any, Context, Any], bool]]] = {
    "==": _comparison(_equal),
    "!=": _comparison(lambda left, right: not _equal(left, right)),
    "<": _comparison(lambda left, right: _ordered("<", left, right)),
    "<=": _comparison(lambda left, right: _ordered("<=", left, right)),
    ">": _comparison(lambda left, right: _ordered(">", left, right)),
    ">=": _comparison(lambda left, right: _ordered(">=", left, right)),
    "in": _comparison(_among),
    "any_in": _comparison(_any_among),
    "all_in": _comparison(_all_among),
    "and": lambda body, context, item: all(_holds(part, context, item) for part in body),
    "or": lambda body, context, item: any(_holds(part, context, item) for part in body),
    "not": lambda body, context, item: not _holds(body, context, item),
    "unknown": lambda body, context, item: UNKNOWN in _many(_value(body, context, item)),
    "answered": lambda body, context, item: _value(body, context, item) is not None,
    "any": lambda body, context, item: any(_each(body, context, item)),
    "all": _all,
}
