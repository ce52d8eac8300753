"""What is wrong with a policy file: its shape, its references, its sentences, and how it weighs "I don't know"."""

import json
import string
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from portal.questionnaires import rules
from portal.questionnaires.document import Document, Fault, Place
from portal.questionnaires.model import Question, Questionnaire

SCHEMA = Path(__file__).parent / "data" / "policy.schema.json"

# What a sentence may name: of every rule, and of the facts that a rule looks at one by one.
EVERYWHERE = frozenset({"destination", "licence", "licence_date"})
COUNTRY = frozenset({"country"})
NAMED = {
    "": frozenset[str](),
    "hits": frozenset({"party", "role", "country", "list", "entry", "program", "matched"}),
    "ownership": frozenset({"party", "role", "country", "list", "least", "most", "chains", "bound"}),
    "parties": frozenset({"party", "role", "country"}),
    "lists": frozenset({"list", "edition"}),
    "goods": frozenset({"line", "goods", "element", "measures"}),
    "ban_countries": COUNTRY,
    "user_countries": COUNTRY,
    "way_countries": COUNTRY,
}
MEASURES = {
    "need": frozenset({"within_documented", "within_stated", "above", "far_above", "unknown"}),
    "onward": frozenset({"plain", "hub", "barred", "arms_measures", "unknown"}),
    "age": frozenset({"three_years", "recent", "new", "unknown"}),
}
_GIVEN = frozenset({"given", "unknown"})
_CHOICES = frozenset({"radio", "select", "checkboxes"})
_GRAVITY = {"factor": 0, "forced_review": 1, "hard_stop": 2}


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def faults(source: Document) -> list[Fault]:
    """Everything that is wrong with the file by itself; empty when a policy can be made of it."""
    errors = list(_validator().iter_errors(source.data))
    if errors:
        shape = [source.fault(tuple(error.absolute_path), error.message[:200]) for error in errors]
        return sorted(shape, key=lambda fault: fault.line)
    return [*_bands(source), *_keys(source), *_rules(source), *_answers(source)]


def _bands(source: Document) -> Iterator[Fault]:
    bands = source.data["bands"]
    if [band["band"] for band in bands] != ["low", "moderate", "high", "very_high"] or bands[0]["from"] != 0:
        yield source.fault(("bands",), "the bands are low (from 0), moderate, high, very_high, in this order")
    gravity = ["certify", "refer", "refuse"]
    for index in range(1, len(bands)):
        if bands[index]["from"] <= bands[index - 1]["from"]:
            yield source.fault(("bands", index, "from"), "must be above the band before it")
        if gravity.index(bands[index]["outcome"]) < gravity.index(bands[index - 1]["outcome"]):
            yield source.fault(("bands", index, "outcome"), "may not be milder than that of the band before it")


def _entries(source: Document) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for part in ("rules", "answers"):
        for index, each in enumerate(source.data[part]):
            yield (part, index), each


def _keys(source: Document) -> Iterator[Fault]:
    """Sources, groups and tables that are not defined, and identifiers that are given twice."""
    data = source.data
    seen: set[str] = set()
    tables = [(("tables", name), table) for name, table in data["tables"].items()]
    for place, each in [*_entries(source), *tables]:
        for index, key in enumerate(each["sources"]):
            if key not in data["sources"]:
                yield source.fault((*place, "sources", index), f"{key!r} is not among the sources of this file")
    for place, each in _entries(source):
        if each["group"] not in data["groups"]:
            yield source.fault((*place, "group"), f"{each['group']!r} is not among the groups of this file")
        name = each.get("id") or f"answer.{each['question']}"
        if name in seen:
            yield source.fault(place, f"{name!r} is given twice")
        seen.add(name)


def _rules(source: Document) -> Iterator[Fault]:
    for index, rule in enumerate(source.data["rules"]):
        place: Place = ("rules", index)
        for problem in rules.check(rule["when"], kinds=("answer", "fact")):
            yield source.fault((*place, "when"), problem.message, problem.path)
        each, factor = rule.get("each", ""), rule["kind"] == "factor"
        # A factor names all that it met in one sentence, so that ten goods lines do not weigh ten times.
        named = frozenset({"items"}) if factor and each else NAMED[each]
        yield from _sentence(source, (*place, "text"), rule["text"], EVERYWHERE | named)
        if factor and not ("points" in rule or "points_from" in rule):
            yield source.fault(place, "a factor needs points")
        if rule.get("points_from") and rule["points_from"] not in source.data["tables"]:
            yield source.fault((*place, "points_from"), "is not among the tables of this file")


def _sentence(source: Document, place: Place, text: Mapping[str, str], named: frozenset[str]) -> Iterator[Fault]:
    for language, sentence in text.items():
        try:
            wanted = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
        except ValueError as error:
            yield source.fault((*place, language), str(error))
            continue
        for name in sorted(wanted - named):
            yield source.fault(
                (*place, language), f"{{{name}}} is not known here; there are: {' '.join(sorted(named))}"
            )


def _answers(source: Document) -> Iterator[Fault]:
    for index, factor in enumerate(source.data["answers"]):
        place: Place = ("answers", index)
        yield from _weights(source, place, factor)
        several = "mode" in factor
        if several != ("text" in factor):
            yield source.fault(place, "a factor has a sentence of its own exactly when several options can be chosen")
        if several:
            yield from _sentence(source, (*place, "text"), factor["text"], frozenset({"chosen"}))
        if "measure" in factor and set(factor["values"]) != MEASURES[factor["measure"]]:
            wanted = " ".join(sorted(MEASURES[factor["measure"]]))
            yield source.fault((*place, "values"), f"the measure {factor['measure']!r} has the values {wanted}")
        for value, effect in factor["values"].items():
            yield from _sentence(source, (*place, "values", value, "text"), effect.get("text", {}), frozenset())
            if effect.get("points", 0) and "text" not in effect and value != "unknown":
                yield source.fault((*place, "values", value), "weighs something, so it needs a sentence")


def _weights(source: Document, place: Place, factor: Mapping[str, Any]) -> Iterator[Fault]:
    """ "I don't know" may never be the better answer."""
    unknown = factor["values"]["unknown"]
    if "stop" in unknown:
        yield source.fault((*place, "values", "unknown"), "what is not known cannot stop by itself; force a review")
    for value, effect in factor["values"].items():
        here = (*place, "values", value)
        if effect.get("points", 0) > unknown.get("points", 0):
            yield source.fault(here, "has more points than 'unknown'")
        if ("review" in effect or "stop" in effect) and "review" not in unknown:
            yield source.fault(here, "is graver than 'unknown', which must then force a review")


# ---- against the questionnaires


def against(source: Document, questionnaires: Sequence[Questionnaire]) -> list[Fault]:
    """Where the file and the questionnaires do not fit together."""
    return [*_rule_answers(source, questionnaires), *_factor_answers(source, questionnaires)]


def _find(questionnaires: Sequence[Questionnaire], name: str) -> tuple[Question | None, bool]:
    """The question, and whether it is asked once for each goods line."""
    for questionnaire in questionnaires:
        found, section = questionnaire.question(name), questionnaire.section_of(name)
        if found and section:
            return found, section.repeat == "goods"
    return None, False


def _options(question: Question) -> frozenset[str]:
    return frozenset(option.value for option in question.options) | {"unknown"}


def _rule_answers(source: Document, questionnaires: Sequence[Questionnaire]) -> Iterator[Fault]:
    for index, rule in enumerate(source.data["rules"]):
        place: Place = ("rules", index, "when")
        for reference in sorted(rules.references(rule["when"])):
            if reference.kind == "answer" and _find(questionnaires, reference.name)[0] is None:
                yield source.fault(place, f"there is no question {reference.name!r}")
        for compared in rules.comparisons(rule["when"]):
            name = compared.left.get("answer") if isinstance(compared.left, Mapping) else None
            question = _find(questionnaires, name)[0] if isinstance(name, str) else None
            values = compared.right if isinstance(compared.right, list) else [compared.right]
            if question and question.type in _CHOICES:
                for value in values:
                    if isinstance(value, str) and value not in _options(question):
                        yield source.fault(place, f"{name!r} has no option {value!r}", compared.path)


def _factor_answers(source: Document, questionnaires: Sequence[Questionnaire]) -> Iterator[Fault]:
    for index, factor in enumerate(source.data["answers"]):
        place: Place = ("answers", index)
        question, repeated = _find(questionnaires, factor["question"])
        if question is None:
            yield source.fault((*place, "question"), f"there is no question {factor['question']!r}")
            continue
        if repeated != ("each" in factor):
            yield source.fault(
                (*place, "question"), "'each: goods' belongs to the questions that are asked a goods line"
            )
        yield from _weighed(source, place, factor, question)
        for name in factor.get("also", []):
            if _find(questionnaires, name)[0] is None:
                yield source.fault((*place, "also"), f"there is no question {name!r}")
        for name, values in factor.get("unless", {}).items():
            gate = _find(questionnaires, name)[0]
            for value in values:
                if gate is None or value not in _options(gate):
                    yield source.fault((*place, "unless", name), f"there is no question {name!r} with option {value!r}")


def _weighed(source: Document, place: Place, factor: Mapping[str, Any], question: Question) -> Iterator[Fault]:
    """Every option of the question must be weighed, and nothing else."""
    if "measure" in factor:
        return
    expected = _options(question) if question.type in _CHOICES else _GIVEN
    values = frozenset(factor["values"])
    if values != expected:
        differ = ", ".join(sorted(values ^ expected))
        yield source.fault((*place, "values"), f"differs from the answers to {question.id!r} in: {differ}")
    if (question.type == "checkboxes") != ("mode" in factor):
        yield source.fault(place, "'mode' belongs to the questions where several options can be chosen")
