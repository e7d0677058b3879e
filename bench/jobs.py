"""The jobs that the benchmark times, each run by ``run.py`` in a process of its own, so that its peak memory is its own.

A job prints one line of JSON: people, seconds (``wall``, and ``cpu`` of all threads), ``rss`` in bytes, and what else it has to
say. Importing Polars and loading the pack are outside the time; reading people from disk and writing findings are inside.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import narwhals as nw
import polars as pl
from conditions import Condition, plain_conditions
from people import SLICE
from polars.io.plugins import register_io_source

from rightcall.law import expression as x
from rightcall.law.account import read_person
from rightcall.law.bulk import judged
from rightcall.law.pack import Pack, find_pack
from rightcall.law.person import Person
from rightcall.law.provision import Provision
from rightcall.law.question import UNANSWERED
from rightcall.law.reason import days_of
from rightcall.law.value import Span, day_number, exactly
from rightcall.records.ahead import ahead
from rightcall.records.roll import ID, REGION, Roll, layout_of, read_roll
from rightcall.screening.engine import PreparedPlan
from rightcall.screening.explanation import as_text, explain
from rightcall.screening.run import DayChosen, Screening, screen

ON = exactly(day_number(date(2022, 10, 10)))
DAY_FACT = "date.notice"
BIRTH = "person.birth_date"
REPEATS = 51
BEST_OF = 5
AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True)
class Job:
    """What every job is given: the roll folder, a folder for results, and how many people there are."""

    roll: Path
    out: Path
    people: int

    @property
    def slices(self) -> Iterator[tuple[int, int]]:
        return ((start, min(SLICE, self.people - start)) for start in range(0, self.people, SLICE))


class Clock:
    """Wall and processor time since it was started."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def stop(self) -> dict[str, float]:
        return {"wall": time.perf_counter() - self.wall, "cpu": time.process_time() - self.cpu}


# which law and which columns


def statements(provision: Provision) -> list[x.Statement]:
    return [node for node in (provision.ground, provision.promise) if node is not None]


def facts_of(pack: Pack) -> set[str]:
    return {name for provision in pack.provisions.values() for node in statements(provision) for name in x.facts_of(node)}


def only(pack: Pack, ids: list[str]) -> Pack:
    """The same pack with some of its provisions."""
    return replace(pack, provisions=MappingProxyType({id: pack.provisions[id] for id in ids}))


def plain_pack(pack: Pack) -> Pack:
    """Only the provisions that look at no list."""
    lists = {fact.name for fact in pack.vocabulary.lists}
    return only(pack, [id for id, provision in pack.provisions.items() if statements(provision) and not lists & facts_of(only(pack, [id]))])


def plain_columns(pack: Pack) -> list[str]:
    """The facts that the plain provisions look at; days are those of the run."""
    used = facts_of(plain_pack(pack))
    return _bounded([fact.name for fact in pack.vocabulary.plain if fact.name in used and fact.name != DAY_FACT])


def whole_columns(pack: Pack) -> list[str]:
    """The facts of people that the pack looks at, its day, and the date of birth within bounds."""
    used = facts_of(pack) | {DAY_FACT}
    return _bounded([fact.name for fact in pack.vocabulary.plain if fact.name in used])


def _bounded(names: list[str]) -> list[str]:
    """The columns of facts; of some people the date of birth is known by its year only."""
    return [column for name in names for column in ((f"{name}.min", f"{name}.max") if name == BIRTH else (name,))]


# a: plain facts


def read_plain(job: Job) -> dict[str, Any]:
    """The bar of (a): nothing but reading the columns, every one decoded, in whichever way is faster."""
    frame = pl.scan_parquet(job.roll / "people.parquet").select(ID, *plain_columns(find_pack("ru_2022")))
    ways = {
        "slices": lambda: [frame.slice(*part).collect().height for part in job.slices],
        "stream": lambda: frame.sink_batches(_nothing, maintain_order=False),
    }
    return {"columns": len(frame.collect_schema())} | _fastest(ways)


def judge_plain(job: Job) -> dict[str, Any]:
    pack = plain_pack(find_pack("ru_2022"))
    return _judge(job, *_plain_roll(job, pack), ON)


def screen_plain(job: Job) -> dict[str, Any]:
    pack = plain_pack(find_pack("ru_2022"))
    return _screen(job, *_plain_roll(job, pack), DayChosen(ON, pack.reference.on, "one day"))


def _plain_roll(job: Job, pack: Pack) -> tuple[Pack, Roll, float]:
    return _roll(job, pack, job.roll / "people.parquet", plain_columns(pack))


# b: the whole pack


def join_lists(job: Job) -> dict[str, Any]:
    """The bar of (b): read the same files, group each list by person, join it to the people; all columns made."""
    people = pl.scan_parquet(job.roll / "people.parquet").select(ID, *whole_columns(find_pack("ru_2022")))
    lists = {path.stem: pl.scan_parquet(path) for path in sorted(job.roll.glob("*.parquet")) if path.stem != "people"}

    def slices() -> None:
        for start, size in job.slices:
            part = people.slice(start, size).collect()
            within = pl.col(ID).is_between(pl.lit(part[ID][0]), pl.lit(part[ID][-1]))
            _joined(part.lazy(), {name: rows.filter(within) for name, rows in lists.items()}).collect()

    ways: dict[str, Callable[[], object]] = {"slices": slices}
    if job.people <= 2_000_000:
        ways["stream"] = lambda: _joined(people, lists).sink_batches(_nothing, maintain_order=False)
    return {"columns": len(_joined(people, lists).collect_schema())} | _fastest(ways)


def _joined(people: pl.LazyFrame, lists: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    for name, rows in lists.items():
        schema = {column: kind for column, kind in rows.collect_schema().items() if column != ID}
        grouped = rows.group_by(ID).agg(pl.len().alias(f"{name}#"), *(_one(column, kind).alias(f"{name}[].{column}") for column, kind in schema.items()))
        people = people.join(grouped, on=ID, how="left")
    return people


def _one(column: str, kind: pl.DataType) -> pl.Expr:
    """One value of a person for a column of his rows: the cheapest that looks at every cell."""
    if kind == pl.Boolean:
        return pl.col(column).sum()
    return pl.col(column).count() if kind == pl.String else pl.col(column).min()


def judge_whole(job: Job) -> dict[str, Any]:
    pack = find_pack("ru_2022")
    return _judge(job, *_whole_roll(job, pack), None, DAY_FACT)


def screen_whole(job: Job) -> dict[str, Any]:
    pack = find_pack("ru_2022")
    return _screen(job, *_whole_roll(job, pack), DayChosen(None, DAY_FACT, "each person's own day"))


def _whole_roll(job: Job, pack: Pack) -> tuple[Pack, Roll, float]:
    return _roll(job, pack, job.roll, whole_columns(pack))


# what both have in common


def _roll(job: Job, pack: Pack, path: Path, columns: list[str]) -> tuple[Pack, Roll, float]:
    """The roll as ``rightcall screen`` reads it, with the columns of the comparison; and how long checking it took."""
    clock = Clock()
    roll = read_roll(path, pack, job.out)
    people = roll.people.select(ID, *columns)
    kept = replace(roll, people=roll.people.select(ID, REGION, *columns), layout=layout_of(people, roll.lists))
    return pack, kept, clock.stop()["wall"]


def _judge(job: Job, pack: Pack, roll: Roll, checked: float, on: Span | None, fact: str = "") -> dict[str, Any]:
    """Verdict and all provisions of everybody, written; the inner half of ``rightcall screen``."""
    clock, phases = Clock(), dict.fromkeys(("plan", "compute"), 0.0)
    start = time.perf_counter()
    frames = judged(nw.from_native(roll.people.drop(REGION)), roll.layout, pack, on, fact)
    people: pl.LazyFrame = frames.people.to_native()
    lists = {name: frame.collect_schema() for name, frame in roll.lists.items()}
    plan = frames.bulk(pack, UNANSWERED).findings()
    prepared = PreparedPlan(plan, people.collect_schema(), lists)
    phases["plan"] = time.perf_counter() - start

    def source(*_: object) -> Iterator[pl.DataFrame]:
        for part, rows in ahead(partial(_slice, people.slice(begin, size), roll.lists) for begin, size in job.slices):
            started = time.perf_counter()
            found = prepared.run(part, rows)
            phases["compute"] += time.perf_counter() - started
            yield found

    schema = {ID: pl.String, "verdict": pl.String, **dict.fromkeys(list(plan.outputs)[1:], pl.Boolean)}
    target = job.out / "findings.parquet"
    register_io_source(source, schema=schema).sink_parquet(target, row_group_size=SLICE)
    taken = clock.stop()
    phases["read, write and wait"] = taken["wall"] - sum(phases.values())
    verdicts = dict(pl.scan_parquet(target).group_by("verdict").len().collect().iter_rows())
    outputs = len(schema)
    return taken | {"checked": checked, "phases": phases, "verdicts": verdicts, "provisions": len(pack.provisions), "columns": outputs}


def _slice(people: pl.LazyFrame, lists: Mapping[str, pl.LazyFrame]) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    part = people.collect()
    within = pl.col(ID).is_between(pl.lit(part[ID][0]), pl.lit(part[ID][-1]))
    return part, {name: frame.filter(within).collect() for name, frame in lists.items()}


def _screen(job: Job, pack: Pack, roll: Roll, checked: float, day: DayChosen) -> dict[str, Any]:
    """The whole of ``rightcall screen``: findings, reasons, missing facts, open questions, tally; written."""
    clock = Clock()
    screening = Screening(pack, UNANSWERED, roll, day)
    screen(screening, job.out / "screened.parquet", slice_size=SLICE)
    return clock.stop() | {"checked": checked, "verdicts": dict(screening.tally.verdicts)}


def _nothing(_: pl.DataFrame) -> None:
    """A sink to nowhere."""


def _fastest(ways: Mapping[str, Callable[[], object]]) -> dict[str, Any]:
    taken: dict[str, dict[str, float]] = {}
    for name, way in ways.items():
        clock = Clock()
        way()
        taken[name] = clock.stop()
    best = min(taken, key=lambda name: taken[name]["wall"])
    return taken[best] | {"way": best, "ways": {name: value["wall"] for name, value in taken.items()}}


# c, d: plain conditions in memory, against other engines


def booleans(job: Job) -> dict[str, Any]:
    """Rightcall on the plain conditions in memory; the columns are left in ``out`` for the other engines."""
    pack = find_pack("ru_2022")
    conditions = plain_conditions(pack, ON)
    law = only(pack, [condition.id for condition in conditions])
    names = sorted(facts_of(law))
    people = pl.scan_parquet(job.roll / "people.parquet").select(ID, *names).head(job.people).collect()
    plan = judged(nw.from_native(people.lazy()), layout_of(people.lazy(), {}), law, ON).bulk(law, UNANSWERED).findings()
    plan = replace(plan, outputs={id: plan.outputs[id] for id in law.provisions})
    found, taken = _best(lambda: plan.apply(nw.from_native(people.lazy()), {}).collect().to_native(), BEST_OF)
    _leave(job.out, conditions, people, found, pack)
    known = people.select(pl.all_horizontal(pl.col(names).is_not_null()).sum()).item()
    return taken | {"provisions": len(conditions), "facts": len(names), "known": known}


def _best(work: Callable[[], pl.DataFrame], repeats: int) -> tuple[pl.DataFrame, dict[str, float]]:
    taken = []
    for _ in range(repeats):
        clock = Clock()
        found = work()
        taken.append(clock.stop())
    return found, min(taken, key=lambda one: one["wall"])


def _leave(out: Path, conditions: list[Condition], people: pl.DataFrame, found: pl.DataFrame, pack: Pack) -> None:
    """Inputs as bytes (one a person: 0, 1; the number of a value, 0 being unknown), and our answers where all is known."""
    names = [name for name in people.columns if name != ID]
    kinds = {name: list(pack.vocabulary[name].values) for name in names}
    for name, values in kinds.items():
        column = people[name]
        numbers = (
            column.fill_null(False).cast(pl.UInt8)
            if not values
            else column.replace_strict(values, range(1, len(values) + 1), default=0, return_dtype=pl.UInt8).fill_null(0)
        )
        (out / f"{name}.in").write_bytes(bytes(numbers.to_list()))
    known = people.select(pl.all_horizontal(pl.col(names).is_not_null()).cast(pl.UInt8)).to_series()
    (out / "known").write_bytes(bytes(known.to_list()))
    for condition in conditions:
        (out / f"{condition.id}.ours").write_bytes(bytes(found[condition.id].fill_null(False).cast(pl.UInt8).to_list()))
    (out / "conditions.json").write_text(json.dumps({"facts": kinds, "conditions": {condition.id: condition.tree for condition in conditions}}))


def zen(job: Job) -> dict[str, Any]:
    """The same conditions in GoRules ZEN, one person at a time."""
    from conditions import as_zen
    from zen import ZenEngine

    pack = find_pack("ru_2022")
    conditions = plain_conditions(pack, ON)
    names = sorted(facts_of(only(pack, [condition.id for condition in conditions])))
    people = pl.scan_parquet(job.roll / "people.parquet").select(names).drop_nulls().head(AT_A_TIME).collect()
    inputs = [_nested(row) for row in people.iter_rows(named=True)]
    decision = ZenEngine().create_decision(json.dumps(as_zen(conditions)))
    clock = Clock()
    answers = [decision.evaluate(one)["result"] for one in inputs]
    taken = clock.stop()
    plan_pack = only(pack, [condition.id for condition in conditions])
    frame = people.with_row_index(ID).with_columns(pl.col(ID).cast(pl.String)).lazy()
    plan = judged(nw.from_native(frame), layout_of(frame, {}), plan_pack, ON).bulk(plan_pack, UNANSWERED).findings()
    ours = plan.apply(nw.from_native(frame), {}).collect().to_native().select(list(plan_pack.provisions))
    theirs = pl.DataFrame([{condition.id: answer[condition.key] for condition in conditions} for answer in answers], schema=ours.schema)
    return taken | {"timed": len(inputs), "provisions": len(conditions), "equal": theirs.equals(ours)}


def _nested(row: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in row.items():
        *path, last = name.split(".")
        inside = nested
        for part in path:
            inside = inside.setdefault(part, {})
        inside[last] = value
    return nested


# e: one person


def explaining(job: Job) -> dict[str, Any]:
    """Milliseconds to explain the ordinary person, and one of whom next to nothing is known."""
    pack = find_pack("ru_2022")
    ordinary, problems = read_person(pack.defaults, pack.vocabulary)
    assert not problems
    known = {name: ordinary.facts[name] for name in ("person.birth_date", "person.sex")}
    people = {"ordinary": ordinary, "unknown": Person(MappingProxyType(known))}
    clock = Clock()
    figures = {name: _explained(person, pack) for name, person in people.items()}
    return clock.stop() | {"ms": figures}


def _explained(person: Person, pack: Pack) -> float:
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        told, days = days_of(person, pack, ON)
        as_text(explain("p1", told, pack, UNANSWERED, days))
        taken.append(1_000 * (time.perf_counter() - start))
    return statistics.median(taken)


JOBS: Mapping[str, Callable[[Job], dict[str, Any]]] = {
    "read-plain": read_plain, "judge-plain": judge_plain, "screen-plain": screen_plain,
    "join-lists": join_lists, "judge-whole": judge_whole, "screen-whole": screen_whole,
    "booleans": booleans, "zen": zen, "explaining": explaining,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("--roll", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, required=True)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    found = JOBS[asked.job](Job(asked.roll, asked.out, asked.people))
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"job": asked.job, "people": asked.people, "rss": rss} | found))


if __name__ == "__main__":
    main()
