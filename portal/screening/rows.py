"""The listed names of an index, one a row, laid out in arrays: a tenth of what they would take as objects."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.screening.nearness import Letters, Places

IDENTITY = 16  # bytes


class Row(NamedTuple):
    """One listed name: whose it is, its key and Chinese characters, and whether it is a firm's."""

    name_id: uuid.UUID
    entry_id: uuid.UUID
    key: str
    native: str
    firm: bool


class Texts(NamedTuple):
    """Texts as bytes behind each other, and where each begins: one place more than there are texts."""

    letters: Letters
    starts: Places

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        """Lay out some texts."""
        every = [text.encode() for text in texts]
        starts = np.zeros(len(every) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, every), np.int64, len(every)), out=starts[1:])
        return cls(np.frombuffer(bytearray(b"".join(every)), np.uint8), starts)

    def part(self, start: int, end: int) -> "Texts":
        """Those from one place to before another."""
        begin, stop = self.starts[start], self.starts[end]
        return Texts(self.letters[begin:stop], self.starts[start : end + 1] - begin)

    @classmethod
    def joined(cls, some: Sequence["Texts"]) -> "Texts":
        """The texts of several, one after the other."""
        begins = np.cumsum([0, *(len(one.letters) for one in some)])
        starts = [one.starts[:-1] + begin for one, begin in zip(some, begins, strict=False)]
        return cls(np.concatenate([one.letters for one in some]), np.concatenate([*starts, begins[-1:]]))

    def at(self, number: int) -> str:
        """One text."""
        return self.letters[self.starts[number] : self.starts[number + 1]].tobytes().decode()

    def every(self) -> list[str]:
        """All texts."""
        whole, starts = self.letters.tobytes(), self.starts.tolist()
        return [whole[start:end].decode() for start, end in pairwise(starts)]


class Rows(Sequence[Row]):
    """The names of an index."""

    def __init__(self, names: Letters, entries: Letters, keys: Texts, natives: Texts, firms: NDArray[np.bool_]) -> None:
        self._names, self._entries = names, entries
        self._keys, self._natives, self._firms = keys, natives, firms

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Rows":
        """Lay out some rows."""
        every = list(rows)
        identities = ([row.name_id.bytes for row in every], [row.entry_id.bytes for row in every])
        names, entries = (
            np.frombuffer(bytearray(b"".join(some)), np.uint8).reshape(-1, IDENTITY) for some in identities
        )
        firms = np.fromiter((row.firm for row in every), np.bool_, len(every))
        return cls(names, entries, Texts.of(row.key for row in every), Texts.of(row.native for row in every), firms)

    @classmethod
    def joined(cls, some: Sequence["Rows"]) -> "Rows":
        """The rows of several, one after the other."""
        if len(some) < 2:
            return some[0] if some else cls.of(())
        return cls(
            np.concatenate([one._names for one in some]),
            np.concatenate([one._entries for one in some]),
            Texts.joined([one._keys for one in some]),
            Texts.joined([one._natives for one in some]),
            np.concatenate([one._firms for one in some]),
        )

    def part(self, start: int, end: int) -> "Rows":
        """Those from one place to before another."""
        texts = self._keys.part(start, end), self._natives.part(start, end)
        return Rows(self._names[start:end], self._entries[start:end], *texts, self._firms[start:end])

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> "Rows":
        """Rows as ``arrays`` gave them."""
        keys, natives = (Texts(arrays[f"row {what}"], arrays[f"row {what} at"]) for what in ("key", "native"))
        return cls(arrays["row name"], arrays["row entry"], keys, natives, arrays["row firm"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The rows as arrays to be kept in a file."""
        kept: dict[str, NDArray[Any]] = {"row name": self._names, "row entry": self._entries, "row firm": self._firms}
        for what, texts in (("key", self._keys), ("native", self._natives)):
            kept |= {f"row {what}": texts.letters, f"row {what} at": texts.starts}
        return kept

    def __len__(self) -> int:
        return len(self._firms)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        name, entry = (uuid.UUID(bytes=some[at].tobytes()) for some in (self._names, self._entries))
        return Row(name, entry, self.key(at), self.native(at), self.firm(at))

    def __iter__(self) -> Iterator[Row]:
        return (self[at] for at in range(len(self)))

    def entry_id(self, at: int) -> uuid.UUID:
        """Whose the name is."""
        return uuid.UUID(bytes=self._entries[at].tobytes())

    def name_id(self, at: int) -> uuid.UUID:
        """The name's own number."""
        return uuid.UUID(bytes=self._names[at].tobytes())

    def key(self, at: int) -> str:
        """The words of the name as they are compared."""
        return self._keys.at(at)

    def native(self, at: int) -> str:
        """Its Chinese characters."""
        return self._natives.at(at)

    def firm(self, at: int) -> bool:
        """Whether it is the name of a firm."""
        return bool(self._firms[at])

    def spelled(self) -> list[str]:
        """The words of every name."""
        return self._keys.every()

    def natives(self) -> list[str]:
        """The Chinese characters of every name."""
        return self._natives.every()

    @property
    def entries(self) -> int:
        """Of how many entries the names are."""
        return len(np.unique(np.ascontiguousarray(self._entries).view(f"V{IDENTITY}"))) if len(self) else 0
