"""What answers can still make of an unsettled statement: the truths within reach, the cells that can still matter, and those to ask first.

A *cell* is one thing a person can be asked: a fact, how many rows a list has (``children.complete``), or a field of one row
(``children[0].birth_date``). A cell that was asked is *done*, also where the answer was not known: then it stays as unknown as it is, and so
does a question of law that nobody has answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.evaluate import Proof
from rightcall.law.truth import Truth
from rightcall.law.vocabulary import COMPLETE

Cell = str
NO_CELLS: frozenset[Cell] = frozenset()


@dataclass(frozen=True, slots=True)
class Outlook:
    """``reach``: the set of truths that answers can lead to, perhaps too wide, never too narrow (``UNKNOWN``: nobody can settle it by answering).

    ``open``: the cells whose answer can still matter. ``first``: those of them that come first: what stands behind an unsettled condition, such as
    for whom a person cares, is asked once he is known to care.
    """

    reach: Truth
    open: frozenset[Cell] = NO_CELLS
    first: frozenset[Cell] = NO_CELLS


def outlook(proof: Proof, done: frozenset[Cell], row: int | None = None) -> Outlook:
    """The outlook of a statement. ``row``: the number of the row that it speaks of."""
    if t.is_settled(proof.truth):
        return Outlook(proof.truth)
    below = [outlook(part, done, row if part.row is None else part.row) for part in proof.below]
    match proof.node:
        case x.And():
            return _joined(t.both, below, [next((part.first for part in below if part.open), NO_CELLS)])
        case x.Or():
            return _joined(t.either, below, [part.first for part in below])
        case x.Not():
            return Outlook(t.negate(below[0].reach), below[0].open, below[0].first)
        case x.Named():
            return below[0]
        case x.AtLeast():
            return _rows(proof, proof.node, below, done)
        case _:
            return _leaf(proof, done, row)


def _joined(rule: Callable[[Iterable[Truth]], Truth], below: Sequence[Outlook], first: Iterable[frozenset[Cell]]) -> Outlook:
    return Outlook(rule(part.reach for part in below), NO_CELLS.union(*(part.open for part in below)), NO_CELLS.union(*first))


def _leaf(proof: Proof, done: frozenset[Cell], row: int | None) -> Outlook:
    """A leaf that hangs on nothing to be asked stays as it is; one that hangs on several cells, some of them done, may or may not."""
    cells = frozenset(cell_of(name, row) for name in proof.facts)
    open = cells - done
    if not open:
        return Outlook(t.UNKNOWN)
    return Outlook(Truth(t.QUESTION | t.UNKNOWN) if open < cells or t.hangs_on_answers(proof.truth) else t.QUESTION, open, open)


def _rows(proof: Proof, node: x.AtLeast, below: Sequence[Outlook], done: frozenset[Cell]) -> Outlook:
    """Rows are counted first, then looked at. A list that may have more rows than anybody knows of can never come out false."""
    counting = f"{node.list}.{COMPLETE}"
    rows = NO_CELLS.union(*(part.open for part in below))
    more = frozenset(name for name in proof.facts if "[]." not in name and name != counting) - done
    counted = frozenset({counting} & proof.facts) - done
    open = rows | more | counted
    if not open:
        return Outlook(t.UNKNOWN)
    closed = counting not in proof.facts or counting not in done
    first = counted or more or NO_CELLS.union(*(part.first for part in below))
    return Outlook(Truth(t.TRUE | t.UNKNOWN | (t.FALSE if closed else 0)), open, first)


def cell_of(name: str, row: int | None) -> Cell:
    """The cell of a fact, or of a field in a row."""
    return name if row is None or "[]." not in name else name.replace("[].", f"[{row}].", 1)
