"""Issuing notices: one, or a batch as a job; replacing and revoking. Each with the gate, its place in the log and its number in one transaction.

INVARIANT: no notice twice. Whoever issues holds the campaign, the site, the roll and the call-ups, in this order, while he looks at them, and the database
refuses a second notice in force.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from rightcall.notice.code import Code, sign, text_of
from rightcall.notice.key import PrivateKey
from rightcall.notice.number import Number
from rightcall.office.accounts.models import Account
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import CallUp, Roll
from rightcall.office.clock import now, today
from rightcall.office.jobs.work import Progress, ask_for, kind
from rightcall.office.journal.writing import Said, record, record_all
from rightcall.office.keys import notice_key
from rightcall.office.notices import gate
from rightcall.office.notices.gate import Appointment
from rightcall.office.notices.models import Batch, Notice, Site
from rightcall.office.refusal import Reason, refuse, refuse_any

CHUNK = 500
_LEAST_INDICES = 1 << 16
LIST = "status-list"
"""Under which name the signed list is kept in the cache."""


@transaction.atomic
def order(actor: Actor, pk: int, site: Site, day: date, hour: time, number: int, language: str) -> Batch:
    """Have notices issued to so many of the clear on a roll, in the order of its rows: a job issues and prints them. Raises ``Refusal``."""
    Roll.objects.visible_to(actor).get(pk=pk)
    roll, site = gate.hold(pk, site.pk)
    by = actor.require("notice.issue", roll.unit)
    reasons = list(gate.of_roll(roll, Appointment(site, day)))
    room = min(gate.room_in_task(roll.campaign, roll.unit), gate.room_at_site(Appointment(site, day)))
    if number < 1:
        reasons.append(Reason("number", _("At least one notice has to be issued."), _("Give a number above nought.")))
    elif number > room:
        reasons.append(
            Reason(
                "no-room",
                _("There is room for %(room)s more.") % {"room": room},
                _("The task of the unit, or the places of the site on that day, are used up."),
            )
        )
    refuse_any(reasons)
    batch = Batch.objects.create(roll=roll, site=site, report_on=day, report_at=hour, language=language, number=number, by=by, at=now())
    record("batch.ordered", batch, by, {"number": number, "site": site.pk, "day": str(day)})
    ask_for("notices.issue", batch.pk, roll.unit, by, batch=batch.pk)
    return batch


@kind("notices.issue")
def issue_batch(progress: Progress, argument: Mapping[str, Any]) -> None:
    """Issue what is left of a batch, a chunk in a transaction that also has it printed. Raises ``Refusal`` where the gate shuts, and where it let fewer through."""
    batch, last = Batch.objects.select_related("by").get(pk=argument["batch"]), 0
    progress.doing("issuing notices")
    while not batch.done:
        issued, last = _issue_chunk(batch, progress, last)
        progress.more(issued, batch.number)
    issued = Notice.objects.filter(batch=batch).count()
    if issued < batch.number:
        raise refuse(
            "fewer",
            _("%(issued)s of %(number)s notices were issued.") % {"issued": issued, "number": batch.number},
            _("The task, the places of the site or those who are clear were used up before."),
        )


@transaction.atomic
def _issue_chunk(batch: Batch, progress: Progress, last: int) -> tuple[int, int]:
    """The next people behind ``last`` who pass the gate: how many, and the last one looked at."""
    progress.hold()
    roll, site = gate.hold(batch.roll_id, batch.site_id)
    appointment = Appointment(site, batch.report_on)
    refuse_any(list(gate.of_roll(roll, appointment)))
    wanted = batch.number - Notice.objects.filter(batch=batch).count()
    room = min(wanted, gate.room_in_task(roll.campaign, roll.unit), gate.room_at_site(appointment), CHUNK)
    clear = CallUp.objects.filter(pk__gt=last, roll=roll, queue="clear", verdict=CallUp.Verdict.CLEAR, state=CallUp.State.CHECKED, held=False)
    looked = list(clear.select_for_update(of=("self",)).select_related("person").order_by("pk")[:room])
    reasons = gate.of_people(roll, looked)
    through = [callup for callup in looked if not reasons[callup.pk]]
    _issue(through, batch.by, appointment, batch.report_at, batch.language, roll, batch)
    if through:
        ask_for("notices.print", batch.pk, roll.unit, batch.by, batch=batch.pk)
    batch.done = len(looked) < room or len(through) == wanted or not room
    batch.save(update_fields=["done"])
    return len(through), looked[-1].pk if looked else last


@transaction.atomic
def issue(actor: Actor, pk: int, site: Site, day: date, hour: time, language: str) -> Notice:
    """A notice to one person. Raises ``Refusal`` with every reason of the gate."""
    by = actor.require("notice.issue", CallUp.objects.visible_to(actor).get(pk=pk).unit_id)
    roll, callup, appointment = _held(pk, site, day)
    reasons = [*gate.of_roll(roll, appointment), *gate.of_people(roll, [callup])[pk]]
    if not gate.room_in_task(roll.campaign, roll.unit):
        reasons.append(Reason("task", _("The task of this unit is fulfilled."), _("It is a limit; nobody is called beyond it.")))
    if not gate.room_at_site(appointment):
        reasons.append(Reason("site", _("The site is full on that day."), _("Choose another day or site.")))
    refuse_any(reasons)
    notice = _issue([callup], by, appointment, hour, language, roll, None)[0]
    ask_for("notices.print", f"notice-{notice.pk}", roll.unit, by, notice=notice.pk)
    return notice


def _held(pk: int, site: Site, day: date) -> tuple[Roll, CallUp, Appointment]:
    """A call-up, with all that a notice to it hangs on, held until the transaction ends."""
    roll, place = gate.hold(CallUp.objects.values_list("roll", flat=True).get(pk=pk), site.pk)
    callup = CallUp.objects.select_for_update(of=("self",)).select_related("person").get(pk=pk)
    return roll, callup, Appointment(place, day)


def _issue(callups: Sequence[CallUp], by: Account, appointment: Appointment, hour: time, language: str, roll: Roll, batch: Batch | None) -> list[Notice]:
    """Make the notices of people who passed the gate. To be called with their call-ups held."""
    indices, key = _free_indices(len(callups)), notice_key()
    drafts = [_notice(callup, index, key, by, appointment, hour, language, roll, batch) for callup, index in zip(callups, indices, strict=True)]
    Notice.objects.bulk_create(drafts)
    CallUp.objects.filter(pk__in=[callup.pk for callup in callups]).update(state=CallUp.State.NOTICED)
    if drafts:
        record_all([Said("notice.issued", notice, _told(notice)) for notice in drafts], by)
    return drafts


def _told(notice: Notice) -> dict[str, str | int]:
    return {"callup": notice.callup_id, "number": notice.number, "site": notice.site_id, "day": str(notice.report_on)}


def _notice(
    callup: CallUp, index: int, key: PrivateKey, by: Account, appointment: Appointment, hour: time, language: str, roll: Roll, batch: Batch | None
) -> Notice:
    number, campaign = Number.random(), roll.campaign
    payload = sign(Code(number, index, today(), appointment.day, appointment.site.code), key)
    return Notice(
        unit_id=callup.unit_id, callup=callup, batch=batch, number=number.raw.hex(), index=index, code=text_of(payload, f"{settings.ADDRESS}/checker.html"),
        site=appointment.site, report_on=appointment.day, report_at=hour, contest_until=today() + timedelta(days=campaign.contest_days),
        language=language, ground={"act": campaign.act, "cite": campaign.cite}, issued_by=by, issued_at=now(),
    )  # fmt: skip


def _free_indices(number: int) -> list[int]:
    """Places in the status list, drawn at random among those that are free; the list is never more than half full."""
    if not number:
        return []
    size, drawn = list_size(number), set[int]()
    while len(drawn) < number:
        tried = {secrets.randbelow(size) for _ in range(number - len(drawn))}
        drawn |= tried - set(Notice.objects.filter(index__in=tried).values_list("index", flat=True))
    return list(drawn)


def list_size(more: int = 0) -> int:
    """The length of the status list: a power of two, at least twice the notices, so that it tells nothing about their number."""
    highest = Notice.objects.aggregate(highest=Max("pk"))["highest"] or 0
    return max(_LEAST_INDICES, 1 << (2 * (highest + more) - 1).bit_length())


# --- ending a notice ----------------------------------------------------------------------------------------------


@transaction.atomic
def revoke(actor: Actor, pk: int, why: str) -> Notice:
    """It is void from now on, and so is the call-up. Raises ``Refusal``."""
    CallUp.objects.select_for_update(of=("self",)).get(notices=pk)
    notice, by = _to_end(actor, pk, why)
    _end(notice, Notice.State.REVOKED, by, why)
    CallUp.objects.filter(pk=notice.callup_id).update(state=CallUp.State.VOID)
    return notice


@transaction.atomic
def replace(actor: Actor, pk: int, site: Site, day: date, hour: time, why: str) -> Notice:
    """Another day or place: a new notice takes its place, through the same gate, by whoever may issue and revoke. Raises ``Refusal``."""
    roll, callup, appointment = _held(Notice.objects.visible_to(actor).values_list("callup", flat=True).get(pk=pk), site, day)
    notice, by = _to_end(actor, pk, why)
    actor.require("notice.issue", notice.unit_id)
    reasons = [*gate.of_roll(roll, appointment), *(reason for reason in gate.of_people(roll, [callup])[callup.pk] if reason.code != "noticed")]
    if callup.state not in (CallUp.State.NOTICED, CallUp.State.SERVED):
        reasons.append(
            Reason(
                "reported",
                _("The call-up is not at this point: %(state)s.") % {"state": callup.get_state_display()},
                _("Only a notice that nobody has followed yet is replaced."),
            )
        )
    if not gate.room_at_site(appointment, notice.pk):
        reasons.append(Reason("site", _("The site is full on that day."), _("Choose another day or site.")))
    refuse_any(reasons)
    _end(notice, Notice.State.REPLACED, by, why)
    new = _issue([callup], by, appointment, hour, notice.language, roll, None)[0]
    Notice.objects.filter(pk=notice.pk).update(replaced_by=new)
    ask_for("notices.print", f"notice-{new.pk}", roll.unit, by, notice=new.pk)
    return new


def _to_end(actor: Actor, pk: int, why: str) -> tuple[Notice, Account]:
    notice = Notice.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=pk)
    by = actor.require("notice.revoke", notice.unit_id)
    if notice.state != Notice.State.IN_FORCE:
        raise refuse("not-in-force", _("This notice is not in force any more."))
    if not why.strip():
        raise refuse("why", _("Say why; the person reads it."), _("A sentence is enough."))
    return notice, by


def forget_list() -> None:
    """The list of what became of notices is made anew when it is next asked for."""
    cache.delete(LIST)


def _end(notice: Notice, state: str, by: Account | None, why: str) -> None:
    notice.state, notice.ended_by, notice.ended_at, notice.ended_why = state, by, now(), why
    notice.save(update_fields=["state", "ended_by", "ended_at", "ended_why"])
    transaction.on_commit(forget_list)
    record(f"notice.{state}", notice, by, {"callup": notice.callup_id, "why": why})
