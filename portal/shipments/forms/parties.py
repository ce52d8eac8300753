"""The form of a party, with as many rows for owners as are needed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _

from portal import countries
from portal.shipments import vocabulary
from portal.shipments.entries import MOST_OWNERS
from portal.shipments.forms import owners
from portal.shipments.forms.entry import E, EntryForm, area, boxes, line, offered, select, typed, with_none
from portal.web.requests import language

MORE = "more"  # name of the button that asks for another row


class PartyForm(EntryForm):
    """An organisation or person with one or more roles."""

    roles = boxes(_("Roles in the shipment"), _("Choose all that apply. The end user is whoever will use the goods."))
    name = line(_("Name in Latin letters"), _("In full, as registered, for example “Jena Optik GmbH”."))
    name_native = line(
        _("Name in its own script"), _("For example in Chinese, Russian, Arabic or Japanese. It is screened too.")
    )
    aliases = area(_("Other names"), _("Trade names and short names, one a line."))
    former_names = area(_("Former names"), _("One a line. A listed firm that changes its name stays listed."))
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
        self.roles.choices = offered(vocabulary.roles())
        self.country.choices = with_none(countries.choices(language()))
        owners.offer(self, self.owner_rows)

    def more_of(self, row: int) -> bool:
        """Whether what is asked of an owner only in some cases holds something, or a fault."""
        fields = [self[f"owners-{row}-{part}"] for part in ("name_native", "aliases", "scheme", "number")]
        return any(field.data or field.errors for field in fields)

    def entry(self, kind: type[E], *, on: date) -> E | None:
        """Like any form, and a row that owns nothing that is named is a fault too."""
        found = super().entry(kind, on=on)
        for row, text in owners.Chain(self, self.owner_rows).astray.items():
            self.refuse(f"owners-{row}-{owners.OWNS}", text)
        return None if self.errors else found

    def plain(self) -> dict[str, Any]:
        """What was typed, under the names of ``PartyEntry``."""
        plain = ("name", "name_native", "country", "address", "phone", "email", "website", "vessel", "vessel_imo")
        return {
            **{name: typed(self[name]) for name in plain},
            "roles": list(self.roles.data or ()),
            "aliases": _lines(self.aliases),
            "former_names": _lines(self.former_names),
            "identifiers": {scheme: typed(self[f"identifiers-{scheme}"]) for scheme in SCHEMES},
            "owners": owners.Chain(self, self.owner_rows).plain,
        }

    def place(self, where: tuple[str | int, ...]) -> str:
        """Like any form, but owners are counted without the empty rows."""
        if where[:1] == ("owners",):
            return owners.place(owners.Chain(self, self.owner_rows), where)
        return super().place(where)


def _lines(field: Any) -> list[str]:
    return [text.strip() for text in typed(field).splitlines() if text.strip()]


SCHEMES = {
    "uscc": (_("Unified Social Credit Code"), _("18 characters, for a party in China.")),
    "lei": (_("Legal Entity Identifier (LEI)"), _("20 characters.")),
    "registration": (_("Company register number"), _("In the register of its own country.")),
    "imo": (_("IMO number"), _("Of a shipping company. That of a ship is asked below.")),
    "bic": (_("Bank identifier code (BIC)"), _("For a bank.")),
}
_CONTACTS = {
    "phone": line(_("Telephone number"), _("With the country code, for example +49 3641 000000."), size="20"),
    "email": line(_("E-mail address"), inputmode="email"),
    "website": line(_("Website")),
    "vessel": line(_("Name of the ship"), _("For a carrier by sea.")),
    "vessel_imo": line(
        _("IMO number of the ship"), _("Seven digits; it stays the same when the ship is renamed."), size="10"
    ),
}


def party_form(on_file: Mapping[str, Any] | None = None) -> PartyForm:
    """A form with a row for each owner that is on file or was sent, and one more when that was asked for."""
    count = max(owners.count(on_file["owners"]) if on_file else 0, 1)
    if request.method == "POST":
        sent = [name.split("-")[1] for name in request.form if name.startswith("owners-") and name.count("-") == 2]
        rows = [int(row) for row in sent if row.isascii() and row.isdigit() and len(row) < 3]
        count = max([row + 1 for row in rows], default=1) + (MORE in request.form)
    count = min(count, MOST_OWNERS)
    fields: dict[str, Any] = {"owner_rows": range(count)}
    for scheme, (label, hint) in SCHEMES.items():
        fields[f"identifiers-{scheme}"] = line(label, hint, size="20")
    fields |= _CONTACTS | owners.fields(range(count))
    kind = type("PartyFormWithOwners", (PartyForm,), fields)
    form: PartyForm = kind(data=_flat(on_file) if on_file else None)
    return form


def _flat(on_file: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in on_file.items() if name not in ("identifiers", "owners")}
    found |= {name: "\n".join(on_file[name]) for name in ("aliases", "former_names")}
    found |= {f"identifiers-{scheme}": value for scheme, value in on_file["identifiers"].items()}
    return found | owners.flat(on_file["owners"])
