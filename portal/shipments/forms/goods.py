"""The form of a goods line."""

from typing import Any

from flask_babel import lazy_gettext as _

from portal import countries
from portal.shipments import vocabulary
from portal.shipments.forms.entry import EntryForm, line, maybe, offered, select, typed, with_none
from portal.web.requests import language

# The currencies that contracts are mostly made in come first.
_USUAL = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP")


class GoodsForm(EntryForm):
    """One line of goods."""

    name = line(_("Name of the goods in English"), _("As in the contract, for example “Germanium lens blanks”."))
    name_zh = line(
        _("Name of the goods in Chinese"),
        _("As in the customs declaration. Optional for a firm abroad."),
        lang="zh-Hans",
    )
    element = select(
        _("Strategic element in the goods"), _("The one that matters most. Choose “Other or none” if none.")
    )
    chemical_form = line(_("Chemical or physical form"), _("For example “metal, single crystal” or “oxide powder”."))
    purity = line(
        _("Purity"), _("For example “99.999% (5N)”. A missing purity can make the line need a review."), size="20"
    )
    particle_size = line(_("Particle size"), _("For powders, for example “below 60 µm”."), size="20")
    hs_code = line(
        _("HS code"), _("6 to 10 digits; ten digits of the Chinese tariff are best."), size="10", inputmode="numeric"
    )
    control_code = line(
        _("Control code"),
        _("Code of the unified dual-use list, for example 3C999 or 1C117.d. Leave it empty if you do not know one."),
        size="10",
    )
    quantity = line(_("Quantity"), size="10", inputmode="decimal")
    unit = select(_("Unit"))
    net_weight_kg = line(
        _("Net weight in kilograms"),
        _("May be left empty where the unit is one of mass."),
        size="10",
        inputmode="decimal",
    )
    value = line(
        _("Value of the line"),
        _("The price in the contract, without thousands separators."),
        size="10",
        inputmode="decimal",
    )
    currency = select(_("Currency"))
    origin = select(_("Country or territory of origin"))

    missing = {  # noqa: RUF012 - WTForms forms are classes of class attributes
        "name": _("Enter the name of the goods in English"),
        "element": _("Choose the strategic element, or “Other or none”"),
        "hs_code": _("Enter the HS code"),
        "quantity": _("Enter the quantity"),
        "unit": _("Choose the unit of the quantity"),
        "net_weight_kg": _("Enter the net weight in kilograms"),
        "value": _("Enter the value of the line"),
        "currency": _("Choose the currency"),
        "origin": _("Choose the country or territory of origin"),
    }
    whole = "net_weight_kg"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = vocabulary.units()
        self.element.choices = with_none(offered(vocabulary.elements()))
        self.unit.choices = with_none((code, unit.name[language()]) for code, unit in units.items())
        others = sorted(vocabulary.currencies() - set(_USUAL))
        self.currency.choices = with_none((code, code) for code in (*_USUAL, *others))
        self.origin.choices = with_none(countries.choices(language()))

    def plain(self) -> dict[str, Any]:
        """What was typed, under the names of ``GoodsEntry``."""
        names = (
            "name", "name_zh", "element", "chemical_form", "purity", "particle_size", "hs_code", "control_code",
            "quantity", "unit", "value", "currency", "origin",
        )  # fmt: skip
        return {name: typed(self[name]) for name in names} | {"net_weight_kg": maybe(self.net_weight_kg)}
