"""How codes of a shipment are written on a page, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from flask_babel import gettext

from portal import countries
from portal.screening import sources
from portal.shipments import vocabulary
from portal.text import Text
from portal.web.requests import language

# How sure a source is, where it was not read in the official text itself.
MARKS = {
    "V2": Text("read in a reproduction only, not at the source", "仅据转载文本，未核对原文"),
    "M": Text("from memory, not verified", "凭记忆记录，未经核实"),
    "I": Text("our inference, not the text of a law", "本门户推断，非法律原文"),
}


def written(known: Mapping[str, Text], code: str) -> str:
    """The word for a code; one that is not known stands for itself."""
    return known[code][language()] if code in known else code


def unit(code: str) -> str:
    """The name of a unit of UN/ECE Recommendation 20."""
    found = vocabulary.units().get(code)
    return found.name[language()] if found else code


def role(code: str) -> str:
    """The role of a party; the exporter itself and a ship are none of those that are entered."""
    own: dict[str, str] = {"exporter": gettext("Exporter"), "vessel": gettext("Ship")}
    return own.get(code) or written(vocabulary.roles(), code)


def owner(entry: Mapping[str, Any]) -> str:
    """An owner with its share and country, and in brackets those who own it in turn."""
    parts = [str(entry["name"]), f"{entry['percent']}%" if entry["percent"] else gettext("share not known")]
    if entry.get("country"):
        parts.append(countries.name(entry["country"])[language()])
    told = ("，" if language() == "zh" else ", ").join(parts)
    behind = "；".join if language() == "zh" else "; ".join
    if not entry.get("owners"):
        return told
    above = behind(map(owner, entry["owners"]))
    return str(gettext("%(owner)s (owned by %(owners)s)", owner=told, owners=above))


def mode(code: str) -> str:
    """A mode of transport."""
    return written(vocabulary.modes(), code)


def document_kind(code: str) -> str:
    """A kind of document."""
    return written(vocabulary.document_kinds(), code)


def element(code: str) -> str:
    """The name of an element beside its symbol."""
    name = written(vocabulary.elements(), code)
    return name if code in ("other", name) else f"{name} ({code})"


def scope(code: str) -> str:
    """Whether the shipment lies within its licence."""
    return written(vocabulary.licence_scopes(), code)


def incoterm(code: str) -> str:
    """A term of Incoterms 2020."""
    return written(vocabulary.incoterms(), code)


def mark(code: str) -> str:
    """How far a source has been verified; nothing for one that was read in the official text."""
    return "" if code == "V" else written(MARKS, code)


def list_name(source: str) -> str:
    """The title of a screening list."""
    found = sources.sources().get(source)
    return found.title[language()] if found else source


def install(blueprint: Blueprint) -> None:
    """Give all templates the filters; the authority's pages show shipments too."""
    for each in (unit, role, owner, mode, document_kind, element, scope, incoterm, mark, list_name):
        blueprint.add_app_template_filter(each)
