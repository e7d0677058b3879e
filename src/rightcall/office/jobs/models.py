"""A job: what is to be done, for whom, how far it is, and who has it on lease."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rightcall.office.accounts.models import Account, Unit
from rightcall.office.accounts.scope import ScopedModel


class Job(ScopedModel):
    """``language``: of whoever asked for it; what refuses the job is told in it.

    INVARIANT: of one kind about one thing (``key``) at most one waits, and at most one runs; what is asked for while one runs waits its turn.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    KIND = "job"
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    argument = models.JSONField(default=dict)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=5, default="en")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    doing = models.CharField(max_length=200, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    of = models.PositiveBigIntegerField(default=0)
    problems = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    leased_until = models.DateTimeField(null=True)
    made = models.DateTimeField()
    begun = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(name="one_job_waits", fields=("kind", "key"), condition=Q(state="waiting")),
            models.UniqueConstraint(name="one_job_runs", fields=("kind", "key"), condition=Q(state="running")),
        )
        indexes = (
            models.Index(name="job_unit", fields=("unit", "id")),
            models.Index(name="job_about", fields=("key", "id")),
            models.Index(name="job_state", fields=("state", "id")),
            models.Index(name="jobs_to_do", fields=("state", "leased_until", "id"), condition=Q(state__in=("waiting", "running"))),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.state}"

    @property
    def goes_on(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def share(self) -> int:
        """How far it is, in per cent."""
        return min(100, 100 * self.done // self.of) if self.of else 0
