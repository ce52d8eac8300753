"""Which rows have which word: two arrays instead of a list for each word, looked up for many words at once."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Wide = NDArray[np.int64]


class Postings:
    """Values filed under numbers from 0 up. ``pairs`` are (number, value), as two arrays of one length."""

    def __init__(self, numbers: Numbers, values: Numbers, whole: int) -> None:
        order = np.argsort(numbers, kind="stable")
        self.values = values[order]
        self.sizes: Wide = np.bincount(numbers, minlength=whole).astype(np.int64)
        self.starts: Wide = np.cumsum(self.sizes) - self.sizes

    @classmethod
    def of_rows(cls, rows: Iterable[Sequence[int]]) -> "Postings":
        """What each row holds, in its order: a row's number is its place."""
        every = list(rows)
        sizes = np.fromiter(map(len, every), np.int64, len(every))
        values = np.fromiter(chain.from_iterable(every), np.int32, int(sizes.sum()))
        return cls(np.repeat(np.arange(len(every), dtype=np.int32), sizes), values, len(every))

    def turned(self, whole: int) -> "Postings":
        """The rows of each value, each row once; values are below ``whole``."""
        rows = np.repeat(np.arange(len(self.sizes), dtype=np.int32), self.sizes)
        packed = np.unique(self.values.astype(np.int64) << 32 | rows)
        return Postings((packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32), whole)

    def gather(self, numbers: Numbers) -> tuple[Numbers, Wide]:
        """All that is filed under the numbers, one after the other, and how much under each."""
        sizes = self.sizes[numbers]
        ends = np.cumsum(sizes)
        shift = np.repeat(self.starts[numbers] - ends + sizes, sizes)
        return self.values[shift + np.arange(len(shift))], sizes

    def of(self, number: int) -> Numbers:
        """What is filed under one number."""
        start = self.starts[number]
        return self.values[start : start + self.sizes[number]]

    @property
    def size(self) -> int:
        """Bytes taken."""
        return self.values.nbytes + self.sizes.nbytes + self.starts.nbytes
