"""Ask what the portal knows: names on lists, the issuer's keys."""

import json
from typing import Any

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


@main.group("keys")
def keys_group() -> None:
    """The issuer's keys."""


@keys_group.command("init")
def keys_init() -> None:
    """Make the TEST authority when there is none, or check the keys of the settings."""
    _tell_issuer(rotated=False)


@keys_group.command("rotate")
def keys_rotate() -> None:
    """Give the TEST issuer new keys; certificates of the old ones stay valid."""
    _tell_issuer(rotated=True)


@keys_group.command("show")
@click.option("--trust", is_flag=True, help="Print the trust file that 'portal verify --trust FILE' reads.")
def keys_show(trust: bool) -> None:
    """Show the issuer, or its trust file."""
    from portal.certificates import keys

    settings, now = Settings(), utc_now()
    if not trust:
        _tell_issuer(rotated=False)
        return
    issuer = _issuer(settings)
    click.echo(json.dumps(keys.trust(issuer, now=now), ensure_ascii=False, indent=2))


def _issuer(settings: Settings) -> Any:
    from portal.certificates import keys, signer

    try:
        return keys.open_issuer(settings, now=utc_now())
    except signer.KeyRefused as error:
        fail(str(error))


def _tell_issuer(*, rotated: bool) -> None:
    from portal.certificates import keys, signer

    settings = Settings()
    try:
        issuer = keys.rotate(settings, now=utc_now()) if rotated else keys.open_issuer(settings, now=utc_now())
    except signer.KeyRefused as error:
        fail(str(error))
    click.echo(f"{issuer.trusted.name.en} ({issuer.id}){' – TEST' if issuer.trusted.test else ''}")
    for key in issuer.trusted.keys:
        ends = f" until {key.ends:%Y-%m-%d}" if key.ends else ""
        click.echo(f"  {key.use}: {key.thumbprint} from {key.begins:%Y-%m-%d}{ends}")
    for log in issuer.trusted.logs:
        click.echo(f"  log {log.origin}, {log.required} of {len(log.witnesses)} witnesses")
        for one in (*log.keys, *log.witnesses):
            ends = f" until {one.ends:%Y-%m-%d}" if one.ends else ""
            click.echo(f"    {one.key.name}+{one.key.id.hex()} from {one.begins:%Y-%m-%d}{ends}")
