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
from rightcall.screening.engine import engine_named
from rightcall.screening.explanation import as_data, as_text
from rightcall.screening.job import Order, run
from rightcall.screening.single import open_single

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
        explanation = open_single(order, id, Path(work), watch).explained(order)
    print_plain(json.dumps(as_data(explanation), ensure_ascii=False, indent=2) if as_json else as_text(explanation))
