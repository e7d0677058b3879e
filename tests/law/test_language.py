"""Properties of the language on random packs and random people: the readers agree, doubt is sound, settled stays settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

import pytest
from frames import differences, frames_of, in_bulk, one_by_one
from hypothesis import given, settings
from hypothesis import strategies as st
from random_law import (
    DAYS,
    EPOCH,
    NONE,
    OFTEN,
    QUESTIONS,
    UNKNOWN,
    Dice,
    Knobs,
    Known,
    Law,
    Somebody,
    World,
    completed,
    learnt,
    make_law,
    make_people,
    make_somebody,
    world_of,
)

from conftest import examples
from rightcall.law.person import Person
from rightcall.law.question import Readings, answered
from rightcall.law.reason import Days, Finding, days_of, judge
from rightcall.law.value import ABSENT, ANY, Span, day_number, exactly

RANDOMS = st.randoms(use_true_random=False)
IN_BULK = Knobs(sums=1, depth=2, provisions=3)


def random_on(dice: Dice) -> Span | None:
    """A run's own day, exact or bounded, or each person's own."""
    some_day = exactly(day_number(dice.one(OFTEN)))
    return dice.one([None, None, some_day, some_day, Span(day_number(DAYS[0]), day_number(DAYS[dice.number(1, 3)]))])


@dataclass(frozen=True)
class Judged:
    """Somebody with the days he is judged on, and what was found."""

    somebody: Somebody
    person: Person
    days: Days
    finding: Finding

    @property
    def on(self) -> Span:
        return self.days.on


def judged(law: Law, dice: Dice, doubt: int | None = None) -> Judged:
    somebody = make_somebody(law, dice, doubt)
    person, days = days_of(somebody.person(law), law.pack, random_on(dice))
    return Judged(somebody, person, days, judge(person, law.pack, law.readings, days))


# --- (a) reason and bulk ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["own day", "own notice", "one day", "bounded day"])
@settings(max_examples=examples(5))
@given(random=RANDOMS)
def test_bulk_says_what_reason_says(shape: str, random: Random) -> None:
    dice = Dice(random)
    law = make_law(random, IN_BULK)
    people = [somebody.person(law) for somebody in make_people(law, dice, 20)]
    bounded = Span(day_number(DAYS[0]), day_number(DAYS[dice.number(1, 3)]))
    on = {"one day": exactly(day_number(dice.one(OFTEN))), "bounded day": bounded}.get(shape)
    fact = "date.notice" if shape == "own notice" else ""
    rows = in_bulk(frames_of(people, law.pack, bounds=dice.chance(30)), law.pack, law.readings, on, fact)
    findings = one_by_one(people, law.pack, law.readings, on, fact)
    for person, finding, row in zip(people, findings, rows, strict=True):
        assert not differences(finding, row, law.pack), person


# --- (b) settled stays settled ------------------------------------------------------------------------------------


@settings(max_examples=examples(40))
@given(random=RANDOMS)
def test_what_is_settled_stays_settled_whatever_is_learnt(random: Random) -> None:
    """The Theorem, in steps of one fact each; pack, readings and days fixed."""
    dice = Dice(random)
    law = make_law(random)
    for _ in range(3):
        before = judged(law, dice)
        somebody, truths = _filled(before, law), before.finding.truths
        for _ in range(8):
            somebody = learnt(somebody, law, dice)
            after = judge(somebody.person(law), law.pack, law.readings, before.days)
            for id, truth in truths.items():
                assert truth is None or after.truths[id] == truth, (id, somebody)
            truths = after.truths


@settings(max_examples=examples(25))
@given(random=RANDOMS)
def test_what_is_settled_stays_settled_whatever_is_answered(random: Random) -> None:
    dice = Dice(random)
    law = make_law(random)
    for _ in range(5):
        one = judged(law, dice)
        given_answers = answered({question: dice.chance(50) for question in dice.some(QUESTIONS)}).answers
        after = judge(one.person, law.pack, Readings("more", (*law.readings.answers, *given_answers)), one.days)
        for id, truth in one.finding.truths.items():
            assert truth is None or after.truths[id] == truth, (id, one.somebody)


def _filled(one: Judged, law: Law) -> Somebody:
    """With facts that stand for the day judged filled in: they count as known, and a day on record later is another story."""

    def end(number: int, unbounded: int) -> int | None:
        return None if number == unbounded else number + EPOCH

    known = UNKNOWN if one.on == ANY else Known(end(one.on.low, ANY.low), end(one.on.high, ANY.high))
    return replace(one.somebody, facts={name: known if name in law.same_day and value == UNKNOWN else value for name, value in one.somebody.facts.items()})


# --- (c) soundness, against an oracle -----------------------------------------------------------------------------


@settings(max_examples=examples(60))
@given(random=RANDOMS)
def test_what_is_settled_holds_in_every_completion(random: Random) -> None:
    dice = Dice(random)
    law = make_law(random)
    for _ in range(4):
        one = judged(law, dice)
        if one.on == ANY:
            continue
        for world, also in _worlds(one, law, dice, 8):
            for id, truth in one.finding.truths.items():
                assert truth is None or truth == law.ground(id, world, also), (id, one.somebody, world)
            if one.finding.verdict in ("deferred", "clear", "barred"):
                found = law.verdict(world, also)
                assert found == one.finding.verdict or (one.finding.verdict, found) == ("deferred", "barred")


@settings(max_examples=examples(80))
@given(random=RANDOMS)
def test_reason_is_exact_where_everything_is_known(random: Random) -> None:
    """The differential test of ``evaluate``: everything known and answered, it is plain two-valued logic."""
    dice = Dice(random)
    law = make_law(random, Knobs(gaps=False))
    for _ in range(6):
        somebody = completed(make_somebody(law, dice), law, dice)
        day = day_number(dice.one(OFTEN))
        answers = {question: dice.chance(50) for question in QUESTIONS}
        readings = Readings("all", (*law.readings.answers, *answered(answers).answers))
        person, days = days_of(somebody.person(law), law.pack, exactly(day))
        finding = judge(person, law.pack, readings, days)
        world = world_of(somebody, law, day + EPOCH, answers)
        also = [int(somebody.facts[name].low) for name, _ in days.also]
        expected = {id: law.ground(id, world, also) for id in law.provisions}
        assert dict(finding.truths) == expected, somebody
        assert finding.verdict == law.verdict(world, also)


def _worlds(one: Judged, law: Law, dice: Dice, number: int) -> Iterator[tuple[World, list[int]]]:
    """Completions: every fact exact within what is known, unseen rows, a day within its bounds, answers to what is open."""
    for _ in range(number):
        somebody = completed(one.somebody, law, dice)
        facts = dict(somebody.facts)
        if one.days.on == one.person.facts.get("date.decision"):
            day = int(facts["date.decision"].low) - EPOCH
        else:
            day = dice.one([one.on.low, one.on.high, dice.number(one.on.low, one.on.high)])
        for name in law.same_day:
            if one.somebody.facts[name] == UNKNOWN:
                facts[name] = Known(day + EPOCH, day + EPOCH)
        also = [int(facts[name].low) for name, _ in one.days.also if facts[name].low != NONE]
        answers = {question: dice.chance(50) for question in QUESTIONS}
        world = world_of(replace(somebody, facts=facts), law, day + EPOCH, answers)
        yield replace(world, unsaid=dice.number(0, 20)), also


# --- (d) reasons --------------------------------------------------------------------------------------------------


@settings(max_examples=examples(40))
@given(random=RANDOMS)
def test_reasons_are_named_exactly_where_something_is_open(random: Random) -> None:
    dice = Dice(random)
    law = make_law(random)
    for _ in range(6):
        finding = judged(law, dice).finding
        for proof in finding.proofs.values():
            if proof.truth in (1, 2):
                assert not proof.facts
                assert not proof.questions
            else:
                assert proof.facts | proof.questions, proof
        if finding.verdict == "open":
            assert finding.missing or finding.questions
            assert finding.cause
            assert not finding.grounds
        else:
            assert not finding.missing
            assert not finding.questions
            assert not finding.cause


@settings(max_examples=examples(40))
@given(random=RANDOMS)
def test_what_is_missing_is_not_known(random: Random) -> None:
    """A fact named missing is unknown, within bounds, or known in one row and not in another; never known exactly."""
    dice = Dice(random)
    law = make_law(random)
    for _ in range(6):
        one = judged(law, dice)
        for name in one.finding.missing:
            assert _open(name, one, law), name
        assert not [question for question in one.finding.questions if _answered_always(question, law)]


def _open(name: str, one: Judged, law: Law) -> bool:
    listed, dot, field = name.partition("[].")
    if dot:
        return any(not row[field].exact for row in one.somebody.rows[listed])
    if name.endswith(".complete"):
        return one.somebody.complete[name.removesuffix(".complete")] is not True
    value = one.person.facts.get(name)
    days = [one.on, *(span for _, span in one.days.also)]
    day_open = any(not day.exact or not parameter.covers(day) for day in days for parameter in law.pack.parameters.values())
    day_open = day_open and name in (one.days.fact, *(other for other, _ in one.days.also))
    return day_open or value is None or (isinstance(value, Span) and not value.exact) or value is ABSENT


def _answered_always(question: str, law: Law) -> bool:
    return any(asked == question and start is None and end is None and not parts for asked, _, start, end, parts in law.answers)


@settings(max_examples=examples(30))
@given(random=RANDOMS)
def test_answering_every_question_named_leaves_only_facts(random: Random) -> None:
    """Where only questions are named, answering them settles the finding; nothing else stood in the way."""
    dice = Dice(random)
    law = make_law(random)
    for _ in range(6):
        one = judged(law, dice, doubt=5)
        if one.finding.verdict != "open" or one.finding.missing:
            continue
        answers = answered({question: dice.chance(50) for question in one.finding.questions}).answers
        after = judge(one.person, law.pack, Readings("more", (*law.readings.answers, *answers)), one.days)
        assert after.verdict != "open" or after.missing or set(after.questions) - set(one.finding.questions)


# --- the generator itself -----------------------------------------------------------------------------------------


def test_random_people_are_interesting() -> None:
    """True, false and unknown all occur often, and so does every verdict and every cause."""
    truths: dict[object, int] = {}
    seen: dict[object, int] = {}
    for seed in range(60):
        random = Random(seed)
        law = make_law(random)
        for _ in range(8):
            finding = judged(law, Dice(random)).finding
            for proof in finding.proofs.values():
                truths[proof.truth] = truths.get(proof.truth, 0) + 1
            for one in (finding.verdict, finding.cause):
                seen[one] = seen.get(one, 0) + 1
    total = sum(truths.values())
    assert min(truths[1], truths[2]) > 0.1 * total
    assert sum(number for truth, number in truths.items() if truth not in (1, 2)) > 0.1 * total
    assert set(seen) >= {"barred", "deferred", "open", "clear", "ask", "law", "evidence"}


def test_random_laws_use_the_whole_language() -> None:
    text = "\n".join(text for seed in range(80) for name, text in make_law(Random(seed)).files.items() if name not in ("facts.toml", "questions.toml"))
    for word in (
        " and ", " or ", "not ", " in {", " not in {", " == ", " != ", " < ", " <= ", " > ", " >= ", " + ", " - ", "date(", "under(", "reached(", "add(", "days_between(",
        "any(", "count(", "reading(", "term_", "unless =", "hinges_on =", "flags =", "part =", "from =", "until =", "escalation =", "by =", "on ",
    ):  # fmt: skip
        assert word in text, word
