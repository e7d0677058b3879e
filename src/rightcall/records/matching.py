"""The registers of a folder, and which of their rows speak of whom on the roll.

All registers are linked at once, so that one model learns from all the identities there are. A register of answers names people by the
roll's own id and needs no linking.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from rightcall.law.problem import Refused, refuse
from rightcall.law.vocabulary import Vocabulary
from rightcall.records.descriptor import FILE, OWN_ID, PARTS, Descriptor, read_descriptors
from rightcall.records.evidence import CERTAIN, REGISTER
from rightcall.records.identity import IDENTITY
from rightcall.records.linkage import Learned, Thresholds, link
from rightcall.records.linker import Here, Machine
from rightcall.records.register import Register, identity_frame, open_sheet, register_of
from rightcall.records.roll import ID, Roll
from rightcall.records.sheet import ROW, Faults, Sheet

Progress = Callable[[str], None]
T = TypeVar("T")
NO_LINKS = pl.DataFrame(
    schema={ID: pl.String, REGISTER: pl.String, ROW: pl.UInt32, "probability": pl.Float64, "how": pl.String, CERTAIN: pl.Boolean, "agreement": pl.Categorical}
)
Table = tuple[Descriptor, Sheet]


@dataclass(frozen=True, slots=True)
class Linking:
    """How rows are linked: what counts as a link, who is told what is being done, and where the weighing runs."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    progress: Progress = lambda stage: None
    machine: Machine = field(default_factory=Here)


AS_USUAL = Linking()


@dataclass(frozen=True, slots=True)
class Matched:
    """``links``: ``id``, ``register``, ``~row``, ``probability``, ``how``, ``certain``, ``agreement``; what was learned in making them, and noticed.

    An agreement is a word here (JSON; ``agreement_of`` reads it): millions of links have a few thousand between them.
    """

    links: pl.DataFrame
    learned: Learned | None = None
    notes: tuple[str, ...] = ()


def read_registers(folder: Path, vocabulary: Vocabulary, workdir: Path) -> tuple[tuple[Register, ...], tuple[str, ...]]:
    """All registers and answers of a folder, and notes. Raises ``Refused`` with what is wrong in any of them."""
    tables, notes = open_tables(folder, workdir)
    registers = registers_of(tables, vocabulary)
    return registers, (*notes, *(note for register in registers for note in register.notes))


def open_tables(folder: Path, workdir: Path) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """The tables that the descriptor of a folder names, and notes. Raises ``Refused`` with what is wrong with any of them as a file."""
    descriptors = [descriptor for descriptor in read_descriptors(folder) if descriptor.kind != "roll"]
    tables = _each(descriptors, lambda descriptor: (descriptor, open_sheet(descriptor, workdir)))
    described = {descriptor.file for descriptor in descriptors if descriptor.file}
    strangers = sorted(
        file.name for file in folder.iterdir() if file.is_file() and file not in described and file.name != FILE and not file.name.startswith(".")
    )
    return tables, tuple(f"{name} has no descriptor and was not read" for name in strangers)


def registers_of(tables: Sequence[Table], vocabulary: Vocabulary) -> tuple[Register, ...]:
    """The registers that tables hold, all of their rows or some. Raises ``Refused`` with what is wrong in any of them."""
    sheets = {descriptor.name: sheet for descriptor, sheet in tables}
    return _each([descriptor for descriptor, _ in tables], lambda descriptor: register_of(sheets[descriptor.name], descriptor, vocabulary))


def _each(descriptors: Sequence[Descriptor], read: Callable[[Descriptor], T]) -> tuple[T, ...]:
    """Read something of every table; what is wrong with any of them is said at once."""
    faults, found = Faults(), []
    for descriptor in descriptors:
        try:
            found.append(read(descriptor))
        except Refused as refused:
            faults.add(refused.problems, refused.count)
        except OSError as error:
            faults.add(refuse(f"the file cannot be read: {error.strerror}", descriptor.name).problems)
    if faults.count:
        raise faults.refused()
    return tuple(found)


def match(roll: Roll, registers: Sequence[Register], how: Linking = AS_USUAL, learned: Learned | None = None) -> Matched:
    """Link the rows of registers to the people of a roll. ``learned``: where they are a few rows of many that were linked before.

    Raises ``Refused`` where the roll has nothing to link by.
    """
    identified = [_identities(register.descriptor.name, register.frame) for register in registers if register.parts]
    return linked(roll, identified, how, learned)


def identities_in(tables: Sequence[Table]) -> list[pl.DataFrame]:
    """The identities of all rows of tables, and nothing else of them."""
    return [_identities(descriptor.name, identity_frame(sheet, descriptor)) for descriptor, sheet in tables if OWN_ID not in descriptor.identity]


def linked(roll: Roll, identified: Sequence[pl.DataFrame], how: Linking, learned: Learned | None) -> Matched:
    """Link identities (``source``, ``~row`` and the parts) to the people of a roll. Raises ``Refused`` where it has nothing to link by."""
    if not identified:
        return Matched(NO_LINKS)
    if roll.identity is None or not _parts_in(roll.identity):
        raise refuse("the roll has no identities to link registers by", roll.files[0].name, f"give it columns {', '.join(PARTS)}")
    people = roll.identity.with_row_index("row").collect()
    rows = pl.concat(identified).with_row_index("row")
    left, right = _as_identities(people.lazy()), rows.lazy().drop("~row")
    links = link(left, right, IDENTITY, how.thresholds, how.progress, learned=learned, machine=how.machine)
    told = links.pairs.with_columns(pl.struct("agreement").struct.json_encode().cast(pl.Categorical).alias("agreement"))
    pairs = told.join(rows.select(right="row", **{REGISTER: "source", ROW: "~row"}), on="right").join(people.select(ID, left="row"), on="left")
    return Matched(pairs.select(NO_LINKS.columns).sort(REGISTER, ROW, ID), links.learned, links.notes)


def agreement_of(link: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the parts of an identity say of a link (``field``, ``says``, ``weight``); nothing where a row names the person itself."""
    found: list[Mapping[str, Any]] = json.loads(link["agreement"])["agreement"] if link.get("agreement") else []
    return found


def _parts_in(frame: pl.LazyFrame) -> list[str]:
    present = frame.collect_schema().names()
    return [part for part in PARTS if f"~{part}" in present]


def _as_identities(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The six parts under their names, empty where the table has none."""
    present = _parts_in(frame)
    kinds = {part: pl.Int32 if part == "birth" else pl.String for part in PARTS}
    parts = [(pl.col(f"~{part}") if part in present else pl.lit(None)).cast(kind).alias(part) for part, kind in kinds.items()]
    others = [name for name in ("row", "source", "~row") if name in frame.collect_schema()]
    return frame.select(*others, *parts)


def _identities(name: str, rows: pl.LazyFrame) -> pl.DataFrame:
    return _as_identities(rows.with_columns(source=pl.lit(name))).collect()
