"""The Merkle tree of a log (RFC 6962, RFC 9162): its root, and proofs that an entry is in it and that it only grew.

A tree that grows is kept as its ``Frontier``: the roots of its complete subtrees, one for each bit of its size, so twenty hashes for a million
leaves. Proofs are made from the hashes of complete subtrees, which never change once they are made: ``nodes(level, position)`` is the one over
the ``2**level`` leaves from ``position * 2**level``, read from wherever they are kept. All hashes are SHA-256, 32 bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from typing import NamedTuple

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
Nodes = Callable[[int, int], bytes]


class Node(NamedTuple):
    """The root of a complete subtree. It stays what it is however the tree grows."""

    level: int
    position: int
    hash: bytes


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962, 2.1: what tells a leaf from an inner node is its first byte."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree as far as it is needed to grow: the roots of its complete subtrees, the largest first. INVARIANT: one for each bit set in ``size``."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count() or any(len(peak) != HASH_SIZE for peak in self.peaks):
            raise ValueError(f"a tree of {self.size} leaves does not have these peaks")

    def root(self) -> bytes:
        """The root of the tree (RFC 6962: ``MTH``)."""
        return _joined(self.peaks) if self.peaks else EMPTY_ROOT

    def append(self, leaf: bytes) -> Frontier:
        """With one more leaf, given by its hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """The tree with more leaves, given by their hashes; in constant memory."""
        peaks = list(self.peaks)
        last = deque(_completed(self.size, peaks, leaves), maxlen=1)
        return Frontier(self._size_after(last), tuple(peaks))

    def grow(self, leaves: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
        """The tree with more leaves, and every complete subtree that they make, the leaves too: what a store has to add."""
        peaks = list(self.peaks)
        made = list(_completed(self.size, peaks, leaves))
        return Frontier(self._size_after(made), tuple(peaks)), made

    def _size_after(self, made: Sequence[Node]) -> int:
        """A leaf is followed by the subtrees that it completes, so the last subtree made ends where the tree does."""
        return (made[-1].position + 1) << made[-1].level if made else self.size

    def to_bytes(self) -> bytes:
        """The size in 8 bytes, then the peaks: for a row of a database."""
        return self.size.to_bytes(8, "big") + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Frontier:
        """Raises ``ValueError`` where these are not the bytes of a frontier."""
        if len(stored) < 8:
            raise ValueError("a frontier begins with its size in 8 bytes")
        return cls(int.from_bytes(stored[:8], "big"), tuple(stored[at : at + HASH_SIZE] for at in range(8, len(stored), HASH_SIZE)))


def _completed(size: int, peaks: list[bytes], leaves: Iterable[bytes]) -> Iterator[Node]:
    """Put leaves to the peaks of a tree of this size; tell each complete subtree as it is made."""
    for index, hash in enumerate(leaves, size):
        level = 0
        yield Node(0, index, hash)
        while index >> level & 1:
            hash = node_hash(peaks.pop(), hash)
            level += 1
            yield Node(level, index >> level, hash)
        peaks.append(hash)


def sparse(nodes: Nodes, step: int) -> Nodes:
    """Every node, where only the levels 0, step, 2 * step ... are kept: the others are computed from those below, ``2**(step - 1)`` reads at most."""

    def node(level: int, position: int) -> bytes:
        return nodes(level, position) if level % step == 0 else node_hash(node(level - 1, 2 * position), node(level - 1, 2 * position + 1))

    return node


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """That the leaf at an index is in the tree of this size (RFC 6962, 2.1.1): the hashes beside its way, from the leaf to the root."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    _, _, beside = _descent(index, size, nodes, lambda begin, end: end - begin == 1)
    return beside


def consistency_proof(old: int, size: int, nodes: Nodes) -> list[bytes]:
    """That the tree of this size begins with the tree of the old size (RFC 6962, 2.1.2). Empty where the old size is 0 or the same."""
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} leaves does not begin with one of {old}")
    if old == 0:
        return []
    begin, end, beside = _descent(old - 1, size, nodes, lambda _, end: end == old)
    return [_subtree(begin, end, nodes), *beside] if begin else beside


def _descent(index: int, size: int, nodes: Nodes, arrived: Callable[[int, int], bool]) -> tuple[int, int, list[bytes]]:
    """From the root towards a leaf: the subtree arrived at, and the hashes beside the way, the lowest first."""
    begin, end, beside = 0, size, []
    while not arrived(begin, end):
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))  # the largest power of two that leaves something to the right
        left, right = (begin, middle), (middle, end)
        (begin, end), other = (left, right) if index < middle else (right, left)
        beside.append(_subtree(*other, nodes))
    return begin, end, beside[::-1]


def proof_length(index: int, size: int) -> int:
    """How many hashes an inclusion proof has: the levels up to where the way of the leaf meets the edge of the tree, and the subtrees left of it from there."""
    inside = (index ^ (size - 1)).bit_length()
    return inside + (index >> inside).bit_count()


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root of the tree of this size that has this leaf hash at this index (RFC 9162, 2.1.3.2); nothing where the proof has the wrong length."""
    if not 0 <= index < size or len(proof) != proof_length(index, size):
        return None
    at, last, root = index, size - 1, leaf
    for hash in proof:
        root = node_hash(hash, root) if at & 1 or at == last else node_hash(root, hash)
        at, last = _raised(at, last)
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the tree of this size and root has this leaf hash at this index."""
    return root_by_inclusion(leaf, index, size, proof) == root


def verify_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of this size and root begins with the old one (RFC 9162, 2.1.4.2)."""
    if old in (0, size):
        return not proof and old_root == (root if old else EMPTY_ROOT)
    if not 0 < old < size or not proof:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first, *beside = proof if old & (old - 1) else (old_root, *proof)
    before = after = first
    for hash in beside:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(hash, before), node_hash(hash, after)
        else:
            after = node_hash(after, hash)
        at, last = _raised(at, last)
    return last == 0 and (before, after) == (old_root, root)


def _raised(at: int, last: int) -> tuple[int, int]:
    """One level up; at the right edge first past the levels on which nobody stands beside."""
    while 0 < at == last and not at & 1:
        at, last = at >> 1, last >> 1
    return at >> 1, last >> 1


def _subtree(begin: int, end: int, nodes: Nodes) -> bytes:
    """The root over the leaves from begin to end, where these are a subtree of RFC 6962: of complete subtrees, the largest first."""
    roots = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        roots.append(nodes(level, begin >> level))
        begin += 1 << level
    return _joined(roots)


def _joined(roots: Sequence[bytes]) -> bytes:
    return reduce(lambda right, left: node_hash(left, right), reversed(roots))
