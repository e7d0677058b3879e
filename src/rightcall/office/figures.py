"""Figures: how many are in each queue, unit by unit, for those who see no row.

Where there are more offices than fit on a page, they are shown by the unit above them, and each of these leads to its own page.
INVARIANT: what is shown is the same for every number that a hidden figure could have. A sum is therefore that of the figures shown, and says where others are
hidden: from an exact sum beside one hidden figure, on this page or on the one above, anybody could subtract it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rightcall.office.accounts.models import Unit
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import Tally
from rightcall.office.campaigns.queues import QUEUES, counted_by

SMALLEST = 5
"""Figures about fewer people than this are not shown: they could point at somebody. That there is nobody is shown."""
MOST = 100
"""So many rows fit on a page."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of people; ``hides``: figures about a few are left out of it. ``single``: it is of one unit and one queue, not a sum."""

    number: int
    hides: bool = False
    single: bool = False

    def __str__(self) -> str:
        if not self.hides:
            return f"{self.number:,}"
        return f"<{SMALLEST}" if self.single else f"> {self.number:,}"


@dataclass(frozen=True, slots=True)
class Row:
    """One unit, or all beneath it that are not shown by themselves (``deeper``); its figures in the order of the queues."""

    unit: int
    name: str
    cells: tuple[Figure, ...]
    deeper: bool

    @property
    def total(self) -> Figure:
        return summed(self.cells)


def shown(number: int) -> Figure:
    """The figure of one unit and one queue."""
    return Figure(0, True, True) if 0 < number < SMALLEST else Figure(number, single=True)


def summed(figures: Iterable[Figure]) -> Figure:
    """The sum of what is shown."""
    figures = tuple(figures)
    return figures[0] if len(figures) == 1 else Figure(sum(figure.number for figure in figures), any(figure.hides for figure in figures))


def table(actor: Actor, beneath: int | None = None) -> Iterator[Row]:
    """The rows that this actor may see, in the order of the tree; of what is beneath one unit, where one is chosen."""
    scope = actor.scope("figure")
    units = {pk: (name, path) for pk, name, path in Unit.objects.visible_to(actor).values_list("pk", "name", "path").order_by("path") if pk in scope}
    if beneath is not None:
        top = units.get(beneath, ("", "-"))[1]
        units = {pk: unit for pk, unit in units.items() if unit[1].startswith(top)}
    tallies = Tally.objects.visible_to(actor) if beneath is None else Tally.objects.visible_to(actor).filter(unit__in=list(units))
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for unit, queue, people in counted_by(tallies, "unit_id").values_list("unit_id", "queue", "people"):
        counted[unit][queue] = people
    return _rows(units, {unit: own for unit, own in counted.items() if own.total()}, MOST)


def _rows(units: Mapping[int, tuple[str, str]], counted: Mapping[int, Counter[str]], most: int) -> Iterator[Row]:
    by = _folded({pk: path for pk, (_, path) in units.items() if pk in counted}, units, most)
    within: dict[int, list[int]] = defaultdict(list)
    for unit in counted:
        within[by[unit]].append(unit)
    for pk in units:
        if pk in within:
            cells = tuple(summed(shown(counted[unit][queue]) for unit in within[pk]) for queue in QUEUES)
            yield Row(pk, units[pk][0], cells, within[pk] != [pk])


def _folded(paths: Mapping[int, str], units: Mapping[int, object], most: int) -> dict[int, int]:
    """For each unit the one by which it is shown: itself, or the one above it at the lowest level that fits on a page."""
    steps = {unit: [int(step) for step in path.strip("/").split("/")] for unit, path in paths.items()}
    level = max(map(len, steps.values()), default=0)
    while True:
        found = {unit: own[:level][-1] if own[:level][-1] in units else unit for unit, own in steps.items()}
        if level <= 1 or len(set(found.values())) <= most:
            return found
        level -= 1
