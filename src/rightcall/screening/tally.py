"""What is counted while findings are made: people by verdict, region, ground, cause, missing fact and question.

Counts of slices add up, so nothing but the counts is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from rightcall.law.pack import Pack


@dataclass(slots=True)
class Tally:
    """Numbers of people. ``alone``: those who hang on one question of law and on nothing else."""

    verdicts: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    regions: dict[str, Counter[str]] = field(default_factory=dict)
    true: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    promised: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    questions: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)

    @property
    def people(self) -> int:
        return self.verdicts.total()

    def add(self, found: pl.DataFrame, pack: Pack, promise: str) -> None:
        """Count a slice: findings with ``~region``, ``cause``, ``missing``, ``questions`` and a column for each provision.

        ``promise``: how columns of promises begin; nothing where there are none.
        """
        self.verdicts.update(_counts(found["verdict"]))
        self.causes.update(_counts(found["cause"].drop_nulls()))
        if pack.labels:
            self.labels.update(_counts(found["label"].replace("", None).drop_nulls()))
        for region, verdict, count in found.group_by("~region", "verdict").len().iter_rows():
            self.regions.setdefault(region or "", Counter())[verdict] += count
        provisions = list(pack.provisions)
        sums = found.select(pl.col(provisions).sum()).row(0)
        self.true.update(dict(zip(provisions, sums, strict=True)))
        nulls = found.select((pl.col(provisions).is_null() & (pl.col("verdict") == "open")).sum()).row(0)
        self.unknown.update({id: count for id, count in zip(provisions, nulls, strict=True) if pack.provisions[id].protects})
        promises = [column for column in found.columns if promise and column.startswith(promise)]
        self.promised.update({column.removeprefix(promise): found[column].sum() for column in promises})
        self.missing.update(_counts(found["missing"].explode().drop_nulls()))
        self.questions.update(_counts(found["questions"].explode().drop_nulls()))
        only = pl.col("questions").filter((pl.col("missing").list.len() == 0) & (pl.col("questions").list.len() == 1))
        self.alone.update(_counts(found.select(only)["questions"].explode().drop_nulls()))

    def add_promised(self, promised: pl.Series) -> None:
        """Count promises that were kept aside: of each person the provisions."""
        self.promised.update(_counts(promised.explode().drop_nulls()))


def _counts(series: pl.Series) -> dict[str, int]:
    return dict(series.value_counts().iter_rows())
