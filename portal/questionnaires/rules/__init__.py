"""The rule language: conditions written as data, evaluated without ever running text as code.

A rule is a mapping with one operator. Questionnaires use it for routing and checks, risk policies for findings.

Rules (true or false)
    ``{"==": [A, B]}`` and ``!=  <  <=  >  >=``   compare two operands
    ``{in: [A, [..]]}``                    A is one of the values
    ``{any_in: [A, [..]]}``                at least one value of the list A is among them
    ``{all_in: [A, [..]]}``                A has values and every one of them is among them
    ``{and: [R, ..]}``  ``{or: [R, ..]}``  ``{not: R}``
    ``{unknown: A}``                       A was answered with "I don't know", for one item at least
    ``{answered: A}``                      A has any value at all, "I don't know" included
    ``{any: {over: A, where: R}}``         R holds for at least one item of the list A
    ``{all: {over: A, where: R}}``         A has items and R holds for every one

Operands (values)
    a literal; ``{answer: "id"}``, ``{answer: "id.amount"}`` for a part of it; ``{meta: "name"}``;
    ``{fact: "dotted.path"}``; ``{item: "field"}`` of the innermost item under a quantifier, ``{item: "."}`` for the
    item itself; ``{count: [..]}``, the sum of: a name (size of that list), an operand (length of its list), a rule
    (1 when it holds); ``{count_where: {over: A, where: R}}``, the number of items for which R holds.
    A path that meets a list collects the field from each of its items.

Meaning
    Missing is ``None``. A comparison with something missing is false, ``!=`` too, so that silence never makes a
    condition true; only ``not`` turns it round. "I don't know" is the value ``"unknown"`` in whatever form it is
    stored. A repeated question, read from outside its section, has one value for each item: ask with ``any_in``,
    ``all_in``, ``unknown`` or a quantifier with ``{item: "."}``, as ``==`` compares single values. Numbers are
    compared as decimals, also when they are kept as text; ISO 8601 dates as dates; two operands of different kinds
    are unequal and in no order. Evaluation ends for every well-formed rule and any data.
"""

from portal.questionnaires.rules.evaluation import Context, Values, dig, evaluate, number
from portal.questionnaires.rules.form import Comparison, check, comparisons, references
from portal.questionnaires.rules.language import (
    EQUALITY,
    MEMBERSHIP,
    ORDER,
    UNKNOWN,
    Problem,
    Reference,
    Rule,
    RuleError,
    is_unknown,
)

__all__ = [
    "EQUALITY",
    "MEMBERSHIP",
    "ORDER",
    "UNKNOWN",
    "Comparison",
    "Context",
    "Problem",
    "Reference",
    "Rule",
    "RuleError",
    "Values",
    "check",
    "comparisons",
    "dig",
    "evaluate",
    "is_unknown",
    "number",
    "references",
]
