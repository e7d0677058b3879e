"""A register that was read: every row with its identity, the facts it states, and the days for which it counts.

Registers are other people's data: a clerk cannot mend them. So a cell that cannot be read is unknown, counted and noted, never guessed and
never taken for absence; ``check_register`` lists all such cells for their keeper. Only what makes a register unreadable refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from rightcall.law.problem import Problem, did_you_mean
from rightcall.law.value import UNBOUNDED
from rightcall.law.vocabulary import FactType, Vocabulary
from rightcall.records.cell import read_cell
from rightcall.records.column import read_fact
from rightcall.records.database import read_table
from rightcall.records.descriptor import FILE, OWN_ID, PARTS, Descriptor, Saying
from rightcall.records.sheet import ROW, Faults, Sheet, read_sheet, words

FROM, UNTIL, PROVEN, ENTRY = "~from", "~until", "~proven", "~entry"
BIRTH = FactType("birth", "date")
_TYPED = {"bool": (pl.Boolean,), "date": (pl.Date,)}
"""Columns whose type says what their cells are: they need not be read as words."""
_AS_OF = FactType("asOf", "date")
_PROVEN = FactType("proven", "bool")


@dataclass(frozen=True, slots=True)
class Register:
    """Rows of a register. ``frame``: ``~row``, the parts of the identity as ``~surname`` and so on (texts; ``~birth`` a day number) or ``id``,
    ``~from`` and ``~until`` (the days for which the row counts, both included; as day numbers), ``~proven`` of answers, ``~entry`` of lists whose
    entries bear a number, and the facts as columns like a roll's.
    """

    descriptor: Descriptor
    frame: pl.LazyFrame
    facts: tuple[str, ...]
    parts: tuple[str, ...]
    count: int
    notes: tuple[str, ...] = ()


def read_register(descriptor: Descriptor, vocabulary: Vocabulary, workdir: Path) -> Register:
    """Read a register. Raises ``Refused`` where its file or its columns are not what the descriptor says."""
    return register_of(open_sheet(descriptor, workdir), descriptor, vocabulary)


def register_of(sheet: Sheet, descriptor: Descriptor, vocabulary: Vocabulary) -> Register:
    """The register that a table holds, all of its rows or some. Raises ``Refused`` as ``read_register``."""
    faults = Faults()
    faults.add(columns_amiss(sheet, descriptor))
    faults.add(constants_amiss(descriptor, vocabulary))
    if faults.count:
        raise faults.refused()
    return _Reading(sheet, descriptor, vocabulary).register()


def identity_frame(sheet: Sheet, descriptor: Descriptor) -> pl.LazyFrame:
    """The rows of a table with who they speak of, and nothing else."""
    return _Reading(sheet, descriptor, Vocabulary({})).identity()


def open_sheet(descriptor: Descriptor, workdir: Path) -> Sheet:
    """The table itself, from its file or database."""
    if descriptor.file is not None:
        return read_sheet(descriptor.file, workdir, descriptor.encoding)
    return read_table(descriptor.name, descriptor.url, descriptor.table, workdir)


def columns_amiss(sheet: Sheet, descriptor: Descriptor) -> Iterator[Problem]:
    for column in descriptor.fields:
        if column not in sheet.columns:
            near = did_you_mean(column, sheet.columns)
            yield sheet.problem(f"the table has no column `{column}`", None, None, near or "the descriptor of the table names it")
    for column in sheet.columns:
        if column not in descriptor.fields:
            yield sheet.problem(f"the descriptor does not know the column `{column}`", None, None, "add it to `schema.fields`, or take it out of the table")


def constants_amiss(descriptor: Descriptor, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Values that a descriptor gives by itself, and that their facts cannot have."""
    given = [(fact_of(name, descriptor), _word(saying.value)) for name, saying in descriptor.facts.items() if not saying.column]
    given += [(fact_of(name, descriptor), word) for name, saying in descriptor.facts.items() for word in saying.words.values()]
    given += [(name, _word(value)) for name, value in descriptor.absent.items()]
    for name, word in given:
        cell = read_cell(vocabulary[name], word) if name in vocabulary else None
        if cell is not None and cell.fault:
            yield Problem(cell.fault, f"{FILE}, {descriptor.name}", help=cell.help)


def fact_of(name: str, descriptor: Descriptor) -> str:
    """The fact that a descriptor means: in the rows of a list, a field of it."""
    return f"{descriptor.listed}[].{name}" if descriptor.listed and "[]." not in name else name


def _word(value: Any) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


class _Reading:
    """One register being read: its table, with a column of clean cells for each fact, and what was noticed."""

    def __init__(self, sheet: Sheet, descriptor: Descriptor, vocabulary: Vocabulary) -> None:
        self.sheet, self.descriptor, self.vocabulary = sheet, descriptor, vocabulary
        self.kinds = sheet.frame.collect_schema()
        self.clean: list[pl.Expr] = []
        self.notes = [f"{descriptor.name}: {note}" for note in sheet.notes]

    def note(self, text: str) -> None:
        self.notes.append(f"{self.descriptor.name}: {text}")

    def register(self) -> Register:
        descriptor = self.descriptor
        facts = self._known()
        values = [pl.col(ROW), *self._identity(), *self._days(), *self._proven(), *self._entry()]
        for name, saying in facts.items():
            values += self._stated(self.vocabulary[name], saying)
        frame = self.sheet.frame.with_columns(self.clean).select(values) if self.clean else self.sheet.frame.select(values)
        count = frame.select(pl.len()).collect(engine="streaming").item()
        return Register(descriptor, frame, tuple(facts), tuple(part for part in PARTS if part in descriptor.identity), count, tuple(self.notes))

    def identity(self) -> pl.LazyFrame:
        values = [pl.col(ROW), *self._identity()]
        return self.sheet.frame.with_columns(self.clean).select(values)

    def _known(self) -> dict[str, Saying]:
        """The facts that the law looks at; of the others a note."""
        named = {fact_of(name, self.descriptor): saying for name, saying in self.descriptor.facts.items()}
        known = {name: saying for name, saying in named.items() if name in self.vocabulary}
        if known.keys() < named.keys():
            self.note(f"the law does not look at {', '.join(sorted(named.keys() - known.keys()))}")
        return known

    def _identity(self) -> Iterator[pl.Expr]:
        for part, column in self.descriptor.identity.items():
            if part == "birth":
                yield self._birth(column)
                continue
            text = words(column, self.kinds[column])
            name = OWN_ID if part == OWN_ID else f"~{part}"
            yield (pl.lit(None, pl.String) if text is None else pl.when(~self._is_missing(text)).then(text)).alias(name)

    def _is_missing(self, text: pl.Expr) -> pl.Expr:
        return text.is_in(["", *self.descriptor.missing])

    def _birth(self, column: str) -> pl.Expr:
        """The birth date, day by day; of a span of days nothing, and nothing of a day after the register's own."""
        born = self._exact(replace(BIRTH, name=column), column, "~birth")
        latest = self.descriptor.as_of
        if latest is None:
            return born
        count = self.sheet.frame.with_columns(self.clean).select((born > latest).sum()).collect(engine="streaming").item()
        if count:
            self.note(f"{count} rows have a birth date after the register's own day; it is taken as unknown")
        return pl.when(born <= latest).then(born).alias("~birth")

    def _exact(self, fact: FactType, column: str, name: str) -> pl.Expr:
        """A value of its own, nothing where it is only known within bounds."""
        found = self._fact(fact, column, {}, name)
        if len(found) == 1:
            return found[0]
        low, high = found or (pl.lit(None, pl.Int32), pl.lit(None, pl.Int32))
        return pl.when(low == high).then(low).alias(name)

    def _days(self) -> Iterator[pl.Expr]:
        """The days for which a row counts: from its as-of date, for as long as its authority says."""
        descriptor = self.descriptor
        if descriptor.as_of_column:
            start = self._exact(replace(_AS_OF, name=descriptor.as_of_column), descriptor.as_of_column, FROM)
        else:
            start = pl.lit(-UNBOUNDED if descriptor.as_of is None else descriptor.as_of, pl.Int32).alias(FROM)
        yield start
        last = pl.lit(UNBOUNDED, pl.Int32) if descriptor.valid_days is None else start + descriptor.valid_days
        yield pl.when(start.is_not_null()).then(last).alias(UNTIL)

    def _proven(self) -> list[pl.Expr]:
        proven = self.descriptor.proven
        if self.descriptor.kind != "answers":
            return []
        if isinstance(proven, bool):
            return [pl.lit(proven).alias(PROVEN)]
        return [expression.fill_null(False) for expression in self._fact(_PROVEN, proven, {}, PROVEN)]

    def _entry(self) -> Iterator[pl.Expr]:
        """The number of an entry of a list. Without one nothing tells an entry that is there twice from two: twins are two."""
        if self.descriptor.listed and self.descriptor.key:
            there = pl.all_horizontal(pl.col(column).is_not_null() for column in self.descriptor.key)
            yield pl.when(there).then(pl.struct(self.descriptor.key).hash(seed=1)).alias(ENTRY)

    def _stated(self, fact: FactType, saying: Saying) -> list[pl.Expr]:
        return self._fact(fact, saying.column, saying.words, fact.name) if saying.column else constant(fact, saying.value)

    def _fact(self, fact: FactType, column: str, mapping: Mapping[str, str], name: str) -> list[pl.Expr]:
        """The columns of a fact; cells that cannot be read are empty, and noted."""
        if not mapping and self.kinds[column] in _TYPED.get(fact.kind, ()):
            faults = Faults()
            typed = read_fact(self.sheet, {"": column}, fact, name, faults, [])
            if not faults.count:
                return typed
        text = words(column, self.kinds[column])
        if text is None:
            self.note(f"`{column}` holds no single values; it is taken as unknown")
            return []
        text = pl.when(~self._is_missing(text)).then(text)
        mapped = text.replace(list(mapping), list(mapping.values())) if mapping else text
        distinct = self.sheet.frame.select(mapped.unique()).collect(engine="streaming").to_series().drop_nulls().to_list()
        bad = [word for word in distinct if read_cell(fact, word).fault]
        if bad:
            self._note_unreadable(fact, column, mapped, bad)
        clean = f"~clean.{len(self.clean)}"
        self.clean.append((pl.when(~mapped.is_in(bad)).then(mapped) if bad else mapped).alias(clean))
        with_clean = replace(self.sheet, frame=self.sheet.frame.with_columns(self.clean[-1]))
        return read_fact(with_clean, {"": clean}, fact, name, Faults(), [])

    def _note_unreadable(self, fact: FactType, column: str, cells: pl.Expr, bad: list[str]) -> None:
        rows = self.sheet.frame.filter(cells.is_in(bad)).select(ROW).collect(engine="streaming")[ROW]
        some = ", ".join(str(row) for row in rows.head(5)) + (", ..." if rows.len() > 5 else "")
        self.note(f"{rows.len()} cells of `{column}` cannot be read (rows {some}); they are taken as unknown")


def constant(fact: FactType, value: Any) -> list[pl.Expr]:
    """The columns of a fact that has one value for every row. The value was checked before."""
    cell = read_cell(fact, _word(value))
    if cell.none:
        return [pl.lit(True).alias(f"{fact.name}.none")]
    if not fact.bounded:
        return [pl.lit(cell.value, pl.Boolean if fact.kind == "bool" else pl.String).alias(fact.name)]
    if cell.low == cell.high:
        return [pl.lit(cell.low, pl.Int32).alias(fact.name)]
    return [pl.lit(end, pl.Int32).alias(f"{fact.name}.{name}") for end, name in ((cell.low, "min"), (cell.high, "max"))]
