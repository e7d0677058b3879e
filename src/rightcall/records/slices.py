"""A roll in slices: so many people at a time, with the rows of their lists, the next ones read while those at hand are worked on.

At most two slices are in memory, however long the roll.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import polars as pl

from rightcall.records.ahead import ahead
from rightcall.records.roll import ID

Slice = tuple[pl.DataFrame, Mapping[str, pl.DataFrame]]


@dataclass(frozen=True)
class Slices:
    """``count`` people, ``size`` at a time, and tables whose rows name them by ``id``."""

    people: pl.LazyFrame
    lists: Mapping[str, pl.LazyFrame]
    count: int
    size: int

    def __iter__(self) -> Iterator[Slice]:
        return ahead(partial(self._read, start) for start in self.starts)

    @property
    def starts(self) -> range:
        return range(0, self.count, self.size)

    @cached_property
    def in_order(self) -> bool:
        """Whether people stand in the order of their ids."""
        return bool(self.people.select((pl.col(ID) > pl.col(ID).shift(1)).all()).collect().item())

    def _read(self, start: int) -> Slice:
        people = self.people.slice(start, self.size).collect()
        return people, {name: self._rows_of(frame, people).collect() for name, frame in self.lists.items()}

    def _rows_of(self, frame: pl.LazyFrame, people: pl.DataFrame) -> pl.LazyFrame:
        """The rows that belong to a slice; where the roll is in order of id, by range, so that a file is read in part."""
        if self.count <= self.size:
            return frame
        if self.in_order:
            frame = frame.filter(pl.col(ID).is_between(pl.lit(people[ID][0]), pl.lit(people[ID][-1])))
        return frame.join(people.lazy().select(ID), on=ID, how="semi")
