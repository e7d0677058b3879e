"""The beginning of a real office: one unit, and two administrators who grant everything else to others."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from rightcall.law.problem import refuse
from rightcall.office.accounts.models import Account, Grant, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.staffing import Made, hand_out
from rightcall.office.clock import now, today
from rightcall.office.journal.writing import record

_YEAR = timedelta(days=365)


@transaction.atomic
def begin(unit: str) -> list[Made]:
    """Raises ``Refused`` where somebody works in this office already. INVARIANT: the two confirm each other; nobody has granted himself anything."""
    if Unit.objects.exists():
        raise refuse("this office has begun already", settings.PLACE.root, "its administrators make accounts and grants")
    root = Unit.objects.create(name=unit, kind=Unit.Kind.MINISTRY, since=today())
    made = [hand_out(None, name, name, "Administrator") for name in ("administrator-1", "administrator-2")]
    for one, other in (made, reversed(made)):
        _grant(one.account, root, other.account)
    return made


def _grant(account: Account, root: Unit, confirmer: Account) -> None:
    grant = Grant.objects.create(
        account=account, role=Role.ADMINISTRATOR, unit=root, since=today(), until=today() + _YEAR, reason="the beginning of the office",
        proposed_at=now(), confirmed_by=confirmer, confirmed_at=now(),
    )  # fmt: skip
    record("grant.confirmed", grant, confirmer, {"account": account.pk, "role": str(Role.ADMINISTRATOR)})
