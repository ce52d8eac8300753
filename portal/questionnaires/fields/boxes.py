"""The single boxes of a compound field, shaped as the templates read them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its type stubs


@dataclass(frozen=True, slots=True)
class Box:
    """One text box."""

    id: str
    name: str
    text: str

    @property
    def data(self) -> str:
        return self.text

    def _value(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Choices:
    """One list to choose from: value, label, whether chosen."""

    id: str
    name: str
    options: list[tuple[str, str, bool]]

    def iter_choices(self) -> Iterator[tuple[str, str, bool, dict[str, Any]]]:
        """As a WTForms ``SelectField`` gives its choices."""
        return ((value, label, chosen, {}) for value, label, chosen in self.options)


def sent(formdata: Any, name: str) -> str:
    """What a form sent under this name, or nothing."""
    return str(formdata.getlist(name)[0]) if formdata is not None and name in formdata else ""


def select_choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Values and labels as WTForms takes the choices of a field."""
    return [SelectChoice(value, label) for value, label in pairs]
