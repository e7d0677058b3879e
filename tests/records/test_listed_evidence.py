"""What is known of a list from several sources: the cases, and that what is said to be all holds in every world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.law.pack import find_pack
from rightcall.law.value import exactly
from rightcall.records.descriptor import Descriptor
from rightcall.records.evidence import Day, Evidence
from rightcall.records.register import Register
from rightcall.records.roll import Roll, layout_of

PACK = find_pack("ru_2022")
ON = 19_260
BORN = "children[].birth_date"


@dataclass(frozen=True)
class Entry:
    """A row of a register of children: of whom, born when, whether the link is sure and its days hold, under which number; of answers, if proven."""

    born: int
    certain: bool = True
    valid: bool = True
    number: int | None = None


@dataclass(frozen=True)
class Source:
    """A register of children, or what people said of them."""

    entries: tuple[Entry, ...] = ()
    complete: bool = True
    kind: str = "register"
    valid: bool = True


@dataclass(frozen=True)
class Known:
    """What is known in the end: birth days in order, whether that is all, and whether he claims more."""

    born: list[int] = field(default_factory=list)
    complete: bool | None = None
    claimed: bool = False


def register(name: str, source: Source) -> Register:
    descriptor = Descriptor(
        name=name, title=name, kind=source.kind, authority="an office", licence="an act", file=None, url="", table="", encoding="utf-8", fields={},
        missing=("",), key=("number",), as_of=ON - 10 if source.valid else ON - 100, as_of_column="", valid_days=30, complete=source.complete,
        identity={"surname": "surname"}, listed="children", facts={}, absent={}, proven=False,
    )  # type: ignore[arg-type]  # fmt: skip
    rows = source.entries
    columns = {
        "~row": pl.Series(range(2, len(rows) + 2), dtype=pl.UInt32),
        "~from": pl.Series([ON - 5 if row.valid and source.valid else ON - 200 for row in rows], dtype=pl.Int32),
        "~until": pl.Series([ON + 20 if row.valid and source.valid else ON - 150 for row in rows], dtype=pl.Int32),
        "~entry": pl.Series([row.number for row in rows], dtype=pl.UInt64),
        BORN: pl.Series([row.born for row in rows], dtype=pl.Int32),
    }
    if source.kind == "answers":
        columns |= {"id": pl.Series(["p"] * len(rows), dtype=pl.String), "~proven": pl.Series([row.certain for row in rows], dtype=pl.Boolean)}
    return Register(descriptor, pl.DataFrame(columns).lazy(), (BORN,), ("surname",), len(rows))


def known(sources: Sequence[Source], world: str = "") -> Known:
    registers = tuple(register(f"r{number}", source) for number, source in enumerate(sources))
    links = [
        {"id": "p", "register": one.descriptor.name, "~row": number, "probability": 0.5, "how": "names", "certain": row.certain}
        for one, source in zip(registers, sources, strict=True) if source.kind == "register" for number, row in enumerate(source.entries, 2)
    ]  # fmt: skip
    schema = {"id": pl.String, "register": pl.String, "~row": pl.UInt32, "probability": pl.Float64, "how": pl.String, "certain": pl.Boolean}
    people = pl.DataFrame({"~row": pl.Series([2], dtype=pl.UInt32), "id": ["p"], "~region": pl.Series([None], dtype=pl.String)}).lazy()
    roll = Roll((), people, {}, layout_of(people, {}), 1)
    evidence, id = Evidence(roll, registers, pl.DataFrame(links, schema=schema), PACK, Day(exactly(ON), "date.decision")), "p"
    if world:
        evidence, id = evidence.in_both_worlds(), f"{world}:p"
    with TemporaryDirectory() as folder:
        gathered, _ = evidence.gathered(Path(folder))
        row = gathered.people.filter(pl.col("id") == id).collect().row(0, named=True)
        born = sorted(gathered.lists["children"].filter(pl.col("id") == id).collect()[BORN].to_list())
        return Known(born, row.get("children.complete"), bool(row.get("children.complete.claimed")))


ONE, TWO, THREE = 16_000, 17_000, 18_000
CASES: dict[str, tuple[list[Source], Known]] = {
    "a complete register names all": ([Source((Entry(ONE), Entry(TWO)))], Known([ONE, TWO], True)),
    "twins are two": ([Source((Entry(ONE), Entry(ONE)))], Known([ONE, ONE], True)),
    "twins are two under two numbers": ([Source((Entry(ONE, number=1), Entry(ONE, number=2)))], Known([ONE, ONE], True)),
    "one entered twice under one number is one": ([Source((Entry(ONE, number=1), Entry(TWO, number=1), Entry(TWO, number=2)))], Known([ONE, TWO], True)),
    "of an entry that is there twice the row that is his counts": ([Source((Entry(ONE, certain=False, number=1), Entry(ONE, number=1)))], Known([ONE], True)),
    "silence of a complete register is none": ([Source()], Known([], True)),
    "silence of another says nothing": ([Source(complete=False)], Known([], None)),
    "an incomplete register names some": ([Source((Entry(ONE),), complete=False)], Known([ONE], None)),
    "a register that has run out says nothing": ([Source((Entry(ONE),), valid=False)], Known([], None)),
    "a row that has run out leaves the list open": ([Source((Entry(ONE), Entry(TWO, valid=False)))], Known([ONE], None)),
    "a row that may be another's leaves the list open": ([Source((Entry(ONE), Entry(TWO, certain=False)))], Known([ONE], None)),
    "two that agree are one list": ([Source((Entry(ONE),)), Source((Entry(ONE),))], Known([ONE], True)),
    "two that differ leave what both say": ([Source((Entry(ONE), Entry(TWO))), Source((Entry(ONE),))], Known([ONE], None)),
    "what is proven stands over registers": ([Source((Entry(ONE),)), Source((Entry(ONE), Entry(THREE)), kind="answers")], Known([ONE, THREE], True)),
    "a proof that lacks what a register has is not all": ([Source((Entry(ONE),)), Source((Entry(TWO), Entry(THREE)), kind="answers")], Known([TWO, THREE], None)),
    "a proof of one is not all where a register has twins": ([Source((Entry(ONE), Entry(ONE))), Source((Entry(ONE),), kind="answers")], Known([ONE], None)),
    "a proof is all where a register has run out": ([Source((Entry(ONE, valid=False),)), Source((Entry(TWO),), kind="answers")], Known([TWO], True)),
    "what is claimed opens the list and takes nothing away": (
        [Source((Entry(ONE),)), Source((Entry(TWO, certain=False),), kind="answers")], Known([ONE], None, True),
    ),
    "what is claimed and is there already changes nothing": ([Source((Entry(ONE),)), Source((Entry(ONE, certain=False),), kind="answers")], Known([ONE], True)),
    "a claim where nothing is known": ([Source((Entry(ONE, certain=False),), kind="answers")], Known([], None, True)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_list_by_its_sources(name: str) -> None:
    sources, expected = CASES[name]
    assert known(sources) == expected


def test_both_worlds_of_a_doubtful_row() -> None:
    sources = [Source((Entry(ONE), Entry(TWO, certain=False)))]
    assert known(sources, "accepted") == Known([ONE, TWO], True)
    assert known(sources, "refused") == Known([ONE], True)


ENTRIES = st.builds(Entry, st.sampled_from([ONE, TWO, THREE]), st.booleans(), st.sampled_from([True, True, False]))
REGISTERS = st.builds(Source, st.lists(ENTRIES, max_size=3).map(tuple), st.booleans(), st.just("register"), st.sampled_from([True, True, False]))


@settings(max_examples=examples(80))
@given(st.lists(REGISTERS, min_size=1, max_size=2))
def test_rows_that_are_certain_are_in_every_world_and_all_means_all(sources: list[Source]) -> None:
    both, worlds = known(sources), [known(sources, "accepted"), known(sources, "refused")]
    if both.complete:
        assert [world.born for world in worlds] == [both.born] * 2
    for world in worlds:
        left = list(world.born)
        assert all(day in left and (left.remove(day) or True) for day in both.born)
