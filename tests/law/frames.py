"""People as the columns that ``law.bulk`` describes, and one comparison of ``reason`` with ``bulk`` for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from rightcall.law.bulk import MISSING, PROMISE, QUESTION, judged
from rightcall.law.compiler import Layout
from rightcall.law.pack import Pack
from rightcall.law.person import NO_ROWS, Known, Person
from rightcall.law.question import Readings
from rightcall.law.reason import Finding, days_of, judge
from rightcall.law.value import ABSENT, UNBOUNDED, Span
from rightcall.law.vocabulary import FactType


@dataclass(frozen=True)
class Frames:
    """Columns of people and of their lists, and what columns there are. The id of a person is his number."""

    people: pl.LazyFrame
    lists: Mapping[str, pl.LazyFrame]
    layout: Layout


def columns_of(fact: FactType, name: str, values: Sequence[Known], bounds: bool) -> Iterator[pl.Series]:
    """The columns of a fact; none where nobody has a value. ``bounds``: two ends even where one column would do."""
    if all(value is None for value in values):
        return
    if any(value is ABSENT for value in values):
        yield pl.Series(f"{name}.none", [value is ABSENT for value in values], dtype=pl.Boolean)
    if not fact.bounded:
        yield pl.Series(name, [None if value is ABSENT else value for value in values], dtype=pl.Boolean if fact.kind == "bool" else pl.String)
        return
    spans = [value if isinstance(value, Span) else None for value in values]
    if not bounds and all(span is None or span.exact for span in spans):
        yield pl.Series(name, [None if span is None else span.low for span in spans], dtype=pl.Int32)
        return
    yield pl.Series(f"{name}.min", [None if span is None or span.low == -UNBOUNDED else span.low for span in spans], dtype=pl.Int32)
    yield pl.Series(f"{name}.max", [None if span is None or span.high == UNBOUNDED else span.high for span in spans], dtype=pl.Int32)


def frames_of(people: Sequence[Person], pack: Pack, bounds: bool = False) -> Frames:
    ids = [str(number) for number in range(len(people))]
    columns = [pl.Series("id", ids, dtype=pl.String)]
    for fact in pack.vocabulary.plain:
        columns += columns_of(fact, fact.name, [_known(person, fact.name) for person in people], bounds)
    lists: dict[str, pl.LazyFrame] = {}
    fields: dict[str, frozenset[str]] = {}
    for fact in pack.vocabulary.lists:
        rows = [(id, row) for id, person in zip(ids, people, strict=True) for row in person.lists.get(fact.name, NO_ROWS).rows]
        if rows:
            found = [pl.Series("id", [id for id, _ in rows], dtype=pl.String)]
            for short, kind in fact.row.items():
                found += columns_of(kind, f"{fact.name}[].{short}", [row.get(short) for _, row in rows], bounds)
            lists[fact.name] = pl.DataFrame(found).lazy()
            fields[fact.name] = frozenset(column.name.partition("[].")[2] for column in found[1:])
    frame = pl.DataFrame(columns)
    return Frames(frame.lazy(), lists, Layout(frozenset(frame.columns), fields))


def _known(person: Person, name: str) -> Known:
    listed = name.removesuffix(".complete")
    return person.lists[listed].complete if listed != name and listed in person.lists else person.facts.get(name)


def in_bulk(frames: Frames, pack: Pack, readings: Readings, on: Span | None, fact: str = "") -> list[dict[str, Any]]:
    """Findings and reasons of all, as one row a person, in order of id."""
    found = judged(nw.from_native(frames.people), frames.layout, pack, on, fact)
    bulk = found.bulk(pack, readings)
    lists = {name: nw.from_native(frame) for name, frame in frames.lists.items()}
    rows: dict[str, dict[str, Any]] = {}
    for plan in (bulk.findings(), bulk.reasons()):
        result: Any = plan.apply(found.people, lists).collect().to_native()
        for row in result.to_dicts():
            rows.setdefault(row["id"], {}).update(row)
    return [rows[str(number)] for number in range(len(rows))]


def one_by_one(people: Sequence[Person], pack: Pack, readings: Readings, on: Span | None, fact: str = "") -> list[Finding]:
    found = []
    for person in people:
        filled, days = days_of(person, pack, on, fact)
        found.append(judge(filled, pack, readings, days))
    return found


def differences(finding: Finding, row: Mapping[str, Any], pack: Pack) -> dict[str, tuple[Any, Any]]:
    """What ``reason`` says and what ``bulk`` says, wherever they differ."""
    pairs: dict[str, tuple[Any, Any]] = {"verdict": (finding.verdict, row["verdict"])}
    pairs |= {id: (truth, row[id]) for id, truth in finding.truths.items()}
    promised = {name.removeprefix(PROMISE) for name, held in row.items() if name.startswith(PROMISE) and held}
    pairs["promises"] = ({id for id in finding.promises if pack.provisions[id].protects}, promised)
    if pack.labels:
        pairs["label"] = (finding.label, row["label"])
    if finding.verdict == "open":
        pairs["missing"] = (set(finding.missing), {name.removeprefix(MISSING) for name, held in row.items() if name.startswith(MISSING) and held})
        pairs["questions"] = (set(finding.questions), {name.removeprefix(QUESTION) for name, held in row.items() if name.startswith(QUESTION) and held})
        pairs["cause"] = (finding.cause, row["cause"])
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
