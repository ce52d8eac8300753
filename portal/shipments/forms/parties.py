"""The form of a party, with as many rows for owners as are needed."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from portal import countries
from portal.shipments import vocabulary
from portal.shipments.forms.entry import EntryForm, area, boxes, line, offered, select, typed, with_none
from portal.web.requests import language

MOST_OWNERS = 50
_PARTS = ("name", "percent", "country")
MORE = "more"  # name of the button that asks for another row


class PartyForm(EntryForm):
    """An organisation or person with one or more roles."""

    roles = boxes(_("Roles in the shipment"), _("Choose all that apply. The end user is whoever will use the goods."))
    name = line(_("Name in Latin letters"), _("In full, as registered, for example “Jena Optik GmbH”."))
    name_native = line(
        _("Name in its own script"), _("For example in Chinese, Russian, Arabic or Japanese. It is screened too.")
    )
    aliases = area(_("Other names"), _("Trade names, short names and former names, one a line."))
    country = select(_("Country or territory"))
    address = line(_("Address"), _("Street, town and postal code, in one line. Not a post-office box alone."))

    missing = {  # noqa: RUF012 - WTForms forms are classes of class attributes
        "roles": _("Choose at least one role"),
        "name": _("Enter the name in Latin letters"),
        "country": _("Choose the country or territory"),
        "address": _("Enter the address"),
    }
    whole = "name"
    owner_rows: Sequence[int] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = list(countries.choices(language()))
        self.roles.choices = offered(vocabulary.roles())
        self.country.choices = with_none(named)
        for row in self.owner_rows:
            self[f"owners-{row}-country"].choices = with_none(named, _("Not known"))

    def given_rows(self) -> list[int]:
        """The rows of owners in which something was typed."""
        return [row for row in self.owner_rows if any(self[f"owners-{row}-{part}"].data for part in _PARTS)]

    def plain(self) -> dict[str, Any]:
        """What was typed, under the names of ``PartyEntry``."""
        plain = ("name", "name_native", "country", "address", "phone", "email", "website")
        return {
            **{name: typed(self[name]) for name in plain},
            "roles": list(self.roles.data or ()),
            "aliases": [text.strip() for text in typed(self.aliases).splitlines() if text.strip()],
            "identifiers": {scheme: typed(self[f"identifiers-{scheme}"]) for scheme in SCHEMES},
            "owners": [{part: typed(self[f"owners-{row}-{part}"]) for part in _PARTS} for row in self.given_rows()],
        }

    def place(self, where: tuple[str | int, ...]) -> str:
        """Like any form, but owners are counted without the empty rows."""
        if where[:1] == ("owners",):
            rows = self.given_rows()
            if len(where) == 1:
                return f"owners-{rows[0]}-percent"
            return f"owners-{rows[int(where[1])]}-{where[2] if len(where) > 2 else 'name'}"
        return super().place(where)


SCHEMES = {
    "uscc": (_("Unified Social Credit Code"), _("18 characters, for a party in China.")),
    "lei": (_("Legal Entity Identifier (LEI)"), _("20 characters.")),
    "registration": (_("Company register number"), _("In the register of its own country.")),
    "imo": (_("IMO number"), _("For a ship or shipping company.")),
    "bic": (_("Bank identifier code (BIC)"), _("For a bank.")),
}
_CONTACTS = {
    "phone": line(_("Telephone number"), _("With the country code, for example +49 3641 000000."), size="20"),
    "email": line(_("E-mail address"), inputmode="email"),
    "website": line(_("Website")),
}


def party_form(on_file: Mapping[str, Any] | None = None) -> PartyForm:
    """A form with a row for each owner that is on file or was sent, and one more when that was asked for."""
    owners: Sequence[Mapping[str, Any]] = on_file["owners"] if on_file else ()
    count = max(len(owners), 1)
    if request.method == "POST":
        sent = [name.split("-")[1] for name in request.form if name.startswith("owners-") and name.count("-") == 2]
        rows = [int(row) for row in sent if row.isascii() and row.isdigit() and len(row) < 3]
        count = max([row + 1 for row in rows], default=1) + (MORE in request.form)
    count = min(count, MOST_OWNERS)
    fields: dict[str, Any] = {"owner_rows": range(count)}
    for scheme, (label, hint) in SCHEMES.items():
        fields[f"identifiers-{scheme}"] = line(label, hint, size="20")
    fields |= _CONTACTS
    for row in range(count):
        fields[f"owners-{row}-name"] = line(_("Name of owner %(number)s", number=row + 1))
        fields[f"owners-{row}-percent"] = line(
            _("Share of owner %(number)s", number=row + 1), size="4", inputmode="decimal"
        )
        fields[f"owners-{row}-country"] = select(_("Country or territory of owner %(number)s", number=row + 1))
    kind = type("PartyFormWithOwners", (PartyForm,), fields)
    form: PartyForm = kind(data=_flat(on_file) if on_file else None)
    return form


def _flat(on_file: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in on_file.items() if name not in ("aliases", "identifiers", "owners")}
    found["aliases"] = "\n".join(on_file["aliases"])
    found |= {f"identifiers-{scheme}": value for scheme, value in on_file["identifiers"].items()}
    for row, owner in enumerate(on_file["owners"]):
        found |= {f"owners-{row}-{part}": owner.get(part, "") for part in _PARTS}
    return found
