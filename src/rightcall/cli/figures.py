"""The figures of a run as tables in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from rightcall.cli.console import out
from rightcall.law.reason import VERDICTS
from rightcall.screening.explanation import CAUSE_WORDS
from rightcall.screening.job import Outcome
from rightcall.screening.workbook import MOST_PEOPLE

_MEANING = {
    "barred": "may not be called up at all",
    "deferred": "may not be called up while the ground lasts",
    "open": "no notice until it is settled:",
    "clear": "no ground protects on these facts",
}
_SHOWN = 8


def show(outcome: Outcome, folder: Path) -> None:
    """Print what a run found, and where its report is."""
    summary = outcome.summary
    out.print(f"\n[bold]{summary['pack']['title']}[/bold]: {summary['people']:,} people, readings: {summary['readings']['title']}")
    out.print(f"judged on {summary['day']}\n", style="dim", markup=False)
    out.print(_verdicts(summary))
    _show_labels(summary["labels"])
    _show_registers(summary.get("registers", []))
    _show_changes(summary.get("changes"))
    _show_ranking("grounds", summary["grounds"], ("people", "unknown"), lambda row: f"{row['title']} [{row['id']}]")
    _show_ranking("questions of law, by how many hang on them", summary["questions"], ("people", "alone"), lambda row: f"{row['id']}: {row['asks']}")
    _show_comparison(summary.get("comparison"))
    out.print(f"\nreport: {folder / 'report.html'}", markup=False, soft_wrap=True)
    for note in outcome.notes:
        out.print(f"note: {note}", style="dim", markup=False)
    if not outcome.workbook:
        out.print(f"note: findings.xlsx is for up to {MOST_PEOPLE:,} people; use findings.parquet", style="dim")


def _verdicts(summary: Mapping[str, Any]) -> Table:
    table = table_of("verdict", "people", "share", "meaning", right=("people", "share"), dim=("meaning",))
    for verdict in VERDICTS:
        count = summary["verdicts"][verdict]
        table.add_row(verdict, f"{count:,}", f"{100 * count / summary['people']:.1f} %", _MEANING[verdict])
        if verdict == "open":
            for cause, number in summary["open_because"].items():
                if number or cause != "identity":
                    table.add_row(f"  {cause}", f"{number:,}", "", CAUSE_WORDS[cause], style="dim")
    return table


def table_of(*titles: str, right: Sequence[str] = (), dim: Sequence[str] = (), title: str = "") -> Table:
    table = Table(box=None, pad_edge=False, title=f"\n{title}" if title else None, title_justify="left", title_style="bold")
    for name in titles:
        table.add_column(name, justify="right" if name in right else "left", style="dim" if name in dim else "", overflow="fold")
    return table


def _show_labels(rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        table = table_of("people", "class", "", right=("people",), dim=("",), title="classes, as the country calls them")
        for row in rows:
            table.add_row(f"{row['people']:,}", plain(row["label"]), plain(row["says"]))
        out.print(table)


def _show_registers(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    table = table_of(
        "rows", "people", "doubtful", "stale", "as of", "", right=("rows", "people", "doubtful", "stale"), title="registers, and of how many people they speak"
    )
    for row in rows:
        numbers = (f"{row[name]:,}" for name in ("rows", "people", "doubtful", "stale"))
        table.add_row(*numbers, row["as_of"] or "", plain(f"{row['title']} ({row['authority']})" if row["authority"] else row["title"]))
    out.print(table)


def _show_changes(changes: Mapping[str, Any] | None) -> None:
    if changes is None:
        return
    out.print(
        f"\n[bold]since the earlier run[/bold]: {changes['looked_at']:,} people looked at anew, {changes['people']:,} have another verdict or other grounds"
    )
    table = table_of("people", "before", "now", right=("people",))
    for row in changes["verdicts"][:_SHOWN]:
        table.add_row(f"{row['people']:,}", row["before"] or "not on the roll", row["after"] or "not on the roll")
    out.print(table)
    because = "; ".join(f"{row['because']}: {row['people']:,}" for row in changes["because"])
    out.print(f"looked at because of: {because or 'nothing new'}", style="dim", markup=False)


def _show_ranking(title: str, rows: Sequence[Mapping[str, Any]], numbers: tuple[str, str], words: Callable[[Mapping[str, Any]], str]) -> None:
    if not rows:
        return
    table = table_of(*numbers, "", right=numbers, title=title)
    for row in rows[:_SHOWN]:
        table.add_row(*(f"{row[number]:,}" for number in numbers), plain(words(row)))
    if len(rows) > _SHOWN:
        table.add_row("", "", f"... and {len(rows) - _SHOWN} more in the report", style="dim")
    out.print(table)


def plain(text: str) -> str:
    """Text of a pack or a register as it is: brackets in it are no markup."""
    return text.replace("[", r"\[")


def _show_comparison(comparison: Mapping[str, Any] | None) -> None:
    if not comparison:
        return
    out.print(f"\ncompared with what was expected: {comparison['agree']} of {comparison['cases']} cases agree")
    for row in comparison["differences"]:
        out.print(f"  {row['id']} {row['of']}: expected {row['expected']}, found {row['found']}", markup=False)
