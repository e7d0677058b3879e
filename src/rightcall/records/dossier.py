"""A roll with everything that registers and answers say of its people: read, linked, and merged into evidence.

With what an earlier run saw only those are gathered of whom something is new; of the others the earlier finding stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from rightcall.law.pack import Pack
from rightcall.records.baseline import Baseline, all_row_prints, people_prints
from rightcall.records.delta import everybody, only, since
from rightcall.records.descriptor import OWN_ID
from rightcall.records.evidence import REGISTER, Counts, Day, Evidence
from rightcall.records.matching import AS_USUAL, Linking, Table, match, registers_of
from rightcall.records.register import Register
from rightcall.records.roll import ID, Roll
from rightcall.records.sheet import ROW


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier run saw, if it is of use; the registers whose files are the same to the byte; why everybody is looked at anew, if that is so."""

    baseline: Baseline | None
    same: Collection[str] = ()
    all_because: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """``roll``: the people looked at, with what is known of them; ``because``: why they are, after an earlier run; ``counts``: rows that counted, and not."""

    roll: Roll
    evidence: Evidence
    baseline: Baseline
    counts: Counts = field(default_factory=Counts)
    because: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()


def open_dossier(roll: Roll, tables: Sequence[Table], pack: Pack, day: Day, workdir: Path, how: Linking = AS_USUAL, past: Past | None = None) -> Dossier:
    """Read the registers, link them to the roll and gather what they say. Raises ``Refused``."""
    if past and past.baseline:
        dossier = _anew(roll, tables, pack, day, how, past.baseline, past)
    else:
        dossier = _whole(roll, tables, pack, day, how)
        dossier = replace(dossier, because=everybody(roll, past.all_because)) if past else dossier
    if not tables:
        return dossier
    how.progress("gathering evidence")
    gathered, counts = dossier.evidence.gathered(workdir)
    return replace(dossier, roll=gathered, counts=counts, notes=(*dossier.notes, *dossier.evidence.out_of_time()))


def open_files_of(
    ids: Sequence[str], roll: Roll, tables: Sequence[Table], pack: Pack, day: Day, workdir: Path, how: Linking = AS_USUAL, past: Past | None = None
) -> Dossier:
    """The same of some people. After an earlier run its links are taken over, so that nothing but what is new has to be linked."""
    theirs = pl.Series(ID, ids, dtype=pl.String)
    if past and past.baseline:
        links = since(past.baseline, roll, tables, past.same, pack.vocabulary, how).baseline.links
        few = _with_rows(tables, links.filter(pl.col(ID).is_in(theirs.implode())).select(REGISTER, ROW))
        evidence = Evidence(roll, registers_of(few, pack.vocabulary), links, pack, day).of(theirs)
        dossier = Dossier(evidence.roll, evidence, past.baseline)
    else:
        whole = _whole(roll, tables, pack, day, how)
        dossier = replace(whole, evidence=whole.evidence.of(theirs))
    gathered, counts = dossier.evidence.gathered(workdir)
    return replace(dossier, roll=gathered, counts=counts)


def _whole(roll: Roll, tables: Sequence[Table], pack: Pack, day: Day, how: Linking) -> Dossier:
    how.progress("reading registers")
    registers = registers_of(tables, pack.vocabulary)
    matched = match(roll, registers, how)
    seen = Baseline(people_prints(roll), all_row_prints(tables), matched.links, matched.learned)
    return Dossier(roll, Evidence(roll, registers, matched.links, pack, day), seen, notes=(*_notes(registers), *matched.notes))


def _notes(registers: Sequence[Register]) -> tuple[str, ...]:
    return tuple(note for register in registers for note in register.notes)


def _anew(roll: Roll, tables: Sequence[Table], pack: Pack, day: Day, how: Linking, before: Baseline, past: Past) -> Dossier:
    """Those of whom something is new, or all of them."""
    delta = since(before, roll, tables, past.same, pack.vocabulary, how)
    links = delta.baseline.links
    if past.all_because:
        registers = registers_of(tables, pack.vocabulary)
        because = pl.concat([delta.because, everybody(roll, past.all_because)])
        return Dossier(roll, Evidence(roll, registers, links, pack, day), delta.baseline, because=because, notes=_notes(registers))
    few = _with_rows(tables, links.filter(pl.col(ID).is_in(delta.people.implode())).select(REGISTER, ROW))
    registers = registers_of(few, pack.vocabulary)
    evidence = Evidence(roll, registers, links, pack, day).of(delta.people)
    return Dossier(evidence.roll, evidence, delta.baseline, because=delta.because)


def _with_rows(tables: Sequence[Table], rows: pl.DataFrame) -> tuple[Table, ...]:
    """The tables with these rows; of answers all rows. A table without such a row is still there: its silence speaks."""
    few = {descriptor.name: sheet for descriptor, sheet in only(tables, rows)}
    empty = {descriptor.name: replace(sheet, frame=sheet.frame.clear()) for descriptor, sheet in tables}
    return tuple((descriptor, sheet if OWN_ID in descriptor.identity else few.get(descriptor.name, empty[descriptor.name])) for descriptor, sheet in tables)
