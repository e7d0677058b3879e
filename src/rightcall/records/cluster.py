"""Clusters: the rows of one table that speak of the same person, put together from pairs that are alike.

Pairs are taken from the likeliest down. Two clusters become one only where their rows are alike on the average, so that one doubtful
pair does not chain two people together.
"""

from __future__ import annotations

import polars as pl

_CAP = 40.0
"""Bits. Beyond it more evidence for one pair does not outweigh what other pairs say."""
_UNSEEN = -5.0
"""Bits against a pair that was not even worth keeping."""
EVEN = 0.5


def clusters(rows: int, pairs: pl.DataFrame, low: float) -> list[int]:
    """The cluster of each of ``rows`` identities; a cluster bears the number of its first row.

    ``pairs``: left, right (left before right) and probability. Those under ``low`` count as unseen.
    """
    kept = pairs.filter(pl.col("probability") >= low).select("left", "right", "probability", bits=_bits())
    bits = {(left, right): weight for left, right, _, weight in kept.iter_rows()}
    members = {row: [row] for row in range(rows)}
    of = list(range(rows))
    likely = kept.filter(pl.col("probability") >= EVEN).sort(["probability", "left", "right"], descending=[True, False, False])
    for left, right in likely.select("left", "right").iter_rows():
        one, other = sorted((of[left], of[right]))
        if one != other and _alike(members[one], members[other], bits):
            members[one] += members.pop(other)
            for row in members[one]:
                of[row] = one
    return of


def _bits() -> pl.Expr:
    """The log2 of the odds."""
    return (pl.col("probability") / (1 - pl.col("probability")).clip(lower_bound=1e-15)).log(2).clip(-_CAP, _CAP)


def _alike(one: list[int], other: list[int], bits: dict[tuple[int, int], float]) -> bool:
    """Whether the pairs of two clusters speak for one person on the average."""
    return sum(bits.get((min(a, b), max(a, b)), _UNSEEN) for a in one for b in other) >= 0
