"""Figures say the same for every number that a hidden one could have: nobody works out a few people from a total, a sum or a second page."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import world
from hypothesis import given
from hypothesis import strategies as st

from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns.queues import QUEUES
from rightcall.office.figures import SMALLEST, _rows, shown, summed, table

COUNTS = st.lists(st.dictionaries(st.sampled_from(list(QUEUES)), st.integers(0, 12), min_size=1).map(Counter), min_size=1, max_size=6)


def rows(counted: list[Counter[str]]) -> list[list[str]]:
    """Offices under one unit: their own rows, and that of the unit where they are folded into it."""
    units = {0: ("above", "/0/")} | {unit: (f"office {unit}", f"/0/{unit}/") for unit in range(1, len(counted) + 1)}
    own = dict(enumerate(counted, 1))
    return [[str(figure) for figure in (*row.cells, row.total)] for most in (100, 1) for row in _rows(units, own, most)]


@given(COUNTS, st.data())
def test_all_that_could_be_hidden_looks_the_same_on_the_page_and_on_the_one_above(counted: list[Counter[str]], data: st.DataObject) -> None:
    few = st.integers(1, SMALLEST - 1)
    other = [Counter({queue: data.draw(few) if 0 < number < SMALLEST else number for queue, number in own.items()}) for own in counted]
    assert rows(counted) == rows(other)


@given(st.integers(0, 1000))
def test_only_a_few_are_hidden(number: int) -> None:
    assert str(shown(number)) == (f"<{SMALLEST}" if 0 < number < SMALLEST else f"{number:,}")


@given(st.lists(st.integers(0, 12), min_size=2, max_size=9))
def test_a_sum_is_that_of_what_is_shown_and_says_whether_it_is_all(numbers: list[int]) -> None:
    whole = summed(map(shown, numbers))
    assert whole.number == sum(number for number in numbers if number >= SMALLEST)
    assert whole.hides == (whole.number < sum(numbers))


@pytest.mark.django_db
def test_the_page_tells_a_statistician_no_small_figure_and_no_exact_total() -> None:
    units = world.units()
    roll = world.roll(world.campaign(units.office, [units.office]), units.office)
    for _ in range(7):
        world.person(roll, "clear")
    for verdict in ("barred", "barred", "deferred"):
        world.person(roll, verdict)
    statistician = world.officer(Role.STATISTICIAN, units.ministry)
    (row,) = table(statistician)
    assert (row.name, str(row.total), row.deeper) == ("Riverside", "> 7", False)
    page = world.signed_in(statistician).get("/figures").content.decode()
    assert re.findall(r'<td class="number">(.*?)</td>', page) == ["0", "&lt;5", "0", "0", "0", "7", "0", "0", "0", "&gt; 7"]
    assert not list(table(world.officer(Role.STATISTICIAN, units.other)))


@pytest.mark.django_db
def test_two_offices_of_one_name_are_two_table() -> None:
    units = world.units()
    units.other.name = units.office.name
    units.other.save()
    campaign = world.campaign(units.ministry, [units.office, units.other])
    for unit in (units.office, units.other):
        world.person(world.roll(campaign, unit), "clear")
    assert len(list(table(world.officer(Role.STATISTICIAN, units.ministry)))) == 2
