"""The gate: whether a notice may be issued to a person, and every reason why not. Nothing issues a notice except through it.

INVARIANT: who is not clear, not in period, not on a frozen and signed roll, held by a case, already noticed, beyond the task, or called to a site that is
not ready, gets no notice: whether a page, the API, a service or two windows at once ask for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rightcall.office.accounts.models import Unit
from rightcall.office.campaigns.models import CallUp, Campaign, Roll, Task
from rightcall.office.clock import today
from rightcall.office.notices.models import Notice, Site
from rightcall.office.refusal import Reason

NOTICED = (CallUp.State.NOTICED, CallUp.State.SERVED, CallUp.State.REPORTED, CallUp.State.SERVING)


@dataclass(frozen=True, slots=True)
class Appointment:
    """Where and when people are to report."""

    site: Site
    day: date


def of_roll(roll: Roll, appointment: Appointment) -> Iterator[Reason]:
    """What stands against every notice of a roll. The roll comes with its campaign."""
    campaign = roll.campaign
    if campaign.state != Campaign.State.RUNNING:
        yield Reason("not-running", "The campaign does not run.", "It has to be authorised, and not ended.")
    elif not campaign.runs_on(today()):
        yield Reason("not-in-period", f"Today is outside the campaign's period, {campaign.starts} to {campaign.ends}.", "Nobody is noticed before or after it.")
    if roll.frozen_at is None:
        yield Reason("not-frozen", "The roll is not frozen.", "Freeze it first.")
    if roll.state != Roll.State.SIGNED:
        yield Reason("not-signed", "The roll is not signed.", "An officer has to sign it first.")
    if not roll.run:
        yield Reason("not-screened", "The roll was not screened.", "Have it screened first.")
    if not roll.unit.path.startswith(appointment.site.unit.path):
        yield Reason("other-site", "The site is not one of this unit, nor of one above it.", "Choose a site that the page offers.")
    yield from _of_day(campaign, appointment)


def _of_day(campaign: Campaign, appointment: Appointment) -> Iterator[Reason]:
    earliest = today().toordinal() + campaign.contest_days
    if appointment.day.toordinal() <= earliest:
        yield Reason(
            "too-soon",
            f"The day of reporting is not after the {campaign.contest_days} days in which the notice can be contested.",
            f"Choose a day from {date.fromordinal(earliest + 1)}.",
        )
    if appointment.day > campaign.ends:
        yield Reason("not-in-period", "The day of reporting is after the campaign's end.", f"Choose a day until {campaign.ends}.")


def of_person(callup: CallUp) -> Iterator[Reason]:
    """What stands against a notice to one person. The call-up is held in the transaction that issues."""
    if callup.verdict != CallUp.Verdict.CLEAR:
        yield Reason("not-clear", f"The finding is {callup.verdict or 'not there yet'}, not clear.", "Open the finding: it says what has to be settled.")
    if callup.held:
        yield Reason("held", "An open case holds this call-up.", "It stands still until the case is decided.")
    if callup.state in NOTICED:
        yield Reason("noticed", "This person has a notice already.", "Replace or revoke that one.")
    elif callup.state != CallUp.State.CHECKED:
        yield Reason("state", f"The call-up is {callup.state}.", "Only somebody who was checked is noticed.")


def room_in_task(campaign: Campaign, unit: Unit) -> int:
    """How many more notices the task of a unit allows, units beneath it counted where they have no task of their own."""
    task = Task.objects.filter(campaign=campaign, unit=unit).first()
    if task is None:
        return 0
    called = CallUp.objects.filter(roll__campaign=campaign, unit=unit, state__in=NOTICED).count()
    return max(0, task.number - called)


def room_at_site(appointment: Appointment) -> int:
    """How many more people a site can take on a day. Whether it is ready besides (beds, kit, an aid post) is asked of its returns."""
    expected = Notice.objects.filter(site=appointment.site, report_on=appointment.day, state=Notice.State.IN_FORCE).count()
    return max(0, appointment.site.places - expected)
