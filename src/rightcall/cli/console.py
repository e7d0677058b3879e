"""What is printed: results to standard output, progress and faults to standard error; and the options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from rightcall.screening.job import Watch

out = Console()
err = Console(stderr=True)

RollArgument = Annotated[
    Path, typer.Argument(metavar="ROLL", help="A .csv, .xlsx, .parquet, .json or .yaml file, or a folder with people.* and one file for each list.")
]
PackOption = Annotated[str, typer.Option("--pack", metavar="PACK", help="A law pack by name (see `rightcall pack list`), or its folder.")]
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day judged, for everybody; or a date fact. By default each person's own day.")]
ReadingsOption = Annotated[
    str | None, typer.Option("--readings", metavar="NAME", help="Answers to questions of law: a readings file of the pack by name, or any file.")
]
EncodingOption = Annotated[str, typer.Option("--encoding", metavar="NAME", help="Encoding of CSV files, if not UTF-8.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but faults.")]
RegistersOption = Annotated[
    Path | None, typer.Option("--registers", metavar="DIR", help="A folder of registers and answers with their descriptor, `datapackage.json`.")
]


def print_plain(text: str) -> None:
    """Print text as it is: no markup, no wrapping."""
    sys.stdout.write(text + "\n")


@contextmanager
def watching(quiet: bool) -> Iterator[Watch]:
    """A progress bar while a run goes on: what it does, and how many people are done. Only on a terminal."""
    counting = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    columns = (SpinnerColumn(), TextColumn("{task.description}"), *counting, TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield Watch(
            doing=lambda stage: progress.update(task, description=stage, total=None, completed=0),
            people=lambda done, of: progress.update(task, total=of, advance=done),
        )
