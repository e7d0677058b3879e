"""Campaign, task, delivery of registers, roll, person, call-up, finding, questionnaire and claim."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rightcall.office.accounts.fields import Ordered, UnitOf
from rightcall.office.accounts.models import Account, Unit
from rightcall.office.accounts.scope import Actor, Scoped, ScopedModel
from rightcall.office.campaigns.queues import LONGEST, queue


class CampaignRows(Scoped):
    def visible_to(self, actor: Actor) -> CampaignRows:
        """Also of units above, where one of the actor's units has a task in it."""
        scope = actor.scope("campaign")
        if scope.everywhere:
            return self
        units = sorted(scope.units)
        return self.filter(Q(unit__in=units) | Q(pk__in=Task.objects.filter(unit__in=units).values("campaign"))) if units else self.none()


class Campaign(ScopedModel):
    """A call-up by an act, under a law in one version, in a period. ``most``: how many people the act allows to be called."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        RUNNING = "running", _("running")
        ENDED = "ended", _("ended")
        ANNULLED = "annulled", _("annulled")

    KIND = "campaign"
    name = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="campaigns")
    act = models.CharField(max_length=300)
    cite = models.CharField(max_length=200)
    pack = models.CharField(max_length=300)
    pack_hash = models.CharField(max_length=64)
    readings = models.CharField(max_length=300, blank=True)
    on = models.CharField(max_length=60, blank=True)
    starts = models.DateField()
    ends = models.DateField()
    contest_days = models.PositiveSmallIntegerField(default=10)
    most = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    drafted_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    authorised_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    authorised_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    objects: ClassVar[Any] = CampaignRows.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(name="campaign_ends_after_it_starts", condition=Q(ends__gte=F("starts"))),
            models.CheckConstraint(name="campaign_by_two", condition=Q(authorised_by=None) | ~Q(authorised_by=F("drafted_by"))),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def pack_name(self) -> str:
        """The name of its pack, also where that is a folder."""
        return Path(self.pack).name

    def runs_on(self, day: date) -> bool:
        """Its period, both days included, and not before it is authorised."""
        return self.state == self.State.RUNNING and self.starts <= day <= self.ends


class Task(ScopedModel):
    """How many people a unit is to call up at most in a campaign: a limit, never a target to be reached."""

    KIND = "campaign"
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tasks")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="tasks")
    number = models.PositiveIntegerField()

    class Meta:
        ordering = ("unit__path",)
        constraints = (models.UniqueConstraint(name="one_task_a_unit", fields=("campaign", "unit")),)

    def __str__(self) -> str:
        return f"{self.unit}: {self.number}"


class Delivery(ScopedModel):
    """The registers as they stood when they were delivered: a folder that does not change. The latest counts."""

    KIND = "campaign"
    UNIT = "campaign__unit_id"
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="deliveries")
    folder = models.CharField(max_length=60, unique=True)
    files = models.JSONField()
    says = models.CharField(max_length=200)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.campaign}: {self.says}"


class Roll(ScopedModel):
    """A list of people that an office proposes. Frozen, nothing of it changes; its SHA-256 stands in the ledger before anybody is called."""

    class State(models.TextChoices):
        READING = "reading", _("being read")
        REFUSED = "refused", _("refused: it has faults")
        READY = "ready", _("read, not frozen")
        FREEZING = "freezing", _("being frozen")
        FROZEN = "frozen", _("frozen, not signed")
        SIGNED = "signed", _("signed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    KIND = "roll"
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="rolls")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rolls")
    state = models.CharField(max_length=9, choices=State.choices, default=State.READING)
    folder = models.CharField(max_length=40, unique=True)
    files = models.JSONField()
    sha256 = models.CharField(max_length=64)
    count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    frozen_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    run = models.CharField(max_length=60, blank=True)
    screened_at = models.DateTimeField(null=True)
    summary = models.JSONField(default=dict)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.unit}, {self.uploaded_at:%Y-%m-%d}, {self.count}"

    @property
    def is_screened(self) -> bool:
        return bool(self.run)

    @property
    def name(self) -> str:
        return ", ".join(file["name"] for file in self.files)


class Person(models.Model):
    """Who is on a roll: the identity, apart from everything else, seen only through his call-up."""

    number = models.CharField(max_length=60, blank=True)
    surname = Ordered(max_length=120, blank=True)
    given = models.CharField(max_length=120, blank=True)
    patronymic = models.CharField(max_length=120, blank=True)
    birth = models.DateField(null=True)
    place = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(name="person_surname", fields=("surname", "id")), models.Index(name="person_number", fields=("number",)))

    def __str__(self) -> str:
        return " ".join(filter(None, (self.surname, self.given, self.patronymic))) or self.number or f"#{self.pk}"


class CallUp(ScopedModel):
    """One person on one roll, from the list to the notice and on. ``verdict`` and ``because`` are of the last finding; ``queue`` follows from them.

    ``because``: what leaves him open; of somebody protected ``NO_READER``, where a ground is that he is dead and no letter is written.

    INVARIANT: nobody is noticed whose state is not ``checked``, whose verdict is not ``clear``, or who is held by an open case.
    """

    class State(models.TextChoices):
        LISTED = "listed", _("listed")
        CHECKED = "checked", _("checked")
        NOTICED = "noticed", _("noticed")
        SERVED = "served", _("served")
        REPORTED = "reported", _("reported")
        SERVING = "serving", _("serving")
        RELEASED = "released", _("released")
        EXCUSED = "excused", _("struck: protected by law")
        VOID = "void", _("void")

    class Verdict(models.TextChoices):
        BARRED = "barred", _("barred")
        DEFERRED = "deferred", _("deferred")
        OPEN = "open", _("open")
        CLEAR = "clear", _("clear")

    KIND = "callup"
    NO_READER = "no_reader"
    roll = models.ForeignKey(Roll, models.PROTECT, related_name="callups", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="callups", db_index=False)
    person = models.OneToOneField(Person, models.PROTECT, related_name="callup")
    row = models.PositiveIntegerField()
    row_id = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.LISTED)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    because = models.CharField(max_length=12, blank=True)
    held = models.BooleanField(default=False)
    queue = models.GeneratedField(expression=queue(), output_field=models.CharField(max_length=LONGEST), db_persist=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(name="a_row_is_one_callup", fields=("roll", "row_id")),)
        indexes = (
            models.Index(name="callup_unit", fields=("unit", "id", "person")),
            models.Index(name="callup_unit_queue", fields=("unit", "queue", "id")),
            models.Index(name="callup_unit_state", fields=("unit", "state", "roll")),
            models.Index(name="callup_roll", fields=("roll", "id")),
            models.Index(name="callup_roll_queue", fields=("roll", "queue", "id")),
            models.Index(name="callup_queue", fields=("queue", "id")),
            models.Index(name="callup_row_id", fields=("row_id", "person")),
            models.Index(name="callup_person", fields=("person", "unit")),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class Tally(ScopedModel):
    """How many of a roll are in a queue: the sum over its rows. INVARIANT: only the triggers of ``campaigns.tally`` write here."""

    KIND = "figure"
    roll = models.ForeignKey(Roll, models.PROTECT, related_name="tallies", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    queue = models.CharField(max_length=LONGEST)
    number = models.IntegerField()

    class Meta:
        indexes = (models.Index(name="tally_of_roll", fields=("roll", "queue")),)

    def __str__(self) -> str:
        return f"{self.roll_id} {self.queue}: {self.number}"


class Finding(ScopedModel):
    """What a run found of a person. Findings are added, never changed: the last one counts."""

    KIND = "finding"
    unit = UnitOf("callup")
    callup = models.ForeignKey(CallUp, models.PROTECT, related_name="findings", db_index=False)
    run = models.CharField(max_length=60)
    at = models.DateTimeField()
    verdict = models.CharField(max_length=8, choices=CallUp.Verdict.choices)
    label = models.CharField(max_length=40, blank=True)
    reasons = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    questions = models.JSONField(default=list)
    explanation: Any = models.JSONField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(name="one_finding_a_run", fields=("callup", "run")),)
        indexes = (
            models.Index(name="finding_unit", fields=("unit", "id")),
            models.Index(name="finding_unit_verdict", fields=("unit", "verdict", "id")),
            models.Index(name="finding_verdict", fields=("verdict", "id")),
        )

    def __str__(self) -> str:
        return f"#{self.callup_id}: {self.verdict}"


class Questionnaire(ScopedModel):
    """Questions put to one person, by a link or on paper. ``known``: what the registers said of him when it was opened; ``replies``: his, in order."""

    class State(models.TextChoices):
        SENT = "sent", _("sent")
        OPENED = "opened", _("opened")
        ANSWERED = "answered", _("answered")

    KIND = "questionnaire"
    unit = UnitOf("callup")
    callup = models.ForeignKey(CallUp, models.PROTECT, related_name="questionnaires")
    token = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.SENT)
    known = models.JSONField(null=True)
    replies = models.JSONField(default=list)
    sent_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(name="one_questionnaire_at_a_time", fields=("callup",), condition=~Q(state="answered")),)
        indexes = (
            models.Index(name="questionnaire_unit", fields=("unit", "id")),
            models.Index(name="questionnaire_unit_state", fields=("unit", "state", "id")),
            models.Index(name="questionnaire_state", fields=("state", "id")),
        )

    def __str__(self) -> str:
        return f"#{self.callup_id}: {self.state}"


class Claim(ScopedModel):
    """What a person said of one fact (or of the rows of a list), and whether he proved it. A later claim of the same fact takes its place."""

    KIND = "questionnaire"
    UNIT = "callup__unit_id"
    callup = models.ForeignKey(CallUp, models.PROTECT, related_name="claims")
    fact = models.CharField(max_length=120)
    value: Any = models.JSONField()
    proven = models.BooleanField(default=False)
    proof = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(name="claims_of", fields=("callup", "fact")),)

    def __str__(self) -> str:
        return f"#{self.callup_id}: {self.fact}"
