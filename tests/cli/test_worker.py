"""The worker from the command line: what is due is done once, and a job that fails is told by the exit code."""

import signal
import time

import pytest

from tests.cli.conftest import Portal, new_instance

LATEST = 60  # seconds; two cores may be busy with other things


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    return new_instance(tmp_path_factory.mktemp("worker") / "instance")


def states(portal: Portal) -> dict[str, str]:
    return dict(portal.sql("SELECT kind, state FROM job"))  # type: ignore[arg-type]  # rows of two


def test_what_is_due_is_done_once_and_what_fails_is_told(portal: Portal) -> None:
    told = portal.call("worker", "--once")
    assert (told.code, told.out, told.err) == (0, "", "")
    assert states(portal) == {"nightly": "done"}
    portal.sql(
        "INSERT INTO job (id, kind, payload, state, attempts, created_at, due_at, error) "
        "VALUES ('00000000000000000000000000000000', 'of another release', '{}', 'waiting', 0, "
        "'2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', '')"
    )
    told = portal.call("worker", "--once")
    assert (told.code, told.out) == (1, "")
    assert "1 attempts failed" in told.complaint
    assert portal.call("worker", "--once").code == 0  # its next attempt is not due yet
    assert states(portal)["of another release"] == "waiting"


def test_it_ends_when_it_is_told_to(portal: Portal) -> None:
    portal.sql("DELETE FROM job")
    running = portal.start("worker")
    until = time.monotonic() + LATEST
    while not portal.sql("SELECT 1 FROM job WHERE state = 'done'") and time.monotonic() < until:
        time.sleep(0.2)
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=LATEST)
    assert (running.returncode, err) == (0, "")
    assert out.startswith("Doing jobs")
    assert states(portal) == {"nightly": "done"}
