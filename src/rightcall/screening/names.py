"""Columns of flags turned into lists of names: which grounds hold, what is missing, which questions are open.

People share few patterns of flags, so each list is made once for its pattern and joined to the people who have it.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_BITS = 62
LIST = pl.List(pl.String)


def named(frame: pl.DataFrame, columns: Sequence[str], names: Sequence[str]) -> pl.Series:
    """For each row the names of the columns whose flag is set, in order. Empty flags are not set."""
    if not columns or frame.is_empty():
        return pl.Series([[]] * frame.height, dtype=LIST)
    words = [
        pl.sum_horizontal(
            pl.col(column).fill_null(False).cast(pl.Int64) * (1 << bit) for bit, column in enumerate(columns[start : start + _BITS])
        ).alias(f"~{start}")
        for start in range(0, len(columns), _BITS)
    ]  # fmt: skip
    patterns = frame.select(words)
    distinct = patterns.unique()
    lists = [_names(row, names) for row in distinct.iter_rows()]
    table = distinct.with_columns(pl.Series("~names", lists, dtype=LIST))
    return patterns.join(table, on=patterns.columns, how="left", maintain_order="left")["~names"]


def _names(words: tuple[int, ...], names: Sequence[str]) -> list[str]:
    return [name for number, name in enumerate(names) if words[number // _BITS] >> (number % _BITS) & 1]
