"""An index in a file: what is read is what was written, or nothing; and it answers as the one that was made."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.screening import kept, lists, opening
from portal.screening.index import Index, Query, Shard
from portal.screening.match import Screener
from portal.screening.models import ListName
from tests.bench import screening_names as made
from tests.screening.conftest import ACTOR, DATA

ARRAYS = {"a": np.arange(5, dtype=np.int32), "none": np.empty(0, np.float32), "b": np.ones((2, 3), np.uint8)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where indexes are kept during a test, short ones as well; what this process knows already is put aside."""
    monkeypatch.setattr(opening, "WORTH_KEEPING", 1)
    monkeypatch.setattr(opening, "_indexes", opening.MadeOnce(4))
    opening.keep_in(tmp_path)
    yield tmp_path
    opening.keep_in(None)


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "new" / f"one{kept.ENDING}"
    kept.write(file, {"of": "test"}, ARRAYS, most=2)
    read = kept.read(file)
    assert read is not None
    about, arrays = read
    assert about == {"of": "test"}
    assert {key: (one.dtype, one.tolist()) for key, one in arrays.items()} == {
        key: (one.dtype, one.tolist()) for key, one in ARRAYS.items()
    }
    assert [one.name for one in file.parent.iterdir()] == [file.name], "nothing half-written is left"


@pytest.mark.parametrize("fault", ["cut", "changed", "changed head", "empty", "another", "gone"])
def test_a_file_that_is_not_as_it_was_written_is_not_read(tmp_path: Path, fault: str) -> None:
    file = tmp_path / f"one{kept.ENDING}"
    kept.write(file, {}, ARRAYS, most=2)
    whole = file.read_bytes()
    if fault == "gone":
        file.unlink()
    else:
        other = {
            "cut": whole[:-1],
            "changed": whole[:-1] + bytes([whole[-1] ^ 1]),
            "changed head": whole.replace(b'"arrays"', b'"Arrays"'),
            "empty": b"",
            "another": b"x" + whole[1:],
        }
        file.write_bytes(other[fault])
    assert kept.read(file) is None


def test_the_newest_files_stay_and_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    for name in "abcd":
        kept.write(tmp_path / f"{name}{kept.ENDING}", {}, ARRAYS, most=2)
    assert len(list(tmp_path.iterdir())) == 2
    kept.write(tmp_path / f"d{kept.ENDING}" / f"e{kept.ENDING}", {}, ARRAYS, most=2)


def test_an_index_answers_from_a_file_as_it_did(tmp_path: Path) -> None:
    parties = [
        *made.invented(80),
        *made.koreans(),
        made.Entity(made.SOMEBODY, True, ["苔原光学贸易有限公司", "شركة النور"]),
    ]
    index = made.index(parties)
    file = tmp_path / f"one{kept.ENDING}"
    kept.write(file, {}, index.arrays(), most=1)
    read = kept.read(file)
    assert read is not None
    again = Index.read(read[1])
    assert list(again.rows) == list(index.rows)
    for party in parties:
        for name in party.names:
            assert again.candidates(Query.of(name), 0.5) == index.candidates(Query.of(name), 0.5)
    empty = Index.of([Shard.of([])])
    assert Index.read(empty.arrays()).candidates(Query.of("Karakum 合金"), 0.5) == []


def test_another_process_maps_what_the_import_made_and_reads_no_name(screened: Session, folder: Path) -> None:
    opening.make_ready(screened, lists.current(screened))
    expected = Screener.open(screened).agreements(["Karakum Precision Alloy"], 0.7)
    assert len(list(folder.glob("*" + kept.ENDING))) == 1, "the authority's own list is still empty"
    opening._indexes = opening.MadeOnce(4)  # as another process begins
    asked: list[str] = []
    engine = screened.get_bind()
    listen = lambda *seen: asked.append(seen[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", listen)
    try:
        assert Screener.open(screened).agreements(["Karakum Precision Alloy"], 0.7) == expected != {}
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert sum(ListName.__tablename__ in text for text in asked) <= 1, "only the authority's own list is read"


def test_a_broken_file_is_made_again(screened: Session, folder: Path) -> None:
    opening.make_ready(screened, lists.current(screened))
    (file,) = folder.glob("*" + kept.ENDING)
    file.write_bytes(b"rubbish")
    opening._indexes = opening.MadeOnce(4)
    assert Screener.open(screened).agreements(["Karakum Precision Alloy"], 0.7)
    assert kept.read(file) is not None


@pytest.mark.parametrize("mapped", [True, False], ids=["mapped here", "in a file only"])
def test_the_names_of_a_list_that_did_not_change_are_not_read_again(
    screened: Session, folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch, mapped: bool
) -> None:
    opening.make_ready(screened, lists.current(screened))
    opening._indexes = opening.MadeOnce(4)  # as another process begins
    monkeypatch.setattr(opening, "_shards", opening.MadeOnce(4))
    if mapped:
        Screener.open(screened)
    read: list[str] = []
    rows_of = opening.rows_of
    monkeypatch.setattr(opening, "rows_of", lambda session, one: (read.append(one.source), rows_of(session, one))[1])
    lists.import_list(screened, "ofac-sdn", DATA / "ofac-newer" / "sdn.csv", actor=ACTOR, now=now)
    (opened,) = (one for one in opening.open_indexes(screened, lists.current(screened)) if len(one.sizes) > 1)
    assert read == ["ofac-sdn"] if mapped else set(read) == {"ofac-sdn", "restricted"}
    every = chain.from_iterable(rows_of(screened, one) for one in lists.current(screened))
    assert set(opened.index.rows) == set(every)
    assert sum(opened.entries.values()) == len({row.entry_id for row in opened.index.rows})
