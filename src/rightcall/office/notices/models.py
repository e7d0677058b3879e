"""Site, notice, attempts to serve it, and reports of improper notices."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rightcall.office.accounts.models import Account, Unit
from rightcall.office.accounts.scope import Actor, Scoped, ScopedModel
from rightcall.office.campaigns.models import CallUp


class SiteRows(Scoped):
    def visible_to(self, actor: Actor) -> SiteRows:
        """Also of units above: an office sends people to the sites of its region."""
        scope = actor.scope("site")
        return self if scope.everywhere else self.filter(unit__in=sorted(scope.units | actor.above("site")))


class Site(ScopedModel):
    """Where people report: those of its unit and of all beneath. ``places``: how many it can take on one day."""

    KIND = "site"
    objects: ClassVar[Any] = SiteRows.as_manager()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sites")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    places = models.PositiveIntegerField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """As it stands in the signed code of a notice, and beside the place on its paper: at most eight signs."""
        return f"S{self.pk}"


class Batch(ScopedModel):
    """Notices that are issued together: for one roll, to one site, on one day."""

    KIND = "notice"
    UNIT = "roll__unit_id"
    roll = models.ForeignKey("campaigns.Roll", models.PROTECT, related_name="batches")
    site = models.ForeignKey(Site, models.PROTECT, related_name="batches")
    report_on = models.DateField()
    report_at = models.TimeField()
    language = models.CharField(max_length=5)
    number = models.PositiveIntegerField()
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    refused = models.JSONField(default=dict)
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.roll} {self.report_on}"


class Mailing(ScopedModel):
    """Letters to many of a roll, made together: one file to be printed and posted."""

    class Kind(models.TextChoices):
        STRUCK = "struck", _("letters to those who were struck")
        QUESTIONS = "questions", _("questionnaires")

    KIND = "questionnaire"
    UNIT = "roll__unit_id"
    roll = models.ForeignKey("campaigns.Roll", models.PROTECT, related_name="mailings")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    language = models.CharField(max_length=5)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.kind} {self.roll_id}"


class Notice(ScopedModel):
    """One notice to one person. Its number is 128 random bits, its index a random place in the status list.

    INVARIANT: of one call-up at most one notice is in force.
    """

    class State(models.TextChoices):
        IN_FORCE = "in_force", _("in force")
        REPLACED = "replaced", _("replaced")
        REVOKED = "revoked", _("revoked")

    KIND = "notice"
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="notices", db_index=False)
    callup = models.ForeignKey(CallUp, models.PROTECT, related_name="notices")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="notices", db_index=False)
    number = models.CharField(max_length=32, unique=True)
    index = models.PositiveIntegerField(unique=True)
    code = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State.choices, default=State.IN_FORCE)
    site = models.ForeignKey(Site, models.PROTECT, related_name="notices")
    report_on = models.DateField()
    report_at = models.TimeField()
    contest_until = models.DateField()
    language = models.CharField(max_length=5)
    ground: Any = models.JSONField(default=dict)
    issued_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    ended_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, blank=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")
    printed_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(name="one_notice_in_force", fields=("callup",), condition=Q(state="in_force")),)
        indexes = (
            models.Index(name="notice_unit", fields=("unit", "id")),
            models.Index(name="notice_unit_state", fields=("unit", "state", "id")),
            models.Index(name="notice_unit_batch", fields=("unit", "batch", "id")),
            models.Index(name="notice_state", fields=("state", "id")),
            models.Index(name="notice_batch", fields=("batch", "id")),
            models.Index(name="notice_site_day", fields=("site", "report_on"), condition=Q(state="in_force")),
            models.Index(name="notice_to_print", fields=("batch", "id"), condition=Q(printed_at=None)),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class ServiceAttempt(ScopedModel):
    """An attempt to serve a notice, with what proves it. Kept also when it failed."""

    class How(models.TextChoices):
        POST = "post", _("registered letter")
        HAND = "hand", _("handed over against signature")
        MAILBOX = "mailbox", _("official electronic mailbox")
        EMPLOYER = "employer", _("through the employer or school")

    class Outcome(models.TextChoices):
        SENT = "sent", _("sent, not yet known")
        SERVED = "served", _("served")
        FAILED = "failed", _("not served")

    KIND = "notice"
    UNIT = "notice__unit_id"
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="attempts")
    how = models.CharField(max_length=8, choices=How.choices)
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    on = models.DateField()
    proof = models.CharField(max_length=300)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.how}: {self.outcome}"


class ImproperReport(ScopedModel):
    """Somebody was called in a way that is no notice: by loudspeaker, a list on a door, an unsigned paper, by telephone. No account is needed."""

    class How(models.TextChoices):
        LOUDSPEAKER = "loudspeaker", _("by loudspeaker or in the street")
        LIST = "list", _("a list on a door or a wall")
        PAPER = "paper", _("a paper without signature or code, or that does not verify")
        TELEPHONE = "telephone", _("by telephone or message")
        WORK = "work", _("at work or school, without a paper")
        OTHER = "other", _("otherwise")

    KIND = "report"
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="reports", db_index=False)
    reference = models.CharField(max_length=20, unique=True)
    how = models.CharField(max_length=11, choices=How.choices)
    on = models.DateField(null=True)
    place = models.CharField(max_length=200)
    words = models.TextField(max_length=4000, blank=True)
    at = models.DateTimeField()
    handled_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(name="report_unit", fields=("unit", "id")), models.Index(name="report_how", fields=("how", "id")))

    def __str__(self) -> str:
        return self.reference
