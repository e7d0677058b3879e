"""What stands in one cell of a table: a value, bounds, none, nothing, or a fault.

An empty cell is unknown. The word ``none`` is none, where the fact may be none. ``2022-09-01..2022-09-23`` and ``..3`` are bounds; a
bare year or month is the span of its days.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import NamedTuple

from rightcall.law.account import YEARS, Unfit, none_of, read_day, read_integer, read_value
from rightcall.law.value import ABSENT, UNBOUNDED, Span, day_number
from rightcall.law.vocabulary import FactType

YES = ("true", "yes", "1", "да", "так")
NO = ("false", "no", "0", "нет", "ні")
RANGE = ".."
_YEAR_MONTH = re.compile(r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2]))?", re.ASCII)
DAY_MONTH_YEAR = re.compile(r"\d\d?\.\d\d?\.\d{4}")
_LONGEST = 200


class Cell(NamedTuple):
    """A cell that was read. ``value``: bool or text; ``low``, ``high``: a number or day within bounds."""

    value: bool | str | None = None
    low: int | None = None
    high: int | None = None
    none: bool = False
    fault: str = ""
    help: str = ""


def read_cell(fact: FactType, text: str | None) -> Cell:
    """Read the text of a cell. Never raises: a fault is part of the answer."""
    text = (text or "").strip()
    if not text:
        return Cell()
    if len(text) > _LONGEST and fact.kind != "text":
        return Cell(fault=f"`{fact.name}` is not so long a text: `{text[:40]}...`", help="look whether a quotation mark or a separator is out of place")
    try:
        return _read(fact, text)
    except Unfit as unfit:
        return Cell(fault=unfit.message, help=unfit.help)


def _read(fact: FactType, text: str) -> Cell:
    if text in fact.unknown:
        return Cell()
    if text.lower() == "none" and "none" not in fact.values:
        return _none(fact)
    if fact.kind == "bool":
        return Cell(value=_bool(fact, text))
    if fact.bounded:
        span = _span(fact, text)
        return Cell(low=span.low, high=span.high)
    value = read_value(fact, text)
    return Cell(value=value if isinstance(value, str) else None)


def _none(fact: FactType) -> Cell:
    value = none_of(fact)
    return Cell(none=True) if value is ABSENT else Cell(low=value.low, high=value.high) if isinstance(value, Span) else Cell()


def _bool(fact: FactType, text: str) -> bool:
    word = text.lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Unfit(f"`{fact.name}` is true or false, not `{text}`", "write true or false; leave the cell empty where it is unknown")


def _span(fact: FactType, text: str) -> Span:
    if RANGE in text:
        low, _, high = (part.strip() for part in text.partition(RANGE))
        span = Span(_point(fact, low).low if low else -UNBOUNDED, _point(fact, high).high if high else UNBOUNDED)
        if span.low > span.high:
            raise Unfit(f"the bounds of `{fact.name}` are the wrong way round: {text}", "write the earlier or smaller one first")
        return span
    return _point(fact, text)


def _point(fact: FactType, text: str) -> Span:
    if fact.kind == "integer":
        return read_integer(fact, text)
    found = _YEAR_MONTH.fullmatch(text)
    if found is None or int(found["year"]) not in YEARS:
        return read_day(fact, text)
    year, month = int(found["year"]), int(found["month"] or 0)
    last = date(year, month or 12, calendar.monthrange(year, month or 12)[1])
    return Span(day_number(date(year, month or 1, 1)), day_number(last))
