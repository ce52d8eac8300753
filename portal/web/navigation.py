"""The main navigation: only what the reader may open."""

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import gettext
from flask_login import current_user


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the navigation."""

    text: str
    href: str
    current: bool


def navigation() -> list[Item]:
    """Links for the signed-in person's organisation, then what is open to all."""
    wanted: list[tuple[str, str]] = []
    if current_user.is_authenticated:
        kind = current_user.organisation.kind
        if kind == "exporter":
            wanted.append(("shipments.index", gettext("Shipments")))
            wanted.append(("accounts.organisation", gettext("Organisation")))
        else:
            wanted += [
                ("authority.index", gettext("Overview")),
                ("authority.certificates", gettext("Certificates")),
                ("authority.referrals", gettext("Referrals")),
                ("authority.cases", gettext("Cases")),
                ("authority.hits", gettext("Hits")),
                ("authority.endorsements", gettext("Ports")),
                ("authority.restricted", gettext("Restricted list")),
                ("authority.lists", gettext("Lists")),
                ("accounts.organisation", gettext("Organisation")),
            ]
    wanted += [
        ("verification.verify", gettext("Verify a certificate")),
        ("controls.index", gettext("Controls")),
        ("guidance.index", gettext("Guidance")),
    ]
    here = request.endpoint or ""
    items = []
    for endpoint, text in wanted:
        if endpoint not in current_app.view_functions:
            continue
        section = here.split(".")[0]
        current = here == endpoint or (section == endpoint.split(".")[0] and section not in ("authority", "accounts"))
        items.append(Item(text, url_for(endpoint), current))
    return items
