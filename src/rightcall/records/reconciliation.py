"""How what several sources say of one fact becomes what is known of it: the arithmetic, on columns.

Every value is a pair of whole numbers, its ends, so that one rule serves all kinds of facts: days and numbers are themselves, a yes or no is 1 or
0, a word is its place in a list, none is ``NONE``. Sources that can be right together leave what lies in all of them; sources that
cannot leave the hull. A pair whose ends differ says nothing of a word or a yes or no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from rightcall.law.value import UNBOUNDED
from rightcall.law.vocabulary import FactType

NONE = 2_000_000_000
"""Known to be none: a value like others, beyond every number."""
_BOOL = {True: 1, False: 0}


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of a value as columns; empty where a source says nothing."""

    low: pl.Expr
    high: pl.Expr

    def where(self, condition: pl.Expr) -> Ends:
        return Ends(pl.when(condition).then(self.low), pl.when(condition).then(self.high))

    def otherwise(self, other: Ends) -> Ends:
        """This where it says something, else the other."""
        return Ends(pl.coalesce(self.low, other.low), pl.coalesce(self.high, other.high))

    @property
    def exact(self) -> pl.Expr:
        return (self.low == self.high).fill_null(False)


NOTHING = Ends(pl.lit(None, pl.Int32), pl.lit(None, pl.Int32))
ANYTHING = Ends(pl.lit(-UNBOUNDED, pl.Int32), pl.lit(NONE, pl.Int32))


@dataclass(frozen=True, slots=True)
class Said:
    """What the rows of one source say together: the ends of what lies in all (``low`` may exceed ``high``), and of the hull."""

    low: pl.Expr
    high: pl.Expr
    least: pl.Expr
    most: pl.Expr

    @classmethod
    def once(cls, ends: Ends) -> Said:
        """What a single row says."""
        return cls(ends.low, ends.high, ends.low, ends.high)


def reconciled(sources: Sequence[Said]) -> Ends:
    """What is known from several sources: what lies in all of them, or, where they contradict each other, the hull."""
    if not sources:
        return NOTHING
    low, high = pl.max_horizontal(said.low for said in sources), pl.min_horizontal(said.high for said in sources)
    agree = low <= high
    least, most = pl.min_horizontal(said.least for said in sources), pl.max_horizontal(said.most for said in sources)
    return Ends(pl.when(agree).then(low).otherwise(least), pl.when(agree).then(high).otherwise(most))


def contradict(sources: Sequence[Said]) -> pl.Expr:
    """Where the sources cannot all be right."""
    if not sources:
        return pl.lit(False)
    low, high = pl.max_horizontal(said.low for said in sources), pl.min_horizontal(said.high for said in sources)
    return (low > high).fill_null(False)


def hull(known: Ends, doubtful: Iterable[Ends]) -> Ends:
    """Both worlds: with what may be said of somebody else, and without it. Nothing known and something doubtful is anything."""
    ends = list(doubtful)
    if not ends:
        return known
    there = pl.any_horizontal(end.low.is_not_null() for end in ends)
    base = known.otherwise(ANYTHING)
    low, high = pl.min_horizontal(base.low, *(end.low for end in ends)), pl.max_horizontal(base.high, *(end.high for end in ends))
    return Ends(pl.when(there).then(low).otherwise(known.low), pl.when(there).then(high).otherwise(known.high))


@dataclass(frozen=True, slots=True)
class Code:
    """A fact in whole numbers, and back. ``words``: the words that its numbers stand for, in order."""

    fact: FactType
    words: tuple[str, ...] = ()

    def encoded(self, name: str, columns: Iterable[str]) -> Ends | None:
        """The ends of a fact's columns; nothing where there are none. ``name``: what the columns are called."""
        present = set(columns)
        ends = self._ends(name, present)
        if f"{name}.none" not in present:
            return ends
        none = pl.col(f"{name}.none").fill_null(False)
        number = pl.lit(NONE, pl.Int32)
        low, high = (ends.low, ends.high) if ends else (NOTHING.low, NOTHING.high)
        return Ends(pl.when(none).then(number).otherwise(low), pl.when(none).then(number).otherwise(high))

    def _ends(self, name: str, present: set[str]) -> Ends | None:
        if f"{name}.min" in present:
            low, high = pl.col(f"{name}.min"), pl.col(f"{name}.max")
            said = low.is_not_null() | high.is_not_null()
            return Ends(low.fill_null(-UNBOUNDED), high.fill_null(UNBOUNDED)).where(said)
        if name not in present:
            return None
        value = pl.col(name)
        if self.fact.kind == "bool":
            value = value.cast(pl.Int32)
        elif not self.fact.bounded:
            value = value.replace_strict(list(self.words), pl.Series(range(len(self.words)), dtype=pl.Int32), default=None, return_dtype=pl.Int32)
        return Ends(value, value)

    def code(self, value: object) -> int | None:
        """The number of one value (a bool or a word)."""
        if isinstance(value, bool):
            return _BOOL[value]
        return self.words.index(value) if isinstance(value, str) and value in self.words else None

    def decoded(self, name: str, ends: Ends) -> Mapping[str, pl.Expr]:
        """The columns of a fact: its value or its ``.min`` and ``.max``, and ``.none`` where it may be none."""
        is_none = ends.exact & (ends.low == NONE)
        told = ends.low.is_not_null() & (ends.high < NONE)
        columns = {f"{name}.none": is_none} if self.fact.none == "absent" else {}
        if self.fact.bounded:
            low = pl.when(told & (ends.low > -UNBOUNDED)).then(ends.low)
            high = pl.when(told & (ends.high < UNBOUNDED)).then(ends.high)
            return columns | {f"{name}.min": low.cast(pl.Int32), f"{name}.max": high.cast(pl.Int32)}
        exact = told & ends.exact
        if self.fact.kind == "bool":
            return columns | {name: pl.when(exact).then(ends.low == 1)}
        numbers = pl.Series(range(len(self.words)), dtype=pl.Int32)
        word = ends.low.replace_strict(numbers, pl.Series(list(self.words), dtype=pl.String), default=None, return_dtype=pl.String)
        return columns | {name: pl.when(exact).then(word)}
