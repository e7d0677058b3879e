"""Serving a notice: each attempt is kept with its proof, also one that failed. A notice is served only by an attempt that says so."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import CallUp
from rightcall.office.clock import now, today
from rightcall.office.journal.writing import record
from rightcall.office.notices.models import Notice, ServiceAttempt
from rightcall.office.refusal import Reason, refuse_any


@transaction.atomic
def attempt(actor: Actor, pk: int, how: str, outcome: str, on: date, proof: str) -> ServiceAttempt:
    """Write down an attempt. Raises ``Refusal``."""
    CallUp.objects.select_for_update(of=("self",)).filter(notices=pk).first()
    notice = Notice.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=pk)
    by = actor.require("notice.serve", notice.unit_id)
    reasons = []
    if notice.state != Notice.State.IN_FORCE:
        reasons.append(Reason("not-in-force", _("This notice is not in force any more.")))
    if on > today() or on < notice.issued_at.date():
        reasons.append(Reason("day", _("The attempt was not on a day between the issue of the notice and today."), _("Give the day of the attempt.")))
    if not proof.strip():
        reasons.append(Reason("proof", _("An attempt is not written down without its proof."), _("The number of the registered letter, or who signed.")))
    refuse_any(reasons)
    made = ServiceAttempt.objects.create(notice=notice, how=how, outcome=outcome, on=on, proof=proof, by=by, at=now())
    if outcome == ServiceAttempt.Outcome.SERVED:
        CallUp.objects.filter(pk=notice.callup_id, state=CallUp.State.NOTICED).update(state=CallUp.State.SERVED)
    record("notice.service", made, by, {"notice": notice.pk, "how": how, "outcome": outcome, "on": str(on), "proof": proof})
    return made
