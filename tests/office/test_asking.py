"""A person who is asked: his answers are claims that change his finding; silence, an old window and a second sending change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import pytest
import world
from django.test import Client
from test_gate import at_once, codes
from test_registers_that_change import DAY, STUDENT, Office

from conftest import examples
from rightcall.law.account import read_day, read_person
from rightcall.law.interview import Checklist, Single, begin, finding
from rightcall.law.pack import find_pack
from rightcall.law.person import Person
from rightcall.law.vocabulary import FactType
from rightcall.office.campaigns import asking
from rightcall.office.campaigns.models import CallUp, Campaign, Claim, Questionnaire
from rightcall.office.cases.models import Case
from rightcall.office.journal.models import Event
from rightcall.office.notices import issuing
from rightcall.office.refusal import Refusal
from rightcall.synthetic.respondent import Respondent

pytestmark = pytest.mark.django_db
LAW = find_pack(world.VALMORA)
STUDIES: dict[str, Any] = {"study.form": "full_time", "study.since": "2021-09-01", "study.until": "2024-06-30"}
STUDIES_NOT: dict[str, Any] = {"study.form": "none"}
OLD = "2023-01-01"


def somebody(**facts: Any) -> Respondent:
    """A person of whom the roll knows all but his studies, and who knows what is given here."""
    person, misfits = read_person({"person.birth_date": "2003-02-01", "job.teacher": False, "children": [], **facts}, LAW.vocabulary)
    assert not misfits
    return Respondent(person)


def opened(office: Office, id: str) -> tuple[Questionnaire, str]:
    ((questionnaire, secret),) = asking.send(office.clerk, [office.one(id)])
    return questionnaire, secret


def again(questionnaire: Questionnaire) -> Questionnaire:
    return Questionnaire.objects.select_related("callup__roll__campaign", "callup__unit").get(pk=questionnaire.pk)


def answers(questionnaire: Questionnaire, who: Respondent) -> None:
    """He answers all that he is asked, and sends it off."""
    while (sitting := asking.sit_down(again(questionnaire))).question is not None:
        asking.reply(again(questionnaire), who.reply(sitting.interview, sitting.question), len(sitting.questionnaire.replies))
    asking.send_off(again(questionnaire))


@pytest.fixture
def office(db: None) -> Office:
    """Nobody knows whether they study: the register has run out."""
    made = Office(as_of=OLD)
    assert set(made.verdicts().values()) == {"open"}
    return made


# --- answers ------------------------------------------------------------------------------------------------------


def test_what_he_says_is_a_claim_and_a_paper_that_was_seen_settles_it(office: Office) -> None:
    questionnaire, _ = opened(office, "anna")
    answers(questionnaire, somebody(**STUDIES))
    assert {claim.fact: (claim.value, claim.proven) for claim in Claim.objects.all()} == {name: (value, False) for name, value in STUDIES.items()}
    assert not world.work()
    assert (office.one("anna").verdict, office.one("anna").because) == ("open", "evidence")
    for fact in STUDIES:
        asking.take_proof(office.clerk, office.one("anna"), fact, "certificate no. 7")
    assert not world.work()
    assert (office.one("anna").verdict, office.one("anna").state) == ("deferred", "excused")
    with pytest.raises(Refusal, match="protected"):
        asking.take_proof(office.clerk, office.one("anna"), "study.form", "again")
    assert [event.content["fact"] for event in Event.objects.filter(kind="callup.proven").order_by("index")] == list(STUDIES)


def test_a_denial_of_what_registers_keep_settles_with_its_paper_and_touches_nobody_else(office: Office) -> None:
    before = {id: one for id, one in office.verdicts().items() if id != "boris"}
    questionnaire, _ = opened(office, "boris")
    answers(questionnaire, somebody(**STUDIES_NOT))
    assert not world.work()
    assert office.one("boris").verdict == "open"
    asking.take_proof(office.clerk, office.one("boris"), "study.form", "letter of the school")
    assert not world.work()
    assert office.one("boris").verdict == "clear"
    with pytest.raises(Refusal, match="no-claim"):
        asking.take_proof(office.clerk, office.one("boris"), "study.form", "again")
    assert {id: one for id, one in office.verdicts().items() if id != "boris"} == before
    assert Event.objects.get(kind="callup.answered").content["facts"] == ["study.form"]


def test_who_has_said_something_is_not_noticed_before_it_was_looked_at(office: Office) -> None:
    questionnaire, _ = opened(office, "boris")
    asking.sit_down(again(questionnaire))
    office.delivered({})
    assert office.one("boris").verdict == "clear"
    answers(questionnaire, somebody(**STUDIES))
    with pytest.raises(Refusal, match="not-heard"):
        office.notice("boris")
    office.notice("clara")
    assert not world.work()
    assert office.one("boris").verdict == "open"


def test_silence_is_no_answer(office: Office) -> None:
    """Opened and sent off with nothing said, or not knowing anything: he stays open, and no claim is made."""
    for id, first in (("anna", False), ("boris", True)):
        questionnaire, _ = opened(office, id)
        if first:
            asking.reply(questionnaire, None, 0)
        asking.send_off(again(questionnaire))
    assert not Claim.objects.exists()
    assert not world.work()
    assert {office.one(id).verdict for id in ("anna", "boris")} == {"open"}


def test_somebody_noticed_who_then_says_that_he_is_protected_is_held(office: Office) -> None:
    questionnaire, _ = opened(office, "boris")
    asking.sit_down(again(questionnaire))
    office.delivered({})
    office.notice("boris")
    answers(questionnaire, somebody(**STUDIES))
    assert not world.work()
    assert (office.one("boris").verdict, office.one("boris").held) == ("open", True)
    assert Case.objects.get().callup == office.one("boris")


# --- taken back, twice, elsewhere ---------------------------------------------------------------------------------


def test_the_last_answer_is_taken_back_until_it_is_sent_off_and_no_further(office: Office) -> None:
    questionnaire, _ = opened(office, "anna")
    first = asking.sit_down(again(questionnaire)).question
    asking.undo(again(questionnaire))
    asking.reply(again(questionnaire), "full_time", 0)
    assert again(questionnaire).replies == ["full_time"]
    sitting = asking.undo(again(questionnaire))
    assert (sitting.question, again(questionnaire).replies) == (first, [])
    answers(questionnaire, somebody(**STUDIES_NOT))
    for act in (asking.undo, asking.send_off, partial(asking.reply, given=None, place=0)):
        with pytest.raises(Refusal, match="answered"):
            act(again(questionnaire))
    assert Event.objects.filter(kind="callup.answered").count() == 1
    assert Claim.objects.count() == 1


def test_an_answer_from_an_old_window_is_not_taken_for_one_to_the_next_question(office: Office) -> None:
    questionnaire, _ = opened(office, "anna")
    old = again(questionnaire)
    asking.reply(again(questionnaire), "full_time", 0)
    with pytest.raises(Refusal, match="answered-there"):
        asking.reply(old, "full_time", 0)
    assert again(questionnaire).replies == ["full_time"]


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_answer_once_and_send_off_once() -> None:
    office = Office(as_of=OLD)
    questionnaire, _ = opened(office, "anna")
    asking.sit_down(again(questionnaire))
    came = at_once(*[partial(asking.reply, again(questionnaire), "none", 0)] * 2)
    assert codes(came) == ["answered-there"]
    assert again(questionnaire).replies == ["none"]
    came = at_once(*[partial(asking.send_off, again(questionnaire))] * 2)
    assert codes(came) == ["answered"]
    assert Claim.objects.count() == 1


def test_another_link_takes_the_place_of_the_first_and_what_was_answered_is_kept(office: Office) -> None:
    questionnaire, secret = opened(office, "anna")
    asking.reply(again(questionnaire), "full_time", 0)
    _, newer = opened(office, "anna")
    assert Client().get(f"/answer/{secret}").status_code == 404
    page = Client().get(f"/answer/{newer}").content.decode()
    assert 'name="place" value="1"' in page
    assert Questionnaire.objects.count() == 1


def test_one_that_nobody_answered_begins_anew_with_what_the_registers_say_now(office: Office) -> None:
    questionnaire, _ = opened(office, "anna")
    asking.sit_down(again(questionnaire))
    assert "study.form" not in (again(questionnaire).known or {})
    office.delivered({"anna": ("full_time", "2021-09-01", "")})
    assert office.one("anna").verdict == "open"
    questionnaire, _ = opened(office, "anna")
    asking.sit_down(again(questionnaire))
    assert (again(questionnaire).known or {})["study.form"] == "full_time"


def test_a_register_that_changes_in_the_middle_does_not_change_the_questions(office: Office) -> None:
    questionnaire, _ = opened(office, "anna")
    asking.reply(again(questionnaire), "full_time", 0)
    office.delivered({"anna": STUDENT})
    answers(questionnaire, somebody(**STUDIES))
    assert not world.work()
    assert office.one("anna").verdict == "deferred"


def test_the_pages_of_a_questionnaire_whose_answers_were_sent(office: Office) -> None:
    questionnaire, secret = opened(office, "anna")
    answers(questionnaire, somebody(**STUDIES_NOT))
    for answer in (Client().get(f"/answer/{secret}"), Client().post(f"/answer/{secret}", {"place": "0", "value": "full_time"})):
        assert answer.status_code == 200
        assert b'name="place"' not in answer.content
    assert Claim.objects.get().value == "none"


def test_through_the_pages_nothing_chosen_is_no_answer(office: Office) -> None:
    questionnaire, secret = opened(office, "anna")
    page, link = Client(), f"/answer/{secret}"
    assert page.get(link).status_code == 200
    answer = page.post(link, {"place": "0"})
    assert answer.status_code == 422
    assert "If you do not know, choose that." in answer.content.decode()
    assert page.post(link, {"place": "0", "value": "sometimes"}).status_code == 422
    assert page.post(link, {"place": "7", "value": "full_time"}).status_code == 302
    assert again(questionnaire).replies == []
    assert page.post(link, {"place": "0", "value": "full_time"}).status_code == 302
    assert page.post(link, {"place": "0", "value": "full_time"}).status_code == 302, "sent twice by an impatient finger"
    assert again(questionnaire).replies == ["full_time"]
    assert page.post(link, {"back": "1"}).status_code == 302
    assert again(questionnaire).replies == []


def test_only_somebody_who_is_open_is_asked(office: Office) -> None:
    office.delivered({"boris": STUDENT})
    for id in ("boris", "clara"):
        with pytest.raises(Refusal, match="not-open"):
            asking.send(office.clerk, [office.one(id)])


# --- many people, at random ---------------------------------------------------------------------------------------

COLUMNS = ("study.form", "study.since", "study.until", "children.complete", "job.teacher")


@dataclass(frozen=True)
class Drawn:
    """Somebody as he truly is, what of that the roll knows, and how sure he is of himself (per cent)."""

    id: str
    truth: dict[str, Any]
    known: frozenset[str]
    doubt: int
    stops: bool

    @property
    def person(self) -> Person:
        return read_person(
            {"person.birth_date": "2003-02-01", "person.district": "south", "notice.served": "2024-03-01", "notice.report_on": DAY, **self.truth},
            LAW.vocabulary,
        )[0]

    @property
    def truly(self) -> str:
        return str(finding(begin(LAW, LAW.readings(None), read_day(FactType("on", "date"), DAY), self.person)).verdict)

    def row(self) -> str:
        """His row: what is not known is an empty cell."""
        told = {
            name: str(value).lower() if isinstance(value, bool) else "none" if value is None else value
            for name, value in self.truth.items()
            if name != "children"
        }
        told["children.complete"] = "true"
        cells = [told[name] if name in self.known else "" for name in COLUMNS]
        return ",".join([self.id, "2003-02-01", "south", "2024-03-01", DAY, *cells]) + "\n"

    def children(self) -> str:
        return "".join(f"{self.id},{child['birth_date']},true,own\n" for child in self.truth["children"]) if "children.complete" in self.known else ""


def drawn(random: Random, number: int) -> Drawn:
    studies = random.choice(
        [
            STUDIES,
            {"study.form": "part_time", "study.since": "2021-09-01", "study.until": "2024-06-30"},
            {"study.form": "none", "study.since": None, "study.until": None},
        ]
    )
    children = [{"birth_date": f"20{random.randint(10, 23)}-01-01", "maintained": True, "kin": "own"} for _ in range(random.choice([0, 0, 1, 2]))]
    known = frozenset(name for name in COLUMNS if random.random() < 0.5)
    return Drawn(
        f"p{number}", {**studies, "children": children, "job.teacher": random.random() < 0.2}, known, random.choice([0, 0, 50, 100]), random.random() < 0.2
    )


def says(office: Office, one: Drawn, random: Random) -> bool:
    """He is asked, and answers as far as he is sure and has the patience; whether he said anything at all."""
    questionnaire, _ = opened(office, one.id)
    who, said = Respondent(one.person), False
    while (sitting := asking.sit_down(again(questionnaire))).question is not None and not (one.stops and random.random() < 0.4):
        reply = who.reply(sitting.interview, sitting.question)
        if random.randrange(100) < one.doubt:
            reply = (
                (None,) * len(reply)
                if isinstance(sitting.question, Checklist) and isinstance(reply, tuple)
                else None
                if isinstance(sitting.question, Single)
                else reply
            )
        said |= reply is not None and (not isinstance(reply, tuple) or any(part is not None for part in reply))
        asking.reply(again(questionnaire), reply, len(sitting.questionnaire.replies))
    asking.send_off(again(questionnaire))
    return said


@pytest.mark.parametrize("seed", range(examples(2)))
def test_of_random_people_nobody_protected_becomes_clear_and_nobody_moves_by_silence(seed: int, db: None) -> None:
    random = Random(seed)
    people = [drawn(random, number) for number in range(40)]
    head = f"id,person.birth_date,person.district,notice.served,notice.report_on,{','.join(COLUMNS)}\n"
    files = {"people.csv": head + "".join(map(Drawn.row, people)), "children.csv": "id,birth_date,maintained,kin\n" + "".join(map(Drawn.children, people))}
    office = Office(files=files, as_of=OLD)
    before = office.verdicts()
    told = {one.id: says(office, one, random) for one in people if before[one.id] == "open"}
    assert not world.work()
    after = office.verdicts()
    assert len(set(before.values()) - {"barred"}) == 3, before
    assert sum(told.values()) > 5
    assert len(told) - sum(told.values()) > 2
    for one in people:
        if one.truly in ("barred", "deferred"):
            assert after[one.id] != "clear", one
        if not told.get(one.id):
            assert after[one.id] == before[one.id], one
            assert not Claim.objects.filter(callup__row_id=one.id).exists()
        elif one.truly == "clear" and not one.doubt and not one.stops:
            assert after[one.id] in ("clear", "open"), one


def test_whoever_is_protected_by_a_register_does_not_talk_himself_out_of_it(office: Office) -> None:
    """Nor does a clerk with a paper: against a register that protects, the register stands until its keeper mends it."""
    questionnaire, _ = opened(office, "anna")
    answers(questionnaire, somebody(**STUDIES_NOT))
    office.delivered({"anna": STUDENT, "boris": STUDENT})
    assert {office.one(id).verdict for id in ("anna", "boris")} == {"deferred"}
    with pytest.raises(Refusal, match="protected"):
        asking.take_proof(office.clerk, office.one("anna"), "study.form", "a paper")
    assert not world.work()
    assert office.one("anna").verdict == "deferred"
    with pytest.raises(Refusal, match="not-clear"):
        office.notice("anna")


def test_a_campaign_under_another_law_asks_nobody(office: Office) -> None:
    """The pack on the machine is not the one that was authorised: nobody is asked by another law than he is judged by."""
    _, secret = opened(office, "anna")
    Campaign.objects.update(pack_hash="0" * 64)
    answer = Client().get(f"/answer/{secret}")
    assert answer.status_code == 409
    assert "not the one under which the campaign was authorised" in answer.content.decode()


def test_a_revoked_notice_ends_it_and_answers_bring_nobody_back(office: Office) -> None:
    questionnaire, _ = opened(office, "boris")
    office.delivered({})
    notice = office.notice("boris")
    issuing.revoke(office.clerk, notice.pk, "a mistake")
    answers(questionnaire, somebody(**STUDIES_NOT))
    assert not world.work()
    assert CallUp.objects.get(pk=notice.callup_id).state == "void"
