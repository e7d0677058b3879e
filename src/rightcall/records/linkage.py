"""Linkage: which rows of the registers speak of which person of the roll, and how sure that is.

First what can be explained in a sentence (``agreement``); the rest by likelihood (``model``). A row speaks of one person at most. Where
two people fit, where the likelihood is neither high nor low, or where nothing could be learned, the link is kept as uncertain:
a doubt may protect somebody, a guess may send him.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from rightcall.law.problem import refuse
from rightcall.records import agreement as a
from rightcall.records.blocking import candidates
from rightcall.records.cluster import clusters
from rightcall.records.identity import KEY, ROW, Field, Identities, Part, identities, kept, parts_of
from rightcall.records.model import Model, Tables, Untrained, score, train, usable

__all__ = ["Clusters", "Links", "Model", "Thresholds", "deduplicate", "link"]

Progress = Callable[[str], None]
AGREEMENT = pl.List(pl.Struct({"field": pl.String, "says": pl.String, "weight": pl.Float64}))
PAIRS = {"left": pl.UInt32, "right": pl.UInt32, "probability": pl.Float64, "how": pl.String, "certain": pl.Boolean, "agreement": AGREEMENT}
_ROUNDS = 25
_STILL = 1e-6
_UNLIKELY = -10.0
"""Pairs under this weight change no probability: with the prior of a single person to a single row they stay far below any threshold."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From ``high`` on a link counts; below ``low`` there is none; between them it is uncertain."""

    high: float = 0.99
    low: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high <= 1:
            raise refuse("the thresholds are the wrong way round", help="0 < low <= high <= 1")


@dataclass(frozen=True, slots=True)
class Links:
    """``pairs``: left and right (rows), probability (null where nobody knows it), how, certain, agreement. ``model``: to be used again."""

    pairs: pl.DataFrame
    model: Model | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """``rows``: row and cluster (UInt32), for every row. ``pairs``: those found alike, as in ``Links``."""

    rows: pl.DataFrame
    pairs: pl.DataFrame
    model: Model | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model says: pairs with ``weight`` and words; the model that was used; notes."""

    pairs: pl.DataFrame | None
    model: Model | None
    notes: tuple[str, ...]


def link(
    left: pl.LazyFrame,
    right: pl.LazyFrame,
    fields: Sequence[Field],
    thresholds: Thresholds = Thresholds(),
    progress: Progress = lambda doing: None,
    model: Model | None = None,
    probabilistic: bool = True,
) -> Links:
    """Link rows (right) to people (left). Both have ``row`` (UInt32) and the fields; ``source`` is not looked at.

    ``model`` of an earlier run scores without training; without ``probabilistic`` only numbers and names link, and what is near is
    uncertain. Raises ``Refused`` for a missing column, and where Splink is needed and not installed.
    """
    parts = usable(model, fields) if model else parts_of(fields)
    progress("reading names")
    people, rows = identities(left, parts, distinct=False), identities(right, parts)
    progress("comparing numbers and names")
    certain = a.deterministic(people, rows, thresholds.high)
    progress("weighing what is left")
    rest = replace(rows, table=rows.table.join(certain.settled, left_on=KEY, right_on="right", how="anti"))
    scored = _scored(Tables(people, rows), rest, model) if probabilistic else Scored(None, None, ())
    likely = _likely(scored, people, rest, thresholds)
    found = _joined(certain, likely, people, rows)
    return Links(_by_row(found, people, rows), scored.model, scored.notes)


def _scored(whole: Tables, rest: Identities, model: Model | None) -> Scored:
    """The candidates of the rest, weighed by a model of the whole."""
    if rest.table.is_empty() or whole.left.table.is_empty():
        return Scored(None, model, ())
    trained = model or train(whole)
    if isinstance(trained, Untrained):
        return Scored(None, None, tuple(f"not linked by likelihood: {lack}" for lack in trained.lacks))
    found = candidates(whole.left, rest, whole.itself)
    tables = replace(whole, right=rest)
    return Scored(score(trained, tables, found.pairs, _UNLIKELY), trained, found.notes)


def _likely(scored: Scored, people: Identities, rest: Identities, thresholds: Thresholds) -> pl.DataFrame:
    """Links by likelihood, or by nearness where there is no model."""
    if scored.pairs is None or scored.model is None:
        pairs = a.near(people, rest)
        found = a.compared(pairs, people, rest).drop(f"{part.column}_r" for part in people.parts)
        return found.with_columns(probability=pl.lit(None, pl.Float64), how=pl.lit("near"), settled=pl.lit(False))
    odds = _chances(scored.pairs, people.table.height, rest.table.height, scored.model.share)
    found = odds.filter(pl.col("probability") >= thresholds.low)
    settled = (pl.col("probability") >= thresholds.high) & _borne_out(people.parts)
    return found.with_columns(how=pl.lit("model"), settled=settled).drop("weight")


def _chances(pairs: pl.DataFrame, people: int, rows: int, share: float) -> pl.DataFrame:
    """The probability of each pair, given that a row speaks of one person or of none.

    How many rows speak of somebody is not known beforehand: it starts with ``share`` and is what the probabilities add up to.
    """
    evidence = (2.0 ** pl.col("weight").clip(upper_bound=300.0)) / people
    pairs = pairs.with_columns(evidence=evidence)
    totals = pairs.group_by("right").agg(total=pl.col("evidence").sum())["total"].sort()
    for _ in range(_ROUNDS):
        told = share * totals / (1 - share + share * totals)
        before, share = share, min(max(float(told.sum()) / rows, 1e-9), 1 - 1e-6)
        if abs(share - before) < _STILL * before:
            break
    all_of_it = share * pl.col("evidence").sum().over("right")
    return pairs.with_columns(probability=share * pl.col("evidence") / (1 - share + all_of_it)).drop("evidence")


def _borne_out(parts: Sequence[Part]) -> pl.Expr:
    """INVARIANT: whatever else agrees, nobody is linked with quite other names and birth date."""
    personal = [a.said(part) for part in (*kept(parts, "name"), *kept(parts, "date"))]
    unlike = pl.all_horizontal(pl.lit(True), *(said.is_in([a.OTHER, a.MISSING, a.SAME_YEAR]) for said in personal))
    silent = pl.all_horizontal(pl.lit(True), *(said == a.MISSING for said in personal))
    return ~unlike | silent


def _joined(certain: a.Pass, likely: pl.DataFrame, people: Identities, rows: Identities) -> pl.DataFrame:
    """All links. A doubt of the first passes stays beside what the model found; where they name two people, neither is certain."""
    said = [f"says_{part.column}" for part in people.parts]
    weights = [f"weight_{part.column}" for part in people.parts]
    columns = ["left", "right", "probability", "how", "settled", *said, *weights]
    doubts = certain.doubts.join(likely.filter(pl.col("how") == "model"), on=["left", "right"], how="anti")
    likely = likely.join(doubts, on=["left", "right"], how="anti")
    explained = pl.concat([certain.settled, doubts])
    plain = explained.join(a.compared(explained.select("left", "right"), people, rows), on=["left", "right"])
    no_weight = [pl.lit(None, pl.Float64).alias(name) for name in weights]
    found = [frame.with_columns(no_weight if weights[0] not in frame.columns else []).select(columns) for frame in (plain, likely) if frame.height]
    empty = plain.with_columns(no_weight).select(columns).clear()
    return pl.concat([empty, *found]).with_columns(certain=pl.col("settled") & ~_rivalled())


def _rivalled() -> pl.Expr:
    """Whether another person has a claim on the row that is not beaten: a doubt without a probability, or half of one."""
    strong = pl.col("probability").is_null() | (pl.col("probability") >= 0.5)
    return (strong.sum().over("right") > 1) & strong


def _by_row(found: pl.DataFrame, people: Identities, rows: Identities) -> pl.DataFrame:
    """The links of identities as links of rows."""
    spoken = found.select("left", "right", "probability", "how", "certain", _agreement(people.parts))
    by_person = people.rows.rename({ROW: "left_row", KEY: "left"})
    by_row = rows.rows.rename({ROW: "right_row", KEY: "right"})
    joined = spoken.join(by_person, on="left").join(by_row, on="right").drop("left", "right")
    return joined.rename({"left_row": "left", "right_row": "right"}).select(list(PAIRS)).cast(PAIRS).sort("left", "right")  # type: ignore[arg-type]


def _agreement(parts: Sequence[Part]) -> pl.Expr:
    said = (pl.struct(pl.lit(p.field.name).alias("field"), a.said(p).alias("says"), pl.col(f"weight_{p.column}").alias("weight")) for p in parts)
    return pl.concat_list(*said).alias("agreement")


def deduplicate(
    table: pl.LazyFrame,
    fields: Sequence[Field],
    thresholds: Thresholds = Thresholds(),
    progress: Progress = lambda doing: None,
    model: Model | None = None,
) -> Clusters:
    """Find the rows of one table that speak of the same person.

    Rows are together where it is more likely than not that they are one person, all pairs of the cluster taken together; ``pairs`` says
    which of them are certain. Raises ``Refused`` where there is nothing to compare, Splink is missing, or the table teaches too little.
    """
    parts = usable(model, fields) if model else parts_of(fields)
    progress("reading names")
    rows = identities(table, parts, distinct=False)
    progress("weighing pairs")
    scored = _scored(Tables(rows, rows, itself=True), rows, model)
    if scored.pairs is None or scored.model is None:
        raise refuse("the table teaches too little to find duplicates", help="; ".join(scored.notes))
    pairs = _pair_chances(scored.pairs, rows.table.height, scored.model.share)
    progress("putting rows together")
    together = clusters(rows.table.height, pairs, thresholds.low)
    found = pairs.filter(pl.col("probability") >= thresholds.low)
    found = found.with_columns(how=pl.lit("model"), certain=(pl.col("probability") >= thresholds.high) & _borne_out(parts))
    numbered = rows.rows.with_columns(cluster=pl.Series(together, dtype=pl.UInt32)).select(ROW, "cluster")
    return Clusters(numbered, _by_row(found, rows, rows), scored.model, scored.notes)


def _pair_chances(pairs: pl.DataFrame, rows: int, share: float) -> pl.DataFrame:
    """The probability of each pair of one table: any number of rows may speak of the same person."""
    evidence = pl.col("weight").clip(upper_bound=300.0)
    possible = rows * (rows - 1) / 2
    chance = min(max(share / rows, 1e-12), 0.5)
    weights = 2.0 ** pairs.select(evidence)["weight"]
    for _ in range(_ROUNDS):
        odds = weights * (chance / (1 - chance))
        before, chance = chance, min(max(float((odds / (1 + odds)).sum()) / possible, 1e-12), 0.5)
        if abs(chance - before) < _STILL * before:
            break
    odds = weights * (chance / (1 - chance))
    return pairs.with_columns(probability=odds / (1 + odds))
