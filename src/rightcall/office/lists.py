"""All lists of the office, by name: pages, exports and the API are made from these and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, TextChoices
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rightcall.notice.number import Number
from rightcall.office.accounts.models import Account, Grant, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor, Scoped
from rightcall.office.campaigns.models import CallUp, Campaign, Delivery, Finding, Person, Questionnaire, Roll, Task
from rightcall.office.campaigns.queues import QUEUES, narrowed
from rightcall.office.cases.models import Case
from rightcall.office.jobs.models import Job
from rightcall.office.journal.models import Event
from rightcall.office.listing import Column, Filter, Listing
from rightcall.office.notices.models import Batch, ImproperReport, Notice, Site
from rightcall.office.person.models import Look
from rightcall.office.templatetags.words import job_words, look_words, role_words


def _to(route: str) -> Any:
    return lambda row: reverse(route, args=[row.pk])


def _day(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


def _moment(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value else ""


def _word(choices: type[TextChoices], field: str) -> Any:
    """The value of a field in words. (``get_..._display`` makes the words of all choices anew for each row.)"""
    return lambda row: choices(value).label if (value := getattr(row, field)) else ""


def _id(given: str) -> int:
    """Raises ``ValueError`` for what no row can have."""
    if not given.isdecimal() or len(given) > 18:
        raise ValueError(given)
    return int(given)


_FEW = 3000


def _named(rows: QuerySet[CallUp], given: str) -> QuerySet[CallUp]:
    """By the beginning of the surname, by the number of the person, or by the id on the roll: each looked up in an index of its own.

    Where many begin like this, PostgreSQL reads the list in its own order until a page is full, which is soon, since they are many: it would look each of them up, one
    by one. SQLite does that ten times as fast, but would read all people of a region before it sorts them.
    """
    low = given[:1].upper() + given[1:]
    named = Person.objects.filter(surname__gte=low, surname__lt=f"{low}\U0010ffff").values("pk")
    numbered = Person.objects.filter(number=given).values("pk")
    listed = CallUp.objects.filter(row_id=given).order_by().values("person_id")
    people = named.union(numbered, listed, all=True)
    if connection.vendor == "sqlite":
        return rows.filter(person__in=people)
    few = [person["pk"] for person in people[: _FEW + 1]]
    if len(few) <= _FEW:
        return rows.filter(person__in=few)
    return rows.alias(beginning=Left("person__surname", len(low))).filter(Q(beginning=low) | Q(person__number=given) | Q(row_id=given))


def _of_batch(rows: QuerySet[Notice], given: str) -> QuerySet[Notice]:
    """A batch is of one roll, and so of one unit: with the unit PostgreSQL finds them in an index, and else it reads the newest of all units."""
    batch = _id(given)
    return rows.filter(batch_id=batch, unit_id=Batch.objects.filter(pk=batch).values("roll__unit_id")[:1])


def _numbered(rows: QuerySet[Notice], given: str) -> QuerySet[Notice]:
    return rows.filter(number=Number.read(given).raw.hex())


def number_of(notice: Notice) -> str:
    return str(Number(bytes.fromhex(notice.number)))


_NAME = pgettext_lazy("of a place", "Name")
_STATES = {"proposed": _("waits for a second person"), "confirmed": _("confirmed"), "ended": _("ended")}
_CAUSES = {
    "ask": _("nobody has asked"),
    "evidence": _("a record or a proof is missing"),
    "identity": _("a record may be somebody else's"),
    "law": _("a question of law"),
}
UNITS = Listing(
    "units", _("Units"), "unit", lambda: Unit.objects.all(), newest=False,
    columns=(
        Column("id", _("No."), lambda unit: unit.pk), Column("name", _NAME, lambda unit: "\u2003" * unit.depth + unit.name),
        Column("kind", _("Kind"), _word(Unit.Kind, "kind")), Column("since", _("From"), lambda unit: _day(unit.since)),
        Column("until", _("Until"), lambda unit: _day(unit.until)),
    ),
)  # fmt: skip


class AccountRows(Scoped):
    """Accounts belong to no unit: who may see accounts sees all of them."""

    def visible_to(self, actor: Actor) -> AccountRows:
        return self if actor.sees("account") else self.none()


ACCOUNTS = Listing(
    "accounts", _("Accounts"), "account", lambda: AccountRows(Account), newest=False,
    columns=(
        Column("username", _("Account"), lambda account: account.username), Column("name", _("Name"), lambda account: account.name),
        Column("post", _("Post"), lambda account: account.post), Column("active", _("Active"), lambda account: _("yes") if account.is_active else _("no")),
    ),
    actions=((_("New account"), "new-account", "grant.propose"),),
)  # fmt: skip
GRANTS = Listing(
    "grants", _("Grants"), "grant", lambda: Grant.objects.select_related("account", "unit", "proposed_by", "confirmed_by"),
    columns=(
        Column("id", _("No."), lambda grant: grant.pk, _to("grant")), Column("account", _("Account"), lambda grant: grant.account.username),
        Column("role", _("Role"), _word(Role, "role")), Column("unit", _("Unit"), lambda grant: grant.unit.name),
        Column("since", _("From"), lambda grant: _day(grant.since)), Column("until", _("Until"), lambda grant: _day(grant.until)),
        Column("state", _("State"), lambda grant: _STATES[grant.state]),
    ),
    filters=(Filter("role", _("Role"), Role.choices),),
    actions=((_("Propose a grant"), "new-grant", "grant.propose"),),
)  # fmt: skip
CAMPAIGNS = Listing(
    "campaigns", _("Campaigns"), "campaign", lambda: Campaign.objects.select_related("unit"),
    columns=(
        Column("id", _("No."), lambda campaign: campaign.pk), Column("name", _("Campaign"), lambda campaign: campaign.name, _to("campaign")),
        Column("unit", _("Unit"), lambda campaign: campaign.unit.name), Column("state", _("State"), _word(Campaign.State, "state")),
        Column("starts", _("From"), lambda campaign: _day(campaign.starts)), Column("ends", _("Until"), lambda campaign: _day(campaign.ends)),
    ),
    filters=(Filter("state", _("State"), Campaign.State.choices),),
    empty=_("A commissar drafts a campaign, another authorises it. Then offices with a task upload their rolls."),
    actions=((_("Draft a campaign"), "new-campaign", "campaign.draft"),),
)  # fmt: skip
DELIVERIES = Listing(
    "deliveries", _("Deliveries of registers"), "campaign", lambda: Delivery.objects.select_related("campaign", "by"),
    columns=(
        Column("id", _("No."), lambda delivery: delivery.pk), Column("campaign", _("Campaign"), lambda delivery: delivery.campaign.name),
        Column("says", _("What"), lambda delivery: delivery.says), Column("files", _("Files"), lambda delivery: len(delivery.files), number=True),
        Column("at", _("When"), lambda delivery: _moment(delivery.at)), Column("by", _("By"), lambda delivery: delivery.by and delivery.by.username),
    ),
)  # fmt: skip
_CAMPAIGN = Filter("campaign", _("Campaign"), narrow=lambda rows, given: rows.filter(campaign_id=int(given)))
TASKS = Listing(
    "tasks", _("Tasks"), "campaign", lambda: Task.objects.select_related("unit", "campaign"), newest=False,
    columns=(
        Column("id", _("No."), lambda task: task.pk), Column("unit", _("Unit"), lambda task: task.unit.name),
        Column("campaign", _("Campaign"), lambda task: task.campaign.name, lambda task: reverse("campaign", args=[task.campaign_id])),
        Column("number", _("At most"), lambda task: task.number),
    ),
    filters=(_CAMPAIGN,),
)  # fmt: skip
ROLLS = Listing(
    "rolls", _("Rolls"), "roll", lambda: Roll.objects.select_related("unit", "campaign").defer("problems", "notes", "files", "summary"),
    columns=(
        Column("id", _("No."), lambda roll: roll.pk, _to("roll")), Column("unit", _("Unit"), lambda roll: roll.unit.name),
        Column("campaign", _("Campaign"), lambda roll: roll.campaign.name), Column("count", _("People"), lambda roll: roll.count, number=True),
        Column("state", _("State"), _word(Roll.State, "state")), Column("uploaded", _("Uploaded"), lambda roll: _moment(roll.uploaded_at)),
        Column("screened", _("Checked"), lambda roll: _moment(roll.screened_at)), Column("sha256", _("SHA-256"), lambda roll: roll.sha256[:12]),
    ),
    filters=(Filter("state", _("State"), Roll.State.choices), _CAMPAIGN),
    empty=_("A clerk uploads a roll on the page of a campaign that runs."),
)  # fmt: skip
CALLUPS = Listing(
    "people", _("People"), "callup", lambda: CallUp.objects.select_related("person", "unit"), newest=False,
    columns=(
        Column("id", _("No."), lambda callup: callup.pk), Column("name", _("Name"), lambda callup: str(callup.person), _to("callup")),
        Column("birth", _("Born"), lambda callup: _day(callup.person.birth)), Column("unit", _("Unit"), lambda callup: callup.unit.name),
        Column("row", _("Row"), lambda callup: callup.row, number=True), Column("verdict", _("Finding"), _word(CallUp.Verdict, "verdict")),
        Column("because", _("Why open"), lambda callup: _CAUSES.get(callup.because, "")), Column("state", _("State"), _word(CallUp.State, "state")),
        Column("held", _("Held"), lambda callup: _("held") if callup.held else ""),
    ),
    filters=(
        Filter("q", _("Surname, number or id"), narrow=_named), Filter("queue", _("Queue"), [(name, queue.title) for name, queue in QUEUES.items()], narrowed),
        Filter("roll", _("Roll"), narrow=lambda rows, given: rows.filter(roll_id=_id(given))),
    ),
    empty=_("People are taken over when a roll is frozen."),
)  # fmt: skip
FINDINGS = Listing(
    "findings", _("Findings"), "finding", lambda: Finding.objects.only("callup_id", "verdict", "reasons", "at"),
    columns=(
        Column("id", _("No."), lambda finding: finding.pk), Column("callup", _("Call-up"), lambda finding: finding.callup_id, lambda finding: reverse("callup", args=[finding.callup_id])),
        Column("verdict", _("Finding"), _word(CallUp.Verdict, "verdict")), Column("reasons", _("Reasons"), lambda finding: " ".join(finding.reasons)),
        Column("at", _("When"), lambda finding: _moment(finding.at)),
    ),
    filters=(Filter("verdict", _("Finding"), CallUp.Verdict.choices),),
)  # fmt: skip
QUESTIONNAIRES = Listing(
    "questionnaires", _("Questionnaires"), "questionnaire", lambda: Questionnaire.objects.select_related("callup__person").defer("known", "replies"),
    columns=(
        Column("id", _("No."), lambda one: one.pk), Column("name", _("Name"), lambda one: str(one.callup.person), lambda one: reverse("callup", args=[one.callup_id])),
        Column("state", _("State"), _word(Questionnaire.State, "state")), Column("sent", _("Sent"), lambda one: _moment(one.sent_at)),
        Column("answered", _("Answered"), lambda one: _moment(one.answered_at)),
    ),
    filters=(Filter("state", _("State"), Questionnaire.State.choices),),
)  # fmt: skip
NOTICES = Listing(
    "notices", _("Notices"), "notice", lambda: Notice.objects.select_related("callup__person", "site"),
    columns=(
        Column("id", _("No."), lambda notice: notice.pk), Column("number", _("Number"), number_of, _to("notice")),
        Column("name", _("Name"), lambda notice: str(notice.callup.person)), Column("state", _("State"), _word(Notice.State, "state")),
        Column("report_on", _("Report on"), lambda notice: _day(notice.report_on)), Column("site", _("Site"), lambda notice: notice.site.name),
        Column("printed", _("Printed"), lambda notice: _moment(notice.printed_at)),
    ),
    filters=(
        Filter("q", _("Number"), narrow=_numbered), Filter("state", _("State"), Notice.State.choices),
        Filter("batch", _("Batch"), narrow=_of_batch),
    ),
    empty=_("Notices are issued on the page of a roll that was checked, or on that of a person who is clear."),
)  # fmt: skip
SITES = Listing(
    "sites", _("Sites"), "site", lambda: Site.objects.select_related("unit"), newest=False,
    columns=(
        Column("id", _("No."), lambda site: site.pk), Column("name", _NAME, lambda site: site.name), Column("unit", _("Unit"), lambda site: site.unit.name),
        Column("address", _("Address"), lambda site: site.address), Column("places", _("Places"), lambda site: site.places, number=True),
    ),
)  # fmt: skip
CASES = Listing(
    "cases", _("Cases"), "case", lambda: Case.objects.select_related("callup__person"),
    columns=(
        Column("id", _("No."), lambda case: case.pk), Column("name", _("Name"), lambda case: str(case.callup.person), lambda case: reverse("callup", args=[case.callup_id])),
        Column("kind", _("Kind"), _word(Case.Kind, "kind")), Column("origin", _("By"), _word(Case.Origin, "origin")),
        Column("state", _("State"), _word(Case.State, "state")), Column("at", _("Received"), lambda case: _moment(case.at)),
    ),
    filters=(Filter("kind", _("Kind"), Case.Kind.choices), Filter("state", _("State"), Case.State.choices)),
)  # fmt: skip
REPORTS = Listing(
    "reports", _("Improper notices"), "report", lambda: ImproperReport.objects.all(),
    columns=(
        Column("id", _("No."), lambda report: report.pk), Column("reference", _("Reference"), lambda report: report.reference, _to("report")),
        Column("how", _("How"), _word(ImproperReport.How, "how")), Column("place", _("Place"), lambda report: report.place),
        Column("at", _("Received"), lambda report: _moment(report.at)), Column("handled", _("Answered"), lambda report: _moment(report.handled_at)),
    ),
    filters=(Filter("how", _("How"), ImproperReport.How.choices),),
)  # fmt: skip
LOOKS = Listing(
    "looks", _("Who looked"), "look", lambda: Look.objects.select_related("account", "unit"),
    columns=(
        Column("id", _("No."), lambda look: look.pk), Column("at", _("When"), lambda look: _moment(look.at)),
        Column("account", _("Account"), lambda look: look.account and look.account.username), Column("role", _("Role"), lambda look: role_words(look.role)),
        Column("what", _("What"), lambda look: look_words(look.what)), Column("callup", _("Call-up"), lambda look: look.callup_id),
    ),
)  # fmt: skip
EVENTS = Listing(
    "events", _("Events"), "event", lambda: Event.objects.select_related("actor", "unit").defer("content"),
    columns=(
        Column("index", _("No."), lambda event: event.index), Column("at", _("When"), lambda event: _moment(event.at)),
        Column("kind", _("Kind"), lambda event: event.kind), Column("subject", _("About"), lambda event: event.subject),
        Column("actor", _("By"), lambda event: event.actor and event.actor.username), Column("unit", _("Unit"), lambda event: event.unit and event.unit.name),
    ),
    filters=(Filter("kind", _("Kind")), Filter("subject", _("About"))),
)  # fmt: skip
JOBS = Listing(
    "jobs", _("Jobs"), "job", lambda: Job.objects.select_related("unit").defer("argument", "problems"),
    columns=(
        Column("id", _("No."), lambda job: job.pk, _to("job")), Column("kind", _("Kind"), lambda job: job_words(job.kind)), Column("unit", _("Unit"), lambda job: job.unit.name),
        Column("state", _("State"), _word(Job.State, "state")), Column("share", _("Done"), lambda job: f"{job.share} %" if job.of else ""),
        Column("made", _("Asked for"), lambda job: _moment(job.made)), Column("ended", _("Ended"), lambda job: _moment(job.ended)),
    ),
    filters=(Filter("state", _("State"), Job.State.choices),),
)  # fmt: skip
LISTS: Mapping[str, Listing] = {
    listing.name: listing
    for listing in (
        CAMPAIGNS, TASKS, DELIVERIES, ROLLS, CALLUPS, FINDINGS, QUESTIONNAIRES, NOTICES, SITES, CASES, REPORTS, LOOKS, EVENTS, JOBS, UNITS, ACCOUNTS, GRANTS,
    )
}  # fmt: skip
