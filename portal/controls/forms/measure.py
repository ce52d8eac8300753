"""The form of a measure that is not on file yet, and what it makes by the schema of the files."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import yaml
from flask_babel import gettext, lazy_gettext
from wtforms import DateField, Field, FieldList, FormField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from portal import countries
from portal.controls import catalogue, measures
from portal.controls.change import READ
from portal.controls.forms.items import MOST_ITEMS, MOST_PARAMETERS, ItemRow, data_of, filled
from portal.controls.models import ChangeKind
from portal.controls.overlay import Change
from portal.text import Text
from portal.web.forms import Form
from portal.web.requests import language

LONGEST, LONGEST_ITEMS = 2000, 200_000
MOST_DESTINATIONS = 20
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


BUTTON = re.compile(
    r"(?P<deed>add|remove)-(?P<what>item|parameter|destination)(?:-(?P<item>\d{1,2}))?(?:-at-(?P<at>\d{1,2}))?"
)


def _countries() -> list[SelectChoice]:
    return [
        SelectChoice("", gettext("All destinations")),
        *(SelectChoice(*one) for one in countries.choices(language())),
    ]


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
    destinations = FieldList(
        SelectField(lazy_gettext("Destination"), choices=_countries, validate_choice=False),
        lazy_gettext("Only for these destinations"), min_entries=1, max_entries=MOST_DESTINATIONS,
    )  # fmt: skip
    elements = _line(
        lazy_gettext("Of a measure for some destinations: only items with these elements"),
        lazy_gettext("Symbols, such as Ga, Ge. Empty: every dual-use item."),
        needed=False, longest=200,
    )  # fmt: skip
    items = FieldList(FormField(ItemRow), lazy_gettext("Items"), min_entries=1, max_entries=MOST_ITEMS)
    yaml = TextAreaField(
        lazy_gettext("Items as YAML"),
        description=lazy_gettext(
            "In the form of the files of measures, as the example shows. They count beside the rows above; a longer "
            "list of items than the rows take stays here."
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

    def validate_destinations(self, field: "FieldList[Any]") -> None:
        for entry in field.entries:
            if entry.data and not countries.exists(entry.data):
                entry.errors = [gettext("Choose a country from the list")]
                raise ValidationError(gettext("Choose a country from the list"))

    def validate_note_zh(self, field: Field) -> None:
        if bool(field.data) != bool(self.note_en.data):
            raise ValidationError(gettext("Give the note in both languages, or in none"))

    def whole(self) -> bool:
        """Whether the measure is whole by the schema; each fault is put beside the field that it lies in."""
        written, rows = self._written(), list(filled(self.items.entries))
        if written is None:
            return False
        typed = [entry.form.row() for entry in rows]
        row, names = self._row([*typed, *written]), [one.get("id") for one in (*typed, *written)]
        for place, message in measures.faults(row):
            head, *rest = place or [""]
            if head != "items" or not rest:
                self._wrong(FIELDS.get(str(head), str(head)), message[:300])
            elif int(rest[0]) < len(rows):
                rows[int(rest[0])].form.blame(rest[1:])
            else:
                self._blame_yaml([int(rest[0]) - len(rows), *rest[1:]], message)
        for at, entry in enumerate(rows):
            if names.index(typed[at]["id"]) < at:
                entry.form.title_en.errors = [gettext("Another item has this name")]
        if self._settled():
            try:
                measures.of_row(row, str(self.number.data))
            except measures.MeasureError as error:
                self._wrong("yaml", error.reason)
        return self._settled()

    def _settled(self) -> bool:
        """Whether nothing is wrong, that of rows within rows included."""
        for entry in self.items.entries:
            rows = entry.form.parameters
            rows.errors = [one.errors for one in rows.entries if one.errors]
        self.items.errors = [entry.errors for entry in self.items.entries if entry.errors]
        return not self.errors

    def _written(self) -> list[Any] | None:
        """The items of the YAML; ``None`` where it cannot be read, which is told beside it."""
        try:
            found = yaml.safe_load(self.yaml.data or "") or []
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self._wrong("yaml", gettext("Line %(line)s: %(fault)s", line=line, fault=error.problem or ""))
            return None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self._wrong("yaml", str(error)[:200])
            return None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self._wrong("yaml", gettext("Write a list of items, as the example shows"))
            return None
        return found

    def _blame_yaml(self, place: list[str | int], message: str) -> None:
        line = measures.line_of(self.yaml.data or "", place)
        fault = f"{'/'.join(map(str, place))}: {message}"[:300]
        self._wrong("yaml", gettext("Line %(line)s: %(fault)s", line=line, fault=fault))

    def _wrong(self, name: str, message: str) -> None:
        field = self._fields.get(name, self.yaml)
        field.errors = [*field.errors, message]

    def press(self, button: str) -> bool:
        """Do what a button of the rows asks for; says whether it was one, so that nothing is saved yet."""
        if button in ("read-yaml", "write-yaml"):
            return self._read_yaml() if button == "read-yaml" else self._write_yaml()
        found = BUTTON.fullmatch(button)
        if found is None:
            return False
        rows = self._rows(found["what"], found["item"])
        if rows is None:
            return False
        if found["deed"] == "add" and len(rows.entries) < (rows.max_entries or 0):
            rows.append_entry()
        elif found["deed"] == "remove" and found["at"] and int(found["at"]) < len(rows.entries):
            rows.entries.pop(int(found["at"]))
        return True

    def _rows(self, what: str, item: str | None) -> "FieldList[Any] | None":
        if what != "parameter":
            return self.items if what == "item" else self.destinations
        at = int(item or -1)
        return self.items.entries[at].form.parameters if 0 <= at < len(self.items.entries) else None

    def _read_yaml(self) -> bool:
        """Take the items of the YAML over into rows, as many as there is room for; the others stay."""
        found = self._written()
        if found is None:
            return True
        for place, message in measures.faults(self._row(found)):
            if place[:1] == ["items"]:
                self._blame_yaml(place[1:], message)
        if self.yaml.errors:
            return True
        _keep(self.items, list(filled(self.items.entries)))
        room = MOST_ITEMS - len(self.items.entries)
        taken = [one for one in found[:room] if len(one.get("parameters", ())) <= MOST_PARAMETERS]
        for one in taken:
            self.items.append_entry(data_of(one))
        self.yaml.data = as_yaml([one for one in found if one not in taken])
        return True

    def _write_yaml(self) -> bool:
        """Write the rows as YAML, behind what stands there."""
        written = self._written()
        if written is not None:
            rows = [entry.form.row() for entry in filled(self.items.entries)]
            self.yaml.data = as_yaml([*written, *rows])
            _keep(self.items, [])
        return True

    def fill(self, row: dict[str, Any]) -> None:
        """Enter a measure as a file has it, to draft it again."""
        for name in ("number", "effect", "source", "mark"):
            self[name].data = row[name]
        for name in ("title", "authority", "note"):
            for code in ("en", "zh"):
                self[f"{name}_{code}"].data = row.get(name, {}).get(code, "")
        self.issued.data = date.fromisoformat(row["issued"])
        self.effective.data = date.fromisoformat(row["in_force"][0]["from"])
        last = row["in_force"][0]["to"]
        self.until.data = date.fromisoformat(last) if last else None
        applies = row.get("applies_to")
        self.elements.data = ", ".join(applies.get("elements", ())) if isinstance(applies, dict) else ""
        _keep(self.destinations, [])
        for code in row.get("destinations", ()) or [""]:
            self.destinations.append_entry(code)
        _keep(self.items, [])
        self.yaml.data = as_yaml(row["items"])
        self._read_yaml()

    def _row(self, items: Any) -> dict[str, Any]:
        destinations = [entry.data for entry in self.destinations.entries if entry.data]
        elements = list(_symbols(self.elements.data))
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
        row = self._row([*(entry.form.row() for entry in filled(self.items.entries)), *(self._written() or ())])
        return Change(
            number=row["number"], kind=ChangeKind.NEW, effective=self.effective.data or date.min,
            until=self.until.data, announcement=row["number"], successor="", source=row["source"], mark=row["mark"],
            content=json.dumps(row, ensure_ascii=False, sort_keys=True),
        )  # fmt: skip


def _keep(rows: "FieldList[Any]", entries: list[Any]) -> None:
    """Leave these rows; where none is left, the next one is the first again."""
    rows.entries = entries
    if not entries:
        rows.last_index = -1


def as_yaml(items: list[Any]) -> str:
    """Items in the form of the files; nothing for none."""
    if not items:
        return ""
    text: str = yaml.safe_dump(items, allow_unicode=True, sort_keys=False, width=1000)
    return text


def new_measure_form() -> NewMeasureForm:
    """The form with its choices."""
    form = NewMeasureForm()
    form.effect.choices = [(effect, text[language()]) for effect, text in EFFECTS.items()]
    form.mark.choices = [(mark, catalogue.MARKS[mark][1][language()]) for mark in READ]
    return form


def _symbols(text: str | None) -> Iterator[str]:
    yield from (one for one in re.split(r"[\s,;、，；]+", text or "") if one)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
