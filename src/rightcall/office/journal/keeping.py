"""Keeping the log signed: a checkpoint every hour, and once it is quiet after something was written; witnesses are asked to co-sign it.

A thread of each worker. INVARIANT: a witness that does not answer stops nothing; what it has not co-signed it is asked for again.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from rightcall.law.problem import Refused
from rightcall.ledger.note import Note, Verifier, read_verifier, verified
from rightcall.ledger.service import cosigned
from rightcall.ledger.submission import submission
from rightcall.office import clock
from rightcall.office.journal import checkpoints
from rightcall.office.journal.models import Checkpoint, Head
from rightcall.office.journal.writing import HEAD
from rightcall.office.refusal import Refusal, tell

log = logging.getLogger(__name__)
EVERY, QUIET = timedelta(hours=1), timedelta(minutes=1)
_LOOK, _AGAIN = 20.0, 300.0
_TRIED: dict[str, float] = {}


def keep_forever(stop: threading.Event) -> None:
    """Look now and then, until told to stop."""
    while not stop.wait(_LOOK):
        try:
            keep()
        except (OperationalError, InterfaceError) as error:
            log.warning("the log could not be signed: %s", type(error).__name__)
        except Refusal as refusal:
            tell(refusal, "a checkpoint")
        finally:
            connection.close()


def keep() -> Checkpoint | None:
    """The newest checkpoint, made where one is due, with the cosignatures that could be had."""
    newest = checkpoints.checkpoint() if is_due() else Checkpoint.objects.first()
    return witnessed(newest) if newest is not None else None


def is_due() -> bool:
    """Something is not signed yet, and the last checkpoint is an hour old, or nothing was written for a minute."""
    head, newest, moment = Head.objects.filter(pk=HEAD).first(), Checkpoint.objects.first(), clock.now()
    if head is None or head.at is None or (newest is not None and newest.size >= checkpoints.frontier().size):
        return False
    return newest is None or moment - newest.at >= EVERY or moment - head.at >= QUIET


def witnesses() -> list[tuple[str, Verifier]]:
    """Address and key of each witness of this office. Raises ``Refused`` where the setting is none."""
    words = settings.WITNESSES.split()
    return [(url, read_verifier(key)) for url, key in zip(words[::2], words[1::2], strict=True)]


def witnessed(row: Checkpoint) -> Checkpoint:
    """A checkpoint, shown to those who have not co-signed it."""
    for url, key in witnesses():
        note = checkpoints.note_of(row)
        if verified(note, [key]) or time.monotonic() - _TRIED.get(url, float("-inf")) < _AGAIN:
            continue
        _TRIED[url] = time.monotonic()
        try:
            row = _with(row, cosigned(url, note, lambda seen, note=note: submission(seen, note, checkpoints.nodes), (key,)))  # type: ignore[misc]
            del _TRIED[url]
        except Refused:
            log.warning("the witness %s does not co-sign", key.name)
    return row


@transaction.atomic
def _with(row: Checkpoint, note: Note) -> Checkpoint:
    """The checkpoint with what a witness signed beside what others did meanwhile."""
    held = Checkpoint.objects.select_for_update().get(pk=row.pk)
    there = checkpoints.note_of(held)
    held.note = str(there.signed(*(one for one in note.signatures if one not in there.signatures)))
    held.save(update_fields=["note"])
    return held
