"""What keeps an installation in order: tables, content, the audit chain, the first authority; and every help text."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from portal.cli import main
from portal.db import open_engine
from portal.migrate import differences
from tests.cli.conftest import Portal, Prepared


def commands(group: click.Group, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield way
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*way, name))
        else:
            yield (*way, name)


@pytest.mark.parametrize("way", list(commands(main)), ids=" ".join)
def test_every_command_explains_itself(way: tuple[str, ...], tmp_path: Path) -> None:
    told = Portal(tmp_path / "untouched").call(*way, "--help")
    assert (told.code, told.err) == (0, "")
    usage, _, sentence, *_ = told.out.splitlines()
    assert usage.startswith("Usage: ")
    assert len(sentence.strip()) > 10
    assert not (tmp_path / "untouched").exists()


def test_the_commands_of_the_design_are_there() -> None:
    ways = {" ".join(way) for way in commands(main)}
    agreed = {
        "serve", "demo", "migrate", "certify", "assess", "verify", "screen", "lists import", "lists show",
        "controls classify", "keys init", "keys rotate", "keys show", "schema case",
    }  # fmt: skip
    assert agreed <= ways


def test_help_and_version_as_a_person_runs_them(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "untouched")
    told = portal.run("--help")
    assert (told.code, told.err) == (0, "")
    for name in main.commands:
        assert f"  {name} " in told.out
    assert portal.call("--version").code == 0


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    told = Portal(tmp_path / "untouched").call("sertify")
    assert (told.code, told.out) == (2, "")
    assert "sertify" in told.err


def test_migrating_twice_changes_nothing(own: Prepared) -> None:
    count = "SELECT (SELECT count(*) FROM audit_event), (SELECT count(*) FROM certificate)"
    before = own.portal.sql(count)
    first, second = own.portal.call("migrate"), own.portal.call("migrate")
    assert (first.code, first.err, second.code, second.err) == (0, "", 0, "")
    assert own.portal.sql(count) == before
    assert own.portal.call("verify", own.file("json")).code == 0


def test_migrating_makes_every_table(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "instance")
    assert portal.run("migrate").code == 0
    engine = open_engine(f"sqlite:///{portal.instance / 'portal.sqlite3'}")
    assert differences(engine) == []
    engine.dispose()


def test_the_content_is_sound(prepared: Prepared) -> None:
    told = prepared.portal.call("check-content")
    assert (told.code, told.err) == (0, "")
    assert told.out.strip() == "All content is sound."


def test_the_audit_chain_holds(prepared: Prepared) -> None:
    told = prepared.portal.call("audit")
    assert (told.code, told.err) == (0, "")


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE audit_event SET verb = 'certificate.forged' WHERE sequence = 2",
        "UPDATE audit_event SET actor_name = 'nobody' WHERE sequence = 1",
        "DELETE FROM audit_event WHERE sequence = 2",
        "DELETE FROM audit_event WHERE sequence = (SELECT max(sequence) FROM audit_event)",
        "DELETE FROM audit_event",
    ],
)
def test_a_broken_audit_chain_is_found(own: Prepared, harm: str) -> None:
    own.portal.sql(harm)
    told = own.portal.call("audit")
    assert (told.code, told.out) == (1, "")
    assert "audit chain" in told.complaint


AUTHORITY = ("accounts", "create-authority", "--name", "出口管制局", "--name-en", "Export Control Office")


def test_an_authority_is_made_and_its_first_supervisor_invited(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "instance")
    told = portal.call(*AUTHORITY, "--email", "head@authority.example")
    assert told.code == 0
    assert "http://127.0.0.1:8000/invitation/" in told.out
    assert portal.sql("SELECT kind, name FROM organisation") == [("authority", "出口管制局")]
    assert portal.sql("SELECT count(*) FROM audit_event WHERE verb LIKE 'organisation.%'")[0][0] >= 1
    assert portal.call("audit").code == 0


def test_an_authority_whose_supervisor_has_no_address_is_not_made(own: Prepared) -> None:
    before = own.portal.sql("SELECT count(*) FROM organisation")
    told = own.portal.call(*AUTHORITY, "--email", "not an address")
    assert (told.code, told.out) == (1, "")
    assert told.complaint
    assert own.portal.sql("SELECT count(*) FROM organisation") == before


def test_an_address_that_is_taken_makes_no_authority(own: Prepared) -> None:
    own.portal.sql("UPDATE user_account SET email = 'taken@authority.example', active = 1 WHERE rowid = 1")
    before = own.portal.sql("SELECT count(*) FROM organisation")
    told = own.portal.call(*AUTHORITY, "--email", "Taken@authority.example")
    assert (told.code, told.out) == (1, "")
    assert "already" in told.complaint
    assert own.portal.sql("SELECT count(*) FROM organisation") == before


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PORTAL_ENVIRONMENT": "production"}, "PORTAL_SECRET_KEY"),
        ({"PORTAL_SESSION_IDLE_SECONDS": "soon"}, "session_idle_seconds"),
        ({"PORTAL_DATABASE_URL": "nonsense"}, ""),
    ],
    ids=["unsafe production", "no number", "no database"],
)
def test_wrong_settings_are_told_in_a_line(prepared: Prepared, environment: dict[str, str], says: str) -> None:
    told = prepared.portal.call("audit", **environment)
    assert (told.code, told.out) == (2, "")
    assert says.lower() in told.complaint.lower()


def test_a_database_that_is_none_is_told_in_a_line(tmp_path: Path) -> None:
    portal = Portal(tmp_path / "instance")
    portal.instance.mkdir()
    (portal.instance / "portal.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        portal.sql("SELECT 1 FROM sqlite_master")
    told = portal.call("audit")
    assert (told.code, told.out) == (2, "")
    assert told.complaint


def test_production_refuses_the_demonstration_in_a_line(prepared: Prepared) -> None:
    told = prepared.portal.call(
        "demo",
        PORTAL_ENVIRONMENT="production",
        PORTAL_SECRET_KEY="a" * 40,
        PORTAL_PUBLIC_ADDRESS="https://portal.example",
        PORTAL_MAIL_URL="smtp://mail.example",
    )
    assert (told.code, told.out) == (2, "")
    assert "production" in told.complaint
