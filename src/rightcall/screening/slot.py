"""A table whose rows change while the plan on it stays.

A plan of a whole law has some thousand expressions. It is put together once on slots and run for every slice of a roll.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from polars.io.plugins import register_io_source


class Slot:
    """Holds the rows of the slice at hand; ``lazy`` is the frame that plans are made on."""

    def __init__(self, schema: pl.Schema) -> None:
        self.rows = pl.DataFrame(schema=schema)
        self.lazy: pl.LazyFrame = register_io_source(self._read, schema=schema)

    def _read(self, columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _: int | None) -> Iterator[pl.DataFrame]:
        rows = self.rows.select(columns) if columns is not None else self.rows
        rows = rows.filter(predicate) if predicate is not None else rows
        yield rows.head(most) if most is not None else rows
