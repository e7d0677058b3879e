"""Figures office by office, for those who see no row: how many are in each queue.

INVARIANT: what is shown is the same for every number that a hidden figure could have. The total is therefore that of the figures shown, and says
where others are hidden: from an exact total beside one hidden figure anybody could subtract it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns import queues
from rightcall.office.campaigns.models import CallUp

SMALLEST = 5
"""Figures about fewer people than this are not shown: they could point at somebody. That there is nobody is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One office: its figures in the order of the queues (none: hidden), and their total, which is ``at_least`` so many where some are hidden."""

    office: str
    cells: tuple[int | None, ...]

    @property
    def total(self) -> int:
        return sum(cell or 0 for cell in self.cells)

    @property
    def at_least(self) -> bool:
        return None in self.cells


def shown(counts: Sequence[int]) -> tuple[int | None, ...]:
    """Each figure, or nothing where it is about a few."""
    return tuple(None if 0 < count < SMALLEST else count for count in counts)


def lines(actor: Actor) -> Iterator[Line]:
    """The offices that the actor has figures of."""
    people = CallUp.objects.of_units(actor.scope("figure")).order_by()
    counted = people.values("unit", "unit__name").annotate(**queues.counting()).order_by("unit__path")
    for row in counted:
        yield Line(row["unit__name"], shown([row[f"in_{name}"] for name in queues.QUEUES]))
