"""Ask what the portal knows: names on lists."""

import click

from portal import terminal
from portal.audit import Actor
from portal.cli.base import JSON, LANGUAGE, Country, database, fail, finish, main
from portal.config import Settings
from portal.db import utc_now

_SCHEMES = "A number: USCC, LEI, IMO, BIC, MMSI, PASSPORT, NATIONAL-ID, REGISTRATION or TAX-ID, then its value."


@main.command()
@click.argument("name")
@click.option("--country", default="", type=Country(), help="ISO 3166-1 alpha-2 code.")
@click.option("--also", multiple=True, metavar="NAME", help="Another name, in any script; may be repeated.")
@click.option("--number", "numbers", multiple=True, type=(str, str), metavar="SCHEME VALUE", help=_SCHEMES)
@click.option("--address", multiple=True, help="Postal address in one line.")
@click.option("--phone", multiple=True, help="Telephone number.")
@click.option("--email", multiple=True, help="E-mail address.")
@click.option("--website", multiple=True, help="Web site or domain.")
@JSON
@LANGUAGE
def screen(
    name: str,
    country: str,
    also: tuple[str, ...],
    numbers: tuple[tuple[str, str], ...],
    address: tuple[str, ...],
    phone: tuple[str, ...],
    email: tuple[str, ...],
    website: tuple[str, ...],
    as_json: bool,
    language: str,
) -> None:
    """Match NAME against every list on file; exit 0 no match, 1 a match, 2 could not tell."""
    from portal.screening import lists, match
    from portal.screening.particulars import Particulars

    settings, now = Settings(), utc_now()
    if not any(character.isalnum() for character in name):
        fail("a name needs letters, characters or digits; nothing was screened")
    with database(settings) as session:
        lists.load_shipped(session, actor=Actor.command("portal screen"), now=now)
        reached = Particulars(address, phone, email, website)
        result = match.Screener.open(session).screen([name, *also], country, now.date(), numbers, reached)
    told = terminal.as_json(result) if as_json else "\n".join(terminal.screening(result, language))
    finish(told, {"clear": 0, "match": 1}.get(result.state, 2))
