"""The main job: every person of a roll against the law, in slices, so that memory is bounded.

The findings are written as one Parquet file while they are made; what the reports need is counted on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import narwhals as nw
import polars as pl
from polars.io.plugins import register_io_source

from rightcall.law.account import Unfit, read_day
from rightcall.law.bulk import MISSING, PROMISE, QUESTION, Bulk, Judged, Plan, ends_in, judged
from rightcall.law.pack import Pack
from rightcall.law.problem import did_you_mean, refuse
from rightcall.law.question import Readings
from rightcall.law.value import Span, as_date
from rightcall.law.vocabulary import FactType
from rightcall.records.roll import ID, REGION, Roll
from rightcall.screening.ahead import ahead
from rightcall.screening.names import LIST, named
from rightcall.screening.slot import Slot
from rightcall.screening.tally import Tally

SLICE = 500_000
HEAD = ("id", "verdict", "reasons", "missing", "questions")
Progress = Callable[[int], None]
READ_ANEW = pl.QueryOptFlags(comm_subplan_elim=False)
"""A slice is in memory: to read it again where a plan branches costs less than to keep the branch (a third of the time)."""


@dataclass(frozen=True, slots=True)
class DayChosen:
    """The day a run judges on: one for all (``on``), or each person's own from a fact; and why, for the receipt."""

    on: Span | None
    fact: str
    says: str


@dataclass(slots=True)
class Screening:
    """A run over a roll: what was judged, by which law, on which day, and what was counted."""

    pack: Pack
    readings: Readings
    roll: Roll
    day: DayChosen
    tally: Tally = field(default_factory=Tally)


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


def screen(screening: Screening, target: Path, progress: Progress = lambda people: None, slice_size: int = SLICE) -> None:
    """Judge everybody and write ``target`` (Parquet). The tally of the screening is filled on the way."""
    run = _Run(screening, slice_size)

    def source(*_: object) -> Iterator[pl.DataFrame]:
        for findings in run.slices():
            yield findings
            progress(findings.height)

    register_io_source(source, schema=run.schema).sink_parquet(target, row_group_size=slice_size)


class _Run:
    """One pass over a roll with its two plans: findings for all, reasons for those left open."""

    def __init__(self, screening: Screening, slice_size: int) -> None:
        self.screening, self.slice_size = screening, slice_size
        roll, pack = screening.roll, screening.pack
        self.judged: Judged = judged(nw.from_native(roll.people), roll.layout, pack, screening.day.on, screening.day.fact)
        self.bulk: Bulk = self.judged.bulk(pack, screening.readings)
        self.people: pl.LazyFrame = self.judged.people.to_native()
        self.findings = self._prepared(self.bulk.findings())
        self.reasons: PreparedPlan | None = None
        self.sorted = bool(roll.people.select((pl.col(ID) > pl.col(ID).shift(1)).all()).collect().item())

    def _prepared(self, plan: Plan) -> PreparedPlan:
        lists = {name: frame.collect_schema() for name, frame in self.screening.roll.lists.items()}
        return PreparedPlan(plan, self.people.collect_schema(), lists)

    @property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        lists = dict.fromkeys(HEAD[2:], LIST)
        return {"id": pl.String, "verdict": pl.String, **lists, **dict.fromkeys(self.screening.pack.provisions, pl.Boolean)}

    def slices(self) -> Iterator[pl.DataFrame]:
        starts = range(0, self.screening.roll.count, self.slice_size)
        for people, lists in ahead(partial(self._read, start) for start in starts):
            yield self._judged(people, lists)

    def _read(self, start: int) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
        people = self.people.slice(start, self.slice_size).collect()
        return people, {name: self._rows_of(frame, people).collect() for name, frame in self.screening.roll.lists.items()}

    def _judged(self, people: pl.DataFrame, lists: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        found = self.findings.run(people, lists)
        found = people.select(ID, REGION).join(found, on=ID, how="left", maintain_order="left")
        open_ids = found.filter(pl.col("verdict") == "open").select(ID)
        waiting = self._waiting(people.join(open_ids, on=ID, how="semi"), lists)
        provisions = list(self.screening.pack.provisions)
        protective = [provision.id for provision in self.screening.pack.protective]
        found = found.with_columns(named(found, protective, protective).alias("grounds")).join(waiting, on=ID, how="left", maintain_order="left")
        empty = pl.lit([], dtype=LIST)
        cause = pl.when(pl.col("cause").is_not_null()).then(pl.concat_list("cause")).otherwise(empty)
        found = found.with_columns(
            reasons=pl.when(pl.col("grounds").list.len() > 0).then(pl.col("grounds")).otherwise(cause),
            missing=pl.col("missing").fill_null(empty),
            questions=pl.col("questions").fill_null(empty),
        )
        self.screening.tally.add(found, self.screening.pack, PROMISE)
        return found.select(*HEAD, *provisions)

    def _rows_of(self, frame: pl.LazyFrame, people: pl.DataFrame) -> pl.LazyFrame:
        """The rows of a list that belong to a slice; where the roll is in order of id, by range, so that a file is read in part."""
        if self.screening.roll.count <= self.slice_size:
            return frame
        if self.sorted:
            frame = frame.filter(pl.col(ID).is_between(pl.lit(people[ID][0]), pl.lit(people[ID][-1])))
        return frame.join(people.lazy().select(ID), on=ID, how="semi")

    def _waiting(self, people: pl.DataFrame, lists: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Cause, missing facts and open questions of those whose finding is open."""
        if people.is_empty():
            return pl.DataFrame(schema={ID: pl.String, "cause": pl.String, "missing": LIST, "questions": LIST})
        self.reasons = self.reasons or self._prepared(self.bulk.reasons())
        rows = {name: frame.join(people.select(ID), on=ID, how="semi") for name, frame in lists.items()}
        why = self.reasons.run(people, rows)
        pack = self.screening.pack
        return why.select(
            ID,
            "cause",
            _flagged(why, MISSING, [*pack.vocabulary.facts]).alias("missing"),
            _flagged(why, QUESTION, [*pack.questions]).alias("questions"),
        )


class PreparedPlan:
    """A plan put together once, for people and lists of given columns, and run for one slice after the other."""

    def __init__(self, plan: Plan, people: pl.Schema, lists: Mapping[str, pl.Schema]) -> None:
        self.people, self.lists = Slot(people), {name: Slot(schema) for name, schema in lists.items()}
        rows = {name: nw.from_native(slot.lazy) for name, slot in self.lists.items()}
        self.found: pl.LazyFrame = plan.apply(nw.from_native(self.people.lazy), rows).to_native()

    def run(self, people: pl.DataFrame, lists: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        self.people.rows = people
        for name, slot in self.lists.items():
            slot.rows = lists[name]
        return self.found.collect(optimizations=READ_ANEW)


def _flagged(why: pl.DataFrame, prefix: str, order: list[str]) -> pl.Series:
    names = [name for name in order if f"{prefix}{name}" in why.columns]
    return named(why, [f"{prefix}{name}" for name in names], names)
