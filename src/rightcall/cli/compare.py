"""Comparing two states of law, and whom the difference touches."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from rightcall.cli.console import EncodingOption, QuietOption, RegistersOption, err, out, print_plain, watching
from rightcall.cli.figures import plain, table_of
from rightcall.law.compare import Difference, Side, differences, side_named
from rightcall.law.problem import refuse
from rightcall.screening.reform import Reform, compare_over

_SHOWN = 12
COMPARE_EXAMPLES = (
    "**Example:** `rightcall pack compare ru_2022@2022-09-24 ru_2022@2022-10-05`  \n"
    "**Example:** `rightcall pack compare ru_2022 ru_2022+practice`  \n"
    "**Example:** `rightcall pack compare ua@2024-05-17 ua@2024-05-18 --roll roll/ --out flips/`  \n"
    "**Example:** `rightcall pack compare ru_2022@2022-10-04 ru_2022@2022-10-05 --roll roll/ --registers registers/ --out flips/`"
)
_LAW = "A pack by name or folder; with readings: PACK+READINGS; on a day for everybody: PACK@2022-10-05."


def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help=_LAW)],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The other one, written alike.")],
    roll: Annotated[Path | None, typer.Option("--roll", metavar="ROLL", help="Whom the difference touches, of this roll.")] = None,
    registers: RegistersOption = None,
    out_dir: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for those who flip; it appears whole or not at all.")] = None,
    encoding: EncodingOption = "utf-8",
    people: Annotated[bool, typer.Option("--people/--no-people", help="Without a roll: somebody for every kind of flip, found by proof (needs Z3).")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Compare two packs, two days of one pack, or two readings: what differs, and with a roll who comes out otherwise, and why."""
    sides = side_named(before), side_named(after)
    if roll is None:
        if registers or out_dir:
            raise refuse("there is nobody to look at", "--roll", "give --roll with the people, or leave --registers and --out away")
        _show(sides, people, as_json, quiet)
        return
    if out_dir is None:
        raise refuse("there is no folder for those who flip", "--out", "give --out DIR; it appears whole or not at all")
    with watching(quiet or as_json) as watch:
        summary = compare_over(Reform(*sides, roll, registers, encoding), out_dir, watch)
    if as_json:
        print_plain(json.dumps(summary, ensure_ascii=False, indent=2))
    elif not quiet:
        _show_differences([Difference(**row) for row in summary["differences"]])
        _show_flips(summary, out_dir)


def _show(sides: tuple[Side, Side], people: bool, as_json: bool, quiet: bool) -> None:
    found = differences(*sides)
    if not (as_json or quiet):
        _show_differences(found)
    lack = _not_proven(sides) if people else "--no-people"
    with err.status("looking for somebody who flips"):
        flips = list(_flips(sides)) if found and not lack else []
    if as_json:
        rows = [{"id": one.id, "title": one.title, "what": one.what, "before": one.before, "after": one.after} for one in found]
        print_plain(json.dumps({"differences": rows, "flips": flips, "flips_not_looked_for": lack or None}, ensure_ascii=False, indent=2))
    elif not quiet:
        _show_people(flips, lack if people else "")


def _not_proven(sides: tuple[Side, Side]) -> str:
    """Why nobody can be looked for, if that is so."""
    if importlib.util.find_spec("z3") is None:
        return "it needs Z3: pip install 'rightcall[check]'"
    from rightcall.law.proof.flip import comparable

    return "" if comparable(*sides) else "the two packs do not have the same facts"


def _flips(sides: tuple[Side, Side]) -> Iterator[dict[str, Any]]:
    from rightcall.law.proof.flip import changed_grounds, flips_between, told

    for flip in flips_between(*sides):
        row: dict[str, Any] = {"before": flip.before, "after": flip.after, "found": flip.found}
        yield row | ({"person": told(flip, *sides), "because": list(changed_grounds(flip))} if flip.someone else {})


def _show_people(flips: Sequence[Mapping[str, Any]], lack: str) -> None:
    if lack:
        out.print(f"\nwhoever would flip was not looked for: {lack}", markup=False, soft_wrap=True)
    if not flips:
        return
    shown = table_of("before", "after", "because of", "for example", title="everybody known in full: who can flip")
    pairs = [f"{row['before']} to {row['after']}" for row in flips if row["found"] == "no"]
    for row in flips:
        if row["found"] != "no":
            shown.add_row(row["before"], row["after"], plain(" ".join(row.get("because", ()))), plain(row.get("person", "not decided in the time given")))
    out.print(shown)
    if pairs:
        out.print(f"proven of nobody: {', '.join(pairs)}", markup=False)


def _show_differences(found: Sequence[Difference]) -> None:
    count = len({one.id for one in found})
    out.print(f"[bold]{count} provision{'s differ' if count > 1 else ' differs'}[/bold]" if found else "no provision differs")
    shown = table_of("provision", "what", "before", "after")
    for one in found:
        shown.add_row(one.id, *(plain(text) for text in (one.what, one.before, one.after)))
    if found:
        out.print(shown)


def _show_flips(summary: Mapping[str, Any], folder: Path) -> None:
    flipped = sum(row["people"] for row in summary["pairs"])
    out.print(f"\n[bold]{summary['people']:,} people[/bold]: {flipped:,} have another verdict, {summary['differ'] - flipped:,} other grounds only")
    out.print(_verdicts(summary))
    _show_rows("who flips", summary["pairs"], ("people",), ("before", "after"))
    _show_rows("because of", summary["provisions"], ("gained", "lost", "opened", "settled"), ("id", "title"))
    _show_rows("where", summary["regions"], ("people",), ("region",))
    out.print(f"\nwho they are, and why: {folder / 'flips.csv'}", markup=False, soft_wrap=True)


def _verdicts(summary: Mapping[str, Any]) -> Any:
    shown = table_of("verdict", "before", "after", right=("before", "after"))
    for verdict, count in summary["verdicts"]["before"].items():
        shown.add_row(verdict, f"{count:,}", f"{summary['verdicts']['after'][verdict]:,}")
    return shown


def _show_rows(title: str, rows: Sequence[Mapping[str, Any]], numbers: Sequence[str], words: Sequence[str]) -> None:
    if not rows:
        return
    shown = table_of(*numbers, *words, right=numbers, title=title)
    for row in rows[:_SHOWN]:
        shown.add_row(*(f"{row[name]:,}" for name in numbers), *(plain(row[name] or "(no region)") for name in words))
    if len(rows) > _SHOWN:
        shown.add_row(*("" for _ in numbers), f"... and {len(rows) - _SHOWN} more in summary.json", style="dim")
    out.print(shown)
