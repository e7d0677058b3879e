"""Writing events. In the transaction of the act: either both are there, or neither.

INVARIANT: time does not run backwards in the log. Where the clock of the machine was set back, nothing is written until it is put right; some seconds, as
between the clocks of two machines, count as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from rightcall.ledger.entry import Json, new_entry, seal
from rightcall.ledger.tree import Frontier
from rightcall.office.accounts.models import Account
from rightcall.office.clock import now
from rightcall.office.journal.models import Event, Head, Node
from rightcall.office.refusal import ClockSetBack, Reason

HEAD = 1
_APART = timedelta(seconds=5)
_NOTHING: Mapping[str, Json] = {}


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says: its kind, what it is about, and the content that its commitment binds."""

    kind: str
    about: models.Model
    content: Mapping[str, Json] = field(default_factory=lambda: _NOTHING)


def record(kind: str, about: models.Model, by: Account | None, content: Mapping[str, Json] = _NOTHING) -> Event:
    """One event. Raises ``Refusal`` where the clock stands before the last event."""
    return record_all([Said(kind, about, content)], by)[0]


def record_all(said: Iterable[Said], by: Account | None) -> list[Event]:
    """Events in one breath, in order. To be called in a transaction that also makes what they tell of."""
    with transaction.atomic():
        head, moment = _held(), now()
        if head.at is not None and moment < head.at:
            if head.at - moment > _APART:
                raise _set_back(moment, head.at)
            moment = head.at
        frontier = Frontier.from_bytes(bytes(head.frontier))
        events = [_event(frontier.size + place, moment, one, by) for place, one in enumerate(said)]
        grown, made = frontier.grow(event.entry.leaf() for event in events)
        Event.objects.bulk_create(events, batch_size=2000)
        Node.objects.bulk_create([Node(level=node.level, index=node.position, hash=node.hash) for node in made if node.level], batch_size=2000)
        head.frontier, head.at = grown.to_bytes(), moment
        head.save(update_fields=["frontier", "at"])
    return events


def _held() -> Head:
    """The head, held until the transaction ends."""
    Head.objects.get_or_create(pk=HEAD, defaults={"frontier": Frontier().to_bytes()})
    return Head.objects.select_for_update().get(pk=HEAD)


def _set_back(moment: datetime, last: datetime) -> ClockSetBack:
    told = {"now": f"{moment:%Y-%m-%d %H:%M:%S}", "last": f"{last:%Y-%m-%d %H:%M:%S}"}
    return ClockSetBack(
        Reason(
            "clock",
            _("The clock of this machine says %(now)s, but something was recorded at %(last)s already. Nothing was done.") % told,
            _("Set the clock right (UTC), then do it again."),
        )
    )


def _event(index: int, moment: datetime, said: Said, by: Account | None) -> Event:
    about = said.about
    content: dict[str, Any] = {"about": subject_of(about), "by": by.pk if by else None, **said.content}
    opening = seal(content)
    entry = new_entry(index, moment, said.kind, opening.commitment())
    return Event(
        index=index, at=moment, kind=said.kind, unit_id=_unit_of(about), actor=by, subject=subject_of(about),
        content=content, salt=opening.salt, commitment=entry.commitment,
    )  # fmt: skip


def subject_of(about: models.Model) -> str:
    return f"{about._meta.model_name}:{about.pk}"


def _unit_of(about: Any) -> int | None:
    """The unit of a row, by its way to it."""
    value = about
    for step in getattr(about, "UNIT", "").split("__"):
        value = getattr(value, step, None)
    pk = getattr(value, "pk", value)
    return pk if isinstance(pk, int) else None
