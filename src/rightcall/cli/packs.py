"""Law packs: list, show, test and check them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table

from rightcall.cli.compare import COMPARE_EXAMPLES, compare
from rightcall.cli.console import out, print_plain
from rightcall.law import case as cases
from rightcall.law.check import check
from rightcall.law.pack import Pack, find_pack, pack_names
from rightcall.law.problem import did_you_mean, refuse
from rightcall.law.reason import days_of
from rightcall.screening.explanation import as_text
from rightcall.screening.explanation import explain as explain_person

app = typer.Typer(help="Law packs: list, show, test, check and compare them.", no_args_is_help=True)
app.command("compare", epilog=COMPARE_EXAMPLES)(compare)


@app.command("list", epilog="**Example:** `rightcall pack list`")
def pack_list() -> None:
    """List the packs that come with Rightcall."""
    table = Table(box=None, pad_edge=False)
    for title in ("pack", "provisions", "questions", "title"):
        table.add_column(title, justify="right" if title in ("provisions", "questions") else "left")
    for name in pack_names():
        pack = find_pack(name)
        table.add_row(name, str(len(pack.provisions)), str(len(pack.questions)), pack.title)
    out.print(table)


@app.command("show", epilog="**Example:** `rightcall pack show ru_2022 RU22-18-1-4a`")
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


@app.command("test", epilog="**Example:** `rightcall pack test ru_2022`  \n**Example:** `rightcall pack test ru_2022 --cases vignettes.yaml`")
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


@app.command("check", epilog="**Example:** `rightcall pack check ru_2022`")
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
