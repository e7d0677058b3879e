"""Looks: who opened the file of a person, so that he and those who watch can see it."""

from __future__ import annotations

from django.db import models

from rightcall.office.accounts.fields import UnitOf
from rightcall.office.accounts.models import Account, Unit
from rightcall.office.accounts.scope import ScopedModel
from rightcall.office.campaigns.models import CallUp


class Look(ScopedModel):
    """An account opened a person's file (``what``: which page or paper). ``unit`` is that of the one who looked, ``office`` that of the file."""

    KIND = "look"
    UNIT = "office_id"
    office = UnitOf("callup")
    callup = models.ForeignKey(CallUp, models.PROTECT, related_name="looks")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(name="look_office", fields=("office", "id")),)

    def __str__(self) -> str:
        return f"#{self.callup_id}: {self.what}"
