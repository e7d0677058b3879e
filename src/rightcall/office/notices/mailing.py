"""Letters to many, as a job: to everybody of a roll who was struck, or who is to be asked. One file of PDFs for whoever prints and posts them.

A letter that is on disk is not made again, so a killed job goes on behind the last. INVARIANT: a questionnaire's link stands on paper or is replaced by one
that does: the secret of one that was never printed is void.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from rightcall.law.problem import Problem, Refused
from rightcall.office.accounts.grants import actor_of
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns import asking
from rightcall.office.campaigns.dossier import explain_all, latest
from rightcall.office.campaigns.models import CallUp, Roll
from rightcall.office.campaigns.queues import narrowed
from rightcall.office.clock import now
from rightcall.office.desk import work_folder
from rightcall.office.jobs.work import Progress, ask_for, kind
from rightcall.office.journal.writing import record
from rightcall.office.notices import letters
from rightcall.office.notices.models import Mailing
from rightcall.office.place import write_new
from rightcall.office.refusal import refuse
from rightcall.screening.output import settle

_QUEUES = {Mailing.Kind.STRUCK: "protected", Mailing.Kind.QUESTIONS: "ask"}
_CHUNK = 200
Write = Callable[[CallUp], bytes]


@transaction.atomic
def order(actor: Actor, pk: int, which: str, language: str) -> Mailing:
    """Have letters made. Raises ``Refusal``."""
    roll = Roll.objects.visible_to(actor).select_related("unit").get(pk=pk)
    by = actor.require("callup.ask", roll.unit)
    if not _whom(roll, which).exists():
        raise refuse("nobody", _("There is nobody to write to."))
    mailing = Mailing.objects.create(roll=roll, kind=which, language=language, by=by, at=now())
    record("mailing.ordered", mailing, by, {"kind": which})
    ask_for("letters.make", mailing.pk, roll.unit, by, mailing=mailing.pk)
    return mailing


def _whom(roll: Roll, which: str) -> QuerySet[CallUp]:
    """INVARIANT: nobody is written to who is dead."""
    return narrowed(CallUp.objects.filter(roll=roll), _QUEUES[Mailing.Kind(which)]).exclude(because=CallUp.NO_READER)


def unread(actor: Actor, roll: Roll) -> int:
    """How many were struck whom no letter reaches: a ground is that they are dead."""
    return CallUp.objects.visible_to(actor).filter(roll=roll, because=CallUp.NO_READER).count()


def file_of(mailing: Mailing) -> Path:
    return _folder(mailing).with_suffix(".zip")


def _folder(mailing: Mailing) -> Path:
    folder: Path = settings.PLACE.folder("mailings") / str(mailing.pk)
    return folder


@kind("letters.make")
def make(progress: Progress, argument: Mapping[str, Any]) -> None:
    """Make the letters that are not made, then the file."""
    mailing = Mailing.objects.select_related("roll__campaign", "roll__unit", "by").get(pk=argument["mailing"])
    if mailing.made_at:
        return
    folder = settings.PLACE.folder("mailings", str(mailing.pk))
    progress.doing("writing letters")
    whom = _whom(mailing.roll, mailing.kind)
    of, write, problems = whom.count(), _writer(mailing), list[Problem]()
    for callups in _chunks(whom):
        if mailing.kind == Mailing.Kind.STRUCK:
            explain_all(mailing.roll, callups)
        for callup in callups:
            problems += _made(folder / f"{callup.pk:09d}.pdf", callup, write, progress)
            progress.more(1, of)
    _finished(mailing, folder, progress)
    if problems:
        raise Refused(problems)


def _made(path: Path, callup: CallUp, write: Write, progress: Progress) -> list[Problem]:
    """A letter that cannot be printed is told, and keeps no other from its reader. One that is there was made before this job was killed."""
    if path.exists():
        return []
    try:
        with transaction.atomic(), work_folder() as folder:
            progress.hold()
            write_new(folder / path.name, write(callup))
            (folder / path.name).replace(path)
    except Refused as refused:
        return [replace(problem, file=f"call-up {callup.pk}") for problem in refused.problems]
    return []


@transaction.atomic
def _finished(mailing: Mailing, folder: Path, progress: Progress) -> None:
    """The one file stands, the single ones go."""
    progress.hold()
    number = _packed(folder, file_of(mailing))
    Mailing.objects.filter(pk=mailing.pk).update(number=number, made_at=now())
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def _chunks(whom: QuerySet[CallUp]) -> Iterator[list[CallUp]]:
    last = 0
    while chunk := list(whom.filter(pk__gt=last).select_related("person", "unit", "roll__campaign").order_by("pk")[:_CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _writer(mailing: Mailing) -> Write:
    officer, actor = letters.unit_officer(mailing.roll.unit, mailing.by.name, mailing.by.post), actor_of(mailing.by)

    def struck(callup: CallUp) -> bytes:
        finding = latest(callup)
        explanation = finding.explanation if finding and finding.explanation else {}
        return letters.printed(letters.struck_letter(callup, explanation, officer, mailing.language))

    def questions(callup: CallUp) -> bytes:
        finding = latest(callup)
        ((_questionnaire, secret),) = asking.send(actor, [callup])
        missing = finding.missing if finding else []
        return letters.printed(letters.questionnaire_letter(callup, missing, secret, officer, mailing.language))

    return struck if mailing.kind == Mailing.Kind.STRUCK else questions


def _packed(folder: Path, target: Path) -> int:
    """INVARIANT: names of files in it say nothing about anybody."""
    paths = sorted(folder.glob("*.pdf"))
    with work_folder() as work:
        with zipfile.ZipFile(work / target.name, "w") as pack:
            for number, path in enumerate(paths, 1):
                pack.write(path, f"{number:06d}.pdf")
        settle(work)
        (work / target.name).replace(target)
        settle(target.parent, files=False)
    return len(paths)
