"""Engines: where a law is applied to a roll.

The plan of a law is the same on all of them. ``Polars`` judges a roll in slices on one machine; ``Spark`` in one piece on as many
machines as it has, and ``DuckDB`` so on one. Each hands back what it found in slices, in the order of the roll.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import narwhals as nw
import polars as pl

from rightcall.law.bulk import ROW, Bulk, Plan, plainly
from rightcall.law.formula import Frame
from rightcall.law.problem import did_you_mean, refuse
from rightcall.records.linker import Here, Machine, in_process
from rightcall.records.linker import Spark as SparkMachines
from rightcall.records.roll import ID, REGION
from rightcall.records.slices import Slices
from rightcall.screening.slot import Slot

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import SparkSession

Rows = Mapping[str, pl.DataFrame]
READ_ANEW = pl.QueryOptFlags(comm_subplan_elim=False)
"""A slice is in memory: to read it again where a plan branches costs less than to keep the branch (a third of the time)."""


@dataclass(frozen=True, slots=True)
class Task:
    """People with their days, the rows of their lists, and the law compiled for them. ``work``: a folder for what is in between.

    Without ``reasons`` only verdicts and grounds are asked for.
    """

    people: pl.LazyFrame
    lists: Mapping[str, pl.LazyFrame]
    bulk: Bulk
    count: int
    slice_size: int
    work: Path
    reasons: bool = True

    @property
    def starts(self) -> range:
        return range(0, self.count, self.slice_size)


@dataclass(frozen=True, slots=True)
class Found:
    """A slice judged: its people (id and region, in the order of the roll), their findings, and the reasons of those left open, if any are."""

    people: pl.DataFrame
    findings: pl.DataFrame
    reasons: pl.DataFrame | None


class Engine(Protocol):
    """Applies a law to a roll."""

    def judge(self, task: Task) -> Iterator[Found]:
        """What was found, slice by slice, in the order of the roll. Raises ``Refused`` where the engine cannot be had."""

    def linking(self, work: Path) -> AbstractContextManager[Machine]:
        """Where rows of registers are weighed beside this engine. Raises ``Refused`` where it cannot be had."""


class Polars:
    """One machine: slice after slice, so that memory is bounded."""

    def judge(self, task: Task) -> Iterator[Found]:
        return _Slices(task).found()

    def linking(self, work: Path) -> AbstractContextManager[Machine]:
        return nullcontext(Here(work))


class _Slices:
    """One pass over a roll with its two plans: findings for all, reasons for those left open."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.findings = self._prepared(task.bulk.findings())
        self.reasons: PreparedPlan | None = None

    def found(self) -> Iterator[Found]:
        for people, lists in Slices(self.task.people, self.task.lists, self.task.count, self.task.slice_size):
            findings = self.findings.run(people, lists)
            yield Found(people.select(ID, REGION), findings, self._waiting(people, lists, findings))

    def _prepared(self, plan: Plan) -> PreparedPlan:
        lists = {name: frame.collect_schema() for name, frame in self.task.lists.items()}
        return PreparedPlan(plan, self.task.people.collect_schema(), lists)

    def _waiting(self, people: pl.DataFrame, lists: Rows, findings: pl.DataFrame) -> pl.DataFrame | None:
        people = people.join(findings.filter(pl.col("verdict") == "open"), on=ID, how="semi")
        if people.is_empty() or not self.task.reasons:
            return None
        self.reasons = self.reasons or self._prepared(self.task.bulk.reasons())
        return self.reasons.run(people, {name: frame.join(people.select(ID), on=ID, how="semi") for name, frame in lists.items()})


class PreparedPlan:
    """A plan put together once, for people and lists of given columns, and run for one slice after the other."""

    def __init__(self, plan: Plan, people: pl.Schema, lists: Mapping[str, pl.Schema]) -> None:
        self.people, self.lists = Slot(people), {name: Slot(schema) for name, schema in lists.items()}
        rows = {name: nw.from_native(slot.lazy) for name, slot in self.lists.items()}
        self.found: pl.LazyFrame = plan.apply(nw.from_native(self.people.lazy), rows).to_native()

    def run(self, people: pl.DataFrame, lists: Rows) -> pl.DataFrame:
        self.people.rows = people
        for name, slot in self.lists.items():
            slot.rows = lists[name]
        return self.found.collect(optimizations=READ_ANEW)


class DuckDB:
    """One machine: the whole roll at once, by another maker's hand. Slower than Polars; a second opinion."""

    def judge(self, task: Task) -> Iterator[Found]:
        import duckdb

        with _work_folder(task) as folder, in_process(task.work) as database:
            before = duckdb.default_connection()
            duckdb.set_default_connection(database)
            try:
                yield from _Whole(task, folder, partial(_in_duckdb, database), lambda frame, path: frame.sink_parquet(path)).found()
            finally:
                duckdb.set_default_connection(before)

    def linking(self, work: Path) -> AbstractContextManager[Machine]:
        return nullcontext(Here(work))


@dataclass(frozen=True, slots=True)
class Spark:
    """As many machines as a Spark master has; all of them must see the folder of the results under one path.

    ``master``: its URL; ``settings``: of a session that has to be started. A session that is there already is used, and left running.
    """

    master: str = "local[*]"
    settings: Mapping[str, str] = field(default_factory=dict)

    def judge(self, task: Task) -> Iterator[Found]:
        with spark_session(self.master, self.settings) as session, _work_folder(task) as folder:
            yield from _Whole(task, folder, partial(_in_spark, session), _by_spark).found()

    @contextmanager
    def linking(self, work: Path) -> Iterator[Machine]:
        with spark_session(self.master, self.settings) as session:
            yield SparkMachines(session, work)


def _work_folder(task: Task) -> AbstractContextManager[str]:
    return tempfile.TemporaryDirectory(dir=task.work, prefix=".engine-")


def _in_duckdb(database: DuckDBPyConnection, path: Path) -> Frame:
    return nw.from_native(database.read_parquet(str(path)))


def _in_spark(session: SparkSession, path: Path) -> Frame:
    return nw.from_native(session.read.parquet(path.resolve().as_uri()))


def _by_spark(frame: Frame, path: Path) -> None:
    """Spark makes a folder of Parquet files. With a URI it is on the disk, whatever the cluster's own store is."""
    frame.to_native().write.parquet(path.resolve().as_uri())


@dataclass(frozen=True, slots=True)
class _Whole:
    """A roll judged in one piece, by an engine that scans and writes Parquet in a work folder."""

    task: Task
    folder: str
    scan: Callable[[Path], Frame]
    write: Callable[[Frame, Path], None]

    def found(self) -> Iterator[Found]:
        people, lists = self._handed_over()
        verdicts = self._made("findings", self.task.bulk.findings(), people, lists)
        waiting = people.join(verdicts.filter(nw.col("verdict") == "open").select(ROW), on=ROW, how="semi")
        self._made("reasons", self.task.bulk.reasons(), waiting, lists)
        return self._slices()

    def _handed_over(self) -> tuple[Frame, dict[str, Frame]]:
        """The roll as the engine sees it, its people numbered in their order."""
        people = self.task.people.drop(ROW, strict=False).with_row_index(ROW)
        return self._handed("people", people), {name: self._handed(name, rows) for name, rows in self.task.lists.items()}

    def _handed(self, name: str, frame: pl.LazyFrame) -> Frame:
        path = self._path(f"roll-{name}")
        rows: pl.LazyFrame = plainly(nw.from_native(frame)).to_native()
        rows.with_columns(pl.col(pl.UInt32).cast(pl.Int64)).sink_parquet(path)
        return self.scan(path)

    def _made(self, name: str, plan: Plan, people: Frame, lists: Mapping[str, Frame]) -> Frame:
        """What a plan says of everybody, in the order of the roll. It is sorted when it stands: Spark computes what it sorts twice."""
        raw = self._path(f"{name}-in-no-order")
        self.write(plan.apply(people, lists, (ROW, ID)), raw)
        self.write(self.scan(raw).sort(ROW), self._path(name))
        return self.scan(self._path(name))

    def _slices(self) -> Iterator[Found]:
        """INVARIANT: everybody has one row of findings, and those left open one of reasons, in the order of the roll."""
        findings, reasons, waited = self._read("findings"), self._read("reasons"), 0
        for start in self.task.starts:
            people = self.task.people.slice(start, self.task.slice_size).select(ID, REGION).collect()
            part = findings.slice(start, self.task.slice_size).drop(ROW).collect()
            many = part.filter(pl.col("verdict") == "open").height
            yield Found(people, part, reasons.slice(waited, many).drop(ROW).collect() if many else None)
            waited += many

    def _read(self, name: str) -> pl.LazyFrame:
        path = self._path(name)
        return pl.scan_parquet(sorted(path.glob("*.parquet")) if path.is_dir() else path, glob=False)

    def _path(self, name: str) -> Path:
        return Path(self.folder) / f"{name}.parquet"


QUIET = {"spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false"}
LAW_IS_LONG = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.sql.maxPlanStringLength": "10000",
    "spark.sql.caseSensitive": "true",
}
"""A law has thousands of expressions. Whole stages of it are methods too long for Java to compile (a third of the time); what is noted
or written of each is short."""
AT_HOME = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "8",
}
"""On one machine to plan a law anew after every stage costs more than it saves."""


@contextmanager
def spark_session(master: str, settings: Mapping[str, str]) -> Iterator[SparkSession]:
    """The session that runs in this process, or one of its own, which is stopped in the end. Raises ``Refused`` where Spark cannot be had."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise refuse("the engine `spark` needs PySpark", help="pip install 'rightcall[spark]'") from None
    running = SparkSession.getActiveSession()
    session = running or _started(SparkSession.builder, master, settings)
    try:
        yield session
    finally:
        if running is None:
            session.stop()


def _started(builder: Any, master: str, settings: Mapping[str, str]) -> SparkSession:
    from pyspark.errors import PySparkException

    local = master.startswith("local")
    builder = builder.appName("rightcall").master(master).config(map={**QUIET, **LAW_IS_LONG, **(AT_HOME if local else {}), **settings})
    try:
        session: SparkSession = builder.getOrCreate()
    except PySparkException as error:
        said = next(iter(str(error).splitlines()), "no reason given")
        raise refuse(f"Spark cannot be started: {said}", help="it needs Java 17 or newer, and a master that answers") from None
    if local and "PYSPARK_PYTHON" not in os.environ:
        # Spark would take the first Python of the path, which need not have what this one has.
        session.sparkContext.pythonExec = sys.executable
    return session


ENGINES = ("polars", "spark", "duckdb")


def engine_named(name: str, spark_master: str | None = None) -> Engine:
    """The engine of the command line. Raises ``Refused`` where there is none of that name."""
    if spark_master is not None and name != "spark":
        raise refuse("only the engine `spark` has a master", "--spark-master", "add --engine spark")
    match name:
        case "polars":
            return Polars()
        case "duckdb":
            return DuckDB()
        case "spark":
            return Spark(spark_master or "local[*]")
        case _:
            raise refuse(f"there is no engine `{name}`", "--engine", did_you_mean(name, ENGINES) or f"there are {', '.join(ENGINES)}")
