"""Which rows have which word: two arrays instead of a list for each word, looked up for many words at once."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Wide = NDArray[np.int64]


class Postings:
    """Values filed under numbers from 0 up to ``whole``: those of a number begin at its place in ``starts``, which has
    one place more than there are numbers.
    """

    def __init__(self, values: Numbers, starts: Wide) -> None:
        self.values, self.starts = values, starts

    @classmethod
    def filed(cls, numbers: Numbers, values: Numbers, whole: int) -> "Postings":
        """Of (number, value) pairs, as two arrays of one length."""
        starts = np.zeros(whole + 1, np.int64)
        np.cumsum(np.bincount(numbers, minlength=whole), out=starts[1:])
        return cls(values[np.argsort(numbers, kind="stable")], starts)

    @classmethod
    def of_rows(cls, rows: Iterable[Sequence[int]]) -> "Postings":
        """What each row holds, in its order: a row's number is its place."""
        every = list(rows)
        sizes = np.fromiter(map(len, every), np.int64, len(every))
        values = np.fromiter(chain.from_iterable(every), np.int32, int(sizes.sum()))
        starts = np.zeros(len(every) + 1, np.int64)
        np.cumsum(sizes, out=starts[1:])
        return cls(values, starts)

    def turned(self, whole: int) -> "Postings":
        """The rows of each value, each row once; values are below ``whole``."""
        rows = np.repeat(np.arange(len(self), dtype=np.int32), self.sizes)
        packed = np.unique(self.values.astype(np.int64) << 32 | rows)
        return Postings.filed((packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32), whole)

    def gather(self, numbers: Numbers) -> tuple[Numbers, Wide]:
        """All that is filed under the numbers, one after the other, and how much under each."""
        sizes = self.starts[numbers + 1] - self.starts[numbers]
        ends = np.cumsum(sizes)
        shift = np.repeat(self.starts[numbers] - ends + sizes, sizes)
        return self.values[shift + np.arange(len(shift))], sizes

    def of(self, number: int) -> Numbers:
        """What is filed under one number."""
        return self.values[self.starts[number] : self.starts[number + 1]]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> Wide:
        """How much is filed under each number."""
        sizes: Wide = np.diff(self.starts)
        return sizes

    @property
    def size(self) -> int:
        """Bytes taken."""
        return self.values.nbytes + self.starts.nbytes
