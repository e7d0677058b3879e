"""The whole job: a roll, and what registers say of its people, against the law; results in a folder that appears whole or not at all.

The command line and the office give an order and look at the outcome; all that is read and written in a run is read and written here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from rightcall.law.pack import Pack
from rightcall.law.question import Readings
from rightcall.records.baseline import FOLDER
from rightcall.records.dossier import Dossier, open_dossier
from rightcall.records.evidence import Day
from rightcall.records.linker import Here
from rightcall.records.matching import Linking, Table, open_tables
from rightcall.records.roll import ID, REGION, Roll, read_roll
from rightcall.screening.earlier import CHANGES, FINDINGS, PROMISED, Earlier, flips, merged, merged_promises, read_earlier
from rightcall.screening.engine import Engine, Polars
from rightcall.screening.namesake import held_by_identity
from rightcall.screening.output import RECEIPT, check_replaceable, whole_folder
from rightcall.screening.receipt import beginning, ending, write_json
from rightcall.screening.report import write_report
from rightcall.screening.run import ROW_GROUP, SLICE, DayChosen, Screening, choose_day, schema_of, screen
from rightcall.screening.summary import summarise
from rightcall.screening.tally import Tally
from rightcall.screening.workbook import write_workbook


@dataclass(frozen=True, slots=True)
class Order:
    """What to check: a roll by a law and its readings; on which day, beside which registers, built on which earlier run, on which engine."""

    roll: Path
    law: Pack
    readings: Readings
    readings_name: str | None = None
    on: str | None = None
    registers: Path | None = None
    since: Path | None = None
    encoding: str = "utf-8"
    engine: Engine = field(default_factory=Polars)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far a run is: ``doing`` what it begins, ``people`` how many more of how many are judged."""

    doing: Callable[[str], None] = lambda stage: None
    people: Callable[[int, int], None] = lambda done, of: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found: the figures, what was noticed on the way, and whether there is a workbook."""

    summary: dict[str, Any]
    notes: tuple[str, ...]
    workbook: bool


def run(order: Order, out: Path, watch: Watch = Watch()) -> Outcome:
    """Do the job and write the results. Raises ``Refused`` where an input is, or the results cannot be written; then nothing is written."""
    check_replaceable(out)
    earlier = read_earlier(order.since) if order.since else None
    with whole_folder(out) as aside, tempfile.TemporaryDirectory(dir=aside, prefix=".work-") as work:
        watch.doing("reading the roll")
        roll = read_roll(order.roll, order.law, Path(work), order.encoding)
        return _Job(order, roll, choose_day(roll, order.law, order.on), aside, Path(work), watch, earlier).done()


class _Job:
    """One run, step by step, with the folders it writes into."""

    def __init__(self, order: Order, roll: Roll, day: DayChosen, aside: Path, work: Path, watch: Watch, earlier: Earlier | None) -> None:
        self.order, self.roll, self.day, self.aside, self.work, self.watch, self.earlier = order, roll, day, aside, work, watch, earlier

    def done(self) -> Outcome:
        tables, notes = open_tables(self.order.registers, self.work) if self.order.registers else ((), ())
        begun = beginning(self.order.law, self.order.readings, self.order.readings_name, self.roll, self.day, tables)
        dossier = self._dossier(tables, begun)
        with ThreadPoolExecutor(1, "baseline") as beside:
            saved = beside.submit(dossier.baseline.write, self.aside / FOLDER)
            screening = self._screened(dossier)
            changes = self._changes(dossier)
            saved.result()
        self._promises(dossier)
        if dossier.because is not None:
            screening = replace(screening, roll=self.roll, tally=self._with_promises(screening.tally))
        return self._reported(screening, dossier, changes, begun, (*self.roll.notes, *notes, *dossier.notes))

    def _dossier(self, tables: tuple[Table, ...], begun: dict[str, Any]) -> Dossier:
        past = self.earlier.past(begun) if self.earlier else None
        with self.order.engine.linking(self.work) if tables else nullcontext(Here()) as machine:
            how = Linking(progress=self.watch.doing, machine=machine)
            return open_dossier(self.roll, tables, self.order.law, Day(self.day.on, self.day.fact), self.work, how, past)

    def _screened(self, dossier: Dossier) -> Screening:
        """Judge those of the dossier. After an earlier run the findings of the others are put beside theirs."""
        law, readings = self.order.law, self.order.readings
        if not dossier.evidence.doubted.is_empty():
            self.watch.doing("asking whose records they are")
        doubted = held_by_identity(dossier.evidence, law, readings, self.day, self.work)
        screening = Screening(law, readings, dossier.roll, self.day, doubted=doubted, beside=self.work)
        self.watch.doing("checking")
        screen(screening, self._anew(dossier), lambda people: self.watch.people(people, dossier.roll.count), engine=self.order.engine)
        return self._merged(screening, dossier, self.earlier.folder) if self.earlier and dossier.because is not None else screening

    def _anew(self, dossier: Dossier) -> Path:
        """Where the findings of those looked at are written."""
        return self.work / "anew.parquet" if dossier.because is not None else self.aside / FINDINGS

    def _merged(self, screening: Screening, dossier: Dossier, earlier: Path) -> Screening:
        """Write the findings of everybody, and count them on the way."""
        looked_at, tally = dossier.evidence.roll.people.select(ID).collect()[ID], Tally()

        def source(*_: object) -> Iterator[pl.DataFrame]:
            done = 0
            for rows in merged(earlier / FINDINGS, self._anew(dossier), looked_at, self._ids, SLICE):
                counted = beside.submit(self._count, rows, done, tally)
                done += rows.height
                yield rows
                counted.result()

        with ThreadPoolExecutor(1, "tally") as beside:
            register_io_source(source, schema=schema_of(self.order.law)).sink_parquet(self.aside / FINDINGS, row_group_size=ROW_GROUP)
        return replace(screening, tally=tally)

    def _count(self, rows: pl.DataFrame, start: int, tally: Tally) -> None:
        regions = self.roll.people.slice(start, SLICE).select(REGION).collect()
        cause = pl.when(pl.col("verdict") == "open").then(pl.col("reasons").list.first()).alias("cause")
        tally.add(rows.hstack(regions).with_columns(cause), self.order.law, "")

    @property
    def _ids(self) -> pl.Series:
        return self.roll.people.select(ID).collect()[ID]

    def _changes(self, dossier: Dossier) -> pl.DataFrame | None:
        if self.earlier is None or dossier.because is None:
            return None
        changes = flips(self.earlier.folder / FINDINGS, self._anew(dossier), dossier.because)
        changes.write_parquet(self.aside / CHANGES)
        return changes

    def _promises(self, dossier: Dossier) -> None:
        """What is promised to whom, for a later run: it stands in no other result."""
        parts = sorted(self.work.glob("promised.*.parquet"))
        empty = pl.LazyFrame(schema={ID: pl.String, "promised": pl.List(pl.String)})
        anew = self.work / PROMISED
        pl.concat([empty, *([pl.scan_parquet(parts)] if parts else [])]).sink_parquet(anew)
        target = self.aside / FOLDER / PROMISED
        if self.earlier and dossier.because is not None:
            merged_promises(self.earlier.folder / FOLDER / PROMISED, anew, dossier.evidence.roll.people.select(ID).collect()[ID], self._ids, target)
        else:
            anew.rename(target)

    def _with_promises(self, tally: Tally) -> Tally:
        tally.add_promised(pl.read_parquet(self.aside / FOLDER / PROMISED)["promised"])
        return tally

    def _reported(self, screening: Screening, dossier: Dossier, changes: pl.DataFrame | None, begun: dict[str, Any], notes: tuple[str, ...]) -> Outcome:
        self.watch.doing("writing the results")
        order, findings = self.order, self.aside / FINDINGS
        summary = summarise(screening, findings, order.readings_name, dossier, changes)
        workbook = write_workbook(self.aside / "findings.xlsx", findings, order.law, self.roll.count)
        write_json(self.aside / "summary.json", summary)
        write_report(self.aside / "report.html", summary, order.law)
        write_json(self.aside / RECEIPT, begun | ending(screening, findings, notes, self.earlier.receipt if self.earlier else None))
        return Outcome(summary, notes, workbook)
