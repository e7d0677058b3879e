"""A great office, made up: a ministry, 85 regions and 2,000 offices, a million people on their rolls, 300,000 of them noticed, 100,000 cases, a log of a million entries.

Rows are written straight into the tables, for speed; they are such as the services leave behind, and the log is a true one. One office has three tenths of all people,
so that there is a great roll too. The same number of people gives the same office.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, models
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from rightcall.ledger.entry import new_entry, seal
from rightcall.ledger.tree import Frontier
from rightcall.office.accounts.models import Account, Grant, SignIn, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns import tally
from rightcall.office.campaigns.models import CallUp, Campaign, Claim, Delivery, Finding, Person, Questionnaire, Roll, Task
from rightcall.office.cases.models import Case
from rightcall.office.clock import now, today
from rightcall.office.jobs.models import Job
from rightcall.office.journal.models import Event, Head, Node
from rightcall.office.journal.writing import HEAD
from rightcall.office.notices import guard
from rightcall.office.notices.models import Batch, ImproperReport, Notice, ServiceAttempt, Site
from rightcall.office.person.models import Look

REGIONS, OFFICES = 85, 2000
GREAT = 0.3
"""The share of the people who are on the roll of the first office."""
_NAMES = (
    "Abram",
    "Belo",
    "Ivan",
    "Karel",
    "Lesko",
    "Mako",
    "Niko",
    "Orlo",
    "Petr",
    "Rado",
    "Salo",
    "Tomas",
    "Varga",
    "Zelen",
    "Иван",
    "Петр",
    "Шевч",
    "Коваль",
)
_ENDS = ("ov", "enko", "sky", "in", "uk", "ak", "ovich", "son", "dze", "ian")
_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
_DAY = date(2026, 10, 1)
State, Verdict = CallUp.State, CallUp.Verdict
_STANDS: tuple[tuple[int, str, str, str], ...] = (
    (15, State.NOTICED, Verdict.CLEAR, ""),
    (10, State.SERVED, Verdict.CLEAR, ""),
    (3, State.REPORTED, Verdict.CLEAR, ""),
    (1, State.VOID, Verdict.CLEAR, ""),
    (1, State.RELEASED, Verdict.CLEAR, ""),
    (10, State.EXCUSED, Verdict.BARRED, ""),
    (15, State.EXCUSED, Verdict.DEFERRED, ""),
    (10, State.CHECKED, Verdict.OPEN, "ask"),
    (6, State.CHECKED, Verdict.OPEN, "evidence"),
    (3, State.CHECKED, Verdict.OPEN, "identity"),
    (1, State.CHECKED, Verdict.OPEN, "law"),
    (19, State.CHECKED, Verdict.CLEAR, ""),
    (6, State.LISTED, "", ""),
)
_HUNDRED = [(state, verdict, because) for share, state, verdict, because in _STANDS for _ in range(share)]
_REASONS = {Verdict.BARRED: ["RU22-18-1-2"], Verdict.DEFERRED: ["RU22-18-1-4a", "RU22-18-1-5"], Verdict.CLEAR: []}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands: everything else about him follows from his number."""

    pk: int
    office: int
    state: str
    verdict: str
    because: str

    @property
    def has_notice(self) -> bool:
        return self.state in (State.NOTICED, State.SERVED, State.REPORTED, State.VOID, State.RELEASED)

    @property
    def has_case(self) -> bool:
        return self.pk % 10 == 3

    @property
    def held(self) -> bool:
        return self.pk % 30 == 3 and self.has_notice


@dataclass(frozen=True, slots=True)
class Great:
    """An office that was filled, and how many people are on its rolls."""

    people: int

    @property
    def units(self) -> dict[str, int]:
        """A small office, the great one, the region of the great one, and the country; by their keys."""
        return {"small office": _office(7), "great office": _office(0), "region": 2, "country": 1}

    def office_of(self, pk: int) -> int:
        great = int(self.people * GREAT)
        return _office(0 if pk <= great else 1 + (pk - great - 1) * (OFFICES - 1) // (self.people - great))

    def standing(self, pk: int) -> Standing:
        return Standing(pk, self.office_of(pk), *_HUNDRED[(pk * 7919 + pk // 100) % 100])

    def standings(self) -> Iterator[Standing]:
        return (self.standing(pk) for pk in range(1, self.people + 1))


def _office(place: int) -> int:
    return 2 + REGIONS + place


def _region_of(office: int) -> int:
    return 2 + (office - _office(0)) % REGIONS


# --- writing ------------------------------------------------------------------------------------------------------


def is_empty() -> bool:
    return not Unit.objects.exists()


def fill(people: int) -> Great:
    """Fill an empty database."""
    great = Great(people)
    _few(great)
    with Quickly():
        _people(great)
        _papers(great)
        _log(great)
    return great


class Quickly:
    """Without indexes, which are made afterwards, without looking up each foreign key, and past the gate of the database, since these notices are of the past."""

    def __enter__(self) -> None:
        self.models = [
            model for model in (CallUp, Person, Finding, Questionnaire, Claim, Notice, Case, Look, Event, Job, ImproperReport) if model._meta.indexes
        ]
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA foreign_keys=OFF")
                cursor.execute("PRAGMA synchronous=OFF")
                cursor.execute("PRAGMA cache_size=-500000")
                for trigger in ("notice_gate", "tally_more"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            else:
                cursor.execute("SET session_replication_role = replica")
                cursor.execute("SET maintenance_work_mem = '500MB'")
        with connection.schema_editor() as editor:
            for model in self.models:
                for index in model._meta.indexes:
                    editor.remove_index(model, index)

    def __exit__(self, *_: object) -> None:
        with connection.schema_editor() as editor:
            for model in self.models:
                for index in model._meta.indexes:
                    editor.add_index(model, index)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
        _count_on()
        guard.stand()
        tally.stand()
        tally.count_anew()
        connection.close()


def _count_on() -> None:
    """New rows are numbered behind those that were written with their numbers."""
    from django.core.management.color import no_style

    everything = [
        Unit,
        Account,
        Grant,
        Delivery,
        CallUp,
        Person,
        Finding,
        Questionnaire,
        Claim,
        Notice,
        Case,
        Look,
        Job,
        ImproperReport,
        ServiceAttempt,
        Batch,
        Roll,
        Task,
        Campaign,
        Site,
        Node,
    ]
    with connection.cursor() as cursor:
        for line in connection.ops.sequence_reset_sql(no_style(), everything):
            cursor.execute(line)


def write(model: type[models.Model], fields: str, rows: Iterable[Sequence[Any]]) -> None:
    """Rows of the named fields, in one transaction."""
    named = [model._meta.get_field(name) for name in fields.split()]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in named)
    table = connection.ops.quote_name(model._meta.db_table)
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        raw = connection.connection
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(named))})", (tuple(map(_plain, row)) for row in rows))
        raw.execute("COMMIT")
        return
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value) if isinstance(value, (date, time)) else value


def _few(great: Great) -> None:
    write(Unit, "id name kind address telephone parent path since", _units())
    Account.objects.bulk_create(
        [Account(pk=pk, username=f"account-{pk}", name=f"Officer {pk}", post="Officer", password="!") for pk in range(1, OFFICES + 3)], batch_size=500
    )
    Grant.objects.bulk_create([_grant(pk, Role.CLERK, _office(pk - 1)) for pk in range(1, OFFICES + 1)], batch_size=500)
    Campaign.objects.create(
        pk=1, name="Autumn", unit_id=1, act="Decree on call-up", cite="art. 1", pack="ru_2022", pack_hash="0" * 64, starts=today() - timedelta(days=30),
        ends=today() + timedelta(days=120), most=great.people, state="running", drafted_by_id=1, drafted_at=_AT, authorised_by_id=2, authorised_at=_AT,
    )  # fmt: skip
    Task.objects.bulk_create([Task(campaign_id=1, unit_id=_office(place), number=great.people) for place in range(OFFICES)], batch_size=500)
    Site.objects.bulk_create(
        [Site(pk=region, unit_id=region, name=f"Barracks {region}", address="Depot Road 1", places=great.people) for region in range(1, 2 + REGIONS)]
    )
    counts = [0] * OFFICES
    for pk in range(1, great.people + 1):
        counts[great.office_of(pk) - _office(0)] += 1
    Roll.objects.bulk_create([_roll(place, count) for place, count in enumerate(counts)], batch_size=500)
    Batch.objects.bulk_create(
        [
            Batch(
                pk=place + 1,
                roll_id=place + 1,
                site_id=_region_of(_office(place)),
                report_on=_DAY,
                report_at=time(9),
                language="en",
                number=100,
                by_id=1,
                at=_AT,
                done=True,
            )
            for place in range(OFFICES)
        ],
        batch_size=500,
    )
    Delivery.objects.bulk_create([Delivery(campaign_id=1, folder=f"d{pk}", files=[], says=f"delivery {pk}", by_id=1, at=_AT) for pk in range(40)])


def _units() -> Iterator[tuple[Any, ...]]:
    since = date(2020, 1, 1)
    yield 1, "Ministry", "ministry", "", "", None, "/1/", since
    for region in range(2, 2 + REGIONS):
        yield region, f"Region {region}", "region", "", "", 1, f"/1/{region}/", since
    for place in range(OFFICES):
        office = _office(place)
        region = _region_of(office)
        yield office, f"Call-up office {place}", "office", f"Street {place}", "+00 555 0100", region, f"/1/{region}/{office}/", since


def _grant(account: int, role: Role, unit: int) -> Grant:
    return Grant(
        account_id=account, role=role, unit_id=unit, since=today() - timedelta(days=1), until=today() + timedelta(days=300), reason="a bench",
        proposed_at=now(), confirmed_by_id=1 if account != 1 else 2, confirmed_at=now(),
    )  # fmt: skip


def _roll(place: int, count: int) -> Roll:
    return Roll(
        pk=place + 1, campaign_id=1, unit_id=_office(place), state="signed", folder=f"r{place}", files=[{"name": "people.csv", "size": 1, "sha256": "0" * 64}],
        sha256=f"{place:064x}", count=count, uploaded_by_id=1, uploaded_at=_AT, frozen_by_id=1, frozen_at=_AT, signed_by_id=2, signed_at=_AT, run=f"{place}-1",
        screened_at=_AT, notes=["a note on reading"] * 5, summary={"verdicts": {}},
    )  # fmt: skip


def _people(great: Great) -> None:
    rng = random.Random(7)
    surnames = [f"{name}{end}" for name in _NAMES for end in _ENDS]
    write(
        Person, "id number surname given patronymic birth place",
        ((pk, f"{pk:010d}", rng.choice(surnames), f"Given{pk % 97}", "", date(1970 + pk % 30, 1 + pk % 12, 1 + pk % 28), "Riverside") for pk in range(1, great.people + 1)),
    )  # fmt: skip
    write(
        CallUp, "id roll unit person row row_id state verdict because held",
        ((one.pk, one.office - _office(0) + 1, one.office, one.pk, one.pk, f"p{one.pk}", one.state, one.verdict, one.because, one.held) for one in great.standings()),
    )  # fmt: skip
    write(Finding, "unit callup run at verdict label reasons missing questions explanation", _findings(great))


def _findings(great: Great) -> Iterator[tuple[Any, ...]]:
    explained = json.dumps({"grounds": [{"id": "RU22-18-1-4a", "words": "a word " * 60}] * 5, "verdict": "open", "missing": []})
    for one in great.standings():
        if one.state == State.LISTED:
            continue
        reasons = json.dumps([one.because] if one.because else _REASONS[Verdict(one.verdict)])
        missing = json.dumps(["children", "health.category"] if one.because else [])
        for run in (1, 2)[: 1 + (one.pk % 10 == 0)]:
            yield (
                one.office, one.pk, f"{one.office}-{run}", _AT, one.verdict, "", reasons, missing, "[]", explained if one.pk % 50 == 0 else None,
            )  # fmt: skip


def _papers(great: Great) -> None:
    write(
        Notice, "unit callup batch number index code state site report_on report_at contest_until language ground issued_by issued_at printed_at sha256 ended_why", _notices(great),
    )  # fmt: skip
    write(ServiceAttempt, "notice how outcome on proof by at", ((pk, "post", "served", _DAY, "RR 1", 1, _AT) for pk in range(1, great.people // 8)))
    write(
        Case, "unit callup kind state origin words at",
        ((one.office, one.pk, "contest" if one.pk % 20 == 3 else "correction", "received" if one.held else "decided", "person", "words " * 20, _AT) for one in great.standings() if one.has_case),
    )  # fmt: skip
    write(
        Questionnaire, "unit callup token state known replies sent_by sent_at answered_at",
        ((one.office, one.pk, f"{one.pk:064x}", "answered" if one.pk % 3 else "sent", json.dumps({"family.children": 2} | {f"fact.{n}": n for n in range(40)}), "[]", 1, _AT, _AT if one.pk % 3 else None)
         for one in great.standings() if one.because in ("ask", "evidence")),
    )  # fmt: skip
    write(
        Claim,
        "callup fact value proven proof by at",
        ((one.pk, "children", "[]", one.pk % 2 == 0, "", 1, _AT) for one in great.standings() if one.because == "evidence"),
    )
    write(
        Look, "office callup account role unit what at",
        ((one.office, one.pk, one.office - _office(0) + 1, "clerk", one.office, "file", _AT) for one in great.standings() if one.pk % 4 == 0),
    )  # fmt: skip
    write(
        Job, "kind key argument unit asked_by language state doing done of problems attempts worker made begun ended",
        (("roll.screen", str(pk), "{}", _office(pk % OFFICES), 1, "en", "failed" if pk % 1000 == 1 else "done", "", 10, 10, "[]", 1, "w", _AT, _AT, _AT) for pk in range(10_000)),
    )  # fmt: skip
    hows = ImproperReport.How.values
    write(
        ImproperReport, "unit reference how place words at answer",
        ((1 + pk % (1 + REGIONS + OFFICES), f"R{pk:08d}", hows[pk % (len(hows) - 1)], "the market", "words " * 50, _AT, "") for pk in range(20_000)),
    )  # fmt: skip


def _notices(great: Great) -> Iterator[tuple[Any, ...]]:
    rng, size = random.Random(11), 1 << (2 * great.people // 3 - 1).bit_length()
    indices = iter(rng.sample(range(size), great.people // 3))
    ground = json.dumps({"act": "Decree on call-up", "cite": "art. 1"})
    for one in great.standings():
        if one.has_notice:
            states = (["replaced"] if one.pk % 31 == 0 else []) + (["revoked"] if one.state == State.VOID else ["in_force"])
            for state in states:
                yield (
                    one.office, one.pk, one.office - _office(0) + 1, f"{rng.getrandbits(128):032x}", next(indices), "C" * 150, state, _region_of(one.office), _DAY, time(9),
                    _DAY, "en", ground, 1, _AT, _AT, "0" * 64, "",
                )  # fmt: skip


_KINDS = {State.NOTICED: "notice.issued", State.SERVED: "notice.service", State.EXCUSED: "callup.struck", State.VOID: "notice.revoked"}


def _log(great: Great) -> None:
    """As many entries as people, and the complete subtrees above them."""
    frontier, entries = Frontier(), _events(great)
    nodes: list[tuple[int, int, bytes]] = []
    while chunk := list(islice(entries, 50_000)):
        frontier, made = frontier.grow(leaf for leaf, _ in chunk)
        nodes += [(node.level, node.position, node.hash) for node in made if node.level]
        write(Event, "index at kind unit actor subject content salt commitment", (row for _, row in chunk))
    write(Node, "level index hash", nodes)
    Head.objects.create(pk=HEAD, frontier=frontier.to_bytes(), at=_AT + timedelta(days=1))


def _events(great: Great) -> Iterator[tuple[bytes, tuple[Any, ...]]]:
    for index, one in enumerate(great.standings()):
        kind, subject = _KINDS.get(State(one.state), "callup.asked"), f"callup:{one.pk}"
        opening = seal({"about": subject, "by": 1})
        entry = new_entry(index, _AT + timedelta(seconds=index // 20), kind, opening.commitment())
        yield entry.leaf(), (index, entry.time, kind, one.office, 1, subject, json.dumps(opening.content), opening.salt, entry.commitment)


# --- who looks ----------------------------------------------------------------------------------------------------


def signed_in(role: Role, unit: int) -> str:
    """The session of somebody with one grant, as a browser keeps it."""
    account, new = Account.objects.get_or_create(username=f"{role}-{unit}", defaults={"name": f"{role} of {unit}", "post": "Officer", "password": "!"})
    if new:
        _grant(account.pk, role, unit).save()
    device, _ = TOTPDevice.objects.get_or_create(user=account, name="phone", confirmed=True)
    session = SessionStore()
    session.update(
        {
            "_auth_user_id": str(account.pk),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": account.get_session_auth_hash(),
        }
    )
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.set_expiry(settings.SESSION_COOKIE_AGE * 20)
    session.create()
    SignIn.objects.create(account=account, session=session.session_key, device="?", at=now(), last=now())
    return str(session.session_key)
