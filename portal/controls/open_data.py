"""The measures on file, and a worked answer, as plain JSON for machines: customs brokers, the command line."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.controls import explain
from portal.controls.catalogue import slug
from portal.controls.classify import Worked, WorkedItem
from portal.controls.judge import MeasureFinding
from portal.controls.measures import ControlItem, Measure, MeasureSet, Parameter
from portal.controls.thresholds import Choice, Compare, Group, Test
from portal.text import Text

MARKS = {
    "V": "read in a published source",
    "V2": "read only in a third-party reproduction, translation or summary",
    "M": "from memory, unverified",
    "I": "inferred, not read anywhere",
}
READING = (
    "Days are included on both ends; null means without end or not known. A measure whose suspension has ended, with "
    "nothing after it (after: null), is in force again and has to be checked. checked: the day on which a person last "
    "compared the measure with the official text; null: nobody did. HS codes are for reference, the item's words and "
    "parameters decide. What is not here may be controlled all the same: the unified list of Announcement 51/2024 is "
    "not on file item by item."
)


def document(measures: MeasureSet) -> dict[str, Any]:
    """All measures with their dated intervals, items, codes, thresholds, sources and marks.

    Nothing in it depends on the day on which it is asked for: ``digest`` says whether it is still the same.
    """
    return {
        "format": "export-control-measures/1",
        "version": measures.version,
        "digest": measures.digest,
        "compiled": measures.compiled.isoformat(),
        "facts_until": measures.facts_until.isoformat(),
        "stale_after_days": measures.stale_after.days,
        "note": measures.note.to_json(),
        "reading": READING,
        "marks": MARKS,
        "measures": [measure_json(measure) for measure in measures.measures],
    }


def measure_json(measure: Measure) -> dict[str, Any]:
    """One measure."""
    return {
        "number": measure.number,
        "name": slug(measure.number),
        "kind": measure.kind,
        "authority": measure.authority.to_json(),
        "title": measure.title.to_json(),
        "issued": measure.issued.isoformat(),
        "in_force": [{"from": one.since.isoformat(), "to": _day(one.until)} for one in measure.in_force],
        "suspensions": [
            {
                "from": one.interval.since.isoformat(),
                "to": _day(one.interval.until),
                "by": one.by,
                "mark": one.mark,
                "after": one.after,
            }
            for one in measure.suspensions
        ],
        "effect": measure.effect,
        "destinations": list(measure.destinations),
        "applies_to": "any"
        if measure.any_item
        else {"elements": list(measure.elements), "groups": list(measure.groups)},
        "stricter_check": list(measure.stricter_check),
        "source": measure.source,
        "mark": measure.mark,
        "checked": _day(measure.checked),
        "note": _text(measure.note),
        "items": [_item(item) for item in measure.items],
    }


def _item(item: ControlItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title.to_json(),
        "group": item.group,
        "elements": list(item.elements),
        "terms": list(item.terms),
        "control_codes": list(item.control_codes),
        "code_mark": item.code_mark,
        "hs_codes": list(item.hs_codes),
        "hs_not_read_in_the_measure": list(item.hs_doubtful),
        "parameters": [_parameter(one) for one in item.parameters],
        "incomplete": item.incomplete,
        "mark": item.mark,
        "note": _text(item.note),
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    return {"text": one.text.to_json(), "test": None if one.test is None else _test(one.test)}


def _test(test: Test) -> dict[str, Any]:
    if isinstance(test, Group):
        return {test.need: [_test(inner) for inner in test.tests]}
    if isinstance(test, Choice):
        return {"quantity": test.quantity, "is": list(test.options), "mark": test.mark}
    return _compare(test)


def _compare(test: Compare) -> dict[str, Any]:
    value = format(test.value, "f")
    return {"quantity": test.quantity, "op": test.op, "value": value, "unit": test.unit, "mark": test.mark}


def worked_json(worked: Worked) -> dict[str, Any]:
    """A worked answer, with the version and digest of the measures that it rests on."""
    return {
        "state": worked.state,
        "near": worked.near,
        "headline": worked.headline.to_json(),
        "on": worked.on.isoformat(),
        "version": worked.version,
        "digest": worked.digest,
        "items": [_worked_item(one) for one in worked.items],
        "destination": [_finding(one) for one in worked.destination],
        "reasons": [one.to_json() for one in worked.reasons],
        "remark": None if worked.remark is None else worked.remark.text,
    }


def _worked_item(one: WorkedItem) -> dict[str, Any]:
    measure, item = one.candidate.measure, one.candidate.item
    return {
        "measure": measure.number,
        "item": item.id,
        "title": item.title.to_json(),
        "state": one.state,
        "standing": one.standing,
        "ground": one.candidate.ground,
        "near": one.near,
        "trusted": one.trusted,
        "checked": _day(measure.checked),
        "mark": item.mark,
        "control_codes": list(item.control_codes),
        "code_mark": item.code_mark,
        "compared": [explain.compared(each).to_json() | {"verdict": each.verdict} for each in one.comparisons],
        "reason": one.reason.to_json(),
        "source": measure.source,
    }


def _finding(one: MeasureFinding) -> dict[str, Any]:
    return {
        "measure": one.number,
        "title": one.title.to_json(),
        "state": one.state,
        "prohibited": one.prohibited,
        "checked": _day(one.checked),
        "mark": one.mark,
        "reason": one.reason.to_json(),
        "source": one.source,
    }


def told(worked: Worked, language: str) -> Iterator[str]:
    """A worked answer as lines of text."""
    yield worked.headline[language]
    for reason in worked.reasons:
        yield f"- {reason[language]}"
    for one in worked.items:
        yield f"- {one.reason[language]}"
    for finding in worked.destination:
        yield f"- {finding.reason[language]}"
    if worked.remark is not None:
        yield f"{REMARK[language]}{worked.remark.text}"


REMARK = Text("Remark for the customs declaration: ", "报关单备注：")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _text(value: Text | None) -> dict[str, str] | None:
    return None if value is None else value.to_json()
