"""Law packs: list, show, test and check them."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table

from rightcall.cli.compare import COMPARE_EXAMPLES, compare
from rightcall.cli.console import out, print_plain
from rightcall.cli.draft import keep_looking
from rightcall.cli.proofs import MUTATE_EXAMPLES, mutate, proofs
from rightcall.law import case as cases
from rightcall.law.blank import new_pack
from rightcall.law.check import check
from rightcall.law.deadline import Deadline
from rightcall.law.pack import Pack, find_pack, load_pack, pack_folder, pack_names
from rightcall.law.problem import did_you_mean, refuse
from rightcall.law.reason import days_of
from rightcall.law.schema import PARTS, schema_of
from rightcall.law.value import Span
from rightcall.law.verification import Item, to_verify
from rightcall.law.vocabulary import FactType
from rightcall.law.words import span_words
from rightcall.screening.explanation import as_text
from rightcall.screening.explanation import explain as explain_person

app = typer.Typer(help="Law packs: begin, list, show, test, check, prove and compare them.", no_args_is_help=True)
app.command("compare", epilog=COMPARE_EXAMPLES)(compare)
app.command("mutate", epilog=MUTATE_EXAMPLES)(mutate)


@app.command("new", epilog="**Example:** `rightcall pack new ruritania --country XX --title 'Ruritania, call-up act of 2024'`")
def pack_new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an empty one; it appears whole or not at all.")],
    country: Annotated[str, typer.Option("--country", metavar="XX", help="The two letters of the country (ISO 3166).")] = "XX",
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="What law it is.")] = "Example law, to be replaced",
) -> None:
    """Begin a pack: a small one that loads, whose cases pass and whose check has no fault. Every file says what belongs in it."""
    for path in new_pack(folder, country, title):
        print_plain(str(folder / path.relative_to(folder.resolve())))
    print_plain(f"\nnow change it, beside `rightcall pack check {folder} --watch`")


@app.command("schema", epilog="**Example:** `rightcall pack schema facts > facts.schema.json`")
def pack_schema(part: Annotated[str, typer.Argument(metavar="PART", help=f"One of {', '.join(PARTS)}.")]) -> None:
    """Print the JSON Schema of a file or block of a pack, for an editor that completes TOML."""
    print_plain(json.dumps(schema_of(part), ensure_ascii=False, indent=2))


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


@app.command("show", epilog="**Example:** `rightcall pack show ru_2022 RU22-18-1-4a`  \n**Example:** `rightcall pack show ua --to-verify`")
def pack_show(
    name: Annotated[str, typer.Argument(metavar="PACK")],
    item: Annotated[str | None, typer.Argument(metavar="[ITEM]", help="A provision, a fact or a question.")] = None,
    verify: Annotated[bool, typer.Option("--to-verify", help="Only what a lawyer still has to check, each with its citation and sources.")] = False,
) -> None:
    """Show a pack, or one of its provisions, facts or questions."""
    pack = find_pack(name)
    if verify and item is not None:
        raise refuse("`--to-verify` is for a whole pack", help=f"leave out `{item}`")
    if verify:
        _show_work(pack)
    elif item is None:
        _show_pack(pack)
    elif item in pack.provisions:
        out.print(Markdown((pack.folder / pack.provisions[item].file).read_text("utf-8")))
    elif item in pack.vocabulary:
        fact = pack.vocabulary[item]
        out.print(f"{fact.name}: {_kind(fact)}\n  asks:  {fact.ask}\n  proof: {fact.proof}", markup=False)
    elif item in pack.questions:
        question = pack.questions[item]
        out.print(f"{question.id}: {question.asks}\n  yes: {question.yes}\n  no:  {question.no}", markup=False)
    else:
        known = [*pack.provisions, *pack.vocabulary.facts, *pack.questions]
        raise refuse(f"the pack has no `{item}`", help=did_you_mean(item, known) or f"see rightcall pack show {name}")


def _kind(fact: FactType) -> str:
    """What its values are: their type, their words, their decimals and limits."""
    if fact.kind == "integer" and (fact.decimals or fact.allowed):
        return ", ".join(filter(None, (f"number with up to {fact.decimals} decimals" if fact.decimals else "integer", fact.allowed)))
    return f"{fact.kind} of {', '.join(fact.values)}" if fact.values else fact.kind


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
    _show_labels(pack)
    _show_deadlines(pack)


def _show_labels(pack: Pack) -> None:
    if pack.labels:
        print_plain("\nclasses, the first that fits")
        width = max(len(label.name) for label in pack.labels)
        for label in pack.labels:
            print_plain(f"{label.name or '-':<{width}}  {'; '.join(filter(None, (label.says, ', '.join(label.grounds))))}")


def _show_deadlines(pack: Pack) -> None:
    if pack.deadlines:
        print_plain(f"\ndeadlines (working days: {pack.calendar or 'no calendar'})")
        for deadline in pack.deadlines.values():
            term = f"{_number(deadline, pack)} {deadline.unit.replace('_', ' ')} after {deadline.after}: " if deadline.after else ""
            print_plain(f"{deadline.name}: {term}{deadline.says}")


def _number(deadline: Deadline, pack: Pack) -> str:
    """How many, by the latest law; a parameter keeps its name beside its value."""
    if isinstance(deadline.number, int):
        return str(deadline.number)
    parameter = pack.parameters[deadline.number]
    value = parameter.entries[-1].values.get("")
    return f"{span_words(value, False, parameter.type.decimals)} ({parameter.name})" if isinstance(value, Span) else parameter.name


_HEADINGS = {
    "provision": "Provisions below the best grade",
    "parameter": "Parameters below the best grade",
    "deadline": "Deadlines below the best grade",
    "escalation": "Escalations: what the language does not say, and a person has to look at",
    "question": "Questions of law that nobody has answered for every case",
}


def _show_work(pack: Pack) -> None:
    print_plain(f"{pack.title} ({pack.id}): what a lawyer still has to check")
    for kind, items in groupby(to_verify(pack), key=lambda item: item.kind):
        found = list(items)
        print_plain(f"\n{_HEADINGS[kind]} ({len(found)})")
        for item in found:
            _show_item(item)


def _show_item(item: Item) -> None:
    grade = f"   grade {item.grade}" if item.grade else ""
    print_plain(f"  {item.name}{grade}\n      {item.says}")
    if item.cite:
        print_plain(f"      law: {item.cite}")
    for source in item.sources:
        print_plain(f"      source: {source}")


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


def _look(folder: Path) -> None:
    """What a draft lacks, and which of its cases fail."""
    pack = load_pack(folder)
    remarks, outcomes = check(pack), [cases.run_case(case, pack) for case in cases.pack_cases(pack)]
    for remark in remarks:
        print_plain(str(remark))
    failed = [outcome for outcome in outcomes if outcome.mismatches]
    for outcome in failed:
        _show_failure(outcome, pack)
    faults = sum(remark.is_fault for remark in remarks)
    print_plain(f"{faults} faults, {len(remarks) - faults} remarks; {len(outcomes) - len(failed)} passed, {len(failed)} failed")


@app.command(
    "check",
    epilog="**Example:** `rightcall pack check ru_2022`  \n**Example:** `rightcall pack check ru_2022 --save-cases found`  \n**Example:** `rightcall pack check my_pack/ --watch`",
)
def pack_check(
    name: Annotated[str, typer.Argument(metavar="PACK")],
    folder: Annotated[Path | None, typer.Option("--save-cases", metavar="DIR", help="Write whoever is named as a case, to be put into a page.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", metavar="S", min=0.1, help="Think about each proof at most so long.")] = 5.0,
    watch: Annotated[bool, typer.Option("--watch", help="Check, and run the cases, again whenever a file of the pack changes; Ctrl-C ends it.")] = False,
) -> None:
    """Load a pack and report what is doubtful: dates, sources, missing cases; and by proof: dead grounds, grounds that add nothing, broken invariants.

    Exit status 1 when there is a fault; remarks alone are for people to read.
    """
    if watch:
        keep_looking(pack_folder(name), _look)
        return
    pack = find_pack(name)
    remarks = check(pack)
    for remark in remarks:
        print_plain(str(remark))
    remarks += proofs(pack, seconds, folder)
    faults = sum(remark.is_fault for remark in remarks)
    print_plain(f"{faults} faults, {len(remarks) - faults} remarks")
    raise typer.Exit(1 if faults else 0)
