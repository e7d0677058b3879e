"""The office looks at its own log from within: every event against its commitment, the tree against what is stored of it, and the checkpoints against both.

An outsider sees that the log only grew; what the events say, only the office and the people can open. Read from front to back and never held, so that a log
may be of any length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rightcall.law.problem import Refused
from rightcall.ledger.checkpoint import attested
from rightcall.ledger.note import Unproven, read_note, read_verifier
from rightcall.ledger.tree import Frontier
from rightcall.office.journal.checkpoints import frontier
from rightcall.office.journal.models import Checkpoint, Event, Node
from rightcall.office.keys import ledger_verifier

CHUNK = 2000
MOST_FAULTS = 100


@dataclass(slots=True)
class Verdict:
    """How many events there are, how many can be opened, how far a checkpoint proves them, and what is wrong: the first faults, and how many."""

    events: int = 0
    opened: int = 0
    proven: int = 0
    faults: list[str] = field(default_factory=list)
    count: int = 0

    def fault(self, says: str) -> None:
        self.count += 1
        if self.count <= MOST_FAULTS:
            self.faults.append(says)


def verify() -> Verdict:
    """Look at everything. INVARIANT: where there is no fault, what the events say is what was written when they happened, and all of it was signed or is new."""
    found, tree = Verdict(), Frontier()
    signed = list(_signed(found))
    for events in _chunks():
        tree = _grown(tree, events, found, signed)
    for size, _ in signed:
        if size > tree.size:
            found.fault(f"cut off: a checkpoint of {size} events was signed, and there are {tree.size}")
    if tree != frontier():
        found.fault("changed: the tree of the log is not that of its events")
    if (stored := Node.objects.count()) != (made := sum(tree.size >> level for level in range(1, tree.size.bit_length()))):
        found.fault(f"changed: {stored} hashes of the tree are stored, and {made} belong to its events")
    return found


def _signed(found: Verdict) -> Iterator[tuple[int, bytes]]:
    """The checkpoints that hold their signature, by size."""
    key = read_verifier(ledger_verifier())
    for row in Checkpoint.objects.order_by("size").iterator(chunk_size=CHUNK):
        try:
            checkpoint = attested(read_note(row.note.encode()), key).checkpoint
        except (Refused, Unproven):
            found.fault(f"forged: the checkpoint of {row.size} events is not signed by this log")
        else:
            yield checkpoint.size, checkpoint.root


def _chunks() -> Iterator[list[Event]]:
    last = -1
    while events := list(Event.objects.filter(index__gt=last).order_by("index")[:CHUNK]):
        yield events
        last = events[-1].index


def _grown(tree: Frontier, events: list[Event], found: Verdict, signed: list[tuple[int, bytes]]) -> Frontier:
    """The tree with more events, each looked at, and its new hashes compared with those that are stored."""
    place = tree.size
    for event in events:
        if event.index != place:
            found.fault(f"removed: event {place} is missing" if event.index == place + 1 else f"removed: the events {place} to {event.index - 1} are missing")
            place = event.index
        _opened(event, found)
        place += 1
    first = tree.size
    roots = {size - first: root for size, root in signed if first < size <= first + len(events)}
    leaves = [event.entry.leaf() for event in events]
    grown = tree
    for number, leaf in enumerate(leaves, 1):
        grown, made = grown.grow([leaf])
        _compare({(node.level, node.position): node.hash for node in made if node.level}, found)
        if number in roots:
            _hold(first + number, grown.root(), roots[number], found)
    return grown


def _opened(event: Event, found: Verdict) -> None:
    found.events += 1
    opening = event.opening
    if opening is None:
        return
    try:
        right = opening.opens(event.entry)
    except (Refused, ValueError):
        right = False
    if right:
        found.opened += 1
    else:
        found.fault(f"changed: what event {event.index} ({event.kind}) says is not what was written")


def _compare(made: dict[tuple[int, int], bytes], found: Verdict) -> None:
    for (level, index), hash in made.items():
        stored = Node.objects.filter(level=level, index=index).values_list("hash", flat=True).first()
        if stored is None or bytes(stored) != hash:
            found.fault(f"changed: the hash over the events {index << level} to {((index + 1) << level) - 1} is not the one that was stored")


def _hold(size: int, root: bytes, signed: bytes, found: Verdict) -> None:
    if root == signed:
        found.proven = size
    else:
        found.fault(f"changed: the first {size} events are not as they were signed")
