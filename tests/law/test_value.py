"""Spans, the known none, and the ends of the number line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.law import truth as t
from rightcall.law.evaluate import compare
from rightcall.law.value import ABSENT, ANY, FOREVER, UNBOUNDED, Span, as_date, day_number, exactly, hull, monotone, saturate

numbers = st.integers(-6, 6)
spans = st.tuples(numbers, numbers).map(lambda ends: Span(min(ends), max(ends)))
OPERATORS = {"==": lambda a, b: a == b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}


def test_days() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(1969, 12, 31)) == -1
    assert as_date(19_256) == date(2022, 9, 21)
    assert as_date(day_number(date(1, 1, 1))) == date(1, 1, 1)
    assert as_date(day_number(date(9999, 12, 31))) == date(9999, 12, 31)
    with pytest.raises((OverflowError, ValueError)):
        as_date(FOREVER)


def test_hull() -> None:
    assert hull([exactly(3)]) == Span(3, 3)
    assert hull([exactly(3), Span(7, 9), exactly(5)]) == Span(3, 9)
    assert hull([exactly(3), ABSENT]) == Span(3, 3, partial=True)
    assert hull([Span(1, 2, partial=True), exactly(5)]) == Span(1, 5, partial=True)
    assert hull([ABSENT]) is ABSENT
    assert hull([]) is ABSENT


def test_exact_is_one_number_that_is_there() -> None:
    assert exactly(1).exact
    assert not Span(1, 1, partial=True).exact
    assert not Span(1, 2).exact
    assert not ANY.exact


def test_saturate_keeps_the_ends_where_they_are() -> None:
    assert saturate(UNBOUNDED + 5) == saturate(UNBOUNDED - 5) == saturate(2 * UNBOUNDED) == UNBOUNDED
    assert saturate(-UNBOUNDED + 5) == saturate(-2 * UNBOUNDED) == -UNBOUNDED
    assert saturate(FOREVER - 20_000) == saturate(FOREVER + 20_000) == FOREVER
    assert [saturate(number) for number in (0, 1_000_000, -1_000_000)] == [0, 1_000_000, -1_000_000]


def test_monotone_leaves_the_ends_alone() -> None:
    assert monotone(lambda number: number + 1, Span(1, 5)) == Span(2, 6)
    assert monotone(lambda number: number + 1, ANY) == ANY
    assert monotone(lambda number: number + 1, Span(1, FOREVER, partial=True)) == Span(2, FOREVER, partial=True)


@settings(max_examples=examples(300))
@given(spans, spans, st.sampled_from(list(OPERATORS)))
def test_a_comparison_is_settled_exactly_where_all_values_agree(left: Span, right: Span, operator: str) -> None:
    found = {OPERATORS[operator](a, b) for a in range(left.low, left.high + 1) for b in range(right.low, right.high + 1)}
    expected = t.UNKNOWN if len(found) > 1 else t.of(found.pop())
    assert compare(operator, left, right) == expected  # type: ignore[arg-type]


@settings(max_examples=examples(100))
@given(spans, spans, st.sampled_from(list(OPERATORS)))
def test_what_may_be_none_is_never_surely_true(left: Span, right: Span, operator: str) -> None:
    whole = compare(operator, left, right)  # type: ignore[arg-type]
    for one, other in ((left._replace(partial=True), right), (left, right._replace(partial=True))):
        partial = compare(operator, one, other)  # type: ignore[arg-type]
        assert partial == (t.UNKNOWN if whole == t.TRUE else whole)


@pytest.mark.parametrize("operator", list(OPERATORS))
def test_with_a_none_every_comparison_is_false(operator: str) -> None:
    for other in (exactly(3), ANY, ABSENT):
        assert compare(operator, ABSENT, other) == t.FALSE  # type: ignore[arg-type]
        assert compare(operator, other, ABSENT) == t.FALSE  # type: ignore[arg-type]


def test_forever_is_after_every_day_and_before_no_knowledge() -> None:
    assert compare(">", exactly(FOREVER), exactly(day_number(date(9999, 12, 31)))) == t.TRUE
    assert compare("==", exactly(FOREVER), exactly(FOREVER)) == t.TRUE
    assert compare("<", ANY, exactly(FOREVER)) == t.UNKNOWN
