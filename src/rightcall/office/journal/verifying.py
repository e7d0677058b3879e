"""The office looks at its own log from within: every event against its commitment, the tree against what is stored of it, and the checkpoints against both.

An outsider sees that the log only grew; what the events say, only the office and the people can open. Read from front to back and never held, so that a log
may be of any length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rightcall.law.problem import Refused
from rightcall.ledger import tree
from rightcall.ledger.checkpoint import attested
from rightcall.ledger.entry import Entry
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
    found, grown = Verdict(), Frontier()
    signed = list(_signed(found))
    for events in _chunks():
        grown = _grown(grown, events, found, signed)
    for size, _ in signed:
        if size > grown.size:
            found.fault(f"cut off: a checkpoint of {size} events was signed, and there are {grown.size}")
    if grown != frontier():
        found.fault("changed: the tree of the log is not that of its events")
    if (stored := Node.objects.count()) != (made := sum(grown.size >> level for level in range(1, grown.size.bit_length()))):
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


def _grown(grown: Frontier, events: list[Event], found: Verdict, signed: list[tuple[int, bytes]]) -> Frontier:
    """The tree with more events, each looked at; its new hashes compared with those that are stored, and its roots with those that were signed."""
    _check_places(events, grown.size, found)
    leaves = [_opened(event, found).leaf() for event in events]
    first, last = grown.size, grown.size + len(events)
    roots = {size: root for size, root in signed if first < size <= last}
    for size in sorted({*roots, last}):
        grown, made = grown.grow(leaves[grown.size - first : size - first])
        _compare([node for node in made if node.level], found)
        if size in roots:
            _hold(size, grown.root(), roots[size], found)
    return grown


def _check_places(events: list[Event], place: int, found: Verdict) -> None:
    for event in events:
        if event.index > place:
            found.fault(f"removed: event {place} is missing" if event.index == place + 1 else f"removed: the events {place} to {event.index - 1} are missing")
        place = event.index + 1


def _opened(event: Event, found: Verdict) -> Entry:
    """Its entry; and whether what it says is what it was made for. What was destroyed cannot be opened, and that is no fault."""
    found.events += 1
    opening = event.opening
    try:
        right = opening is None or opening.opens(event.entry)
    except (Refused, ValueError):
        right = False
    found.opened += right and opening is not None
    if not right:
        found.fault(f"changed: what event {event.index} ({event.kind}) says is not what was written")
    return event.entry


def _compare(made: Sequence[tree.Node], found: Verdict) -> None:
    """Hashes that events make, beside those that are stored: a query for each level."""
    for level in sorted({node.level for node in made}):
        of = {node.position: node.hash for node in made if node.level == level}
        rows = Node.objects.filter(level=level, index__gte=min(of), index__lte=max(of))
        stored = {index: bytes(hash) for index, hash in rows.values_list("index", "hash")}
        for index in (index for index, hash in of.items() if stored.get(index) != hash):
            found.fault(f"changed: the hash over the events {index << level} to {((index + 1) << level) - 1} is not the one that was stored")


def _hold(size: int, root: bytes, signed: bytes, found: Verdict) -> None:
    if root == signed:
        found.proven = size
    else:
        found.fault(f"changed: the first {size} events are not as they were signed")
