"""Flips: who comes out otherwise under one state of law than under another, and by which provisions.

Two slices of the same people, judged by two laws, are put beside each other; nothing is kept but those who differ, and counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import polars as pl

from rightcall.law.pack import Pack
from rightcall.law.reason import VERDICTS
from rightcall.records.roll import ID, REGION
from rightcall.screening.names import LIST, named

BOTH = ("before", "after")
FLIPS: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String, "region": pl.String, "before": pl.String, "after": pl.String,
    "gained": LIST, "lost": LIST, "opened": LIST, "settled": LIST,
}  # fmt: skip
"""Of a person: the verdicts; the grounds that hold only after, and only before; those unknown only after, and only before."""


@dataclass(slots=True)
class Flips:
    """Numbers of people: ``verdicts`` of both sides, ``pairs`` of different verdicts by region, provisions by what became of them."""

    people: int = 0
    differ: int = 0
    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: {side: Counter() for side in BOTH})
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    regions: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    provisions: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in ("gained", "lost", "opened", "settled")})

    def add(self, verdicts: pl.DataFrame, flips: pl.DataFrame) -> None:
        """Count a slice: the verdicts of everybody, and those who differ."""
        self.people += verdicts.height
        self.differ += flips.height
        for side in BOTH:
            self.verdicts[side].update(dict(verdicts[side].value_counts().iter_rows()))
        for region, before, after, count in flips.filter(pl.col("before") != pl.col("after")).group_by("region", *BOTH).len().iter_rows():
            self.pairs[before, after] += count
            self.regions.setdefault(region or "", Counter())[before, after] += count
        for name, counts in self.provisions.items():
            counts.update(dict(flips[name].explode().drop_nulls().value_counts().iter_rows()))

    def summary(self, titles: Mapping[str, str]) -> dict[str, Any]:
        """The figures as data, the most people first. ``titles``: of the provisions."""
        return {
            "people": self.people,
            "differ": self.differ,
            "verdicts": {side: {verdict: counts[verdict] for verdict in VERDICTS} for side, counts in self.verdicts.items()},
            "pairs": [{"before": before, "after": after, "people": count} for (before, after), count in _most(self.pairs)],
            "regions": [
                {"region": region, "people": counts.total(), "pairs": [{"before": before, "after": after, "people": n} for (before, after), n in _most(counts)]}
                for region, counts in sorted(self.regions.items(), key=lambda item: (-item[1].total(), item[0]))
            ],
            "provisions": [
                {"id": id, "title": titles[id]} | {name: self.provisions[name][id] for name in self.provisions}
                for id, _ in _most(sum(self.provisions.values(), Counter()))
            ],
        }


def _most(counts: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def flips(before: Iterable[pl.DataFrame], after: Iterable[pl.DataFrame], packs: tuple[Pack, Pack], counts: Flips) -> Iterator[pl.DataFrame]:
    """Those who differ (``FLIPS``), slice by slice, counted on the way. Both sides judge the same people in the same order.

    INVARIANT: nobody is on one side only.
    """
    for one, other in zip_longest(before, after):
        if one is None or other is None or not one[ID].equals(other[ID]):
            raise AssertionError("two laws were applied to different people")
        sides = (_sets(one, packs[0]), _sets(other, packs[1]))
        found = _differing(one, other, sides)
        counts.add(pl.DataFrame({side: frame["verdict"] for side, frame in zip(BOTH, (one, other), strict=True)}), found)
        yield found


Sets = tuple[pl.Series, pl.Series]


def _sets(found: pl.DataFrame, pack: Pack) -> Sets:
    """Of each person the grounds that hold, and, where nothing is settled, those that are unknown."""
    protective = [provision.id for provision in pack.protective]
    unknown = found.select(((pl.col("verdict") == "open") & pl.col(id).is_null()).alias(id) for id in protective)
    return named(found, protective, protective), named(unknown, protective, protective)


def _differing(one: pl.DataFrame, other: pl.DataFrame, sides: Sequence[Sets]) -> pl.DataFrame:
    (held, waited), (holds, waits) = sides
    frame = pl.DataFrame({
        "id": one[ID], "region": one[REGION], "before": one["verdict"], "after": other["verdict"],
        "~held": held, "~holds": holds, "~waited": waited, "~waits": waits,
    })  # fmt: skip
    found = frame.lazy().filter((pl.col("before") != pl.col("after")) | (pl.col("~held") != pl.col("~holds")))
    return found.select(
        "id", "region", *BOTH,
        gained=pl.col("~holds").list.set_difference("~held"), lost=pl.col("~held").list.set_difference("~holds"),
        opened=pl.col("~waits").list.set_difference("~waited"), settled=pl.col("~waited").list.set_difference("~waits"),
    ).cast(FLIPS).collect()  # type: ignore[arg-type]  # fmt: skip
