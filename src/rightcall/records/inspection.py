"""A folder of registers held against its descriptor: per column what it carries, how full it is, and what is wrong, for the keeper to mend.

``screen`` takes a cell that cannot be read as unknown and goes on; here every such cell is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from rightcall.law.problem import Problem, Refused
from rightcall.law.vocabulary import FactType, Kind, Vocabulary
from rightcall.records.cell import read_cell
from rightcall.records.descriptor import Descriptor, read_descriptors
from rightcall.records.register import columns_amiss, constants_amiss, fact_of, open_sheet
from rightcall.records.sheet import ROW, Sheet, words

_PATTERNS = {"integer": r"^[+-]?\d+(\.0+)?$", "number": r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$", "year": r"^\d{4}$"}
_KINDS: Mapping[str, Kind] = {"date": "date", "datetime": "date", "boolean": "bool"}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, what it carries, how many cells are filled, and the cells that do not fit."""

    name: str
    type: str
    carries: str
    filled: int
    wrong: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspected:
    """One table that was looked at."""

    descriptor: Descriptor
    rows: int
    columns: tuple[Column, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def faults(self) -> int:
        return len(self.problems) + sum(column.wrong > 0 for column in self.columns)


def inspect(folder: Path, vocabulary: Vocabulary | None, workdir: Path) -> tuple[Inspected, ...]:
    """Look at every table of a folder. Raises ``Refused`` where the descriptor itself cannot be read."""
    return tuple(_inspected(descriptor, vocabulary, workdir) for descriptor in read_descriptors(folder))


def _inspected(descriptor: Descriptor, vocabulary: Vocabulary | None, workdir: Path) -> Inspected:
    try:
        sheet = open_sheet(descriptor, workdir)
    except Refused as refused:
        return Inspected(descriptor, 0, (), refused.problems)
    problems = [*columns_amiss(sheet, descriptor), *(constants_amiss(descriptor, vocabulary) if vocabulary else ())]
    problems += _facts_amiss(descriptor, vocabulary) if vocabulary else ()
    rows = sheet.frame.select(pl.len()).collect(engine="streaming").item()
    columns = tuple(_column(sheet, descriptor, vocabulary, name) for name in descriptor.fields if name in sheet.columns)
    return Inspected(descriptor, rows, columns, tuple(problems))


def _facts_amiss(descriptor: Descriptor, vocabulary: Vocabulary) -> Iterator[Problem]:
    for name in (*(fact_of(name, descriptor) for name in descriptor.facts), *descriptor.absent):
        if name not in vocabulary:
            yield Problem(f"unknown fact `{name}`", f"datapackage.json, {descriptor.name}", help=vocabulary.suggest(name))


def _column(sheet: Sheet, descriptor: Descriptor, vocabulary: Vocabulary | None, name: str) -> Column:
    carries = ", ".join(_carries(descriptor, name))
    text = words(name, sheet.frame.collect_schema()[name])
    if text is None:
        return Column(name, descriptor.fields[name], carries, 0, 1, ("it holds no single values",))
    cell = pl.when(~text.is_in(["", *descriptor.missing])).then(text)
    counts = sheet.frame.select(cell.alias("cell")).group_by("cell").len().collect(engine="streaming")
    filled = counts.filter(pl.col("cell").is_not_null())
    bad = [word for word in filled["cell"].to_list() if _fault(word, descriptor, vocabulary, name)]
    wrong = filled.filter(pl.col("cell").is_in(bad))["len"].sum() if bad else 0
    examples = tuple(_examples(sheet, cell, bad, descriptor, vocabulary, name))
    return Column(name, descriptor.fields[name], carries, int(filled["len"].sum()), int(wrong), examples)


def _carries(descriptor: Descriptor, column: str) -> Iterator[str]:
    yield from (part for part, carrier in descriptor.identity.items() if carrier == column)
    yield from (fact_of(name, descriptor) for name, saying in descriptor.facts.items() if saying.column == column)
    yield from ("asOf",) if descriptor.as_of_column == column else ()
    yield from ("proven",) if descriptor.proven == column else ()


def _fault(word: str, descriptor: Descriptor, vocabulary: Vocabulary | None, column: str) -> str:
    """What is wrong with a cell: by the type of the schema, and by the facts that it carries."""
    type = descriptor.fields[column]
    if type in _KINDS and (fault := read_cell(FactType(column, _KINDS[type]), word).fault):
        return fault
    if type in _PATTERNS and not pl.Series([word]).str.contains(_PATTERNS[type]).item():
        return f"`{word[:40]}` is no {type}"
    for name, saying in descriptor.facts.items():
        fact = fact_of(name, descriptor)
        if saying.column == column and vocabulary and fact in vocabulary and (fault := read_cell(vocabulary[fact], saying.words.get(word, word)).fault):
            return fault
    return ""


def _examples(sheet: Sheet, cell: pl.Expr, bad: list[str], descriptor: Descriptor, vocabulary: Vocabulary | None, column: str) -> Iterator[str]:
    if bad:
        found = sheet.frame.filter(cell.is_in(bad)).select(ROW, cell.alias("cell")).head(_SHOWN).collect(engine="streaming")
        for row, word in found.iter_rows():
            yield f"row {row}: {_fault(word, descriptor, vocabulary, column)}"
