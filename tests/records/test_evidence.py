"""What is known from several sources, against the plain definition: every world in which each doubtful row is his or is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.law.pack import find_pack
from rightcall.law.value import ABSENT, UNBOUNDED, Span, exactly
from rightcall.records.descriptor import Descriptor
from rightcall.records.evidence import Day, Evidence
from rightcall.records.register import Register
from rightcall.records.roll import Roll, columns_of, layout_of
from rightcall.records.row import person_of

PACK = find_pack("ru_2022")
ON = 19_260
FACTS: Mapping[str, Sequence[Any]] = {
    "person.alive": (True, False),
    "health.category": ("A", "B", "V", "D"),
    "health.disability_group": (exactly(1), exactly(2), exactly(3), ABSENT, Span(1, 2)),
    "study.since": (exactly(19_000), exactly(19_100), Span(18_990, 19_050), Span(-UNBOUNDED, 19_020)),
}
"""Of each fact the values that sources give."""


@dataclass(frozen=True)
class Row:
    """A row of a register: of whom it may speak, whether that is sure, whether its days hold, and what it says."""

    id: str
    certain: bool
    valid: bool
    says: Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """A register made up for a test."""

    rows: tuple[Row, ...]
    complete: bool = False
    valid: bool = True
    absent: Mapping[str, Any] = field(default_factory=dict)


def descriptor(name: str, source: Source, **more: Any) -> Descriptor:
    given: dict[str, Any] = {
        "name": name, "title": f"Register {name}", "kind": "register", "authority": "an office", "licence": "an act", "file": None, "url": "", "table": "",
        "encoding": "utf-8", "fields": {}, "missing": ("",), "key": (), "as_of": ON - 10 if source.valid else ON - 100, "as_of_column": "", "valid_days": 30,
        "complete": source.complete, "identity": {"surname": "surname"}, "listed": "", "facts": {}, "absent": {name: None if value is ABSENT else value for name, value in source.absent.items()}, "proven": False,
    }  # fmt: skip
    return Descriptor(**given | more)


def register(name: str, source: Source, facts: Sequence[str] = tuple(FACTS), **more: Any) -> Register:
    rows = source.rows
    columns = {"~row": pl.Series(range(2, len(rows) + 2), dtype=pl.UInt32)}
    columns |= {"~from": pl.Series([ON - 5 if row.valid else ON - 200 for row in rows], dtype=pl.Int32)}
    columns |= {"~until": pl.Series([ON + 20 if row.valid else ON - 150 for row in rows], dtype=pl.Int32)}
    for fact in facts:
        columns |= dict(columns_of(PACK.vocabulary[fact], fact, [row.says.get(fact) for row in rows]))
    if more.get("kind") == "answers":
        columns |= {"id": pl.Series([row.id for row in rows], dtype=pl.String), "~proven": pl.Series([row.certain for row in rows], dtype=pl.Boolean)}
    stated = tuple(fact for fact in facts if any(fact in row.says for row in rows))
    return Register(descriptor(name, source, **more), pl.DataFrame(columns).lazy(), stated, ("surname",), len(rows))


def links_of(name: str, source: Source) -> pl.DataFrame:
    rows = source.rows
    return pl.DataFrame(
        {"id": [row.id for row in rows], "register": [name] * len(rows), "~row": range(2, len(rows) + 2), "certain": [row.certain for row in rows]},
        schema={"id": pl.String, "register": pl.String, "~row": pl.UInt32, "certain": pl.Boolean},
    )


def roll_of(people: Mapping[str, Mapping[str, Any]], lists: Mapping[str, pl.DataFrame] | None = None) -> Roll:
    columns: dict[str, pl.Series] = {"~row": pl.Series(range(1, len(people) + 1), dtype=pl.UInt32), "id": pl.Series(list(people), dtype=pl.String)}
    for fact in PACK.vocabulary.plain:
        columns |= dict(columns_of(fact, fact.name, [said.get(fact.name) for said in people.values()]))
    frame = pl.DataFrame(columns).with_columns(pl.lit(None, pl.String).alias("~region")).lazy()
    owned = {name: rows.with_row_index("~row").lazy() for name, rows in (lists or {}).items()}
    return Roll((Path("roll.csv"),), frame, owned, layout_of(frame, owned), len(people))


def evidence_of(people: Mapping[str, Mapping[str, Any]], sources: Sequence[Source], answers: Source | None = None) -> Evidence:
    registers = [register(f"r{n}", source) for n, source in enumerate(sources)]
    registers += [register("answers", answers, kind="answers")] if answers else []
    links = pl.concat([links_of(f"r{n}", source) for n, source in enumerate(sources)]) if sources else links_of("", Source(()))
    return Evidence(roll_of(people), tuple(registers), links, PACK, Day(exactly(ON), ""))


def known(evidence: Evidence, id: str) -> Mapping[str, Any]:
    with TemporaryDirectory() as folder:
        roll, _ = evidence.gathered(Path(folder))
        return person_of(roll, id, PACK.vocabulary).facts


# --- the definition ------------------------------------------------------------------------------------------------

NONE = 2_000_000_000
Ends = tuple[int, int]


def ends(fact: str, value: Any) -> Ends:
    """A value as a pair of numbers: words and yes or no by their place."""
    if value is ABSENT:
        return NONE, NONE
    if isinstance(value, Span):
        return value.low, value.high
    place = [False, True].index(value) if isinstance(value, bool) else PACK.vocabulary[fact].values.index(value)
    return place, place


def value_of(fact: str, known: Ends | None) -> Any:
    kind = PACK.vocabulary[fact]
    if known is None or (known[0] != known[1] and (known[1] == NONE or not kind.bounded)):
        return None
    if known[0] == NONE:
        return ABSENT
    return Span(*known) if kind.bounded else (False, True)[known[0]] if kind.kind == "bool" else kind.values[known[0]]


def in_world(id: str, fact: str, own: Any, sources: Sequence[Source], accepted: frozenset[int]) -> Ends | None:
    """What is known of a fact where exactly these doubtful rows are his."""
    said: list[Ends] = [] if own is None else [ends(fact, own)]
    number = 0
    for source in sources:
        his = []
        for row in source.rows:
            if row.id == id and (row.certain or number in accepted):
                his.append(row)
            number += 1
        said += [ends(fact, row.says[fact]) for row in his if row.valid and fact in row.says]
        if not his and source.complete and source.valid and fact in source.absent:
            said.append(ends(fact, source.absent[fact]))
    if not said:
        return None
    low, high = max(low for low, _ in said), min(high for _, high in said)
    return (low, high) if low <= high else (min(low for low, _ in said), max(high for _, high in said))


def doubtful(id: str, sources: Sequence[Source]) -> list[int]:
    rows = [row for source in sources for row in source.rows]
    return [number for number, row in enumerate(rows) if row.id == id and not row.certain]


def subsets(numbers: Sequence[int]) -> Iterator[frozenset[int]]:
    return map(frozenset, chain.from_iterable(combinations(numbers, size) for size in range(len(numbers) + 1)))


# --- properties ----------------------------------------------------------------------------------------------------

SAYS = st.fixed_dictionaries({}, optional={fact: st.sampled_from(list(values)) for fact, values in FACTS.items()})
ROWS = st.builds(Row, st.sampled_from(["p1", "p2"]), st.booleans(), st.sampled_from([True, True, False]), SAYS)
ABSENT_SAYS = st.sampled_from([{}, {"person.alive": True, "health.category": "A"}, {"health.disability_group": ABSENT}])
SOURCES = st.builds(Source, st.lists(ROWS, max_size=3).map(tuple), st.booleans(), st.sampled_from([True, True, False]), ABSENT_SAYS)


@settings(max_examples=examples(120))
@given(SAYS, st.lists(SOURCES, max_size=3))
def test_what_is_known_holds_in_every_world(own: Mapping[str, Any], sources: list[Source]) -> None:
    evidence = evidence_of({"p1": own, "p2": {}}, sources)
    found = {"both": known(evidence, "p1")} | {world: known(evidence.in_both_worlds(), f"{world}:p1") for world in ("accepted", "refused")}
    doubts = doubtful("p1", sources)
    for fact in FACTS:
        worlds = [in_world("p1", fact, own.get(fact), sources, accepted) for accepted in subsets(doubts)]
        assert found["refused"].get(fact) == value_of(fact, worlds[0])
        assert found["accepted"].get(fact) == value_of(fact, worlds[-1])
        both = found["both"].get(fact)
        if both is None:
            continue
        low, high = ends(fact, both)
        assert all(world is not None and low <= world[0] and world[1] <= high for world in worlds), (fact, both, worlds)
        if not doubts:
            assert both == value_of(fact, worlds[0])


@settings(max_examples=examples(60))
@given(SAYS, st.lists(SOURCES, max_size=2))
def test_one_doubt_opens_only_what_it_touches(own: Mapping[str, Any], sources: list[Source]) -> None:
    """With one doubtful row, and values that are exact, the hull is exactly that of the two worlds."""
    doubts = doubtful("p1", sources)
    rows = [row for source in sources for row in source.rows]
    if len(doubts) != 1 or not all(getattr(value, "exact", True) for row in rows for value in [*row.says.values(), *own.values()]):
        return
    both = known(evidence_of({"p1": own, "p2": {}}, sources), "p1")
    for fact in FACTS:
        worlds = [in_world("p1", fact, own.get(fact), sources, accepted) for accepted in subsets(doubts)]
        if None in worlds:
            assert both.get(fact) is None
        else:
            wanted = (min(world[0] for world in worlds if world), max(world[1] for world in worlds if world))
            assert both.get(fact) == value_of(fact, wanted)


# --- answers -------------------------------------------------------------------------------------------------------

ANSWERS = {
    "a proof stands over a record that denies": (True, False, True, False),
    "a proven denial does not take away what a record says that protects": (False, True, True, None),
    "nor does one without proof": (False, True, False, False),
    "a proven denial stands where a register is silent": (None, True, True, True),
    "and one without proof settles nothing that the law does not assume": (None, False, False, None),
}
"""What a register says of being alive, what is answered, whether that is proven, and what is known: the dead are protected."""


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_beside_a_record(name: str) -> None:
    recorded, answered, proven, expected = ANSWERS[name]
    register = Source(() if recorded is None else (Row("p1", True, True, {"person.alive": recorded}),))
    answers = Source((Row("p1", proven, True, {"person.alive": answered}),))
    assert known(evidence_of({"p1": {}}, [register], answers), "p1").get("person.alive") is expected
