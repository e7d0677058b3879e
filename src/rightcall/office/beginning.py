"""The beginning of a real office: one unit, and two administrators who grant everything else to others."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from rightcall.law.problem import refuse
from rightcall.office.accounts.models import Account, Grant, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.staffing import Made, secret_of
from rightcall.office.clock import now, today
from rightcall.office.journal.writing import record

_YEAR = timedelta(days=365)


@transaction.atomic
def begin(unit: str) -> list[Made]:
    """Raises ``Refused`` where somebody works in this office already. INVARIANT: the two confirm each other; nobody has granted himself anything."""
    if Unit.objects.exists():
        raise refuse("this office has begun already", settings.PLACE.root, "its administrators make accounts and grants")
    root = Unit.objects.create(name=unit, kind=Unit.Kind.MINISTRY, since=today())
    made = [_account(name) for name in ("administrator-1", "administrator-2")]
    for one, other in (made, reversed(made)):
        _grant(one.account, root, other.account)
    return made


def _account(username: str) -> Made:
    password = secrets.token_urlsafe(12)
    account = Account.objects.create_user(username, password, name=username, post="Administrator", handed_out=True)
    device = TOTPDevice.objects.create(user=account, name="phone", confirmed=True)
    record("account.made", account, None, {"account": account.pk})
    return Made(account, password, secret_of(device), device.config_url)


def _grant(account: Account, root: Unit, confirmer: Account) -> None:
    grant = Grant.objects.create(
        account=account, role=Role.ADMINISTRATOR, unit=root, since=today(), until=today() + _YEAR, reason="the beginning of the office",
        proposed_at=now(), confirmed_by=confirmer, confirmed_at=now(),
    )  # fmt: skip
    record("grant.confirmed", grant, confirmer, {"account": account.pk, "role": str(Role.ADMINISTRATOR)})
