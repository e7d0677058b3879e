"""A synthetic country: made, a run over it scored, and how the score falls as each fault is doubled."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rightcall.cli.console import QuietOption, ReadingsOption, err, print_plain, watching
from rightcall.law.pack import Pack, find_pack
from rightcall.law.person import Person
from rightcall.law.problem import refuse
from rightcall.law.question import Readings
from rightcall.law.reason import Days

if TYPE_CHECKING:
    from rightcall.synthetic.questioning import Fewest

app = typer.Typer(
    help="A synthetic country: people, registers with faults, and the truth about everybody.",
    invoke_without_command=True,
    epilog="**Example:** `rightcall synth --people 300000 --seed 7 --out country`",
)
LAW = "ru_2022"


@app.callback()
def synth(
    context: typer.Context,
    people: Annotated[int | None, typer.Option("--people", metavar="N", help="How many people are on the roll, up to 25 million.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same bytes.")] = 7,
    out_dir: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the country; it appears whole or not at all.")] = None,
    faults: Annotated[
        str | None, typer.Option("--faults", metavar="RATES", help="`none`, `double`, `double:typo,stale`, or a TOML file of rates. By default the usual ones.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Make a synthetic country: a roll, twelve registers of eight authorities with the faults registers have, and the truth."""
    if context.invoked_subcommand:
        return
    if people is None or out_dir is None:
        raise refuse("a country needs a number of people and a folder", help="rightcall synth --people 30000 --seed 7 --out country")
    _check_extra()
    from rightcall.synthetic.country import Country, write_country
    from rightcall.synthetic.fault import read_faults

    country = Country(seed, people, read_faults(faults))
    with watching(quiet) as watch:
        watch.doing("making people")
        rows = write_country(country, out_dir, lambda done: watch.people(done, people))
    if not quiet:
        for name, count in rows.items():
            print_plain(f"{count:>12,}  {name}")
        print_plain(f"check it: rightcall screen {out_dir} --registers {out_dir}/registers --pack {LAW} --out {out_dir.name}-checked")


def _check_extra() -> None:
    if not all(importlib.util.find_spec(name) for name in ("numpy", "splink", "duckdb")):
        raise refuse("a synthetic country needs NumPy, Splink and DuckDB", help="pip install 'rightcall[synth,link]'")


@app.command("score", epilog="**Example:** `rightcall synth score country country-checked`")
def score(
    folder: Annotated[Path, typer.Argument(metavar="COUNTRY", help="The folder of the country.")],
    results: Annotated[Path, typer.Argument(metavar="OUT", help="The results of `rightcall screen COUNTRY --registers COUNTRY/registers`.")],
    readings: ReadingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Score a run: how many wrong call-ups it stopped, how many right ones it cleared after asking, and why it missed the rest.

    Exit status 1 when a bar is not reached.
    """
    _check_extra()
    from rightcall.synthetic.score import as_data, as_text
    from rightcall.synthetic.trial import score_run

    with err.status("asking everybody whose finding is open, and answering from the truth"):
        found = score_run(folder, results, readings)
    print_plain(json.dumps(as_data(found), ensure_ascii=False, indent=2) if as_json else as_text(found))
    raise typer.Exit(0 if found.passes else 1)


@app.command("sensitivity", epilog="**Example:** `rightcall synth sensitivity --people 30000 --seed 7`")
def sensitivity(
    people: Annotated[int, typer.Option("--people", metavar="N", help="How many people each country has.")] = 30_000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same people in every country.")] = 7,
    readings: ReadingsOption = None,
) -> None:
    """Show how the score falls as each fault of the registers is doubled: one country for each, and one with all doubled."""
    _check_extra()
    from rightcall.synthetic.trial import as_table, trials

    law = find_pack(LAW)
    with err.status("") as status:
        found = list(trials(seed, people, law, law.readings(readings), lambda name: status.update(f"registers with faults: {name}")))
    print_plain(as_table(found))


@app.command("interview", epilog="**Example:** `rightcall synth interview --people 1000 --seed 7`")
def interview(
    people: Annotated[int, typer.Option("--people", metavar="N", help="How many people are interviewed.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same people.")] = 7,
    readings: ReadingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Interview random people who answer from the truth: how many questions it takes, and whether anybody is judged wrong.

    Exit status 1 when somebody is, or when a bar is not reached.
    """
    _check_extra()
    from rightcall.synthetic import questioning

    law = find_pack(LAW)
    fewest, not_computed = _fewest_facts()
    with err.status("interviewing"):
        found = questioning.measure(list(questioning.hear(people, seed, law, law.readings(readings), fewest)))
    print_plain(json.dumps(questioning.as_data(found, not_computed), indent=2) if as_json else questioning.as_text(found, not_computed))
    raise typer.Exit(0 if found.passes else 1)


def _fewest_facts() -> tuple[Fewest | None, str]:
    """What finds how few facts settle a person, or why there is nothing that does."""
    if importlib.util.find_spec("z3") is None:
        return None, "it needs Z3: pip install 'rightcall[check]'"
    from rightcall.law.proof.settling import Unsettled, fewest_facts

    def fewest(person: Person, pack: Pack, readings: Readings, days: Days) -> int | None:
        try:
            found = fewest_facts(person, pack, readings, days)
        except Unsettled:
            return None
        return None if found is None else len(found)

    return fewest, ""
