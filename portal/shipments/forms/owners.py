"""The rows of a form that name the owners of a party, each with the firm that it owns: flat rows make a chain."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal import countries
from portal.shipments import vocabulary
from portal.shipments.forms.entry import area, line, maybe, offered, select, typed, with_none
from portal.text import Text
from portal.web.requests import language

PARTS = ("name", "percent", "country", "name_native", "aliases", "scheme", "number")
OWNS = "owns"
LONGEST_ROW = 2  # digits of a row's number
_ASTRAY = Text("Choose a firm that is named in another row.", "请选择其他行已填写的企业。")
_CIRCLE = Text(
    "These owners own each other in a circle. Begin from the party, and name a firm again where it comes up again.",
    "所填所有人相互循环持股。请从该参与方开始填写，同一企业再次出现时请另起一行重新填写。",
)


class Fields(Protocol):
    """A form, as far as its rows of owners are concerned."""

    def __getitem__(self, name: str) -> Any: ...


def fields(rows: Sequence[int]) -> dict[str, Any]:
    """The fields of these rows, counted from 0."""
    made: dict[str, Any] = {}
    for row in rows:
        at, number = f"owners-{row}", row + 1
        made[f"{at}-name"] = line(_("Name of owner %(number)s", number=number))
        made[f"{at}-{OWNS}"] = select(_("What owner %(number)s owns", number=number))
        made[f"{at}-percent"] = line(
            _("Share of owner %(number)s", number=number),
            _("In per cent. Leave it empty when it is not known."),
            size="4",
            inputmode="decimal",
        )
        made[f"{at}-country"] = select(_("Country or territory of owner %(number)s", number=number))
        made[f"{at}-name_native"] = line(_("Name of owner %(number)s in its own script", number=number))
        made[f"{at}-aliases"] = area(_("Other and former names of owner %(number)s", number=number), _("One a line."))
        made[f"{at}-scheme"] = select(_("Kind of number of owner %(number)s", number=number))
        made[f"{at}-number"] = line(_("Number of owner %(number)s", number=number), size="20")
    return made


def offer(form: Fields, rows: Sequence[int]) -> None:
    """Give the fields their choices; what can be owned is the party and every other row."""
    named = with_none(countries.choices(language()), _("Not known"))
    schemes = with_none(offered(vocabulary.owner_schemes()), _("No number"))
    for row in rows:
        form[f"owners-{row}-country"].choices = named
        form[f"owners-{row}-scheme"].choices = schemes
        others = [SelectChoice(str(other), _called(form, other)) for other in rows if other != row]
        form[f"owners-{row}-{OWNS}"].choices = with_none(others, _("This party"))


def _called(form: Fields, row: int) -> str:
    name = str(form[f"owners-{row}-name"].data or "")[:80]
    return f"{row + 1}. {name}" if name else str(_("Owner %(number)s", number=row + 1))


def given(form: Fields, rows: Sequence[int]) -> list[int]:
    """The rows in which something was typed."""
    return [row for row in rows if any(form[f"owners-{row}-{part}"].data for part in PARTS)]


class Chain:
    """The rows of a form as a chain: ``plain`` in the shape of the case file, and which row stands at which place."""

    def __init__(self, form: Fields, rows: Sequence[int]) -> None:
        self._form = form
        self._rows = given(form, rows)
        self._above = {row: self._owned_by(row) for row in self._rows}
        self.astray = dict(self._faults())
        self._at: dict[tuple[int, ...], int] = {}
        self.plain = self._owners(None, ())

    def row(self, place: tuple[int, ...]) -> int:
        """The row that stands at a place of the chain."""
        return self._at[place]

    def _owned_by(self, row: int) -> int | None:
        """The row of the firm that this row's owner owns; ``None`` for the party."""
        owns = str(self._form[f"owners-{row}-{OWNS}"].data or "")
        number = int(owns) if owns.isascii() and owns.isdigit() and len(owns) <= LONGEST_ROW else None
        return number if number in self._rows else None

    def _faults(self) -> Iterator[tuple[int, Text]]:
        for row in self._rows:
            above, seen = self._above[row], {row}
            if self._form[f"owners-{row}-{OWNS}"].data and (above is None or above == row):
                self._above[row] = None
                yield row, _ASTRAY
            while above is not None and above not in seen:
                seen.add(above)
                above = self._above[above]
            if above == row and self._above[row] is not None:
                self._above[row] = None
                yield row, _CIRCLE

    def _owners(self, of: int | None, below: tuple[int, ...]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for row in (row for row in self._rows if self._above[row] == of):
            place = (*below, len(found))
            self._at[place] = row
            found.append(self._one(row) | {"owners": self._owners(row, place)})
        return found

    def _one(self, row: int) -> dict[str, Any]:
        field = {part: self._form[f"owners-{row}-{part}"] for part in PARTS}
        scheme, number = typed(field["scheme"]), typed(field["number"])
        return {
            "name": typed(field["name"]),
            "name_native": typed(field["name_native"]),
            "aliases": [text.strip() for text in typed(field["aliases"]).splitlines() if text.strip()],
            "percent": maybe(field["percent"]),
            "country": typed(field["country"]),
            "identifier": {"scheme": scheme, "value": number} if scheme or number else None,
        }


def place(chain: Chain, where: tuple[str | int, ...]) -> str:
    """The field of a fault such as ``("owners", 0, "owners", 1, "percent")``; of a whole level, its first share."""
    steps = list(where)
    spot: list[int] = []
    while steps[:1] == ["owners"] and len(steps) > 1:
        spot.append(int(steps[1]))
        steps = steps[2:]
    if not spot or steps[:1] == ["owners"]:
        return f"owners-{chain.row((*spot, 0))}-percent"
    member = str(steps[0]) if steps else "name"
    if member == "identifier":
        member = "scheme" if steps[1:2] == ["scheme"] else "number"
    return f"owners-{chain.row(tuple(spot))}-{member}"


def flat(owners: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A chain that is on file as the values of rows."""
    found: dict[str, Any] = {}
    for row, (owns, owner) in enumerate(_rows(owners)):
        number = owner.get("identifier") or {}
        values = {part: owner.get(part, "") for part in ("name", "name_native", "percent", "country")} | {
            "aliases": "\n".join(owner.get("aliases", ())),
            "scheme": number.get("scheme", ""),
            "number": number.get("value", ""),
            OWNS: "" if owns is None else str(owns),
        }
        found |= {f"owners-{row}-{part}": value for part, value in values.items()}
    return found


def count(owners: Sequence[Mapping[str, Any]]) -> int:
    """How many rows a chain needs."""
    return len(list(_rows(owners)))


def _rows(owners: Sequence[Mapping[str, Any]]) -> list[tuple[int | None, Mapping[str, Any]]]:
    """Each owner with the row of the firm that it owns, before those who own it."""
    rows: list[tuple[int | None, Mapping[str, Any]]] = []

    def add(some: Sequence[Mapping[str, Any]], owned: int | None) -> None:
        for owner in some:
            rows.append((owned, owner))
            add(owner.get("owners", ()), len(rows) - 1)

    add(owners, None)
    return rows
