"""From a WTForms field to what the GOV.UK macros want to know of it."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext
from wtforms import Field, FieldList, Form, FormField

KINDS = {
    "RadioField": "radios",
    "SelectMultipleField": "checkboxes",
    "SelectField": "select",
    "TextAreaField": "textarea",
    "FileField": "file",
    "MultipleFileField": "file",
    "PasswordField": "password",
    "BooleanField": "checkbox",
    "HiddenField": "hidden",
    "CSRFTokenField": "hidden",
}
TYPES = {"EmailField": "email", "TelField": "tel", "URLField": "url", "SearchField": "search"}
MODES = {"IntegerField": "numeric", "DecimalField": "decimal"}


def kind_of(field: Field) -> str:
    """Which macro draws the field: its own ``kind``, else by its class or the nearest known base class."""
    own = getattr(field, "kind", None)
    if own:
        return str(own)
    for base in type(field).__mro__:
        if base.__name__ in KINDS:
            return KINDS[base.__name__]
    return "input"


def field_parts(field: Field) -> dict[str, Any]:
    """Everything that ``web/fields.html`` needs to draw one field."""
    kind = kind_of(field)
    shown = field.render_kw or {}
    parts: dict[str, Any] = {
        "kind": kind,
        "label": field.label.text,
        "hint": getattr(field, "hint", None) or field.description,
        "error": str(_first(field.errors)) if field.errors else "",
        "suffix": getattr(field, "suffix", ""),
        "rows": getattr(field, "rows", 4),
        "autocomplete": shown.get("autocomplete"),
        "inputmode": shown.get("inputmode") or MODES.get(type(field).__name__),
        "type": TYPES.get(type(field).__name__, "text"),
        "classes": _classes(field),
        "attributes": {k: v for k, v in shown.items() if k in ("accept", "multiple", "maxlength", "lang", "dir")},
        "value": "",
        "options": [],
        "parts": [],
    }
    if kind in ("input", "textarea"):
        value = field._value() if hasattr(field, "_value") else field.data
        parts["value"] = "" if value is None else str(value)
    elif kind in ("radios", "checkboxes", "select"):
        parts["options"] = _options(field, kind)
    elif kind == "checkbox":
        parts["options"] = [_single_box(field)]
    elif kind in ("date", "money"):
        parts["parts"] = _compound(field, kind, bool(field.errors))
    return parts


def _first(errors: Any) -> Any:
    found = next(iter(errors.values())) if isinstance(errors, dict) else errors[0]
    return _first(found) if isinstance(found, list | tuple | dict) and found else found


def _classes(field: Field) -> str:
    size = getattr(field, "size", None)
    return f"govuk-input--width-{size}" if size else str(getattr(field, "classes", "") or "")


def _options(field: Any, kind: str) -> list[dict[str, Any]]:
    hints, exclusive = getattr(field, "hints", {}), getattr(field, "exclusive", None)
    items: list[dict[str, Any]] = []
    for value, label, chosen, *_ in field.iter_choices():
        item: dict[str, Any] = {"value": str(value), "text": str(label)}
        item["selected" if kind == "select" else "checked"] = bool(chosen)
        if kind != "select" and not items:
            item["id"] = field.id
        if hints.get(value):
            item["hint"] = {"text": hints[value]}
        if exclusive is not None and value == exclusive:
            if len(items) > 1:
                items.append({"divider": gettext("or")})
            item["behaviour"] = "exclusive"
        items.append(item)
    return items


def _single_box(field: Field) -> dict[str, Any]:
    item: dict[str, Any] = {"value": "y", "text": field.label.text, "id": field.id, "checked": bool(field.data)}
    if field.description:
        item["hint"] = {"text": field.description}
    return item


def _compound(field: Any, kind: str, wrong: bool) -> list[dict[str, Any]]:
    if kind == "money":
        amount, currency = field.amount, field.currency
        return [
            {"id": amount.id, "name": amount.name, "value": amount._value()},
            {"id": currency.id, "name": currency.name, "options": _options(currency, "select")},
        ]
    boxes = []
    for name, label, width in (
        ("day", gettext("Day"), 2),
        ("month", gettext("Month"), 2),
        ("year", gettext("Year"), 4),
    ):
        part = getattr(field, name)
        classes = f"govuk-input--width-{width}" + (" govuk-input--error" if wrong else "")
        value = part._value() if hasattr(part, "_value") else (part.data or "")
        boxes.append({"id": part.id, "name": part.name, "label": label, "value": value or "", "classes": classes})
    return boxes


def first_input(field: Any) -> str:
    """The id that an error's link jumps to: the first box of a compound field, else the field's own."""
    kind = kind_of(field)
    if kind == "date":
        return str(field.day.id)
    if kind == "money":
        return str(field.amount.id)
    return str(field.id)


def problems(form: Form | None, extra: list[dict[str, str]]) -> list[dict[str, str]]:
    """The error summary's lines: one for each field that is wrong, in page order, and what concerns no field."""
    found = list(extra)
    if form is None:
        return found
    for message in form.form_errors or ():
        found.append({"text": str(message)})
    found += _wrong(form, within=False)
    return found


def _wrong(fields: Iterable[Any], *, within: bool) -> Iterator[dict[str, str]]:
    """What is wrong with fields, in page order; within rows of fields the label is told too, as many look alike."""
    for field in fields:
        if isinstance(field, FieldList):
            yield from _wrong(field.entries, within=True)
        elif isinstance(field, FormField):
            yield from _wrong(field.form, within=True)
        elif field.errors:
            text = str(_first(field.errors))
            yield {"text": f"{field.label.text}: {text}" if within else text, "href": f"#{first_input(field)}"}


def in_language(code: str) -> str:
    """This page's address in the other language; after a POST, the page that the form stands on."""
    query = {key: value for key, value in request.args.items(multi=False) if key != "lang"}
    query["lang"] = code
    return f"{request.path}?{urlencode(query)}"
