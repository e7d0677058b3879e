"""A synthetic town, for trying the office out: two call-up offices, three sites, twenty thousand made-up people, and one account for each role.

Everything goes the way of a real campaign: the same services, the same jobs, the same gates.
"""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from rightcall.law.problem import refuse
from rightcall.office.accounts.grants import actor_of
from rightcall.office.accounts.models import Account, Grant, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns import acts, registers, rolls, screening
from rightcall.office.campaigns.asking import take_down
from rightcall.office.campaigns.dossier import latest
from rightcall.office.campaigns.models import CallUp, Campaign, Roll
from rightcall.office.clock import now, today
from rightcall.office.desk import work_folder
from rightcall.office.jobs.worker import work_once
from rightcall.office.notices.models import Site
from rightcall.synthetic.country import Country, write_country

LAW = "ru_2022"
PERIOD = timedelta(days=180)
_ASKED = 400
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in to the town: for its first page, and for nothing else."""

    role: str
    username: str
    unit: str
    totp: str


@dataclass(frozen=True, slots=True)
class Town:
    """What was made; no campaign where nobody is on a roll. All accounts have the one password."""

    password: str
    accounts: tuple[SignIn, ...]
    campaign: int | None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sends it."""

    name: str
    file: BinaryIO


def fill(people: int, seed: int, say: Told = lambda words: None) -> Town:
    """Fill an empty office; with no people, only its units, sites and accounts. Raises ``Refused`` where somebody works in it already."""
    if Unit.objects.exists():
        raise refuse("this office is not empty", settings.PLACE.root, "name another folder with --data, or remove this one")
    say("units, sites and accounts")
    with transaction.atomic():
        units = _units()
        password = secrets.token_urlsafe(12)
        accounts = tuple(_accounts(units, password))
    if not people:
        return Town(password, accounts, None)
    say("a campaign")
    campaign = _campaign(units)
    with work_folder() as work:
        folder = work / "country"
        say(f"{people:,} people and twelve registers of them")
        write_country(Country(seed, people), folder)
        registers.deliver(_actor("commissar"), campaign, _files(folder / "registers"), "the registers of the town")
        _rolls(campaign, units, folder, say)
    return Town(password, accounts, campaign.pk)


def _units() -> Mapping[str, Unit]:
    since = date(2020, 1, 1)

    def unit(name: str, kind: str, parent: Unit | None = None, address: str = "", telephone: str = "") -> Unit:
        return Unit.objects.create(name=name, kind=kind, parent=parent, since=since, address=address, telephone=telephone)

    country = unit("Ministry", Unit.Kind.MINISTRY)
    region = unit("Northern region", Unit.Kind.REGION, country)
    made = {
        "country": country,
        "region": region,
        "north": unit("Call-up office, Riverside", Unit.Kind.OFFICE, region, "12 Station Road, Riverside", "+00 555 0100"),
        "south": unit("Call-up office, Hillside", Unit.Kind.OFFICE, region, "3 Mill Lane, Hillside", "+00 555 0200"),
        "board": unit("Medical board of the region", Unit.Kind.BOARD, region, "7 Hospital Street, Riverside"),
        "sites": unit("Assembly points", Unit.Kind.SITE, region),
        "oversight": unit("Overseer of the region", Unit.Kind.OVERSIGHT, country),
    }
    for name, address, places in (("Barracks East", "1 Depot Road", 400), ("School No. 4", "40 Garden Street", 250), ("Fairground hall", "Fairground", 150)):
        Site.objects.create(unit=made["region"], name=name, address=address, places=places)
    return made


_ROLES = (
    (Role.CLERK, "north", "Clerk"), (Role.COMMISSAR, "region", "Commissar"), (Role.BOARD, "region", "Physician of the board"),
    (Role.REVIEWER, "region", "Reviewer"), (Role.OVERSEER, "country", "Overseer"), (Role.SITE, "region", "Site officer"),
    (Role.QUARTERMASTER, "region", "Quartermaster"), (Role.MEDIC, "region", "Medic"), (Role.STATISTICIAN, "country", "Statistician"),
    (Role.AUDITOR, "country", "Auditor"), (Role.ADMINISTRATOR, "country", "Administrator"),
)  # fmt: skip
_SECONDS = (
    (Role.CLERK, "south", "Clerk", "clerk-south"),
    (Role.COMMISSAR, "country", "Commissar", "commissar-2"),
    (Role.ADMINISTRATOR, "country", "Administrator", "administrator-2"),
)


def _accounts(units: Mapping[str, Unit], password: str) -> Iterator[SignIn]:
    hashed = make_password(password)
    wanted = [*((role, unit, post, str(role)) for role, unit, post in _ROLES), *_SECONDS]
    made = [(_account(name, post, hashed), role, units[unit]) for role, unit, post, name in wanted]
    first, second = (account for account, role, _ in made if role == Role.ADMINISTRATOR)
    for account, role, unit in made:
        proposer, confirmer = (first, second) if account.pk not in (first.pk, second.pk) else (None, second if account == first else first)
        grant(account, role, unit, proposer, confirmer)
        secret = base64.b32encode(TOTPDevice.objects.create(user=account, name="phone", confirmed=True).bin_key).decode()
        yield SignIn(str(role), account.username, unit.name, secret)


def _account(username: str, post: str, hashed: str) -> Account:
    return Account.objects.create(username=username, name=f"{post} {username.capitalize()}", post=post, password=hashed)


def grant(account: Account, role: Role, unit: Unit, proposer: Account | None, confirmer: Account) -> Grant:
    """A grant of a new office, which has nobody yet to give it."""
    return Grant.objects.create(
        account=account, role=role, unit=unit, since=today() - timedelta(days=1), until=today() + 2 * PERIOD, reason="rehearsal",
        proposed_by=proposer, proposed_at=now(), confirmed_by=confirmer, confirmed_at=now(),
    )  # fmt: skip


def _actor(username: str) -> Actor:
    return actor_of(Account.objects.get(username=username))


def _campaign(units: Mapping[str, Unit]) -> Campaign:
    plan = acts.Draft(
        name="Rehearsal", act="Decree on partial mobilisation (rehearsal)", cite="art. 1", pack=LAW, readings="practice",
        starts=today(), ends=today() + PERIOD, most=600, contest_days=10,
    )  # fmt: skip
    campaign = acts.draft(_actor("commissar"), units["region"], plan)
    acts.set_tasks(_actor("commissar"), campaign.pk, {units["north"].pk: 300, units["south"].pk: 300})
    return acts.authorise(_actor("commissar-2"), campaign.pk)


def _files(folder: Path) -> list[Upload]:
    return [Upload(path.name, io.BytesIO(path.read_bytes())) for path in sorted(folder.iterdir()) if path.is_file()]


def _rolls(campaign: Campaign, units: Mapping[str, Unit], folder: Path, say: Told) -> None:
    """The people of the country, one half proposed by each office."""
    people = pl.read_parquet(folder / "people.parquet")
    half = people.height // 2
    for clerk, unit, rows in (("clerk", "north", people.head(half)), ("clerk-south", "south", people.slice(half))):
        say(f"the roll of {units[unit]}: {rows.height:,} people read, frozen, signed and checked")
        buffer = io.BytesIO()
        rows.write_parquet(buffer)
        descriptor = io.BytesIO((folder / "datapackage.json").read_bytes())
        roll = rolls.upload(_actor(clerk), campaign, units[unit], [Upload("people.parquet", buffer), Upload("datapackage.json", descriptor)])
        _work()
        rolls.freeze(_actor(clerk), roll.pk)
        _work()
        rolls.sign(_actor("commissar"), roll.pk, Roll.objects.get(pk=roll.pk).sha256)
        screening.screen(_actor("commissar"), roll.pk)
        _work()
        if unit == "north":
            _answers(Roll.objects.get(pk=roll.pk), folder / "truth", say)


def _answers(roll: Roll, truth: Path, say: Told) -> None:
    """Some people of a roll are asked and bring their papers: what they say is the truth about them."""
    open = CallUp.objects.filter(roll=roll, verdict=CallUp.Verdict.OPEN, because__in=("ask", "evidence")).order_by("pk")
    asked = {finding.callup.row_id: finding for finding in map(latest, open[:_ASKED]) if finding}
    say(f"{len(asked)} people of {roll.unit} are asked and answer")
    told = _truth_of(truth, list(asked))
    for id, finding in asked.items():
        with transaction.atomic():
            take_down(finding.callup, dict(_claims(finding.missing, told[id])), roll.uploaded_by, "seen at the office")
    _work()


def _truth_of(truth: Path, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Facts of people, and the rows of their lists."""
    people: dict[str, dict[str, Any]] = {row["id"]: row for row in _rows(truth / "people.parquet", ids)}
    for file in truth.glob("*.parquet"):
        if file.stem != "people":
            for row in people.values():
                row[file.stem] = []
            for row in _rows(file, ids):
                people[row.pop("id")][file.stem].append(row)
    return people


def _rows(file: Path, ids: list[str]) -> list[dict[str, Any]]:
    rows = pl.scan_parquet(file).filter(pl.col("id").is_in(ids)).collect()
    return rows.with_columns(pl.col(pl.Date).cast(pl.String)).to_dicts()


def _claims(missing: list[str], told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The true answers to what was asked; about a list, all its rows."""
    for name in dict.fromkeys(name.removesuffix(".complete").partition("[].")[0] for name in missing):
        if told.get(f"{name}.none"):
            yield name, "none"
        elif isinstance(told.get(name), list):
            yield from ((name, told[name]),) if told[name] else ((f"{name}.complete", True),)
        elif told.get(name) is not None:
            yield name, told[name]


def _work() -> None:
    while work_once("town"):
        pass
