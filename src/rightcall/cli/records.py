"""Registers held against their descriptor; tables linked, or rid of duplicates."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from rightcall.cli.console import EncodingOption, QuietOption, err, out, print_plain
from rightcall.law.pack import find_pack
from rightcall.records.inspection import Column, Inspected, inspect
from rightcall.records.linkage import Thresholds
from rightcall.records.linked_tables import Choice, find_duplicates, link_tables

app = typer.Typer(help="Registers: hold them against their descriptor.", no_args_is_help=True)
LINK_EXAMPLES = (
    "**Example:** `rightcall link left.csv right.csv --on surname,given_name,date_of_birth --out links.parquet`  \n"
    "**Example:** `rightcall link table.csv --out clusters.parquet`"
)


@app.callback()
def _records() -> None:
    """Registers: hold them against their descriptor."""


@app.command("check", epilog="**Example:** `rightcall records check registers/ --pack ru_2022`")
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with tables and their descriptor, `datapackage.json`.")],
    pack: Annotated[
        str | None, typer.Option("--pack", metavar="PACK", help="The law whose facts the columns carry; without it only types are looked at.")
    ] = None,
) -> None:
    """Hold every table of a folder against its descriptor: what each column carries, how full it is, and each cell that does not fit.

    Exit status 1 when there is a fault.
    """
    vocabulary = find_pack(pack).vocabulary if pack else None
    with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
        tables = inspect(folder, vocabulary, Path(work))
    for table in tables:
        _show(table)
    faults = sum(table.faults for table in tables)
    print_plain(f"\n{len(tables)} tables, {faults} faults")
    raise typer.Exit(1 if faults else 0)


def _show(table: Inspected) -> None:
    descriptor = table.descriptor
    out.print(f"\n[bold]{descriptor.name}[/bold]  ", end="")
    out.print(f"{descriptor.title}; {descriptor.authority or 'no authority'}; {table.rows:,} rows", markup=False, highlight=False)
    for problem in table.problems:
        out.print(f"  {problem}", markup=False, highlight=False, style="red")
    if table.columns:
        out.print(_columns(table))
    for column in table.columns:
        for example in column.examples:
            out.print(f"  {column.name}, {example}", markup=False, highlight=False, style="red")


def _columns(table: Inspected) -> Table:
    shown = Table(box=None, pad_edge=False)
    for title in ("  column", "type", "carries", "filled", "wrong"):
        shown.add_column(title, justify="right" if title in ("filled", "wrong") else "left", overflow="fold")
    for column in table.columns:
        shown.add_row(
            f"  {column.name}".replace("[", r"\["), column.type, column.carries.replace("[", r"\[") or "-", _share(column, table.rows), f"{column.wrong:,}"
        )
    return shown


def _share(column: Column, rows: int) -> str:
    return f"{100 * column.filled / rows:.0f} %" if rows else "-"


def link(
    left: Annotated[Path, typer.Argument(metavar="LEFT", help="A table of people: .csv, .xlsx or .parquet.")],
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE", help="A Parquet file for the links, or for the clusters.")],
    right: Annotated[
        Path | None, typer.Argument(metavar="[RIGHT]", help="A table of rows that speak of them. Without it duplicates are found in LEFT.")
    ] = None,
    on: Annotated[
        str, typer.Option("--on", metavar="COLUMNS", help="Columns to compare, by commas; `column:kind` says what it holds. By default all that both have.")
    ] = "",
    without: Annotated[str, typer.Option("--without", metavar="COLUMNS", help="Columns to leave out, by commas.")] = "",
    id: Annotated[
        str, typer.Option("--id", metavar="COLUMN", help="The column with the ids. By default `rec_id`, `unique_id`, `id`, or the first without repeats.")
    ] = "",
    high: Annotated[float, typer.Option("--high", metavar="P", help="From this probability on a link is certain.")] = Thresholds().high,
    low: Annotated[float, typer.Option("--low", metavar="P", help="Below this probability there is no link.")] = Thresholds().low,
    model: Annotated[Path | None, typer.Option("--model", metavar="FILE", help="Use the model that an earlier run has saved.")] = None,
    save_model: Annotated[Path | None, typer.Option("--save-model", metavar="FILE", help="Save the model. It holds no names.")] = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
) -> None:
    """Link the rows of two tables that speak of the same person; with one table, find its duplicates.

    Nothing is learned from labels, and no default stands in for what the tables cannot teach. An uncertain link is kept as uncertain.
    """
    choice, thresholds = Choice(on, without, id, encoding), Thresholds(high, low)
    with _telling(quiet) as progress:
        if right is None:
            lines = find_duplicates(left, out_file, choice, thresholds, progress, model, save_model).lines()
        else:
            lines = link_tables(left, right, out_file, choice, thresholds, progress, model, save_model).lines()
    if not quiet:
        _say([*lines, f"written to {out_file}"])


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        print_plain(line)


@contextmanager
def _telling(quiet: bool) -> Iterator[Callable[[str], None]]:
    """What is being done, on a terminal."""
    if quiet or not err.is_terminal:
        yield lambda stage: None
        return
    with err.status("") as status:
        yield lambda stage: status.update(stage)
