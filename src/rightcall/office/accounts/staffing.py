"""Accounts: made without rights, with a first password and a secret for codes that are shown once."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from rightcall.office.accounts.models import Account, Unit
from rightcall.office.accounts.scope import Actor
from rightcall.office.journal.writing import record
from rightcall.office.refusal import refuse


@dataclass(frozen=True, slots=True)
class Made:
    """What the new holder of an account is given, by hand, once."""

    account: Account
    password: str
    secret: str
    address: str


@transaction.atomic
def make(actor: Actor, username: str, name: str, post: str, subject: str = "") -> Made:
    """A new account; ``subject``: who it is at the OpenID Connect provider. Raises ``Refusal``."""
    root = Unit.objects.filter(parent=None).order_by("pk").first()
    if actor.account is None or not actor.can("grant.propose") or root is None:
        raise refuse("not-allowed", _("Only an administrator makes accounts."))
    return hand_out(actor.account, username, name, post, subject)


def hand_out(by: Account | None, username: str, name: str, post: str, subject: str = "") -> Made:
    """INVARIANT: what is handed out opens nothing but the page on which it is replaced."""
    password = secrets.token_urlsafe(12)
    account = Account.objects.create_user(username, password, name=name, post=post, subject=subject, handed_out=True)
    device = TOTPDevice.objects.create(user=account, name="phone", confirmed=True)
    record("account.made", account, by, {"account": account.pk})
    return Made(account, password, secret_of(device), device.config_url)


def secret_of(device: TOTPDevice) -> str:
    """The secret for codes as an app on a phone takes it (base32)."""
    return base64.b32encode(device.bin_key).decode()
