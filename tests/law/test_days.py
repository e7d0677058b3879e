"""When an age is reached, and when a term ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from frames import frames_of, in_bulk
from hypothesis import given, settings
from hypothesis import strategies as st
from small import page, small_pack, somebody

from conftest import examples
from rightcall.law.days import add_period, age_day, latest_birth
from rightcall.law.pack import Pack
from rightcall.law.question import UNANSWERED
from rightcall.law.value import as_date, day_number

dates = st.dates(date(1850, 1, 1), date(2149, 12, 31))
ends_of_months = dates.map(lambda day: (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1))
leap_days = st.integers(0, 48).map(lambda n: date(1904 + 4 * n, 2, 29))
some_days = st.one_of(dates, ends_of_months, leap_days).map(day_number)
ages = st.integers(0, 150)


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("born", "years", "on_march", "reached"),
    [
        ("2006-10-20", 16, True, "2022-10-20"),
        ("2004-02-29", 18, True, "2022-03-01"),
        ("2004-02-29", 18, False, "2022-02-28"),
        ("2004-02-29", 20, True, "2024-02-29"),
        ("2004-02-29", 20, False, "2024-02-29"),
        ("1896-02-29", 4, True, "1900-03-01"),
        ("1896-02-29", 4, False, "1900-02-28"),
        ("1996-02-29", 4, True, "2000-02-29"),
        ("2004-02-28", 18, True, "2022-02-28"),
        ("2004-03-01", 18, False, "2022-03-01"),
        ("2022-10-10", 0, True, "2022-10-10"),
    ],
)
def test_birthdays(born: str, years: int, on_march: bool, reached: str) -> None:
    assert as_date(age_day(day(born), years, on_march)).isoformat() == reached


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2022-01-31", (0, 1, 0), "2022-02-28"),
        ("2024-01-31", (0, 1, 0), "2024-02-29"),
        ("2022-03-31", (0, 1, 0), "2022-04-30"),
        ("2022-08-31", (0, 6, 0), "2023-02-28"),
        ("2022-12-31", (0, 2, 0), "2023-02-28"),
        ("2022-12-15", (0, 1, 0), "2023-01-15"),
        ("2024-02-29", (1, 0, 0), "2025-02-28"),
        ("2024-02-29", (4, 0, 0), "2028-02-29"),
        ("2024-02-29", (0, 12, 0), "2025-02-28"),
        ("2022-01-31", (0, 1, 1), "2022-03-01"),
        ("2022-09-21", (0, 0, 15), "2022-10-06"),
        ("2022-09-21", (1, 13, 10), "2024-10-31"),
        ("2022-09-21", (0, 0, 0), "2022-09-21"),
        ("2022-11-30", (0, 3, 0), "2023-02-28"),
        ("2022-09-21", (0, 2400, 0), "2222-09-21"),
        ("2022-09-21", (0, 0, 2400), "2029-04-17"),
    ],
)
def test_terms(start: str, period: tuple[int, int, int], end: str) -> None:
    assert as_date(add_period(day(start), *period)).isoformat() == end


@settings(max_examples=examples(300))
@given(some_days, ages, st.booleans())
def test_the_latest_birth_is_the_inverse_of_the_birthday(on: int, years: int, on_march: bool) -> None:
    cut = latest_birth(on, years, on_march)
    assert age_day(cut, years, on_march) <= on < age_day(cut + 1, years, on_march)


@settings(max_examples=examples(300))
@given(some_days, some_days, ages, st.booleans())
def test_under_an_age_is_born_after_the_cut(birth: int, on: int, years: int, on_march: bool) -> None:
    assert (birth > latest_birth(on, years, on_march)) == (on < age_day(birth, years, on_march))


@settings(max_examples=examples(300))
@given(some_days, ages, st.booleans())
def test_the_older_is_never_later(birth: int, years: int, on_march: bool) -> None:
    assert age_day(birth, years, on_march) <= age_day(birth + 1, years, on_march)
    assert age_day(birth, years, on_march) < age_day(birth, years + 1, on_march)
    assert age_day(birth, years) - age_day(birth, years, leap_on_march=False) in (0, 1)


@settings(max_examples=examples(300))
@given(some_days, st.integers(0, 100), st.integers(0, 2400), st.integers(0, 2400))
def test_terms_never_overtake(start: int, years: int, months: int, days: int) -> None:
    """The assumption under every term of a bounded date: what begins later does not end earlier."""
    assert add_period(start, years, months, days) <= add_period(start + 1, years, months, days)
    assert add_period(start, years, months) == add_period(start, 0, months + 12 * years)
    assert add_period(start, years, months, days) == add_period(start, years, months) + days
    assert add_period(start, years, months).__class__ is int
    end, begin = as_date(add_period(start, years, months)), as_date(start)
    assert (end.year * 12 + end.month) - (begin.year * 12 + begin.month) == 12 * years + months
    assert end.day <= begin.day


PERIODS = [(0, 6, 0), (1, 0, 0), (0, 1, 0), (0, 0, 15), (2, 14, 40), (0, 240, 0), (10, 11, 400)]


@pytest.fixture(scope="module")
def terms_pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A pack with one provision a period: true where the term that begins at ``study.since`` ends on the day."""
    rules = {f"T{n}": f"add(study.since, years={y}, months={m}, days={d}) == on" for n, (y, m, d) in enumerate(PERIODS)}
    return small_pack(tmp_path_factory.mktemp("terms"), {id: page(f"when = '{rule}'", id=id) for id, rule in rules.items()})


starts_of_terms = st.one_of(st.dates(date(1900, 1, 1), date(2100, 12, 31)), leap_days, ends_of_months.filter(lambda day: 1900 <= day.year <= 2100))


@pytest.mark.parametrize("n", range(len(PERIODS)))
@settings(max_examples=examples(1))
@given(st.lists(starts_of_terms, min_size=60, max_size=60), st.booleans())
def test_terms_in_columns_are_terms(terms_pack: Pack, n: int, starts: list[date], bounds: bool) -> None:
    starts = [*starts, date(2024, 2, 29), date(2022, 1, 31), date(1900, 2, 28), date(1969, 12, 31)]
    ends = [as_date(add_period(day_number(start), *PERIODS[n])) for start in starts]
    shifts = [(-1, 0, 1)[place % 3] for place in range(len(starts))]
    people = [
        somebody(terms_pack, study__since=start, date__decision=end + timedelta(days=shift)) for start, end, shift in zip(starts, ends, shifts, strict=True)
    ]
    rows = in_bulk(frames_of(people, terms_pack, bounds), terms_pack, UNANSWERED, None)
    assert [row[f"T{n}"] for row in rows] == [shift == 0 for shift in shifts]
