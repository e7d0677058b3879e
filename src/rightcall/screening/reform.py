"""Whom a change of law would touch: a roll, and what registers say of its people, judged by two states of law.

The registers are linked once. Results appear whole or not at all: ``flips.parquet`` and ``flips.csv`` (who comes out otherwise, and why),
``summary.json``, ``receipt.json``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from rightcall.law.compare import Side, differences
from rightcall.records.dossier import open_dossier
from rightcall.records.evidence import Day, Evidence
from rightcall.records.linker import Here
from rightcall.records.matching import Linking, Table, open_tables, registers_of
from rightcall.records.roll import Roll, read_roll
from rightcall.screening.flips import FLIPS, Flips, flips
from rightcall.screening.job import Watch
from rightcall.screening.output import COMPARED, RECEIPT, whole_folder
from rightcall.screening.receipt import beginning, file_hash, write_json
from rightcall.screening.run import SLICE, Screening, choose_day, grounds

IN_SILENCE = Watch()
LISTED, SHOWN = "flips.parquet", "flips.csv"


@dataclass(frozen=True, slots=True)
class Reform:
    """Two states of law, and a roll to see them on; beside which registers."""

    before: Side
    after: Side
    roll: Path
    registers: Path | None = None
    encoding: str = "utf-8"

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.before, self.after


def compare_over(reform: Reform, out: Path, watch: Watch = IN_SILENCE, slice_size: int = SLICE) -> dict[str, Any]:
    """Judge everybody twice, write who flips into the folder ``out``, and give the figures. Raises ``Refused``; then nothing is written."""
    with whole_folder(out, COMPARED) as aside, tempfile.TemporaryDirectory(dir=aside, prefix=".work-") as work:
        screenings, receipts = _prepared(reform, Path(work), watch)
        watch.doing("comparing")
        counts = Flips()

        def source(*_: object) -> Iterator[pl.DataFrame]:
            done = 0
            before, after = (grounds(screening, Path(work), slice_size) for screening in screenings)
            for found in flips(before, after, (reform.before.pack, reform.after.pack), counts):
                watch.people(counts.people - done, screenings[0].roll.count)
                done = counts.people
                yield found

        register_io_source(source, schema=FLIPS).sink_parquet(aside / LISTED)
        _write_csv(aside / LISTED, aside / SHOWN)
        summary = _summary(reform, counts)
        write_json(aside / "summary.json", summary)
        write_json(aside / RECEIPT, {"compared": dict(zip(("before", "after"), receipts, strict=True)), "flips": {"sha256": file_hash(aside / LISTED)}})
        return summary


def _prepared(reform: Reform, work: Path, watch: Watch) -> tuple[tuple[Screening, Screening], list[dict[str, Any]]]:
    """The roll as each side sees it, on its day, with what registers say of it on that day."""
    tables, _ = open_tables(reform.registers, work) if reform.registers else ((), ())
    links: pl.DataFrame | None = None
    screenings, receipts = [], []
    for number, side in enumerate(reform.sides):
        folder = work / str(number)
        folder.mkdir()
        watch.doing(f"reading the roll for {side.name}")
        roll = read_roll(reform.roll, side.pack, folder, reform.encoding)
        day = choose_day(roll, side.pack, side.day)
        receipts.append({"side": side.name, **beginning(side.pack, side.readings, side.readings_name, roll, day, tables)})
        if tables:
            roll, links = _with_registers(roll, tables, side, Day(day.on, day.fact), folder, watch, links)
        screenings.append(Screening(side.pack, side.readings, roll, day))
    return (screenings[0], screenings[1]), receipts


def _with_registers(
    roll: Roll, tables: Sequence[Table], side: Side, day: Day, work: Path, watch: Watch, links: pl.DataFrame | None
) -> tuple[Roll, pl.DataFrame]:
    """The roll with the evidence of a day. Links are made for the first side and hold for both: they do not depend on the law."""
    if links is not None:
        gathered, _ = Evidence(roll, registers_of(tables, side.pack.vocabulary), links, side.pack, day).gathered(work)
        return gathered, links
    dossier = open_dossier(roll, tables, side.pack, day, work, Linking(progress=watch.doing, machine=Here(work)))
    return dossier.roll, dossier.baseline.links


def _write_csv(parquet: Path, csv: Path) -> None:
    lists = [name for name, kind in FLIPS.items() if isinstance(kind, pl.List)]
    pl.scan_parquet(parquet).with_columns(pl.col(lists).list.join(" ")).sink_csv(csv)


def _summary(reform: Reform, counts: Flips) -> dict[str, Any]:
    titles = {id: provision.title for side in reform.sides for id, provision in side.pack.provisions.items()}
    changed = [{"id": found.id, "title": found.title, "what": found.what, "before": found.before, "after": found.after} for found in differences(*reform.sides)]
    return {"before": reform.before.name, "after": reform.after.name, "differences": changed, **counts.summary(titles)}
