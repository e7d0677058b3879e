"""An exported log: a file with one entry a line. It is read from front to back and never held, so that a log may be of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from rightcall.law.problem import refuse
from rightcall.ledger.entry import LONGEST_LINE
from rightcall.ledger.tree import Frontier, Nodes, leaf_hash

_AT_ONCE = 1 << 12


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a log with their newlines. What is longer than an entry can be comes in pieces, none of which is one. Raises ``Refused``."""
    try:
        with path.open("rb") as source:
            yield from iter(lambda: source.readline(LONGEST_LINE), b"")
    except OSError as error:
        raise refuse(f"the log cannot be read: {error.strerror}", path) from None


def prove(path: Path, size: int, proof: Callable[[Nodes], list[bytes]]) -> list[bytes]:
    """A proof over the first ``size`` entries of a log. It is asked first which nodes it needs; these alone are kept while the log is read."""
    needed: set[tuple[int, int]] = set()

    def asked(level: int, position: int) -> bytes:
        needed.add((level, position))
        return b""

    proof(asked)
    kept = dict(_nodes(path, size, needed))
    return proof(lambda level, position: kept[level, position])


def _nodes(path: Path, size: int, needed: set[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], bytes]]:
    leaves, frontier = (leaf_hash(line.rstrip(b"\n")) for line in islice(read_lines(path), size)), Frontier()
    while chunk := list(islice(leaves, _AT_ONCE)):
        frontier, made = frontier.grow(chunk)
        yield from (((level, position), hash) for level, position, hash in made if (level, position) in needed)
