"""The command line: the same rooms without a browser.

Exit 0 means yes or valid, 1 no or not valid, 2 could not tell (or bad input), with one clear line on standard error.
Commands that need tables or keys make them.
"""

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from portal import countries, terminal
from portal.audit import Actor
from portal.config import SOURCE_ROOT, InsecureSettings, Settings
from portal.db import open_engine, session_factory, transaction, utc_now

LANGUAGE = click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
HS_DIGITS = 6
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def fail(message: str, code: int = 2) -> NoReturn:
    """End with one clear line on standard error."""
    click.echo(f"portal: {message}", err=True)
    sys.exit(code)


def finish(lines: str, code: int) -> NoReturn:
    """Print what was found and end with its code."""
    if lines:
        click.echo(lines)
    sys.exit(code)


def ready_engine(settings: Settings) -> Engine:
    """The database of the settings with every table of this release."""
    from portal.migrate import migrate

    settings.instance.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    migrate(engine)
    return engine


@contextmanager
def database(settings: Settings) -> Iterator[Session]:
    """One transaction on the database of the settings."""
    engine = ready_engine(settings)
    try:
        with transaction(session_factory(engine)) as session:
            yield session
    finally:
        engine.dispose()


class Country(click.ParamType[str]):
    """A country of ISO 3166-1 alpha-2, in any case; empty means not known."""

    name = "CC"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        code = str(value).strip().upper()
        if code and not countries.exists(code):
            self.fail(f"{value!r} is no country code of ISO 3166-1", param, ctx)
        return code


class Commands(click.Group):
    """The commands, with what may go wrong in any of them told in one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]) or "settings"
            fail(f"PORTAL_{name.upper()}: {first['msg']}" if first["loc"] else str(first["msg"]))
        except (ArgumentError, NoSuchModuleError) as error:
            fail(f"PORTAL_DATABASE_URL: {str(error).splitlines()[0]}")
        except DBAPIError as error:
            fail(f"the database cannot be used: {str(error.orig).splitlines()[0]}")
        except (InsecureSettings, PermissionError) as error:
            fail(str(error))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="due-diligence-portal")
def main() -> None:
    """Due diligence for exports: certify, assess, screen and verify."""


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 256))
def serve(port: int, host: str, threads: int) -> None:
    """Serve the site."""
    import waitress

    from portal.app import NotSetUp, create_app

    settings = Settings()
    ready_engine(settings).dispose()
    try:
        app = create_app(settings)
    except NotSetUp as error:
        fail(str(error))
    # What was loaded for good is kept out of every later garbage collection: it would slow the drawing of pages.
    gc.freeze()
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

    settings = Settings()
    try:
        with database(settings) as session:
            lines = load.load(session, settings=settings, once=once, now=utc_now(), say=click.echo)
    except load.DemonstrationRefused as error:
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


@main.command()
@click.argument("case", type=FILE)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@LANGUAGE
def certify(case: Path, out: Path, language: str) -> None:
    """Do the whole main job for CASE.json; the certificate's files go into the folder OUT."""
    from portal.shipments import command

    settings = Settings()
    engine = ready_engine(settings)
    result = command.certify(
        case, out, factory=session_factory(engine), settings=settings, language=language, now=utc_now()
    )
    engine.dispose()
    report(result.lines, result.errors, result.code)


@main.command()
@click.argument("case", type=FILE)
@JSON
@LANGUAGE
def assess(case: Path, as_json: bool, language: str) -> None:
    """Screen and assess CASE.json without issuing anything."""
    from portal.shipments import command

    settings = Settings()
    engine = ready_engine(settings)
    result = command.assess(
        case, factory=session_factory(engine), settings=settings, as_json=as_json, language=language, now=utc_now()
    )
    engine.dispose()
    report(result.lines, result.errors, result.code)


def report(lines: Any, errors: Any, code: int) -> NoReturn:
    """Print findings to standard output and what went wrong to standard error."""
    for line in errors:
        click.echo(f"portal: {line}", err=True)
    finish("\n".join(lines), code)


@main.command()
@click.argument("file", type=FILE)
@click.option("--trust", "trust_file", type=FILE, help="Trust file; by default this installation's own issuer.")
@click.option("--offline", is_flag=True, help="Ask nobody: the status cannot be told.")
@click.option("--status", "status_file", type=FILE, help="A signed status list, for places without a network.")
@JSON
@LANGUAGE
def verify(
    file: Path, trust_file: Path | None, offline: bool, status_file: Path | None, as_json: bool, language: str
) -> None:
    """Verify FILE: a certificate's PDF, credential, seal image or the seal's text."""
    from portal.certificates import keys, signer
    from portal.certificates.trust import TrustError, TrustRoot
    from portal.verification import command, sources

    settings, now = Settings(), utc_now()
    try:
        trust = TrustRoot.read(trust_file) if trust_file else keys.trust_root(settings, now=now)
        told: sources.StatusSource | None = sources.HttpStatus(trust)
        if status_file:
            told = sources.FileStatus(status_file, trust)
        elif offline:
            told = None
    except TrustError as error:
        fail(f"{trust_file or settings.trust_file}: {error}")
    except (signer.KeyRefused, OSError) as error:
        fail(str(error))
    if trust_file or offline or status_file:
        finish(*command.run(file, trust=trust, status=told, as_json=as_json, language=language, now=now))
    with database(settings) as session:
        own = sources.DatabaseStatus(session, issuer_id=keys.open_issuer(settings, now=now).id)
        finish(*command.run(file, trust=trust, status=own, as_json=as_json, language=language, now=now))


@main.command()
@click.argument("name")
@click.option("--country", default="", type=Country(), help="ISO 3166-1 alpha-2 code.")
@JSON
@LANGUAGE
def screen(name: str, country: str, as_json: bool, language: str) -> None:
    """Match NAME against every list on file; exit 0 no match, 1 a match, 2 could not tell."""
    from portal.screening import lists, match

    settings, now = Settings(), utc_now()
    if not any(character.isalnum() for character in name):
        fail("a name needs letters, characters or digits; nothing was screened")
    with database(settings) as session:
        lists.load_shipped(session, actor=Actor.command("portal screen"), now=now)
        result = match.Screener.open(session).screen([name], country, now.date())
    told = terminal.as_json(result) if as_json else "\n".join(terminal.screening(result, language))
    finish(told, {"clear": 0, "match": 1}.get(result.state, 2))


@main.group("lists")
def lists_group() -> None:
    """Lists of restricted parties."""


@lists_group.command("import")
@click.argument("source")
@click.argument("file", type=FILE)
def lists_import(source: str, file: Path) -> None:
    """Take in FILE as the new edition of SOURCE (ofac-sdn, ofac-cons, cn)."""
    from portal.screening import lists

    settings = Settings()
    engine = ready_engine(settings)
    with session_factory(engine)() as session:
        try:
            edition = lists.import_list(
                session, source, file, actor=Actor.command("portal lists import"), now=utc_now()
            )
        except lists.ListRefused as error:
            # The refusal itself is kept: the list's page tells of it.
            session.commit()
            fail(str(error), 1)
        session.commit()
        click.echo(f"{source}: edition {edition.edition}, {edition.entry_count} entries, {edition.name_count} names")


@lists_group.command("show")
@JSON
@LANGUAGE
def lists_show(as_json: bool, language: str) -> None:
    """Show which editions are on file, how old they are and what they lack."""
    from portal.screening import lists

    now = utc_now()
    with database(Settings()) as session:
        lists.load_shipped(session, actor=Actor.command("portal lists show"), now=now)
        found = lists.show(session, now)
    click.echo(terminal.as_json(found) if as_json else "\n".join(terminal.list_status(one, language) for one in found))
    sys.exit(0 if all(one.state == "loaded" for one in found if one.required) else 2)


@main.group()
def controls() -> None:
    """What is controlled."""


@controls.command("classify")
@click.argument("text")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge for; by default today.")
@click.option("--destination", default="", type=Country(), help="ISO 3166-1 alpha-2 code.")
@JSON
@LANGUAGE
def classify(text: str, day: Any, destination: str, as_json: bool, language: str) -> None:
    """Judge TEXT, an item's name or HS code; exit 0 not controlled, 1 controlled, 2 needs review."""
    from portal.controls import judge

    on = day.date() if day else utc_now().date()
    digits = text.replace(".", "").replace(" ", "")
    if (digits.isdigit() and len(digits) < HS_DIGITS) or not any(character.isalnum() for character in text):
        fail(f"give a name, or at least the {HS_DIGITS} digits of an HS subheading; nothing was judged")
    item = judge.GoodsItem(name="", hs_code=digits) if digits.isdigit() else judge.GoodsItem(name=text)
    found = judge.judge(item, destination, on)
    told = terminal.as_json(found) if as_json else "\n".join(terminal.judgement(found, language))
    finish(told, {"not_controlled": 0, "controlled": 1}.get(found.state, 2))


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
@LANGUAGE
def create_authority(name: str, name_en: str, country: str, email: str, language: str) -> None:
    """Make an authority and invite its first supervisor, who invites the others."""
    from portal import mail
    from portal.accounts import addresses, invitations, letters, people, registration

    settings, now = Settings(), utc_now()
    by = Actor.command("portal accounts create-authority")
    with database(settings) as session:
        authority = registration.create_authority(
            session, name=name, name_en=name_en, country=country, now=now, actor=by
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
