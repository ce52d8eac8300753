"""A form that carries an entry: its fields are named like the entry's members, and its faults stand beside them."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.questionnaires.fields.boxes import Box
from portal.questionnaires.fields.dates import DateField
from portal.shipments import entries
from portal.shipments.entries import Entry
from portal.text import Text
from portal.web.forms import Form
from portal.web.requests import language

CHECKED = 20_000  # characters of a text that are looked at; no limit of an entry is near it
_DAY = re.compile(r"[0-9]{1,2}", re.ASCII)
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)

E = TypeVar("E", bound=Entry)


def stamp(on_file: Any) -> str:
    """A short digest of what is on file; a form carries it, to notice a change by somebody else."""
    text = json.dumps(on_file, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


class DayField(DateField):
    """Three boxes for a day, filled with a ``date`` when the form is first shown."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Keep what was typed, else show the day that is on file."""
        super().process(formdata, data, extra_filters)
        if formdata is None and isinstance(data, date):
            shown = {"day": str(data.day), "month": str(data.month), "year": str(data.year)}
            self.day, self.month, self.year = (
                Box(f"{self.id}-{part}", f"{self.name}-{part}", text) for part, text in shown.items()
            )
            self.data = (self.day.text, self.month.text, self.year.text)

    def plain(self) -> str | None:
        """The day in ISO 8601, ``None`` when the boxes are empty, ``""`` when they hold no day."""
        day, month, year = (unicodedata.normalize("NFKC", str(part)[:20]).strip() for part in self.data)
        if not (day or month or year):
            return None
        if not (_DAY.fullmatch(day) and _DAY.fullmatch(month) and _YEAR.fullmatch(year)):
            return ""
        return f"{year}-{month:0>2}-{day:0>2}"


class EntryForm(Form):
    """Base of the forms that carry an entry.

    ``missing`` says for each field what to write when it was left empty; ``whole`` names the field beside which a
    fault of the entry as a whole stands; ``members`` gives the field of a member that is named otherwise.
    ``conflict`` is set when somebody else changed the same thing in the meantime; ``elsewhere`` then holds what is on
    file now and differs from what was typed.
    """

    seen = HiddenField()

    missing: ClassVar[Mapping[str, Any]] = {}
    whole: ClassVar[str] = ""
    members: ClassVar[Mapping[str, str]] = {}
    conflict = False
    elsewhere: Sequence[tuple[str, str]] = ()

    def plain(self) -> dict[str, Any]:
        """What was typed, as plain values under the names of the entry's members."""
        raise NotImplementedError

    def place(self, where: tuple[str | int, ...]) -> str:
        """The name of the field beside which a fault at this place of the entry is shown."""
        names = [self.members.get(str(step), str(step)) if i == 0 else str(step) for i, step in enumerate(where)]
        for length in range(len(names), 0, -1):
            name = "-".join(names[:length])
            if name in self:
                return name
        return self.whole

    def entry(self, kind: type[E], *, on: date) -> E | None:
        """The entry, or ``None`` with every fault beside its field. ``on`` is today."""
        self.validate()
        found, faults = entries.read(kind, self.plain(), on=on)
        for fault in faults:
            self.refuse(self.place(fault.where), fault.text)
        return None if self.errors else found

    def refuse(self, name: str, text: Text) -> None:
        """Put a message beside a field, unless one is there already."""
        field = self[name]
        if field.errors:
            return
        if name in self.missing and _empty(field):
            message = str(self.missing[name])
        elif text.en.startswith("This "):
            message = gettext("%(field)s: %(message)s", field=field.label.text, message=text[language()])
        elif isinstance(field, DayField) and field.plain() == "":
            message = gettext("Enter a real date in digits, for example 27 3 2026")
        else:
            message = text[language()]
        field.errors = [message]

    def meets(self, on_file: Any) -> bool:
        """Whether what is on file is still what it was when the form was opened; remembers it when first shown."""
        if self.seen.data == stamp(on_file):
            return True
        self.collide(on_file)
        return False

    def opened(self, on_file: Any) -> None:
        """Remember what is on file as the form is shown for the first time."""
        if not self.is_submitted():
            self.seen.data = stamp(on_file)

    def collide(self, on_file: Any) -> None:
        """Tell of a change by somebody else, and let the form be sent again."""
        self.conflict = True
        self.seen.data = stamp(on_file)
        if isinstance(on_file, Mapping):
            self.elsewhere = tuple(_differences(self, on_file))


def _differences(form: EntryForm, on_file: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for field in form:
        value = on_file.get(field.name)
        if isinstance(field, StringField | SelectField) and field.name in on_file:
            now, typed = str(value or ""), str(field.data or "")
            if now != typed:
                yield str(field.label.text), _shown(field, now) or "–"


def _shown(field: StringField | SelectField, value: str) -> str:
    if isinstance(field, SelectField):
        return next((str(label) for code, label, *_rest in field.iter_choices() if code == value), value)
    return value


def _empty(field: Field) -> bool:
    if isinstance(field, DayField):
        return field.plain() is None
    return not field.data or (isinstance(field.data, str) and not field.data.strip())


def typed(field: Field) -> str:
    """The text of a field as far as it is looked at."""
    return str(field.data or "")[: CHECKED + 1]


def maybe(field: Field) -> str | None:
    """The same, ``None`` for an empty field."""
    return typed(field) or None


def line(label: Any, hint: Any = "", *, size: str = "", **shown: str) -> Any:
    """A field for one line of text; ``size`` is the width in characters that the look knows."""
    field: Any = SizedField(label, description=hint, render_kw=shown or None, size=size)
    return field


class SizedField(StringField):
    """A text field with a width and a suffix of its own."""

    def __init__(self, label: Any = None, *args: Any, size: str = "", suffix: Any = "", **kwargs: Any) -> None:
        kwargs["filters"] = [*kwargs.get("filters", ()), lambda value: value.strip() if value else value]
        super().__init__(label, *args, **kwargs)
        self.size = size
        self.suffix = suffix


def area(label: Any, hint: Any = "") -> Any:
    """A field for several lines of text."""
    field: Any = TextAreaField(label, description=hint)
    return field


def select(label: Any, hint: Any = "") -> Any:
    """A field to choose one of many; an unknown choice is refused by the entry."""
    field: Any = SelectField(label, description=hint, validate_choice=False, choices=[])
    return field


def radios(label: Any, hint: Any = "") -> Any:
    """A field to choose one of few."""
    field: Any = RadioField(label, description=hint, validate_choice=False, choices=[])
    return field


def boxes(label: Any, hint: Any = "") -> Any:
    """A field to choose several."""
    field: Any = SelectMultipleField(label, description=hint, validate_choice=False, choices=[])
    return field


def offered(known: Mapping[str, Text]) -> list[SelectChoice]:
    """Codes and words as the choices of a field."""
    return [SelectChoice(code, text[language()]) for code, text in known.items()]


def with_none(choices: Iterable[Any], text: Any = None) -> list[SelectChoice]:
    """The choices with an empty one before them."""
    shown = [each if isinstance(each, SelectChoice) else SelectChoice(each[0], each[1]) for each in choices]
    return [SelectChoice("", str(text if text is not None else _("Choose"))), *shown]
