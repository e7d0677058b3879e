"""The calendar as Z3 has it, against the calendar of `days`: on literal dates every formula comes out as a plain number."""

from __future__ import annotations

from datetime import date

import pytest
import z3
from hypothesis import example, given
from hypothesis import strategies as st

from rightcall.law import expression as x
from rightcall.law.days import add_period, age_day
from rightcall.law.evaluate import _sum
from rightcall.law.pack import find_pack
from rightcall.law.proof.anybody import Date, Number, known_date
from rightcall.law.proof.meaning import total
from rightcall.law.proof.standing import prover_of
from rightcall.law.value import FOREVER, UNBOUNDED, Span, as_date, day_number, exactly

ODD = [
    date(*day)
    for day in [(2004, 2, 29), (2022, 8, 31), (2023, 8, 31), (2023, 8, 30), (1900, 2, 28), (2000, 2, 29), (2099, 12, 31), (1850, 1, 1), (2023, 1, 31)]
]
DAYS = st.dates(date(1850, 1, 1), date(2149, 12, 31)) | st.sampled_from(ODD)


def known(day: date) -> Date:
    return known_date(day_number(day))


def as_number(formula: z3.ExprRef) -> int:
    return z3.simplify(formula).as_long()


def as_day(day: Date) -> date:
    return date(as_number(day.year), as_number(day.month) + 1, as_number(day.day))


@given(day=DAYS)
@example(day=date(2024, 2, 29))
@example(day=date(2024, 3, 1))
@example(day=date(2100, 3, 1))
def test_the_number_of_a_day(day: date) -> None:
    assert as_number(known(day).number.value) == day_number(day)
    assert known(day).number.low <= day_number(day) <= known(day).number.high


@given(one=DAYS, other=DAYS)
def test_keys_are_in_the_order_of_days(one: date, other: date) -> None:
    assert (as_number(known(one).key) < as_number(known(other).key)) == (one < other)


@given(day=DAYS, years=st.integers(0, 40), months=st.integers(0, 50))
@example(day=date(2023, 8, 31), years=0, months=6)
@example(day=date(2022, 8, 31), years=0, months=6)
@example(day=date(2023, 8, 30), years=0, months=6)
@example(day=date(2004, 2, 29), years=1, months=0)
@example(day=date(2000, 3, 31), years=0, months=13)
def test_a_term_of_months(day: date, years: int, months: int) -> None:
    later = known(day).later(years, months)
    assert as_day(later) == as_date(add_period(day_number(day), years, months))
    assert as_number(later.number.value) == add_period(day_number(day), years, months)
    assert as_day(later).year in later.years


@pytest.mark.parametrize("leap_on_march", [True, False])
@given(day=DAYS, years=st.integers(0, 150))
@example(day=date(2004, 2, 29), years=18)
@example(day=date(2004, 2, 29), years=20)
@example(day=date(1960, 2, 29), years=140)
def test_a_birthday(day: date, years: int, leap_on_march: bool) -> None:
    reached = known(day).birthday(years, leap_on_march)
    assert as_day(reached) == as_date(age_day(day_number(day), years, leap_on_march))


@pytest.mark.parametrize(
    ("left", "right", "minus"),
    [(FOREVER, 5, False), (FOREVER, 5, True), (FOREVER, FOREVER, False), (FOREVER, FOREVER, True), (5, FOREVER, True), (FOREVER, 900_000, True), (3, 4, True)],
)
def test_a_sum_keeps_the_day_that_never_comes(left: int, right: int, minus: bool) -> None:
    def number(value: int) -> Number:
        return Number(z3.IntVal(value), -1_000_000, max(value, 1_000_000))

    found = total(number(left), number(right), minus)
    wanted = _sum(exactly(left), exactly(right), minus)
    assert isinstance(wanted, Span)
    assert as_number(found.value) == wanted.low
    assert found.low <= wanted.low <= found.high <= UNBOUNDED


@pytest.mark.parametrize("statement", [x.Reached, x.Under])
def test_an_age_that_the_law_does_not_name_is_neither_reached_nor_not(statement: type[x.Reached] | type[x.Under]) -> None:
    """The pack has age limits from 2019 until 2023: on other days nobody is said to be past them, or not to be."""
    pack = find_pack("ru_2022")
    node = statement(x.Fact("person.birth_date"), x.Parameter("age_limit", x.Fact("military.rank_group")))
    prover = prover_of(pack, [node])
    for day, holds in ((date(2018, 12, 31), "yes"), (date(2019, 1, 1), "no"), (date(2023, 12, 31), "no"), (date(2024, 1, 1), "yes")):
        on = prover.on.falls_on(day_number(day))
        for way in (node, x.Not(node)):
            assert prover.holds_of_nobody(z3.And(on, prover.reader().statement(way))) == holds, (day, way)


@pytest.mark.parametrize(("rank", "holds"), [("general", "yes"), ("colonel", "no")])
def test_an_age_that_is_none_is_never_reached(rank: str, holds: str) -> None:
    pack = find_pack("ru_2022")
    node = x.Reached(x.Fact("person.birth_date"), x.Parameter("declared_age", x.Fact("military.rank_group")))
    prover = prover_of(pack, [node])
    assert prover.holds_of_nobody(z3.And(prover.anybody.is_so("military.rank_group", rank), prover.reader().statement(node))) == holds
