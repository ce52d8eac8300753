"""Status lists on their way to where there is no network."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli.base import FILE, database, fail, finish, main
from portal.config import Settings
from portal.db import utc_now

if TYPE_CHECKING:
    from portal.verification.fetch import Brought

FOLDER = click.Path(file_okay=False, path_type=Path)


@main.group("status")
def status_group() -> None:
    """The signed status lists of certificates."""


@status_group.command("fetch")
@click.argument("folder", type=FOLDER, required=False)
@click.option("--trust", "trust_file", type=FILE, help="Trust file; by default that of this installation.")
def status_fetch(folder: Path | None, trust_file: Path | None) -> None:
    """Fetch the lists of every trusted issuer, with the trust file, into FOLDER, such as a stick.

    Without FOLDER they lie in the instance folder, where 'portal verify --offline' finds them. Exit 0: all were
    fetched. 2: some could not be had, and the last ones stay.
    """
    from portal.certificates import keys, signer
    from portal.certificates.trust import TrustError, TrustRoot
    from portal.verification import fetch, listed

    settings, now = Settings(), utc_now()
    try:
        trust = TrustRoot.read(trust_file) if trust_file else keys.trust_root(settings, now=now)
        brought = list(fetch.fetch(trust, folder or settings.instance / listed.FOLDER, now=now))
    except (TrustError, signer.KeyRefused, OSError) as error:
        fail(str(error))
    _tell(brought)


@status_group.command("write")
@click.argument("folder", type=FOLDER)
def status_write(folder: Path) -> None:
    """Write this installation's own lists into FOLDER, as any static web server may serve them."""
    from portal.certificates import keys, signer
    from portal.verification import fetch

    settings, now = Settings(), utc_now()
    try:
        with database(settings) as session:
            issuer = keys.open_issuer(settings, now=now)
            brought = list(fetch.write(session, folder, issuer=issuer, now=now))
    except (signer.KeyRefused, OSError) as error:
        fail(str(error))
    _tell(brought)


def _tell(brought: "list[Brought]") -> None:
    for one in brought:
        if one.fault:
            click.echo(f"portal: {one.address}: {one.fault}", err=True)
    good = sum(not one.fault for one in brought)
    finish(f"{good} status lists", 0 if good == len(brought) else 2)
