"""Opening a case. Filing holds: the call-up stands still from the moment the case is there."""

from __future__ import annotations

from django.db import transaction

from rightcall.office.campaigns.models import CallUp
from rightcall.office.cases.models import Case
from rightcall.office.clock import now
from rightcall.office.journal.writing import record

MOST_WORDS = 4000


@transaction.atomic
def open_case(callup: CallUp, kind: str, origin: str, words: str = "") -> Case:
    """A case that is received, and holds. One that says the same from the same origin is not opened twice while it is open."""
    CallUp.objects.select_for_update().get(pk=callup.pk)
    same: Case | None = Case.objects.filter(callup=callup, kind=kind, origin=origin, words=words, state=Case.State.RECEIVED).first()
    if same:
        return same
    case: Case = Case.objects.create(callup=callup, kind=kind, origin=origin, words=words, at=now())
    CallUp.objects.filter(pk=callup.pk).update(held=True)
    record("case.received", case, None, {"callup": callup.pk, "kind": kind, "origin": origin, "words": words})
    return case
