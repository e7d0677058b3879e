"""A population: everything that is true of the people of one chunk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from rightcall.synthetic import family, standing
from rightcall.synthetic.crowd import CHUNK, Crowd, crowd
from rightcall.synthetic.health import health
from rightcall.synthetic.rates import Rates
from rightcall.synthetic.service import service
from rightcall.synthetic.work import study, work

IDENTITY = ("number", "surname", "given", "patronymic", "person.birth_date", "place")
ON_ROLL = ("id", *IDENTITY, "person.sex", "callup.region", "callup.force", "date.decision")
"""What an office proposes: a name, and the day. All else it would have to ask others."""


@dataclass(frozen=True, slots=True)
class Population:
    """The people (``who``, ``id`` of those on the roll, identity, every fact) and the rows of their lists (``who`` and the fields)."""

    crowd: Crowd
    people: pl.DataFrame
    lists: Mapping[str, pl.DataFrame]


def population(seed: int, chunk: int, rates: Rates, on_roll: int = CHUNK) -> Population:
    """The people of a chunk; of those proposed only the first ``on_roll``: the others do not exist."""
    whole = crowd(seed, chunk, rates)
    lists = {
        "children": family.children(whole, rates),
        "mother.other_children": family.siblings(whole, rates),
        "wards": family.wards(whole, rates),
        "convictions": standing.convictions(whole, rates),
    }
    people = pl.DataFrame({**whole.identity, **_facts(whole, rates)}).with_row_index("who").with_columns(pl.col("who").cast(pl.Int64))
    people = people.with_columns([pl.lit(True).alias(f"{name}.complete") for name in lists])
    exists = (pl.col("who") < on_roll) | (pl.col("who") >= CHUNK)
    return Population(whole, people.filter(exists), {name: rows.filter(exists) for name, rows in lists.items()})


def _facts(whole: Crowd, rates: Rates) -> dict[str, pl.Series]:
    belief = standing.conscience(whole, rates)
    return {
        **standing.standing(whole, rates, belief),
        **standing.callup(whole),
        **service(whole, rates, belief.granted),
        **health(whole, rates),
        **family.family(whole, rates),
        **work(whole, rates),
        **study(whole, rates),
    }


def roll_of(population: Population) -> pl.DataFrame:
    """The roll as an office proposes it."""
    return population.people.filter(pl.col("id").is_not_null()).select(ON_ROLL)


def truth_of(population: Population) -> dict[str, pl.DataFrame]:
    """The truth of everybody on the roll: the people, and a table for each list, as ``records.roll`` reads them."""
    people = population.people.filter(pl.col("id").is_not_null())
    owners = people.select("who", "id")
    beside = [name for name in IDENTITY if "." not in name]
    lists = {name: owners.join(rows, on="who", maintain_order="right").drop("who") for name, rows in population.lists.items()}
    return {"people": people.drop("who", *beside), **lists}
