"""What two identities agree in, and the links that need no model: the same number, or the same names and birth date.

A link made here can be explained in one sentence. It is made only where one person fits and nothing speaks against it; everything
else is a *doubt*, which is handed on and never dropped. Tables of pairs hold ``left`` and ``right``, the identities of either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from rightcall.records.census import Census
from rightcall.records.identity import KEY, Identities, Part, kept

SAME = "same"
ALIKE = "alike"
INITIAL = "initial"
ONE_OFF = "one digit off"
SWAPPED = "swapped"
CLOSE = "within a month"
SAME_YEAR = "same year"
OTHER = "other"
MISSING = "missing"
AGREEING = (SAME, ALIKE, INITIAL, ONE_OFF, SWAPPED)
"""What speaks for a person, however weakly; ``same year`` alone does not."""

NAMESAKES = "namesakes"


@dataclass(frozen=True, slots=True)
class Pass:
    """The outcome of a pass. ``pairs``: left, right, probability (null where nobody knows it), how, settled."""

    pairs: pl.DataFrame

    @property
    def settled(self) -> pl.DataFrame:
        return self.pairs.filter("settled")

    @property
    def doubts(self) -> pl.DataFrame:
        return self.pairs.filter(~pl.col("settled"))


def deterministic(left: Identities, right: Identities, high: float, census: Census) -> Pass:
    """The links by number and by names. Settled are those at ``high`` probability whose right side fits nobody else."""
    numbers, names = by_number(left, right), by_names(left, right, census)
    found = pl.concat([numbers, _claims(names, numbers)]).unique(["left", "right"], keep="first", maintain_order=True)
    rivals = pl.len().over("right")
    settled = (rivals == 1) & (pl.col("probability") >= high).fill_null(False)
    return Pass(found.with_columns(pl.col("probability") / rivals, settled=settled))


def _claims(names: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """The pairs by names that count beside those by number. Names with another number claim a row only where its number leads to other names."""
    borne_out = names.select("left", "right").join(numbers, on=["left", "right"], how="semi").select("right")
    disputed = numbers.select("right").join(borne_out, on="right", how="anti").unique()
    mine = pl.concat([names.filter(pl.col("probability").is_not_null()), names.filter(pl.col("probability").is_null()).join(disputed, on="right", how="semi")])
    return mine.join(borne_out, on="right", how="anti")


def by_number(left: Identities, right: Identities) -> pl.DataFrame:
    """Pairs with the same number, where it belongs to one person on the left. The probability is null where the rest contradicts."""
    found = []
    for part in kept(left.parts, "number"):
        owners = left.table.select(part.column, left=KEY).drop_nulls().filter(pl.len().over(part.column) == 1)
        found.append(right.table.select(part.column, right=KEY).drop_nulls().join(owners, on=part.column).select("left", "right"))
    pairs = _union(found)
    supported = compared(pairs, left, right).select(_supported(left.parts).alias("supported"))["supported"]
    return pairs.with_columns(probability=pl.when(supported).then(1.0), how=pl.lit("number"))


def _union(found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32})
    return pl.concat([empty, *found]).unique(maintain_order=True)


def _supported(parts: Sequence[Part]) -> pl.Expr:
    """Whether names or birth date bear a number out: the birth date, or two names, or one where nothing more is known."""
    names = [said(part) for part in kept(parts, "name")]
    births = [said(part) for part in kept(parts, "date")]
    alike = pl.sum_horizontal(pl.lit(0), *[name.is_in(AGREEING).cast(pl.Int32) for name in names])
    unknown = pl.all_horizontal(pl.lit(True), *[birth == MISSING for birth in births])
    nameless = pl.all_horizontal(pl.lit(True), *[name == MISSING for name in names])
    born = pl.any_horizontal(pl.lit(False), *[birth.is_in(AGREEING) for birth in births])
    return born | (alike >= 2) | (unknown & ((alike == 1) | nameless))


def by_names(left: Identities, right: Identities, census: Census) -> pl.DataFrame:
    """Pairs with the same first two names and birth date, whose other names and places are the same or missing.

    The probability that it is not a namesake follows from ``namesakes``: how many other people would agree in all that by chance. It
    is null where the numbers differ.
    """
    names, dates = kept(left.parts, "name"), kept(left.parts, "date")
    if len(names) < 2 or not dates:
        return pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32, "probability": pl.Float64, "how": pl.String})
    keys = [names[0].column, names[1].column, dates[0].column]
    on_the_left = _born(left.table, dates[0]).select(*keys, left=KEY)
    pairs = _born(right.table, dates[0]).select(*keys, right=KEY).join(on_the_left, on=keys).select("left", "right")
    found = compared(pairs, left, right).filter(pl.all_horizontal(*_fitting(left.parts)))
    others = namesakes(found, left, right, census)
    differing = pl.any_horizontal(pl.lit(False), *(said(number) == OTHER for number in kept(left.parts, "number")))
    return found.select("left", "right", probability=pl.when(~differing).then(1 / (1 + others)), how=pl.lit("names"))


def _born(table: pl.DataFrame, date: Part) -> pl.DataFrame:
    return table.filter(~pl.col(date.column).str.ends_with("00"))


def _fitting(parts: Sequence[Part]) -> list[pl.Expr]:
    first_two = [said(part) == SAME for part in kept(parts, "name")[:2]]
    others = [*kept(parts, "name")[2:], *kept(parts, "place")]
    return [*first_two, *(said(part).is_in([SAME, INITIAL, MISSING]) for part in others)]


def namesakes(found: pl.DataFrame, left: Identities, right: Identities, census: Census) -> pl.Series:
    """How many identities on the right would agree with each pair by chance: its names and place are as frequent as among all others here."""
    names, date = [*kept(left.parts, "name"), *kept(left.parts, "place")], kept(left.parts, "date")[0]
    keys = [names[0].column, names[1].column, date.column]
    himself = pl.concat([left.table, right.table]).group_by(keys).agg(himself=pl.len())
    chances = found.join(himself, left_on=[f"{key}_r" for key in keys], right_on=keys, how="left", maintain_order="left")
    expected = pl.lit(census.rows / census.days)
    for part in names:
        others = census.of(chances[f"{part.column}_r"], part).cast(pl.Float64) - chances["himself"]
        share = others.clip(0.0) / census.known(part)
        expected *= pl.when(said(part) == SAME).then(share).otherwise(1.0)
    return chances.select(expected.alias(NAMESAKES))[NAMESAKES]


def near(left: Identities, right: Identities) -> pl.DataFrame:
    """Pairs that may be namesakes: the same birth date and one name, or the same two names where a birth date is missing or near."""
    names, dates = kept(left.parts, "name"), kept(left.parts, "date")
    found = [_joined(left, right, [name.column, date.column]) for name in names for date in dates]
    if len(names) > 1:
        both = [name.column for name in names[:2]]
        found += [_near_birth(left, right, both, date) for date in dates] or [_joined(left, right, both)]
    return _union(found).sort("right", "left")


def _joined(left: Identities, right: Identities, keys: Sequence[str]) -> pl.DataFrame:
    return _pairs(left.table.select(*keys, KEY), right.table.select(*keys, KEY), keys)


def _pairs(left: pl.DataFrame, right: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    return right.rename({KEY: "right"}).join(left.rename({KEY: "left"}), on=keys).select("left", "right")


def _near_birth(left: Identities, right: Identities, names: Sequence[str], date: Part) -> pl.DataFrame:
    """The same names, and of year, month and day two the same, or month and day swapped, or a birth date missing."""
    sides = [side.table.select(*names, KEY, *_of_birth(date)) for side in (left, right)]
    turned = sides[1].with_columns(month="day", day="month")
    found = [_pairs(sides[0], sides[1], [*names, *two]) for two in (("year", "month"), ("year", "day"), ("month", "day"))]
    found.append(_pairs(sides[0], turned, [*names, "year", "month", "day"]))
    found.append(_pairs(sides[0], sides[1].filter(pl.col("year").is_null()), names))
    found.append(_pairs(sides[0].filter(pl.col("year").is_null()), sides[1], names))
    return _union([pairs.select("left", "right") for pairs in found])


def _of_birth(date: Part) -> list[pl.Expr]:
    whole = pl.col(date.column)
    return [whole.str.slice(0, 4).alias("year"), whole.str.slice(4, 2).alias("month"), whole.str.slice(6, 2).alias("day")]


def compared(pairs: pl.DataFrame, left: Identities, right: Identities) -> pl.DataFrame:
    """The pairs with what is said of every part (``said``), and the right side's keys as ``..._r``."""
    columns = [column for part in left.parts for column in part.columns]
    joined = pairs
    for side, table in (("left", left.table), ("right", right.table)):
        suffixed = table.select(KEY, *(pl.col(column).alias(f"{column}_{side[0]}") for column in columns))
        joined = joined.join(suffixed, left_on=side, right_on=KEY, how="left", maintain_order="left")
    says = [_says(part, left.parts).alias(f"says_{part.column}") for part in left.parts]
    return joined.select("left", "right", *says, *(f"{part.column}_r" for part in left.parts))


def said(part: Part) -> pl.Expr:
    """What ``compared`` says of a part."""
    return pl.col(f"says_{part.column}")


def _says(part: Part, parts: Sequence[Part]) -> pl.Expr:
    one, other = pl.col(f"{part.column}_l"), pl.col(f"{part.column}_r")
    missing = one.is_null() | other.is_null()
    if part.kind == "name":
        return pl.when(missing).then(pl.lit(MISSING)).otherwise(_name_says(part, parts, one, other))
    if part.kind == "date":
        return pl.when(missing).then(pl.lit(MISSING)).otherwise(_date_says(one, other))
    return pl.when(missing).then(pl.lit(MISSING)).when(one == other).then(pl.lit(SAME)).otherwise(pl.lit(OTHER))


def _name_says(part: Part, parts: Sequence[Part], one: pl.Expr, other: pl.Expr) -> pl.Expr:
    readings = (pl.col(f"{mine}_l") == pl.col(f"{yours}_r") for mine in part.readings for yours in part.readings)
    elsewhere = (one == pl.col(f"{name.column}_r") for name in kept(parts, "name") if name != part)
    return (
        pl.when((one == other) & reduce(or_, readings).fill_null(False)).then(pl.lit(SAME))
        .when(one == other).then(pl.lit(ALIKE))
        .when(reduce(or_, elsewhere, pl.lit(False)).fill_null(False)).then(pl.lit(SWAPPED))
        .when((one.str.len_chars() == 1) | (other.str.len_chars() == 1), one.str.head(1) == other.str.head(1)).then(pl.lit(INITIAL))
        .otherwise(pl.lit(OTHER))
    )  # fmt: skip


def _date_says(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    differing = pl.sum_horizontal((one.str.slice(place, 1) != other.str.slice(place, 1)).cast(pl.Int32) for place in range(8))
    turned = pl.concat_str(one.str.slice(0, 4), one.str.slice(6, 2), one.str.slice(4, 2))
    return (
        pl.when(one.str.ends_with("00") | other.str.ends_with("00")).then(_year_says(one, other))
        .when(one == other).then(pl.lit(SAME))
        .when(differing == 1).then(pl.lit(ONE_OFF))
        .when(turned == other).then(pl.lit(SWAPPED))
        .otherwise(_year_says(one, other))
    )  # fmt: skip


def _year_says(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    return pl.when(one.str.head(4) == other.str.head(4)).then(pl.lit(SAME_YEAR)).otherwise(pl.lit(OTHER))
