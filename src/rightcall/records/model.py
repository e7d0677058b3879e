"""The model of Fellegi and Sunter: how much each agreement speaks for a person, learned from the tables at hand by Splink.

For every part and level of agreement, ``u`` is how often two people agree so by chance, ``m`` how often a person agrees so with
himself; their ratio is the Bayes factor, and a rare name weighs more than a frequent one. A missing part weighs nothing. What the
data cannot teach is not guessed: a model that could not be trained is refused, with what it lacks.

Sources: I. Fellegi, A. Sunter, A Theory for Record Linkage, JASA 64 (1969); W. Winkler on frequencies (1989); Splink 5.
"""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import polars as pl

from rightcall.law.problem import refuse
from rightcall.records.agreement import ALIKE, CLOSE, MISSING, ONE_OFF, OTHER, SAME, SAME_YEAR, SWAPPED
from rightcall.records.census import FREQUENT, Census
from rightcall.records.identity import KEY, Field, Identities, Part, kept, parts_of
from rightcall.records.linker import Database, Here, Machine, learned, linking

FEWEST = 100
"""With fewer rows on a side nothing can be learned."""
SEED = 1
_SAMPLED = 1_000_000
_TRAINED_ON = 1_000_000.0
_VERSION = 1
_CLOSE_DAYS = 31
_ITERATIONS = 12
_CONVERGED = 1e-3
"""Further rounds change no weight by a bit, and let levels that hardly a true pair has shrink below what a float holds."""
_DIGITS = 9
_EXTRA = "pip install 'rightcall[link]'; or link by numbers and names alone"


@dataclass(frozen=True, slots=True)
class Model:
    """Trained parameters. ``settings``: Splink's; ``share``: of the rows left to the model, how many speak of somebody on the left."""

    fields: tuple[Field, ...]
    settings: dict[str, Any]
    share: float

    @property
    def prior(self) -> float:
        """The weight that Splink adds to every pair, in bits."""
        chance = float(self.settings["probability_two_random_records_match"])
        return math.log2(chance / (1 - chance))


@dataclass(frozen=True, slots=True)
class Untrained:
    """Why there is no model: what could not be learned."""

    lacks: tuple[str, ...]


def installed() -> bool:
    """Whether Splink and DuckDB are here."""
    return all(importlib.util.find_spec(name) for name in ("splink", "duckdb", "pyarrow"))


def dumped(model: Model) -> str:
    """A model as JSON."""
    data = {"version": _VERSION, "fields": [asdict(field) for field in model.fields], "share": model.share, "settings": model.settings}
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)


def loaded(text: str) -> Model:
    """A model from JSON. Raises ``Refused`` where it is none."""
    help = "name a file that an earlier run has written"
    try:
        data = json.loads(text)
        if data["version"] != _VERSION:
            raise refuse(f"the linking model has version {data['version']}, not {_VERSION}", help=help)
        return Model(tuple(Field(**field) for field in data["fields"]), dict(data["settings"]), float(data["share"]))
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        raise refuse("this is not a linking model", help=help) from None


# the comparisons


def comparisons(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Splink's comparisons: of each part its levels, from the strongest to the weakest."""
    return [{"output_column_name": part.column, "comparison_levels": _levels(part, parts)} for part in parts]


def _levels(part: Part, parts: Sequence[Part]) -> list[dict[str, Any]]:
    one, other = f"{part.column}_l", f"{part.column}_r"
    missing = {"sql_condition": f"{one} IS NULL OR {other} IS NULL", "label_for_charts": MISSING, "is_null_level": True}
    levels: list[dict[str, Any]] = [{"sql_condition": sql, "label_for_charts": says} for says, sql in _conditions(part, parts)]
    if part.kind in FREQUENT:
        levels[0] |= {"tf_adjustment_column": part.column, "tf_adjustment_weight": 1.0, "disable_tf_exact_match_detection": True}
    return [missing, *levels, {"sql_condition": "ELSE", "label_for_charts": OTHER}]


def _conditions(part: Part, parts: Sequence[Part]) -> list[tuple[str, str]]:
    one, other = f"{part.column}_l", f"{part.column}_r"
    if part.kind == "name":
        return _name_conditions(part, parts)
    if part.kind == "date":
        return _date_conditions(one, other)
    if part.kind == "number":
        return [(SAME, f"{one} = {other}"), (ONE_OFF, f"damerau_levenshtein({one}, {other}) <= 1")]
    conditions = [(SAME, f"{one} = {other}")]
    if part.kind == "email":
        conditions.append(("same before the @", f"split_part({one}, '@', 1) = split_part({other}, '@', 1)"))
    near = f"jaro_winkler_similarity({one}, {other}) >= 0.88 OR (greatest(length({one}), length({other})) BETWEEN 4 AND 12 AND damerau_levenshtein({one}, {other}) <= 1)"
    return [*conditions, (ALIKE, near)]


def _name_conditions(part: Part, parts: Sequence[Part]) -> list[tuple[str, str]]:
    one, other = f"{part.column}_l", f"{part.column}_r"
    shared = " OR ".join(f"{mine}_l = {yours}_r" for mine in part.readings for yours in part.readings)
    swapped = " OR ".join(f"{one} = {name.column}_r" for name in kept(parts, "name") if name != part)
    initial = f"least(length({one}), length({other})) = 1 AND left({one}, 1) = left({other}, 1)"
    similar = f"jaro_winkler_similarity({one}, {other})"
    return [
        (SAME, f"{one} = {other} AND ({shared})"),
        *([(SWAPPED, swapped)] if swapped else []),
        (ALIKE, f"{similar} >= 0.92 OR {initial}"),
        ("somewhat alike", f"{similar} >= 0.8"),
    ]


def _date_conditions(one: str, other: str) -> list[tuple[str, str]]:
    whole = f"right({one}, 2) <> '00' AND right({other}, 2) <> '00'"
    turned = f"concat(left({one}, 4), right({one}, 2), substr({one}, 5, 2)) = {other}"
    return [
        (SAME, f"{one} = {other} AND {whole}"),
        (SWAPPED, f"{turned} AND {whole}"),
        (ONE_OFF, f"damerau_levenshtein({one}, {other}) <= 1 AND {whole}"),
        (CLOSE, f"abs(date_diff('day', try_strptime({one}, '%Y%m%d'), try_strptime({other}, '%Y%m%d'))) <= {_CLOSE_DAYS} AND {whole}"),
        ("two digits off", f"damerau_levenshtein({one}, {other}) <= 2 AND {whole}"),
        (SAME_YEAR, f"left({one}, 4) = left({other}, 4)"),
    ]


# training


@dataclass(frozen=True, slots=True)
class Tables:
    """What Splink is given: the identities of both sides, or of one against itself; and the machine that it works on."""

    left: Identities
    right: Identities
    itself: bool = False
    machine: Machine = field(default_factory=Here)

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.left.parts

    @property
    def pairs(self) -> int:
        height = self.left.table.height
        return height * (height - 1) // 2 if self.itself else height * self.right.table.height


def train(tables: Tables) -> Model | Untrained:
    """Learn ``u`` from random pairs and ``m`` by expectation maximisation. Deterministic. Raises ``Refused`` where Splink is not installed."""
    lacks = _lacking(tables)
    if lacks:
        return Untrained(lacks)
    chance = _chance(tables)
    settings = _trained(tables, _settings(tables, comparisons(_known(tables)), chance))
    untrained = _untaught(settings)
    if untrained:
        return Untrained(untrained)
    _corrected(settings, tables, chance)
    return Model(tuple(part.field for part in tables.parts), settings, _share(tables, chance))


def _lacking(tables: Tables) -> tuple[str, ...]:
    fewest = min(tables.left.table.height, tables.right.table.height)
    lacks = [f"{fewest} different rows are too few to learn from; {FEWEST} are needed"] if fewest < FEWEST else []
    if len(_known(tables)) < 2:
        lacks.append("fewer than two columns are filled on both sides")
    elif not _exact_pairs(tables):
        lacks.append("no two rows agree in what tells people apart, so that nothing can be learned of true pairs")
    return tuple(lacks)


def _known(tables: Tables) -> tuple[Part, ...]:
    """The parts that both sides have: one that is empty teaches nothing and is left out."""
    return tuple(part for part in tables.parts if all(side.table[part.column].n_unique() > 2 for side in (tables.left, tables.right)))


def _training_rules(tables: Tables) -> list[tuple[Part, ...]]:
    """What must agree in the pairs learned from: what tells people apart best first, until every part is free in one of them."""
    parts = _known(tables)
    rules: list[tuple[Part, ...]] = [(part,) for kind in ("number", "email", "date") for part in parts if part.kind == kind]
    rules += [kept(parts, "name")[:2]] if len(kept(parts, "name")) > 1 else []
    spare = sorted(combinations([part for part in parts if (part,) not in rules], 2), key=lambda rule: _agreeing(tables, rule))
    while any(all(_tied(part, rule) for rule in rules) for part in parts) and spare:
        rules.append(spare.pop(0))
    return [rule for rule in rules if _agreeing(tables, rule)]


def _tied(part: Part, rule: Sequence[Part]) -> bool:
    """Whether a part cannot be learned under a rule: names are compared with each other, so one ties all."""
    return part in rule or (part.kind == "name" and any(other.kind == "name" for other in rule))


def _agreeing(tables: Tables, rule: Sequence[Part]) -> int:
    names = [part.column for part in rule]
    left, right = (side.table.drop_nulls(names).group_by(names).len() for side in (tables.left, tables.right))
    pairs = int(left.join(right, on=names).select((pl.col("len").cast(pl.Int64) * pl.col("len_right").cast(pl.Int64)).sum()).item())
    return (pairs - tables.left.table.drop_nulls(names).height) // 2 if tables.itself else pairs


def _exact_pairs(tables: Tables) -> int:
    """How many pairs agree in what hardly two people share: a lower bound of the true ones."""
    rules = [rule for rule in _training_rules(tables) if rule[0].kind in ("number", "email")]
    names, dates = kept(_known(tables), "name"), kept(_known(tables), "date")
    sure = [(*names[:2], *dates[:1])] if len(names) > 1 and dates else [tuple(names[:2])] if len(names) > 1 else []
    return max([_agreeing(tables, rule) for rule in [*rules, *sure]], default=0)


def _chance(tables: Tables) -> float:
    """The chance that two rows are one person, to start from; ``linkage`` refines it by what it finds."""
    most = tables.pairs if tables.itself else max(tables.left.table.height, tables.right.table.height)
    return min(1.2 * _exact_pairs(tables), most, tables.pairs / 2) / tables.pairs


def _share(tables: Tables, chance: float) -> float:
    return min(chance * tables.left.table.height, 0.99)


def _settings(tables: Tables, compared: list[dict[str, Any]], chance: float) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only" if tables.itself else "link_only",
        "unique_id_column_name": KEY,
        "comparisons": compared,
        "blocking_rules_to_generate_predictions": [],
        "probability_two_random_records_match": chance,
        "max_iterations": _ITERATIONS,
        "em_convergence": _CONVERGED,
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def _trained(tables: Tables, settings: dict[str, Any]) -> dict[str, Any]:
    with _linker(tables, settings) as (linker, _):
        linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED, seed=SEED, min_count_per_level=None, num_chunks=1)
        for rule in _training_rules(tables):
            _learn(linker, rule, _TRAINED_ON if _agreeing(tables, rule) > _TRAINED_ON else None)
        return learned(linker)


def _learn(linker: Any, rule: Sequence[Part], most: float | None) -> None:
    """One session of expectation maximisation over the pairs that agree in a rule."""
    sql = " AND ".join(f"l.{part.column} = r.{part.column}" for part in rule)
    before = linker._settings_obj.core_model_settings.copy()
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(sql, estimate_without_term_frequencies=True, max_pairs=most)
    except ValueError:
        # A level shrank to nothing, and Splink leaves the model without the parts that had to agree. What then lacks is found by ``_untaught``.
        linker._settings_obj.core_model_settings = before


def _untaught(settings: dict[str, Any]) -> tuple[str, ...]:
    """The comparisons of which nothing was learned."""
    lacks = []
    for comparison in settings["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for letter, says in (("m", "of true pairs"), ("u", "of chance pairs")):
            if not any(f"{letter}_probability" in level for level in levels):
                lacks.append(f"nothing was learned {says} about column {comparison['output_column_name']}")
    return tuple(lacks)


def _corrected(settings: dict[str, Any], tables: Tables, chance: float) -> None:
    """Take the true pairs out of what was counted as chance, and bound what was never met by having met it less than once."""
    sampled = min(_SAMPLED, tables.pairs)
    met = max(_exact_pairs(tables), 1)
    for comparison in settings["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for level in levels:
            level["m_probability"] = max(float(level.get("m_probability", 0)), 0.5 / met)
            by_chance = (float(level.get("u_probability", 0)) - chance * level["m_probability"]) / (1 - chance)
            level["u_probability"] = max(by_chance, 0.5 / sampled)
        for letter in ("m_probability", "u_probability"):
            total = sum(level[letter] for level in levels)
            for level in levels:
                level[letter] = _rounded(level[letter] / total)


def _rounded(number: float) -> float:
    """So many digits as do not depend on the order in which two cores add."""
    return float(f"{number:.{_DIGITS}g}")


# scoring


def score(model: Model, tables: Tables, pairs: pl.DataFrame, least: float, census: Census | None = None) -> pl.DataFrame:
    """The pairs with ``weight`` (log2 of all Bayes factors), and of each part ``says_...`` and ``weight_...``; those under ``least`` are left out.

    ``census``: where names are as frequent as there, and not as in these tables.
    """
    chance = float(model.settings["probability_two_random_records_match"])
    prior = math.log2(chance / (1 - chance))
    with _linker(tables, model.settings) as (linker, database):
        for part, frequencies in _frequencies(model, tables, census):
            table = database.register(f"frequencies_{part.column}", frequencies)
            linker.table_management.register_term_frequency_lookup(table, part.column)
        keyed = database.register("candidates", _keyed(pairs, tables))
        linker.table_management.register_blocked_pairs_for_predict(keyed)
        scored = linker.inference.predict(threshold_match_weight=least + prior, warning_mode="never").as_pyarrow_table()
    frame = pl.DataFrame(pl.from_arrow(scored))
    return _spoken(frame, model, tables.parts, prior)


def _frequencies(model: Model, tables: Tables, census: Census | None) -> Iterator[tuple[Part, pl.DataFrame]]:
    """The census as Splink's term frequencies: of each key at hand its share of all that are known."""
    if census is None:
        return
    weighed = {comparison["output_column_name"] for comparison in model.settings["comparisons"]}
    for part in tables.parts:
        if part.column in weighed and part.kind in FREQUENT:
            keys = pl.concat([side.table[part.column] for side in (tables.left, tables.right)]).drop_nulls().unique(maintain_order=True)
            share = census.of(keys, part).clip(lower_bound=1) / census.known(part)
            yield part, keys.to_frame(part.column).with_columns(share.alias(f"tf_{part.column}"))


def _keyed(pairs: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    left, right = ("left", "right") if tables.itself else (pl.format("a-__-{}", "left"), pl.format("b-__-{}", "right"))
    return pairs.select(pl.lit("0").alias("match_key"), join_key_l=left, join_key_r=right)


def _spoken(scored: pl.DataFrame, model: Model, parts: Sequence[Part], prior: float) -> pl.DataFrame:
    levels = {comparison["output_column_name"]: comparison["comparison_levels"] for comparison in model.settings["comparisons"]}
    columns: list[pl.Expr] = []
    for part in parts:
        if part.column not in levels:
            columns += [pl.lit(MISSING).alias(f"says_{part.column}"), pl.lit(0.0).alias(f"weight_{part.column}")]
            continue
        words = [level["label_for_charts"] for level in levels[part.column][1:]]
        numbers = {MISSING: -1, **{word: len(words) - 1 - place for place, word in enumerate(words)}}
        says = pl.col(f"gamma_{part.column}").replace_strict(list(numbers.values()), list(numbers), return_dtype=pl.String)
        weights = [name for name in (f"mw_{part.column}", f"mw_tf_adj_{part.column}") if name in scored.columns]
        columns += [says.alias(f"says_{part.column}"), pl.sum_horizontal(weights).alias(f"weight_{part.column}")]
    ids = [pl.col(f"{KEY}_{side[0]}").cast(pl.UInt32).alias(side) for side in ("left", "right")]
    return scored.select(*ids, (pl.col("match_weight") - prior).alias("weight"), *columns).sort("right", "left")


def _linker(tables: Tables, settings: dict[str, Any]) -> AbstractContextManager[tuple[Any, Database]]:
    if not installed():
        raise refuse("linking by likelihood needs Splink and DuckDB, which are not installed", help=_EXTRA)
    return linking([tables.left] if tables.itself else [tables.left, tables.right], settings, tables.machine)


def usable(model: Model, fields: Sequence[Field]) -> tuple[Part, ...]:
    """The parts a model was trained for. Raises ``Refused`` where the columns asked for are others."""
    if model.fields != tuple(fields):
        raise refuse("the linking model was trained for other columns", help=f"it compares {', '.join(field.name for field in model.fields)}")
    return parts_of(model.fields)
