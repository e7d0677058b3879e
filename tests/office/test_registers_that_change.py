"""A register that changes: whom it touches is looked at again; who becomes protected is struck, and who was noticed is held, as is who is not clear any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from functools import partial
from typing import Any

import pytest
import world
from django.conf import settings
from django.db import connection
from test_gate import at_once

from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns import registers, rolls, screening
from rightcall.office.campaigns.models import CallUp, Campaign, Delivery, Finding, Roll
from rightcall.office.cases.models import Case
from rightcall.office.clock import now
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.work import KINDS, LeaseLost, Progress
from rightcall.office.journal.models import Event
from rightcall.office.notices import issuing
from rightcall.office.notices.models import Notice
from rightcall.office.refusal import Refusal

pytestmark = pytest.mark.django_db
DAY = "2024-04-01"
PEOPLE = ("anna", "boris", "clara", "dmitri", "elsa", "fyodor")
ROLL = "id,person.birth_date,person.district,children.complete,notice.served,notice.report_on,job.teacher\n" + "".join(
    f"{id},2003-02-01,south,true,2024-03-01,{DAY},false\n" for id in PEOPLE
)
Rows = Mapping[str, tuple[str, str, str]]
STUDENT, NONE = ("full_time", "2021-09-01", "2024-06-30"), ("none", "none", "none")


def register(rows: Rows, as_of: str = "2024-03-20", name: str = "students") -> list[world.Sent]:
    """What a school says of people of the roll; who is not in it does not study."""
    fields = ["id", "form", "since", "until"]
    resource: dict[str, Any] = {
        "name": name, "title": name, "path": f"{name}.csv", "schema": {"fields": [{"name": field, "type": "string"} for field in fields]},
        "rightcall": {
            "kind": "register", "authority": "School", "licence": "agreement", "asOf": as_of, "validDays": 60, "complete": True, "identity": {"id": "id"},
            "facts": {"study.form": "form", "study.since": "since", "study.until": "until"}, "absent": {"study.form": "none"},
        },
    }  # fmt: skip
    table = "".join(f"{','.join(row)}\n" for row in (fields, *((id, *said) for id, said in rows.items())))
    return [world.sent(f"{name}.csv", table), world.sent("datapackage.json", json.dumps({"name": "registers", "resources": [resource]}))]


class Office:
    """A roll of six young people, or another one, checked beside a register."""

    def __init__(self, first: Rows | None = None, files: Mapping[str, str] | None = None, **more: str) -> None:
        units = world.units()
        self.campaign = world.campaign(units.region, [units.office])
        Campaign.objects.filter(pk=self.campaign.pk).update(on=DAY)
        self.clerk, self.commissar = world.officer(Role.CLERK, units.office), world.officer(Role.COMMISSAR, units.region)
        self.site = world.site(units.region)
        self.deliver({} if first is None else first, **more)
        roll = rolls.upload(self.clerk, Campaign.objects.get(), units.office, [world.sent(*file) for file in (files or {"roll.csv": ROLL}).items()])
        assert not world.work()
        rolls.freeze(self.clerk, roll.pk)
        assert not world.work()
        rolls.sign(self.commissar, roll.pk, roll.sha256)
        screening.screen(self.commissar, roll.pk)
        assert not world.work()
        self.roll = Roll.objects.get(pk=roll.pk)

    def deliver(self, rows: Rows, **more: str) -> Delivery:
        return registers.deliver(self.commissar, self.campaign, register(rows, **more), "more")

    def delivered(self, rows: Rows, **more: str) -> None:
        self.deliver(rows, **more)
        assert not world.work()

    def one(self, id: str) -> CallUp:
        return CallUp.objects.get(roll=self.roll, row_id=id)

    def notice(self, id: str) -> Notice:
        return issuing.issue(self.clerk, self.one(id).pk, self.site, world.reporting_day(self.campaign), time(9), "en")

    def verdicts(self) -> dict[str, str]:
        return dict(CallUp.objects.filter(roll=self.roll).values_list("row_id", "verdict"))


@pytest.fixture
def office(db: None) -> Office:
    made = Office()
    assert set(made.verdicts().values()) == {"clear"}
    return made


def test_who_becomes_protected_is_struck_and_the_others_are_left_alone(office: Office) -> None:
    office.delivered({"boris": STUDENT})
    assert {id: (one.verdict, one.state, one.held) for id in PEOPLE if (one := office.one(id))} == {
        id: ("deferred", "excused", False) if id == "boris" else ("clear", "checked", False) for id in PEOPLE
    }
    assert {id: office.one(id).findings.count() for id in PEOPLE} == {id: 2 if id == "boris" else 1 for id in PEOPLE}
    assert Event.objects.filter(kind="callup.struck").values_list("subject", flat=True).get() == f"callup:{office.one('boris').pk}"
    office.delivered({})
    assert (office.one("boris").verdict, office.one("boris").state) == ("clear", "checked")
    assert Event.objects.filter(kind="callup.listed_again").count() == 1


def test_who_was_noticed_and_becomes_protected_is_held_by_one_case(office: Office) -> None:
    notice = office.notice("clara")
    office.delivered({"clara": STUDENT, "boris": STUDENT})
    clara = office.one("clara")
    assert (clara.verdict, clara.state, clara.held) == ("deferred", "noticed", True)
    case = Case.objects.get()
    assert (case.callup, case.kind, case.origin) == (clara, "contest", "register")
    assert case.words == "Students, until the course ends"
    office.delivered({"clara": ("full_time", "2021-09-01", "2024-05-31"), "boris": STUDENT})
    assert Case.objects.count() == 1, "the same ground opens no second case"
    with pytest.raises(Refusal, match="held"):
        issuing.replace(office.clerk, notice.pk, office.site, world.reporting_day(office.campaign), time(9), "why")
    assert Event.objects.filter(kind="case.received").count() == 1


def test_who_was_noticed_and_is_not_clear_any_more_is_held_too(office: Office) -> None:
    """The register has run out: nobody knows any more whether he studies. Doubt protects."""
    office.notice("clara")
    office.delivered({}, as_of="2023-01-01")
    assert set(office.verdicts().values()) == {"open"}
    clara, boris = office.one("clara"), office.one("boris")
    assert (clara.state, clara.held) == ("noticed", True)
    assert (boris.state, boris.held) == ("checked", False)
    case = Case.objects.get()
    assert case.callup == clara
    assert case.words.startswith("No longer clear. What is not known: study.form")
    office.delivered({})
    assert office.one("clara").verdict == "clear"
    assert office.one("clara").held, "only a decision lifts it"


def test_nobody_is_noticed_between_a_delivery_and_its_run(office: Office) -> None:
    office.deliver({"boris": STUDENT})
    with pytest.raises(Refusal, match="registers-changed"):
        office.notice("clara")
    assert not world.work()
    office.notice("clara")
    with pytest.raises(Refusal, match="not-clear"):
        office.notice("boris")


def test_a_delivery_while_the_first_run_waits_is_looked_at(db: None) -> None:
    office = Office()
    Job.objects.all().delete()
    Roll.objects.update(run="")
    screening.screen(office.commissar, office.roll.pk)
    Job.objects.update(state="running", worker="other", begun=now(), leased_until=now() + timedelta(hours=1))
    office.deliver({"boris": STUDENT})
    assert Job.objects.filter(kind="roll.screen", state="waiting").count() == 1
    Job.objects.filter(state="running").update(state="done")
    assert not world.work()
    assert office.one("boris").verdict == "deferred"


@pytest.mark.django_db(transaction=True)
def test_of_two_deliveries_at_once_none_is_lost() -> None:
    office = Office()
    commissar, campaign = office.commissar, office.campaign
    only = [[world.sent(f"{name}.csv", "id\n")] for name in ("first", "second")]
    came = at_once(*(partial(registers.deliver, commissar, campaign, files, "more") for files in only))
    assert all(isinstance(one, Delivery) for one in came), came
    latest = registers.latest_of(campaign)
    assert latest is not None
    names = {path.name for path in (settings.PLACE.folder("registers") / latest.folder).iterdir()}
    assert names == {"first.csv", "second.csv", "students.csv", "datapackage.json"}


BAD: dict[str, Callable[[], list[world.Sent]]] = {
    "no descriptor fits": lambda: [world.sent("datapackage.json", "{")],
    "no file": lambda: [],
    "another kind": lambda: [world.sent("students.docx", "x")],
}


@pytest.mark.parametrize("how", BAD)
def test_a_delivery_that_does_not_fit_leaves_nothing_and_counts_for_nothing(how: str, office: Office) -> None:
    before = sorted(settings.PLACE.folder("registers").iterdir())
    with pytest.raises(Refusal):
        registers.deliver(office.commissar, office.campaign, BAD[how](), "more")
    assert sorted(settings.PLACE.folder("registers").iterdir()) == before
    assert not Job.objects.filter(state="waiting").exists()
    office.notice("clara")


def test_a_table_with_faults_is_told_by_the_run_and_until_it_is_mended_nobody_is_noticed(office: Office) -> None:
    before = office.verdicts()
    registers.deliver(office.commissar, office.campaign, [world.sent("students.csv", "id,what\n")], "more")
    ((kind, state, problems),) = world.work()
    assert (kind, state) == ("roll.screen", "refused")
    assert any("students.csv" in problem.get("place", "") or "students" in problem["says"] for problem in problems)
    assert office.verdicts() == before
    with pytest.raises(Refusal, match="registers-changed"):
        office.notice("clara")
    office.deliver({})
    world.work()
    office.notice("clara")


# --- begun again, and taken over ----------------------------------------------------------------------------------


def test_a_run_that_was_killed_at_its_end_is_not_done_twice(office: Office) -> None:
    office.delivered({"boris": STUDENT})
    before = Finding.objects.count(), Event.objects.count()
    world.again("roll.screen")
    assert not world.work()
    assert (Finding.objects.count(), Event.objects.count()) == before


@pytest.mark.parametrize("chunk", [1, 4])
def test_a_run_that_was_killed_as_its_findings_were_taken_over_goes_on(chunk: int, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "CHUNK", chunk)
    office.deliver({"boris": STUDENT, "elsa": STUDENT, "clara": STUDENT})
    take, taken = screening._take, list[int]()

    def killed(*arguments: Any) -> None:
        if taken:
            raise KeyboardInterrupt
        take(*arguments)
        taken.append(1)

    if chunk == 1:
        monkeypatch.setattr(screening, "_take", killed)
        with pytest.raises(KeyboardInterrupt):
            world.work()
        monkeypatch.setattr(screening, "_take", take)
        Job.objects.filter(state="running").update(leased_until=now() - timedelta(seconds=1))
    assert not world.work()
    assert {id for id, verdict in office.verdicts().items() if verdict == "deferred"} == {"boris", "clara", "elsa"}
    assert Finding.objects.count() == len(PEOPLE) + 3
    assert Event.objects.filter(kind="callup.struck").count() == 3
    assert Event.objects.filter(kind="roll.screened").count() == 2


KEPT = ("roll.read", "roll.take", "roll.screen", "notices.issue", "notices.print")


@pytest.mark.parametrize("kind", KEPT)
def test_a_worker_that_slept_while_another_took_its_job_writes_nothing(kind: str, office: Office) -> None:
    """Its lease ran out, and it wakes up in the middle: each kind of work looks, in the transaction that writes, whether the job is still its own."""
    if kind == "roll.read":
        rolls.upload(office.clerk, office.campaign, office.roll.unit, [world.sent("other.csv", ROLL)])
    elif kind == "roll.take":
        CallUp.objects.filter(roll=office.roll).update(state="listed")
        Finding.objects.all().delete()
        CallUp.objects.all().delete()
        Roll.objects.filter(pk=office.roll.pk).update(state="freezing", run="")
        Job.objects.filter(kind=kind).update(state="waiting")
    elif kind == "roll.screen":
        office.deliver({"boris": STUDENT})
    elif kind == "notices.issue":
        issuing.order(office.clerk, office.roll.pk, office.site, world.reporting_day(office.campaign), time(9), 2, "en")
    else:
        issuing.issue(office.clerk, office.one("clara").pk, office.site, world.reporting_day(office.campaign), time(9), "en")
    job = Job.objects.filter(kind=kind, state="waiting").latest("pk")
    Job.objects.filter(pk=job.pk).update(state="running", worker="the other")
    job.worker = "the sleeper"
    progress = Progress(job)
    progress._tell = lambda: None  # type: ignore[method-assign]
    before = state_of_all()
    with pytest.raises(LeaseLost):
        KINDS[kind](progress, job.argument)
    assert state_of_all() == before


def state_of_all() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of what jobs write."""
    tables = ("campaigns_roll", "campaigns_callup", "campaigns_finding", "notices_notice", "notices_batch", "journal_event", "cases_case")
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            found[table] = [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in cursor.fetchall()]
    return found
