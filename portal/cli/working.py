"""The worker: does what requests left for later."""

import signal
from types import FrameType

import click

from portal.cli.base import fail, main, ready_engine
from portal.config import Settings
from portal.db import session_factory, utc_now


@main.command()
@click.option("--once", is_flag=True, help="Do what is due and end; exit 1 when a job failed.")
def worker(once: bool) -> None:
    """Do the jobs that wait, until stopped. Any number may run, on any machine that reaches database and queue."""
    from portal import wiring
    from portal.jobs.registry import Work
    from portal.jobs.worker import Worker

    settings = Settings()
    engine = ready_engine(settings)
    doing = Worker(Work(settings, session_factory(engine), utc_now), clock=wiring.clock)
    if once:
        failures = doing.do_all()
        doing.close()
        engine.dispose()
        if failures:
            fail(f"{failures} attempts failed; the jobs are tried again later, see the log", 1)
        return

    def stop(number: int, frame: FrameType | None) -> None:
        doing.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    click.echo("Doing jobs (stop with Ctrl-C; the job in hand is finished first)")
    doing.run()
    engine.dispose()
