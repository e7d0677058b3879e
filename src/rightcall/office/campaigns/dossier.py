"""One finding opened: its explanation and its records, made once for a finding and kept with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rightcall.law.account import written
from rightcall.office.campaigns.models import CallUp, Finding, Roll
from rightcall.office.campaigns.screening import order_of, registers_of, run_folder
from rightcall.office.desk import work_folder
from rightcall.screening import single
from rightcall.screening.explanation import as_data
from rightcall.screening.job import Watch
from rightcall.screening.output import RECEIPT
from rightcall.screening.single import File


def latest(callup: CallUp) -> Finding | None:
    return Finding.objects.filter(callup=callup).order_by("-pk").first()


def explained(callup: CallUp) -> dict[str, Any]:
    """The explanation of the last finding, as data (``screening.explanation.as_data``). Empty where nobody was screened yet."""
    finding = latest(callup)
    if finding is None:
        return {}
    if finding.explanation is None:
        roll = _roll(callup)
        law = order_of(roll, None, None)
        finding.explanation = as_data(_opened(callup, roll).explained(law))
        Finding.objects.filter(pk=finding.pk).update(explanation=finding.explanation)
    explanation: dict[str, Any] = finding.explanation
    return explanation


def explain_all(roll: Roll, callups: Sequence[CallUp]) -> None:
    """Explain the last finding of each, what is read being read once; those that are explained are left as they are."""
    ids = [callup.pk for callup in callups]
    last = Finding.objects.filter(callup__in=ids).order_by("callup_id", "-pk").defer("explanation")
    newest = {finding.callup_id: finding.pk for finding in reversed(last)}
    left = set(Finding.objects.filter(pk__in=newest.values(), explanation__isnull=True).values_list("callup_id", flat=True))
    wanted = {callup.row_id: newest[callup.pk] for callup in callups if callup.pk in left}
    if not wanted:
        return
    order = order_of(roll, registers_of(roll.run), run_folder(roll.run) / RECEIPT)
    with work_folder() as work:
        for file in single.open_several(order, list(wanted), work, Watch()):
            Finding.objects.filter(pk=wanted[file.id]).update(explanation=as_data(file.explained(order)))


def known_of(callup: CallUp) -> dict[str, Any]:
    """What the roll and the registers say of a person, as an account."""
    roll = _roll(callup)
    return written(_opened(callup, roll).person, order_of(roll, None, None).law.vocabulary)


def _roll(callup: CallUp) -> Roll:
    roll: Roll = Roll.objects.select_related("campaign").get(pk=callup.roll_id)
    return roll


def _opened(callup: CallUp, roll: Roll) -> File:
    order = order_of(roll, registers_of(roll.run), run_folder(roll.run) / RECEIPT)
    with work_folder() as work:
        return single.open_single(order, callup.row_id, work, Watch())
