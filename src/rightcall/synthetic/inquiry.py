"""An inquiry: the country's roll checked against its registers, then everybody whose finding is open asked, and answered from the truth.

It is what a careful office would do with a real roll. The answers go the way of all answers, as a table of kind ``answers`` with proof, through the
same evidence and the same law; it is repeated until nobody is asked anything new.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from rightcall.law.pack import Pack
from rightcall.law.question import Readings
from rightcall.law.vocabulary import COMPLETE
from rightcall.records.descriptor import FILE
from rightcall.records.evidence import Day, Evidence
from rightcall.records.linkage import Thresholds
from rightcall.records.matching import Linking, match, read_registers
from rightcall.records.register import Register
from rightcall.records.roll import ID, Roll, read_roll
from rightcall.screening.receipt import write_json
from rightcall.screening.run import DayChosen, Screening, choose_day, screen
from rightcall.synthetic.country import REGISTER_FOLDER, ROLL, TRUTH
from rightcall.synthetic.descriptor import package, resource

PAIR = ("id", "fact")
FOUND = ("id", "verdict", "reasons", "missing")
_ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A country under a law: the evidence about its roll before anybody is asked, and the day of each person."""

    folder: Path
    law: Pack
    readings: Readings
    evidence: Evidence
    day: DayChosen

    @classmethod
    def into(cls, folder: Path, law: Pack, readings: Readings, workdir: Path, thresholds: Thresholds) -> Inquiry:
        """Read a country's roll and registers, and link them. Raises ``Refused`` where they cannot be read."""
        roll = read_roll(folder, law, workdir)
        day = choose_day(roll, law, None)
        registers, _ = read_registers(folder / REGISTER_FOLDER, law.vocabulary, workdir)
        links = match(roll, registers, Linking(thresholds)).links
        return cls(folder, law, readings, Evidence(roll, registers, links, law, Day(day.on, day.fact)), day)

    def found(self, answers: tuple[Register, ...] = (), ids: pl.Series | None = None) -> pl.DataFrame:
        """The findings (``id``, ``verdict``, ``reasons``, ``missing``) of everybody, or of some, with these answers."""
        evidence = replace(self.evidence, registers=(*self.evidence.registers, *answers))
        with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
            roll, _ = (evidence if ids is None else evidence.of(ids)).gathered(Path(work))
            return findings_of(roll, self.law, self.readings, self.day, Path(work))


def findings_of(roll: Roll, law: Pack, readings: Readings, day: DayChosen, workdir: Path) -> pl.DataFrame:
    """The findings of a roll as a frame: ``id``, ``verdict``, ``reasons``, ``missing``."""
    target = workdir / "findings.parquet"
    screen(Screening(law, readings, roll, day), target, lambda people: None)
    return pl.read_parquet(target, columns=list(FOUND))


def true_findings(folder: Path, law: Pack, readings: Readings) -> pl.DataFrame:
    """What the law says of everybody on the facts as they are."""
    with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
        roll = read_roll(folder / TRUTH, law, Path(work))
        return findings_of(roll, law, readings, choose_day(roll, law, None), Path(work))


@dataclass(frozen=True, slots=True)
class Asked:
    """The findings after everybody was asked, how many rounds that took, and what was asked (``id``, ``fact``)."""

    found: pl.DataFrame
    rounds: int
    questions: pl.DataFrame


def ask_everybody(inquiry: Inquiry, before: pl.DataFrame) -> Asked:
    """Ask until nothing new is asked. ``before``: the findings of ``rightcall screen`` (``id``, ``verdict``, ``reasons``, ``missing``)."""
    found = before.select(FOUND)
    asked = pl.DataFrame(schema=dict.fromkeys(PAIR, pl.String))
    rounds = 0
    while True:
        new = _open_questions(found).join(asked, on=PAIR, how="anti")
        if new.is_empty():
            return Asked(found, rounds, asked)
        asked, rounds = pl.concat([asked, new]), rounds + 1
        with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
            answers = write_answers(inquiry.folder / TRUTH, asked, inquiry.law, Path(work))
            again = inquiry.found(answers, new["id"].unique(maintain_order=True))
        found = found.update(again, on=ID, how="left")


def _open_questions(found: pl.DataFrame) -> pl.DataFrame:
    """What each open person would be asked; a question about a list is about all of it."""
    pairs = found.filter(pl.col("verdict") == "open").select("id", fact="missing").explode("fact", empty_as_null=False)
    return pairs.with_columns(pl.col("fact").str.replace(r"\[\]\..*$", f".{COMPLETE}")).unique(maintain_order=True)


def write_answers(truth: Path, asked: pl.DataFrame, law: Pack, folder: Path) -> tuple[Register, ...]:
    """The true answers to what was asked (``id``, ``fact``), with proof, as a package of answers in ``folder``; read back as any other."""
    tables = {_ANSWERS: _plain_answers(pl.scan_parquet(truth / f"{ROLL}.parquet"), asked)}
    listed = {fact.name for fact in law.vocabulary.lists}
    owners = asked.filter(pl.col("fact").str.ends_with(f".{COMPLETE}")).select("id", pl.col("fact").str.strip_suffix(f".{COMPLETE}"))
    for name in sorted(listed & set(owners["fact"])):
        whose = owners.filter(pl.col("fact") == name).select("id").lazy()
        tables[name] = pl.scan_parquet(truth / f"{name}.parquet").join(whose, on="id", how="semi").collect()
    tables = {name: rows for name, rows in tables.items() if rows.height}
    for name, rows in tables.items():
        rows.write_parquet(folder / f"{name}.parquet")
    resources = [_answers_resource(name, rows, name if name in listed else "") for name, rows in tables.items()]
    write_json(folder / FILE, package("answers", resources))
    return read_registers(folder, law.vocabulary, folder)[0]


def _plain_answers(people: pl.LazyFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """One row a person, a column a fact; empty where he was not asked, or where the question does not concern him."""
    columns = people.collect_schema().names()
    wanted = [fact for fact in asked["fact"].unique(maintain_order=True) if fact in columns or f"{fact}.none" in columns]
    pairs = asked.group_by("id", maintain_order=True).agg(pl.col("fact").alias("~asked"))
    cells = [pl.when(pl.col("~asked").list.contains(fact)).then(_cell(fact, columns)).alias(fact) for fact in wanted]
    return people.join(pairs.lazy(), on="id", maintain_order="left").select("id", *cells).collect()


def _cell(fact: str, columns: list[str]) -> pl.Expr:
    """A true value as a cell; where it may be none, as a text."""
    if f"{fact}.none" not in columns:
        return pl.col(fact)
    told = pl.col(fact).cast(pl.String) if fact in columns else pl.lit(None, pl.String)
    return pl.when(pl.col(f"{fact}.none")).then(pl.lit("none")).otherwise(told)


def _answers_resource(name: str, rows: pl.DataFrame, listed: str) -> Mapping[str, Any]:
    facts = {column: column for column in rows.columns if column != "id"}
    own = {"kind": _ANSWERS, "proven": True, "identity": {"id": "id"}, "facts": facts}
    return resource(name, f"Answers: {name}", rows.schema, own | ({"list": listed, "complete": True} if listed else {}))
