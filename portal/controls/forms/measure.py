"""The form of a measure that is not on file yet, and what it makes by the schema of the files."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import yaml
from flask_babel import gettext, lazy_gettext
from wtforms import DateField, Field, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from portal import countries
from portal.controls import catalogue, measures
from portal.controls.change import READ
from portal.controls.models import ChangeKind
from portal.controls.overlay import Change
from portal.text import Language, Text
from portal.web.forms import Form

LONGEST, LONGEST_ITEMS = 2000, 60_000
EFFECTS = {
    "licence": Text("A licence is needed", "须申请许可"),
    "refusal_in_principle": Text("In principle no licence", "原则上不予许可"),
    "military_ban": Text("No export to military users or for military uses", "禁止向军事用户或者为军事用途出口"),
}
EXAMPLE = """- id: "example-powder"
  title: {en: "Example powder", zh: "示例粉末"}
  elements: ["W"]
  terms: {en: ["example powder"], zh: ["示例粉末"]}
  control_codes: ["1C999.a"]
  hs_codes: ["8101100001"]
  parameters:
    - {text: {en: "purity of 97 % or more", zh: "纯度大于等于97%"},
       quantity: "purity", op: ">=", value: "97", unit: "%"}
"""
# Which field tells of what is wrong at a place of the schema.
FIELDS = {"title": "title_en", "authority": "authority_en", "note": "note_en", "in_force": "effective"}


def _line(label: Any, hint: Any = "", *, needed: bool = True, longest: int = LONGEST) -> StringField:
    rules: list[Any] = [InputRequired(lazy_gettext("Enter this"))] if needed else []
    return StringField(label, description=hint, validators=[*rules, Length(max=longest)])


class NewMeasureForm(Form):
    """A new measure: heading, days, effect, items, source."""

    number = StringField(
        lazy_gettext("Number and year"),
        description=lazy_gettext("As the announcement has it, for example 30/2026."),
        validators=[
            InputRequired(lazy_gettext("Enter this")),
            Regexp(r"^[0-9]{1,4}/20[0-9]{2}$", message=lazy_gettext("Write number/year, for example 30/2026")),
        ],
    )
    title_en = _line(lazy_gettext("Title in English"), longest=300)
    title_zh = _line(lazy_gettext("Title in Chinese"), longest=300)
    authority_en = _line(lazy_gettext("Issuer in English"), longest=300)
    authority_zh = _line(lazy_gettext("Issuer in Chinese"), longest=300)
    issued = DateField(lazy_gettext("Issued on"), validators=[InputRequired(lazy_gettext("Enter the day"))])
    effective = DateField(
        lazy_gettext("First day in force"),
        description=lazy_gettext("It may lie ahead."),
        validators=[InputRequired(lazy_gettext("Enter the day"))],
    )
    until = DateField(
        lazy_gettext("Last day in force"),
        description=lazy_gettext("Only where the announcement names one."),
        validators=[Optional()],
    )
    effect = RadioField(lazy_gettext("Effect"), validators=[InputRequired(lazy_gettext("Choose one"))])
    destinations = _line(
        lazy_gettext("Only for these destinations"),
        lazy_gettext("Codes of countries, such as US, JP. Empty: for all."),
        needed=False, longest=200,
    )  # fmt: skip
    elements = _line(
        lazy_gettext("Of a measure for some destinations: only items with these elements"),
        lazy_gettext("Symbols, such as Ga, Ge. Empty: every dual-use item."),
        needed=False, longest=200,
    )  # fmt: skip
    items = TextAreaField(
        lazy_gettext("Items"),
        description=lazy_gettext(
            "In the form of the files of measures, as the example shows: title in both languages, words, control "
            "codes, HS codes, thresholds. Empty for a measure that names no items of its own."
        ),
        validators=[Length(max=LONGEST_ITEMS)],
    )
    note_en = _line(lazy_gettext("Note in English (optional)"), needed=False)
    note_zh = _line(lazy_gettext("Note in Chinese (optional)"), needed=False)
    source = _line(
        lazy_gettext("Where the text was read"), lazy_gettext("Address or file of the text that you had before you.")
    )
    mark = RadioField(lazy_gettext("How was it read?"), validators=[InputRequired(lazy_gettext("Choose one"))])
    reason = TextAreaField(
        lazy_gettext("Why the change is made"),
        validators=[InputRequired(lazy_gettext("Say why the change is made")), Length(max=LONGEST)],
    )

    def validate_until(self, field: Field) -> None:
        if field.data and self.effective.data and field.data < self.effective.data:
            raise ValidationError(gettext("The last day lies before the first"))

    def validate_destinations(self, field: Field) -> None:
        for code in _codes(field.data):
            if not countries.exists(code):
                raise ValidationError(gettext("%(code)s is no country code", code=code))

    def validate_note_zh(self, field: Field) -> None:
        if bool(field.data) != bool(self.note_en.data):
            raise ValidationError(gettext("Give the note in both languages, or in none"))

    def whole(self, language: Language) -> bool:
        """Whether the measure is whole by the schema; each fault is put beside the field that it lies in."""
        try:
            items = yaml.safe_load(self.items.data or "") or []
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            return self._wrong("items", gettext("Line %(line)s: %(fault)s", line=line, fault=error.problem or ""))
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            return self._wrong("items", str(error)[:200])
        row = self._row(items)
        for place, message in measures.faults(row):
            head, *rest = place or [""]
            if head == "items":
                line = measures.line_of(self.items.data or "", rest)
                where = "/".join(map(str, rest))
                self._wrong("items", gettext("Line %(line)s: %(fault)s", line=line, fault=f"{where}: {message}"[:300]))
            else:
                self._wrong(FIELDS.get(str(head), str(head)), message[:300])
        if self.errors:
            return False
        try:
            measures.of_row(row, str(self.number.data))
        except measures.MeasureError as error:
            return self._wrong("items", error.reason)
        return True

    def _wrong(self, name: str, message: str) -> bool:
        field = self._fields.get(name, self.items)
        field.errors = [*field.errors, message]
        return False

    def _row(self, items: Any) -> dict[str, Any]:
        destinations, elements = _codes(self.destinations.data), list(_symbols(self.elements.data))
        row: dict[str, Any] = {
            "number": self.number.data,
            "kind": "destination" if destinations else "items",
            "authority": {"en": self.authority_en.data, "zh": self.authority_zh.data},
            "title": {"en": self.title_en.data, "zh": self.title_zh.data},
            "issued": _day(self.issued.data),
            "in_force": [{"from": _day(self.effective.data), "to": _day(self.until.data)}],
            "effect": self.effect.data,
            "source": self.source.data,
            "mark": self.mark.data,
            "checked": None,
            "items": items,
        }
        if destinations:
            row |= {"destinations": destinations, "applies_to": {"elements": elements} if elements else "any"}
        if self.note_en.data:
            row["note"] = {"en": self.note_en.data, "zh": self.note_zh.data}
        return row

    def change(self) -> Change:
        """The change that brings the measure on file; call it once ``whole`` says so."""
        row = self._row(yaml.safe_load(self.items.data or "") or [])
        return Change(
            number=row["number"], kind=ChangeKind.NEW, effective=self.effective.data or date.min,
            until=self.until.data, announcement=row["number"], successor="", source=row["source"], mark=row["mark"],
            content=json.dumps(row, ensure_ascii=False, sort_keys=True),
        )  # fmt: skip


def new_measure_form(language: Language) -> NewMeasureForm:
    """The form with its choices."""
    form = NewMeasureForm()
    form.effect.choices = [(effect, text[language]) for effect, text in EFFECTS.items()]
    form.mark.choices = [(mark, catalogue.MARKS[mark][1][language]) for mark in READ]
    return form


def _codes(text: str | None) -> list[str]:
    return [code.upper() for code in re.split(r"[\s,;、，；]+", text or "") if code]


def _symbols(text: str | None) -> Iterator[str]:
    yield from (one for one in re.split(r"[\s,;、，；]+", text or "") if one)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
