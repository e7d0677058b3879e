"""Drafting, authorising and ending campaigns. Two officers: who drafts does not authorise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from rightcall.law.pack import Pack, find_pack
from rightcall.law.problem import Refused
from rightcall.office.accounts.models import Unit
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import Campaign, Task
from rightcall.office.clock import now
from rightcall.office.journal.writing import record
from rightcall.office.refusal import Reason, Refusal, of_problem, refuse, refuse_any


@dataclass(frozen=True, slots=True)
class Draft:
    """What a campaign is to be. ``readings``: a readings file of the pack by name, or nothing: then every question of law stays open."""

    name: str
    act: str
    cite: str
    pack: str
    readings: str
    starts: date
    ends: date
    most: int
    contest_days: int = 10
    on: str = ""


@transaction.atomic
def draft(actor: Actor, unit: Unit, plan: Draft) -> Campaign:
    """A campaign that calls nobody yet. Raises ``Refusal``."""
    by = actor.require("campaign.draft", unit)
    law = _law(plan)
    refuse_any([Reason("period", _("The campaign ends before it starts."), _("Give an end on or after the start."))] if plan.ends < plan.starts else [])
    campaign = Campaign.objects.create(
        unit=unit, name=plan.name, act=plan.act, cite=plan.cite, pack=plan.pack, pack_hash=law.hash, readings=plan.readings, on=plan.on,
        starts=plan.starts, ends=plan.ends, contest_days=plan.contest_days, most=plan.most, drafted_by=by, drafted_at=now(),
    )  # fmt: skip
    record("campaign.drafted", campaign, by, {"act": plan.act, "pack": law.hash, "starts": str(plan.starts), "ends": str(plan.ends), "most": plan.most})
    return campaign


def _law(plan: Draft) -> Pack:
    try:
        law = find_pack(plan.pack)
        law.readings(plan.readings or None)
    except Refused as refused:
        raise Refusal(of_problem("law", refused.problems[0])) from None
    return law


def law_of(campaign: Campaign) -> Pack:
    """The law of a campaign. Raises ``Refusal`` where the pack is not the one that was authorised."""
    law = find_pack(campaign.pack)
    if law.hash != campaign.pack_hash:
        raise refuse(
            "law-changed",
            _("The law pack on this machine is not the one under which the campaign was authorised."),
            _("Put the authorised version back, or draft a campaign under the new one."),
        )
    return law


@transaction.atomic
def set_tasks(actor: Actor, pk: int, numbers: Mapping[int, int]) -> Campaign:
    """The limits of the units (unit -> number), all at once, while it is a draft. Raises ``Refusal`` where they are more than the act allows."""
    campaign = _held(actor, pk)
    by = actor.require("campaign.draft", campaign.unit)
    _require_draft(campaign)
    if sum(numbers.values()) > campaign.most:
        raise Refusal(_more_than(sum(numbers.values()), campaign.most))
    beneath = set(Unit.objects.filter(path__startswith=campaign.unit.path).values_list("pk", flat=True))
    if not numbers.keys() <= beneath:
        raise refuse("unit", _("A task is for a unit beneath that of the campaign."))
    campaign.tasks.all().delete()
    Task.objects.bulk_create([Task(campaign=campaign, unit_id=unit, number=number) for unit, number in numbers.items() if number])
    record("campaign.tasks", campaign, by, {"tasks": {str(unit): number for unit, number in numbers.items() if number}})
    return campaign


def _more_than(total: int, most: int) -> Reason:
    return Reason("more-than-the-act", _("The tasks add up to %(total)s; the act allows %(most)s.") % {"total": total, "most": most}, _("Lower them."))


@transaction.atomic
def authorise(actor: Actor, pk: int) -> Campaign:
    """The second officer. From now on it runs, in its period. Raises ``Refusal``."""
    campaign = _held(actor, pk)
    by = actor.require("campaign.authorise", campaign.unit)
    _require_draft(campaign)
    total = campaign.tasks.aggregate(total=Sum("number"))["total"] or 0
    reasons = (
        [Reason("second-person", _("Who drafted a campaign does not authorise it."), _("Another commissar has to."))] if by.pk == campaign.drafted_by_id else []
    )
    reasons += [] if total else [Reason("no-tasks", _("No unit has a task yet."), _("Give the units their tasks first."))]
    reasons += [_more_than(total, campaign.most)] if total > campaign.most else []
    refuse_any(reasons)
    law_of(campaign)
    campaign.state, campaign.authorised_by, campaign.authorised_at = Campaign.State.RUNNING, by, now()
    campaign.save(update_fields=["state", "authorised_by", "authorised_at"])
    record("campaign.authorised", campaign, by, {"tasks": total})
    return campaign


@transaction.atomic
def end(actor: Actor, pk: int, annulled: bool = False) -> Campaign:
    """No notice is issued any more. Raises ``Refusal``."""
    campaign = _held(actor, pk)
    by = actor.require("campaign.end", campaign.unit)
    if campaign.state not in (Campaign.State.DRAFT, Campaign.State.RUNNING):
        raise refuse("ended", _("This campaign has ended already."))
    campaign.state, campaign.ended_at = Campaign.State.ANNULLED if annulled else Campaign.State.ENDED, now()
    campaign.save(update_fields=["state", "ended_at"])
    record("campaign.annulled" if annulled else "campaign.ended", campaign, by)
    return campaign


def _held(actor: Actor, pk: int) -> Campaign:
    held: Campaign = Campaign.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    return held


def _require_draft(campaign: Campaign) -> None:
    if campaign.state != Campaign.State.DRAFT:
        raise refuse("not-a-draft", _("This campaign is no draft any more; nothing of it can be changed."), _("End it, and draft another."))
