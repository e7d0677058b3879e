"""The main job: every person of a roll against the law, on the engine asked for, in slices, so that memory is bounded.

The findings are written as one Parquet file while they are made; what the reports need is counted on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import narwhals as nw
import polars as pl
from polars.io.plugins import register_io_source

from rightcall.law.account import Unfit, read_day
from rightcall.law.bulk import LABEL, MISSING, PROMISE, QUESTION, ends_in, judged
from rightcall.law.pack import Pack
from rightcall.law.problem import did_you_mean, refuse
from rightcall.law.question import Readings
from rightcall.law.value import Span, as_date
from rightcall.law.vocabulary import FactType
from rightcall.records.roll import ID, Roll
from rightcall.screening.engine import Engine, Found, Polars, Task
from rightcall.screening.names import LIST, named
from rightcall.screening.tally import Tally

SLICE = 500_000
ROW_GROUP = 100_000
"""So many rows are read or written by one thread: with fewer a file grows, with more the other threads wait."""
HEAD = ("id", "verdict", "reasons", "missing", "questions")
Progress = Callable[[int], None]
POLARS = Polars()


@dataclass(frozen=True, slots=True)
class DayChosen:
    """The day a run judges on: one for all (``on``), or each person's own from a fact; and why, for the receipt."""

    on: Span | None
    fact: str
    says: str


@dataclass(slots=True)
class Screening:
    """A run over a roll: what was judged, by which law, on which day, and what was counted.

    ``doubted``: ids whom only a namesake holds up; ``beside``: a folder that gets what is promised to whom, for a later run to build on.
    """

    pack: Pack
    readings: Readings
    roll: Roll
    day: DayChosen
    tally: Tally = field(default_factory=Tally)
    doubted: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    beside: Path | None = None


def choose_day(roll: Roll, pack: Pack, asked: str | None) -> DayChosen:
    """The day of a run: a date, the name of a date fact, or by default the pack's day, chosen for the roll as a whole.

    Raises ``Refused`` where the roll has no day to judge on.
    """
    reference = pack.reference
    if asked:
        return _asked_day(asked, roll, pack)
    if ends_in(roll.layout, reference.on) and not _lacking(roll, reference.on):
        return DayChosen(None, reference.on, f"each person's own {reference.on}")
    if reference.fallback and ends_in(roll.layout, reference.fallback):
        lacking = _lacking(roll, reference.fallback)
        says = f"each person's own {reference.fallback}: the roll does not give everybody's {reference.on}"
        return DayChosen(None, reference.fallback, says + (f"; {lacking} people have none, so their day is unknown" if lacking else ""))
    wanted = " or ".join(filter(None, (reference.on, reference.fallback)))
    raise refuse("the roll does not say on which day to judge", roll.files[0].name, f"give --on 2022-10-10, or a column {wanted}")


def _asked_day(asked: str, roll: Roll, pack: Pack) -> DayChosen:
    dates = [fact.name for fact in pack.vocabulary.plain if fact.kind == "date"]
    if asked in dates:
        if not ends_in(roll.layout, asked):
            raise refuse(f"the roll has no `{asked}`", roll.files[0].name, "give --on a date that it has, or a day such as 2022-10-10")
        lacking = _lacking(roll, asked)
        return DayChosen(None, asked, f"each person's own {asked}, as asked for" + (f"; {lacking} people have none" if lacking else ""))
    try:
        day = read_day(FactType("--on", "date"), asked)
    except Unfit as unfit:
        raise refuse(f"`{asked}` is not a day", "--on", did_you_mean(asked, dates) or unfit.help) from None
    return DayChosen(day, pack.reference.on, f"{as_date(day.low).isoformat()} for everybody, as asked for")


def _lacking(roll: Roll, fact: str) -> int:
    present = pl.col(fact).is_not_null() if fact in roll.layout.people else pl.col(f"{fact}.min").is_not_null() | pl.col(f"{fact}.max").is_not_null()
    return int(roll.people.select((~present).sum()).collect().item())


def screen(screening: Screening, target: Path, progress: Progress = lambda people: None, slice_size: int = SLICE, engine: Engine = POLARS) -> None:
    """Judge everybody and write ``target`` (Parquet). The tally of the screening is filled on the way.

    Raises ``Refused`` where the engine cannot be had.
    """
    if not screening.roll.count:
        pl.DataFrame(schema=schema_of(screening.pack)).write_parquet(target)
        return
    run = _Run(screening, engine, slice_size, target.parent)

    def source(*_: object) -> Iterator[pl.DataFrame]:
        for findings in run.slices():
            yield findings
            progress(findings.height)

    register_io_source(source, schema=schema_of(screening.pack)).sink_parquet(target, row_group_size=min(slice_size, ROW_GROUP))


def schema_of(pack: Pack) -> dict[str, pl.DataType | type[pl.DataType]]:
    """The columns of the findings by a pack."""
    label = {LABEL: pl.String} if pack.labels else {}
    return {"id": pl.String, "verdict": pl.String, **label, **dict.fromkeys(HEAD[2:], LIST), **dict.fromkeys(pack.provisions, pl.Boolean)}


def verdicts(screening: Screening, work: Path) -> pl.DataFrame:
    """Only the verdict of everybody (``id``, ``verdict``), without reasons; nothing is written or counted."""
    run = _Run(screening, POLARS, SLICE, work)
    found = [found.findings.select(ID, "verdict") for found in POLARS.judge(replace(run.task, reasons=False))]
    return pl.concat([pl.DataFrame(schema={ID: pl.String, "verdict": pl.String}), *found])


def grounds(screening: Screening, work: Path, slice_size: int = SLICE) -> Iterator[pl.DataFrame]:
    """``id``, ``~region``, ``verdict`` and a column for each provision, slice by slice, without reasons; nothing is written or counted."""
    run = _Run(screening, POLARS, slice_size, work)
    for found in POLARS.judge(replace(run.task, reasons=False)):
        yield found.people.join(found.findings, on=ID, how="left", maintain_order="left")


class _Run:
    """What an engine found, put into the rows of the findings, and counted."""

    def __init__(self, screening: Screening, engine: Engine, slice_size: int, work: Path) -> None:
        self.screening, self.engine, self.parts = screening, engine, 0
        roll, pack = screening.roll, screening.pack
        found = judged(nw.from_native(roll.people), roll.layout, pack, screening.day.on, screening.day.fact)
        people: pl.LazyFrame = found.people.to_native()
        self.task = Task(people, roll.lists, found.bulk(pack, screening.readings), roll.count, slice_size, work)

    def slices(self) -> Iterator[pl.DataFrame]:
        for found in self.engine.judge(self.task):
            yield self._rows(found)

    def _beside(self, found: pl.DataFrame, folder: Path) -> None:
        """What is promised to whom, as a part of its own for each slice."""
        promises = [id for id, provision in self.screening.pack.provisions.items() if f"{PROMISE}{id}" in found.columns and provision.protects]
        promised = found.select(ID, named(found, [f"{PROMISE}{id}" for id in promises], promises).alias("promised"))
        self.parts += 1
        promised.filter(pl.col("promised").list.len() > 0).write_parquet(folder / f"promised.{self.parts:06d}.parquet")

    def _rows(self, judged: Found) -> pl.DataFrame:
        found = judged.people.join(judged.findings, on=ID, how="left", maintain_order="left")
        protective = [provision.id for provision in self.screening.pack.protective]
        waiting = self._waiting(judged.reasons).with_columns(self._cause())
        found = found.with_columns(named(found, protective, protective).alias("grounds")).join(waiting, on=ID, how="left", maintain_order="left")
        empty = pl.lit([], dtype=LIST)
        cause = pl.when(pl.col("cause").is_not_null()).then(pl.concat_list("cause")).otherwise(empty)
        found = found.with_columns(
            reasons=pl.when(pl.col("grounds").list.len() > 0).then(pl.col("grounds")).otherwise(cause),
            missing=pl.col("missing").fill_null(empty),
            questions=pl.col("questions").fill_null(empty),
        )
        self.screening.tally.add(found, self.screening.pack, PROMISE)
        if self.screening.beside:
            self._beside(found, self.screening.beside)
        if self.screening.pack.labels:
            found = found.with_columns(pl.when(pl.col(LABEL) != "").then(LABEL).alias(LABEL))
        return found.select(*schema_of(self.screening.pack))

    def _cause(self) -> pl.Expr:
        doubted = (pl.col("cause") == "evidence") & pl.col(ID).is_in(self.screening.doubted.implode())
        return pl.when(doubted).then(pl.lit("identity")).otherwise(pl.col("cause")).alias("cause")

    def _waiting(self, why: pl.DataFrame | None) -> pl.DataFrame:
        """Cause, missing facts and open questions of those whose finding is open."""
        if why is None:
            return pl.DataFrame(schema={ID: pl.String, "cause": pl.String, "missing": LIST, "questions": LIST})
        pack = self.screening.pack
        return why.select(
            ID,
            "cause",
            _flagged(why, MISSING, [*pack.vocabulary.facts]).alias("missing"),
            _flagged(why, QUESTION, [*pack.questions]).alias("questions"),
        )


def _flagged(why: pl.DataFrame, prefix: str, order: list[str]) -> pl.Series:
    names = [name for name in order if f"{prefix}{name}" in why.columns]
    return named(why, [f"{prefix}{name}" for name in names], names)
