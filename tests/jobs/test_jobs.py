"""The outbox and its worker: nothing is lost, nothing is done that was not committed, and failing is told."""

import os
import threading
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import jobs
from portal.audit import Actor
from portal.audit.models import AuditEvent
from portal.config import Settings
from portal.db import open_engine, session_factory
from portal.jobs import outbox, registry
from portal.jobs.models import Job, JobState
from portal.jobs.registry import Work
from portal.jobs.worker import Worker

REDIS = os.environ.get("PORTAL_TEST_REDIS", "redis://127.0.0.1:6379/15")
OFFICER = Actor("user", "1", "Officer")


class Moments:
    """A clock that tests put forward."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def _redis_answers() -> bool:
    server = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        return bool(server.ping())
    except redis.ConnectionError:
        return False
    finally:
        server.close()


both_queues = pytest.mark.parametrize("settings", ["file", "redis"], indirect=True)


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The queue in a file, or on Redis under a name of its own."""
    if getattr(request, "param", "file") == "file":
        return Settings(instance=tmp_path)
    if not _redis_answers():
        if os.environ.get("CI"):
            pytest.fail("Redis does not answer under CI; .ci/run must start it", pytrace=False)
        pytest.skip("Redis does not answer here; set PORTAL_TEST_REDIS")
    return Settings(instance=tmp_path, queue_url=REDIS, queue_name=f"t{uuid.uuid4().hex[:12]}")


@pytest.fixture
def clock(now: datetime) -> Moments:
    return Moments(now)


@pytest.fixture
def work(settings: Settings, database_url: str, clock: Moments) -> Iterator[Work]:
    engine = open_engine(database_url)
    yield Work(settings, session_factory(engine), clock)
    engine.dispose()


@pytest.fixture
def worker(work: Work) -> Iterator[Worker]:
    made = Worker(work, pause=0.01)
    yield made
    made._queue.storage.flush_all()
    made.close()


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the handler of "count" was given."""
    found: list[Any] = []
    monkeypatch.setattr(registry, "_handlers", {"count": lambda work, payload: found.append(payload["at"])})
    return found


def posted(work: Work, payload: Mapping[str, Any], **terms: Any) -> uuid.UUID:
    with work.transaction() as session:
        return jobs.post(session, terms.pop("kind", "count"), payload, now=work.now(), **terms).id


def job(work: Work, identity: uuid.UUID) -> Job:
    with work.transaction() as session:
        return session.get_one(Job, identity)


@both_queues
def test_a_job_is_done_once_in_the_order_of_writing(work: Work, worker: Worker, done: list[Any]) -> None:
    first = posted(work, {"at": 1})
    posted(work, {"at": 2})
    assert worker.do_all() == 0
    assert worker.do_all() == 0
    assert done == [1, 2]
    assert job(work, first).state == JobState.DONE


def test_a_job_falls_with_the_change_that_it_follows_from(work: Work, worker: Worker, done: list[Any]) -> None:
    def change() -> None:
        with work.transaction() as session:
            jobs.post(session, "count", {"at": 1}, now=work.now())
            raise LookupError

    with pytest.raises(LookupError):
        change()
    worker.do_all()
    assert done == []


def test_a_key_is_written_down_once_ever(work: Work, worker: Worker, done: list[Any]) -> None:
    first = posted(work, {"at": 1}, key="mail:1")
    worker.do_all()
    assert posted(work, {"at": 2}, key="mail:1") == first
    worker.do_all()
    assert done == [1]


def test_a_job_waits_for_its_hour(work: Work, worker: Worker, clock: Moments, done: list[Any]) -> None:
    posted(work, {"at": 1}, due=clock.now + timedelta(hours=1))
    worker.do_all()
    assert done == []
    clock.now += timedelta(hours=1)
    worker.do_all()
    assert done == [1]


def test_what_was_lost_on_the_way_comes_round_again(
    work: Work, worker: Worker, clock: Moments, done: list[Any]
) -> None:
    """A queue that is emptied, or a worker that dies with the job in hand, loses nothing."""
    posted(work, {"at": 1})
    with work.transaction() as session:
        assert len(outbox.hand_out(session, clock.now)) == 1
        assert outbox.hand_out(session, clock.now) == []
    worker.do_all()
    assert done == []
    clock.now += outbox.LEASE
    worker.do_all()
    assert done == [1]


def test_a_failing_job_is_tried_ever_later_and_then_told(
    work: Work, worker: Worker, clock: Moments, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = []

    def fail(work: Work, payload: Mapping[str, Any]) -> None:
        raise ConnectionError("no server\n[parameters: a secret]")

    monkeypatch.setattr(registry, "_handlers", {"count": fail})
    identity = posted(work, {"at": 1})
    for attempt in range(1, outbox.ATTEMPTS + 1):
        assert worker.do_all() == 1
        now = job(work, identity)
        assert now.attempts == attempt
        pauses.append(now.due_at - clock.now)
        clock.now = now.due_at
    assert pauses[:4] == [timedelta(seconds=15 * 2**n) for n in range(4)]
    now = job(work, identity)
    assert (now.state, now.error) == (JobState.FAILED, "ConnectionError: no server")
    assert worker.do_all() == 0
    with work.transaction() as session:
        assert jobs.standing(session, clock.now) == jobs.Standing(0, 0, 1)
        assert [found.id for found in session.scalars(jobs.failed())] == [identity]
        assert session.scalars(select(AuditEvent.verb)).all() == ["job.failed"]
        assert jobs.retry(session, identity, actor=OFFICER, now=clock.now)
        assert not jobs.retry(session, identity, actor=OFFICER, now=clock.now)
    monkeypatch.setattr(registry, "_handlers", {"count": lambda work, payload: None})
    assert worker.do_all() == 0
    assert job(work, identity).state == JobState.DONE


def test_a_job_that_kills_its_workers_is_given_up(work: Work, clock: Moments, done: list[Any]) -> None:
    identity = posted(work, {"at": 1})
    for _ in range(outbox.ATTEMPTS):
        with work.transaction() as session:
            assert outbox.begin(session, identity, clock.now) is not None
    with work.transaction() as session:
        assert outbox.begin(session, identity, clock.now) is None
    assert job(work, identity).state == JobState.FAILED


def test_a_kind_that_nobody_does_fails_and_keeps_the_others_going(work: Work, worker: Worker, done: list[Any]) -> None:
    lost = posted(work, {}, kind="unknown")
    posted(work, {"at": 2})
    assert worker.do_all() == 1
    assert done == [2]
    assert job(work, lost).error.startswith("NoHandler")


def test_overdue_jobs_tell_that_no_worker_runs(work: Work, clock: Moments) -> None:
    posted(work, {"at": 1})
    posted(work, {"at": 2}, due=clock.now + timedelta(days=1))
    with work.transaction() as session:
        assert jobs.standing(session, clock.now) == jobs.Standing(1, 0, 0)
        assert jobs.standing(session, clock.now + outbox.LATE) == jobs.Standing(1, 1, 0)


def test_the_record_of_old_jobs_is_removed(work: Work, worker: Worker, clock: Moments, done: list[Any]) -> None:
    posted(work, {"at": 1})
    kept = posted(work, {"at": 2}, key="once")
    worker.do_all()
    with work.transaction() as session:
        assert outbox.forget(session, clock.now) == 0
        assert outbox.forget(session, clock.now + outbox.KEPT + timedelta(seconds=1)) == 1
        assert session.scalars(select(Job.id)).all() == [kept]


@both_queues
def test_a_worker_runs_beside_until_it_is_stopped(work: Work, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    came = threading.Event()
    monkeypatch.setattr(registry, "_handlers", {"count": lambda work, payload: came.set()})
    thread = worker.start()
    posted(work, {"at": 1})
    assert came.wait(20)
    worker.stop()
    thread.join(20)
    assert not thread.is_alive()


@both_queues
def test_two_workers_share_the_jobs(work: Work, settings: Settings, done: list[Any]) -> None:
    expected = [posted(work, {"at": at}) for at in range(12)]
    both = [Worker(work, pause=0.01) for _ in range(2)]
    threads = [threading.Thread(target=one.do_all) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for one in both:
        one.do_all()
        one.close()
    assert sorted(done) == list(range(12))
    with work.transaction() as session:
        assert jobs.standing(session, work.now()).waiting == 0
        assert len(expected) == 12


def test_the_calendar_is_asked_each_round(work: Work, settings: Settings, done: list[Any]) -> None:
    def nightly(session: Session, now: datetime) -> None:
        jobs.post(session, "count", {"at": now.date().isoformat()}, now=now, key=f"nightly:{now.date()}")

    made = Worker(work, clock=nightly)
    made.do_all()
    made.do_all()
    made.close()
    assert done == [work.now().date().isoformat()]
