"""The gate: whether a notice may be issued to a person, and every reason why not. Nothing issues a notice except through it.

INVARIANT: who is not clear, not in period, not on a frozen and signed roll, held by a case, already noticed, beyond the task, or called to a site that is
not ready, gets no notice: whether a page, the API, a service or two windows at once ask for it. What ``guard`` can know of this the database refuses by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from rightcall.office.accounts.models import Unit
from rightcall.office.campaigns.models import CallUp, Campaign, Claim, Delivery, Roll, Task
from rightcall.office.campaigns.screening import delivery_of
from rightcall.office.clock import today
from rightcall.office.jobs.models import Job
from rightcall.office.notices.models import Notice, Site
from rightcall.office.refusal import Reason

NOTICED = (CallUp.State.NOTICED, CallUp.State.SERVED, CallUp.State.REPORTED, CallUp.State.SERVING)


@dataclass(frozen=True, slots=True)
class Appointment:
    """Where and when people are to report."""

    site: Site
    day: date


def hold(roll: int, site: int) -> tuple[Roll, Site]:
    """A roll with its campaign, and a site, held until the transaction ends.

    INVARIANT: always in this order, campaign, site, roll, and people after them; so whoever issues waits for whoever issues, and no limit is counted
    while another adds to it.
    """
    campaign = Roll.objects.filter(pk=roll).values_list("campaign", flat=True).get()
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign)
    place = Site.objects.select_for_update(no_key=True).get(pk=site)
    held = Roll.objects.select_for_update(of=("self",), no_key=True).select_related("campaign", "unit").get(pk=roll)
    return held, place


def of_roll(roll: Roll, appointment: Appointment) -> Iterator[Reason]:
    """What stands against every notice of a roll. The roll comes with its campaign."""
    campaign = roll.campaign
    if campaign.state != Campaign.State.RUNNING:
        yield Reason("not-running", _("The campaign does not run."), _("It has to be authorised, and not ended."))
    elif not campaign.runs_on(today()):
        yield Reason(
            "not-in-period",
            _("Today is outside the campaign's period, %(starts)s to %(ends)s.") % {"starts": campaign.starts, "ends": campaign.ends},
            _("Nobody is noticed before or after it."),
        )
    if roll.frozen_at is None:
        yield Reason("not-frozen", _("The roll is not frozen."), _("Freeze it first."))
    if roll.state != Roll.State.SIGNED:
        yield Reason("not-signed", _("The roll is not signed."), _("An officer has to sign it first."))
    if not roll.run:
        yield Reason("not-screened", _("The roll was not screened."), _("Have it screened first."))
    elif has_new_registers(roll):
        yield Reason("registers-changed", _("Registers were delivered after this roll was checked."), _("Wait until it has been checked again."))
    if not roll.unit.path.startswith(appointment.site.unit.path):
        yield Reason("other-site", _("The site is not one of this unit, nor of one above it."), _("Choose a site that the page offers."))
    yield from _of_day(campaign, appointment)


def _of_day(campaign: Campaign, appointment: Appointment) -> Iterator[Reason]:
    earliest = today().toordinal() + campaign.contest_days
    if appointment.day.toordinal() <= earliest:
        yield Reason(
            "too-soon",
            _("The day of reporting is not after the %(days)s days in which the notice can be contested.") % {"days": campaign.contest_days},
            _("Choose a day from %(day)s.") % {"day": date.fromordinal(earliest + 1)},
        )
    if appointment.day > campaign.ends:
        yield Reason("not-in-period", _("The day of reporting is after the campaign's end."), _("Choose a day until %(day)s.") % {"day": campaign.ends})


def has_new_registers(roll: Roll) -> bool:
    """Whether registers came beside which the roll was not checked yet: until it is, nobody is clear by the newest word."""
    return Delivery.objects.filter(campaign=roll.campaign_id, pk__gt=delivery_of(roll)).exists()


def is_checked(roll: Roll) -> bool:
    """Whether the last run that was asked for has ended well. A delivery, an answer and a proof each ask for one, in their own transaction."""
    last = Job.objects.filter(kind="roll.screen", key=str(roll.pk)).order_by("-pk").first()
    return last is None or last.state == Job.State.DONE


def of_people(roll: Roll, callups: Collection[CallUp]) -> dict[int, list[Reason]]:
    """What stands against a notice to each of several people of a roll: call-up -> reasons. They are held in the transaction that issues."""
    called, heard = _called_elsewhere(roll, callups), _not_yet_heard(roll, callups)
    return {callup.pk: [*of_person(callup), *called.get(callup.pk, ()), *heard.get(callup.pk, ())] for callup in callups}


def _called_elsewhere(roll: Roll, callups: Collection[CallUp]) -> dict[int, list[Reason]]:
    """Those with the number of somebody who has a notice in force from another roll of the campaign: a list that was sent twice calls nobody twice."""
    numbers = {callup.person.number: callup.pk for callup in callups if callup.person.number}
    there = Notice.objects.filter(state=Notice.State.IN_FORCE, callup__roll__campaign=roll.campaign_id, callup__person__number__in=numbers)
    twice = there.exclude(callup__roll=roll.pk).values_list("callup__person__number", flat=True)
    says = Reason(
        "called-elsewhere",
        _("Somebody with this personal number has a notice already, from another roll."),
        _("If it is somebody else, one of the numbers is wrong."),
    )
    return {numbers[number]: [says] for number in twice}


def _not_yet_heard(roll: Roll, callups: Collection[CallUp]) -> dict[int, list[Reason]]:
    """Those who said something that no run has looked at."""
    if is_checked(roll):
        return {}
    said = Claim.objects.filter(callup__in=[callup.pk for callup in callups]).values_list("callup", flat=True)
    return {pk: [Reason("not-heard", _("What this person said was not looked at yet."), _("Wait until the roll has been checked again."))] for pk in said}


def of_person(callup: CallUp) -> Iterator[Reason]:
    """What stands against a notice to somebody by his call-up alone."""
    if callup.verdict != CallUp.Verdict.CLEAR:
        found = CallUp.Verdict(callup.verdict).label if callup.verdict else _("not there yet")
        yield Reason("not-clear", _("The finding is not clear: %(finding)s.") % {"finding": found}, _("Open the finding: it says what has to be settled."))
    if callup.held:
        yield Reason("held", _("An open case holds this call-up."), _("It stands still until the case is decided."))
    if callup.state in NOTICED:
        yield Reason("noticed", _("This person has a notice already."), _("Replace or revoke that one."))
    elif callup.state != CallUp.State.CHECKED:
        yield Reason(
            "state", _("The call-up is not at this point: %(state)s.") % {"state": callup.get_state_display()}, _("Only somebody who was checked is noticed.")
        )


def room_in_task(campaign: Campaign, unit: Unit) -> int:
    """How many more notices the task of a unit allows; none where it has no task."""
    task: Task | None = Task.objects.filter(campaign=campaign, unit=unit).first()
    if task is None:
        return 0
    called = CallUp.objects.filter(roll__campaign=campaign, unit=unit, state__in=NOTICED).count()
    return max(0, task.number - called)


def room_at_site(appointment: Appointment, besides: int | None = None) -> int:
    """How many more people a site can take on a day, ``besides`` a notice that is about to be replaced. Whether it is ready besides that (beds, kit, an aid
    post) is asked of its returns."""
    expected = Notice.objects.filter(site=appointment.site, report_on=appointment.day, state=Notice.State.IN_FORCE).exclude(pk=besides).count()
    return max(0, appointment.site.places - expected)
