"""Hand-written packs of one ground: why a finding is open, what stands beside it, and the days that count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from frames import differences, frames_of, in_bulk, one_by_one
from small import FACTS, PACK, find, page, small_pack, somebody, truth, write_pack

from rightcall.law.pack import Pack, load_pack
from rightcall.law.question import UNANSWERED, Answer, Readings, answered
from rightcall.law.reason import Finding
from rightcall.law.value import Span, day_number

ON = date(2022, 10, 10)
YES: Mapping[str, bool] = {"dependent": True}


def span(low: date, high: date) -> Span:
    return Span(day_number(low), day_number(high))


def ground(tmp_path: Path, when: str, more: str = "", **files: str) -> Pack:
    return small_pack(tmp_path, page(f"when = '''{when}'''\n{more}"), **files)


def same_in_bulk(pack: Pack, *people: Mapping[str, Any], on: Span | date | None = ON, readings: Readings = UNANSWERED) -> None:
    """The same people in columns get the same findings."""
    day = span(on, on) if isinstance(on, date) else on
    persons = [somebody(pack, **facts) for facts in people]
    findings = one_by_one(persons, pack, readings, day)
    for finding, row in zip(findings, in_bulk(frames_of(persons, pack), pack, readings, day), strict=True):
        assert not differences(finding, row, pack)


# --- the three passes ---------------------------------------------------------------------------------------------


PASSES = {
    "nobody asked him": ("care.permanent", {}, "ask", ("care.permanent",), ()),
    "only the law is open": ('reading("STEP") and person.alive', {"person__alive": True}, "law", (), ("STEP",)),
    "a record is missing": ("person.alive", {}, "evidence", ("person.alive",), ()),
    "asked and a record": ("care.permanent or person.alive", {}, "evidence", ("person.alive", "care.permanent"), ()),
    "asked and the law": ('care.permanent or reading("STEP")', {}, "law", ("care.permanent",), ("STEP",)),
    "a record and the law": ('person.alive and reading("STEP")', {}, "law", ("person.alive",), ("STEP",)),
    "a record or the law": ('person.alive or reading("STEP")', {}, "evidence", ("person.alive",), ("STEP",)),
    "the answer against him is yes": ('person.alive and not reading("STEP")', {"person__alive": True}, "law", (), ("STEP",)),
    "either answer, by a record": ('reading("STEP") and person.alive or not reading("STEP") and person.alive', {}, "law", ("person.alive",), ("STEP",)),
    "told, he waits for a record": ("care.permanent and person.alive", {"care__permanent": True}, "evidence", ("person.alive",), ()),
}


@pytest.mark.parametrize("name", PASSES)
def test_why_a_finding_is_open(name: str, tmp_path: Path) -> None:
    when, facts, cause, missing, questions = PASSES[name]
    pack = ground(tmp_path, when)
    finding = find(pack, ON, **facts)
    assert (finding.verdict, finding.cause, finding.missing, finding.questions) == ("open", cause, missing, questions)
    assert finding.reasons == (cause,)
    same_in_bulk(pack, facts)


def test_a_list_nobody_asked_for_is_asked(tmp_path: Path) -> None:
    pack = ground(tmp_path, "count(c.dependent for c in children) >= 2", facts=FACTS.replace('ask = "Are these all?"', "unless_told = true"))
    finding = find(pack, ON, children=[YES])
    assert (finding.verdict, finding.cause, finding.missing) == ("open", "ask", ("children.complete",))
    assert find(pack, ON, children=[YES], children__complete=False).cause == "evidence"
    assert find(pack, ON, children=[YES], children__complete=True).verdict == "clear"
    same_in_bulk(pack, {"children": [YES]}, {"children": [YES], "children__complete": False}, {"children": [YES], "children__complete": True}, {})


def test_assumed_words_and_numbers_are_assumed_only_of_what_is_unknown(tmp_path: Path) -> None:
    facts = FACTS.replace('values = ["A", "B", "D", "unknown"]', 'values = ["A", "B", "D", "unknown"]\nunless_told = "A"').replace(
        'none = "absent"', 'none = "absent"\nunless_told = 0'
    )
    pack = ground(tmp_path, 'health.category == "D" or health.grade > 2', facts=facts)
    people = [
        {},
        {"health__category": "B"},
        {"health__grade": [0, 5]},
        {"health__category": "D"},
        {"health__grade": "none"},
        {"health__grade": 1, "health__category": "A"},
    ]
    assert [find(pack, ON, **person).cause for person in people] == ["ask", "ask", "evidence", "", "ask", ""]
    same_in_bulk(pack, *people)


def test_a_settled_finding_has_no_cause(tmp_path: Path) -> None:
    pack = ground(tmp_path, "person.alive")
    for alive, verdict in ((True, "deferred"), (False, "clear")):
        finding = find(pack, ON, person__alive=alive)
        assert (finding.verdict, finding.cause, finding.missing, finding.questions) == (verdict, "", (), ())


def test_a_bar_outranks_a_deferment_and_both_outrank_doubt(tmp_path: Path) -> None:
    pages = {
        "A": page("when = 'person.alive'", id="A"),
        "B": page("when = 'care.permanent'", id="B", effect="bars"),
        "C": page("when = 'health.grade > 1'", id="C", effect="bars"),
    }
    pack = small_pack(tmp_path, pages)
    assert find(pack, ON, person__alive=True, care__permanent=True).verdict == "barred"
    assert find(pack, ON, person__alive=True).verdict == "deferred"
    assert find(pack, ON, person__alive=True).unknown == ("B", "C")
    assert find(pack, ON, person__alive=False).verdict == "open"
    assert find(pack, ON, person__alive=False, care__permanent=False, health__grade=1).verdict == "clear"
    same_in_bulk(
        pack,
        {"person__alive": True, "care__permanent": True},
        {"person__alive": True},
        {"person__alive": False},
        {"person__alive": False, "care__permanent": False, "health__grade": 1},
    )


# --- hinges, promises, breaches, flags ----------------------------------------------------------------------------


def test_a_ground_that_hinges_is_a_promise_until_answered(tmp_path: Path) -> None:
    pack = ground(tmp_path, "person.alive", "hinges_on = 'GSACT'")
    unanswered, yes, negative = (
        find(pack, ON, readings, person__alive=True) for readings in (UNANSWERED, answered({"GSACT": True}), answered({"GSACT": False}))
    )
    assert (unanswered.verdict, unanswered.cause, unanswered.questions, unanswered.promises) == ("open", "law", ("GSACT",), ("G",))
    assert (yes.verdict, yes.grounds, yes.promises) == ("deferred", ("G",), ("G",))
    assert (negative.verdict, negative.promises) == ("clear", ("G",))
    assert find(pack, ON, person__alive=False).promises == ()
    assert find(pack, ON).promises == ()
    for readings in (UNANSWERED, answered({"GSACT": True}), answered({"GSACT": False})):
        same_in_bulk(pack, {"person__alive": True}, {"person__alive": False}, {}, readings=readings)


def test_a_promise_never_changes_the_verdict(tmp_path: Path) -> None:
    pack = small_pack(tmp_path, {"G": page("when = 'person.alive'"), "P": page("when = 'care.permanent'", id="P", effect="promises")})
    finding = find(pack, ON, person__alive=False, care__permanent=True)
    assert (finding.verdict, finding.promises, finding.truths["P"]) == ("clear", ("P",), True)
    assert find(pack, ON, person__alive=False).promises == ()


def test_one_page_may_hold_a_ground_and_a_promise(tmp_path: Path) -> None:
    rules = page("part = 'law'\nwhen = 'person.alive'") + page("part = 'word'\nwhen = 'care.permanent'", effect="promises").partition("What it says.\n")[2]
    pack = small_pack(tmp_path, rules)
    finding = find(pack, ON, person__alive=False, care__permanent=True)
    assert (finding.verdict, finding.truths["G"], finding.promises) == ("clear", False, ("G",))
    same_in_bulk(pack, {"person__alive": False, "care__permanent": True}, {"person__alive": True, "care__permanent": False})


@pytest.mark.parametrize(
    ("more", "defects"),
    [("", ("R",)), ("concerns = 'call-up'", ("R",)), ("concerns = 'campaign'", ()), ("concerns = 'claim'", ()), ("before = 'notice'", ("R",))],
)
def test_a_breach_is_a_defect_of_the_call_up_alone(more: str, defects: tuple[str, ...], tmp_path: Path) -> None:
    pack = small_pack(tmp_path, {"G": page("when = 'person.alive'"), "R": page(f"when = 'care.permanent'\n{more}", id="R", effect="requires")})
    finding = find(pack, ON, person__alive=False, care__permanent=True)
    assert (finding.verdict, finding.defects, finding.truths["R"]) == ("clear", defects, True)
    assert find(pack, ON, person__alive=False).defects == ()


def test_flags_are_shown_beside_what_holds_and_only_there(tmp_path: Path) -> None:
    pack = ground(tmp_path, "person.alive", "flags = [{ point = 'STEP', when = 'care.permanent' }, { point = 'GSACT' }]")
    assert find(pack, ON, person__alive=True, care__permanent=True).flags == ("STEP", "GSACT")
    assert find(pack, ON, person__alive=True, care__permanent=False).flags == ("GSACT",)
    assert find(pack, ON, person__alive=True).flags == ("GSACT",)
    assert find(pack, ON, person__alive=False, care__permanent=True).flags == ()
    assert find(pack, ON).flags == ()
    assert find(pack, ON, answered({"GSACT": False}), person__alive=True).flags == ()
    for facts in ({"person__alive": True, "care__permanent": True}, {"person__alive": True}):
        assert find(pack, ON, **facts).verdict == "deferred", "a flag never changes a verdict"


def test_a_flag_stands_beside_its_own_rule(tmp_path: Path) -> None:
    rules = (
        page("part = 'x'\nwhen = 'person.alive'\nflags = [{ point = 'STEP' }]") + page("part = 'y'\nwhen = 'care.permanent'").partition("What it says.\n")[2]
    )
    pack = small_pack(tmp_path, rules)
    assert find(pack, ON, person__alive=True, care__permanent=False).flags == ("STEP",)
    assert find(pack, ON, person__alive=False, care__permanent=True).flags == ()


def test_a_missing_fact_that_is_a_legal_evaluation_shows_its_point(tmp_path: Path) -> None:
    facts = FACTS.replace('["person.alive"]\ntype = "bool"', '["person.alive"]\ntype = "bool"\npoint = "STEP"')
    pack = ground(tmp_path, "person.alive", facts=facts)
    assert find(pack, ON).flags == ("STEP",)
    assert find(pack, ON, person__alive=True).flags == ()


# --- days ---------------------------------------------------------------------------------------------------------


def test_the_day_that_counts_hangs_on_its_question(tmp_path: Path) -> None:
    pack = ground(tmp_path, "on < date('2022-10-08')".replace("'", '"'))
    finding = find(pack, ON, date__notice=date(2022, 10, 7))
    assert (finding.verdict, finding.cause, finding.questions, finding.missing) == ("open", "law", ("REFDATE",), ())
    assert find(pack, ON, answered({"REFDATE": True}), date__notice=date(2022, 10, 7)).grounds == ("G",)
    assert find(pack, ON, answered({"REFDATE": False}), date__notice=date(2022, 10, 7)).verdict == "clear"
    assert find(pack, ON, date__notice=date(2022, 10, 8)).verdict == "clear"
    assert find(pack, ON).verdict == "clear", "a notice nobody recorded counts as of the day"
    assert find(pack, ON, date__dispatch=date(2022, 10, 7)).questions == ("REFDATE",)
    people = [
        {"date__notice": date(2022, 10, 7)},
        {"date__notice": date(2022, 10, 8)},
        {},
        {"date__dispatch": date(2022, 10, 7)},
        {"date__notice": [date(2022, 10, 7), date(2022, 10, 9)]},
    ]
    for readings in (UNANSWERED, answered({"REFDATE": True}), answered({"REFDATE": False})):
        same_in_bulk(pack, *people, readings=readings)


def test_one_of_the_other_days_is_enough(tmp_path: Path) -> None:
    pack = ground(tmp_path, 'on < date("2022-10-08")')
    early, late = date(2022, 10, 7), date(2022, 10, 9)
    people = [{"date__notice": one, "date__dispatch": other} for one in (early, late) for other in (early, late)]
    yes, negative = answered({"REFDATE": True}), answered({"REFDATE": False})
    assert [truth(pack, ON, yes, **facts) for facts in people] == [True, True, True, False]
    assert [truth(pack, ON, **facts) for facts in people] == [None, None, None, False]
    assert [truth(pack, ON, negative, **facts) for facts in people] == [False] * 4
    unsure = {"date__notice": early, "date__dispatch": [early, late]}
    assert (truth(pack, ON, yes, **unsure), truth(pack, ON, **unsure), truth(pack, ON, negative, **unsure)) == (True, None, False)
    for readings in (UNANSWERED, yes, negative):
        same_in_bulk(pack, *people, unsure, readings=readings)


def test_a_ground_on_the_day_itself_needs_no_other_and_is_flagged(tmp_path: Path) -> None:
    pack = ground(tmp_path, 'on > date("2022-10-08")')
    finding = find(pack, ON, date__notice=date(2022, 10, 7))
    assert (finding.verdict, finding.flags, finding.questions) == ("deferred", ("REFDATE",), ())
    assert find(pack, ON, date__notice=date(2022, 10, 9)).flags == ()


def test_the_day_may_be_each_persons_own_or_unknown(tmp_path: Path) -> None:
    pack = ground(tmp_path, 'on < date("2022-10-08")')
    people = [
        {"date__decision": date(2022, 10, 7)},
        {"date__decision": date(2022, 10, 8)},
        {},
        {"date__decision": [date(2022, 10, 1), date(2022, 10, 9)]},
        {"date__notice": date(2022, 10, 7)},
    ]
    findings = one_by_one([somebody(pack, **facts) for facts in people], pack, UNANSWERED, None)
    assert [finding.truths["G"] for finding in findings] == [True, False, None, None, None]
    assert findings[2].missing == findings[3].missing == ("date.decision",)
    assert findings[4].questions == ("REFDATE",)
    same_in_bulk(pack, *people, on=None)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (date(2022, 10, 5), date(2022, 10, 9), True),
        (date(2022, 10, 4), date(2022, 10, 9), None),
        (date(2022, 10, 5), date(2022, 10, 10), None),
        (date(2022, 10, 4), date(2022, 10, 10), None),
        (date(2022, 10, 1), date(2022, 10, 4), False),
        (date(2022, 10, 10), date(2022, 10, 20), False),
    ],
)
def test_days_in_force_are_half_open_and_three_valued(low: date, high: date, expected: bool | None, tmp_path: Path) -> None:
    pack = ground(tmp_path, "person.alive", "from = 2022-10-05\nuntil = 2022-10-10")
    finding = find(pack, span(low, high), person__alive=True)
    assert finding.truths["G"] is expected
    assert finding.missing == (("date.decision",) if expected is None else ())
    same_in_bulk(pack, {"person__alive": True}, {}, on=span(low, high))
    same_in_bulk(pack, {"person__alive": True, "date__decision": [low, high]}, {"person__alive": True, "date__decision": low}, on=None)


def test_the_exception_and_the_alternatives(tmp_path: Path) -> None:
    rules = (
        page("part = 'x'\nwhen = 'person.alive'\nunless = 'care.permanent'\nuntil = 2022-10-05")
        + page("part = 'y'\nwhen = 'health.grade > 1'\nfrom = 2022-10-05").partition("What it says.\n")[2]
    )
    pack = small_pack(tmp_path, rules, facts=FACTS.replace("unless_told = false\n", ""))
    before, after = date(2022, 10, 4), date(2022, 10, 5)
    assert truth(pack, before, person__alive=True, care__permanent=False) is True
    assert truth(pack, before, person__alive=True, care__permanent=True) is False
    assert truth(pack, before, person__alive=True) is None
    assert truth(pack, after, person__alive=True, care__permanent=False, health__grade=1) is False
    assert truth(pack, after, health__grade=2) is True
    assert truth(pack, before, health__grade=2, person__alive=False) is False
    assert truth(pack, span(before, after), person__alive=True, care__permanent=False, health__grade=2) is None, (
        "true on each day, by another rule; sound, not exact"
    )


# --- ages ---------------------------------------------------------------------------------------------------------


BORN = {"person__birth_date": date(2006, 10, 10)}


@pytest.mark.parametrize(
    ("on", "under", "reached", "questions"),
    [(date(2022, 10, 9), True, False, ()), (date(2022, 10, 10), None, True, ("BDAY",)), (date(2022, 10, 11), False, True, ())],
)
def test_under_is_open_on_the_birthday_and_reached_is_true(on: date, under: bool | None, reached: bool, questions: tuple[str, ...], tmp_path: Path) -> None:
    young, old = ground(tmp_path / "a", "under(person.birth_date, 16)"), ground(tmp_path / "b", "reached(person.birth_date, 16)")
    assert truth(young, on, **BORN) is under
    assert find(young, on, **BORN).questions == questions
    assert truth(old, on, **BORN) is reached
    assert find(old, on, **BORN).questions == ()
    assert find(old, on, **BORN).flags == questions
    for pack in (young, old):
        same_in_bulk(pack, BORN, {}, {"person__birth_date": [date(2006, 10, 9), date(2006, 10, 11)]}, on=on)


def test_on_the_birthday_the_answer_decides_under_and_nothing_else(tmp_path: Path) -> None:
    young, old = ground(tmp_path / "a", "under(person.birth_date, 16)"), ground(tmp_path / "b", "reached(person.birth_date, 16)")
    yes, negative = answered({"BDAY": True}), answered({"BDAY": False})
    assert (truth(young, ON, yes, **BORN), truth(young, ON, negative, **BORN)) == (True, False)
    assert (find(old, ON, yes, **BORN).flags, find(old, ON, yes, **BORN).truths["G"], find(old, ON, negative, **BORN).truths["G"]) == ((), True, True)
    for shift in (9, 11):
        assert truth(young, date(2022, 10, shift), yes, **BORN) is truth(young, date(2022, 10, shift), negative, **BORN)
    for readings in (yes, negative):
        same_in_bulk(
            young,
            BORN,
            {"person__birth_date": [date(2006, 10, 9), date(2006, 10, 10)]},
            {"person__birth_date": [date(2006, 10, 10), date(2006, 10, 11)]},
            readings=readings,
        )


def test_the_birthday_is_never_against_him_in_the_third_pass(tmp_path: Path) -> None:
    """Answered against the person on the birthday: not under the age, under it where that hurts."""
    assert find(ground(tmp_path / "a", "under(person.birth_date, 16)"), ON, **BORN).cause == "law"
    pack = ground(tmp_path / "b", "not under(person.birth_date, 16)")
    assert find(pack, ON, **BORN).cause == "law"
    same_in_bulk(pack, BORN)


@pytest.mark.parametrize(("leap", "reached"), [("1 March", date(2022, 3, 1)), ("28 February", date(2022, 2, 28))])
def test_a_leap_day_falls_where_the_pack_says(leap: str, reached: date, tmp_path: Path) -> None:
    pack = ground(tmp_path, "reached(person.birth_date, 18)", pack=PACK.replace("1 March", leap))
    for on in (date(2022, 2, 27), date(2022, 2, 28), date(2022, 3, 1), date(2022, 3, 2)):
        assert truth(pack, on, person__birth_date=date(2004, 2, 29)) is (on >= reached)
        same_in_bulk(pack, {"person__birth_date": date(2004, 2, 29)}, on=on)


def test_an_age_within_bounds_of_birth(tmp_path: Path) -> None:
    pack = ground(tmp_path, "under(person.birth_date, 16)")
    for low, high, expected in ((11, 20, True), (10, 20, None), (1, 9, False), (1, 11, None)):
        facts = {"person__birth_date": [date(2006, 10, low), date(2006, 10, high)]}
        assert truth(pack, ON, **facts) is expected
        same_in_bulk(pack, facts)
    assert find(pack, ON, person__birth_date=[date(2006, 10, 1), date(2006, 10, 20)]).missing == ("person.birth_date",)
    assert find(pack, ON, person__birth_date=[date(2006, 10, 1), date(2006, 10, 20)]).questions == (), "unknown under either answer"
    nearly = find(pack, ON, person__birth_date=[date(2006, 10, 9), date(2006, 10, 10)])
    assert (nearly.missing, nearly.questions) == (("person.birth_date",), ("BDAY",))


# --- readings -----------------------------------------------------------------------------------------------------


def test_readings_hold_for_their_days_and_parts(tmp_path: Path) -> None:
    rules = (
        page("part = 'x'\nwhen = 'person.alive and reading(\"STEP\")'")
        + page("part = 'y'\nwhen = 'care.permanent and reading(\"STEP\")'").partition("What it says.\n")[2]
    )
    write_pack(tmp_path, rules)
    (tmp_path / "readings").mkdir()
    text = 'title = "A court"\n[[reading]]\nquestion = "STEP"\nanswer = true\nfrom = 2022-10-05\nuntil = 2022-10-10\nparts = ["G/x"]\n'
    (tmp_path / "readings" / "court.toml").write_text(text, "utf-8")
    pack = load_pack(tmp_path)
    court = pack.readings("court")
    assert (pack.readings_names, court.title) == (("court",), "A court")
    in_x, in_y = {"person__alive": True, "care__permanent": False}, {"person__alive": False, "care__permanent": True}
    for day, expected in ((4, None), (5, True), (9, True), (10, None)):
        assert truth(pack, date(2022, 10, day), court, **in_x) is expected
        assert truth(pack, date(2022, 10, day), court, **in_y) is None
        same_in_bulk(pack, in_x, in_y, on=date(2022, 10, day), readings=court)
    assert truth(pack, span(date(2022, 10, 5), date(2022, 10, 9)), court, **in_x) is True
    assert truth(pack, span(date(2022, 10, 5), date(2022, 10, 10)), court, **in_x) is None
    people = [{**in_x, "date__decision": date(2022, 10, day)} for day in (4, 5, 9, 10)]
    same_in_bulk(pack, *people, on=None, readings=court)


def test_an_answer_beyond_its_days_is_no_answer() -> None:
    readings = Readings("x", (Answer("STEP", True, start=10, end=20),))
    assert [readings.read("STEP", "", Span(low, high)) for low, high in ((10, 19), (9, 10), (19, 20), (20, 20))] == [1, 3, 3, 3]
    assert readings.read("GSACT", "", Span(10, 10)) == 3
    assert readings.edges == (10, 20)


# --- parameters ---------------------------------------------------------------------------------------------------


def test_a_dated_parameter_and_its_hull_over_a_bounded_day(tmp_path: Path) -> None:
    pack = ground(tmp_path, "count(c.dependent for c in children) >= children_needed")
    three = {"children": [YES] * 3, "children__complete": True}
    assert truth(pack, date(2022, 10, 4), **three) is True
    assert truth(pack, date(2022, 10, 5), **three) is False
    across = span(date(2022, 10, 4), date(2022, 10, 5))
    assert truth(pack, across, **three) is None
    assert find(pack, across, **three).missing == ("date.decision",)
    assert truth(pack, across, children=[YES] * 4) is True
    assert truth(pack, across, children=[YES] * 2, children__complete=True) is False
    same_in_bulk(pack, three, {"children": [YES] * 4}, {"children": [YES] * 2, "children__complete": True}, {"children": [YES] * 2}, on=across)
    same_in_bulk(pack, *({**three, "date__decision": date(2022, 10, day)} for day in (4, 5, 6)), on=None)


TABLE = "health.grade > age_limit[military.rank_group]"


@pytest.mark.parametrize(
    ("rank", "grade", "expected"),
    [
        ("private", 36, True), ("private", 35, False), ("officer", 36, False), ("officer", 51, True), ("general", 99, False), ("general", 1, False),
        (None, 35, False), (None, 36, None), (None, 51, None), (None, None, None), ("general", None, False), ("private", "none", False), (None, "none", False),
    ],
)  # fmt: skip
def test_a_table_with_a_none_and_an_unknown_subscript(rank: str | None, grade: Any, expected: bool | None, tmp_path: Path) -> None:
    """Unknown subscript: the hull of the table, which may be none as well; so it can be false for sure, but never true."""
    pack = ground(tmp_path, TABLE)
    facts = {name: value for name, value in (("military__rank_group", rank), ("health__grade", grade)) if value is not None}
    assert truth(pack, ON, **facts) is expected
    same_in_bulk(pack, facts)


def test_the_missing_subscript_is_named(tmp_path: Path) -> None:
    pack = ground(tmp_path, TABLE)
    assert find(pack, ON, health__grade=40).missing == ("military.rank_group",)
    assert find(pack, ON).missing == ("health.grade", "military.rank_group")
    assert find(pack, ON, military__rank_group="private").missing == ("health.grade",)


def test_not_of_a_table_that_may_be_none(tmp_path: Path) -> None:
    pack = ground(tmp_path, f"not {TABLE}")
    assert truth(pack, ON, military__rank_group="general", health__grade=99) is True
    assert truth(pack, ON, health__grade=99) is None
    assert truth(pack, ON, health__grade=1) is True
    same_in_bulk(pack, {"military__rank_group": "general", "health__grade": 99}, {"health__grade": 99}, {"health__grade": 1})


def test_a_count_against_a_table_that_may_be_none(tmp_path: Path) -> None:
    parameters = '+[[needed]]\nby = "military.rank_group"\nvalue = { private = 1, officer = 2, general = "none" }\ncite = "c"\n'
    pack = ground(tmp_path, "count(c.dependent for c in children) >= needed[military.rank_group]", parameters=parameters)
    complete = {"children__complete": True}
    assert truth(pack, ON, children=[YES] * 5) is None, "a general needs no number at all, so none is enough"
    assert truth(pack, ON, children=[YES] * 5, military__rank_group="general") is False
    assert truth(pack, ON, children=[YES], military__rank_group="private") is True
    assert truth(pack, ON, children=[], **complete) is False
    assert find(pack, ON, children=[YES] * 5, **complete).missing == ("military.rank_group",)
    same_in_bulk(
        pack,
        {"children": [YES] * 5},
        {"children": [YES] * 5, "military__rank_group": "general"},
        {"children": [YES], "military__rank_group": "private"},
        {"children": [YES] * 5, **complete},
    )


def test_an_age_by_a_table(tmp_path: Path) -> None:
    pack = ground(tmp_path, "reached(person.birth_date, age_limit[military.rank_group])")
    born = {"person__birth_date": date(1980, 10, 10)}
    ranks = [{**born, "military__rank_group": rank} for rank in ("private", "officer", "general")]
    assert [truth(pack, ON, **facts) for facts in [*ranks, born]] == [True, False, False, None]
    old = {"person__birth_date": date(1950, 10, 10)}
    assert truth(pack, ON, **old) is None, "a general has no age limit"
    same_in_bulk(pack, *ranks, born, old, {})


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (">= 2", [True, True, None, False, None, None]),
        ("> 1", [True, True, None, False, None, None]),
        ("< 2", [False, False, None, True, None, None]),
        ("<= 1", [False, False, None, True, None, None]),
        ("== 2", [True, None, None, False, None, None]),
        ("!= 2", [False, None, None, True, None, None]),
        ("== 0", [False, False, False, False, None, None]),
        (">= 0", [True, True, True, True, True, True]),
        ("> 3", [False, None, None, False, False, None]),
    ],
)
def test_counts_of_what_is_known_and_what_is_not(operator: str, expected: list[bool | None], tmp_path: Path) -> None:
    pack = ground(tmp_path, f"count(c.dependent for c in children) {operator}")
    nobody_knows: dict[str, Any] = {}
    people = [
        {"children": [YES, YES, {"dependent": False}], "children__complete": True},
        {"children": [YES, YES]},
        {"children": [YES], "children__complete": False},
        {"children": [YES, {"dependent": False}], "children__complete": True},
        {"children": [{}, {"grade": 1}, {}], "children__complete": True},
        nobody_knows,
    ]
    assert [truth(pack, ON, **facts) for facts in people] == expected
    same_in_bulk(pack, *people)


def test_what_a_count_waits_for(tmp_path: Path) -> None:
    pack = ground(tmp_path, "count(c.dependent for c in children) >= 2")
    assert find(pack, ON).missing == ("children.complete",)
    assert find(pack, ON, children=[YES, {}]).missing == ("children.complete", "children[].dependent")
    assert find(pack, ON, children=[YES, {}], children__complete=True).missing == ("children[].dependent",)
    assert find(pack, ON, children=[{"dependent": False}, {}], children__complete=True).verdict == "clear"


def test_two_counts_of_one_list_do_not_disturb_each_other(tmp_path: Path) -> None:
    same = "count(c.dependent for c in children)"
    pack = ground(tmp_path, f"{same} == 0 or {same} >= 2 and {same} >= 0 or {same} == 1 and person.alive")
    people = [{"children": [YES] * n, "children__complete": True} for n in range(4)]
    assert [truth(pack, ON, **facts) for facts in people] == [True, None, True, True]
    same_in_bulk(pack, *people, {**people[1], "person__alive": True}, {})


def test_a_row_sees_the_person_and_the_day(tmp_path: Path) -> None:
    pack = ground(tmp_path, "any(c.birth_date <= on and c.birth_date > person.birth_date and under(c.birth_date, 16) for c in children)")
    people = [
        {"children": [{"birth_date": date(2010, 1, 1)}], "person__birth_date": date(1990, 1, 1)},
        {"children": [{"birth_date": date(2022, 10, 11)}], "person__birth_date": date(1990, 1, 1), "children__complete": True},
        {"children": [{"birth_date": date(2010, 1, 1)}], "children__complete": True},
        {"children": [{"birth_date": date(2006, 10, 10)}], "person__birth_date": date(1990, 1, 1), "children__complete": True},
    ]
    assert [truth(pack, ON, **facts) for facts in people] == [True, False, None, None]
    same_in_bulk(pack, *people)
    same_in_bulk(pack, *({**facts, "date__decision": date(2022, 10, 10 + n)} for n, facts in enumerate(people)), on=None)


# --- none ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("health.grade == 1", False), ("health.grade != 1", True), ("health.grade < 1", False), ("health.grade >= 1", False), ("health.grade in {1, 2}", False),
        ("health.grade not in {1, 2}", True), ("health.grade + 1 > 0", False), ("not health.grade < 1", True), ("0 < health.grade < 9", False),
    ],
)  # fmt: skip
def test_with_a_number_that_is_none_every_comparison_is_false(when: str, expected: bool, tmp_path: Path) -> None:
    pack = ground(tmp_path, when)
    assert truth(pack, ON, health__grade="none") is expected
    assert truth(pack, ON) is None
    same_in_bulk(pack, {"health__grade": "none"}, {}, {"health__grade": 1}, {"health__grade": [1, 2]}, {"health__grade": [0, "?"]})


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("on < study.until", True), ("on > study.until", False), ("study.until == on", False), ("add(study.until, months=6) > on", True), ("study.until - 10 > on", True),
        ("days_between(on, study.until) > 1000000", True), ("study.since <= on <= study.until", None),
    ],
)  # fmt: skip
def test_an_end_that_is_none_never_comes(when: str, expected: bool | None, tmp_path: Path) -> None:
    pack = ground(tmp_path, when)
    assert truth(pack, ON, study__until="none") is expected
    assert truth(pack, ON) is None
    same_in_bulk(pack, {"study__until": "none"}, {}, {"study__until": ON}, {"study__until": [ON, "?"]}, {"study__until": [date(2022, 1, 1), ON]})


def test_terms_of_months_of_bounded_dates_in_bulk(tmp_path: Path) -> None:
    pack = ground(tmp_path, "add(study.since, months=6) <= on")
    people = [
        {"study__since": date(2022, 4, 10)},
        {"study__since": date(2022, 4, 11)},
        {},
        {"study__since": [date(2022, 4, 1), date(2022, 4, 10)]},
        {"study__since": [date(2022, 4, 1), "?"]},
    ]
    assert [truth(pack, ON, **facts) for facts in people] == [True, False, None, True, None]
    same_in_bulk(pack, *people)
    same_in_bulk(pack, *people[:3])


# --- the finding --------------------------------------------------------------------------------------------------


def test_lists_of_a_finding_are_in_the_order_of_the_pack(tmp_path: Path) -> None:
    pages = {
        id: page(f"when = '{when}'", id=id)
        for id, when in (("A", "study.since < on"), ("B", "person.alive"), ("C", 'reading("STEP")'), ("D", 'reading("GSACT")'))
    }
    finding = find(small_pack(tmp_path, pages), ON)
    assert finding.unknown == ("A", "B", "C", "D")
    assert finding.missing == ("person.alive", "study.since")
    assert finding.questions == ("STEP", "GSACT")


def test_the_grade_is_the_weakest_that_the_finding_rests_on(tmp_path: Path) -> None:
    pages = {"A": page("when = 'person.alive'", id="A"), "B": page("when = 'care.permanent'", id="B").replace('grade = "A"', 'grade = "C"')}
    pack = small_pack(tmp_path, pages)
    both: Finding = find(pack, ON, person__alive=True, care__permanent=True)
    assert (both.grade, find(pack, ON, person__alive=True).grade, find(pack, ON, care__permanent=True).grade) == ("C", "A", "C")


# --- days on which the law says no number ----------------------------------------------------------------------------


def test_before_its_first_value_a_parameter_is_unknown_and_the_day_is_named(tmp_path: Path) -> None:
    parameters = '+[[p]]\nvalue = 2\nfrom = 2022-10-01\ncite = "c"\n'
    pack = ground(tmp_path, "health.grade >= p", parameters=parameters)
    assert truth(pack, date(2022, 9, 30), health__grade=5) is None
    assert find(pack, date(2022, 9, 30), health__grade=5).missing == ("date.decision",)
    assert truth(pack, date(2022, 10, 1), health__grade=5) is True


def test_rows_of_which_nothing_is_known_are_rows(tmp_path: Path) -> None:
    pack = ground(tmp_path, "count(c.dependent for c in children) < 2")
    assert truth(pack, ON, children=[{}, {}], children__complete=True) is None
    assert truth(pack, ON, children=[{}], children__complete=True) is True
    same_in_bulk(pack, {"children": [{}, {}], "children__complete": True}, {"children": [{}], "children__complete": True})
