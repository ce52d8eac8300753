"""Take in the files of a list that an officer uploads: by the same importer as everywhere, all or nothing."""

import re
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from portal import audit
from portal.screening import lists
from portal.screening.lists import ListRefused
from portal.screening.models import ListEdition
from portal.screening.sources import READERS, reader

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. ()-]{0,99}")
CHUNK = 1 << 20

__all__ = ["ListRefused", "loadable", "take"]


def loadable(source: str) -> bool:
    """Whether a list is read from files."""
    return source in READERS


def take(
    session: Session, source: str, files: Sequence[tuple[str, IO[bytes]]], *, actor: audit.Actor, now: datetime
) -> ListEdition:
    """Make the files the current edition of a list; where a list is several files, all of them are given.

    Raises ``ListRefused``, which is kept in the list's history: commit after it. Nothing of a refused file stays.
    """
    with tempfile.TemporaryDirectory(prefix="portal-list-") as folder:
        kept = [_written(Path(folder), name, stream) for name, stream in files]
        return lists.import_list(session, source, _main(source, kept), actor=actor, now=now)


def _written(folder: Path, name: str, stream: IO[bytes]) -> Path:
    plain = name.replace("\\", "/").rpartition("/")[2]
    if not NAME.fullmatch(plain):
        raise ListRefused("file_name")
    path = folder / plain
    with path.open("wb") as kept:
        while block := stream.read(CHUNK):
            kept.write(block)
    return path


def _main(source: str, files: Sequence[Path]) -> Path:
    """The file that the others belong to; where none fits, the first, and the importer says what is lacking."""
    given = set(files)
    fitting = (path for path in files if set(reader(source, path).files(path)) == given)
    likely = sorted(files, key=lambda path: path.suffix in (".yaml", ".yml"))
    return next(fitting, likely[0])
