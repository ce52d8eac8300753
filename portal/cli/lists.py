"""Lists of restricted parties: take a file in, fetch what the publishers have, show what is on file."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal import terminal
from portal.audit import Actor
from portal.cli.base import FILE, JSON, LANGUAGE, database, fail, main, ready_engine
from portal.cli.progress import Line
from portal.config import Settings
from portal.db import session_factory, utc_now

if TYPE_CHECKING:
    from portal.screening.renew import Renewed


@main.group("lists")
def lists_group() -> None:
    """Lists of restricted parties."""


@lists_group.command("import")
@click.argument("source")
@click.argument("file", type=FILE)
def lists_import(source: str, file: Path) -> None:
    """Take in FILE as the new edition of SOURCE (cn, un, ofac-sdn, ofac-cons, us-csl, us-dpl, eu-fsf, ftm)."""
    from portal.screening import lists

    settings = Settings()
    engine = ready_engine(settings)
    with session_factory(engine)() as session, Line() as line:
        try:
            edition = lists.import_list(
                session,
                source,
                file,
                actor=Actor.command("portal lists import"),
                now=utc_now(),
                progress=lambda what, done, whole: line.tell(f"{source}: entries {what}", done, whole),
            )
        except lists.ListRefused as error:
            # The refusal itself is kept: the list's page tells of it.
            session.commit()
            fail(str(error), 1)
        session.commit()
    click.echo(f"{source}: edition {edition.edition}, {edition.entry_count} entries, {edition.name_count} names")


@lists_group.command("update")
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@JSON
@LANGUAGE
def lists_update(sources: tuple[str, ...], as_json: bool, language: str) -> None:
    """Fetch each SOURCE, or all that have an address, from its publisher and take in what is new.

    Exit 0: all are up to date; 1: a file was refused; 2: something could not be fetched. The last good edition stays.
    """
    from portal.screening import renew

    settings = Settings()
    with database(settings) as session, Line() as line:
        try:
            found = renew.update(
                session,
                settings.instance / "lists",
                actor=Actor.command("portal lists update"),
                now=utc_now(),
                only=sources,
                at=settings.addresses_of_lists,
                progress=line.tell,
                told=_teller(line, as_json, language),
            )
        except (renew.NoAddress, renew.UpdateRunning) as error:
            fail(str(error))
    if as_json:
        click.echo(terminal.as_json(found))
    outcomes = {one.outcome for one in found}
    sys.exit(1 if "refused" in outcomes else 2 if "unreachable" in outcomes or not found else 0)


@lists_group.command("show")
@JSON
@LANGUAGE
def lists_show(as_json: bool, language: str) -> None:
    """Show which editions are on file, how old they are, what they lack and what to do about it."""
    from portal.screening import lists

    now = utc_now()
    with database(Settings()) as session:
        lists.load_shipped(session, actor=Actor.command("portal lists show"), now=now)
        found = lists.show(session, now)
    click.echo(terminal.as_json(found) if as_json else "\n".join(terminal.list_status(one, language) for one in found))
    sys.exit(0 if all(one.state == "loaded" for one in found if one.required) else 2)


def _teller(shown: Line, as_json: bool, language: str) -> "Callable[[Renewed], None]":
    """What failed goes to standard error, one line for each list; what went well to standard output, as it happens."""

    def tell(one: "Renewed") -> None:
        shown.wipe()
        line = terminal.renewed(one, language)
        if one.outcome in ("refused", "unreachable"):
            click.echo(f"portal: {line}", err=True)
        elif not as_json:
            click.echo(line)

    return tell
