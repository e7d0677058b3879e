"""The last day of a term: cases as data, and what holds of every term and every calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import page, small_pack, somebody

from conftest import examples
from rightcall.law.deadline import UNITS, Term, Unit, last_day, working_days
from rightcall.law.pack import Pack, find_pack, pack_names
from rightcall.law.problem import Refused
from rightcall.law.question import UNANSWERED
from rightcall.law.reason import days_of
from rightcall.law.value import day_number, exactly
from rightcall.screening.explanation import as_data, as_text, explain

CASES: list[tuple[str, str, Term, str]] = [
    # calendar, event, term, last day
    ("DE", "2027-08-02", Term(14, "days"), "2027-08-16"),
    ("DE", "2027-08-01", Term(14, "days"), "2027-08-15"),  # a Sunday stays where the law does not move it
    ("DE", "2027-08-01", Term(14, "days", True), "2027-08-16"),
    ("DE", "2027-03-12", Term(14, "days", True), "2027-03-30"),  # Good Friday, Saturday, Sunday, Easter Monday
    ("DE", "2026-12-11", Term(14, "days", True), "2026-12-28"),  # Christmas on a Friday, then a weekend
    ("DE", "2026-11-22", Term(1, "months", True), "2026-12-22"),
    ("DE", "2027-01-31", Term(1, "months"), "2027-02-28"),
    ("DE", "2028-01-31", Term(1, "months"), "2028-02-29"),
    ("DE", "2027-01-31", Term(1, "months", True), "2027-03-01"),
    ("DE", "2028-02-29", Term(1, "years"), "2029-02-28"),
    ("DE", "2026-12-23", Term(1, "working_days"), "2026-12-24"),
    ("DE", "2026-12-23", Term(2, "working_days"), "2026-12-28"),
    ("DE-BY", "2027-01-05", Term(1, "days", True), "2027-01-07"),  # Epiphany is a holiday in Bavaria
    ("DE", "2027-01-05", Term(1, "days", True), "2027-01-06"),
    ("RU", "2022-03-04", Term(1, "days", True), "2022-03-05"),  # a Saturday that the state made a working day
    ("RU", "2022-10-03", Term(1, "months", True), "2022-11-03"),
    ("RU", "2022-10-04", Term(1, "months", True), "2022-11-07"),  # Unity Day on a Friday
    ("US", "2027-04-01", Term(15, "days"), "2027-04-16"),
    ("US", "2026-07-02", Term(1, "days", True), "2026-07-06"),  # 4 July on a Saturday is kept on the Friday before
    ("UA", "2026-04-15", Term(12, "months"), "2027-04-15"),
    ("UA", "2021-08-20", Term(1, "working_days"), "2021-08-25"),  # a weekend, a day off in exchange, Independence Day
]


@pytest.mark.parametrize(("calendar", "event", "term", "last"), CASES)
def test_last_days(calendar: str, event: str, term: Term, last: str) -> None:
    assert last_day(date.fromisoformat(event), term, working_days(calendar)) == date.fromisoformat(last)


days = st.dates(date(1995, 1, 1), date(2045, 1, 1))
terms = st.builds(Term, st.integers(1, 60), st.sampled_from(UNITS), st.booleans())
calendars = st.sampled_from(sorted({find_pack(name).calendar for name in pack_names()})).map(working_days)


@settings(max_examples=examples(200))
@given(event=days, term=terms, is_working_day=calendars)
def test_a_deadline_is_never_on_a_holiday_where_the_law_moves_it(event: date, term: Term, is_working_day: Callable[[date], bool]) -> None:
    day = last_day(event, term, is_working_day)
    assert day > event
    unmoved = last_day(event, term._replace(moves=False), is_working_day)
    if term.moves:
        assert is_working_day(day)
        assert not any(is_working_day(unmoved + timedelta(days=n)) for n in range((day - unmoved).days))
    else:
        assert day == unmoved


@settings(max_examples=examples(100))
@given(event=days, number=st.integers(1, 60), is_working_day=calendars)
def test_working_days_are_counted_from_the_day_after(event: date, number: int, is_working_day: Callable[[date], bool]) -> None:
    day = last_day(event, Term(number, "working_days"), is_working_day)
    between = [event + timedelta(days=n) for n in range(1, (day - event).days + 1)]
    assert sum(is_working_day(one) for one in between) == number
    assert is_working_day(day)


@settings(max_examples=examples(100))
@given(event=days, later=st.integers(0, 40), number=st.integers(1, 30), unit=st.sampled_from(UNITS), moves=st.booleans(), is_working_day=calendars)
def test_a_later_event_never_ends_earlier(event: date, later: int, number: int, unit: Unit, moves: bool, is_working_day: Callable[[date], bool]) -> None:
    term = Term(number, unit, moves)
    assert last_day(event + timedelta(days=later), term, is_working_day) >= last_day(event, term, is_working_day)


@pytest.mark.parametrize("calendar", ["", "XX", "DE-XX"])
def test_a_calendar_that_nobody_keeps_is_refused(calendar: str) -> None:
    with pytest.raises(Refused, match="there is no calendar"):
        working_days(calendar)


# --- in a pack ----------------------------------------------------------------------------------------------------

HEAD = 'id = "small"\ntitle = "A small pack"\ncountry = "XX"\ncalendar = "DE"\n[reference]\non = "date.decision"\n[birthday]\nquestion = "BDAY"\n'
OBJECTION = """[deadlines]
told = "in words only"
[deadlines.objection]
says = "to object"
after = "date.notice"
days = "terms"
moves = true
when = 'person.alive'
cite = "art. 9"
grade = "B"
"""
TERMS = """+[[terms]]
until = 2027-01-01
value = 7
cite = "art. 9"
[[terms]]
from = 2027-01-01
value = 14
cite = "art. 9"
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"), page("when = 'person.alive'"), pack=HEAD + OBJECTION, parameters=TERMS)


def due(pack: Pack, **facts: object) -> list[dict[str, str]]:
    person, on = days_of(somebody(pack, **facts), pack, exactly(day_number(date(2027, 9, 1))))
    explanation = explain("p", person, pack, UNANSWERED, on)
    found: list[dict[str, str]] = as_data(explanation)["due"]
    assert len(found) == as_text(explanation).count("that day included")
    return found


def test_a_term_runs_by_the_law_of_the_day_of_its_event(pack: Pack) -> None:
    assert due(pack, date__notice="2027-08-01") == [{"deadline": "objection", "after": "date.notice", "event": "2027-08-01", "last_day": "2027-08-16"}]
    assert due(pack, date__notice="2026-12-31")[0]["last_day"] == "2027-01-07"


def test_it_is_shown_unless_it_does_not_concern_him(pack: Pack) -> None:
    assert len(due(pack, date__notice="2027-08-01", person__alive=True)) == 1
    assert due(pack, date__notice="2027-08-01", person__alive=False) == []
    assert due(pack, date__notice=["2027-08-01", "2027-08-02"]) == []
    assert due(pack) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('days = "terms"', 'days = "term"'), "`days` cannot be `term`"),
        (('days = "terms"', 'days = "first_day"'), "`first_day` is no number of days"),
        (('days = "terms"', "days = 0"), "`days` cannot be 0"),
        (('days = "terms"', "days = 1.5"), "`days` must be an integer"),
        (('days = "terms"', ""), "the deadline `objection` needs one term"),
        (('days = "terms"', "days = 1\nmonths = 1"), "the deadline `objection` needs one term"),
        (("date.notice", "date.notise"), "`date.notise` is not a date fact"),
        (("date.notice", "person.alive"), "`person.alive` is not a date fact"),
        (("person.alive", "person.aliv"), "unknown fact `person.aliv`"),
        (('cite = "art. 9"', ""), "lacks `cite`"),
        (('calendar = "DE"', 'calendar = "XX"'), "there is no calendar `XX`"),
        (('told = "in words only"', "told = 3"), "`told` must be a text"),
    ],
)
def test_a_deadline_that_cannot_be_computed_is_refused(change: tuple[str, str], says: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        small_pack(tmp_path, page("when = 'person.alive'"), pack=(HEAD + OBJECTION).replace(*change), parameters=TERMS if "first_day" not in change[1] else "+")
    assert any(says in problem.message for problem in refused.value.problems), refused.value


def test_the_calendar_of_every_pack_is_kept() -> None:
    for name in pack_names():
        assert working_days(find_pack(name).calendar)(date(2027, 3, 3)) is True
