"""Checking a roll, and explaining one finding of it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from rightcall.cli.console import EncodingOption, OnOption, PackOption, QuietOption, ReadingsOption, RegistersOption, RollArgument, print_plain, watching
from rightcall.cli.figures import show
from rightcall.law.pack import find_pack
from rightcall.law.reason import days_of
from rightcall.records.dossier import open_file_of
from rightcall.records.evidence import Day
from rightcall.records.matching import Linking, open_tables
from rightcall.records.provenance import Record, records_of
from rightcall.records.roll import Roll, read_roll
from rightcall.records.row import person_of
from rightcall.screening.earlier import read_earlier
from rightcall.screening.engine import engine_named
from rightcall.screening.explanation import Explanation, as_data, as_text
from rightcall.screening.explanation import explain as explain_person
from rightcall.screening.job import Order, Watch, run
from rightcall.screening.namesake import held_by_identity
from rightcall.screening.receipt import beginning
from rightcall.screening.run import DayChosen, choose_day

SinceOption = Annotated[
    Path | None,
    typer.Option("--since", metavar="RECEIPT", help="The receipt.json of an earlier run: only what is new since is looked at, and who flipped is told."),
]
SCREEN_EXAMPLES = (
    "**Example:** `rightcall screen roll.csv --pack ru_2022 --on 2022-10-10 --out out/`  \n"
    "**Example:** `rightcall screen roll/ --registers registers/ --pack ru_2022 --out out/`  \n"
    "**Example:** `rightcall screen roll/ --registers registers/ --pack ru_2022 --since out/receipt.json --out out-tuesday/`  \n"
    "**Example:** `rightcall screen examples/reported-cases.yaml --pack ru_2022 --readings practice --out out/`"
)
EXPLAIN_EXAMPLES = (
    "**Example:** `rightcall explain examples/reported-cases.yaml --id c018 --pack ru_2022`  \n"
    "**Example:** `rightcall explain roll/ --id 4711 --pack ru_2022 --registers registers/ --since out/receipt.json`"
)


def screen(
    roll: RollArgument,
    pack: PackOption,
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results; it appears whole or not at all.")],
    registers: RegistersOption = None,
    on: OnOption = None,
    readings: ReadingsOption = None,
    since: SinceOption = None,
    encoding: EncodingOption = "utf-8",
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help="`polars` (one machine, bounded memory), `spark` (many machines) or `duckdb`.")
    ] = "polars",
    spark_master: Annotated[str | None, typer.Option("--spark-master", metavar="URL", help="The master of a Spark cluster; by default this machine.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Check everybody on a roll against the law, and against registers: who is protected, who is not, what is unknown and whom to ask what."""
    law = find_pack(pack)
    order = Order(roll, law, law.readings(readings), readings, on, registers, since, encoding, engine_named(engine, spark_master))
    with watching(quiet) as watch:
        outcome = run(order, out_dir, watch)
    if not quiet:
        show(outcome, out_dir)


def explain(
    roll: RollArgument,
    id: Annotated[str, typer.Option("--id", metavar="ID", help="The id of the person on the roll.")],
    pack: PackOption,
    registers: RegistersOption = None,
    on: OnOption = None,
    readings: ReadingsOption = None,
    since: SinceOption = None,
    encoding: EncodingOption = "utf-8",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Explain the finding of one person: every ground with its proof and its records, what is missing, what would change it.

    With registers the whole roll has to be linked first; with `--since` the links of that run are taken over, which takes a second.
    """
    law = find_pack(pack)
    order = Order(roll, law, law.readings(readings), readings, on, registers, since, encoding)
    with tempfile.TemporaryDirectory(prefix="rightcall-") as work, watching(as_json) as watch:
        read = read_roll(roll, law, Path(work), encoding)
        explanation = _explained(order, id, read, choose_day(read, law, on), Path(work), watch)
    print_plain(json.dumps(as_data(explanation), ensure_ascii=False, indent=2) if as_json else as_text(explanation))


def _explained(order: Order, id: str, roll: Roll, day: DayChosen, work: Path, watch: Watch) -> Explanation:
    """One person by the roll and, where there are any, by the registers."""
    law = order.law
    person = person_of(roll, id, law.vocabulary)
    records: tuple[Record, ...] = ()
    by_identity = False
    if order.registers:
        tables, _ = open_tables(order.registers, work)
        begun = beginning(law, order.readings, order.readings_name, roll, day, tables)
        past = read_earlier(order.since).past(begun) if order.since else None
        dossier = open_file_of(id, roll, tables, law, Day(day.on, day.fact), work, Linking(progress=watch.doing), past)
        person = person_of(dossier.roll, id, law.vocabulary)
        by_identity = id in held_by_identity(dossier.evidence, law, order.readings, day, work)
        _, days = days_of(person, law, day.on, day.fact)
        records = records_of(dossier.evidence, id, days.on)
    person, days = days_of(person, law, day.on, day.fact)
    return explain_person(id, person, law, order.readings, days, records, by_identity)
