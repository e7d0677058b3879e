"""How many queries a page makes, that they do not grow with the rows, and that the database answers them from an index: on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from itertools import product
from random import Random

import pytest
import world
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rightcall.notice.number import Number
from rightcall.office import clock, figures, lists
from rightcall.office.accounts.grants import actor_of
from rightcall.office.accounts.models import Account, SignIn, Unit
from rightcall.office.accounts.roles import SEES, Role
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns import tally
from rightcall.office.campaigns.models import CallUp, Claim, Finding, Person, Questionnaire, Roll, Tally
from rightcall.office.campaigns.queues import QUEUES, counts
from rightcall.office.campaigns.registers import Delivery
from rightcall.office.cases.models import Case
from rightcall.office.clock import now
from rightcall.office.jobs.models import Job
from rightcall.office.journal.models import Event
from rightcall.office.journal.writing import record
from rightcall.office.lists import LISTS
from rightcall.office.notices.models import Batch, ImproperReport, Notice, Site
from rightcall.office.person.models import Look

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 30
EVERY_PAGE = 6
"""Session, account, device, sign-in, grants, units."""
TWO_STEPS = EVERY_PAGE + 2
PAGES: Mapping[str, int] = {
    "/work": 9,
    "/figures": 8,
    "/campaigns/{campaign}": 10,
    "/rolls/{roll}": 10,
    "/people/{callup}": 12,
    "/notices/{notice}": 11,
    "/own": 8,
}


@pytest.fixture
def units() -> world.Units:
    return world.units()


def filled(units: world.Units, number: int) -> dict[str, int]:
    """So many of everything in the office; the keys of one of each."""
    region, office = units.region, units.office
    campaigns = [world.campaign(region, [office]) for _ in range(number)]
    rolls = [world.roll(campaigns[0], office) for _ in range(number)]
    sites = [world.site(office) for _ in range(number)]
    by = world.account()
    Delivery.objects.bulk_create(
        [Delivery(campaign=world.campaign(office, [office]), folder=f"f{n}", files=[], says="new", by=by, at=now()) for n in range(number)]
    )
    for place in range(number):
        world.site(region)
        Unit.objects.create(name=f"Part {place}", kind="office", parent=office, since=date(2020, 1, 1))
        callup, moment = world.person(rolls[0]), now()
        batch = Batch.objects.create(roll=rolls[0], site=sites[0], report_on=moment.date(), report_at=time(9), language="en", number=1, by=by, at=moment)
        Notice.objects.create(
            unit=office, callup=callup, batch=batch, number=f"{callup.pk:032x}", index=callup.pk, code="c", site=sites[0], report_on=world.reporting_day(campaigns[0]),
            report_at=time(9), contest_until=moment.date() + timedelta(days=campaigns[0].contest_days), language="en", issued_by=by, issued_at=moment,
        )  # fmt: skip
        Questionnaire.objects.create(callup=callup, token=f"t{callup.pk}", sent_by=by, sent_at=moment)
        Claim.objects.create(callup=callup, fact="children", value=1, at=moment)
        Case.objects.create(callup=callup, kind="contest", origin="person", at=moment)
        Look.objects.create(callup=callup, account=by, role="clerk", unit=office, what="file", at=moment)
        Job.objects.create(kind="roll.screen", key=f"x{place}", unit=office, asked_by=by, made=moment)
        ImproperReport.objects.create(unit=office, reference=f"r{callup.pk}", how="list", place="the market", at=moment)
        world.grant(world.account(), Role.BOARD, office)
        record("callup.asked", callup, by)
    first = CallUp.objects.order_by("pk")[0]
    return {"campaign": campaigns[0].pk, "roll": rolls[0].pk, "callup": first.pk, "notice": first.notices.get().pk}


def queries(who: Account | Actor, path: str) -> list[str]:
    client = world.signed_in(who)
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as caught:
        client.get(path)
    return [query["sql"] for query in caught if query["sql"].startswith(("SELECT", "DECLARE", "INSERT", "UPDATE", "DELETE"))]


def who_sees(kind: str) -> Role:
    return next(role for role in (Role.CLERK, Role.OVERSEER, Role.ADMINISTRATOR) if role in SEES[kind])  # type: ignore[index]


@pytest.mark.parametrize("number", [FEW, MANY])
def test_every_list_makes_two_queries_however_many_rows_and_counts_none(units: world.Units, number: int) -> None:
    filled(units, number)
    for name, listing in LISTS.items():
        made = queries(world.officer(who_sees(listing.kind), units.office), f"/lists/{name}")
        assert len(made) == TWO_STEPS, (name, made)
        assert not any("COUNT(" in sql for sql in made), name
        assert all(sql.startswith("SELECT") for sql in made), f"{name}: a page that is read writes nothing"


@pytest.mark.parametrize("number", [FEW, MANY])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_makes_so_many_queries_however_many_rows(units: world.Units, path: str, number: int) -> None:
    keys = filled(units, number)
    made = queries(world.officer(Role.CLERK, units.office), path.format(**keys))
    assert len(made) == PAGES[path], made


# --- indexes ------------------------------------------------------------------------------------------------------

ONE, SOME, ALL = "one unit", "some units", "all units"
INDEXES = [
    ("people", {}, ONE, "callup_unit"),
    ("people", {}, SOME, "callup_unit"),
    ("people", {"queue": "clear"}, ONE, "callup_unit_queue"),
    ("people", {"queue": "clear"}, ALL, "callup_queue"),
    ("people", {"roll": "1"}, ALL, "callup_roll"),
    ("people", {"roll": "1", "queue": "clear"}, ALL, "callup_roll_queue"),
    ("findings", {}, ONE, "finding_unit"),
    ("findings", {"verdict": "clear"}, ONE, "finding_unit_verdict"),
    ("findings", {"verdict": "clear"}, ALL, "finding_verdict"),
    ("questionnaires", {}, ONE, "questionnaire_unit"),
    ("questionnaires", {"state": "sent"}, ALL, "questionnaire_state"),
    ("notices", {}, ONE, "notice_unit"),
    ("notices", {"state": "revoked"}, ALL, "notice_state"),
    ("notices", {"batch": "1"}, ALL, "notice_unit_batch"),
    ("cases", {}, ONE, "case_unit"),
    ("cases", {"state": "received"}, ALL, "case_state"),
    ("cases", {"kind": "contest"}, ALL, "case_kind"),
    ("reports", {}, ONE, "report_unit"),
    ("reports", {"how": "list"}, ALL, "report_how"),
    ("looks", {}, ONE, "look_office"),
    ("events", {}, ONE, "event_unit"),
    ("events", {"kind": "notice.issued"}, ALL, "event_kind"),
    ("events", {"subject": "callup:1"}, ALL, "event_subject"),
    ("jobs", {}, ONE, "job_unit"),
    ("jobs", {"state": "failed"}, ALL, "job_state"),
]


@pytest.mark.parametrize(("name", "given", "reach", "index"), INDEXES)
def test_the_database_finds_the_keys_of_a_page_in_an_index(units: world.Units, name: str, given: Mapping[str, str], reach: str, index: str) -> None:
    at = {ONE: units.other, SOME: units.region, ALL: units.ministry}[reach]
    actor = world.officer(who_sees(LISTS[name].kind), at)
    keys = LISTS[name].visible(actor, given).values_list("pk", flat=True)[:51]
    if connection.vendor == "sqlite":
        plan = keys.explain()
        assert f"{index} " in f"{plan} ", plan
        assert reach == SOME or "TEMP B-TREE FOR ORDER" not in plan, plan
        return
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = keys.explain()  # of near-empty tables it takes any index that gives the order, the primary key too: which it takes of full ones the bench shows
    assert "Seq Scan" not in plan, plan
    assert reach == SOME or "Sort" not in plan, plan


@pytest.mark.parametrize("few", [0, 3000])
def test_what_begins_alike_is_found_alike_on_either_database(units: world.Units, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_FEW", few)
    roll = world.roll(world.campaign(units.region, [units.office]), units.office)
    names = ["Petrov", "Petřík", "PETROV", "petrov", "Pet", "Pe", "Pf", "Petz\U0010fffe", "Петров", "Peta Petrov"]
    for name in names:
        world.person(roll, surname=name)
    actor = world.officer(Role.CLERK, units.office)
    found = {str(one.person.surname) for one in LISTS["people"].visible(actor, {"q": "pet"})}
    assert found == {name for name in names if name.startswith("Pet")}
    assert [one.person.surname for one in LISTS["people"].visible(actor, {"q": "Петр"})] == ["Петров"]
    last = CallUp.objects.select_related("person").order_by("-pk")[0]
    for given in (last.person.number, last.row_id):
        assert [one.pk for one in LISTS["people"].visible(actor, {"q": given})] == [last.pk]
    with CaptureQueriesContext(connection) as caught:
        LISTS["people"].page(actor, {"q": "pet"})
    assert len(caught) == (2 if connection.vendor == "sqlite" else 3), "once whether they are few or many, then keys and rows"


# --- what the database works out ----------------------------------------------------------------------------------


def test_everybody_is_in_the_queue_that_his_finding_and_state_say_and_in_no_other(units: world.Units) -> None:
    roll = world.roll(world.campaign(units.region, [units.office]), units.office)
    stands = list(product(CallUp.State.values, ["", *CallUp.Verdict.values], ["", "ask", "evidence", "identity", "law"], [True, False]))
    people = Person.objects.bulk_create([Person(surname=str(place)) for place in range(len(stands))])
    CallUp.objects.bulk_create(
        CallUp(roll=roll, unit=units.office, person=person, row=1, row_id=str(person.pk), state=state, verdict=verdict, because=because, held=held)
        for person, (state, verdict, because, held) in zip(people, stands, strict=True)
    )
    seen: set[int] = set()
    for name, queue in QUEUES.items():
        own = set(CallUp.objects.filter(queue.who).values_list("pk", flat=True))
        assert own == set(CallUp.objects.filter(queue=name).values_list("pk", flat=True)), name
        assert own
        assert not own & seen, name
        seen |= own
    assert tallied(roll) == {name: CallUp.objects.filter(queue.who).count() for name, queue in QUEUES.items()}


def tallied(roll: Roll) -> dict[str, int]:
    return {queue.name: number for queue, number in counts(Tally.objects.filter(roll=roll))}


def counted(roll: Roll) -> dict[str, int]:
    return {name: CallUp.objects.filter(roll=roll, queue=name).count() for name in QUEUES}


def test_the_tally_is_what_a_count_would_say_whoever_moves_people(units: world.Units) -> None:
    campaign = world.campaign(units.region, [units.office, units.other])
    roll, other = world.roll(campaign, units.office), world.roll(campaign, units.other)
    assert tallied(roll) == counted(roll)
    people = [
        world.person(on, verdict, because) for on in (roll, other) for verdict, because in (("clear", ""), ("open", "ask"), ("barred", ""), ("clear", ""))
    ]
    assert tallied(roll) == counted(roll)
    assert sum(tallied(roll).values()) == 4
    rng = Random(7)
    for _ in range(40):
        some = CallUp.objects.filter(pk__in=rng.sample([one.pk for one in people], 3))
        some.update(**{"state": rng.choice(CallUp.State.values), "verdict": rng.choice(CallUp.Verdict.values), "held": rng.random() < 0.2})
        one = rng.choice(people)
        one.because = rng.choice(["ask", "law", ""])
        one.save(update_fields=["because"])
        if rng.random() < 0.3:
            tally.fold()
        assert (tallied(roll), tallied(other)) == (counted(roll), counted(other))
    with transaction.atomic():
        CallUp.objects.filter(roll=roll).update(state="void")
        assert tallied(roll)["ended"] + tallied(roll)["held"] == 4
        transaction.set_rollback(True)
    assert tallied(roll) == counted(roll)
    Finding.objects.filter(callup=people[0]).delete()
    people[0].delete()
    assert tallied(roll) == counted(roll)
    before = Tally.objects.count()
    tally.count_anew()
    assert tallied(roll) == counted(roll)
    assert Tally.objects.count() <= before


def test_many_rows_of_a_tally_are_added_up(units: world.Units, monkeypatch: pytest.MonkeyPatch) -> None:
    roll = world.roll(world.campaign(units.region, [units.office]), units.office)
    for _ in range(10):
        world.person(roll)
    monkeypatch.setattr(tally, "_MANY", 5)
    tally.fold()
    assert Tally.objects.filter(roll=roll).count() == 1
    assert tallied(roll) == counted(roll)


def test_rows_know_the_unit_of_their_call_up_however_they_are_written(units: world.Units) -> None:
    filled(units, FEW)
    for model in (Finding, Questionnaire, Case):
        assert set(model.objects.values_list("unit", flat=True)) == {units.office.pk}
    assert set(Look.objects.values_list("office", flat=True)) == {units.office.pk}
    callup = CallUp.objects.select_related("unit").get(pk=CallUp.objects.order_by("pk")[0].pk)
    Finding.objects.bulk_create([Finding(callup=callup, run="second", at=now(), verdict="clear")])
    assert Finding.objects.get(run="second").unit_id == callup.unit_id
    assert set(Event.objects.filter(kind="callup.asked").values_list("unit", flat=True)) == {units.office.pk}


# --- figures ------------------------------------------------------------------------------------------------------


def sums(rows: Iterator[figures.Row]) -> dict[str, tuple[str, bool]]:
    return {row.name: (str(row.total), row.deeper) for row in rows}


def test_figures_of_many_offices_are_shown_by_the_unit_above(units: world.Units, monkeypatch: pytest.MonkeyPatch) -> None:
    for unit, number in ((units.office, 6), (units.branch, 7), (units.other, 8)):
        roll = world.roll(world.campaign(units.ministry, [unit]), unit)
        for _ in range(number):
            world.person(roll)
    whole, own = world.officer(Role.OVERSEER, units.ministry), world.officer(Role.CLERK, units.office)
    assert sums(figures.table(whole)) == {"Riverside": ("6", False), "Riverside branch": ("7", False), "Hillside": ("8", False)}
    monkeypatch.setattr(figures, "MOST", 2)
    assert sums(figures.table(whole)) == {"Riverside": ("13", True), "Hillside": ("8", False)}
    monkeypatch.setattr(figures, "MOST", 1)
    assert sums(figures.table(whole)) == {"Ministry": ("21", True)}
    monkeypatch.setattr(figures, "MOST", 2)
    assert sums(figures.table(whole, units.office.pk)) == {"Riverside": ("6", False), "Riverside branch": ("7", False)}
    assert sums(figures.table(own)) == {"Riverside": ("6", False), "Riverside branch": ("7", False)}
    assert sums(figures.table(own, units.ministry.pk)) == {}, "what is beneath a unit that he does not reach"
    assert sums(figures.table(own, units.other.pk)) == {}
    client = world.signed_in(whole)
    assert client.get(f"/figures?unit={units.elsewhere.pk}").content.count(b"Hillside") == 1
    assert client.get("/figures?unit=x").status_code == 404


# --- who is here --------------------------------------------------------------------------------------------------


def test_a_session_goes_on_while_it_is_used_and_is_written_down_once_a_minute(units: world.Units) -> None:
    actor = world.officer(Role.CLERK, units.office)
    client = world.signed_in(actor)
    session, begun = Session.objects.get(), SignIn.objects.get().last
    assert client.get("/work").status_code == 200
    assert (Session.objects.get().expire_date, SignIn.objects.get().last) == (session.expire_date, begun)
    with clock.at(now() + timedelta(seconds=90)):
        client.get("/work")
    assert Session.objects.get().expire_date > session.expire_date
    assert SignIn.objects.get().last > begun


def test_a_new_unit_is_reached_at_once(units: world.Units) -> None:
    account = world.officer(Role.CLERK, units.office).account
    assert account is not None
    with CaptureQueriesContext(connection) as caught:
        before = actor_of(account).scope("callup").units
    assert len(caught) == 2
    new = Unit.objects.create(name="New", kind="office", parent=units.branch, since=date(2020, 1, 1))
    assert actor_of(account).scope("callup").units == before | {new.pk}
    assert actor_of(world.officer(Role.OVERSEER, units.ministry).account).scope("callup").everywhere  # type: ignore[arg-type]


def test_a_page_goes_on_behind_the_last_key(units: world.Units) -> None:
    filled(units, MANY)
    actor = world.officer(Role.OVERSEER, units.office)
    for name in ("people", "notices", "events"):
        listing = LISTS[name]
        everything = [row.pk for row in listing.visible(actor, {})]
        first, after = listing.page(actor, {}, 20)
        second, end = listing.page(actor, {"after": after}, 2000)
        assert [row.pk for row in [*first, *second]] == everything, name
        assert end == ""
    assert Site.objects.count() == 2 * MANY
    assert str(Number(bytes.fromhex(Notice.objects.all()[0].number)))
