"""The command line. Each module holds the commands of one room; this one puts them together.

Exit status: 0 done, 1 a case failed, a pack or a register has findings, or a bar was not reached, 2 an input was refused (nothing is written then).
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import rightcall
from rightcall.cli import interview, ledger, notice, office, packs, records, screening, synthetic
from rightcall.cli.console import err, print_plain
from rightcall.law.problem import Refused

app = typer.Typer(
    name="rightcall",
    help="Keeps a military call-up inside the law: checks every proposed name against the law before any notice.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=screening.SCREEN_EXAMPLES)(screening.screen)
app.command(epilog=screening.EXPLAIN_EXAMPLES)(screening.explain)
app.command(epilog=interview.EXAMPLES)(interview.ask)
app.command(epilog=records.LINK_EXAMPLES)(records.link)
app.add_typer(records.app, name="records")
app.add_typer(packs.app, name="pack")
app.add_typer(synthetic.app, name="synth")
app.add_typer(notice.app, name="notice")
app.add_typer(ledger.app, name="ledger")
app.command(epilog=office.SERVE_EXAMPLES)(office.serve)
app.add_typer(office.app, name="office")


def _version(wanted: bool) -> None:
    if wanted:
        print_plain(f"rightcall {rightcall.__version__}")
        raise typer.Exit


@app.callback()
def _main(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False) -> None:
    pass


def main() -> None:
    """Run the command line; a refused input is printed and ends with exit status 2."""
    try:
        app()
    except Refused as refused:
        err.print(f"rightcall: {refused}", style="", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
