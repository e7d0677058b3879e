"""An audit: a log held against the checkpoints that were signed over it, and in words what is wrong with it, and where.

A checkpoint covers every entry before its size, so what does not hold is known to lie after the last checkpoint that holds, and before the first
that does not; entries count themselves, so what was removed, moved or repeated is known by its number too. A log that renumbered
itself is caught by the checkpoints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Literal, NamedTuple

from rightcall.ledger.checkpoint import Checkpoint
from rightcall.ledger.entry import Entry, read_entry
from rightcall.ledger.tree import Frontier, leaf_hash

Kind = Literal["changed", "removed", "reordered", "repeated", "back-dated", "cut off", "forked"]
MOST_FAULTS = 100
"""So many are told; of a log in which nothing is in its place nobody reads more."""


@dataclass(frozen=True, slots=True)
class Fault:
    kind: Kind
    says: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.says}"


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found: the tree of the log as it is, how many of its first entries are as they were signed, the faults, and the count of all faults."""

    tree: Frontier
    proven: int
    faults: tuple[Fault, ...]
    count: int

    @property
    def unsigned(self) -> int:
        """How many entries stand after the last checkpoint that holds."""
        return self.tree.size - self.proven


def audit(lines: Iterable[bytes], checkpoints: Iterable[Checkpoint]) -> Audit:
    """Hold a log against checkpoints of it, in one pass. ``lines`` have their newlines.

    INVARIANT: where there is no fault the log begins with exactly what every checkpoint signed, and no entry is out of its place.
    """
    signed = sorted(checkpoints, key=lambda checkpoint: checkpoint.size)
    order = _Order()
    leaves, tree, roots = _leaves(lines, order), Frontier(), dict[int, bytes]()
    for checkpoint in signed:
        tree = tree.extend(islice(leaves, checkpoint.size - tree.size))
        roots[tree.size] = tree.root()
    tree = tree.extend(leaves)
    proven = max((checkpoint.size for checkpoint in signed if roots.get(checkpoint.size) == checkpoint.root), default=0)
    faults, dropped = order.close(signed[-1].size if signed else 0)
    faults += _against(signed, roots, proven)
    return Audit(tree, proven, tuple(faults[:MOST_FAULTS]), len(faults) + dropped)


def _leaves(lines: Iterable[bytes], order: _Order) -> Iterator[bytes]:
    for line in lines:
        entry = line[:-1]
        order.see(read_entry(entry) if line[-1:] == b"\n" else None)
        yield leaf_hash(entry if line[-1:] == b"\n" else line)


def _against(signed: Sequence[Checkpoint], roots: Mapping[int, bytes], proven: int) -> Iterator[Fault]:
    """What the checkpoints say against the log, and against each other. Of two that the log signed, one that does not hold below one that does is of another history."""
    for size, root in sorted({(checkpoint.size, checkpoint.root) for checkpoint in signed}):
        if size < proven and roots[size] != root:
            yield Fault("forked", f"two histories were signed: the checkpoint of size {size} does not belong to that of size {proven}")
    for size, times in Counter(size for size, _ in {(checkpoint.size, checkpoint.root) for checkpoint in signed}).items():
        if times > 1 and size >= proven:
            yield Fault("forked", f"two histories were signed: there are {times} different checkpoints of size {size}")
    if failing := [checkpoint.size for checkpoint in signed if checkpoint.size > proven and roots.get(checkpoint.size, checkpoint.root) != checkpoint.root]:
        yield Fault("changed", f"{_entries(proven, failing[0])} as signed: the log was changed there, or another history was signed")


def _entries(first: int, end: int, are: str = "not") -> str:
    return f"entry {first} is {are}" if end == first + 1 else f"the entries {first} to {end - 1} are {are}"


@dataclass(slots=True)
class _Run:
    """Entries one after another, with one fault."""

    kind: Kind
    first: int
    end: int
    line: int
    says: str

    def fault(self) -> Fault:
        where = f"line {self.line}" if self.end == self.first + 1 else f"lines {self.line} to {self.line + self.end - self.first - 1}"
        return Fault(self.kind, f"{_entries(self.first, self.end, self.says)} ({where})")


class _Claim(NamedTuple):
    """An entry that stands in a place and says the number of another."""

    place: int
    number: int
    line: int


class _Order:
    """Whether each entry stands where it says that it stands. What is missing is kept as ranges, what stands elsewhere as runs; of both no more than are told."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._gaps: list[range] = []
        self._claims: list[_Claim] = []
        self._line = self._next = self._dropped = 0
        self._odd: Entry | None = None
        self._time = datetime.min.replace(tzinfo=UTC)

    def see(self, entry: Entry | None) -> None:
        """The next line: an entry, or something that is none."""
        self._settle(entry.index if entry else None)
        self._line += 1
        if entry is None:
            self._tell("changed", self._next, "not readable as an entry", self._line)
            self._next += 1
        elif entry.index == self._next:
            self._check_time(entry)
            self._next += 1
        else:
            self._odd = entry

    def close(self, signed: int) -> tuple[list[Fault], int]:
        """All faults, and how many more there are. ``signed``: so many entries there have to be."""
        self._settle(None)
        faults = [*(run.fault() for run in self._runs), *self._exchanged()]
        faults += (Fault("removed", _entries(gap.start, gap.stop, "missing")) for gap in self._gaps)
        if self._next < signed:
            faults.append(Fault("cut off", f"{_entries(self._next, signed, 'missing')} at the end of the log"))
        return faults, self._dropped

    def _settle(self, following: int | None) -> None:
        """An entry with a strange number was changed where the next one goes on as if it were right; else it stands in a strange place."""
        odd, self._odd = self._odd, None
        if odd is None:
            return
        if following == self._next + 1:
            self._claim(_Claim(self._next, odd.index, self._line))
            self._next += 1
        elif odd.index > self._next:
            self._leave(range(self._next, odd.index))
            self._next = odd.index + 1
        else:
            self._late(odd.index)

    def _exchanged(self) -> Iterator[Fault]:
        """Entries with the number of another one: they changed places where that one is gone from its own, else a number was changed."""
        places, numbers = {claim.place for claim in self._claims}, {claim.number for claim in self._claims}
        for place, number, line in self._claims:
            if number in places and place in numbers:
                yield Fault("reordered", f"entry {number} is in the place of entry {place} (line {line})")
            else:
                yield Fault("changed", f"entry {place} is numbered {number} (line {line})")

    def _late(self, index: int) -> None:
        gap = next((gap for gap in self._gaps if index in gap), None)
        if gap is None:
            self._tell("repeated", index, "there again", self._line)
            return
        self._gaps.remove(gap)
        self._leave(range(gap.start, index))
        self._leave(range(index + 1, gap.stop))
        self._tell("reordered", index, f"placed after entry {self._next - 1}", self._line)

    def _check_time(self, entry: Entry) -> None:
        if entry.time < self._time:
            self._tell("back-dated", entry.index, "older than an entry before", self._line)
        else:
            self._time = entry.time

    def _leave(self, gap: range) -> None:
        if gap and len(self._gaps) < MOST_FAULTS:
            self._gaps.append(gap)
        else:
            self._dropped += bool(gap)

    def _claim(self, claim: _Claim) -> None:
        if len(self._claims) < MOST_FAULTS:
            self._claims.append(claim)
        else:
            self._dropped += 1

    def _tell(self, kind: Kind, index: int, says: str, line: int) -> None:
        last = self._runs[-1] if self._runs else None
        if last is not None and (last.kind, last.says, last.end, last.line + last.end - last.first) == (kind, says, index, line):
            last.end += 1
        elif len(self._runs) < MOST_FAULTS:
            self._runs.append(_Run(kind, index, index + 1, line, says))
        else:
            self._dropped += 1
