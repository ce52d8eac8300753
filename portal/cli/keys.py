"""The issuer's keys: make, show, rotate, and declare one compromised."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from portal.audit import Actor
from portal.cli.base import JSON, database, fail, main
from portal.config import Settings
from portal.db import utc_now

if TYPE_CHECKING:
    from portal.certificates.keys import Issuer
    from portal.certificates.models import Certificate

_ACTOR = "portal keys"


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; without a zone it is UTC."""

    name = "T"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("write a moment as 2026-11-24T09:00:00Z", param, ctx)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


@main.group("keys")
def keys_group() -> None:
    """The issuer's keys."""


@keys_group.command("init")
def keys_init() -> None:
    """Make the TEST authority when there is none, or check the keys of the settings."""
    from portal.certificates import keys, signer

    settings = Settings()
    try:
        _tell(keys.open_issuer(settings, now=utc_now()))
    except signer.KeyRefused as error:
        fail(str(error))


@keys_group.command("rotate")
@click.option("--log", is_flag=True, help="The log's key; the one before signs beside it until it is retired.")
@click.option("--retire", is_flag=True, help="With --log: end the work of the key before, and destroy it.")
def keys_rotate(log: bool, retire: bool) -> None:
    """Give the TEST issuer, or the log, a new key; what the old one signed stays valid."""
    from portal.certificates import keys, signer

    settings, now = Settings(), utc_now()
    if retire and not log:
        fail("--retire goes with --log")
    try:
        _tell(keys.rotate_log(settings, retire=retire, now=now) if log else keys.rotate(settings, now=now))
    except signer.KeyRefused as error:
        fail(str(error))


@keys_group.command("show")
@click.option("--trust", is_flag=True, help="Print the trust file that 'portal verify --trust FILE' reads.")
def keys_show(trust: bool) -> None:
    """Show the issuer, or its trust file."""
    from portal.certificates import keys, signer

    settings, now = Settings(), utc_now()
    try:
        issuer = keys.open_issuer(settings, now=now)
    except signer.KeyRefused as error:
        fail(str(error))
    if trust:
        click.echo(json.dumps(keys.trust(issuer, now=now), ensure_ascii=False, indent=2))
    else:
        _tell(issuer)


@keys_group.command("compromised")
@click.argument("key")
@click.option("--since", required=True, type=Moment(), help="From when on somebody else may have signed with it.")
@JSON
def keys_compromised(key: str, since: datetime, as_json: bool) -> None:
    """Declare that KEY (its thumbprint, or the beginning) may be in other hands, and list what that casts doubt on."""
    from portal.certificates import compromise, signer

    settings, now = Settings(), utc_now()
    try:
        with database(settings) as session:
            actor = Actor.command(_ACTOR)
            marked = compromise.declare(session, settings, key, since=since, actor=actor, now=now)
            register = compromise.opened_register(settings)
            found = {c.number: c for each in marked for c in compromise.affected(session, register, each)}
            _list(list(found.values()), as_json)
    except signer.KeyRefused as error:
        fail(str(error))


@keys_group.command("affected")
@click.argument("key")
@JSON
def keys_affected(key: str, as_json: bool) -> None:
    """List the certificates that KEY signed after it was compromised: they are to be revoked and issued anew."""
    from portal.certificates import compromise, signer

    settings = Settings()
    try:
        with database(settings) as session:
            register = compromise.opened_register(settings)
            marked = compromise.matching(register, key)
            found = {c.number: c for each in marked for c in compromise.affected(session, register, each)}
            _list(list(found.values()), as_json)
    except signer.KeyRefused as error:
        fail(str(error))


def _list(found: "list[Certificate]", as_json: bool) -> None:
    rows = [
        {
            "number": each.number,
            "issued_at": each.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "exporter": each.exporter_name,
            "state": each.events[-1].state,
        }
        for each in found
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("  ".join(row.values()))
    click.echo(f"{len(rows)} certificates are in doubt")


def _tell(issuer: "Issuer") -> None:
    click.echo(f"{issuer.trusted.name.en} ({issuer.id}){' – TEST' if issuer.trusted.test else ''}")
    for key in issuer.trusted.keys:
        ends = f" until {key.ends:%Y-%m-%d}" if key.ends else ""
        doubt = f", compromised since {key.compromise.since:%Y-%m-%d %H:%M} UTC" if key.compromise else ""
        click.echo(f"  {key.use}: {key.thumbprint} from {key.begins:%Y-%m-%d}{ends}{doubt}")
    for log in issuer.trusted.logs:
        click.echo(f"  log {log.origin}, {log.required} of {len(log.witnesses)} witnesses")
        for one in (*log.keys, *log.witnesses):
            ends = f" until {one.ends:%Y-%m-%d}" if one.ends else ""
            click.echo(f"    {one.key.name}+{one.key.id.hex()} from {one.begins:%Y-%m-%d}{ends}")
