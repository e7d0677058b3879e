"""A small world for tests of the office: units of two regions, accounts with grants, a campaign, rolls and people, made through the models or the services."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from rightcall.law.pack import find_pack
from rightcall.office.accounts.grants import actor_of
from rightcall.office.accounts.models import Account, Grant, SignIn, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import CallUp, Campaign, Finding, Person, Roll, Task
from rightcall.office.clock import now, today
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.worker import work_once
from rightcall.office.notices.models import Site

VALMORA = str(Path(__file__).parents[2] / "examples" / "packs" / "valmora")
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Units:
    """Two regions under one ministry. ``office`` is the one that tests are about; ``branch`` is beneath it, ``region`` above, ``other`` elsewhere."""

    ministry: Unit
    region: Unit
    office: Unit
    branch: Unit
    elsewhere: Unit
    other: Unit


def units() -> Units:
    def unit(name: str, kind: str, parent: Unit | None = None) -> Unit:
        return Unit.objects.create(name=name, kind=kind, parent=parent, since=date(2020, 1, 1), address=f"{name} Street 1", telephone="+00 555 0100")

    ministry = unit("Ministry", "ministry")
    region, elsewhere = unit("North", "region", ministry), unit("South", "region", ministry)
    office = unit("Riverside", "office", region)
    return Units(ministry, region, office, unit("Riverside branch", "office", office), elsewhere, unit("Hillside", "office", elsewhere))


def account(name: str = "") -> Account:
    made = Account.objects.create(username=name or f"account-{next(_NUMBERS)}", name="Some Officer", post="Officer")
    TOTPDevice.objects.create(user=made, name="phone", confirmed=True)
    return made


def grant(to: Account, role: Role, unit: Unit, since: date | None = None, until: date | None = None) -> Grant:
    return Grant.objects.create(
        account=to, role=role, unit=unit, since=since or today() - timedelta(days=1), until=until or today() + timedelta(days=365), reason="test",
        proposed_at=now() - timedelta(days=1), confirmed_at=now() - timedelta(days=1), confirmed_by=account(),
    )  # fmt: skip


def officer(role: Role, unit: Unit, name: str = "") -> Actor:
    """Somebody with one grant."""
    made = account(name)
    grant(made, role, unit)
    return actor_of(made)


def again_of(who: Actor) -> Actor:
    """The same account with the grants that it has now."""
    assert who.account is not None
    return actor_of(who.account)


def signed_in(who: Account | Actor | None, **kwargs: Any) -> Client:
    """A browser in which an account has signed in with both factors."""
    client, account = Client(**kwargs), who.account if isinstance(who, Actor) else who
    if account is not None:
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=account).persistent_id
        session.save()
        SignIn.objects.create(account=account, session=session.session_key, device="?", at=now(), last=now())
    return client


def site(unit: Unit, places: int = 100) -> Site:
    return Site.objects.create(unit=unit, name="Barracks", address="Depot Road 1", places=places)


def campaign(unit: Unit, tasks: Iterable[Unit], number: int = 50, pack: str = VALMORA) -> Campaign:
    """One that runs today."""
    made = Campaign.objects.create(
        unit=unit, name="Autumn", act="Act on call-up", cite="art. 1", pack=pack, pack_hash=find_pack(pack).hash, starts=today() - timedelta(days=5),
        ends=today() + timedelta(days=100), most=1000, state=Campaign.State.RUNNING, drafted_by=account(), drafted_at=now(), authorised_by=account(), authorised_at=now(),
    )  # fmt: skip
    Task.objects.bulk_create([Task(campaign=made, unit=unit, number=number) for unit in tasks])
    return made


def roll(of: Campaign, unit: Unit, state: str = Roll.State.SIGNED, run: str = "test") -> Roll:
    """A roll without a file: for tests that do not read it again."""
    return Roll.objects.create(
        campaign=of, unit=unit, state=state, folder=f"none-{next(_NUMBERS)}", files=[], sha256="0" * 64, uploaded_by=account(), uploaded_at=now(),
        frozen_by=account(), frozen_at=now(), signed_by=account(), signed_at=now(), run=run,
    )  # fmt: skip


def person(on: Roll, verdict: str = "clear", because: str = "", state: str = "", surname: str = "", explained: bool = True) -> CallUp:
    """Somebody on a roll, with a finding."""
    number = next(_NUMBERS)
    who = Person.objects.create(surname=surname or f"Surname{number}", given="Given", number=f"N{number:06d}", birth=date(1990, 1, 1), place="Riverside")
    state = state or ("excused" if verdict in ("barred", "deferred") else "checked")
    made = CallUp.objects.create(roll=on, unit=on.unit, person=who, row=number, row_id=f"p{number}", state=state, verdict=verdict, because=because)
    explanation = {"grounds": [], "verdict": verdict, "missing": [], "pack": {"id": "valmora", "hash": ""}} if explained else None
    Finding.objects.create(callup=made, run="test", at=now(), verdict=verdict, reasons=[because] if because else [], explanation=explanation)
    return made


def reporting_day(of: Campaign) -> date:
    """A day of reporting that the gate lets through."""
    return today() + timedelta(days=of.contest_days + 5)


def work() -> list[tuple[str, str, list[dict[str, str]]]]:
    """Do all jobs that wait; those that did not end well."""
    while work_once("test"):
        pass
    return [(job.kind, job.state, job.problems) for job in Job.objects.exclude(state=Job.State.DONE)]


def again(kind: str) -> None:
    """As if the last job of a kind had been killed at its end: it is taken again."""
    last = Job.objects.filter(kind=kind).latest("pk")
    Job.objects.filter(pk=last.pk).update(state=Job.State.WAITING, worker="", attempts=1)


@dataclass(frozen=True)
class Sent:
    """A file as somebody sends it."""

    name: str
    file: io.BytesIO


def sent(name: str, content: bytes | str) -> Sent:
    return Sent(name, io.BytesIO(content.encode() if isinstance(content, str) else content))


@contextmanager
def one_connection() -> Iterator[None]:
    """Requests that do not come through the client of the tests leave the connection open too: what a test made is in its transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
