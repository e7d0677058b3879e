"""The registers of a folder, and which of their rows speak of whom on the roll.

All registers are linked at once, so that one model learns from all the identities there are. A register of answers names people by the
roll's own id and needs no linking.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from rightcall.law.problem import Refused, refuse
from rightcall.law.vocabulary import Vocabulary
from rightcall.records.descriptor import FILE, PARTS, read_descriptors
from rightcall.records.evidence import CERTAIN, REGISTER
from rightcall.records.identity import IDENTITY
from rightcall.records.linkage import Model, Thresholds, link
from rightcall.records.register import Register, read_register
from rightcall.records.roll import ID, Roll
from rightcall.records.sheet import ROW, Faults

Progress = Callable[[str], None]
LINKS = {ID: pl.String, REGISTER: pl.String, ROW: pl.UInt32, "probability": pl.Float64, "how": pl.String, CERTAIN: pl.Boolean}


@dataclass(frozen=True, slots=True)
class Matched:
    """``links``: ``id``, ``register``, ``~row``, ``probability``, ``how``, ``certain``, ``agreement``; the model that made them, and what was noticed."""

    links: pl.DataFrame
    model: Model | None = None
    notes: tuple[str, ...] = ()


def read_registers(folder: Path, vocabulary: Vocabulary, workdir: Path) -> tuple[tuple[Register, ...], tuple[str, ...]]:
    """All registers and answers of a folder, and notes. Raises ``Refused`` with what is wrong in any of them."""
    faults, found = Faults(), []
    descriptors = [descriptor for descriptor in read_descriptors(folder) if descriptor.kind != "roll"]
    for descriptor in descriptors:
        try:
            found.append(read_register(descriptor, vocabulary, workdir))
        except Refused as refused:
            faults.add(refused.problems, refused.count)
        except OSError as error:
            faults.add(refuse(f"the file cannot be read: {error.strerror}", descriptor.name).problems)
    if faults.count:
        raise faults.refused()
    described = {descriptor.file for descriptor in descriptors if descriptor.file}
    strangers = sorted(
        file.name for file in folder.iterdir() if file.is_file() and file not in described and file.name != FILE and not file.name.startswith(".")
    )
    notes = [f"{name} has no descriptor and was not read" for name in strangers]
    return tuple(found), (*notes, *(note for register in found for note in register.notes))


def match(roll: Roll, registers: Sequence[Register], thresholds: Thresholds, progress: Progress = lambda stage: None, model: Model | None = None) -> Matched:
    """Link the rows of registers to the people of a roll. Raises ``Refused`` where the roll has nothing to link by."""
    identified = [register for register in registers if register.parts]
    if not identified:
        return Matched(pl.DataFrame(schema=LINKS))
    if roll.identity is None or not _parts_in(roll.identity):
        raise refuse("the roll has no identities to link registers by", roll.files[0].name, f"give it columns {', '.join(PARTS)}")
    left = _as_identities(roll.identity.rename({ROW: "row"}))
    rows = pl.concat([_identities(register) for register in identified]).with_row_index("row")
    links = link(left, rows.lazy().drop("~row"), IDENTITY, thresholds, progress, model)
    pairs = links.pairs.join(rows.select(right="row", **{REGISTER: "source", ROW: "~row"}), on="right").join(
        roll.identity.select(pl.col(ID), left=ROW).collect(), on="left"
    )
    return Matched(pairs.select(*LINKS, "agreement").sort(REGISTER, ROW, ID), links.model, links.notes)


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


def _identities(register: Register) -> pl.DataFrame:
    return _as_identities(register.frame.with_columns(source=pl.lit(register.descriptor.name))).collect()
