"""Printing notices, as a job: each PDF is written whole, and marked as printed when it is on disk. A killed job prints the rest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from rightcall.law.problem import Problem, Refused
from rightcall.office.clock import now
from rightcall.office.jobs.work import Progress, kind
from rightcall.office.notices.letters import notice_letter, printed
from rightcall.office.notices.models import Notice

_CHUNK = 25
_WITH = ("callup__person", "unit", "site", "issued_by")


def file_of(notice: Notice) -> Path:
    """Where its PDF is: by its number, a thousand folders."""
    folder: Path = settings.PLACE.folder("letters", notice.number[:2])
    return folder / f"{notice.number}.pdf"


@kind("notices.print")
def print_notices(progress: Progress, argument: Mapping[str, Any]) -> None:
    """Print what is not printed of a batch, or one notice."""
    which = {"batch_id": argument["batch"]} if "batch" in argument else {"pk": argument["notice"]}
    left = Notice.objects.filter(printed_at=None, **which).select_related(*_WITH).order_by("pk")
    progress.doing("printing notices")
    of, last, problems = left.count(), 0, list[Problem]()
    while chunk := list(left.filter(pk__gt=last)[:_CHUNK]):
        problems += _print(chunk)
        progress.more(len(chunk), of)
        last = chunk[-1].pk
    if problems:
        raise Refused(problems)


def _print(notices: Iterable[Notice]) -> Iterator[Problem]:
    """Print what can be printed. A letter that cannot be (a name in signs that the font has not) keeps no other from its reader."""
    done = []
    for notice in notices:
        try:
            pdf = printed(notice_letter(notice))
        except Refused as refused:
            yield from (replace(problem, file=f"notice {notice.pk}") for problem in refused.problems)
            continue
        _write(file_of(notice), pdf)
        notice.printed_at, notice.sha256 = now(), hashlib.sha256(pdf).hexdigest()
        done.append(notice)
    Notice.objects.bulk_update(done, ["printed_at", "sha256"])


def _write(path: Path, content: bytes) -> None:
    aside = path.with_suffix(".part")
    with aside.open("wb") as file:
        os.chmod(aside, 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
