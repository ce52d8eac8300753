"""The worker: hands due jobs of the outbox to the queue, takes them from it, and does them."""

import json
import logging
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import huey
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.jobs import outbox
from portal.jobs.models import JobState
from portal.jobs.registry import Work, handler_of

log = logging.getLogger(__name__)
PAUSE_SECONDS = 2.0
Clock = Callable[[Session, datetime], None]


class _AsJson(Serializer):  # type: ignore[misc]  # Huey has no types
    """Messages in JSON: unlike Huey's own pickles, a message that another program wrote can run nothing."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


class Worker:
    """Does the jobs of one installation. ``do_all`` empties outbox and queue once, ``run`` goes on until ``stop``.

    ``clock`` is called each round, to write down what is due by the calendar.
    """

    def __init__(self, work: Work, *, clock: Clock | None = None, pause: float = PAUSE_SECONDS) -> None:
        self._work, self._clock, self._pause = work, clock, pause
        self._stopping = threading.Event()
        self._failures = 0
        self._queue = _open_queue(work.settings)
        self._task = self._queue.task(name="do")(self._do)

    def do_all(self) -> int:
        """Do everything that is due, and what follows from it; gives the number of attempts that failed."""
        self._failures = 0
        while self._hand_over() + self._take():
            pass
        return self._failures

    def run(self) -> None:
        """Do jobs as they come due, until ``stop``. Whatever goes wrong is logged, and does not end the worker."""
        while not self._stopping.is_set():
            try:
                self.do_all()
            except Exception:
                log.exception("the worker could not go on and tries again")
            self._stopping.wait(self._pause)
        self.close()

    def stop(self) -> None:
        """Have ``run`` end after the job in hand."""
        self._stopping.set()

    def start(self) -> threading.Thread:
        """Run beside the caller, in a thread that ends with the process."""
        thread = threading.Thread(target=self.run, name="worker", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Let go of the queue's file or connection that this thread holds."""
        self._queue.storage.close()

    def _hand_over(self) -> int:
        now = self._work.now()
        with self._work.transaction() as session:
            if self._clock is not None:
                self._clock(session, now)
            due = outbox.hand_out(session, now)
        for identity in due:
            self._task(str(identity))
        return len(due)

    def _take(self) -> int:
        done = 0
        while not self._stopping.is_set() and (task := self._queue.dequeue()) is not None:
            self._queue.execute(task)
            done += 1
        return done

    def _do(self, identity: str) -> None:
        with self._work.transaction() as session:
            job = outbox.begin(session, uuid.UUID(identity), self._work.now())
        if job is None:
            return
        try:
            handler_of(job.kind)(self._work, job.payload)
        except Exception as error:
            self._failures += 1
            with self._work.transaction() as session:
                state = outbox.fail(session, job.id, error, self._work.now())
            level = logging.ERROR if state is JobState.FAILED else logging.WARNING
            log.log(level, "job %s (%s) failed: %s", job.id, job.kind, type(error).__name__, exc_info=error)
            return
        with self._work.transaction() as session:
            outbox.finish(session, job.id, self._work.now())


def _open_queue(settings: Settings) -> Any:
    """The queue that the settings name: Redis, else a file in the instance folder."""
    common = {"name": settings.queue_name, "results": False, "serializer": _AsJson()}
    if settings.queue_url:
        return huey.RedisHuey(url=settings.queue_url, blocking=False, **common)
    settings.instance.mkdir(parents=True, exist_ok=True)
    return huey.SqliteHuey(filename=str(settings.instance / "queue.sqlite3"), **common)
