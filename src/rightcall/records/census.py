"""How frequent each name and place is among everybody in the tables that are linked: what makes a rare name weigh more than a frequent one.

A later run over a few changed rows judges them by the census of the whole, so that the few are weighed as the many were. It holds no name:
keys are numbers that a name gives, and that give no name.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from rightcall.records.identity import Identities, Kind, Part, kept

YEAR_DAYS = 365
FREQUENT: tuple[Kind, ...] = ("name", "place", "text", "email")
"""The kinds whose frequency tells something: numbers and days are as good as each other."""
COUNTS = {"field": pl.String, "key": pl.UInt64, "people": pl.UInt32}


@dataclass(frozen=True, slots=True)
class Census:
    """``counts``: field, key, people. ``rows``: identities on the right; ``days``: on how many days they are born, at least a year."""

    counts: pl.DataFrame
    rows: int
    days: int

    def of(self, keys: pl.Series, part: Part) -> pl.Series:
        """How many people have each key of a part; none where it was not met."""
        counts = self.counts.filter(pl.col("field") == part.field.name)
        numbers = keys.to_frame("key").select(pl.col("key").hash(seed=1))
        found = numbers.join(counts, on="key", how="left", maintain_order="left")["people"].fill_null(0)
        return pl.select(pl.when(keys.is_not_null()).then(found)).to_series()

    def known(self, part: Part) -> int:
        """How many people have the part at all."""
        return max(int(self.counts.filter(pl.col("field") == part.field.name)["people"].sum()), 1)


def counted(left: Identities, right: Identities) -> Census:
    """The census of two tables."""
    everybody = pl.concat([left.table, right.table])
    counts = [_counts(everybody, part) for part in left.parts if part.kind in FREQUENT]
    days = [everybody[part.column].n_unique() for part in kept(left.parts, "date")[:1]]
    return Census(pl.concat([pl.DataFrame(schema=COUNTS), *counts]), right.table.height, max(YEAR_DAYS, *days))


def _counts(everybody: pl.DataFrame, part: Part) -> pl.DataFrame:
    found = everybody.drop_nulls(part.column).group_by(part.column, maintain_order=True).len("people")
    return found.select(pl.lit(part.field.name).alias("field"), pl.col(part.column).hash(seed=1).alias("key"), pl.col("people").cast(pl.UInt32))
