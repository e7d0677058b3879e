"""Calendar arithmetic of the law: when an age is reached, and when a term of months ends.

Day numbers in, day numbers out. ``civil`` conventions: a day that a month does not have is that month's last day; for
ages a pack says where 29 February falls in a common year.
"""

from __future__ import annotations

import calendar
from datetime import date
from functools import lru_cache

from rightcall.law.value import as_date, day_number


def add_period(day: int, years: int = 0, months: int = 0, days: int = 0) -> int:
    """The day after a term of years and months (its last day where the month is shorter), then days."""
    start = as_date(day)
    month = start.month - 1 + months + 12 * years
    year, month = start.year + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return day_number(date(year, month, min(start.day, last))) + days


@lru_cache(maxsize=65536)
def age_day(birth: int, years: int, leap_on_march: bool = True) -> int:
    """The day on which a person born on ``birth`` completes ``years`` years."""
    born = as_date(birth)
    if (born.month, born.day) == (2, 29) and not calendar.isleap(born.year + years):
        born_as = (3, 1) if leap_on_march else (2, 28)
        return day_number(date(born.year + years, *born_as))
    return day_number(born.replace(year=born.year + years))


@lru_cache(maxsize=65536)
def latest_birth(day: int, years: int, leap_on_march: bool = True) -> int:
    """The latest day of birth on which the age of ``years`` is reached by ``day``: the cut-off for many people at once."""
    on = as_date(day)
    guess = day_number(date(on.year - years, on.month, min(on.day, 28))) + 5
    while age_day(guess, years, leap_on_march) > day:
        guess -= 1
    return guess
