"""The gate as a property: a notice comes out of each door exactly when an oracle of its own says that it may; and two windows at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import partial

import pytest
import world
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns import acts
from rightcall.office.campaigns.models import CallUp, Campaign, Claim, Delivery, Roll, Task
from rightcall.office.cases.models import Case
from rightcall.office.cases.opening import open_case
from rightcall.office.clock import now, today
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.worker import work_once
from rightcall.office.journal.models import Event
from rightcall.office.notices import issuing
from rightcall.office.notices.models import Notice, Site
from rightcall.office.refusal import Refusal

HOUR = time(9)
CONTEST = 10


@dataclass(frozen=True)
class Situation:
    """All that a notice hangs on. Days are told from today; ``called`` are people of the unit who were called, ``expected`` those who come to the site that day."""

    verdict: str = "clear"
    state: str = "checked"
    held: bool = False
    campaign: str = "running"
    starts: int = -5
    ends: int = 60
    roll: str = "signed"
    frozen: bool = True
    screened: bool = True
    task: int | None = 5
    called: int = 0
    places: int = 5
    expected: int = 0
    day: int = 20
    elsewhere: bool = False
    registers: str = ""
    said: str = ""

    @property
    def may(self) -> bool:
        """The oracle: it knows nothing of the gate."""
        in_period = self.campaign == "running" and self.starts <= 0 <= self.ends and CONTEST < self.day <= self.ends
        on_a_roll = self.roll == "signed" and self.frozen and self.screened and self.registers != "new"
        himself = self.verdict == "clear" and self.state == "checked" and not self.held and not self.elsewhere and self.said != "new"
        return in_period and on_a_roll and himself and self.called < (self.task or 0) and self.expected < self.places

    @property
    def may_replace(self) -> bool:
        """Of somebody who has a notice already: the same, but for what his own notice takes."""
        return self.state in ("noticed", "served") and replace(self, state="checked", called=0, task=5).may


OTHERWISE: dict[str, list[object]] = {
    "verdict": ["", "open", "deferred", "barred"],
    "state": [str(state) for state in CallUp.State],
    "held": [True],
    "campaign": ["draft", "ended", "annulled"],
    "starts": [-1, 0, 1],
    "ends": [-1, 0, 11, 19, 20],
    "roll": [str(state) for state in Roll.State],
    "frozen": [False],
    "screened": [False],
    "task": [None, 1, 2],
    "called": [1, 2, 5],
    "places": [0, 1, 2],
    "expected": [1, 2, 5],
    "day": [-3, 0, 9, 10, 11, 60, 61],
    "elsewhere": [True],
    "registers": ["old", "new"],
    "said": ["old", "new"],
}
"""What may be otherwise than where a notice comes out."""
SINGLE = [Situation(), *(Situation(**{name: value}) for name, values in OTHERWISE.items() for value in values)]  # type: ignore[arg-type]


def situations() -> st.SearchStrategy[Situation]:
    """Two or three things are otherwise."""
    names = st.lists(st.sampled_from(sorted(OTHERWISE)), min_size=2, max_size=3, unique=True)
    return names.flatmap(lambda drawn: st.fixed_dictionaries({name: st.sampled_from(OTHERWISE[name]) for name in drawn})).map(lambda it: Situation(**it))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Scene:
    """A situation as rows: one person, where he would be called to, and who works there."""

    callup: CallUp
    site: Site
    day: date
    clerk: Actor
    client: Client

    def appointment(self, **more: object) -> dict[str, object]:
        return {"site": self.site.pk, "day": str(self.day), "hour": "09:00", "language": "en", **more}

    def notices(self) -> int:
        return Notice.objects.filter(callup=self.callup).count()


@dataclass(frozen=True)
class Ground:
    units: world.Units
    clerk: Actor
    client: Client


def staged(ground: Ground, of: Situation, noticed: bool = False) -> Scene:
    """The rows. What was called before went through the gate while it was open; then it becomes as the situation says."""
    units, clerk = ground.units, ground.clerk
    campaign = world.campaign(units.region, [units.office])
    site, day = world.site(units.region), today() + timedelta(days=of.day)
    roll = world.roll(campaign, units.office)
    callup = world.person(roll)
    good = world.reporting_day(campaign)
    if noticed:
        issuing.issue(clerk, callup.pk, site, good, HOUR, "en")
    for _ in range(of.called):
        world.person(roll, state="served")
    branch = world.roll(world.campaign(units.region, [units.office]), units.office)
    for _ in range(of.expected):
        with_day(issuing.issue(clerk, world.person(branch).pk, site, good, HOUR, "en"), day)
    if of.elsewhere:
        twin = world.person(world.roll(campaign, units.office))
        type(twin.person).objects.filter(pk=twin.person_id).update(number=callup.person.number)
        issuing.issue(clerk, twin.pk, site, good, HOUR, "en")
        CallUp.objects.filter(pk=twin.pk).update(unit=units.branch)
    _registers(roll, of.registers)
    _said(callup, of.said)
    Task.objects.filter(campaign=campaign).update(number=of.task) if of.task is not None else Task.objects.filter(campaign=campaign).delete()
    Site.objects.filter(pk=site.pk).update(places=of.places)
    CallUp.objects.filter(pk=callup.pk).update(verdict=of.verdict, state=of.state, held=of.held)
    Roll.objects.filter(pk=roll.pk).update(state=of.roll, frozen_at=now() if of.frozen else None, **({} if of.screened else {"run": ""}))
    starts, ends = (today() + timedelta(days=days) for days in (min(of.starts, of.ends), of.ends))
    Campaign.objects.filter(pk=campaign.pk).update(state=of.campaign, starts=starts, ends=ends)
    site.refresh_from_db()
    return Scene(CallUp.objects.get(pk=callup.pk), site, day, clerk, ground.client)


def with_day(notice: Notice, day: date) -> None:
    Notice.objects.filter(pk=notice.pk).update(report_on=day)


def _registers(roll: Roll, when: str) -> None:
    """A delivery beside which the last run was, or one that waits for its run."""
    if not when:
        return
    made = Delivery.objects.create(campaign=roll.campaign, folder=f"delivery-{roll.pk}", files=[], says="?", at=now())
    run = ended(roll, "done", delivery=made.pk if when == "old" else 0)
    Roll.objects.filter(pk=roll.pk).update(run=f"{roll.pk}-{run.pk}")


def _said(callup: CallUp, when: str) -> None:
    if when:
        Claim.objects.create(callup=callup, fact="x", value=True, at=now())
        ended(callup.roll, "failed" if when == "new" else "done")


def ended(roll: Roll, state: str, **argument: int) -> Job:
    made: Job = Job.objects.create(kind="roll.screen", key=str(roll.pk), unit=roll.unit, state=state, made=now(), argument=argument)
    return made


# --- the doors ----------------------------------------------------------------------------------------------------


def by_service(scene: Scene) -> None:
    with refused():
        issuing.issue(scene.clerk, scene.callup.pk, scene.site, scene.day, HOUR, "en")


def by_order(scene: Scene) -> None:
    with refused():
        issuing.order(scene.clerk, scene.callup.roll_id, scene.site, scene.day, HOUR, 1, "en")
    work_on("notices.issue")


def by_page(scene: Scene) -> None:
    answer = scene.client.post(f"/people/{scene.callup.pk}/notice", scene.appointment())
    assert answer.status_code == (302 if scene.notices() else 422), answer.content
    assert answer.status_code == 302 or b"error" in answer.content


def by_batch_page(scene: Scene) -> None:
    assert scene.client.post(f"/rolls/{scene.callup.roll_id}/notices", scene.appointment(number=1)).status_code in (302, 422)
    work_on("notices.issue")


def by_api(scene: Scene) -> None:
    answer = scene.client.post(f"/api/v1/people/{scene.callup.pk}/notice", json.dumps(scene.appointment()), content_type="application/json")
    assert answer.status_code == (201 if scene.notices() else 409), answer.content
    assert answer.status_code == 201 or all(reason["code"] and reason["says"] for reason in answer.json()["reasons"])


def by_batch_api(scene: Scene) -> None:
    answer = scene.client.post(f"/api/v1/rolls/{scene.callup.roll_id}/notices", json.dumps(scene.appointment(number=1)), content_type="application/json")
    assert answer.status_code in (202, 409), answer.content
    work_on("notices.issue")


DOORS: dict[str, Callable[[Scene], None]] = {door.__name__: door for door in (by_service, by_order, by_page, by_batch_page, by_api, by_batch_api)}


@contextmanager
def refused() -> Iterator[None]:
    """Whether it is refused, what is there afterwards tells."""
    with suppress(Refusal), transaction.atomic():
        yield


def work_on(kind: str) -> None:
    """Only the jobs of a kind."""
    Job.objects.exclude(kind=kind).filter(state="waiting").update(state="done")
    while work_once("test"):
        Job.objects.exclude(kind=kind).filter(state="waiting").update(state="done")


@pytest.fixture
def ground(db: None) -> Ground:
    units = world.units()
    clerk = world.officer(Role.CLERK, units.region)
    world.grant(clerk.account, Role.COMMISSAR, units.region)
    return Ground(units, world.again_of(clerk), world.signed_in(clerk))


@contextmanager
def rehearsal() -> Iterator[None]:
    """What is done is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("door", DOORS)
def test_a_notice_comes_out_of_a_door_exactly_when_it_may(door: str, ground: Ground) -> None:
    def tried(of: Situation) -> None:
        with rehearsal():
            scene = staged(ground, of)
            DOORS[door](scene)
            assert scene.notices() == of.may, of
            assert CallUp.objects.get(pk=scene.callup.pk).state == ("noticed" if of.may else of.state)
            assert Event.objects.filter(kind="notice.issued", subject__in=[f"notice:{one.pk}" for one in scene.callup.notices.all()]).count() == of.may

    for of in SINGLE if door in ("by_service", "by_order") else SINGLE[list(DOORS).index(door) - 2 :: 4]:
        tried(of)
    settings(max_examples=examples(10))(given(situations())(tried))()


def by_replace(scene: Scene) -> None:
    with refused():
        issuing.replace(scene.clerk, scene.callup.notices.get().pk, scene.site, scene.day, HOUR, "why")


def by_replace_page(scene: Scene) -> None:
    given = {**scene.appointment(), "why": "why"}
    assert scene.client.post(f"/notices/{scene.callup.notices.get().pk}/replace", given).status_code in (302, 422)


@pytest.mark.parametrize("door", [by_replace, by_replace_page])
def test_a_notice_is_replaced_exactly_when_another_may_be_issued(door: Callable[[Scene], None], ground: Ground) -> None:
    def tried(situation: Situation, state: str) -> None:
        of = replace(situation, state=state, elsewhere=False)
        with rehearsal():
            scene = staged(ground, of, noticed=True)
            door(scene)
            states = sorted(scene.callup.notices.values_list("state", flat=True))
            assert states == (["in_force", "replaced"] if of.may_replace else ["in_force"]), of

    for of in SINGLE if door is by_replace else SINGLE[::4]:
        tried(of, "noticed")
    settings(max_examples=examples(10))(given(situations(), st.sampled_from(["noticed", "served", "reported", "void"]))(tried))()


# --- past the gate ------------------------------------------------------------------------------------------------


def forged(like: Notice, **other: object) -> Notice:
    """A notice made of another's columns."""
    values = {field.attname: getattr(like, field.attname) for field in Notice._meta.concrete_fields if field.attname not in ("id", "replaced_by_id")}
    return Notice(**{**values, "number": "ab" * 16, "index": 7, **other})


SHUT = [
    Situation(verdict="open"), Situation(verdict="barred"), Situation(verdict=""), Situation(held=True), Situation(state="excused"), Situation(state="listed"),
    Situation(campaign="ended"), Situation(campaign="draft"), Situation(starts=1), Situation(ends=-1), Situation(roll="frozen"), Situation(frozen=False),
    Situation(screened=False), Situation(day=10), Situation(day=61),
]  # fmt: skip


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("of", SHUT, ids=str)
def test_the_database_refuses_what_comes_past_the_gate(of: Situation, bulk: bool, ground: Ground) -> None:
    """Straight through the models, with every column as the gate would have it."""
    with rehearsal():
        like = issuing.issue(ground.clerk, staged(ground, Situation()).callup.pk, world.site(ground.units.region), today() + timedelta(days=20), HOUR, "en")
        scene = staged(ground, of)
        made = forged(like, callup_id=scene.callup.pk, report_on=scene.day)
        with pytest.raises(IntegrityError, match="gate"), transaction.atomic():
            Notice.objects.bulk_create([made]) if bulk else made.save()
        assert not scene.notices()


def test_the_database_lets_through_what_may_be_and_never_twice(ground: Ground) -> None:
    scene = staged(ground, Situation())
    like = issuing.issue(ground.clerk, scene.callup.pk, scene.site, scene.day, HOUR, "en")
    other = staged(ground, Situation())
    forged(like, callup_id=other.callup.pk).save()
    for callup in (scene.callup, other.callup):
        with pytest.raises(IntegrityError), transaction.atomic():
            forged(like, callup_id=callup.pk, number="cd" * 16, index=8).save()
    issuing.revoke(ground.clerk, like.pk, "why")
    with pytest.raises(IntegrityError, match="stays ended"), transaction.atomic():
        Notice.objects.filter(pk=like.pk).update(state="in_force")
    with pytest.raises(IntegrityError, match="stays ended"), transaction.atomic():
        Notice.objects.filter(pk=like.pk).update(callup=staged(ground, Situation()).callup)


def test_a_batch_that_the_gate_stops_half_way_has_what_was_issued_printed(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "CHUNK", 2)
    scene = staged(ground, Situation())
    roll, issue = scene.callup.roll, issuing._issue
    for _ in range(3):
        world.person(roll)
    batch = issuing.order(ground.clerk, roll.pk, scene.site, scene.day, HOUR, 4, "en")

    def then_ended(*arguments: object) -> object:
        made = issue(*arguments)  # type: ignore[arg-type]
        Campaign.objects.filter(pk=roll.campaign_id).update(state="ended")
        return made

    monkeypatch.setattr(issuing, "_issue", then_ended)
    ((kind, state, problems),) = world.work()
    assert (kind, state) == ("notices.issue", "refused")
    assert "does not run" in problems[0]["says"]
    assert [bool(notice.sha256) for notice in batch.notices.all()] == [True, True]


def test_a_batch_says_when_it_could_issue_fewer(ground: Ground) -> None:
    scene = staged(ground, Situation())
    batch = issuing.order(ground.clerk, scene.callup.roll_id, scene.site, scene.day, HOUR, 3, "en")
    ((kind, state, problems),) = world.work()
    assert (kind, state, problems[0]["says"]) == ("notices.issue", "refused", "1 of 3 notices were issued.")
    assert batch.notices.count() == 1


def test_a_batch_passes_over_who_may_not_be_called_and_goes_on_behind_him(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "CHUNK", 2)
    scene = staged(ground, Situation(elsewhere=True))
    others = [world.person(scene.callup.roll) for _ in range(3)]
    issuing.order(ground.clerk, scene.callup.roll_id, scene.site, scene.day, HOUR, 3, "en")
    assert not world.work()
    assert not scene.notices()
    assert {one.state for one in CallUp.objects.filter(pk__in=[one.pk for one in others])} == {"noticed"}


# --- at once ------------------------------------------------------------------------------------------------------


def at_once(*doing: Callable[[], object]) -> list[object]:
    """Each in a thread of its own with a connection of its own, begun together: what it gave, or the refusal."""
    ready, came = threading.Barrier(len(doing)), [None] * len(doing)

    def run(place: int, do: Callable[[], object]) -> None:
        try:
            ready.wait()
            came[place] = do()  # type: ignore[call-overload]
        except Refusal as refusal:
            came[place] = refusal  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, do)) for place, do in enumerate(doing)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "they wait for each other"
    return list(came)


def issued(scene: Scene, callup: CallUp | None = None) -> Callable[[], Notice]:
    """A notice is to be issued, to the one of the scene or another."""
    return lambda: issuing.issue(scene.clerk, (callup or scene.callup).pk, scene.site, scene.day, HOUR, "en")


def opened(scene: Scene) -> Callable[[], Case]:
    return lambda: open_case(scene.callup, Case.Kind.CONTEST, Case.Origin.PERSON, "wrong")


def codes(came: list[object]) -> list[str]:
    """The refusals among what came."""
    return sorted(reason.code for one in came if isinstance(one, Refusal) for reason in one.reasons)


@pytest.fixture
def open_ground(transactional_db: None) -> Ground:
    units = world.units()
    clerk = world.officer(Role.CLERK, units.region)
    world.grant(clerk.account, Role.COMMISSAR, units.region)
    return Ground(units, world.again_of(clerk), world.signed_in(clerk))


ROUNDS = 4


def test_two_windows_at_once_make_one_notice(open_ground: Ground) -> None:
    for _ in range(ROUNDS):
        scene = staged(open_ground, Situation())
        came = at_once(*[issued(scene)] * 3)
        assert scene.notices() == 1
        assert codes(came) == ["noticed", "noticed"]


def test_two_windows_as_pages(open_ground: Ground) -> None:
    """Whole requests, each over a connection of its own; the page says why the second was refused."""
    scene = staged(open_ground, Situation())
    clients = [world.signed_in(open_ground.clerk) for _ in range(2)]
    answers = at_once(*[lambda client=client: client.post(f"/people/{scene.callup.pk}/notice", scene.appointment()) for client in clients])
    assert sorted(answer.status_code for answer in answers) == [302, 422]  # type: ignore[attr-defined]
    assert any(b"has a notice already" in answer.content for answer in answers)  # type: ignore[attr-defined]
    assert scene.notices() == 1


def test_the_task_of_a_unit_is_a_limit_for_two_rolls_at_once(open_ground: Ground) -> None:
    for _ in range(ROUNDS):
        scene = staged(open_ground, Situation(task=1))
        other = world.person(world.roll(scene.callup.roll.campaign, scene.callup.unit))
        came = at_once(issued(scene), issued(scene, other))
        assert Notice.objects.filter(callup__roll__campaign=scene.callup.roll.campaign_id).count() == 1
        assert codes(came) == ["task"]


def test_the_places_of_a_site_are_a_limit_for_two_campaigns_at_once(open_ground: Ground) -> None:
    for _ in range(ROUNDS):
        scene, other = staged(open_ground, Situation(places=1)), staged(open_ground, Situation())
        came = at_once(issued(scene), issued(scene, other.callup))
        assert Notice.objects.filter(site=scene.site).count() == 1
        assert codes(came) == ["site"]


def test_the_same_person_on_two_rolls_at_once_is_called_once(open_ground: Ground) -> None:
    for _ in range(ROUNDS):
        scene = staged(open_ground, Situation())
        twin = world.person(world.roll(scene.callup.roll.campaign, scene.callup.unit))
        type(twin.person).objects.filter(pk=twin.person_id).update(number=scene.callup.person.number)
        came = at_once(issued(scene), issued(scene, twin))
        assert codes(came) == ["called-elsewhere"]


def test_a_case_at_the_moment_of_a_notice(open_ground: Ground) -> None:
    """Either the case came first, and there is no notice; or the notice did, and the case holds it."""
    for _ in range(ROUNDS):
        scene = staged(open_ground, Situation())
        came = at_once(issued(scene), opened(scene))
        assert CallUp.objects.get(pk=scene.callup.pk).held
        last = list(Event.objects.order_by("-index").values_list("kind", flat=True)[:1])
        assert (codes(came), scene.notices(), last) in ((["held"], 0, ["case.received"]), ([], 1, ["case.received"]))


def test_the_same_case_at_once_is_one(open_ground: Ground) -> None:
    scene = staged(open_ground, Situation())
    at_once(*[opened(scene)] * 3)
    assert Case.objects.filter(callup=scene.callup).count() == 1


def test_a_batch_and_a_single_notice_at_once(open_ground: Ground) -> None:
    for _ in range(ROUNDS):
        scene = staged(open_ground, Situation(task=3))
        people = [scene.callup, *(world.person(scene.callup.roll) for _ in range(4))]
        issuing.order(scene.clerk, scene.callup.roll_id, scene.site, scene.day, HOUR, 3, "en")
        at_once(lambda: work_on("notices.issue"), issued(scene, people[1]))
        made = Notice.objects.filter(callup__roll=scene.callup.roll_id)
        assert made.count() == 3
        assert made.values("callup").distinct().count() == 3


def test_a_campaign_that_ends_at_the_moment_of_a_notice(open_ground: Ground) -> None:
    """After its end stands in the log, no notice does."""
    for _ in range(ROUNDS):
        scene = staged(open_ground, Situation())
        at_once(issued(scene), partial(acts.end, scene.clerk, scene.callup.roll.campaign_id))
        assert Event.objects.order_by("-index").values_list("kind", flat=True)[0] == "campaign.ended"


def test_a_notice_is_not_revoked_and_replaced_at_once(open_ground: Ground) -> None:
    for _ in range(ROUNDS):
        scene = staged(open_ground, Situation())
        pk = issued(scene)().pk
        came = at_once(partial(issuing.revoke, scene.clerk, pk, "why"), partial(issuing.replace, scene.clerk, pk, scene.site, scene.day, HOUR, "why"))
        assert len(codes(came)) >= 1
        states = sorted(scene.callup.notices.values_list("state", flat=True))
        assert states in (["revoked"], ["in_force", "replaced"])
        assert (CallUp.objects.get(pk=scene.callup.pk).state == "void") == (states == ["revoked"])
