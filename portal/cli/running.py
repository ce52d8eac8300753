"""Commands that run and keep an installation."""

import gc
import json

import click

from portal.audit import Actor
from portal.cli.base import LANGUAGE, Country, database, fail, finish, main, ready_engine
from portal.config import SOURCE_ROOT, Settings
from portal.db import session_factory, utc_now


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 256))
def serve(port: int, host: str, threads: int) -> None:
    """Serve the site."""
    import waitress

    from portal import wiring
    from portal.app import NotSetUp, create_app
    from portal.jobs.registry import Work
    from portal.jobs.worker import Worker
    from portal.screening import warm

    settings = Settings()
    engine = ready_engine(settings)
    try:
        app = create_app(settings)
    except NotSetUp as error:
        fail(str(error))
    # What was loaded for good is kept out of every later garbage collection: it would slow the drawing of pages.
    gc.freeze()
    if not settings.queue_url:
        Worker(Work(settings, session_factory(engine), utc_now), clock=wiring.clock).start()
    warm.follow(session_factory(engine))
    click.echo(f"Serving on http://{host}:{port} (stop with Ctrl-C)")
    waitress.serve(app, host=host, port=port, threads=threads, ident=None, clear_untrusted_proxy_headers=True)


@main.command()
def migrate() -> None:
    """Bring the tables to this release."""
    settings = Settings()
    ready_engine(settings).dispose()
    click.echo("The tables are up to date.")


@main.command()
@click.option("--once", is_flag=True, help="Do nothing when the data is there already.")
def demo(once: bool) -> None:
    """Load the demonstration data and print its sign-ins."""
    from portal.demonstration import load
    from portal.demonstration.steps import DemonstrationRefused

    settings = Settings()
    try:
        with database(settings) as session:
            lines = load.load(session, settings=settings, once=once, now=utc_now(), say=click.echo)
    except DemonstrationRefused as error:
        fail(str(error))
    click.echo("\n".join(lines))


@main.group()
def assets() -> None:
    """Styles, scripts and fonts that come from packages."""


@assets.command("build")
def assets_build() -> None:
    """Fetch styles and scripts into static/vendor and make the fonts of certificates."""
    from portal.web import assets as web_assets

    try:
        made = web_assets.build(SOURCE_ROOT)
    except web_assets.AssetsUnavailable as error:
        fail(str(error))
    for path in made:
        click.echo(path.relative_to(SOURCE_ROOT))
    _make_fonts()


@assets.command("fonts")
def assets_fonts() -> None:
    """Make the fonts that certificates are printed in; does nothing when they are there."""
    _make_fonts()


def _make_fonts() -> None:
    from portal.certificates import fonts

    try:
        made = fonts.build(fonts.FOLDER)
    except fonts.FontsUnavailable as error:
        fail(str(error))
    click.echo(f"{len(made)} fonts in {fonts.FOLDER.relative_to(SOURCE_ROOT)}")


@main.group("schema")
def schema_group() -> None:
    """Schemas of the files that commands read."""


@schema_group.command("case")
def schema_case() -> None:
    """Print the JSON Schema of CASE.json."""
    from portal.shipments import case

    click.echo(json.dumps(case.schema(), ensure_ascii=False, indent=2))


@main.group("accounts")
def accounts_group() -> None:
    """Organisations and people."""


@accounts_group.command("create-authority")
@click.option("--name", required=True)
@click.option("--name-en", required=True)
@click.option("--country", default="CN", show_default=True, type=Country())
@click.option("--email", required=True, help="The first supervisor's address.")
@click.option("--agency", default="commerce", show_default=True, type=click.Choice(["commerce", "customs", "police"]))
@LANGUAGE
def create_authority(name: str, name_en: str, country: str, email: str, agency: str, language: str) -> None:
    """Make an authority and invite its first supervisor, who invites the others."""
    from portal import mail
    from portal.accounts import addresses, invitations, letters, people, registration

    settings, now = Settings(), utc_now()
    by = Actor.command("portal accounts create-authority")
    with database(settings) as session:
        authority = registration.create_authority(
            session, name=name, name_en=name_en, country=country, now=now, agency=agency, actor=by
        )
        try:
            if people.by_address(session, addresses.normalise(email)) is not None:
                fail("there is an account with this e-mail address already", 1)
            invitation, token = invitations.invite(
                session, authority, email=email, roles=["supervisor"], language=language, actor=by, now=now
            )
        except addresses.WrongAddress as error:
            fail(str(error), 1)
        link = f"{settings.public_address}/invitation/{token}"
        letter = letters.invitation(invitation.email, language, name, name, link)
    try:
        mail.send(settings, to=letter.to, subject=letter.subject, body=letter.body)
    except mail.MailNotSent as error:
        click.echo(f"portal: the invitation could not be mailed ({error}); give the link yourself", err=True)
    click.echo(f"{name} was made. Its first supervisor joins here: {link}")


@main.command("check-content")
def check_content() -> None:
    """Check every questionnaire, policy, measure and guidance file; names file, line and path of each fault."""
    from portal.controls import measures
    from portal.guidance import content
    from portal.questionnaires import check, model
    from portal.risk import policy
    from portal.screening import sources

    faults = [str(fault) for fault in check.check_all()]
    try:
        asked = [model.load(*each) for each in model.published()]
        for version in policy.published():
            faults += [str(fault) for fault in policy.check_against(policy.load(version), asked)]
        content.load()
        measures.load()
        sources.sources()
    except (ValueError, LookupError) as error:
        faults.append(str(error))
    for fault in faults:
        click.echo(fault, err=True)
    finish("" if faults else "All content is sound.", 1 if faults else 0)


@main.command("audit")
def audit_check() -> None:
    """Check that the chain of audit events holds."""
    from portal import audit

    with database(Settings()) as session:
        broken = audit.check(session)
    if broken:
        fail(f"the audit chain breaks at event {broken.sequence}: {broken.reason}", 1)
    click.echo("The audit chain holds.")
