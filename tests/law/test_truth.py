"""Kleene's tables, and the sets of values that answers can lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.law import truth as t
from rightcall.law.truth import FALSE, QUESTION, TRUE, UNKNOWN, Truth

PLAIN = (TRUE, FALSE, UNKNOWN)
ALL = [Truth(number) for number in range(1, 8)]
truths = st.sampled_from(ALL)

AND = {
    (TRUE, TRUE): TRUE, (TRUE, UNKNOWN): UNKNOWN, (TRUE, FALSE): FALSE, (UNKNOWN, UNKNOWN): UNKNOWN, (UNKNOWN, FALSE): FALSE, (FALSE, FALSE): FALSE,
}  # fmt: skip
OR = {
    (TRUE, TRUE): TRUE, (TRUE, UNKNOWN): TRUE, (TRUE, FALSE): TRUE, (UNKNOWN, UNKNOWN): UNKNOWN, (UNKNOWN, FALSE): UNKNOWN, (FALSE, FALSE): FALSE,
}  # fmt: skip


@pytest.mark.parametrize(("left", "right"), list(product(PLAIN, PLAIN)))
def test_kleenes_tables(left: Truth, right: Truth) -> None:
    assert t.both([left, right]) == AND.get((left, right), AND.get((right, left)))
    assert t.either([left, right]) == OR.get((left, right), OR.get((right, left)))


def test_not() -> None:
    assert [t.negate(truth) for truth in (TRUE, FALSE, UNKNOWN, QUESTION)] == [FALSE, TRUE, UNKNOWN, QUESTION]


def test_of_nothing() -> None:
    assert t.both([]) == TRUE
    assert t.either([]) == FALSE


def members(truth: Truth) -> list[Truth]:
    return [member for member in PLAIN if truth & member]


def by_members(rule: Callable[[Iterable[Truth]], Truth], left: Truth, right: Truth) -> int:
    found = 0
    for pair in product(members(left), members(right)):
        found |= rule(pair)
    return found


@pytest.mark.parametrize(("left", "right"), list(product(ALL, ALL)))
def test_sets_are_the_values_over_all_answers(left: Truth, right: Truth) -> None:
    assert t.both([left, right]) == by_members(t.both, left, right)
    assert t.either([left, right]) == by_members(t.either, left, right)


@settings(max_examples=examples(100))
@given(st.lists(truths, max_size=5))
def test_de_morgan_and_order(found: list[Truth]) -> None:
    assert t.negate(t.both(found)) == t.either(t.negate(truth) for truth in found)
    assert t.both(found) == t.both(reversed(found))
    assert t.both([*found, FALSE]) == FALSE
    assert t.either([*found, TRUE]) == TRUE
    assert t.both([*found, TRUE]) == t.both(found)


@settings(max_examples=examples(100))
@given(truths, truths, truths)
def test_fewer_values_in_never_give_more_out(left: Truth, right: Truth, other: Truth) -> None:
    """Learning an answer takes members away; whatever was settled stays so."""
    less = Truth(left & right) or left
    assert t.both([less, other]) & ~t.both([left, other]) == 0
    assert t.either([less, other]) & ~t.either([left, other]) == 0


def test_what_is_settled_and_what_hangs_on_answers() -> None:
    assert [truth for truth in ALL if t.is_settled(truth)] == [TRUE, FALSE]
    assert [truth for truth in ALL if not t.hangs_on_answers(truth)] == [TRUE, FALSE, UNKNOWN]


def test_as_people_write_it() -> None:
    assert [t.known(truth) for truth in (TRUE, FALSE, UNKNOWN, QUESTION)] == [True, False, None, None]
    assert [t.of(value) for value in (True, False, None)] == [TRUE, FALSE, UNKNOWN]
