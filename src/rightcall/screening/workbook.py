"""The findings as a workbook for a clerk: one row a person, in words, with what to ask and which proof settles it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from rightcall.law.pack import Pack
from rightcall.law.words import fact_label
from rightcall.screening.explanation import CAUSE_WORDS

MOST_PEOPLE = 200_000
_COLUMNS = (
    ("id", 14),
    ("verdict", 10),
    ("provisions", 60),
    ("why open", 32),
    ("still missing", 40),
    ("what to ask", 60),
    ("proof that settles it", 44),
    ("questions of law", 50),
)
_CLASS = ("class", 34)
"""Third, where the pack has labels."""
_COLOURS = {"barred": "#d9e8d8", "deferred": "#e4efdc", "open": "#fdf0cf", "clear": "#ffffff"}


def write_workbook(target: Path, findings: Path, pack: Pack, people: int) -> bool:
    """Write the workbook; says false where there are more people than a workbook serves."""
    if people > MOST_PEOPLE:
        return False
    options = {"constant_memory": True, "tmpdir": str(target.parent), "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(target), options)
    try:
        with book:
            _findings(book, findings, pack)
            _law(book, pack)
    except BaseException:
        _let_go(book)
        raise
    return True


def _let_go(book: Any) -> None:
    """Close what the writer leaves open when it fails: a folder on that disk could not be taken away."""
    for part in (book, *book.worksheets()):
        for handle in (part.fh, getattr(part, "row_data_fh", None)):
            if handle:
                with suppress(OSError):
                    handle.close()


def _findings(book: Any, findings: Path, pack: Pack) -> None:
    sheet = book.add_worksheet("findings")
    heading = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    formats = {verdict: book.add_format({"text_wrap": True, "valign": "top", "bg_color": colour}) for verdict, colour in _COLOURS.items()}
    columns = _columns(pack)
    for number, (title, width) in enumerate(columns):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, title, heading)
    last = 0
    for last, row in enumerate(_rows(findings, pack), 1):
        for number, text in enumerate(row):
            sheet.write_string(last, number, text, formats[row[1]])
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _columns(pack: Pack) -> tuple[tuple[str, int], ...]:
    return (*_COLUMNS[:2], *([_CLASS] if pack.labels else []), *_COLUMNS[2:])


def _rows(findings: Path, pack: Pack) -> Iterator[list[str]]:
    words, label = _Words(pack), ["label"] if pack.labels else []
    frame = pl.scan_parquet(findings).select("id", "verdict", "reasons", "missing", "questions", *label)
    for id, verdict, reasons, missing, questions, *labels in frame.collect(engine="streaming").iter_rows():
        protected = verdict in ("barred", "deferred")
        yield [
            id,
            verdict,
            *(words.label(name) for name in labels),
            words.provisions(reasons) if protected else "",
            "" if protected else "\n".join(CAUSE_WORDS.get(reason, reason) for reason in reasons),
            "\n".join(fact_label(name) for name in missing),
            words.asks(missing),
            words.proofs(missing),
            words.questions(questions),
        ]


class _Words:
    """Texts of the pack, put together for one cell."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def label(self, name: str | None) -> str:
        says = next((label.says for label in self.pack.labels if label.name == name), "")
        return f"{name}: {says}" if name and says else name or ""

    def provisions(self, ids: Iterable[str]) -> str:
        found = (self.pack.provisions[id] for id in ids)
        return "\n".join(f"{provision.title}: {provision.act}, {provision.cite} [{provision.id}]" for provision in found)

    def asks(self, names: Iterable[str]) -> str:
        return "\n".join(dict.fromkeys(self.pack.vocabulary[name].ask for name in names if self.pack.vocabulary[name].ask))

    def proofs(self, names: Iterable[str]) -> str:
        return "\n".join(dict.fromkeys(self.pack.vocabulary[name].proof for name in names if self.pack.vocabulary[name].proof))

    def questions(self, ids: Iterable[str]) -> str:
        return "\n".join(f"{id}: {self.pack.questions[id].asks}" for id in ids)


def _law(book: Any, pack: Pack) -> None:
    """The provisions in force in the pack, for looking up."""
    sheet = book.add_worksheet("law")
    heading = book.add_format({"bold": True, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for number, (title, width) in enumerate((("id", 20), ("effect", 10), ("title", 50), ("act", 50), ("place", 30), ("grade", 7), ("text", 100))):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, title, heading)
    for row, provision in enumerate(pack.provisions.values(), 1):
        texts = (provision.id, provision.effect, provision.title, provision.act, provision.cite, provision.grade, provision.text[:32_000])
        for number, text in enumerate(texts):
            sheet.write_string(row, number, text, wrapped)
    sheet.freeze_panes(1, 1)
