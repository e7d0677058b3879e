"""Figures: how many are in each queue, unit by unit. No row, no name.

Where there are more offices than fit on a page, they are shown by the unit above them, and each of these leads to its own page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rightcall.office.accounts.models import Unit
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import CallUp
from rightcall.office.campaigns.queues import QUEUES, counted_by

SMALLEST = 5
"""Figures about fewer people than this are not shown: they could point at somebody."""
MOST = 100
"""So many rows fit on a page."""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit, or all beneath it that are not shown by themselves (``deeper``)."""

    unit: int
    name: str
    cells: tuple[str, ...]
    total: int
    deeper: bool


def table(actor: Actor, beneath: int | None = None) -> Iterator[Row]:
    """The rows that this actor may see, in the order of the tree; of what is beneath one unit, where one is chosen."""
    scope = actor.scope("figure")
    units = {pk: (name, path) for pk, name, path in Unit.objects.visible_to(actor).values_list("pk", "name", "path").order_by("path") if pk in scope}
    if beneath is not None:
        top = units.get(beneath, ("", "-"))[1]
        units = {pk: unit for pk, unit in units.items() if unit[1].startswith(top)}
    people = CallUp.objects.all() if scope.everywhere and beneath is None else CallUp.objects.filter(unit__in=list(units))
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for unit, queue, number in counted_by(people, "unit_id").values_list("unit_id", "queue", "number"):
        counted[unit][queue] = number
    shown = _folded({pk: path for pk, (_, path) in units.items() if pk in counted}, units)
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    for unit, own in counted.items():
        sums[shown[unit]].update(own)
    folded = {above for unit, above in shown.items() if unit != above}
    return (_row(pk, units[pk][0], sums[pk], pk in folded) for pk in units if pk in sums)


def _folded(paths: Mapping[int, str], units: Mapping[int, object]) -> dict[int, int]:
    """For each unit the one by which it is shown: itself, or the one above it at the lowest level that fits on a page."""
    steps = {unit: [int(step) for step in path.strip("/").split("/")] for unit, path in paths.items()}
    level = max(map(len, steps.values()), default=0)
    while True:
        shown = {unit: own[:level][-1] if own[:level][-1] in units else unit for unit, own in steps.items()}
        if level <= 1 or len(set(shown.values())) <= MOST:
            return shown
        level -= 1


def _row(pk: int, name: str, counted: Counter[str], deeper: bool) -> Row:
    return Row(pk, name, tuple(_shown(counted[queue]) for queue in QUEUES), counted.total(), deeper)


def _shown(number: int) -> str:
    return f"<{SMALLEST}" if 0 < number < SMALLEST else f"{number:,}"
