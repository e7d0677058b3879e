"""One fact of a table, read from its column or columns: which cells fit, and the columns of values they become.

A column of texts is read through its distinct cells, each once, so a rule about cells is written for one cell and holds for
millions. A typed column (Parquet) is only checked; where its type is another than the fact's it is read as if it were text.
Bounds may stand in two columns (``.min``, ``.max``), and a known none in a third (``.none``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from rightcall.law.account import LARGEST, YEARS
from rightcall.law.problem import SHOWN, Problem
from rightcall.law.value import FOREVER, UNBOUNDED, day_number
from rightcall.law.vocabulary import FactType
from rightcall.records.cell import DAY_MONTH_YEAR, Cell, read_cell
from rightcall.records.sheet import ROW, Faults, Sheet, words

ENDS = ("min", "max", "none")
_DAYS = (day_number(date(YEARS[0], 1, 1)), day_number(date(YEARS[-1], 12, 31)))


@dataclass(frozen=True, slots=True)
class Column:
    """The expressions that a column becomes: its value, or its ends (one expression twice where all are exact); and where it is none."""

    value: pl.Expr | None = None
    low: pl.Expr | None = None
    high: pl.Expr | None = None
    none: pl.Expr | None = None
    problems: tuple[Problem, ...] = ()
    count: int = 0
    note: str = ""


def read_fact(sheet: Sheet, columns: Mapping[str, str], fact: FactType, name: str, faults: Faults, notes: list[str]) -> list[pl.Expr]:
    """Read a fact. ``columns``: the sheet's column for the value (``""``) and for each of its ``ENDS``. The expressions are called ``name`` (or ``.min`` ...)."""
    misplaced = _misplaced(sheet, columns, fact)
    if misplaced:
        faults.add([misplaced])
        return []
    read = {end: _read_column(sheet, column, _of_end(fact, end)) for end, column in columns.items()}
    for column in read.values():
        faults.add(column.problems, column.count)
        notes += [column.note] if column.note else []
    if any(column.count for column in read.values()):
        return []
    whole = _joined(read)
    contradictions = list(_contradictions(sheet, columns, fact, read))
    for problems, count in contradictions:
        faults.add(problems, count)
    return [] if contradictions else list(_named(fact, name, whole))


def _misplaced(sheet: Sheet, columns: Mapping[str, str], fact: FactType) -> Problem | None:
    for end, other in (("min", "max"), ("max", "min")):
        if end in columns and other not in columns:
            return sheet.problem(f"`{columns[end]}` needs its other end beside it", None, columns[end], "give both .min and .max; an empty cell is no bound")
    if "" in columns and "min" in columns:
        return sheet.problem(f"`{columns['']}` is there as one value and as bounds", None, columns[""], "keep the column, or its .min and .max")
    if "none" in columns and not fact.none:
        return sheet.problem(f"`{fact.name}` cannot be none", None, columns["none"], "leave the column out")
    return None


def _of_end(fact: FactType, end: str) -> FactType:
    """What the cells of an end may be: a bound that is none says nothing, unless none is a day that never comes."""
    if end == "none":
        return FactType(fact.name, "bool")
    return replace(fact, none="") if end and fact.none == "absent" else fact


def _joined(read: Mapping[str, Column]) -> Column:
    whole = Column(low=read["min"].low, high=read["max"].high) if "min" in read else read.get("", Column())
    said = read["none"].value if "none" in read else None
    nones = [expr.fill_null(False) for expr in (whole.none, said) if expr is not None]
    return replace(whole, none=pl.any_horizontal(nones) if nones else None)


def _named(fact: FactType, name: str, column: Column) -> Iterator[pl.Expr]:
    low, high, value = column.low, column.high, column.value
    if column.none is not None and fact.none == "forever":
        never = pl.when(column.none).then(pl.lit(FOREVER, pl.Int32))
        same = low is high
        low = never.otherwise(pl.lit(None, pl.Int32) if low is None else low)
        high = low if same else never.otherwise(high)
    elif column.none is not None:
        yield column.none.alias(f"{name}.none")
    if value is not None:
        yield value.alias(name)
    elif low is not None and low is high:
        yield low.alias(name)
    elif low is not None and high is not None:
        yield low.alias(f"{name}.min")
        yield high.alias(f"{name}.max")


def _contradictions(sheet: Sheet, columns: Mapping[str, str], fact: FactType, read: Mapping[str, Column]) -> Iterator[tuple[list[Problem], int]]:
    """Rows whose bounds are the wrong way round, and rows that have a value and are none."""
    if "min" in read and read["min"].low is not None and read["max"].high is not None:
        wrong = read["min"].low > read["max"].high
        yield from _rows(sheet, wrong, columns["min"], f"the bounds of `{fact.name}` are the wrong way round")
    said = read["none"].value if "none" in read else None
    if said is not None:
        values = [expr for end in ("", "min", "max") if end in read for expr in (read[end].value, read[end].low, read[end].high) if expr is not None]
        wrong = said & pl.any_horizontal([expr.is_not_null() for expr in values]) if values else pl.lit(False)
        yield from _rows(sheet, wrong, columns["none"], f"`{fact.name}` has a value and is none")


def _rows(sheet: Sheet, wrong: pl.Expr, column: str, message: str) -> Iterator[tuple[list[Problem], int]]:
    rows = sheet.frame.filter(wrong.fill_null(False)).select(ROW).collect(engine="streaming")[ROW]
    if rows.len():
        yield [sheet.problem(message, row, column, "keep what is right") for row in rows.head(SHOWN)], rows.len()


def _read_column(sheet: Sheet, column: str, fact: FactType) -> Column:
    kind = sheet.frame.collect_schema()[column]
    if kind == pl.Null:
        return Column()
    if fact.kind == "bool" and kind == pl.Boolean:
        return Column(value=pl.col(column))
    if fact.kind == "date" and (kind == pl.Date or isinstance(kind, pl.Datetime)):
        day = pl.col(column).dt.date()
        return _in_range(sheet, column, fact, day.cast(pl.Int32), day.cast(pl.String), *_DAYS)
    if fact.kind == "integer" and kind.is_integer():
        least, most = whole_range(fact)
        return _in_range(sheet, column, fact, pl.col(column), pl.col(column).cast(pl.String), least, most)
    text = words(column, kind)
    if text is not None:
        return _texts(sheet, column, fact, text)
    wanted = {"bool": "true or false", "date": "a date", "integer": "a number" if fact.decimals else "an integer"}.get(fact.kind, "text")
    return Column(problems=(sheet.problem(f"`{column}` holds {kind}, not {wanted}", None, column, f"`{fact.name}` is {wanted}"),), count=1)


def _in_range(sheet: Sheet, column: str, fact: FactType, number: pl.Expr, text: pl.Expr, least: int, most: int) -> Column:
    wrong = ~number.is_between(least, most)
    if sheet.frame.select(wrong.any()).collect(engine="streaming").item():
        return _faulty(sheet, column, fact, wrong, text)
    value = number.cast(pl.Int32) * 10**fact.decimals
    return Column(low=value, high=value)


def whole_range(fact: FactType) -> tuple[int, int]:
    """The least and the greatest whole number that an integer fact can be. INVARIANT: ``read_cell`` refuses the others too."""
    unit = 10**fact.decimals
    least = -LARGEST if fact.least is None else max(fact.least, -LARGEST)
    most = LARGEST if fact.most is None else min(fact.most, LARGEST)
    return -(-least // unit), most // unit


def _texts(sheet: Sheet, column: str, fact: FactType, text: pl.Expr) -> Column:
    if not fact.bounded and _is_as_written(sheet, column, fact):
        return Column(value=pl.col(column))
    distinct = sheet.frame.select(text.unique()).collect(engine="streaming").to_series().drop_nulls().to_list()
    cells = {word: read_cell(fact, word) for word in distinct}
    faults = [word for word, cell in cells.items() if cell.fault]
    if faults:
        return _faulty(sheet, column, fact, text.is_in(faults), text)
    dotted = fact.kind == "date" and any(DAY_MONTH_YEAR.search(word) for word in distinct)
    return replace(_mapped(text, fact, cells), note=f"`{column}` has dates written day.month.year" if dotted else "")


def _is_as_written(sheet: Sheet, column: str, fact: FactType) -> bool:
    """Whether each text of a column already is the value it stands for, so that nothing need be replaced."""
    if sheet.frame.collect_schema()[column] != pl.String:
        return False
    distinct = sheet.frame.select(pl.col(column).unique()).collect(engine="streaming").to_series().drop_nulls()
    return all(word and read_cell(fact, word) == Cell(value=word) for word in distinct)


def _faulty(sheet: Sheet, column: str, fact: FactType, wrong: pl.Expr, text: pl.Expr) -> Column:
    bad = sheet.frame.filter(wrong.fill_null(False)).select(ROW, text.alias(column))
    count = bad.select(pl.len()).collect(engine="streaming").item()
    cells = ((row, read_cell(fact, word)) for row, word in bad.head(SHOWN).collect().iter_rows())
    return Column(problems=tuple(sheet.problem(cell.fault, row, column, cell.help) for row, cell in cells), count=count)


def _mapped(text: pl.Expr, fact: FactType, cells: Mapping[str, Cell]) -> Column:
    nones = [word for word, cell in cells.items() if cell.none]
    none = text.is_in(nones) if nones else None
    if not fact.bounded:
        kind = pl.Boolean if fact.kind == "bool" else pl.String
        return Column(value=_replaced(text, {word: cell.value for word, cell in cells.items()}, kind), none=none)
    low = _replaced(text, {word: _end(cell.low, -UNBOUNDED) for word, cell in cells.items()}, pl.Int32)
    exact = all(cell.low == cell.high for cell in cells.values())
    high = low if exact else _replaced(text, {word: _end(cell.high, UNBOUNDED) for word, cell in cells.items()}, pl.Int32)
    return Column(low=low, high=high, none=none)


def _end(number: int | None, unbounded: int) -> int | None:
    """INVARIANT: an unknown bound and an unknown value are the same in a column: empty."""
    return None if number == unbounded else number


def _replaced(text: pl.Expr, values: Mapping[str, object], kind: type[pl.DataType]) -> pl.Expr:
    if not values:
        return pl.lit(None, dtype=kind)
    return text.replace_strict(list(values), pl.Series(list(values.values()), dtype=kind), default=None, return_dtype=kind)
