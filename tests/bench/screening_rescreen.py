"""Measure screening again after a list has changed: a hundred parties put on the restricted list, many live parties.

    python -m tests.bench.screening_rescreen FOLDER [PARTIES]

Each time is of the processor. The index of parties is built once and kept; it is not part of the time of a change.
"""

import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from portal.audit import Actor
from portal.db import Base, open_engine, session_factory
from portal.screening import events, lists, rescreen, restricted
from portal.screening.match import Screener
from tests.bench import screening_names as made

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CHANGES = (10, 100)


def main(folder: Path, size: int) -> None:
    actor = Actor.command("measure")
    chance = random.Random(3)  # noqa: S311 - repeatable, not secret
    listed = list(made.ofac(folder / "ofac-2", "sdn"))
    live = [entity.names[0] for entity in made.recombined(listed, size, chance)][-size:]
    with tempfile.TemporaryDirectory() as place:
        engine = open_engine(f"sqlite:///{place}/measure.sqlite3")
        Base.metadata.create_all(engine)
        with session_factory(engine)() as session:
            lists.load_shipped(session, actor=actor, now=NOW)
            lists.import_list(session, "ofac-sdn", folder / "ofac-2" / "sdn.csv", actor=actor, now=NOW)
            parties = [rescreen.PartyNames(str(at), (name,)) for at, name in enumerate(live)]
            begun = time.process_time()
            index = rescreen.PartyIndex(parties, Screener.open(session).weight)
            say(f"{len(parties)} parties indexed in {time.process_time() - begun:.1f} s")
            for count in CHANGES:
                told: list[events.ListChanged] = []
                stop = events.subscribe(lambda _, event, told=told: told.append(event))
                for name in chance.sample(live, count):
                    restricted.add(
                        session, names=[made.typo(name, chance)], country="", reason="measure", actor=actor, now=NOW
                    )
                stop()
                entries = tuple(entry for event in told for entry in event.entry_ids)
                change = events.ListChanged("restricted", told[-1].edition_id, None, "added", entries, NOW)
                Screener.open(session)
                begun = time.process_time()
                found = rescreen.changed(session, change, index, NOW.date())
                say(f"{count} names changed: {time.process_time() - begun:.2f} s, {len(found)} parties touched")
        engine.dispose()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200_000)
