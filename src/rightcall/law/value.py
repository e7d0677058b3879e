"""Values that are known exactly, within bounds, or not at all.

Integers and dates are a ``Span`` of integers (a date is its day number, days since 1970-01-01), texts a string or nothing.
``ABSENT`` is the known *none*: any comparison with it is false. An end date that is none is ``FOREVER`` instead, an
exact day that never comes. Arithmetic saturates at the unknown ends. A number with decimals is held in its smallest unit:
0.75 with two decimals is 75.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, NamedTuple

UNBOUNDED: Final = 1_000_000_000
FOREVER: Final = 100_000_000
EPOCH: Final = date(1970, 1, 1).toordinal()
_WRITTEN = re.compile(r"([+-]?)(\d{1,200})(?:\.(\d*))?", re.ASCII)


class Absent(Enum):
    """The one value ``ABSENT``: known to be none."""

    ABSENT = "none"


ABSENT: Final = Absent.ABSENT


class Span(NamedTuple):
    """Whole numbers from ``low`` to ``high``, both included. ``partial``: it may also be none."""

    low: int
    high: int
    partial: bool = False

    @property
    def exact(self) -> bool:
        return self.low == self.high and not self.partial


ANY: Final = Span(-UNBOUNDED, UNBOUNDED)

Value = Span | str | None | Absent


def exactly(number: int) -> Span:
    return Span(number, number)


def in_units(number: str | float, decimals: int) -> int | None:
    """A number, written or not, in units of ``10 ** -decimals``; nothing where it is no number or has more decimals than that."""
    if isinstance(number, int) or (isinstance(number, float) and number.is_integer()):
        return int(number) * int(10**decimals)
    found = _WRITTEN.fullmatch(number.strip() if isinstance(number, str) else _plainly(number))
    fraction = (found[3] or "").rstrip("0") if found else ""
    if found is None or len(fraction) > decimals:
        return None
    return int(found[1] + found[2] + fraction.ljust(decimals, "0"))


def _plainly(number: float) -> str:
    """The shortest digits of a float, without an exponent."""
    return format(Decimal(repr(number)), "f")


def unit_words(units: int, decimals: int) -> str:
    """A number that is held in its smallest unit, as people write it: 75 of two decimals is ``0.75``."""
    if not decimals:
        return str(units)
    whole, fraction = divmod(abs(units), 10**decimals)
    shown = f"{whole}.{fraction:0{decimals}d}".rstrip("0").rstrip(".")
    return f"-{shown}" if units < 0 else shown


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def as_date(number: int) -> date:
    """The date of a day number. Raises ``OverflowError`` or ``ValueError`` outside years 1 to 9999."""
    return date.fromordinal(1) + timedelta(days=number + EPOCH - 1)


def hull(values: list[Span | Absent]) -> Span | Absent:
    """The smallest span that holds them all; partial when one of them is none."""
    spans = [value for value in values if isinstance(value, Span)]
    if not spans:
        return ABSENT
    partial = len(spans) < len(values) or any(span.partial for span in spans)
    return Span(min(span.low for span in spans), max(span.high for span in spans), partial)


def saturate(number: int) -> int:
    """Keep the ends of the number line, and the day that never comes, where they are."""
    if number >= UNBOUNDED // 2:
        return UNBOUNDED
    if number <= -UNBOUNDED // 2:
        return -UNBOUNDED
    return FOREVER if number >= FOREVER // 2 else number


def monotone(change: Callable[[int], int], span: Span) -> Span:
    """Apply a non-decreasing function to both ends; the ends of the number line and FOREVER stay."""

    def end(number: int) -> int:
        return number if abs(number) >= FOREVER // 2 else change(number)

    return Span(end(span.low), end(span.high), span.partial)
