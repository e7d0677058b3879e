"""The command line: ``rightcall screen``, ``rightcall explain``, ``rightcall pack``.

Exit status: 0 done, 1 a case failed or a pack has findings, 2 an input was refused (nothing is written then).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import rightcall
from rightcall.law import case as cases
from rightcall.law.check import check
from rightcall.law.pack import Pack, find_pack, pack_names
from rightcall.law.problem import Refused, did_you_mean, refuse
from rightcall.law.reason import VERDICTS, days_of
from rightcall.records.roll import read_roll
from rightcall.records.row import person_of
from rightcall.screening.explanation import as_data, as_text
from rightcall.screening.explanation import explain as explain_person
from rightcall.screening.output import RECEIPT, check_replaceable, whole_folder
from rightcall.screening.receipt import receipt, write_json
from rightcall.screening.report import write_report
from rightcall.screening.run import DayChosen, Screening, choose_day
from rightcall.screening.run import screen as screen_roll
from rightcall.screening.summary import summarise
from rightcall.screening.workbook import MOST_PEOPLE, write_workbook

app = typer.Typer(
    name="rightcall",
    help="Keeps a military call-up inside the law: checks every proposed name against the law before any notice.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
pack_app = typer.Typer(help="Law packs: list, show, test and check them.", no_args_is_help=True)
app.add_typer(pack_app, name="pack")

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


@app.command(
    epilog="**Example:** `rightcall screen roll.csv --pack ru_2022 --on 2022-10-10 --out out/`  \n**Example:** `rightcall screen examples/reported-cases.yaml --pack ru_2022 --readings practice --out out/`"
)
def screen(
    roll: RollArgument,
    pack: PackOption,
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results; it appears whole or not at all.")],
    on: OnOption = None,
    readings: ReadingsOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but faults.")] = False,
) -> None:
    """Check everybody on a roll against the law: who is protected, who is not, what is unknown and whom to ask what."""
    law = find_pack(pack)
    answers = law.readings(readings)
    check_replaceable(out_dir)
    with whole_folder(out_dir) as aside, tempfile.TemporaryDirectory(dir=aside, prefix=".work-") as work:
        read = read_roll(roll, law, Path(work), encoding)
        screening = Screening(law, answers, read, choose_day(read, law, on))
        findings = aside / "findings.parquet"
        with _progress(quiet) as progress:
            task = progress.add_task("checking", total=read.count)
            screen_roll(screening, findings, lambda people: progress.advance(task, people))
        summary = summarise(screening, findings, readings)
        written = write_workbook(aside / "findings.xlsx", findings, law, read.count)
        write_json(aside / "summary.json", summary)
        write_report(aside / "report.html", summary, law)
        write_json(aside / RECEIPT, receipt(screening, findings, _readings_file(law, readings)))
    if not quiet:
        _show(summary, out_dir)
        for note in read.notes:
            out.print(f"note: {note}", style="dim", markup=False)
        if not written:
            out.print(f"note: findings.xlsx is for up to {MOST_PEOPLE:,} people; use findings.parquet", style="dim")


def _readings_file(pack: Pack, name: str | None) -> Path | None:
    if name is None:
        return None
    return pack.folder / "readings" / f"{name}.toml" if name in pack.readings_names else Path(name)


def _progress(quiet: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal)


def _show(summary: dict[str, Any], folder: Path) -> None:
    people = summary["people"]
    out.print(f"\n[bold]{summary['pack']['title']}[/bold]: {people:,} people, readings: {summary['readings']['title']}")
    out.print(f"judged on {summary['day']}\n", style="dim", markup=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("verdict")
    table.add_column("people", justify="right")
    table.add_column("share", justify="right")
    table.add_column("meaning", style="dim")
    for verdict in VERDICTS:
        count = summary["verdicts"][verdict]
        table.add_row(verdict, f"{count:,}", f"{100 * count / people:.1f} %", _MEANING[verdict])
        if verdict == "open":
            for cause, number in summary["open_because"].items():
                table.add_row(f"  {cause}", f"{number:,}", "", _CAUSE[cause], style="dim")
    out.print(table)
    _show_ranking("grounds", summary["grounds"], ("people", "unknown"), lambda row: f"{row['title']} [{row['id']}]")
    _show_ranking("questions of law, by how many hang on them", summary["questions"], ("people", "alone"), lambda row: f"{row['id']}: {row['asks']}")
    if comparison := summary.get("comparison"):
        out.print(f"\ncompared with what was expected: {comparison['agree']} of {comparison['cases']} cases agree")
        for row in comparison["differences"]:
            out.print(f"  {row['id']} {row['of']}: expected {row['expected']}, found {row['found']}", markup=False)
    out.print(f"\nreport: {folder / 'report.html'}", markup=False, soft_wrap=True)


_MEANING = {
    "barred": "may not be called up at all",
    "deferred": "may not be called up while the ground lasts",
    "open": "no notice until it is settled:",
    "clear": "no ground protects on these facts",
}
_CAUSE = {
    "ask": "the person has not been asked",
    "law": "only a question of law is open",
    "evidence": "a record or a proof is missing",
    "identity": "a record may be somebody else's",
}
_SHOWN = 8


def _show_ranking(title: str, rows: list[dict[str, Any]], numbers: tuple[str, str], words: Any) -> None:
    if not rows:
        return
    table = Table(box=None, pad_edge=False, title=f"\n{title}", title_justify="left", title_style="bold")
    for number in numbers:
        table.add_column(number, justify="right")
    table.add_column("", overflow="fold")
    for row in rows[:_SHOWN]:
        table.add_row(*(f"{row[number]:,}" for number in numbers), words(row).replace("[", r"\["))
    if len(rows) > _SHOWN:
        table.add_row("", "", f"... and {len(rows) - _SHOWN} more in the report", style="dim")
    out.print(table)


@app.command(epilog="**Example:** `rightcall explain examples/reported-cases.yaml --id c018 --pack ru_2022`")
def explain(
    roll: RollArgument,
    id: Annotated[str, typer.Option("--id", metavar="ID", help="The id of the person on the roll.")],
    pack: PackOption,
    on: OnOption = None,
    readings: ReadingsOption = None,
    encoding: EncodingOption = "utf-8",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Explain the finding of one person: every ground with its proof, what is missing, what would change it."""
    law = find_pack(pack)
    answers = law.readings(readings)
    with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
        read = read_roll(roll, law, Path(work), encoding)
        day: DayChosen = choose_day(read, law, on)
        person = person_of(read, id, law.vocabulary)
    person, days = days_of(person, law, day.on, day.fact)
    explanation = explain_person(id, person, law, answers, days)
    print_plain(json.dumps(as_data(explanation), ensure_ascii=False, indent=2) if as_json else as_text(explanation))


def print_plain(text: str) -> None:
    """Print text as it is: no markup, no wrapping."""
    sys.stdout.write(text + "\n")


@pack_app.command("list", epilog="**Example:** `rightcall pack list`")
def pack_list() -> None:
    """List the packs that come with Rightcall."""
    table = Table(box=None, pad_edge=False)
    for title in ("pack", "provisions", "questions", "title"):
        table.add_column(title, justify="right" if title in ("provisions", "questions") else "left")
    for name in pack_names():
        pack = find_pack(name)
        table.add_row(name, str(len(pack.provisions)), str(len(pack.questions)), pack.title)
    out.print(table)


@pack_app.command("show", epilog="**Example:** `rightcall pack show ru_2022 RU22-18-1-4a`")
def pack_show(
    name: Annotated[str, typer.Argument(metavar="PACK")],
    item: Annotated[str | None, typer.Argument(metavar="[ITEM]", help="A provision, a fact or a question.")] = None,
) -> None:
    """Show a pack, or one of its provisions, facts or questions."""
    pack = find_pack(name)
    if item is None:
        _show_pack(pack)
    elif item in pack.provisions:
        out.print(Markdown((pack.folder / pack.provisions[item].file).read_text("utf-8")))
    elif item in pack.vocabulary:
        fact = pack.vocabulary[item]
        out.print(f"{fact.name}: {fact.kind}{' of ' + ', '.join(fact.values) if fact.values else ''}\n  asks:  {fact.ask}\n  proof: {fact.proof}", markup=False)
    elif item in pack.questions:
        question = pack.questions[item]
        out.print(f"{question.id}: {question.asks}\n  yes: {question.yes}\n  no:  {question.no}", markup=False)
    else:
        known = [*pack.provisions, *pack.vocabulary.facts, *pack.questions]
        raise refuse(f"the pack has no `{item}`", help=did_you_mean(item, known) or f"see rightcall pack show {name}")


def _show_pack(pack: Pack) -> None:
    out.print(f"[bold]{pack.title}[/bold]  ({pack.id}, {pack.country}; readings: {', '.join(pack.readings_names) or 'none'})\n{pack.about}\n")
    table = Table(box=None, pad_edge=False)
    for title in ("provision", "effect", "grade", "title"):
        table.add_column(title, no_wrap=title != "title")
    for provision in pack.provisions.values():
        table.add_row(provision.id, provision.effect, provision.grade, provision.title)
    out.print(table)
    facts = Table(box=None, pad_edge=False, title="\nfacts (columns of a roll)", title_justify="left", title_style="bold")
    for title in ("fact", "type", "asks"):
        facts.add_column(title, no_wrap=title != "asks")
    for fact in pack.vocabulary:
        facts.add_row(fact.name.replace("[", r"\["), fact.kind, fact.ask)
    out.print(facts)
    questions = Table(box=None, pad_edge=False, title="\nquestions of law", title_justify="left", title_style="bold")
    for title in ("question", "asks"):
        questions.add_column(title, no_wrap=title != "asks")
    for question in pack.questions.values():
        questions.add_row(question.id, question.asks)
    out.print(questions)


@pack_app.command("test", epilog="**Example:** `rightcall pack test ru_2022`  \n**Example:** `rightcall pack test ru_2022 --cases vignettes.yaml`")
def pack_test(
    name: Annotated[str, typer.Argument(metavar="PACK")],
    file: Annotated[
        Path | None, typer.Option("--cases", metavar="FILE", help="A file of vignettes (YAML 1.2 or JSON) instead of the pack's own cases.")
    ] = None,
) -> None:
    """Run the cases of a pack; print every mismatch with its proof. Exit status 1 when one fails."""
    pack = find_pack(name)
    found = cases.vignettes(file, pack) if file else cases.pack_cases(pack)
    failed = [outcome for outcome in (cases.run_case(case, pack) for case in found) if outcome.mismatches]
    for outcome in failed:
        _show_failure(outcome, pack)
    print_plain(f"{len(found) - len(failed)} passed, {len(failed)} failed")
    raise typer.Exit(1 if failed else 0)


def _show_failure(outcome: cases.Outcome, pack: Pack) -> None:
    case = outcome.case
    print_plain(f"FAILED {case.place} {case.provision} {case.name}".replace("  ", " "))
    for mismatch in outcome.mismatches:
        print_plain(f"  {mismatch.key}: expected {mismatch.expected}, found {mismatch.found}")
    person, days = days_of(case.person, pack, case.on)
    explanation = explain_person(case.name, person, pack, case.readings, days)
    print_plain("\n".join(f"  | {line}" for line in as_text(explanation).splitlines()) + "\n")


@pack_app.command("check", epilog="**Example:** `rightcall pack check ru_2022`")
def pack_check(name: Annotated[str, typer.Argument(metavar="PACK")]) -> None:
    """Load a pack and report gaps and overlaps of dates, facts that feed nothing, provisions without cases or citation.

    Exit status 1 when there is a fault; remarks alone are for people to read.
    """
    remarks = check(find_pack(name))
    for remark in remarks:
        print_plain(str(remark))
    faults = sum(remark.is_fault for remark in remarks)
    print_plain(f"{faults} faults, {len(remarks) - faults} remarks")
    raise typer.Exit(1 if faults else 0)


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
