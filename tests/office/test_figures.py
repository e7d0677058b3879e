"""Figures say the same for every number that a hidden one could have: nobody works out a few people from a total, a sum or a second page."""

from __future__ import annotations

import re

import pytest
import world
from hypothesis import given
from hypothesis import strategies as st

from rightcall.office.accounts.roles import Role
from rightcall.office.figures import SMALLEST, Line, lines, shown

COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=9)


@given(COUNTS, st.data())
def test_a_line_is_the_same_for_all_that_could_be_hidden_in_it(counts: list[int], data: st.DataObject) -> None:
    other = [data.draw(st.integers(1, SMALLEST - 1)) if 0 < count < SMALLEST else count for count in counts]
    line, same = Line("office", shown(counts)), Line("office", shown(other))
    assert (line.cells, line.total, line.at_least) == (same.cells, same.total, same.at_least)


@given(COUNTS)
def test_nothing_else_is_hidden(counts: list[int]) -> None:
    line = Line("office", shown(counts))
    assert [cell for cell in line.cells if cell is not None] == [count for count in counts if not 0 < count < SMALLEST]
    assert line.at_least == (line.total < sum(counts))


@pytest.mark.django_db
def test_the_page_tells_a_statistician_no_small_figure_and_no_exact_total() -> None:
    units = world.units()
    roll = world.roll(world.campaign(units.office, [units.office]), units.office)
    for _ in range(7):
        world.person(roll, "clear")
    for verdict in ("barred", "barred", "deferred"):
        world.person(roll, verdict)
    statistician = world.officer(Role.STATISTICIAN, units.ministry)
    (line,) = lines(statistician)
    assert (line.office, line.total, line.at_least) == ("Riverside", 7, True)
    page = world.signed_in(statistician).get("/figures").content.decode()
    assert re.findall(r'<td class="number">(.*?)</td>', page) == ["0", "&lt;5", "0", "0", "0", "7", "0", "0", "0", "&gt; 7"]
    assert not list(lines(world.officer(Role.STATISTICIAN, units.other)))


@pytest.mark.django_db
def test_two_offices_of_one_name_are_two_lines() -> None:
    units = world.units()
    units.other.name = units.office.name
    units.other.save()
    campaign = world.campaign(units.ministry, [units.office, units.other])
    for unit in (units.office, units.other):
        world.person(world.roll(campaign, unit), "clear")
    assert len(list(lines(world.officer(Role.STATISTICIAN, units.ministry)))) == 2
