"""What all commands share: exit codes, one clear line, the database, the kinds of arguments."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from portal import countries
from portal.config import InsecureSettings, Settings
from portal.db import open_engine, session_factory, transaction

LANGUAGE = click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE_OR_FOLDER = click.Path(exists=True, path_type=Path)


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
    from portal import wiring
    from portal.migrate import migrate
    from portal.screening import opening

    wiring.connect()
    opening.keep_in(settings.indexes)
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
        except SettingsError as error:
            field = re.search(r'"(\w+)"', str(error))
            fail(f"PORTAL_{field[1].upper()}: is not written as JSON" if field else str(error))
        except (InsecureSettings, PermissionError) as error:
            fail(str(error))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="due-diligence-portal")
def main() -> None:
    """Due diligence for exports: certify, assess, screen and verify."""


def report(lines: Any, errors: Any, code: int) -> NoReturn:
    """Print findings to standard output and what went wrong to standard error."""
    for line in errors:
        click.echo(f"portal: {line}", err=True)
    finish("\n".join(lines), code)
