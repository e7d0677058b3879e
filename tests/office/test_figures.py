"""Figures say the same for every number that a hidden one could have: nobody works out a few people from a sum, on one page or on the one above."""

from __future__ import annotations

import re

import pytest
import world
from hypothesis import given
from hypothesis import strategies as st

from rightcall.office import figures
from rightcall.office.accounts.roles import Role
from rightcall.office.figures import SMALLEST, shown, summed, table

UNITS = st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=1, max_size=4)


def page(units: list[list[int]]) -> list[list[str]]:
    """All that is told of some units: each by itself, and all by the unit above them."""
    cells = [[shown(count) for count in unit] for unit in units]
    above = [summed(column) for column in zip(*cells, strict=True)]
    return [[str(figure) for figure in (*row, summed(row))] for row in (*cells, above)]


@given(UNITS, st.data())
def test_what_is_told_is_the_same_for_all_that_could_be_hidden(units: list[list[int]], data: st.DataObject) -> None:
    other = [[data.draw(st.integers(1, SMALLEST - 1)) if 0 < count < SMALLEST else count for count in unit] for unit in units]
    assert page(units) == page(other)


@given(UNITS)
def test_nothing_else_is_hidden(units: list[list[int]]) -> None:
    for unit, row in zip(units, page(units), strict=False):
        assert row[:-1] == [f"<{SMALLEST}" if 0 < count < SMALLEST else str(count) for count in unit]
        known = sum(count for count in unit if not 0 < count < SMALLEST)
        assert row[-1] == (f"> {known}" if known < sum(unit) else str(known))


@pytest.fixture
def units() -> world.Units:
    """Seven clear, three protected in one office; six clear in another of the same region."""
    made = world.units()
    campaign = world.campaign(made.region, [made.office, made.branch])
    roll, other = world.roll(campaign, made.office), world.roll(campaign, made.branch)
    for verdict in (*["clear"] * 7, "barred", "barred", "deferred"):
        world.person(roll, verdict)
    for _ in range(6):
        world.person(other, "clear")
    return made


def cells(of: world.Units, query: str = "") -> list[list[str]]:
    text = world.signed_in(world.officer(Role.STATISTICIAN, of.ministry)).get(f"/figures{query}").content.decode()
    return [re.findall(r'<td class="number">(.*?)</td>', row) for row in text.split("<tr>")[2:]]


@pytest.mark.django_db
def test_the_page_tells_a_statistician_no_small_figure_and_no_exact_sum(units: world.Units) -> None:
    own, branch = cells(units)
    assert own == ["0", "&lt;5", "0", "0", "0", "7", "0", "0", "0", "&gt; 7"]
    assert branch == ["0", "0", "0", "0", "0", "6", "0", "0", "0", "6"]


@pytest.mark.django_db
def test_nor_does_the_page_of_the_unit_above(units: world.Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST", 1)
    assert cells(units) == [["0", "&gt; 0", "0", "0", "0", "13", "0", "0", "0", "&gt; 13"]]
    assert cells(units, f"?unit={units.office.pk}") == cells(units)


@pytest.mark.django_db
def test_figures_of_others_are_not_there(units: world.Units) -> None:
    other = world.officer(Role.STATISTICIAN, units.other)
    assert not list(table(other))
    assert not list(table(other, units.office.pk))
    assert len(list(table(world.officer(Role.STATISTICIAN, units.branch)))) == 1


@pytest.mark.django_db
def test_two_offices_of_one_name_are_two_rows(units: world.Units) -> None:
    units.branch.name = units.office.name
    units.branch.save()
    assert len(list(table(world.officer(Role.STATISTICIAN, units.ministry)))) == 2
