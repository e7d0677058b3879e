"""Signed checkpoints of the office's log, and receipts: an event with the proof that it is in the log."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils.translation import gettext as _

from rightcall.ledger.checkpoint import checkpoint_of, read_checkpoint
from rightcall.ledger.note import Note, Signer, read_note, read_signer
from rightcall.ledger.receipt import Receipt, receipt_for
from rightcall.ledger.tree import Frontier, consistency_proof, verify_consistency
from rightcall.office import clock
from rightcall.office.journal.models import Checkpoint, Event, Head, Node
from rightcall.office.journal.writing import HEAD
from rightcall.office.keys import ledger_key, origin
from rightcall.office.refusal import refuse


def signer() -> Signer:
    return read_signer(ledger_key())


def frontier() -> Frontier:
    head = Head.objects.filter(pk=HEAD).first()
    return Frontier.from_bytes(bytes(head.frontier)) if head else Frontier()


def note_of(row: Checkpoint) -> Note:
    return read_note(row.note.encode())


@transaction.atomic
def checkpoint() -> Checkpoint:
    """The newest state, signed; the one there is where nothing was added since. Raises ``Refusal``.

    INVARIANT: nothing is signed that does not continue what was signed before.
    """
    grown, newest = frontier(), Checkpoint.objects.first()
    if newest is not None and newest.size == grown.size:
        return newest
    if newest is not None and not continues(note_of(newest), grown):
        raise refuse(
            "ledger-changed", _("The log of this office does not continue what was signed before. Nothing is signed."), _("Run `rightcall office verify`.")
        )
    note = checkpoint_of(grown, origin()).signed(signer())
    return Checkpoint.objects.get_or_create(size=grown.size, defaults={"note": str(note), "at": clock.now()})[0]


def continues(signed: Note, grown: Frontier) -> bool:
    """Whether the log, as it is stored, begins with what a checkpoint signed."""
    old = read_checkpoint(signed)
    try:
        proof = consistency_proof(old.size, grown.size, nodes)
    except (ValueError, ObjectDoesNotExist):
        return False
    return verify_consistency(old.size, old.root, grown.size, grown.root(), proof)


def nodes(level: int, index: int) -> bytes:
    """The hash of a complete subtree, from the database."""
    if level == 0:
        return Event.objects.get(index=index).entry.leaf()
    return bytes(Node.objects.get(level=level, index=index).hash)


def receipt_of(event: Event) -> Receipt:
    """An event with the proof that it is in the log, under the newest checkpoint. Raises ``Refusal`` where none can be signed."""
    newest = Checkpoint.objects.first()
    covering = newest if newest is not None and newest.size > event.index else checkpoint()
    return receipt_for(event.entry, note_of(covering), nodes)


def lines() -> Iterator[bytes]:
    """The log as anybody may have it: one line an entry, nothing about anybody."""
    for event in Event.objects.order_by("index").defer("content", "salt").iterator(chunk_size=5000):
        yield event.entry.line() + b"\n"
