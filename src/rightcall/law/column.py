"""Columns of truth and of spans: the arithmetic of ``bulk``, where a constant stays a constant.

A flag is a plain bool or a formula of plain bools, never of nulls. Whatever a roll does not hold is the same for
everybody, so most of a pack folds away before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rightcall.law import value
from rightcall.law.formula import Formula, column, when
from rightcall.law.formula import value as constantly
from rightcall.law.value import FOREVER, UNBOUNDED

Flag = bool | Formula
Ends = int | Formula


def all_of(flags: Iterable[Flag]) -> Flag:
    """Kleene needs no nulls here: *and* of plain bools, false as soon as one is."""
    found: list[Formula] = []
    for flag in flags:
        if flag is False:
            return False
        if flag is not True:
            found.append(flag)
    return _chained(found, "all") if found else True


def any_of(flags: Iterable[Flag]) -> Flag:
    """*Or* of plain bools, true as soon as one is."""
    found: list[Formula] = []
    for flag in flags:
        if flag is True:
            return True
        if flag is not False:
            found.append(flag)
    return _chained(found, "any") if found else False


def _chained(flags: list[Formula], operator: str) -> Formula:
    distinct = list({id(flag): flag for flag in flags}.values())
    return distinct[0] if len(distinct) == 1 else Formula(operator, *distinct)


def spelled(name: str) -> str:
    """The column of a fact: no dots, since Spark takes a dot for a step into a structure."""
    return name.replace(".", "/")


def no(flag: Flag) -> Flag:
    return not flag if isinstance(flag, bool) else ~flag


def as_formula(flag: Flag | int | str | None) -> Formula:
    """A formula also of a constant, for where that will not do."""
    return flag if isinstance(flag, Formula) else constantly(flag)


def choose(flag: Flag, yes: Ends, other: Ends) -> Ends:
    """``yes`` where the flag is set, else ``other``."""
    if isinstance(flag, bool):
        return yes if flag else other
    return when(flag, as_formula(yes), as_formula(other))


@dataclass(frozen=True, slots=True)
class Pair:
    """Truth of many: ``must`` (true in every completion), ``may`` (true in some). ``must`` implies ``may``."""

    must: Flag
    may: Flag

    def __invert__(self) -> Pair:
        return Pair(no(self.may), no(self.must))


TRUE = Pair(True, True)
FALSE = Pair(False, False)
UNKNOWN = Pair(False, True)


def both(pairs: Iterable[Pair]) -> Pair:
    found = list(pairs)
    return Pair(all_of(pair.must for pair in found), all_of(pair.may for pair in found))


def either(pairs: Iterable[Pair]) -> Pair:
    found = list(pairs)
    return Pair(any_of(pair.must for pair in found), any_of(pair.may for pair in found))


@dataclass(frozen=True, slots=True)
class Spans:
    """Numbers of many: two ends, where they are known to be none, and whether a value may be none.

    ``exact``: one nullable column instead of two ends, where no value is known within bounds only.
    """

    low: Ends = -UNBOUNDED
    high: Ends = UNBOUNDED
    none: Flag = False
    partial: Flag = False
    exact: Formula | None = None

    @property
    def inexact(self) -> Flag:
        """Where the value is not known exactly."""
        if self.exact is not None:
            return all_of((no(self.none), self.exact.is_null()))
        if isinstance(self.low, int) and isinstance(self.high, int):
            return self.low != self.high
        return all_of((no(self.none), as_formula(self.low) != as_formula(self.high)))


def constant(number: int) -> Spans:
    return Spans(number, number)


def nullable(column: Formula, none: Flag = False) -> Spans:
    """The spans of a column of exact values, empty where unknown."""
    return Spans(column.fill_null(-UNBOUNDED), column.fill_null(UNBOUNDED), none, False, column)


def saturate(number: Ends) -> Ends:
    """Keep the ends of the number line, and the day that never comes, where they are."""
    if isinstance(number, int):
        return value.saturate(number)
    never = when(number >= FOREVER // 2, constantly(FOREVER), number)
    return when(number >= UNBOUNDED // 2, constantly(UNBOUNDED), when(number <= -UNBOUNDED // 2, constantly(-UNBOUNDED), never))


def compared(operator: str, left: Spans, right: Spans) -> Pair:
    """The comparison of two columns of spans; false where either is known to be none."""
    there = all_of((no(left.none), no(right.none)))
    if left.exact is not None and _is_exact(right):
        pair = _nullable_pair(_apply(operator, left.exact, _point(right)))
    elif right.exact is not None and _is_exact(left):
        pair = _nullable_pair(_apply(operator, as_formula(_point(left)), right.exact))
    else:
        pair = _pair(operator, left, right)
    sure = no(any_of((left.partial, right.partial)))
    return Pair(all_of((pair.must, there, sure)), all_of((pair.may, there)))


def _is_exact(spans: Spans) -> bool:
    return spans.exact is not None or (isinstance(spans.low, int) and spans.low == spans.high)


def _point(spans: Spans) -> Ends:
    return spans.low if spans.exact is None else spans.exact


def _nullable_pair(result: Flag) -> Pair:
    if isinstance(result, bool):
        return Pair(result, result)
    return Pair(result.fill_null(False), result.fill_null(True))


def _apply(operator: str, left: Ends, right: Ends) -> Flag:
    found: Flag
    match operator:
        case "<":
            found = left < right
        case "<=":
            found = left <= right
        case ">":
            found = left > right
        case ">=":
            found = left >= right
        case _:
            found = left == right
    return found


def _pair(operator: str, left: Spans, right: Spans) -> Pair:
    if operator in ("<", "<="):
        return Pair(_apply(operator, left.high, right.low), _apply(operator, left.low, right.high))
    if operator in (">", ">="):
        return Pair(_apply(operator, left.low, right.high), _apply(operator, left.high, right.low))
    overlap = all_of((_apply("<=", left.low, right.high), _apply(">=", left.high, right.low)))
    points = all_of((_apply("==", left.low, left.high), _apply("==", right.low, right.high), _apply("==", left.low, right.low)))
    return Pair(points, overlap)


def steps_of_term(source: str, target: str, years: int, months: int, days: int) -> Iterator[dict[str, Formula]]:
    """``add(d, years=, months=, days=)`` for a column of day numbers, step by step; the ends of the number line stay.

    Whole numbers only, so that every engine gives the same. The algorithms are Hinnant's *civil_from_days* and
    *days_from_civil*, in years that begin in March; a month that lacks the day gives its last day.
    """

    def step(name: str) -> Formula:
        return column(f"{target}~{name}")

    def steps(**found: Formula) -> dict[str, Formula]:
        return {f"{target}~{name}": expr for name, expr in found.items()}

    day = column(spelled(source))
    yield steps(real=(day < FOREVER // 2) & (day > -FOREVER // 2))
    yield steps(shifted=when(step("real"), day + 719_468, constantly(719_468)))
    yield steps(era=step("shifted") // 146_097)
    yield steps(of_era=step("shifted") - step("era") * 146_097)
    yield steps(year=(step("of_era") - step("of_era") // 1_460 + step("of_era") // 36_524 - step("of_era") // 146_096) // 365)
    yield steps(of_year=step("of_era") - (365 * step("year") + step("year") // 4 - step("year") // 100))
    yield steps(month=(5 * step("of_year") + 2) // 153)
    yield steps(of_month=step("of_year") - (153 * step("month") + 2) // 5, total=(step("year") + step("era") * 400) * 12 + step("month") + months + 12 * years)
    yield steps(first=_first_of_month(step("total")), next=_first_of_month(step("total") + 1))
    yield steps(length=step("next") - step("first") - 1)
    yield steps(kept=when(step("of_month") > step("length"), step("length"), step("of_month")))
    yield {target: when(step("real"), (step("first") + step("kept") + days).cast("Int32"), day.cast("Int32"))}


def _first_of_month(months: Formula) -> Formula:
    """The first day of a month, counted in months from March of the year 0."""
    year, month = months // 12, months % 12
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 - 719_468
