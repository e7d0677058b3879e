"""A roll on its way: uploaded, read (its faults told in the file's own rows), frozen, signed.

INVARIANT: what is frozen is what was uploaded: the files are hashed when they come, and again at each step.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from rightcall.law.problem import Problem, Refused
from rightcall.law.value import as_date
from rightcall.office.accounts.models import Unit
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.acts import law_of
from rightcall.office.campaigns.files import Incoming, hash_of, is_unchanged, put_down, taken_back
from rightcall.office.campaigns.identity import LONGEST, MOST_SHOWN, checked_identity, who
from rightcall.office.campaigns.models import CallUp, Campaign, Person, Roll
from rightcall.office.clock import now
from rightcall.office.desk import work_folder
from rightcall.office.jobs.work import Progress, ask_for, kind
from rightcall.office.journal.writing import record
from rightcall.office.refusal import Reason, refuse, refuse_any
from rightcall.records import roll as records
from rightcall.records.roll import ID, NESTED
from rightcall.records.sheet import ROW
from rightcall.screening.run import choose_day

CHUNK = 2000
log = logging.getLogger(__name__)


def folder_of(roll: Roll) -> Path:
    folder: Path = settings.PLACE.folder("rolls") / roll.folder
    return folder


def path_of(roll: Roll) -> Path:
    """What is read: the one file, or the folder where it has one file for people and others for lists."""
    names = [file["name"] for file in roll.files]
    return folder_of(roll) / names[0] if len(names) == 1 else folder_of(roll)


def upload(actor: Actor, campaign: Campaign, unit: Unit, files: Sequence[Incoming]) -> Roll:
    """Put a list down and have it read. Raises ``Refusal``."""
    by = actor.require("roll.upload", unit)
    _check_campaign(campaign, unit)
    folder, written = put_down(files, settings.PLACE.folder("rolls"), NESTED)
    with taken_back(settings.PLACE.folder("rolls") / folder), transaction.atomic():
        roll = Roll.objects.create(campaign=campaign, unit=unit, folder=folder, files=written, sha256=hash_of(written), uploaded_by=by, uploaded_at=now())
        record("roll.uploaded", roll, by, {"sha256": roll.sha256})
        ask_for("roll.read", roll.pk, unit, by, roll=roll.pk)
    return roll


def _check_campaign(campaign: Campaign, unit: Unit) -> None:
    reasons = []
    if campaign.state != Campaign.State.RUNNING:
        reasons.append(Reason("not-running", _("This campaign does not run."), _("It has to be authorised first, and not yet ended.")))
    if not campaign.tasks.filter(unit=unit).exists():
        reasons.append(Reason("no-task", _("This unit has no task in this campaign."), _("Only units with a task propose people.")))
    refuse_any(reasons)


# --- reading ------------------------------------------------------------------------------------------------------


@kind("roll.read")
def read(progress: Progress, argument: Mapping[str, Any]) -> None:
    """Read the list, and keep what is wrong with it."""
    roll = Roll.objects.select_related("campaign", "unit").get(pk=argument["roll"])
    if roll.state != Roll.State.READING:
        return
    progress.doing("reading the roll")
    with work_folder() as work:
        try:
            law = law_of(roll.campaign)
            found = records.read_roll(path_of(roll), law, work)
            choose_day(found, law, roll.campaign.on or None)
            notes = checked_identity(found)
        except Refused as refused:
            log.warning("roll %s has %d faults", roll.pk, refused.count)
            problems = [_told(problem) for problem in refused.problems[:MOST_SHOWN]]
            _ended(roll, progress, "roll.refused", {"problems": refused.count}, state=Roll.State.REFUSED, problem_count=refused.count, problems=problems)
            return
    read = {"state": Roll.State.READY, "count": found.count, "notes": [*found.notes, *notes]}
    _ended(roll, progress, "roll.read", {"count": found.count}, **read)


@transaction.atomic
def _ended(roll: Roll, progress: Progress, what: str, says: Mapping[str, int], **read: Any) -> None:
    """What came of reading it; nothing where it was withdrawn meanwhile."""
    progress.hold()
    if Roll.objects.filter(pk=roll.pk, state=Roll.State.READING).update(**read):
        record(what, roll, None, says)


def _told(problem: Problem) -> dict[str, Any]:
    file = Path(problem.file).name if problem.file else ""
    return {"says": problem.message, "file": file, "row": problem.row, "column": problem.column or "", "help": problem.help or ""}


# --- freezing -----------------------------------------------------------------------------------------------------


@transaction.atomic
def freeze(actor: Actor, pk: int) -> Roll:
    """From now on nothing of it changes. Its people are taken over as a job. Raises ``Refusal``."""
    roll = _held(actor, pk)
    by = actor.require("roll.freeze", roll.unit)
    if roll.frozen_at is not None:
        raise refuse("frozen", _("This roll is frozen already."), _("Nothing more has to be done; it can be signed."))
    if roll.state != Roll.State.READY:
        raise refuse("not-read", _("Only a roll that was read without faults can be frozen."), _("Mend the file, and upload it again."))
    _check_files(roll)
    roll.state, roll.frozen_by, roll.frozen_at = Roll.State.FREEZING, by, now()
    roll.save(update_fields=["state", "frozen_by", "frozen_at"])
    record("roll.frozen", roll, by, {"sha256": roll.sha256, "count": roll.count})
    ask_for("roll.take", roll.pk, roll.unit, by, roll=roll.pk)
    return roll


def _check_files(roll: Roll) -> None:
    if not is_unchanged(folder_of(roll), roll.files):
        raise refuse(
            "file-changed", _("The file of this roll is not the one that was uploaded."), _("Withdraw it, and upload the list again; tell your overseer.")
        )


@kind("roll.take")
def take(progress: Progress, argument: Mapping[str, Any]) -> None:
    """Take the people over, a chunk in a transaction; begun again, it goes on behind the last."""
    roll = Roll.objects.select_related("campaign", "unit").get(pk=argument["roll"])
    if roll.state != Roll.State.FREEZING:
        return
    _check_files(roll)
    progress.doing("taking the people over")
    with work_folder() as work:
        found = records.read_roll(path_of(roll), law_of(roll.campaign), work)
        there = CallUp.objects.filter(roll=roll).count()
        progress.more(there, roll.count)
        for chunk in _chunks(found, there):
            _take(roll, chunk, progress)
            progress.more(len(chunk), roll.count)
    with transaction.atomic():
        progress.hold()
        if CallUp.objects.filter(roll=roll).count() != roll.count:
            raise refuse("count", _("The people taken over are not as many as the roll has."))
        Roll.objects.filter(pk=roll.pk).update(state=Roll.State.FROZEN)


def _chunks(found: records.Roll, start: int) -> Iterator[list[dict[str, Any]]]:
    people = who(found).collect()
    for rows in people.slice(start).iter_slices(CHUNK):
        yield rows.to_dicts()


@transaction.atomic
def _take(roll: Roll, rows: list[dict[str, Any]], progress: Progress) -> None:
    progress.hold()
    people = Person.objects.bulk_create([_person(row) for row in rows])
    CallUp.objects.bulk_create(
        [CallUp(roll=roll, unit_id=roll.unit_id, person=person, row=row[ROW], row_id=row[ID]) for person, row in zip(people, rows, strict=True)]
    )


def _person(row: Mapping[str, Any]) -> Person:
    return Person(**{part: row.get(f"~{part}") or "" for part in LONGEST}, birth=_day(row.get("~birth")))


def _day(number: int | None) -> date | None:
    return as_date(number) if number is not None else None


# --- signing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def sign(actor: Actor, pk: int, sha256: str) -> Roll:
    """A named officer answers for the list as it is: he gives the hash that he saw. Raises ``Refusal``."""
    roll = _held(actor, pk)
    by = actor.require("roll.sign", roll.unit)
    if roll.signed_at is not None:
        raise refuse("signed", _("This roll is signed already."))
    if roll.state != Roll.State.FROZEN:
        raise refuse("not-frozen", _("Only a frozen roll can be signed."), _("Freeze it first, and wait until its people are taken over."))
    reasons = []
    if by.pk in (roll.uploaded_by_id, roll.frozen_by_id):
        reasons.append(Reason("second-person", _("Who uploaded or froze a roll does not sign it."), _("Another officer has to.")))
    if sha256 != roll.sha256:
        reasons.append(Reason("other-roll", _("What you signed is not this roll."), _("Open its page again, compare, and sign what you see.")))
    refuse_any(reasons)
    _check_files(roll)
    roll.state, roll.signed_by, roll.signed_at = Roll.State.SIGNED, by, now()
    roll.save(update_fields=["state", "signed_by", "signed_at"])
    record("roll.signed", roll, by, {"sha256": roll.sha256, "count": roll.count})
    return roll


@transaction.atomic
def withdraw(actor: Actor, pk: int) -> Roll:
    """Undo, while it is not frozen. Raises ``Refusal``."""
    roll = _held(actor, pk)
    by = actor.require("roll.upload", roll.unit)
    if roll.state not in (Roll.State.READING, Roll.State.REFUSED, Roll.State.READY):
        raise refuse("frozen", _("A frozen roll cannot be withdrawn."), _("Strike people, or end the campaign."))
    roll.state = Roll.State.WITHDRAWN
    roll.save(update_fields=["state"])
    record("roll.withdrawn", roll, by)
    return roll


def _held(actor: Actor, pk: int) -> Roll:
    held: Roll = Roll.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit", "campaign").get(pk=pk)
    return held
