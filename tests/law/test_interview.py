"""The interview: it settles what the full facts settle, asks nothing that cannot matter, nothing twice, and stays fast."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_law import DAYS, Dice, Law, make_law, make_somebody
from small import page, small_pack, somebody

from conftest import examples
from rightcall.law import truth as t
from rightcall.law.account import Unfit
from rightcall.law.case import pack_cases
from rightcall.law.gate import Gate, Line
from rightcall.law.interview import (
    Checklist,
    Column,
    Count,
    HowMany,
    Interview,
    Question,
    Reply,
    Single,
    answer,
    at_most,
    begin,
    choices,
    concerned,
    finding,
    if_denied,
    live_grounds,
    next_question,
)
from rightcall.law.pack import Pack, find_pack, pack_names
from rightcall.law.person import Person
from rightcall.law.problem import Refused
from rightcall.law.question import UNANSWERED, Readings
from rightcall.law.reason import Finding, days_of, judge
from rightcall.law.value import Span, day_number, exactly
from rightcall.law.vocabulary import FactType
from rightcall.synthetic.respondent import Respondent, conduct

RANDOMS = st.integers(0, 10**9).map(Random)
PROTECTED = ("barred", "deferred")
pack_of = cache(find_pack)


# --- random laws and random people --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Somebody(Respondent):
    """A respondent who does not know some of what he is asked."""

    dice: Dice = field(default_factory=lambda: Dice(Random(0)))
    doubt: int = 0

    def reply(self, interview: Interview, question: Question) -> Reply:
        said = super().reply(interview, question)
        if isinstance(question, (Single, HowMany)):
            return None if self.dice.chance(self.doubt) else said
        assert isinstance(said, tuple)
        return tuple(None if self.dice.chance(self.doubt) else one for one in said)


def gated(law: Law, dice: Dice) -> Pack:
    """The law with random gates over its facts and lists."""
    pack = law.pack
    lines = [line for fact in pack.vocabulary if (line := _line(fact, dice)) and dice.chance(60)]
    half = len(lines) // 2
    gates = {name: Gate(name, name, tuple(part)) for name, part in (("one", lines[:half]), ("two", lines[half:])) if part}
    return replace(pack, gates=MappingProxyType(gates))


def _line(fact: FactType, dice: Dice) -> Line | None:
    if fact.kind == "list":
        return Line(fact.name, {}, {f"{fact.name}.complete": True})
    if fact.name.endswith(".complete"):
        return None
    if fact.kind == "bool":
        says = dice.chance(50)
        return Line(fact.name, {fact.name: says} if dice.chance(50) and "[]." not in fact.name else {}, {fact.name: not says})
    return Line(fact.name, {}, {fact.name: dice.one(fact.values)}) if fact.kind == "one_of" else None


@dataclass(frozen=True)
class Setting:
    """A law, a day, somebody who knows all about himself, and what is found of him."""

    pack: Pack
    readings: Readings
    on: Span
    truth: Person
    full: Finding
    dice: Dice


def a_law(random: Random) -> Law:
    """A random law; one whose date parameter is none for everybody cannot be loaded, and another is drawn."""
    try:
        return make_law(random)
    except Refused:
        return a_law(random)


def a_setting(random: Random) -> Setting:
    law, dice = a_law(random), Dice(random)
    pack = gated(law, dice) if dice.chance(70) else law.pack
    truth = make_somebody(law, dice, doubt=0).person(law)
    on = exactly(day_number(dice.one(DAYS)))
    person, days = days_of(truth, pack, on)
    return Setting(pack, law.readings, on, truth, judge(person, pack, law.readings, days), dice)


def start(setting: Setting, thorough: bool = False) -> Interview:
    return begin(setting.pack, setting.readings, setting.on, thorough=thorough)


def steps(interview: Interview, respondent: Respondent) -> Iterator[tuple[Interview, Question, Reply]]:
    """Each state with the question put in it and the reply; the last state has none."""
    while (question := next_question(interview)) is not None:
        reply = respondent.reply(interview, question)
        yield interview, question, reply
        interview = answer(interview, question, reply)


def agrees(found: Finding, full: Finding) -> bool:
    """A deferment that ends the interview may be a bar on all the facts: both protect."""
    return found.verdict == full.verdict or (found.verdict, full.verdict) == ("deferred", "barred")


@settings(max_examples=examples(50))
@given(random=RANDOMS)
def test_it_finds_what_the_full_facts_settle(random: Random) -> None:
    setting = a_setting(random)
    found = finding(conduct(start(setting), Respondent(setting.truth)))
    assert agrees(found, setting.full), (found, setting.full)


@settings(max_examples=examples(35))
@given(random=RANDOMS)
def test_asked_for_every_ground_it_settles_each_as_the_full_facts_do(random: Random) -> None:
    setting = a_setting(random)
    found = finding(conduct(start(setting, thorough=True), Respondent(setting.truth)))
    assert found.verdict == setting.full.verdict
    assert found.grounds == setting.full.grounds


@settings(max_examples=examples(35))
@given(random=RANDOMS)
def test_in_any_order_the_verdict_is_the_same(random: Random) -> None:
    setting = a_setting(random)
    interview, respondent = start(setting), Respondent(setting.truth)
    while found := choices(interview):
        question = setting.dice.one(found)
        interview = answer(interview, question, respondent.reply(interview, question))
    assert agrees(finding(interview), setting.full)


@settings(max_examples=examples(50))
@given(random=RANDOMS)
def test_who_does_not_know_is_left_open_and_never_contradicted(random: Random) -> None:
    setting = a_setting(random)
    found = finding(conduct(start(setting), Somebody(setting.truth, setting.dice, setting.dice.one([10, 40]))))
    assert agrees(found, setting.full) or found.verdict == "open"


@settings(max_examples=examples(35))
@given(random=RANDOMS)
def test_nothing_is_asked_twice_or_for_nothing(random: Random) -> None:
    setting = a_setting(random)
    seen: set[str] = set()
    bound = at_most(start(setting))
    for interview, question, _ in steps(start(setting), Somebody(setting.truth, setting.dice, 15)):
        assert not question.cells & seen
        asked_again = isinstance(question, Checklist)  # a line that is named may have its own question afterwards
        seen |= set() if asked_again else question.cells
        hangs = {name for proof in interview.proofs.values() if not t.is_settled(proof.truth) for name in proof.facts}
        parts = [set(line.no) for line in question.lines] if isinstance(question, Checklist) else [names(question)]
        other_day = names(question) <= set(interview.pack.reference.also) if not isinstance(question, Checklist) else False
        assert other_day or all(part & hangs for part in parts), (question, hangs)
        if not interview.days.also:
            assert at_most(interview) <= bound
            bound = at_most(interview)


def names(question: Question) -> set[str]:
    if isinstance(question, HowMany):
        return {f"{question.fact.name}.complete"}
    assert not isinstance(question, Checklist)
    return {question.fact.name}


@settings(max_examples=examples(20))
@given(random=RANDOMS)
def test_undo_goes_back_to_where_it_was(random: Random) -> None:
    setting = a_setting(random)
    for interview, question, reply in steps(start(setting), Somebody(setting.truth, setting.dice, 20)):
        after = answer(interview, question, reply)
        assert after.before is interview
        other = answer(interview, question, None)
        assert other.before is interview
        again = answer(after.before, question, reply)
        assert (again.person, again.done, {id: proof.truth for id, proof in again.proofs.items()}) == (
            after.person, after.done, {id: proof.truth for id, proof in after.proofs.items()},
        )  # fmt: skip


@settings(max_examples=examples(20))
@given(random=RANDOMS)
def test_the_proofs_that_are_kept_are_those_of_judging_anew(random: Random) -> None:
    setting = a_setting(random)
    interview = conduct(start(setting), Somebody(setting.truth, setting.dice, 15))
    assert {id: proof.truth for id, proof in interview.proofs.items()} == {id: proof.truth for id, proof in finding(interview).proofs.items()}


@settings(max_examples=examples(20))
@given(random=RANDOMS)
def test_when_it_ends_nothing_he_could_still_say_would_settle_it(random: Random) -> None:
    """Of somebody left open: learning all that was not asked leaves him open still."""
    setting = a_setting(random)
    interview = conduct(start(setting), Somebody(setting.truth, setting.dice, 25))
    if finding(interview).verdict != "open" or interview.days.also:
        return
    rest = {name: value for name, value in setting.truth.facts.items() if name not in interview.done}
    told = replace(interview.person, facts=MappingProxyType({**interview.person.facts, **rest}))
    if any(name in interview.pack.reference.also for name in rest):
        return
    assert judge(told, interview.pack, interview.readings, interview.days).verdict == "open"


# --- the packs that come with Rightcall ---------------------------------------------------------------------------


def cases_of(name: str) -> Iterator[tuple[str, Person, Span, Readings]]:
    for case in pack_cases(pack_of(name)):
        yield f"{case.place} {case.name}", case.person, case.on, case.readings


@pytest.mark.parametrize("name", pack_names())
def test_cases_of_a_pack_are_settled_as_they_are_written(name: str) -> None:
    """Every third: each is a whole interview."""
    pack = pack_of(name)
    wrong = []
    for place, truth, on, readings in islice(cases_of(name), 0, None, 3):
        person, days = days_of(truth, pack, on)
        full = judge(person, pack, readings, days)
        found = finding(conduct(begin(pack, readings, on), Respondent(truth)))
        if not agrees(found, full):
            wrong.append((place, found.verdict, full.verdict))
    assert wrong == []


@pytest.mark.parametrize("name", pack_names())
def test_the_next_question_is_there_at_once(name: str) -> None:
    pack, longest = pack_of(name), 0.0
    truth, on = next((person, on) for _, person, on, _ in cases_of(name))
    interview = begin(pack, UNANSWERED, on)
    while True:
        begun = time.perf_counter()
        question = next_question(interview)
        if question is None:
            break
        longest = max(longest, time.perf_counter() - begun)
        interview = answer(interview, question, Respondent(truth).reply(interview, question))
    assert longest < 0.5, "typically it is a hundredth of that"


@pytest.mark.parametrize("name", pack_names())
@pytest.mark.parametrize("on", ["2022-10-10", "2024-10-10", "2026-06-01", "2026-11-22"])
def test_whoever_denies_every_gate_is_not_protected_by_that(name: str, on: str) -> None:
    """A careless *none of these* makes no ground true."""
    pack = pack_of(name)
    interview = begin(pack, UNANSWERED, exactly(day_number(date.fromisoformat(on))), thorough=True)
    for gate in pack.gates.values():
        question = Checklist(gate, gate.lines, frozenset())
        interview = answer(interview, question, (False,) * len(gate.lines))
    assert finding(interview).grounds == ()
    assert all(name in interview.done for gate in pack.gates.values() for line in gate.lines for name in line.no if "[]." not in name)


# --- small laws ---------------------------------------------------------------------------------------------------

ON = exactly(day_number(DAYS[0]))


def law(tmp_path: Path, when: str, **files: str) -> Pack:
    return small_pack(tmp_path, page(f"when = '''{when}'''"), **files)


def told(pack: Pack, **facts: Any) -> Interview:
    return begin(pack, UNANSWERED, ON, somebody(pack, **facts))


def asks(interview: Interview) -> str:
    question = next_question(interview)
    return "" if question is None else question.gate.name if isinstance(question, Checklist) else question.fact.name


def test_what_stands_behind_a_condition_is_asked_after_it(tmp_path: Path) -> None:
    interview = told(law(tmp_path, 'care.permanent and study.form == "full_time" and home.town == "x"'), date__notice=DAYS[0], date__dispatch=DAYS[0])
    assert asks(interview) == "care.permanent"
    assert [one.fact.name for one in choices(interview) if not isinstance(one, Checklist)] == ["care.permanent"]
    interview = answer(interview, choices(interview)[0], True)
    assert asks(interview) == "study.form"
    assert asks(answer(interview, choices(interview)[0], "none")) == ""


def test_rows_are_counted_first_and_looked_at_only_where_enough_are_left(tmp_path: Path) -> None:
    interview = told(law(tmp_path, "count(c.dependent and c.grade >= 2 for c in children) >= 2"), date__notice=DAYS[0], date__dispatch=DAYS[0])
    counting = next_question(interview)
    assert isinstance(counting, HowMany)
    assert asks(answer(interview, counting, Count(1))) == ""
    interview = answer(interview, counting, Count(3))
    column = next_question(interview)
    assert isinstance(column, Column)
    assert (column.field, column.rows) == ("dependent", (0, 1, 2))
    assert asks(answer(interview, column, (False, True, False))) == ""
    interview = answer(interview, column, (False, True, True))
    column = next_question(interview)
    assert isinstance(column, Column)
    assert (column.field, column.rows) == ("grade", (1, 2))
    assert finding(answer(interview, column, (exactly(2), exactly(3)))).verdict == "deferred"


def test_a_list_that_may_have_more_rows_never_clears(tmp_path: Path) -> None:
    interview = told(law(tmp_path, "any(c.dependent for c in children)"))
    question = next_question(interview)
    assert question is not None
    interview = answer(interview, question, Count(1, open_ended=True))
    column = next_question(interview)
    assert isinstance(column, Column)
    assert finding(answer(interview, column, (False,))).verdict == "open"
    assert finding(answer(interview, column, (True,))).verdict == "deferred"


def test_where_clear_is_out_of_reach_only_what_can_protect_is_asked(tmp_path: Path) -> None:
    pages = {"G": page("when = 'person.alive'"), "H": page("when = 'care.permanent and reading(\"STEP\")'", "H")}
    pack = small_pack(tmp_path, pages)
    interview = begin(pack, UNANSWERED, ON, somebody(pack))
    alive = next(one for one in choices(interview) if one.cells == {"person.alive"})
    assert {one.cells for one in choices(interview)} == {frozenset({"person.alive"}), frozenset({"care.permanent"})}
    unknown = answer(interview, alive, None)
    assert choices(unknown) == []
    assert finding(unknown).verdict == "open"


def test_the_day_is_asked_first_and_stands_for_the_notice_only_where_he_says_so(tmp_path: Path) -> None:
    pack = law(tmp_path, 'date.notice > date("2022-10-20")')
    interview = begin(pack, UNANSWERED)
    assert asks(interview) == "date.decision"
    interview = answer(interview, Single(pack.vocabulary["date.decision"]), ON)
    assert asks(interview) == "date.notice"
    later = answer(interview, Single(pack.vocabulary["date.notice"]), exactly(day_number(DAYS[2])))
    assert finding(later).verdict == "deferred"
    fallback = answer(begin(pack, UNANSWERED), Single(pack.vocabulary["date.decision"]), None)
    assert asks(fallback) == "date.notice"
    assert answer(fallback, Single(pack.vocabulary["date.notice"]), ON).days.on == ON


def test_a_question_names_the_grounds_that_it_can_decide(tmp_path: Path) -> None:
    interview = told(law(tmp_path, "person.alive"))
    question = next_question(interview)
    assert question is not None
    assert list(concerned(interview, question)) == list(live_grounds(interview)) != []
    assert 1 <= if_denied(interview) <= at_most(interview)


@pytest.mark.parametrize("reply", [Count(1), (True,), (None, None)])
def test_a_reply_of_another_kind_is_refused(reply: Reply, tmp_path: Path) -> None:
    interview = told(law(tmp_path, "person.alive"))
    question = next_question(interview)
    assert question is not None
    with pytest.raises(Unfit, match="takes one answer"):
        answer(interview, question, reply)
