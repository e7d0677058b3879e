"""A case about a call-up. While one that holds is open, the call-up does not move."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rightcall.office.accounts.fields import UnitOf
from rightcall.office.accounts.scope import ScopedModel
from rightcall.office.campaigns.models import CallUp


class Case(ScopedModel):
    """It is opened by a person, or by the office itself where it learns that somebody who was called is protected."""

    class Kind(models.TextChoices):
        CONTEST = "contest", _("contest")
        CORRECTION = "correction", _("data correction")

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        DECIDED = "decided", _("decided")

    class Origin(models.TextChoices):
        PERSON = "person", _("the person")
        REGISTER = "register", _("a register that changed")

    KIND = "case"
    unit = UnitOf("callup")
    callup = models.ForeignKey(CallUp, models.PROTECT, related_name="cases")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    words = models.TextField(max_length=4000, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(name="case_unit", fields=("unit", "id")),
            models.Index(name="case_unit_state", fields=("unit", "state", "id")),
            models.Index(name="case_unit_kind", fields=("unit", "kind", "id")),
            models.Index(name="case_state", fields=("state", "id")),
            models.Index(name="case_kind", fields=("kind", "id")),
        )

    def __str__(self) -> str:
        return f"{self.kind} #{self.callup_id}"

    @property
    def holds(self) -> bool:
        return self.state != self.State.DECIDED
