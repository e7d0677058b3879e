"""Reports of improper notices, by anybody, without an account. A reference is given back; what became of it can be asked with it."""

from __future__ import annotations

import secrets
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from rightcall.notice.number import ALPHABET
from rightcall.office.accounts.models import Unit
from rightcall.office.accounts.scope import Actor
from rightcall.office.clock import now
from rightcall.office.journal.writing import record
from rightcall.office.notices.models import ImproperReport
from rightcall.office.refusal import refuse


@transaction.atomic
def report(how: str, place: str, words: str, on: date | None) -> ImproperReport:
    """Take a report down. Nothing is kept about who reports."""
    reference = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    root = Unit.objects.filter(parent=None).order_by("pk").first()
    made = ImproperReport.objects.create(unit=root, reference=reference, how=how, place=place, words=words, on=on, at=now())
    record("report.received", made, None, {"how": how})
    return made


@transaction.atomic
def handle(actor: Actor, pk: int, answer: str) -> ImproperReport:
    """What an overseer found. Raises ``Refusal``."""
    found: ImproperReport = ImproperReport.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=pk)
    by = actor.require("report.handle", found.unit_id or 0)
    if not answer.strip():
        raise refuse("answer", _("Say what was found."), _("Whoever reported it reads this with the reference."))
    found.handled_by, found.handled_at, found.answer = by, now(), answer
    found.save(update_fields=["handled_by", "handled_at", "answer"])
    record("report.handled", found, by, {"answer": answer})
    return found
