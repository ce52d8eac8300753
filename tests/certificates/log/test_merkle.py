"""The tree against two implementations that are not ours, and its proofs against everything that is not the truth."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from portal.certificates.log import merkle
from portal.certificates.log.merkle import Frontier, ProofWrong


class Leaves:
    """A tree kept as leaves alone."""

    def __init__(self, count: int) -> None:
        self.entries = [hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(count)]
        self.hashes = [merkle.leaf_hash(entry) for entry in self.entries]

    def whole(self, level: int, number: int) -> bytes:
        tree = Frontier()
        for leaf in self.hashes[number << level : (number + 1) << level]:
            tree.append(leaf)
        assert tree.size == 1 << level
        return tree.root()


LEAVES = Leaves(300)


def roots(count: int) -> list[bytes]:
    tree, found = Frontier(), [merkle.EMPTY_ROOT]
    for leaf in LEAVES.hashes[:count]:
        tree.append(leaf)
        found.append(tree.root())
    return found


ROOTS = roots(300)


def test_roots_and_proofs_are_those_of_pymerkle() -> None:
    theirs = InmemoryTree(algorithm="sha256")
    for size, entry in enumerate(LEAVES.entries[:100], 1):
        theirs.append_entry(entry)
        assert ROOTS[size] == theirs.get_root()
    for index in range(100):
        # Theirs counts from 1 and begins with the leaf itself.
        path = theirs.prove_inclusion(index + 1, 100).path
        assert merkle.inclusion(index, 100, LEAVES.whole) == list(path)[1:]


def test_every_proof_of_small_trees_is_accepted_by_a_second_implementation_and_at_no_other_place() -> None:
    for size in range(1, 34):
        for index in range(size):
            path = merkle.inclusion(index, size, LEAVES.whole)
            InclusionProof(index, size, list(path)).check(LEAVES.hashes[index], ROOTS[size])
            for other in range(size):
                check = (other, size, LEAVES.hashes[index], path, ROOTS[size])
                if other == index:
                    merkle.check_inclusion(*check)
                else:
                    with pytest.raises(ProofWrong):
                        merkle.check_inclusion(*check)
        for older in range(1, size):
            path = merkle.consistency(older, size, LEAVES.whole)
            ConsistencyProof(older, size, list(path)).check(ROOTS[older], ROOTS[size])
            merkle.check_consistency(older, size, path, ROOTS[older], ROOTS[size])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_proof_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    older = data.draw(st.integers(1, size - 1))
    bit = data.draw(st.integers(0, 255))

    def damaged(path: list[bytes]) -> list[bytes]:
        place = data.draw(st.integers(0, len(path) - 1))
        flipped = bytearray(path[place])
        flipped[bit // 8] ^= 1 << bit % 8
        ways = [
            [*path[:place], bytes(flipped), *path[place + 1 :]],
            [*path[:place], *path[place + 1 :]],
            [*path[:place], path[place], *path[place:]],
        ]
        return data.draw(st.sampled_from(ways))

    inclusion = merkle.inclusion(index, size, LEAVES.whole)
    merkle.check_inclusion(index, size, LEAVES.hashes[index], inclusion, ROOTS[size])
    with pytest.raises(ProofWrong):
        merkle.check_inclusion(index, size, LEAVES.hashes[index], damaged(inclusion), ROOTS[size])
    consistency = merkle.consistency(older, size, LEAVES.whole)
    merkle.check_consistency(older, size, consistency, ROOTS[older], ROOTS[size])
    with pytest.raises(ProofWrong):
        merkle.check_consistency(older, size, damaged(consistency), ROOTS[older], ROOTS[size])
    with pytest.raises(ProofWrong):
        merkle.check_consistency(older, size, consistency, ROOTS[older - 1], ROOTS[size])
    with pytest.raises(ProofWrong):
        merkle.check_consistency(older, size, consistency, ROOTS[older], ROOTS[size - 1])


def test_a_tree_does_not_shrink_and_an_empty_one_begins_every_other() -> None:
    with pytest.raises(ProofWrong):
        merkle.check_consistency(3, 2, [], ROOTS[3], ROOTS[2])
    merkle.check_consistency(0, 5, [], merkle.EMPTY_ROOT, ROOTS[5])
    merkle.check_consistency(5, 5, [], ROOTS[5], ROOTS[5])
    for wrong in ((0, 5, [ROOTS[1]], merkle.EMPTY_ROOT), (5, 5, [], ROOTS[4]), (0, 5, [], ROOTS[1])):
        with pytest.raises(ProofWrong):
            merkle.check_consistency(*wrong, ROOTS[5])


def test_the_proof_of_the_next_leaf_is_known_before_it_comes() -> None:
    tree = Frontier()
    for index, leaf in enumerate(LEAVES.hashes):
        path = tree.proof_of_next()
        tree.append(leaf)
        assert path == merkle.inclusion(index, index + 1, LEAVES.whole)


def test_whole_parts_make_up_a_range_without_gap() -> None:
    for start in range(20):
        for end in range(start, 40):
            parts = [(number << level, (number + 1) << level) for level, number in merkle.whole_parts(start, end)]
            assert all(one[1] == other[0] for one, other in pairwise(parts))
            assert not parts or (parts[0][0], parts[-1][1]) == (start, end)


def test_a_frontier_with_too_few_roots_is_refused() -> None:
    with pytest.raises(ValueError, match="another number"):
        Frontier(3, [merkle.EMPTY_ROOT])
