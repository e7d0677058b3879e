"""Asking for work, and the kinds of work there are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rightcall.office.accounts.models import Account, Unit
from rightcall.office.accounts.scope import Actor
from rightcall.office.clock import now
from rightcall.office.jobs.models import Job
from rightcall.office.journal.writing import record
from rightcall.office.refusal import refuse

LEASE = timedelta(seconds=15)
_OFTEN = 0.5
Work = Callable[["Progress", Mapping[str, Any]], None]
KINDS: dict[str, Work] = {}


class LeaseLost(Exception):
    """Another worker has the job: this one stops where it is."""


def kind(name: str) -> Callable[[Work], Work]:
    """Names a function as a kind of work."""

    def named(work: Work) -> Work:
        KINDS[name] = work
        return work

    return named


def ask_for(name: str, key: object, unit: Unit, by: Account | None, **argument: Any) -> Job:
    """A job; the one that waits already, where there is one (one that runs may not see what is new). To be called in the transaction that needs it."""
    asked = {"argument": argument, "unit": unit, "asked_by": by, "made": now(), "language": get_language() or "en"}
    job: Job = Job.objects.get_or_create(defaults=asked, kind=name, key=str(key), state=Job.State.WAITING)[0]
    return job


@transaction.atomic
def again(actor: Actor, pk: int) -> Job:
    """Have work that broke off begun anew: it goes on with what is left. Raises ``Refusal``."""
    job: Job = Job.objects.visible_to(actor).select_related("unit").select_for_update(of=("self",)).get(pk=pk)
    by = actor.require("job.again", job.unit)
    if job.state != Job.State.FAILED:
        raise refuse("not-failed", _("Only work that broke off can be begun anew."))
    if Job.objects.filter(kind=job.kind, key=job.key, state=Job.State.WAITING).exists():
        raise refuse("waits", _("The same work waits already."), _("It does what this one would have done."))
    job.state, job.attempts, job.problems, job.ended = Job.State.WAITING, 0, [], None
    job.save(update_fields=["state", "attempts", "problems", "ended"])
    record("job.again", job, by)
    return job


class Progress:
    """How far a job is, for whoever looks at it. Telling it also keeps the lease.

    INVARIANT: whatever a job writes to the database, it writes while it holds itself (``hold``): a worker that slept too long writes nothing beside the one
    that took its work over.

    Raises ``LeaseLost`` where another worker has the job.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._told = 0.0

    def doing(self, stage: str) -> None:
        self.job.doing, self.job.done, self.job.of = stage[:200], 0, 0
        self._tell()

    def more(self, done: int, of: int) -> None:
        self.job.done, self.job.of = self.job.done + done, of
        if time.monotonic() - self._told > _OFTEN:
            self._tell()

    def hold(self) -> None:
        """Keep the job for this worker until the transaction ends."""
        if Job.objects.select_for_update().filter(pk=self.job.pk, worker=self.job.worker, state=Job.State.RUNNING).first() is None:
            raise LeaseLost

    def _tell(self) -> None:
        self._told = time.monotonic()
        ours = Job.objects.filter(pk=self.job.pk, worker=self.job.worker, state=Job.State.RUNNING)
        if not ours.update(doing=self.job.doing, done=self.job.done, of=self.job.of, leased_until=timezone.now() + LEASE):
            raise LeaseLost
