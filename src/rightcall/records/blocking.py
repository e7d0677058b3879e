"""Blocking: which pairs of identities are worth a look, so that a true pair is hardly lost and the number stays bounded.

Any one part that agrees brings a pair in. Where a part is so common that it would bring in too many, it must agree together with
another, then with two others: rules are tightened only as far as the budget asks, and what was tightened is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations

import polars as pl

from rightcall.records.identity import KEY, Identities, Part, kept

ALL_PAIRS = 1_000_000
"""So few pairs are all looked at."""
DEPTH = 4
_LEAST = 1 << 19
_MOST = 3 << 20


@dataclass(frozen=True, slots=True)
class Key:
    """Something of the left side that must equal something of the right."""

    name: str
    left: pl.Expr
    right: pl.Expr


Rule = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs worth a look (``left``, ``right``), how many there are by rule, and what was tightened. ``keys``: of each rule the names of its keys."""

    pairs: pl.DataFrame
    rules: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """Two tables of identities, or one against itself (then only pairs with ``left`` before ``right`` count)."""

    left: pl.DataFrame
    right: pl.DataFrame
    itself: bool = False

    @property
    def pairs(self) -> int:
        return self.left.height * (self.left.height - 1) // 2 if self.itself else self.left.height * self.right.height


def candidates(left: Identities, right: Identities, itself: bool = False, chosen: Sequence[Sequence[str]] = ()) -> Candidates:
    """The pairs of two tables that share a key. Raises nothing: where every rule is too wide, there are few pairs, and a note.

    ``chosen``: the keys of the rules by which all were looked at, where these are a few of them.
    """
    keys = keys_of(left.parts)
    sides = Sides(_keyed(left.table, keys, "left"), _keyed(right.table, keys, "right"), itself)
    if chosen:
        named = {key.name: key for key in keys}
        sized = [(rule, size(sides, rule)) for rule in (tuple(named[name] for name in names) for names in chosen)]
        return _candidates(sides, sized, [])
    if sides.pairs <= ALL_PAIRS:
        return Candidates(_joined(sides, ()), (("all pairs", sides.pairs),), (), ((),))
    each = min(max(_LEAST, 3 * (left.table.height + right.table.height)), _MOST)
    return _candidates(sides, *rules(keys, partial(size, sides), each))


def _candidates(sides: Sides, chosen: Sequence[tuple[Rule, int]], widest: Sequence[tuple[Rule, int]]) -> Candidates:
    pairs = pl.concat([_joined(Sides(sides.left.head(0), sides.right.head(0)), ()), *(_joined(sides, rule) for rule, _ in chosen)])
    wide = ", ".join(f"{_named(rule)} ({count:,})" for rule, count in widest)
    notes = (f"too many pairs agree in one thing alone, so they had to agree in another too: {wide}",) if wide else ()
    names = tuple(tuple(key.name for key in rule) for rule, _ in chosen)
    return Candidates(pairs.unique().sort("right", "left"), tuple((_named(rule), count) for rule, count in chosen), notes, names)


def keys_of(parts: Sequence[Part]) -> tuple[Key, ...]:
    """Every part; the year of a date; and one name for another, as they are swapped."""
    keys = [Key(part.field.name, pl.col(part.column), pl.col(part.column)) for part in parts]
    for date in kept(parts, "date"):
        year = pl.col(date.column).str.head(4)
        keys.append(Key(f"year of {date.field.name}", year, year))
    for one, other in permutations(kept(parts, "name")[:2], 2):
        keys.append(Key(f"{one.field.name} for {other.field.name}", pl.col(one.column), pl.col(other.column)))
    return tuple(keys)


def rules(keys: Sequence[Key], count: Callable[[Rule], int], each: int) -> tuple[list[tuple[Rule, int]], list[tuple[Rule, int]]]:
    """The widest rules that bring in at most ``each`` pairs, and the single keys that bring in more."""
    chosen: list[tuple[Rule, int]] = []
    widest: list[tuple[Rule, int]] = []
    wide: list[Rule] = [()]
    for depth in range(DEPTH):
        sized = [(rule, count(rule)) for rule in _longer(wide, keys, chosen)]
        chosen += [(rule, pairs) for rule, pairs in sized if 0 < pairs <= each]
        wide = [rule for rule, pairs in sized if pairs > each]
        widest = [(rule, pairs) for rule, pairs in sized if pairs > each] if depth == 0 else widest
    return chosen, widest


def _longer(wide: Sequence[Rule], keys: Sequence[Key], chosen: Sequence[tuple[Rule, int]]) -> list[Rule]:
    """Rules with one key more, in the order of the keys, that no chosen rule makes needless."""
    order = {key.name: place for place, key in enumerate(keys)}
    longer = [(*rule, key) for rule in wide for key in keys if not rule or order[key.name] > order[rule[-1].name]]
    enough = [_names(rule) for rule, _ in chosen]
    return [rule for rule in longer if not any(fewer <= _names(rule) for fewer in enough)]


def size(sides: Sides, rule: Rule) -> int:
    """How many pairs a rule brings in."""
    names = [key.name for key in rule]
    if not names:
        return sides.pairs
    left, right = (side.drop_nulls(names).group_by(names).len() for side in (sides.left, sides.right))
    pairs = int(left.join(right, on=names).select((pl.col("len").cast(pl.Int64) * pl.col("len_right").cast(pl.Int64)).sum()).item())
    return (pairs - sides.left.drop_nulls(names).height) // 2 if sides.itself else pairs


def _joined(sides: Sides, rule: Rule) -> pl.DataFrame:
    names = [key.name for key in rule]
    left, right = sides.left.select(pl.col(KEY).alias("left"), *names), sides.right.select(pl.col(KEY).alias("right"), *names)
    pairs = (right.join(left, on=names) if names else right.join(left, how="cross")).select("left", "right")
    return pairs.filter(pl.col("left") < pl.col("right")) if sides.itself else pairs


def _keyed(table: pl.DataFrame, keys: Sequence[Key], side: str) -> pl.DataFrame:
    """The keys of one side as numbers, because numbers are joined faster than texts; equal numbers, equal texts but for one case in 10^11."""
    texts = [(key.left if side == "left" else key.right).alias(key.name) for key in keys]
    table = table.select(KEY, *texts)
    return table.with_columns(pl.when(pl.col(key.name).is_not_null()).then(pl.col(key.name).hash(seed=1)).alias(key.name) for key in keys)


def _names(rule: Rule) -> set[str]:
    return {key.name for key in rule}


def _named(rule: Rule) -> str:
    return " + ".join(key.name for key in rule)
