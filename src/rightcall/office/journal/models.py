"""Event, node, head and checkpoint: the ledger as rows. The application adds rows and never changes one, but for the head."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.db import models

from rightcall.ledger.entry import Entry, Opening
from rightcall.office.accounts.models import Account, Unit
from rightcall.office.accounts.scope import ScopedModel


class Event(ScopedModel):
    """Something that happened. ``index`` is its place in the log; ``content`` and ``salt`` open its commitment, and are gone when content is destroyed."""

    KIND = "event"
    index = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=64)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    actor = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=60)
    content: Any = models.JSONField(null=True)
    salt = models.BinaryField(max_length=16, null=True)
    commitment = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("-index",)
        indexes = (
            models.Index(name="event_unit", fields=("unit", "index")),
            models.Index(name="event_unit_kind", fields=("unit", "kind", "index")),
            models.Index(name="event_kind", fields=("kind", "index")),
            models.Index(name="event_subject", fields=("subject", "index")),
        )

    def __str__(self) -> str:
        return f"{self.index} {self.kind}"

    @property
    def entry(self) -> Entry:
        return Entry(self.index, self.at.astimezone(UTC), self.kind, bytes(self.commitment))

    @property
    def opening(self) -> Opening | None:
        """What the commitment was made for; nothing once it was destroyed."""
        return Opening(self.content, bytes(self.salt)) if self.salt is not None else None


class Node(models.Model):
    """The hash of a complete subtree, of level 1 and above; it never changes."""

    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.UniqueConstraint(name="one_node", fields=("level", "index")),)

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Head(models.Model):
    """The one row that grows: the frontier of the tree. Whoever adds to the log holds it."""

    frontier = models.BinaryField()
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "head"


class Checkpoint(models.Model):
    """A signed state of the log, with the cosignatures of witnesses that were had."""

    size = models.PositiveBigIntegerField(unique=True)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("-size",)

    def __str__(self) -> str:
        return str(self.size)
