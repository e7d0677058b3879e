"""Signed checkpoints of the office's log, and receipts: an event with the proof that it is in the log."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from rightcall.ledger.checkpoint import checkpoint_of
from rightcall.ledger.note import Signer, read_signer
from rightcall.ledger.tree import Frontier
from rightcall.office import clock
from rightcall.office.journal.models import Checkpoint, Event, Head, Node
from rightcall.office.journal.writing import HEAD
from rightcall.office.keys import ledger_key, origin


def signer() -> Signer:
    return read_signer(ledger_key())


def frontier() -> Frontier:
    head = Head.objects.filter(pk=HEAD).first()
    return Frontier.from_bytes(bytes(head.frontier)) if head else Frontier()


@transaction.atomic
def checkpoint() -> Checkpoint:
    """The newest state, signed; the one there is where nothing was added since."""
    grown = frontier()
    there = Checkpoint.objects.filter(size=grown.size).first()
    if there:
        return there
    note = checkpoint_of(grown, origin()).signed(signer())
    return Checkpoint.objects.create(size=grown.size, note=str(note), at=clock.now())


def nodes(level: int, index: int) -> bytes:
    """The hash of a complete subtree, from the database."""
    if level == 0:
        return Event.objects.get(index=index).entry.leaf()
    return bytes(Node.objects.get(level=level, index=index).hash)


def lines() -> Iterator[bytes]:
    """The log as anybody may have it: one line an entry, nothing about anybody."""
    for event in Event.objects.order_by("index").defer("content", "salt").iterator(chunk_size=5000):
        yield event.entry.line() + b"\n"
