"""Rows of the editor for items and their thresholds, and the two ways between them and the schema of the files."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from portal.controls import formula, quantities
from portal.controls.thresholds import SIGNS
from portal.web.forms import Form
from portal.web.requests import language

MOST_ITEMS, MOST_PARAMETERS = 25, 8
LONGEST = 500
# What an item of a file may have that no row shows: it is carried along.
CARRIED = ("group", "mark", "code_mark")
SPLIT, SPLIT_WORDS = re.compile(r"[\s,;、，；]+"), re.compile(r"[\n,;、，；]+")


def _line(label: Any, hint: Any = "") -> StringField:
    return StringField(label, description=hint, validators=[Length(max=LONGEST)])


def _quantities() -> list[SelectChoice]:
    """Every number with its unit and every option of a choice, for one list that needs no script."""
    shown = [SelectChoice("", gettext("Only in words: not compared"))]
    for one in quantities.load().values():
        name = one.name[language()]
        if one.options:
            shown += [
                SelectChoice(f"{one.id}={key}", f"{name}: {text[language()]}") for key, text in one.options.items()
            ]
        else:
            shown.append(SelectChoice(one.id, f"{name} ({one.unit})" if one.unit else name))
    return shown


SIGN_CHOICES = [SelectChoice(*each) for each in SIGNS.items()]


class ParameterRow(Form):
    """One threshold of an item. ``condition`` carries a condition of several parts, which came from YAML."""

    class Meta(Form.Meta):
        csrf = False

    text_en = _line(lazy_gettext("Threshold in English, as announced"))
    text_zh = _line(lazy_gettext("Threshold in Chinese, as announced"))
    quantity = SelectField(lazy_gettext("What is compared"), choices=_quantities, validate_choice=False)
    op = SelectField(
        lazy_gettext("Comparison"),
        choices=[SelectChoice(*each) for each in SIGNS.items()],
        default=">=",
        validate_choice=False,
    )
    value = _line(lazy_gettext("Value compared with"))
    unit = _line(lazy_gettext("Unit"), lazy_gettext("Empty: the unit named beside what is compared."))
    condition = HiddenField()

    @property
    def blank(self) -> bool:
        """Whether nothing was entered."""
        typed = (self.text_en, self.text_zh, self.quantity, self.value, self.unit, self.condition)
        return not any((field.data or "").strip() for field in typed)

    def row(self) -> dict[str, Any]:
        """The parameter by the schema; what cannot be read is told beside its field."""
        made: dict[str, Any] = {"text": {"en": self.text_en.data or "", "zh": self.text_zh.data or ""}}
        name, _, option = (self.quantity.data or "").partition("=")
        if self.condition.data:
            return made | _carried(self.condition.data)
        if option:
            return made | {"quantity": name, "is": [option]}
        if name:
            return made | {"quantity": name, "op": self.op.data, **self._compared(name)}
        return made

    def _compared(self, name: str) -> dict[str, str]:
        quantity, unit = quantities.load().get(name), (self.unit.data or "").strip()
        if quantity is None:
            self.quantity.errors = [gettext("Choose one of the list")]
            return {"value": "0", "unit": ""}
        factor = quantity.units.get(unit or quantity.unit)
        if factor is None and (unit or quantity.unit) != quantity.unit:
            known = ", ".join(quantity.units)
            self.unit.errors = [gettext("%(name)s is given in: %(units)s", name=quantity.name[language()], units=known)]
        try:
            value = Decimal((self.value.data or "").replace(",", "")) * (factor or Decimal(1))
        except InvalidOperation:
            self.value.errors = [gettext("Enter a number")]
            return {"value": "0", "unit": quantity.unit}
        if not value.is_finite() or value < 0:
            self.value.errors = [gettext("Enter a number")]
            value = Decimal(0)
        return {"value": quantities.plain(value), "unit": quantity.unit}


class ItemRow(Form):
    """One item of a measure; a row in which nothing was entered is none."""

    class Meta(Form.Meta):
        csrf = False

    title_en = _line(lazy_gettext("Name of the item in English"))
    title_zh = _line(lazy_gettext("Name of the item in Chinese"))
    elements = _line(
        lazy_gettext("Elements"), lazy_gettext("Symbols, such as Ga, Ge. What contains one is asked about.")
    )
    terms_en = _line(
        lazy_gettext("Other names in English"), lazy_gettext("Parted by commas; formulas and trade names too.")
    )
    terms_zh = _line(lazy_gettext("Other names in Chinese"), lazy_gettext("Parted by commas."))
    control_codes = _line(lazy_gettext("Control codes"), lazy_gettext("For example 1C999.a"))
    hs_codes = _line(lazy_gettext("HS codes in the announcement"), lazy_gettext("Of 8 or 10 digits, parted by commas."))
    hs_doubtful = _line(
        lazy_gettext("HS codes from elsewhere"), lazy_gettext("Not read in the announcement: they only ask for review.")
    )
    parameters = FieldList(FormField(ParameterRow), max_entries=MOST_PARAMETERS)
    incomplete = BooleanField(lazy_gettext("The announcement has more conditions than are entered here"))
    note_en = TextAreaField(lazy_gettext("Note on this item in English (optional)"), validators=[Length(max=2000)])
    note_zh = TextAreaField(lazy_gettext("Note on this item in Chinese (optional)"), validators=[Length(max=2000)])
    id = HiddenField()
    carried = HiddenField()

    @property
    def blank(self) -> bool:
        """Whether nothing was entered."""
        typed = [field for field in self if isinstance(field, StringField) and field.name != self.carried.name]
        return not any((field.data or "").strip() for field in typed) and all(one.form.blank for one in self.parameters)

    def row(self) -> dict[str, Any]:
        """The item by the schema."""
        made: dict[str, Any] = {
            "id": self.id.data or _slug(self.title_en.data or ""),
            "title": {"en": self.title_en.data or "", "zh": self.title_zh.data or ""},
            **_carried(self.carried.data),
        }
        for name in ("elements", "control_codes", "hs_codes", "hs_doubtful"):
            if parts := _parts(self[name].data, SPLIT):
                made[name] = [re.sub(r"[.\s]", "", one) for one in parts] if name.startswith("hs") else parts
        terms = {code: _parts(self[f"terms_{code}"].data, SPLIT_WORDS) for code in ("en", "zh")}
        if any(terms.values()):
            made["terms"] = {code: words for code, words in terms.items() if words}
        if parameters := [one.form.row() for one in self.parameters if not one.form.blank]:
            made["parameters"] = parameters
        if self.incomplete.data:
            made["incomplete"] = True
        if self.note_en.data or self.note_zh.data:
            made["note"] = {"en": self.note_en.data or "", "zh": self.note_zh.data or ""}
        if strange := [one for one in made.get("elements", ()) if not formula.SYMBOL.fullmatch(one)]:
            self.elements.errors = [gettext("%(symbol)s is no element", symbol=strange[0])]
        return made

    def blame(self, place: list[str | int]) -> None:
        """Tell a fault of the schema at a place of the item beside the field that it lies in."""
        head, *rest = place or ["title"]
        if head == "parameters" and rest and isinstance(rest[0], int):
            self._blame_parameter(rest)
            return
        side = f"_{rest[0]}" if rest and rest[0] in ("en", "zh") else "_en"
        field = self._fields.get(str(head)) or self._fields.get(f"{head}{side}") or self.title_en
        field.errors = [*field.errors, _told(field.short_name)] if not field.errors else field.errors

    def _blame_parameter(self, place: list[str | int]) -> None:
        form, where = list(filled(self.parameters.entries))[int(place[0])].form, place[1:]
        field = form.text_zh if where[-1:] == ["zh"] else form.text_en if "text" in where else form.quantity
        field.errors = field.errors or [_told(field.short_name)]


def data_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What an item's row holds for an item of a file."""
    terms, note = row.get("terms", {}), row.get("note", {})
    return {
        "id": row.get("id", ""), "title_en": row["title"]["en"], "title_zh": row["title"]["zh"],
        **{name: ", ".join(row.get(name, ())) for name in ("elements", "control_codes", "hs_codes", "hs_doubtful")},
        "terms_en": ", ".join(terms.get("en", ())), "terms_zh": "、".join(terms.get("zh", ())),
        "incomplete": bool(row.get("incomplete")), "note_en": note.get("en", ""), "note_zh": note.get("zh", ""),
        "parameters": [_parameter_data(one) for one in row.get("parameters", ())],
        "carried": json.dumps({name: row[name] for name in CARRIED if name in row}) if set(CARRIED) & set(row) else "",
    }  # fmt: skip


def _parameter_data(row: Mapping[str, Any]) -> dict[str, str]:
    made = {"text_en": row["text"]["en"], "text_zh": row["text"]["zh"]}
    rest = {name: value for name, value in row.items() if name != "text"}
    if "is" in rest and len(rest["is"]) == 1 and set(rest) == {"quantity", "is"}:
        return made | {"quantity": f"{rest['quantity']}={rest['is'][0]}"}
    if set(rest) == {"quantity", "op", "value", "unit"}:
        return made | rest
    return made | {"condition": json.dumps(rest, ensure_ascii=False)} if rest else made


def filled(rows: list[Any]) -> Iterator[Any]:
    """The entries in which something was entered."""
    return (entry for entry in rows if not entry.form.blank)


def _carried(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {"unreadable": True}
    return found if isinstance(found, dict) else {"unreadable": True}


def _parts(text: str | None, at: re.Pattern[str]) -> list[str]:
    return [part.strip() for part in at.split(text or "") if part.strip()]


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "item"


def _told(name: str) -> str:
    told: dict[str, str] = {
        "control_codes": gettext("Write control codes as 1C999 or 1C999.a"),
        "hs_codes": gettext("Write HS codes with 8 or 10 digits"),
        "hs_doubtful": gettext("Write HS codes with 8 or 10 digits"),
        "quantity": gettext("This condition cannot be read; enter it anew"),
        "note_en": gettext("Give the note in both languages, or in none"),
        "note_zh": gettext("Give the note in both languages, or in none"),
    }
    return told[name] if name in told else str(gettext("Enter this"))
