"""Sign-ins: begun with a new key, listed, ended from elsewhere, and over after half an hour without a page or twelve hours in all."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.signals import user_login_failed
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django_otp import login as otp_login
from django_otp import match_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from rightcall.office.accounts.models import Account, SignIn
from rightcall.office.clock import now
from rightcall.office.journal.writing import record

IDLE = timedelta(seconds=settings.SESSION_COOKIE_AGE)
LONGEST = timedelta(hours=12)
"""NIST SP 800-63B, 4.2.3: anew after twelve hours, or after thirty minutes without activity."""
_FRESH = "fresh"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def device_of(request: HttpRequest, account: Account, code: str) -> Any:
    """The device that gave a code; nothing where none did. INVARIANT: a wrong code counts towards the lockout as a wrong password does."""
    device = match_token(account, code.replace(" ", ""))
    if device is None:
        user_login_failed.send(sender=__name__, credentials={"username": account.username}, request=request)
    return device


def begin(request: HttpRequest, account: Account, device: Any) -> None:
    """Signed in, with both factors."""
    login(request, account, backend=_BACKEND)
    otp_login(request, device)
    write_down(request, account)


def write_down(request: HttpRequest, account: Account) -> None:
    """A sign-in that was begun, so that he sees it and can end it; those that are over are forgotten."""
    _over(SignIn.objects.filter(account=account)).delete()
    if request.session.session_key is None:
        request.session.save()
    SignIn.objects.create(account=account, session=request.session.session_key or "", device=_device(request), at=now(), last=now())


def _over(rows: Any) -> Any:
    return rows.exclude(last__gt=now() - IDLE, at__gt=now() - LONGEST)


def _device(request: HttpRequest) -> str:
    """A word for the device, so that one knows one's own; no more than that is kept."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    return next((name for name in ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux") if name in agent), "?")


def complete(request: HttpRequest, device: Any) -> None:
    """The second factor was shown later than the first: from now on under a new key."""
    before = request.session.session_key
    request.session.cycle_key()
    otp_login(request, device)
    SignIn.objects.filter(session=before or "").update(session=request.session.session_key)


def leave(request: HttpRequest) -> None:
    """Signed out; nothing of the session is left."""
    SignIn.objects.filter(session=request.session.session_key or "").delete()
    logout(request)


def ends_now(request: HttpRequest) -> bool:
    """Whether this sign-in was ended from elsewhere, or has lasted too long; else it is seen once more, once a minute: a page that is read writes nothing."""
    seen = SignIn.objects.filter(session=request.session.session_key).first()
    if seen is None or now() - seen.at >= LONGEST:
        return True
    if (now() - seen.last).total_seconds() > 60:
        SignIn.objects.filter(pk=seen.pk).update(last=now())
        request.session.modified = True
    return False


def sign_ins_of(account: Account) -> list[SignIn]:
    """Where he is signed in now."""
    return list(SignIn.objects.filter(account=account, last__gt=now() - IDLE, at__gt=now() - LONGEST))


@transaction.atomic
def end(account: Account, pk: int) -> None:
    """Sign out elsewhere."""
    _end(SignIn.objects.filter(account=account, pk=pk))


def _end(rows: Any) -> None:
    Session.objects.filter(session_key__in=list(rows.values_list("session", flat=True))).delete()
    rows.delete()


def fresh_device(request: HttpRequest, account: Account) -> TOTPDevice:
    """A second factor that is not kept yet; its secret is the same as long as the session lasts."""
    return TOTPDevice(user=account, name="phone", key=request.session.setdefault(_FRESH, random_hex(20)))


def shows(fresh: TOTPDevice, code: str) -> bool:
    """Whether a code is of a device that is not kept yet; it is then good for nothing more."""
    totp = TOTP(fresh.bin_key, fresh.step, fresh.t0, fresh.digits)
    totp.time = time.time()
    code = code.replace(" ", "")
    if not code.isdecimal() or not totp.verify(int(code), tolerance=fresh.tolerance):
        return False
    fresh.last_t = totp.t()
    return True


@transaction.atomic
def take_over(request: HttpRequest, account: Account, fresh: TOTPDevice, new: str) -> None:
    """What was handed out is void: another password, another secret. INVARIANT: whoever made the account knows neither."""
    TOTPDevice.objects.filter(user=account).delete()
    fresh.save()
    account.handed_out = False
    account.save(update_fields=["handed_out"])
    record("account.taken_over", account, account, {"account": account.pk})
    change_password(request, account, new)
    del request.session[_FRESH]
    otp_login(request, fresh)


@transaction.atomic
def change_password(request: HttpRequest, account: Account, new: str) -> None:
    """A new password ends every other sign-in; this one goes on under a new key."""
    before = request.session.session_key or ""
    account.set_password(new)
    account.save(update_fields=["password"])
    _end(SignIn.objects.filter(account=account).exclude(session=before))
    update_session_auth_hash(request, account)
    SignIn.objects.filter(session=before).update(session=request.session.session_key)
    record("account.password", account, account, {"at": now().isoformat()})
