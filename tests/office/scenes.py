"""Every page of the office in every state, to be looked at: a small made-up office that has one of everything, and the visits to its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import world
from django.conf import settings
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY

from rightcall.notice.number import Number
from rightcall.office.accounts.models import Account
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns import acts, asking, rolls, screening
from rightcall.office.campaigns.models import CallUp, Campaign, Claim, Delivery, Finding, Questionnaire, Roll
from rightcall.office.cases.opening import open_case
from rightcall.office.clock import now, today
from rightcall.office.jobs.models import Job
from rightcall.office.keys import person_code
from rightcall.office.lists import number_of
from rightcall.office.notices import improper, issuing, serving
from rightcall.office.notices.models import Site
from rightcall.office.person.models import Look

VALMORA_ROLL = Path(__file__).parents[2] / "examples" / "valmora-roll"
DAY = "2024-04-01"


@dataclass
class Scene:
    """What was made: names of things -> their keys; sessions by who looks."""

    keys: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def url(self, route: str, key: str = "", query: str = "") -> str:
        return reverse(route, args=[self.keys[key]] if key else []) + query


def build() -> Scene:
    """One of everything. To be called on an empty database."""
    scene, units = Scene(), world.units()
    site = world.site(units.region)
    officers = {role.value: world.officer(role, units.ministry, role.value) for role in Role}
    officers["commissar-2"] = world.officer(Role.COMMISSAR, units.ministry, "commissar-2")
    for name, actor in officers.items():
        scene.sessions[name] = world.signed_in(actor).cookies["sessionid"].value
        actor.account.name = f"Anna {name.capitalize()}"
        actor.account.save()
    scene.sessions["ungranted"] = world.signed_in(world.account("new-here")).cookies["sessionid"].value
    world.signed_in(officers["clerk"])
    scene.sessions["half"] = _half(world.account("half-way"))
    scene.sessions["new"] = _new(world.account("new-account"))
    scene.keys["unit"] = units.office.pk
    _campaigns(scene, units, officers)
    _rolls(scene, units, officers)
    _people(scene, officers, site)
    _delivered(scene, officers)
    _asked(scene, units, officers)
    _reports(scene, officers)
    _grants(scene, units, officers)
    _jobs(scene, units, officers)
    return scene


def _campaigns(scene: Scene, units: world.Units, officers: Mapping[str, Actor]) -> None:
    running = world.campaign(units.region, [units.office])
    running.on = DAY
    running.save()
    plan = acts.Draft("Winter", "Federal act on call-up of 3 March", "art. 7(2)", world.VALMORA, "", today(), today() + timedelta(days=60), 400, on=DAY)
    draft = acts.draft(officers["commissar"], units.region, plan)
    tasked = acts.draft(officers["commissar"], units.region, plan)
    acts.set_tasks(officers["commissar"], tasked.pk, {units.office.pk: 300})
    ended = world.campaign(units.region, [units.office])
    Campaign.objects.filter(pk=ended.pk).update(state=Campaign.State.ENDED, name="Spring", ended_at=now())
    scene.keys |= {"running": running.pk, "draft": draft.pk, "tasked": tasked.pk, "ended": ended.pk}


def _rolls(scene: Scene, units: world.Units, officers: Mapping[str, Actor]) -> None:
    campaign = Campaign.objects.get(pk=scene.keys["running"])
    clerk = officers["clerk"]
    files = [world.sent(path.name, path.read_bytes()) for path in sorted(VALMORA_ROLL.glob("*.csv"))]
    screened = rolls.upload(clerk, campaign, units.office, files)
    assert not world.work()
    rolls.freeze(clerk, screened.pk)
    assert not world.work()
    rolls.sign(officers["commissar"], screened.pk, screened.sha256)
    screening.screen(clerk, screened.pk)
    assert not world.work()
    scene.keys |= {"screened": screened.pk, "real": CallUp.objects.filter(roll=screened, verdict="deferred").values_list("pk", flat=True)[0]}
    faults = [
        {"says": "`31.02.1990` is no day", "file": "people.csv", "row": 7, "column": "person.birth_date", "help": "write 1990-02-28"},
        {"says": "the same person stands in 3 rows", "file": "people.csv", "row": 12, "column": "", "help": "keep one of them"},
    ]
    others = {"reading": {}, "refused": {"problems": faults, "problem_count": 240}, "ready": {"count": 7, "notes": ["children.csv has no column `kin`"]},
              "freezing": {}, "frozen": {"count": 7}, "signed": {"count": 7}, "withdrawn": {}}  # fmt: skip
    for state, more in others.items():
        one = world.roll(campaign, units.office, state, run="")
        unfrozen = {} if state in ("freezing", "frozen", "signed") else {"frozen_at": None, "frozen_by": None}
        unsigned = {} if state == "signed" else {"signed_at": None, "signed_by": None}
        Roll.objects.filter(pk=one.pk).update(files=[{"name": "people.csv"}], **more, **unfrozen, **unsigned)
        scene.keys[state] = one.pk


def _delivered(scene: Scene, officers: Mapping[str, Actor]) -> None:
    """After the notices: none is issued until a roll was checked beside the newest registers."""
    campaign, clerk = Campaign.objects.get(pk=scene.keys["running"]), officers["clerk"]
    Delivery.objects.create(campaign=campaign, folder="none", files=[{"name": "students.csv"}], says="students as of today", by=clerk.account, at=now())


_RECORD = {"fact": "study.form", "says": "full time", "register": "Students of the state university", "authority": "State university", "row": 12,
           "standing": "counts", "linked_by": "name, birth and place", "agreement": []}  # fmt: skip


def _explained(verdict: str, truth: bool | None) -> dict[str, Any]:
    proof = [
        {"depth": 0, "truth": truth, "words": "all of these hold", "records": []},
        {"depth": 1, "truth": truth, "words": "study form is full time", "records": [_RECORD]},
        {"depth": 1, "truth": True, "words": "study since 1 September 2022 <= 1 April 2024", "records": []},
        {"depth": 2, "truth": False, "words": "study until 30 June 2023 < 1 April 2024", "records": []},
    ]
    ground = {"id": "VM-3", "title": "Students", "act": "Call-up Act of 2020", "cite": "sec. 3", "effect": "defers", "grade": "A", "truth": truth, "proof": proof,
              "missing": [], "questions": [], "rests_on": ["study.form"], "holds_until": "2024-07-01" if truth else None, "papers": ["certificate of the school"]}  # fmt: skip
    return {
        "verdict": verdict, "grounds": [ground], "missing": [{"fact": "study.until", "ask": "Which is the last day of the course?", "proof": "certificate of the school"}],
        "questions": [{"id": "STEP", "asks": "Does a step-child count?"}], "changes": [{"answer": "study until after 1 April 2024", "verdict": "deferred", "grounds_gone": []}],
        "promises": ["VM-TEACHER"], "defects": ["VM-5"], "flags": [], "on": DAY, "on_fact": "date.decision", "grade": "A", "pack": {"id": "valmora", "hash": "0" * 64},
    }  # fmt: skip


def _people(scene: Scene, officers: Mapping[str, Actor], site: Site) -> None:
    roll = Roll.objects.select_related("unit", "campaign").get(pk=scene.keys["screened"])
    kinds = {"deferred": ("deferred", "", True), "barred": ("barred", "", True), "ask": ("open", "ask", None), "evidence": ("open", "evidence", None),
             "identity": ("open", "identity", None), "law": ("open", "law", None), "clear": ("clear", "", False), "dead": ("barred", CallUp.NO_READER, True)}  # fmt: skip
    for name, (verdict, because, truth) in kinds.items():
        one = world.person(roll, verdict, because, surname=f"Коваленко-{name}" if name == "law" else "")
        Finding.objects.filter(callup=one).update(explanation=_explained(verdict, truth), missing=["study.until"])
        scene.keys[name] = one.pk
    said = CallUp.objects.get(pk=scene.keys["evidence"])
    Claim.objects.create(callup=said, fact="study.form", value="full_time", at=now())
    Claim.objects.create(callup=said, fact="children", value=[{"birth_date": "2019-04-05", "maintained": True}], proven=True, proof="family register", at=now())
    for state in ("in-force", "unprinted", "revoked", "replaced", "contested"):
        _noticed(scene, state, roll, officers, site)


def _noticed(scene: Scene, state: str, roll: Roll, officers: Mapping[str, Actor], site: Site) -> None:
    clerk, callup, day = officers["clerk"], world.person(roll), world.reporting_day(roll.campaign)
    notice = issuing.issue(clerk, callup.pk, site, day, time(9), "en")
    if state != "unprinted":
        assert not world.work()
    if state == "in-force":
        serving.attempt(clerk, notice.pk, "post", "sent", today(), "RR 123 456 789")
        serving.attempt(clerk, notice.pk, "hand", "served", today(), "signed by the person")
    if state == "revoked":
        issuing.revoke(clerk, notice.pk, "The name was on the list by mistake.")
    if state == "replaced":
        issuing.replace(clerk, notice.pk, site, day + timedelta(days=3), time(10), "The site is closed on that day.")
    if state == "contested":
        open_case(callup, "contest", "person", "I study at the state university.\nThe certificate follows.")
    Look.objects.create(callup=callup, account=clerk.account, role="clerk", unit=roll.unit, what="finding", at=now())
    scene.keys |= {f"notice-{state}": notice.pk, f"person-{state}": callup.pk}
    scene.secrets |= {f"number-{state}": number_of(notice), f"code-{state}": person_code(notice.number)}
    scene.sessions[f"person-{state}"] = session(own=notice.pk)


def _half(account: Account) -> str:
    """Somebody who has shown the first factor and not the second."""
    browser = world.signed_in(account)
    kept = browser.session
    del kept[DEVICE_ID_SESSION_KEY]
    kept.save()
    return str(browser.cookies["sessionid"].value)


def _new(account: Account) -> str:
    """Somebody who signed in with what he was handed."""
    Account.objects.filter(pk=account.pk).update(handed_out=True)
    return str(world.signed_in(account).cookies["sessionid"].value)


def session(**kept: Any) -> str:
    """The key of a session in which this is kept."""
    made = import_module(settings.SESSION_ENGINE).SessionStore()
    made.update(kept)
    made.create()
    return str(made.session_key)


_BORN = {"low": 8100, "high": 8100, "partial": False}
QUESTIONS: Mapping[str, tuple[str, list[Any]]] = {
    "a day": ("valmora", []),
    "how many": ("valmora", [_BORN]),
    "a day a row": ("valmora", [_BORN, {"count": 2, "more": False}]),
    "yes or no a row": ("valmora", [_BORN, {"count": 2, "more": False}, [None, None]]),
    "the decision": ("ua", []),
    "one of": ("ua", [None, None]),
    "yes or no": ("ua", [None, None, None]),
    "lines to tick": ("ua", [None, None, None, None]),
}


def _asked(scene: Scene, units: world.Units, officers: Mapping[str, Actor]) -> None:
    scene.keys["ask-queue"] = scene.keys["screened"]
    campaigns = {"valmora": Campaign.objects.get(pk=scene.keys["running"]), "ua": world.campaign(units.elsewhere, [units.other], pack="ua")}
    on = {name: world.roll(campaign, units.office) for name, campaign in campaigns.items()}
    for kind, (law, replies) in {**QUESTIONS, "to be checked": ("valmora", [_BORN, {"count": 0, "more": False}]), "answered": ("valmora", [])}.items():
        callup = world.person(on[law], "open", "ask")
        state = "answered" if kind == "answered" else "opened"
        secret = Number.random()
        Questionnaire.objects.create(
            callup=callup, token=asking._hash(secret), state=state, known={}, replies=replies, sent_by=officers["clerk"].account, sent_at=now(),
            answered_at=now() if kind == "answered" else None,
        )  # fmt: skip
        scene.keys[f"asked {kind}"] = str(secret)


def _reports(scene: Scene, officers: Mapping[str, Actor]) -> None:
    waits = improper.report("list", "Riverside, Mill Lane", "A list of names hung on the door of number 4.", today())
    looked = improper.report("loudspeaker", "Riverside", "", None)
    improper.handle(officers["overseer"], looked.pk, "The car was stopped. It was no notice; nobody has to come because of it.")
    scene.keys |= {"report": waits.pk, "report-answered": looked.pk}
    scene.secrets |= {"reference": waits.reference, "reference-answered": looked.reference}
    scene.sessions["reporter"] = session(reported=waits.reference)


def _grants(scene: Scene, units: world.Units, officers: Mapping[str, Actor]) -> None:
    made = world.account("new-clerk")
    confirmed = world.grant(made, Role.CLERK, units.office)
    proposed = world.grant(made, Role.MEDIC, units.office)
    type(proposed).objects.filter(pk=proposed.pk).update(confirmed_by=None, confirmed_at=None, proposed_by=officers["auditor"].account)
    ended = world.grant(made, Role.SITE, units.office)
    type(ended).objects.filter(pk=ended.pk).update(ended_by=officers["overseer"].account, ended_at=now())
    scene.keys |= {"grant-confirmed": confirmed.pk, "grant-proposed": proposed.pk, "grant-ended": ended.pk}


def _jobs(scene: Scene, units: world.Units, officers: Mapping[str, Actor]) -> None:
    """Last, since nobody is to do them."""
    jobs = {"running": {"doing": "taking the people over", "done": 4200, "of": 10_000}, "waiting": {}, "done": {"done": 7, "of": 7},
            "refused": {"problems": [{"says": "The file of this roll is not the one that was frozen.", "help": "Tell your overseer."}]},
            "failed": {"problems": [{"says": "The work was begun and broke off five times.", "help": "Somebody who runs this office has to look at it."}]}}  # fmt: skip
    for state, more in jobs.items():
        roll = scene.keys[{"running": "freezing", "waiting": "reading"}.get(state, "withdrawn")]
        kind = {"running": "roll.take", "waiting": "roll.read"}.get(state, "roll.screen")
        ends = {"ended": now()} if state in ("done", "refused", "failed") else {"leased_until": now() + timedelta(days=1)}
        job = Job.objects.create(
            kind=kind, key=str(roll), unit=units.office, asked_by=officers["clerk"].account, state=state, made=now(), begun=now(), **more, **ends
        )
        scene.keys[f"job-{state}"] = job.pk
