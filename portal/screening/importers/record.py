"""What every reader gives: entries as plain values, and one error that says where a file is wrong."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

from portal.screening.models import Effect, Standing
from portal.screening.refusals import Refusal

CONTROL_Z = "\x1a"
NameKind = Literal["primary", "alias", "former", "native"]


class ListRefused(Exception):
    """A list file that was not taken: ``code`` is of ``data/refusals.yaml``, ``values`` fill its text.

    ``place`` is a line, counted from 1 in ``file``, or a path within it; nothing where the whole file is meant.
    """

    def __init__(self, code: str, file: str = "", place: int | str = 0, **values: object) -> None:
        self.refusal = Refusal.of(code, file, place, **values)
        self.reason, self.file = self.refusal.reason.en, file
        self.line = place if isinstance(place, int) else 0
        super().__init__(self.refusal.told.en)


@dataclass(frozen=True, slots=True)
class NameRecord:
    """One name as printed; ``mark`` is the reference's mark where the name is less sure than its entry."""

    text: str
    kind: NameKind
    mark: str = ""


@dataclass(frozen=True, slots=True)
class IntervalRecord:
    """Standing from ``since`` to ``until``, both days included."""

    standing: Standing
    since: date | None = None
    until: date | None = None
    announcement: str = ""


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """Street and place in one line, country as alpha-2 where known, and as the list prints it."""

    text: str
    country: str
    country_name: str


# Schemes of what an entry is reached by: kept as the list prints it, not as capitals and digits.
CONTACTS = ("PHONE", "EMAIL", "WEBSITE")


@dataclass(frozen=True, slots=True)
class IdentifierRecord:
    """Scheme ("IMO", "USCC", "LEI", "BIC", "DOB", …), value, and what the list says beside it."""

    scheme: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One party. ``whole`` is false where the file names only a group, of which some members are listed."""

    uid: str
    kind: str
    program: str
    effect: Effect
    names: tuple[NameRecord, ...]
    intervals: tuple[IntervalRecord, ...]
    addresses: tuple[AddressRecord, ...] = ()
    identifiers: tuple[IdentifierRecord, ...] = ()
    whole: bool = True
    mark: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """What a file says of itself; ``edition`` is empty where it says nothing."""

    edition: str = ""
    published: date | None = None
    incomplete: bool = False


class Reader(Protocol):
    """A format. ``files`` names the files that make one edition, ``entries`` may be called more than once."""

    def files(self, path: Path) -> tuple[Path, ...]: ...

    def edition(self, path: Path) -> EditionRecord: ...

    def entries(self, path: Path) -> Iterator[EntryRecord]: ...


def digest(files: tuple[Path, ...]) -> str:
    """SHA-256 over the files' own digests, so that the same bytes always make the same edition."""
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def csv_rows(path: Path, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Rows of a UTF-8 CSV file with the line each ends on; refuses what is not whole, or has other columns.

    A closing Ctrl-Z, as OFAC still writes one, ends the file. A file cut off inside a row is refused.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            for row in reader:
                if not row or row == [CONTROL_Z]:
                    continue
                if len(row) != columns:
                    raise ListRefused("columns", path.name, reader.line_num, found=len(row), wanted=columns)
                yield reader.line_num, row
    except FileNotFoundError as error:
        raise ListRefused("absent", path.name) from error
    except UnicodeDecodeError as error:
        raise ListRefused("not_utf8", path.name) from error
    except csv.Error as error:
        raise ListRefused("broken_csv", path.name, reader.line_num, error=error) from error
