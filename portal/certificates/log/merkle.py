"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1) with SHA-256: hashes, proofs, and their check.

``start`` and ``end`` bound a range of leaves, the end excluded. A subtree of ``2**k`` leaves that begins at a multiple
of ``2**k`` is called whole: it never changes again.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
# The root of the whole subtree of 2**level leaves that is the number-th of its level.
WholeRoot = Callable[[int, int], bytes]


class ProofWrong(ValueError):
    """A proof does not lead to the root that it is for."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def whole_parts(start: int, end: int) -> list[tuple[int, int]]:
    """The fewest whole subtrees that make up a range of leaves, as (level, number), from left to right."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def folded(roots: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees that grow smaller to the right."""
    if not roots:
        return EMPTY_ROOT
    found = roots[-1]
    for left in reversed(roots[:-1]):
        found = node_hash(left, found)
    return found


class Frontier:
    """All that is needed of a tree to add to it: the roots of its whole parts. ``size`` counts leaves."""

    __slots__ = ("roots", "size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self.roots = list(roots)
        if len(self.roots) != size.bit_count():
            raise ValueError("a tree of this size has another number of whole parts")

    def append(self, leaf: bytes) -> None:
        """Add a leaf's hash."""
        size = self.size
        while size & 1:
            leaf = node_hash(self.roots.pop(), leaf)
            size >>= 1
        self.roots.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        return folded(self.roots)

    def proof_of_next(self) -> list[bytes]:
        """The inclusion proof that the next leaf will have in the tree which it completes."""
        return self.roots[::-1]


def root(size: int, whole: WholeRoot) -> bytes:
    """The root of the first ``size`` leaves."""
    return range_root(0, size, whole)


def range_root(start: int, end: int, whole: WholeRoot) -> bytes:
    """The hash of a subtree as proofs name it; its start is a multiple of its width rounded up to a power of two."""
    return folded([whole(level, number) for level, number in whole_parts(start, end)])


def inclusion(index: int, size: int, whole: WholeRoot) -> list[bytes]:
    """The proof that the leaf ``index`` is in the tree of ``size`` leaves, from its sibling up to the root's child."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf in the tree")
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            proof.append(range_root(middle, end, whole))
            end = middle
        else:
            proof.append(range_root(start, middle, whole))
            start = middle
    return proof[::-1]


def consistency(older: int, newer: int, whole: WholeRoot) -> list[bytes]:
    """The proof that the tree of ``newer`` leaves begins with the tree of ``older`` leaves."""
    if not 0 <= older <= newer:
        raise ValueError("a tree does not shrink")
    if older in (0, newer):
        return []
    proof, start, end, complete = [], 0, newer, True
    while older != end:
        middle = start + _half(end - start)
        if older <= middle:
            proof.append(range_root(middle, end, whole))
            end = middle
        else:
            proof.append(range_root(start, middle, whole))
            start, complete = middle, False
    if not complete:
        proof.append(range_root(start, end, whole))
    return proof[::-1]


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected: bytes) -> None:
    """Raise ``ProofWrong`` unless the proof shows the leaf at its place (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofWrong("the leaf lies outside the tree")
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofWrong("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            place, last = _past_lone(place, last)
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last or found != expected:
        raise ProofWrong("the proof leads to another root")


def check_consistency(older: int, newer: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise ``ProofWrong`` unless the newer tree begins with the older one (RFC 9162 section 2.1.4.2)."""
    if not 0 <= older <= newer:
        raise ProofWrong("the tree has shrunk")
    if older in (0, newer):
        if proof or old_root != (new_root if older else EMPTY_ROOT):
            raise ProofWrong("the trees differ")
        return
    path = [old_root, *proof] if older & (older - 1) == 0 else list(proof)
    if not path:
        raise ProofWrong("the proof is too short")
    place, last = older - 1, newer - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    was = now = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofWrong("the proof is too long")
        if place & 1 or place == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            place, last = _past_lone(place, last)
        else:
            now = node_hash(now, sibling)
        place, last = place >> 1, last >> 1
    if last or (was, now) != (old_root, new_root):
        raise ProofWrong("the proof leads to other roots")


def _past_lone(place: int, last: int) -> tuple[int, int]:
    """Past the levels on which the last node of an unfinished tree has no sibling."""
    while not place & 1 and place:
        place, last = place >> 1, last >> 1
    return place, last


def _half(width: int) -> int:
    """The largest power of two below a width of at least 2."""
    return 1 << ((width - 1).bit_length() - 1)
