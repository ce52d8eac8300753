"""Whether a rule is written as the language has it, and what it reads. Nothing is evaluated here."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from portal.questionnaires.rules.language import (
    EQUALITY,
    MEMBERSHIP,
    OPERANDS,
    OPERATORS,
    ORDER,
    QUANTIFIERS,
    REFERENCES,
    Problem,
    Reference,
)

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*", re.ASCII)
_COMPARING: Final = EQUALITY | ORDER | MEMBERSHIP


class Comparison(NamedTuple):
    """One comparison inside a rule: to be held against the types of the questions."""

    path: str
    operator: str
    left: Any
    right: Any


def check(rule: Any, *, kinds: Collection[str] = ("answer", "meta"), path: str = "") -> list[Problem]:
    """Everything that is wrong with the rule's form; empty when it may be evaluated.

    ``kinds`` are the references that this rule may make, of ``answer``, ``meta``, ``fact`` and ``list`` (the named
    list of ``count``). ``item`` is always allowed under a quantifier and never outside.
    """
    return list(_rule(rule, frozenset(kinds), path, False))


def references(rule: Any) -> frozenset[Reference]:
    """Every answer, meta value, fact, item field and named list that the rule reads, however deep."""
    return frozenset(_references(rule))


def comparisons(rule: Any, path: str = "") -> Iterator[Comparison]:
    """Every comparison in a well-formed rule, however deep."""
    if isinstance(rule, Mapping):
        for name, body in rule.items():
            here = f"{path}.{name}"
            if name in _COMPARING:
                yield Comparison(here, name, body[0], body[1])
            yield from comparisons(body, here)
    elif isinstance(rule, list | tuple):
        for index, part in enumerate(rule):
            yield from comparisons(part, f"{path}[{index}]")


def _references(rule: Any) -> Iterator[Reference]:
    if isinstance(rule, Mapping):
        for name, body in rule.items():
            if name in REFERENCES:
                yield Reference(name, str(body))
            elif name == "count" and isinstance(body, list | tuple):
                yield from (Reference("list", part) for part in body if isinstance(part, str))
                yield from _references(body)
            else:
                yield from _references(body)
    elif isinstance(rule, list | tuple):
        for part in rule:
            yield from _references(part)


def _rule(rule: Any, kinds: frozenset[str], path: str, inside: bool) -> Iterator[Problem]:
    if not isinstance(rule, Mapping) or len(rule) != 1:
        yield Problem(path, "a rule is a mapping with exactly one operator")
        return
    name, body = next(iter(rule.items()))
    here = f"{path}.{name}"
    if name not in OPERATORS:
        yield Problem(path, f"{name!r} is not an operator; there are: {' '.join(sorted(OPERATORS))}")
    elif name in _COMPARING:
        yield from _comparison(name, body, kinds, here, inside)
    elif name in QUANTIFIERS:
        yield from _quantifier(body, kinds, here, inside)
    elif name in ("and", "or"):
        yield from _combination(body, kinds, here, inside)
    elif name == "not":
        yield from _rule(body, kinds, here, inside)
    elif not isinstance(body, Mapping):
        yield Problem(here, f"{name!r} takes a reference, not a literal")
    else:
        yield from _operand(body, kinds, here, inside)


def _combination(body: Any, kinds: frozenset[str], path: str, inside: bool) -> Iterator[Problem]:
    if not isinstance(body, list | tuple) or not body:
        yield Problem(path, "expected a list of rules")
        return
    for index, part in enumerate(body):
        yield from _rule(part, kinds, f"{path}[{index}]", inside)


def _comparison(name: str, body: Any, kinds: frozenset[str], path: str, inside: bool) -> Iterator[Problem]:
    if not isinstance(body, list | tuple) or len(body) != 2:
        yield Problem(path, "expected two operands in a list")
        return
    left, right = body
    if not isinstance(left, Mapping) and not isinstance(right, Mapping):
        yield Problem(path, "compares two literals")
    yield from _operand(left, kinds, f"{path}[0]", inside)
    if name in MEMBERSHIP and isinstance(right, list | tuple):
        if not right:
            yield Problem(f"{path}[1]", "the list is empty, so nothing can be among it")
        for index, each in enumerate(right):
            yield from _literal(each, f"{path}[1][{index}]")
    elif name in MEMBERSHIP and not isinstance(right, Mapping):
        yield Problem(f"{path}[1]", "expected a list of values, or a reference to one")
    else:
        yield from _operand(right, kinds, f"{path}[1]", inside)


def _quantifier(body: Any, kinds: frozenset[str], path: str, inside: bool) -> Iterator[Problem]:
    if not isinstance(body, Mapping) or set(body) != {"over", "where"}:
        yield Problem(path, "expected {over: list, where: rule}")
        return
    if not isinstance(body["over"], Mapping):
        yield Problem(f"{path}.over", "expected a reference to a list")
    else:
        yield from _operand(body["over"], kinds, f"{path}.over", inside)
    yield from _rule(body["where"], kinds, f"{path}.where", True)


def _operand(operand: Any, kinds: frozenset[str], path: str, inside: bool) -> Iterator[Problem]:
    if not isinstance(operand, Mapping):
        yield from _literal(operand, path)
        return
    name, body = next(iter(operand.items())) if len(operand) == 1 else ("", None)
    here = f"{path}.{name}"
    if name not in OPERANDS:
        yield Problem(path, f"{name!r} is not an operand; there are: {' '.join(sorted(OPERANDS))}")
    elif name == "count":
        yield from _count(body, kinds, here, inside)
    elif name == "count_where":
        yield from _quantifier(body, kinds, here, inside)
    elif name == "item" and not inside:
        yield Problem(path, "'item' has a meaning only under 'any', 'all' or 'count_where'")
    elif name != "item" and name not in kinds:
        yield Problem(path, f"{name!r} may not be used here")
    elif not isinstance(body, str) or not (_PATH.fullmatch(body) or (name == "item" and body == ".")):
        yield Problem(here, "expected a name or dotted path")


def _count(body: Any, kinds: frozenset[str], path: str, inside: bool) -> Iterator[Problem]:
    if not isinstance(body, list | tuple) or not body:
        yield Problem(path, "expected a list of names of lists, operands or rules")
        return
    for index, part in enumerate(body):
        here = f"{path}[{index}]"
        if isinstance(part, str):
            if "list" not in kinds:
                yield Problem(here, "there are no named lists here")
        elif isinstance(part, Mapping) and next(iter(part), "") in OPERANDS:
            yield from _operand(part, kinds, here, inside)
        else:
            yield from _rule(part, kinds, here, inside)


def _literal(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, str | int | float | Decimal | date):
        yield Problem(path, f"a literal is text, a number, a date or true/false, not {type(value).__name__}")
