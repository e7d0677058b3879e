"""Clusters: the rows of one table that speak of the same person, put together from pairs that are alike.

Pairs are taken from the likeliest down. Two clusters become one only where their rows are alike on the average, so that one doubtful
pair does not chain two people together.
"""

from __future__ import annotations

import math

import polars as pl

_CAP = 40.0
"""Bits. Beyond it more evidence for one pair does not outweigh what other pairs say."""


def clusters(rows: int, pairs: pl.DataFrame, high: float, low: float) -> list[int]:
    """The cluster of each of ``rows`` identities; a cluster bears the number of its first row.

    ``pairs``: left, right and probability. Pairs that are not in it count as improbable as ``low``.
    """
    likely = pairs.filter(pl.col("probability") >= low).sort(["probability", "weight", "left", "right"], descending=[True, True, False, False])
    weights = {(left, right): weight for left, right, weight in likely.select("left", "right", _logit()).iter_rows()}
    members = {row: [row] for row in range(rows)}
    of = list(range(rows))
    for left, right, probability in likely.filter(pl.col("probability") >= 0.5).select("left", "right", "probability").iter_rows():
        one, other = sorted((of[left], of[right]))
        if one != other and _alike(members[one], members[other], weights, high if len(members[one]) + len(members[other]) == 2 else 0.5, probability):
            members[one] += members.pop(other)
            for row in members[one]:
                of[row] = one
    return of


def _logit() -> pl.Expr:
    odds = (pl.col("probability") / (1 - pl.col("probability")).clip(lower_bound=1e-15)).log(2)
    return odds.clip(-_CAP, _CAP).alias("logit")


def _alike(one: list[int], other: list[int], weights: dict[tuple[int, int], float], least: float, probability: float) -> bool:
    """Whether two clusters are one by the mean weight of their pairs."""
    if len(one) == 1 and len(other) == 1:
        return probability >= min(least, 0.5)
    total = sum(weights.get((min(a, b), max(a, b)), -_CAP / 8) for a in one for b in other)
    return total / (len(one) * len(other)) >= math.log2(least / (1 - least))
