"""Printing notices, as a job: each PDF is written aside, and put in its place in the transaction that marks it as printed. A killed job prints the rest.

INVARIANT: a notice that is marked as printed has one whole file, and its hash is that of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from rightcall.law.problem import Problem, Refused
from rightcall.office.clock import now
from rightcall.office.desk import work_folder
from rightcall.office.jobs.work import Progress, kind
from rightcall.office.notices.letters import notice_letter, printed
from rightcall.office.notices.models import Notice
from rightcall.office.place import write_new
from rightcall.screening.output import settle

_CHUNK = 25
_WITH = ("callup__person", "unit", "site", "issued_by")


def file_of(notice: Notice) -> Path:
    """Where its PDF is: by its number, a thousand folders."""
    folder: Path = settings.PLACE.folder("letters", notice.number[:2])
    return folder / f"{notice.number}.pdf"


@kind("notices.print")
def print_notices(progress: Progress, argument: Mapping[str, Any]) -> None:
    """Print what is in force and not printed of a batch, or one notice."""
    which = {"batch_id": argument["batch"]} if "batch" in argument else {"pk": argument["notice"]}
    left = Notice.objects.filter(printed_at=None, state=Notice.State.IN_FORCE, **which).select_related(*_WITH).order_by("pk")
    progress.doing("printing notices")
    of, last, problems = left.count(), 0, list[Problem]()
    while chunk := list(left.filter(pk__gt=last)[:_CHUNK]):
        with work_folder() as folder:
            done, wrong = _printed(chunk, folder)
            _put_in_place(done, folder, progress)
        problems += wrong
        progress.more(len(chunk), of)
        last = chunk[-1].pk
    if problems:
        raise Refused(problems)


def _printed(notices: Sequence[Notice], folder: Path) -> tuple[list[Notice], list[Problem]]:
    """Those that could be printed, their files in the folder. A letter that cannot be (a name in signs that the font has not) keeps no other from its reader."""
    done, problems = list[Notice](), list[Problem]()
    for notice in notices:
        try:
            pdf = printed(notice_letter(notice))
        except Refused as refused:
            problems += [replace(problem, file=f"notice {notice.pk}") for problem in refused.problems]
            continue
        write_new(folder / notice.number, pdf)
        notice.printed_at, notice.sha256 = now(), hashlib.sha256(pdf).hexdigest()
        done.append(notice)
    return done, problems


@transaction.atomic
def _put_in_place(notices: list[Notice], folder: Path, progress: Progress) -> None:
    progress.hold()
    targets = [file_of(notice) for notice in notices]
    for notice, target in zip(notices, targets, strict=True):
        (folder / notice.number).replace(target)
    for parent in {target.parent for target in targets}:
        settle(parent, files=False)
    Notice.objects.bulk_update(notices, ["printed_at", "sha256"])
