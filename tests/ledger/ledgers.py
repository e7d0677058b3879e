"""A small log, its key, two witnesses, and the naive definition of the tree to hold ours against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rightcall.ledger.checkpoint import Checkpoint, checkpoint_of
from rightcall.ledger.entry import Entry, Opening, new_entry
from rightcall.ledger.note import COSIGNATURE, ED25519, Note, Signer
from rightcall.ledger.tree import Frontier, Nodes, leaf_hash

LOG = Signer("example.org/calls", ED25519, bytes(range(32)))
OTHER = Signer("example.org/calls", ED25519, bytes(range(1, 33)))
"""A key of the same name, of somebody else."""
W1 = Signer("example.net/w1", COSIGNATURE, bytes(range(2, 34)))
W2 = Signer("example.com/w2", COSIGNATURE, bytes(range(3, 35)))
START = datetime(2026, 11, 1, 8, tzinfo=UTC)
KINDS = ("notice.issued", "case.received", "case.decided", "person.home")


def opening(index: int) -> Opening:
    return Opening({"person": f"P{index}", "number": index}, sha256(b"salt %d" % index).digest()[:16])


def entry(index: int, version: str = "") -> Entry:
    """An entry; another version of it is one that was logged in another history."""
    commitment = sha256(version.encode()).digest() if version else opening(index).commitment()
    return new_entry(index, START + timedelta(seconds=7 * index), KINDS[index % len(KINDS)], commitment)


def lines_of(entries: Iterable[Entry]) -> list[bytes]:
    return [each.line() + b"\n" for each in entries]


def lines(count: int) -> list[bytes]:
    return lines_of(map(entry, range(count)))


def tree_of(log: Sequence[bytes]) -> Frontier:
    return Frontier().extend(leaf_hash(line[:-1]) for line in log)


def checkpoint(log: Sequence[bytes], size: int) -> Checkpoint:
    return checkpoint_of(tree_of(log[:size]), LOG.name)


def signed(log: Sequence[bytes], size: int, key: Signer = LOG) -> Note:
    return checkpoint(log, size).signed(key)


def nodes_of(leaves: Iterable[bytes]) -> Nodes:
    made = {(node.level, node.position): node.hash for node in Frontier().grow(leaves)[1]}
    return lambda level, position: made[level, position]


def nodes(log: Sequence[bytes]) -> Nodes:
    return nodes_of(leaf_hash(line[:-1]) for line in log)


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word, over leaf hashes."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:half]) + naive_root(leaves[half:])).digest()


def naive_inclusion(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1: ``PATH``."""
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*naive_inclusion(index, leaves[:half]), naive_root(leaves[half:])]
    return [*naive_inclusion(index - half, leaves[half:]), naive_root(leaves[:half])]


def naive_consistency(old: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2: ``SUBPROOF``."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    half = _half(len(leaves))
    if old <= half:
        return [*naive_consistency(old, leaves[:half], whole), naive_root(leaves[half:])]
    return [*naive_consistency(old - half, leaves[half:], False), naive_root(leaves[:half])]


def _half(count: int) -> int:
    half = 1
    while half * 2 < count:
        half *= 2
    return half


Damage = Callable[[list[bytes]], list[bytes]]
