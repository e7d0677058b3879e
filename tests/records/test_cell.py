"""What stands in a cell: values, bounds, none, nothing; everything else is a fault with a remedy, never an exception."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.law.account import YEARS
from rightcall.law.value import FOREVER, UNBOUNDED, day_number
from rightcall.law.vocabulary import FactType
from rightcall.records.cell import Cell, read_cell

YES_NO = FactType("alive", "bool")
NUMBER = FactType("grade", "integer", none="absent")
DAY = FactType("since", "date")
FOUND = FactType("sincere", "bool", unknown=("undetermined",))
END = FactType("until", "date", none="forever")
SEX = FactType("sex", "one_of", values=("M", "F"))
FORM = FactType("form", "one_of", values=("full_time", "none"))
TOWN = FactType("town", "text")
FACTS = (YES_NO, NUMBER, DAY, END, SEX, FORM, TOWN)


def day(year: int, month: int, number: int) -> int:
    return day_number(date(year, month, number))


def span(low: int, high: int | None = None) -> Cell:
    return Cell(low=low, high=low if high is None else high)


READ = [
    *((fact, text, Cell()) for fact in FACTS for text in ("", "   ", None, "\u00a0")),
    *((YES_NO, text, Cell(value=True)) for text in ("true", "TRUE", " Yes ", "1", "да", "так")),
    *((YES_NO, text, Cell(value=False)) for text in ("false", "No", "0", "нет", "ні")),
    (SEX, "M", Cell(value="M")),
    (FOUND, "undetermined", Cell()),
    (FOUND, "yes", Cell(value=True)),
    (SEX, "unknown", Cell()),
    (FORM, "none", Cell(value="none")),
    (TOWN, " Шуя ", Cell(value="Шуя")),
    (TOWN, "=1+1", Cell(value="=1+1")),
    (NUMBER, "3", span(3)),
    (NUMBER, "3.0", span(3)),
    (NUMBER, "-3.00", span(-3)),
    (NUMBER, "2..4", span(2, 4)),
    (NUMBER, "2 .. 4", span(2, 4)),
    (NUMBER, "3..", span(3, UNBOUNDED)),
    (NUMBER, "..3", span(-UNBOUNDED, 3)),
    (NUMBER, "none", Cell(none=True)),
    (NUMBER, "NONE", Cell(none=True)),
    (END, "none", span(FOREVER)),
    (DAY, "2022-09-25", span(day(2022, 9, 25))),
    (DAY, "25.09.2022", span(day(2022, 9, 25))),
    (DAY, "5.9.2022", span(day(2022, 9, 5))),
    (DAY, "2022-09-25T23:59:59", span(day(2022, 9, 25))),
    (DAY, "2022-09-25 00:00:00", span(day(2022, 9, 25))),
    (DAY, "2022-09-01..2022-09-23", span(day(2022, 9, 1), day(2022, 9, 23))),
    (DAY, "01.09.2022..23.09.2022", span(day(2022, 9, 1), day(2022, 9, 23))),
    (DAY, "..2022-09-23", span(-UNBOUNDED, day(2022, 9, 23))),
    (DAY, "2022-09-01..", span(day(2022, 9, 1), UNBOUNDED)),
    (DAY, "1971", span(day(1971, 1, 1), day(1971, 12, 31))),
    (DAY, "2022-10", span(day(2022, 10, 1), day(2022, 10, 31))),
    (DAY, "2024-02", span(day(2024, 2, 1), day(2024, 2, 29))),
    (DAY, "1971..1972", span(day(1971, 1, 1), day(1972, 12, 31))),
    (DAY, "2022-02-28..2022-03", span(day(2022, 2, 28), day(2022, 3, 31))),
]


@pytest.mark.parametrize(("fact", "text", "cell"), READ, ids=lambda value: getattr(value, "name", str(value)))
def test_what_is_unambiguous_is_read(fact: FactType, text: str | None, cell: Cell) -> None:
    assert read_cell(fact, text) == cell


REFUSED = [
    (YES_NO, "ja", "`alive` is true or false, not `ja`", "leave the cell empty where it is unknown"),
    (YES_NO, "unknown", "is true or false", "leave the cell empty"),
    (YES_NO, "none", "`alive` cannot be none", "leave it out"),
    (SEX, "m", "`sex` is never `m`", "it is M, F"),
    (FORM, "fulltime", "`form` is never `fulltime`", "did you mean `full_time`?"),
    (TOWN, "none", "`town` cannot be none", ""),
    (NUMBER, "3,5", "`grade` is an integer, not `3,5`", ""),
    (NUMBER, "3.5", "`grade` is an integer", ""),
    (NUMBER, "three", "`grade` is an integer", ""),
    (NUMBER, "4..2", "wrong way round: 4..2", "smaller one first"),
    (NUMBER, "10000000", "`grade` is too large", ""),
    (NUMBER, "9" * 150, "`grade` is too large", ""),
    (NUMBER, "9" * 5000, "`grade` is not so long a text", "quotation mark"),
    (NUMBER, "NaN", "is an integer", ""),
    (NUMBER, "inf", "is an integer", ""),
    (DAY, "09/25/2022", "`since` is not a date: `09/25/2022`", "as in 2022-09-25"),
    (DAY, "31.02.2022", "`since` is not a date: `31.02.2022`", "year-month-day"),
    (DAY, "2022-02-30", "is not a date", ""),
    (DAY, "2022-13", "is not a date", ""),
    (DAY, "25.09.22", "is not a date", ""),
    (DAY, "20220925", "is not a date", ""),
    (DAY, "44829", "is not a date", ""),
    (DAY, "unknown", "is not a date", ""),
    (DAY, "none", "`since` cannot be none", ""),
    (DAY, "1071", "`since` is not a date", ""),
    (DAY, "1820", "`since` is not a date", ""),
    (DAY, "1071-05-01", "in living memory", "years 1850 to 2149"),
    (DAY, "2922-05-01", "in living memory", ""),
    (DAY, "2022-09-23..2022-09-01", "wrong way round", "earlier"),
    (DAY, "2022-09-01...2022-09-23", "is not a date", ""),
    (DAY, "2022-09-01..2022-09-31", "is not a date: `2022-09-31`", ""),
]


@pytest.mark.parametrize(("fact", "text", "fault", "help"), REFUSED, ids=lambda value: getattr(value, "name", str(value)[:30]))
def test_the_rest_is_a_fault_with_a_remedy(fact: FactType, text: str, fault: str, help: str) -> None:
    cell = read_cell(fact, text)
    assert fault in cell.fault
    assert help in cell.help
    assert cell == Cell(fault=cell.fault, help=cell.help)
    assert len(cell.fault) < 300


DIGITS = st.text("0123456789.-:/T none", max_size=25)


@settings(max_examples=examples(200))
@given(st.sampled_from(FACTS), st.one_of(st.text(max_size=30), DIGITS, st.integers().map(str), st.floats().map(str)))
def test_a_cell_never_raises(fact: FactType, text: str) -> None:
    cell = read_cell(fact, text)
    assert isinstance(cell, Cell)
    if cell.low is not None and cell.high is not None:
        assert cell.low <= cell.high


@settings(max_examples=examples(200))
@given(st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)), st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)))
def test_every_way_to_write_a_day_is_that_day(one: date, other: date) -> None:
    low, high = sorted((one, other))
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"):
        assert read_cell(DAY, one.strftime(pattern)) == span(day_number(one))
    assert read_cell(DAY, f"{low}..{high:%d.%m.%Y}") == span(day_number(low), day_number(high))
    month, year = read_cell(DAY, f"{one:%Y-%m}"), read_cell(DAY, f"{one:%Y}")
    assert year.low <= month.low <= day_number(one) <= month.high <= year.high
    assert day_number(date(one.year, 12, 31)) == year.high
