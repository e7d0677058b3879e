"""How likely a ground is to hold, and what has to be asked for that: rough odds that order questions and never touch a finding.

No population is known. What a pack assumes untold, or asks for in a gate, is mostly not so; what stands behind a condition, or concerns the person by
his own word, mostly is; all else is even.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.evaluate import Proof, World, parameter
from rightcall.law.outlook import Cell, cell_of
from rightcall.law.value import Span
from rightcall.law.vocabulary import COMPLETE

LIKELY, EVEN, USUALLY_NOT = 0.8, 0.5, 0.1
MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Prospect:
    """The chance that a statement comes out as wanted, and the cells to ask for it."""

    chance: float
    cells: frozenset[Cell] = frozenset()

    @property
    def worth(self) -> float:
        return self.chance / (len(self.cells) or 1)


@dataclass(frozen=True, slots=True)
class Odds:
    """What the chances rest on. ``of``: the chance that a fact keeps a ground alive; ``world``: for how many rows a count needs."""

    of: Callable[[str], float]
    done: frozenset[Cell]
    world: World

    def prospect(self, proof: Proof, want: bool = True, behind: bool = False, row: int | None = None) -> Prospect:
        """The prospect of a statement. ``behind``: it stands behind a condition that holds, or concerns the person by his own word."""
        if t.is_settled(proof.truth):
            return Prospect(float((proof.truth == t.TRUE) == want))
        row = row if proof.row is None else proof.row
        match proof.node:
            case x.And():
                return self._all(proof.below, want, behind, row) if want else self._one(proof.below, want, behind, row)
            case x.Or():
                return self._one(proof.below, want, behind, row) if want else self._all(proof.below, want, behind, row)
            case x.Not():
                return self.prospect(proof.below[0], not want, behind, row)
            case x.Named():
                return self.prospect(proof.below[0], want, behind, row)
            case x.AtLeast():
                return self._rows(proof, proof.node, behind)
            case _:
                return self._cells((cell_of(name, row) for name in proof.facts), behind)

    def _all(self, parts: Iterable[Proof], want: bool, behind: bool, row: int | None) -> Prospect:
        found: list[Prospect] = []
        for part in parts:
            found.append(self.prospect(part, want, behind or any(one.cells for one in found), row))
        return Prospect(prod(one.chance for one in found), frozenset().union(*(one.cells for one in found)))

    def _one(self, parts: Iterable[Proof], want: bool, behind: bool, row: int | None) -> Prospect:
        return max((self.prospect(part, want, behind, row) for part in parts), key=lambda one: one.worth)

    def _rows(self, proof: Proof, node: x.AtLeast, behind: bool) -> Prospect:
        """Each further row that a count needs halves the chance."""
        needed = parameter(node.number, self.world)
        more = min(needed.low + node.plus, MOST_ROWS) - 1 if isinstance(needed, Span) else MOST_ROWS
        count = f"{node.list}.{COMPLETE}"
        counting = self._cells([count], behind) if count in proof.facts else Prospect(1.0)
        fields = [field for field in x.facts_of(node.body) if "[]." in field] if counting.cells else []
        rows = [self.prospect(part, True, True) for part in proof.below]
        best = max(rows, key=lambda one: one.worth, default=Prospect(LIKELY ** len(fields), frozenset(fields)))
        return Prospect(counting.chance * best.chance * EVEN ** max(more, 0), counting.cells | best.cells)

    def _cells(self, cells: Iterable[Cell], behind: bool) -> Prospect:
        """Nothing can be hoped of what was asked and is not known, nor of a question of law, which hangs on no cell."""
        found = frozenset(cells)
        if found & self.done or not found:
            return Prospect(0.0)
        return Prospect(prod(LIKELY if behind else self.of(fact_of(cell)) for cell in found), found)


def fact_of(cell: Cell) -> str:
    """The fact of a cell."""
    listed, bracket, field = cell.partition("[")
    return f"{listed}[].{field.partition('].')[2]}" if bracket and not field.startswith("]") else cell
