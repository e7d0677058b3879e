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
from rightcall.records.census import Census, counted
from rightcall.records.cluster import clusters
from rightcall.records.identity import KEY, ROW, Field, Identities, Part, identities, kept, parts_of
from rightcall.records.linker import Here, Machine
from rightcall.records.model import Model, Tables, Untrained, score, train, usable

__all__ = ["Clusters", "Learned", "Links", "Model", "Thresholds", "deduplicate", "link"]

Progress = Callable[[str], None]
AGREEMENT = pl.List(pl.Struct({"field": pl.String, "says": pl.String, "weight": pl.Float64}))
PAIRS = {"left": pl.UInt32, "right": pl.UInt32, "probability": pl.Float64, "how": pl.String, "certain": pl.Boolean, "agreement": AGREEMENT}
HERE = Here()
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
class Learned:
    """What a linking learned of the tables as a whole. With it a row is linked as it would be among all the others.

    ``share``: of the rows left to the model, how many speak of somebody; ``rules``: what pairs had to agree in to be looked at. Without a model
    nothing could be learned of likelihood.
    """

    model: Model | None
    share: float
    census: Census
    rules: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Links:
    """``pairs``: left and right (rows), probability (null where nobody knows it), how, certain, agreement. ``learned``: for a later run."""

    pairs: pl.DataFrame
    learned: Learned
    notes: tuple[str, ...]

    @property
    def model(self) -> Model | None:
        """The model that was used, if any."""
        return self.learned.model


@dataclass(frozen=True, slots=True)
class Clusters:
    """``rows``: row and cluster (UInt32), for every row. ``pairs``: those found alike, as in ``Links``."""

    rows: pl.DataFrame
    pairs: pl.DataFrame
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
    learned: Learned | None = None,
    machine: Machine = HERE,
) -> Links:
    """Link rows (right) to people (left). Both have ``row`` (UInt32) and the fields; ``source`` is not looked at.

    ``model`` of an earlier run scores without training; with ``learned`` nothing at all is learned from these rows, so that a few of them are
    linked as they would be among all; ``machine``: where the weighing runs; without ``probabilistic`` only numbers and names link, and what is near is uncertain.
    Raises ``Refused`` for a missing column, and where Splink is needed and not installed.
    """
    model = learned.model if learned else model
    parts = usable(model, fields) if model else parts_of(fields)
    progress("reading names")
    people, rows = identities(left, parts, distinct=False), identities(right, parts)
    census = learned.census if learned else counted(people, rows)
    progress("comparing numbers and names")
    certain = a.deterministic(people, rows, thresholds.high, census)
    progress("weighing what is left")
    rest = replace(rows, table=rows.table.join(certain.settled, left_on=KEY, right_on="right", how="anti"))
    whole = Tables(people, rows, machine=machine)
    taught = _taught(whole, rest, model, probabilistic and not learned)
    weighed = _weighed(whole, rest, taught.model, census, learned.rules if learned else ()) if probabilistic else None
    share = learned.share if learned else _share(weighed, taught.model, people, rest)
    likely = _likely(weighed, people, rest, share, thresholds)
    found = _joined(certain, likely, people, rows)
    notes = (*taught.notes, *(weighed.notes if weighed else ()))
    rules = learned.rules if learned else weighed.rules if weighed else ()
    return Links(_by_row(found, people, rows), Learned(taught.model, share, census, rules), notes)


@dataclass(frozen=True, slots=True)
class Taught:
    """A model, given or trained, or why there is none."""

    model: Model | None
    notes: tuple[str, ...] = ()


def _taught(whole: Tables, rest: Identities, model: Model | None, may_train: bool) -> Taught:
    if model or not may_train or rest.table.is_empty() or whole.left.table.is_empty():
        return Taught(model)
    trained = train(whole)
    if isinstance(trained, Untrained):
        return Taught(None, tuple(f"not linked by likelihood: {lack}" for lack in trained.lacks))
    return Taught(trained)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Pairs with ``weight`` and words, what was noticed, and the rules by which pairs were looked at."""

    pairs: pl.DataFrame
    notes: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]


def _weighed(whole: Tables, rest: Identities, model: Model | None, census: Census | None, rules: Sequence[Sequence[str]] = ()) -> Weighed | None:
    """The candidates of the rest, weighed by a model of the whole; nothing where there is no model."""
    if model is None or rest.table.is_empty() or whole.left.table.is_empty():
        return None
    found = candidates(whole.left, rest, whole.itself, rules)
    tables = (
        replace(whole, right=rest) if census is None else replace(whole, left=_only(whole.left, found.pairs["left"]), right=_only(rest, found.pairs["right"]))
    )
    return Weighed(score(model, tables, found.pairs, _UNLIKELY, census), found.notes, found.keys)


def _only(side: Identities, keys: pl.Series) -> Identities:
    return replace(side, table=side.table.filter(pl.col(KEY).is_in(keys.unique().implode())))


def _share(weighed: Weighed | None, model: Model | None, people: Identities, rest: Identities) -> float:
    """Of the rows left to the model, how many speak of somebody: it starts with the model's share and is what the probabilities add up to."""
    if weighed is None or model is None:
        return 0.0
    totals = weighed.pairs.group_by("right").agg(total=_evidence(people).sum())["total"].sort()
    share = model.share
    for _ in range(_ROUNDS):
        told = share * totals / (1 - share + share * totals)
        before, share = share, min(max(float(told.sum()) / rest.table.height, 1e-9), 1 - 1e-6)
        if abs(share - before) < _STILL * before:
            break
    return share


def _evidence(people: Identities) -> pl.Expr:
    """How much a pair speaks for this person rather than for nobody, where each is as likely as another beforehand."""
    return (2.0 ** pl.col("weight").clip(upper_bound=300.0)) / people.table.height


def _likely(weighed: Weighed | None, people: Identities, rest: Identities, share: float, thresholds: Thresholds) -> pl.DataFrame:
    """Links by likelihood, or by nearness where there is no model. A row speaks of one person or of none."""
    if weighed is None:
        pairs = a.near(people, rest)
        found = a.compared(pairs, people, rest).drop(f"{part.column}_r" for part in people.parts)
        return found.with_columns(probability=pl.lit(None, pl.Float64), how=pl.lit("near"), settled=pl.lit(False))
    told = share * _evidence(people)
    odds = weighed.pairs.with_columns(probability=told / (1 - share + told.sum().over("right")))
    found = odds.filter(pl.col("probability") >= thresholds.low)
    settled = (pl.col("probability") >= thresholds.high) & _borne_out(people.parts)
    return found.with_columns(how=pl.lit("model"), settled=settled).drop("weight")


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
    whole = Tables(rows, rows, itself=True)
    taught = _taught(whole, rows, model, may_train=True)
    weighed = _weighed(whole, rows, taught.model, None)
    if weighed is None or taught.model is None:
        raise refuse("the table teaches too little to find duplicates", help="; ".join(taught.notes))
    pairs = _pair_chances(weighed.pairs, rows.table.height, taught.model.share)
    progress("putting rows together")
    together = clusters(rows.table.height, pairs, thresholds.low)
    found = pairs.filter(pl.col("probability") >= thresholds.low)
    found = found.with_columns(how=pl.lit("model"), certain=(pl.col("probability") >= thresholds.high) & _borne_out(parts))
    numbered = rows.rows.with_columns(cluster=pl.Series(together, dtype=pl.UInt32)).select(ROW, "cluster")
    return Clusters(numbered, _by_row(found, rows, rows), taught.model, weighed.notes)


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
