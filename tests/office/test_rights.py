"""Every cell of the matrix of rights is tried: each address, as each of those who could try, opened and sent to; what is answered, what of the person stands in it,
what it changes, and what the logs say of it."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import rights
import world
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, ClientHandler, encode_multipart
from django.test.utils import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rights import Cell, Right, Who, cell

from rightcall.notice.number import Number
from rightcall.office.accounts.models import Account, Grant, SignIn, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns import asking, views
from rightcall.office.campaigns.models import CallUp, Campaign, Claim, Questionnaire, Roll
from rightcall.office.cases.models import Case
from rightcall.office.clock import now, today
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.work import ask_for
from rightcall.office.journal.models import Event
from rightcall.office.keys import person_code
from rightcall.office.lists import LISTS
from rightcall.office.notices import improper, issuing, mailing
from rightcall.office.notices.models import Mailing, Notice
from rightcall.office.notices.printing import file_of

pytestmark = pytest.mark.django_db
SURNAME, NUMBER, ROW = "Kanarienvogel", "C-4711-0815", "row-of-the-canary"
RIGHTS = rights.rights()
Sent = Mapping[str, Any]


@dataclass
class World:
    """The canary and all there is about it, in the office ``units.office``; those who try, by the name of their session."""

    units: world.Units
    marks: dict[str, tuple[str, ...]]
    things: dict[str, Any]
    sessions: dict[str, str] = field(default_factory=dict)


# --- the world ----------------------------------------------------------------------------------------------------


def canary(on: Roll, place: int, verdict: str, because: str = "", state: str = "") -> CallUp:
    """The same person in several places of the work: each is a call-up of its own."""
    made = world.person(on, verdict, because, state, SURNAME)
    made.person.number, made.row_id = f"{NUMBER}-{place}", f"{ROW}-{place}"
    made.person.save()
    made.save()
    return made


def built() -> World:
    units = world.units()
    things: dict[str, Any] = {"unit": units.office, "site": world.site(units.office)}
    running = things["campaign"] = world.campaign(units.office, [units.office])
    things["draft"] = world.campaign(units.office, [units.office])
    Campaign.objects.filter(pk=things["draft"].pk).update(state="draft", authorised_by=None, authorised_at=None)
    signed = things["roll"] = world.roll(running, units.office)
    things["ready"], things["frozen"] = (world.roll(running, units.office, state, "") for state in (Roll.State.READY, Roll.State.FROZEN))
    Roll.objects.filter(pk=things["ready"].pk).update(frozen_at=None, frozen_by=None)
    Roll.objects.filter(state__in=("ready", "frozen")).update(signed_at=None, signed_by=None)
    things["clear"], things["called"] = canary(signed, 1, "clear"), canary(signed, 2, "clear")
    things["struck"], things["open"] = canary(signed, 3, "barred"), canary(signed, 4, "open", "ask")
    clerk = world.officer(Role.CLERK, units.office)
    things["notice"] = notice = issuing.issue(clerk, things["called"].pk, things["site"], world.reporting_day(running), now().time(), "en")
    things["event"] = Event.objects.get(kind="notice.issued", subject=f"notice:{notice.pk}")
    things["spoken"] = str(Number(bytes.fromhex(notice.number)))
    things["mailing"] = Mailing.objects.create(roll=signed, kind="struck", language="en", by=world.account(), at=now(), number=1, made_at=now())
    Notice.objects.filter(pk=notice.pk).update(printed_at=now())
    secret = Number.random()
    things["secret"] = str(secret)
    Questionnaire.objects.create(callup=things["open"], token=asking._hash(secret), known={}, state="opened", sent_by=world.account(), sent_at=now())
    Claim.objects.create(callup=things["open"], fact="somebody", value=True, at=now())
    Case.objects.create(callup=things["open"], kind="contest", origin="person", words="words", at=now())
    things["job"] = ask_for("roll.screen", "none", units.office, None)
    things["broken"] = ask_for("roll.screen", "some", units.office, None)
    Job.objects.filter(pk=things["broken"].pk).update(state=Job.State.FAILED)
    things["report"] = improper.report("list", "a street", "words", None)
    type(things["report"]).objects.filter(pk=things["report"].pk).update(unit=units.office)
    things["grant"] = proposed(world.account(), Role.CLERK, units.office)
    other = world.account()
    things["account"] = other
    things["sign-in"] = SignIn.objects.create(account=other, session="of-another", device="?", at=now(), last=now())
    marks = {"surname": (SURNAME,), "number": (NUMBER,), "row": (ROW,), "notice": (things["spoken"], notice.number)}
    made = World(units, marks, things)
    made.sessions = {str(who): session_of(made, who) for who in rights.EVERY_WHO}
    return made


def proposed(to: Account, role: Role, unit: Unit) -> Grant:
    made = world.grant(to, role, unit)
    Grant.objects.filter(pk=made.pk).update(confirmed_at=None, confirmed_by=None, proposed_by=world.account())
    return made


def session_of(made: World, who: Who) -> str:
    """The key of a session in which somebody is signed in, and has been for a while."""
    if who.role == "not signed in":
        return ""
    if who.role == "the person":
        session = world.signed_in(None).session
        session["own"] = made.things["notice"].pk
        session.save()
        return str(session.session_key)
    account = world.account()
    if who.relation:
        place = {"own unit": "office", "unit above": "region", "unit beneath": "branch", "other region": "other"}[who.relation]
        world.grant(account, Role(who.role), getattr(made.units, place))
    elif who.why:
        without(account, who.why, made.units)
    elif who.role == "handed out":
        for role in Role:
            world.grant(account, role, made.units.ministry)
        Account.objects.filter(pk=account.pk).update(handed_out=True)
    client = world.signed_in(account)
    if who.role == "password only":
        session = client.session
        del session["otp_device_id"]
        session.save()
    return str(client.session.session_key)


def without(account: Account, why: str, units: world.Units) -> None:
    """One grant of each role, over everything, of which none is in force."""
    if why == "none was given":
        return
    for role in Role:
        made = world.grant(account, role, units.ministry)
        changed: dict[str, Any] = {
            "all have run out": {"since": today() - timedelta(days=9), "until": today()},
            "all were ended": {"ended_at": now(), "ended_by": account},
            "none is confirmed": {"confirmed_at": None, "confirmed_by": None},
            "all begin tomorrow": {"since": today() + timedelta(days=1)},
        }[why]
        Grant.objects.filter(pk=made.pk).update(**changed)


@pytest.fixture(scope="module")
def matrix(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all cells; each cell is undone when it was tried."""
    fast = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], SESSION_SAVE_EVERY_REQUEST=False)
    with django_db_blocker.unblock(), fast, world.one_connection(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(views.letters, "printed", lambda letter: repr(letter).encode())
        yield built()
        transaction.set_rollback(True)


class Heard(logging.Handler):
    """All that any logger says, at any level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {record.exc_text or record.exc_info or ''}")


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler, names = Heard(), ("", "django.request", "django.security.csrf", "axes", "rightcall")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


# --- addresses, and what is sent to them --------------------------------------------------------------------------


def addresses(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, f"{one.namespace}:" if one.namespace else namespace)
        elif isinstance(one, URLPattern):
            yield f"{namespace}{one.name}"


def address_of(right: Right) -> str:
    return f"api:{right.name}" if right.door == "programs" else right.name.partition(":")[0]


_TARGETS = {
    "job": "job", "job-again": "broken", "grant": "grant", "confirm-grant": "grant", "end-grant": "grant", "campaign": "campaign", "tasks": "draft", "authorise": "draft",
    "end-campaign": "campaign", "deliver": "campaign", "upload": "campaign", "roll": "roll", "freeze": "ready", "sign": "frozen", "withdraw": "ready",
    "screen": "roll", "screen_roll": "roll", "issue-batch": "roll", "issue_batch": "roll", "callup": "called", "explanation": "called", "finding": "called",
    "struck-letter": "struck", "ask": "open", "proof": "open", "issue": "clear", "notice": "notice", "paper": "notice", "revoke": "notice",
    "replace": "notice", "serve": "notice", "report": "report", "mailings": "roll", "mailing-file": "mailing", "own-receipt": "event", "end-sign-in": "sign-in",
}  # fmt: skip


def path_of(right: Right, things: Sent) -> str:
    base, _, listed = right.name.partition(":")
    if listed:
        return reverse(base, args=[listed, *([right.format] if right.format else [])])
    if right.name == "answer":
        return reverse("answer", args=[things["secret"]])
    name = f"api:{right.name}" if right.door == "programs" else right.name
    if right.name == "api-root":
        return "/api/v1/"
    return reverse(name, args=[things[_TARGETS[right.name]].pk] if right.name in _TARGETS else [])


def appointment(things: Sent, **more: Any) -> dict[str, Any]:
    return {"site": things["site"].pk, "day": str(world.reporting_day(things["campaign"])), "hour": "09:00", "language": "en", **more}


def form_of(right: Right, things: Sent) -> dict[str, Any]:
    """What would be done, if it were allowed: whole and right, but for what cannot be done twice."""
    period = {"since": str(today()), "until": str(today() + timedelta(days=9))}
    campaign = {"name": "N", "act": "A", "cite": "1", "pack": "ru_2022", "starts": str(today()), "ends": str(today()), "most": "5", "contest_days": "10"}
    forms: dict[str, Callable[[], dict[str, Any]]] = {
        "check": lambda: {"number": things["spoken"].lower().replace("-", " ")},
        "check_number": lambda: {"number": things["spoken"].lower().replace("-", " ")},
        "improper": lambda: {"how": "list", "place": "a door"},
        "follow": lambda: {"reference": things["report"].reference},
        "language": lambda: {"language": "uk", "next": "/check"},
        "own-enter": lambda: {"number": things["spoken"], "code": person_code(things["notice"].number)},
        "own-correct": lambda: {"words": "It is not so."},
        "answer-enter": lambda: {"number": things["secret"]},
        "mailings": lambda: {"kind": "struck", "language": "en"},
        "answer": lambda: {"place": "0", "value": "?", "count-unknown": "1", "none": "1", "value-unknown": "1"},
        "sign-in": lambda: {"username": "", "password": "", "code": ""},
        "new-account": lambda: {"username": "somebody.new", "name": "Somebody"},
        "new-grant": lambda: {"account": things["account"].pk, "role": "clerk", "unit": things["unit"].pk, "reason": "an order", **period},
        "new-campaign": lambda: {"unit": things["unit"].pk, **campaign},
        "tasks": lambda: {f"unit-{things['unit'].pk}": "3"},
        "deliver": lambda: {"says": "registers", "chosen": SimpleUploadedFile("datapackage.json", b"{}")},
        "upload": lambda: {"unit": things["unit"].pk, "chosen": SimpleUploadedFile("people.csv", b"id\n1\n")},
        "sign": lambda: {"sha256": "0" * 64, "sure": "on"},
        "issue-batch": lambda: appointment(things, number=1),
        "issue_batch": lambda: appointment(things, number=1),
        "proof": lambda: {"fact": "somebody", "proof": "a paper"},
        "issue": lambda: appointment(things),
        "revoke": lambda: {"why": "a mistake"},
        "replace": lambda: appointment(things, why="another day"),
        "serve": lambda: {"how": "hand", "outcome": "served", "on": str(today()), "proof": "signed for it"},
        "report": lambda: {"answer": "It was so."},
    }
    return {"csrfmiddlewaretoken": "-"} | forms.get(right.name, dict)()


# --- trying -------------------------------------------------------------------------------------------------------

_HANDLER = ClientHandler()
_HANDLER.load_middleware()
_FACTORY = RequestFactory()
_OF_THE_SESSION = ("django_session", "accounts_signin")
_OF_LOOKING = ("person_look", "journal_")


def answered(method: str, path: str, session: str = "", data: Any = None, kind: str = MULTIPART_CONTENT, **headers: Any) -> HttpResponseBase:
    """Through every middleware, without what a test client does beside."""
    body = json.dumps(data or {}) if kind == "application/json" else encode_multipart(BOUNDARY, data or {})
    cookies = {"HTTP_COOKIE": f"sessionid={session}"} if session else {}
    request = _FACTORY.generic(method, path, body if method == "POST" else "", kind if method == "POST" else "", **cookies, **headers)
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    return _HANDLER.get_response(request)


def text_of(response: Any) -> str:
    """All that reached the one who asked: the body, a workbook opened, and the headers."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return body.decode("utf-8", "replace") + str(response.headers) + response.cookies.output()


@contextmanager
def writes() -> Iterator[set[str]]:
    """The tables that were written to."""
    seen: set[str] = set()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql.split(None, 3)
        if words[0] in ("INSERT", "DELETE"):
            seen.add(words[2].strip('"'))
        elif words[0] == "UPDATE":
            seen.add(words[1].strip('"'))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def tried(matrix: World, right: Right, method: str, who: Who) -> tuple[int, frozenset[str], set[str]]:
    """What was answered, which marks stood in it, and what was written. Undone afterwards."""
    kind = "application/json" if right.door == "programs" else MULTIPART_CONTENT
    path, data = path_of(right, matrix.things), form_of(right, matrix.things) if method == "POST" else None
    cache.clear()
    with transaction.atomic(), writes() as written:
        response = answered(method, path, matrix.sessions[str(who)], data, kind)
        text = text_of(response)
        response.close()
        transaction.set_rollback(True)
    marks = frozenset(name for name, words in matrix.marks.items() if any(word in text for word in words))
    return response.status_code, marks, {table for table in written if not table.startswith(_OF_THE_SESSION)}


def wrong(right: Right, method: str, who: Who, wanted: Cell, got: tuple[int, frozenset[str], set[str]]) -> Iterator[str]:
    status, marks, written = got
    if status != wanted.status:
        yield f"{who}: answered {status}, not {wanted.status}"
    if marks != wanted.marks:
        yield f"{who}: shows {sorted(marks) or 'nothing'}, not {sorted(wanted.marks) or 'nothing'}"
    allowed = _OF_LOOKING if method == "GET" and status == 200 else ()
    if not wanted.changes and any(not table.startswith(allowed) for table in written if allowed or written):
        yield f"{who}: changed {sorted(written)}"
    if wanted.changes and not written:
        yield f"{who}: changed nothing"


@pytest.fixture(autouse=True)
def papers(matrix: World) -> None:
    """What is on disk, which each test begins without."""
    file_of(matrix.things["notice"]).write_bytes(f"%PDF {SURNAME} {matrix.things['spoken']}".encode())
    settings.PLACE.folder("mailings")
    with zipfile.ZipFile(mailing.file_of(matrix.things["mailing"]), "w") as pack:
        pack.writestr("000001.pdf", SURNAME)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: f"{right.door}-{right.name}-{right.format or 'html'}")
def test_every_cell(matrix: World, heard: Heard, right: Right, method: str) -> None:
    faults = [
        fault for who in rights.who_tries(right, method) for fault in wrong(right, method, who, cell(right, method, who), tried(matrix, right, method, who))
    ]
    assert not faults, f"{method} {right.name}\n" + "\n".join(faults)
    told = [line for line in heard.lines for words in matrix.marks.values() if any(word in line for word in words)]
    assert not told
    assert not getattr(mail, "outbox", [])


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    there = list(addresses(get_resolver().url_patterns))
    assert None not in there
    rows = {address_of(right) for right in RIGHTS}
    assert rows == set(there)
    assert {listed.name for listed in rights.LISTS} == set(LISTS)
    assert set(Role.values) == rights.ROLES


def test_the_matrix_has_both_answers_in_each_row() -> None:
    """A row that everybody passes, or nobody, would prove nothing; those that are so are public."""
    for right in RIGHTS:
        cells = {cell(right, method, who) for method in ("GET", "POST") for who in rights.EVERY_WHO}
        assert len(cells) > 2 or right.door == "public" or right.name in ("openapi-json", "api-root", "check_number"), right.name
    assert {role for right in RIGHTS if right.shows for role in right.opens or ()} - rights.THE_PERSON == rights.FILES


def test_settings_send_no_mail() -> None:
    assert not hasattr(settings, "EMAIL_HOST_USER") or not settings.EMAIL_HOST_USER
