"""The forms of contract, route and export licence."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from portal import countries
from portal.shipments import vocabulary
from portal.shipments.forms.entry import (
    DayField,
    EntryForm,
    line,
    maybe,
    offered,
    radios,
    select,
    typed,
    with_none,
)
from portal.shipments.forms.parties import MORE
from portal.web.requests import language

MOST_TRANSIT = 20


def day(label: Any, hint: Any) -> Any:
    """A field for a day."""
    field: Any = DayField(label, description=hint)
    return field


class ContractForm(EntryForm):
    """The contract that the goods are sold under."""

    number = line(_("Contract number"), _("As printed on the contract."), size="20")
    date = day(_("Date of signature"), _("For example, 1 10 2026"))
    incoterm = select(_("Delivery terms (Incoterms 2020)"), _("Optional."))

    missing = {  # noqa: RUF012 - WTForms forms are classes of class attributes
        "number": _("Enter the number of the contract"),
        "date": _("Enter the date on which the contract was signed"),
    }
    whole = "number"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incoterm.choices = with_none(offered(vocabulary.incoterms()), _("Not agreed or not known"))

    def plain(self) -> dict[str, Any]:
        """What was typed, under the names of ``Contract``."""
        return {"number": typed(self.number), "date": self.date.plain(), "incoterm": typed(self.incoterm)}


class RouteForm(EntryForm):
    """The way of the goods."""

    departure = select(_("Country or territory of departure"))
    departure_port = line(_("Port or place of departure"), _("For example “Shenzhen”. Optional."), size="20")
    destination = select(
        _("Country or territory of end use"),
        _("Where the goods will be used in the end, also when they are sent on from another place."),
    )
    mode = radios(_("Mode of transport"), _("The main one, when there are several."))
    planned_on = day(_("Planned day of departure"), _("Optional. For example, 15 12 2026"))

    missing = {  # noqa: RUF012 - WTForms forms are classes of class attributes
        "departure": _("Choose the country or territory of departure"),
        "destination": _("Choose the country or territory of end use"),
        "mode": _("Choose the mode of transport"),
    }
    whole = "destination"
    members = {"from": "departure", "from_port": "departure_port", "to": "destination"}  # noqa: RUF012 - as above
    transit_rows: Sequence[int] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = list(countries.choices(language()))
        self.departure.choices = self.destination.choices = with_none(named)
        self.mode.choices = offered(vocabulary.modes())
        for row in self.transit_rows:
            self[f"transit-{row}"].choices = with_none(named, _("None"))

    def given_rows(self) -> list[int]:
        """The rows of transit in which a country was chosen."""
        return [row for row in self.transit_rows if self[f"transit-{row}"].data]

    def plain(self) -> dict[str, Any]:
        """What was typed, under the names of ``Route``."""
        names = ("departure", "departure_port", "destination", "mode")
        transit = [typed(self[f"transit-{row}"]) for row in self.given_rows()]
        return {name: typed(self[name]) for name in names} | {"transit": transit, "planned_on": self.planned_on.plain()}

    def place(self, where: tuple[str | int, ...]) -> str:
        """Like any form, but transit is counted without the empty rows."""
        if where[:1] == ("transit",):
            rows = self.given_rows()
            return f"transit-{rows[int(where[1])] if len(where) > 1 else rows[0]}"
        return super().place(where)


def route_form(on_file: Mapping[str, Any]) -> RouteForm:
    """A form with a row for each transit country, and one more to choose another."""
    transit: Sequence[str] = on_file["transit"]
    count = len(transit) + 1
    if request.method == "POST":
        rows = [name.removeprefix("transit-") for name in request.form if name.startswith("transit-")]
        numbers = [int(row) for row in rows if row.isascii() and row.isdigit() and len(row) < 3]
        count = max([row + 1 for row in numbers], default=1) + (MORE in request.form)
    count = min(count, MOST_TRANSIT)
    fields: dict[str, Any] = {"transit_rows": range(count)}
    for row in range(count):
        fields[f"transit-{row}"] = select(_("Transit country or territory %(number)s", number=row + 1))
    kind = type("RouteFormWithTransit", (RouteForm,), fields)
    flat = dict(on_file) | {f"transit-{row}": code for row, code in enumerate(transit)}
    form: RouteForm = kind(data=flat)
    return form


class LicenceForm(EntryForm):
    """The export licence, where there is one."""

    held = radios(_("Is there an export licence for this shipment?"))
    number = line(_("Licence number"), size="20")
    issued_by = line(_("Authority that issued it"), _("Optional."))
    valid_until = day(_("Last day of its term"), _("For example, 31 3 2027"))
    scope = radios(_("Do goods, quantity and end user lie within the licence?"))
    quantity_left = line(
        _("Quantity that it still covers"),
        _("What is left after earlier shipments. Optional."),
        size="10",
        inputmode="decimal",
    )
    unit = select(_("Unit of that quantity"))

    missing = {  # noqa: RUF012 - WTForms forms are classes of class attributes
        "held": _("Say whether there is an export licence"),
        "number": _("Enter the licence number"),
        "valid_until": _("Enter the last day of the licence’s term"),
        "scope": _("Say whether the shipment lies within the licence"),
        "unit": _("Choose the unit of the quantity that is left"),
    }
    whole = "unit"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = vocabulary.units()
        self.held.choices = [("yes", _("Yes")), ("no", _("No"))]
        self.scope.choices = offered(vocabulary.licence_scopes())
        self.unit.choices = with_none((code, unit.name[language()]) for code, unit in units.items())

    def plain(self) -> dict[str, Any]:
        """What was typed, under the names of ``Licence``."""
        return {
            "number": typed(self.number),
            "issued_by": typed(self.issued_by),
            "valid_until": self.valid_until.plain(),
            "scope": typed(self.scope),
            "quantity_left": maybe(self.quantity_left),
            "unit": maybe(self.unit),
        }
