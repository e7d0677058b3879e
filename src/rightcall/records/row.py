"""One row of a roll turned back into a person, so that what was judged in bulk can be explained by ``reason``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from rightcall.law.person import Known, Person, Rows
from rightcall.law.problem import did_you_mean, refuse
from rightcall.law.value import ABSENT, UNBOUNDED, Span, exactly
from rightcall.law.vocabulary import FactType, Vocabulary
from rightcall.records.roll import ID, Roll


def person_of(roll: Roll, id: str, vocabulary: Vocabulary) -> Person:
    """The person with an id. Raises ``Refused`` where nobody has it."""
    found = roll.people.filter(pl.col(ID) == id).collect()
    if found.is_empty():
        some = roll.people.select(ID).head(10_000).collect()[ID].to_list()
        raise refuse(f"nobody on the roll has the id `{id}`", roll.files[0].name, did_you_mean(id, some))
    lists = {name: frame.filter(pl.col(ID) == id).collect().to_dicts() for name, frame in roll.lists.items()}
    return person_from(found.row(0, named=True), lists, vocabulary)


def person_from(row: Mapping[str, Any], lists: Mapping[str, list[dict[str, Any]]], vocabulary: Vocabulary) -> Person:
    """A person from a row of columns and the rows of his lists."""
    facts = {fact.name: value for fact in vocabulary.plain if (value := value_in(row, fact, fact.name)) is not None}
    listed: dict[str, Rows] = {}
    for fact in vocabulary.lists:
        complete = facts.pop(f"{fact.name}.complete", None)
        rows = tuple(_row(raw, fact) for raw in lists.get(fact.name, ()))
        if rows or complete is not None:
            listed[fact.name] = Rows(rows, complete if isinstance(complete, bool) else None)
    claims = frozenset(fact.name for fact in vocabulary.plain if row.get(f"{fact.name}.claimed"))
    return Person(MappingProxyType(facts), MappingProxyType(listed), claims)


def _row(raw: Mapping[str, Any], fact: FactType) -> Mapping[str, Known]:
    values = {name: value_in(raw, kind, f"{fact.name}[].{name}") for name, kind in fact.row.items()}
    return MappingProxyType({name: value for name, value in values.items() if value is not None})


def value_in(row: Mapping[str, Any], fact: FactType, name: str) -> Known:
    """The value of a fact in a row of columns."""
    if row.get(f"{name}.none"):
        return ABSENT
    if f"{name}.min" in row:
        low, high = row[f"{name}.min"], row[f"{name}.max"]
        return None if low is None and high is None else Span(-UNBOUNDED if low is None else low, UNBOUNDED if high is None else high)
    value = row.get(name)
    return exactly(value) if fact.bounded and value is not None else value
