"""A file of rows and columns: CSV, XLSX or Parquet, as a lazy frame of texts or typed columns, with the file's own rows.

Nothing is guessed: a table of texts stays texts until a fact says what its column means. Encoding, separators, quotation marks
and ragged rows are checked here, because a cell that slips into the wrong column or a row that is swallowed is a wrong finding.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine as calamine

from rightcall.law.problem import SHOWN, Problem, Refused, did_you_mean, refuse
from rightcall.records.workbook import check_workbook

SUFFIXES = (".csv", ".tsv", ".xlsx", ".parquet")
ROW = "~row"
_CHUNK = 1 << 22
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_ZIP = b"PK\x03\x04"
_QUOTES_HELP = 'inside a quoted cell a quotation mark is written twice: "the ""Romashka"" works"'

csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file. ``frame`` has the file's columns and ``~row``, the number of the row in the file."""

    path: Path
    frame: pl.LazyFrame
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def problem(self, message: str, row: int | None = None, column: str | None = None, help: str = "") -> Problem:
        return Problem(printable(message), self.path.name, None, column and printable(column), printable(help), row)


@dataclass(slots=True)
class Faults:
    """Problems of all files so far: the first ones of each check, and how many there are."""

    shown: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, problems: Iterable[Problem], count: int | None = None) -> None:
        problems = list(problems)
        self.shown += problems
        self.count += len(problems) if count is None else count

    def refused(self) -> Refused:
        """The refusal: in the order of the files met, what is wrong with a file as a whole first, then by row."""
        files = list(dict.fromkeys(problem.file for problem in self.shown))
        return Refused(sorted(self.shown, key=lambda problem: (files.index(problem.file), problem.row or 0)), self.count)


def printable(text: str) -> str:
    """A text as it may be shown: control characters of a foreign file do not reach a terminal."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def read_sheet(path: Path, workdir: Path, encoding: str = "utf-8") -> Sheet:
    """Open a table. Raises ``Refused`` with what is wrong with it as a file; its cells are not looked at yet."""
    try:
        if path.stat().st_size == 0:
            raise refuse("the file is empty", path, "it needs a header and one row for each person")
        return _read(path, workdir, encoding)
    except FileNotFoundError:
        raise refuse("there is no such file", path, "name a .csv, .xlsx, .parquet, .json or .yaml file, or a folder") from None
    except pl.exceptions.PolarsError as error:
        raise refuse(f"the file cannot be read: {_first_line(error)}", path) from None


def _read(path: Path, workdir: Path, encoding: str) -> Sheet:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        frame = pl.scan_parquet(path, glob=False)
        columns = tuple(frame.collect_schema().names())
        _check_header(path, columns)
        numbered = pl.scan_parquet(path, glob=False, row_index_name=ROW, row_index_offset=1)
        return Sheet(path, numbered, columns)
    if suffix == ".xlsx":
        return _workbook(path)
    if suffix in (".csv", ".tsv"):
        return _text(path, workdir, encoding)
    raise refuse(f"`{path.suffix}` files are not read", path, f"known are {', '.join(SUFFIXES)}, .json and .yaml")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "it is damaged")


def _check_header(path: Path, columns: tuple[str, ...]) -> None:
    faults = Faults()
    for column in sorted({column for column in columns if column and columns.count(column) > 1}):
        faults.add([Problem(f"the column `{printable(column)}` is there twice", path.name)])
    for number, column in enumerate(columns, 1):
        if not column:
            faults.add([Problem(f"column {number} has no name", path.name, help="the first row names the columns")])
    if ROW in columns:
        faults.add([Problem(f"the name `{ROW}` is taken", path.name, None, ROW, "name the column otherwise")])
    if faults.count:
        raise faults.refused()


def _text(path: Path, workdir: Path, encoding: str) -> Sheet:
    """A CSV file. What Python's reader and Polars do not read alike is written again, so that both do."""
    utf8, notes = _as_utf8(path, workdir, encoding)
    separator, columns = _header(utf8, path)
    sheet = Sheet(path, _scanned(utf8, separator, columns), columns, notes)
    shape = _Shape(utf8, separator, len(columns))
    if shape.plain:
        with suppress(pl.exceptions.PolarsError):
            return _without_blank_rows(sheet)
    faults = shape.faults(sheet)
    if faults.count:
        raise faults.refused()
    if _parsed(sheet) != shape.rows:
        sheet = replace(sheet, frame=_scanned(shape.rewritten(workdir / f"{path.stem}.plain{path.suffix}"), separator, columns))
    return _without_blank_rows(sheet)


def _scanned(utf8: Path, separator: str, columns: tuple[str, ...]) -> pl.LazyFrame:
    frame = pl.scan_csv(utf8, infer_schema=False, separator=separator, new_columns=list(columns), empty_string_is_null=True, glob=False)
    return frame.with_row_index(ROW, offset=2)


def _parsed(sheet: Sheet) -> int | None:
    """The number of rows that Polars finds, or nothing where it cannot read them."""
    try:
        sheet.frame.select(pl.last().is_null().sum()).collect(engine="streaming")
        return int(sheet.frame.select(pl.len()).collect(engine="streaming").item())
    except pl.exceptions.PolarsError:
        return None


def _as_utf8(path: Path, workdir: Path, encoding: str) -> tuple[Path, tuple[str, ...]]:
    """The file itself when it is UTF-8; else a copy in UTF-8; and what was noticed. Raises ``Refused`` with the row of the first bad byte."""
    same = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    with path.open("rb") as source:
        start = source.read(4)
    _check_start(path, start, same)
    notes = ("the file begins with a byte-order mark, which was left out",) if start.startswith((_BOM, *_UTF16)) else ()
    try:
        with path.open(encoding=encoding, newline="") as source:
            pieces = iter(lambda: source.read(_CHUNK), "")
            if same:
                all(pieces)
                return path, notes
            return _copied(pieces, workdir / f"{path.stem}.utf8{path.suffix}"), notes
    except UnicodeError:
        help = "save it as UTF-8, or name its encoding: --encoding cp1251" if same else "name the encoding that it has, for example --encoding utf-8"
        raise Refused(Problem(f"the file is not {encoding.upper()}", path.name, None, None, help, _bad_row(path, encoding))) from None
    except (LookupError, ValueError):
        raise refuse(f"there is no encoding `{encoding}`", help="for example utf-8, cp1251, koi8-u") from None


def _check_start(path: Path, start: bytes, same: bool) -> None:
    if start == _ZIP:
        raise refuse("this is a workbook or an archive, not a table of text", path, "name it .xlsx, or save it as CSV")
    if same and start.startswith(_UTF16):
        raise refuse("the file is not UTF-8", path, "it begins like UTF-16: save it as UTF-8, or name its encoding: --encoding utf-16")
    if not same and start.startswith(_BOM):
        raise refuse("the file says that it is UTF-8: it begins with a byte-order mark", path, "leave --encoding out")


def _copied(pieces: Iterable[str], copy: Path) -> Path:
    with copy.open("w", encoding="utf-8", newline="") as target:
        target.writelines(pieces)
    return copy


def _bad_row(path: Path, encoding: str) -> int | None:
    """The first row that cannot be decoded."""
    try:
        with path.open(encoding=encoding, errors="replace") as source:
            return next((number for number, line in enumerate(source, 1) if "\ufffd" in line), None)
    except UnicodeError:
        return None


def _header(utf8: Path, path: Path) -> tuple[str, tuple[str, ...]]:
    """The separator and the names of the columns, from the first row."""
    with utf8.open(encoding="utf-8-sig", newline="") as source:
        first = source.readline()
        separator = max("\t;,", key=first.count)
        source.seek(0)
        columns = tuple(name.strip() for name in next(csv.reader(source, delimiter=separator), []))
    if not any(columns):
        raise refuse("the first row is empty", path, "it names the columns")
    _check_header(path, columns)
    return separator, columns


class _Shape:
    """Whether the rows of a text are as wide as its header. ``rows``: how many there are, once ``faults`` has been asked."""

    def __init__(self, utf8: Path, separator: str, width: int) -> None:
        self.utf8, self.separator, self.width, self.rows = utf8, separator, width, 0

    @property
    def plain(self) -> bool:
        """INVARIANT: without quotation marks, and with a separator fewer than columns in every row on average, no row is short unless another is
        long; and a long row is what Polars refuses. So a plain file needs no reader but Polars."""
        rows = separators = 0
        last = b""
        with self.utf8.open("rb") as source:
            for chunk in iter(lambda: source.read(_CHUNK), b""):
                if b'"' in chunk:
                    return False
                rows, separators, last = rows + chunk.count(b"\n"), separators + chunk.count(self.separator.encode()), chunk[-1:]
        return separators == (self.width - 1) * (rows + (last != b"\n"))

    def faults(self, sheet: Sheet) -> Faults:
        """Every row of another width, and the first with quotation marks that do not fit."""
        faults = Faults()
        number = 0
        try:
            for number, row in enumerate(self._records(strict=True), 1):
                if len(row) != self.width and any(map(str.strip, row)):
                    message = f"the row has {len(row)} cells, the header {self.width}"
                    help = "quote cells that hold the separator; a cell that is empty keeps its separator"
                    faults.add([sheet.problem(message, number, None, help)] if faults.count < SHOWN else (), 1)
        except csv.Error as error:
            faults.add([sheet.problem(f"the quotation marks of the row do not fit: {error}", number + 1, None, _QUOTES_HELP)])
        self.rows = number - 1
        return faults

    def rewritten(self, copy: Path) -> Path:
        """The same rows with their quotation marks as the standard has them."""
        with copy.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target, delimiter=self.separator, lineterminator="\n").writerows(self._records())
        return copy

    def _records(self, strict: bool = False) -> Iterator[list[str]]:
        with self.utf8.open(encoding="utf-8-sig", newline="") as source:
            yield from csv.reader(source, delimiter=self.separator, strict=strict)


def _workbook(path: Path) -> Sheet:
    check_workbook(path)
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        rows = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False) if names else []
    except FileNotFoundError:
        raise
    except (calamine.CalamineError, OSError) as error:
        raise refuse(f"this is not a workbook: {error}", path, "save it as .xlsx, without a password") from None
    if not any(_as_text(cell) for row in rows for cell in row):
        raise refuse("the first sheet is empty", path, "its first row names the columns")
    columns = tuple(_as_text(cell) or "" for cell in rows[0])
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not columns:
        raise refuse("the first row is empty", path, "it names the columns")
    _check_header(path, columns)
    texts = [[_as_text(cell) for cell in row] for row in rows[1:]]
    _check_width(path, texts, len(columns))
    frame = pl.DataFrame([row[: len(columns)] for row in texts], schema=dict.fromkeys(columns, pl.String), orient="row").lazy()
    notes = (f"only the sheet `{names[0]}` was read, the first of {len(names)}",) if len(names) > 1 else ()
    return _without_blank_rows(Sheet(path, frame.with_row_index(ROW, offset=2), columns, notes))


def _check_width(path: Path, texts: list[list[str | None]], width: int) -> None:
    faults = Faults()
    for number, row in enumerate(texts, 2):
        if any(row[width:]):
            faults.add([Problem("a cell stands to the right of the header", path.name, row=number, help="every column needs a name in the first row")])
    if faults.count:
        raise faults.refused()


def _as_text(cell: Any) -> str | None:
    """A workbook's cell in the words of a table: dates by year, whole numbers without a point."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat() if cell.time().isoformat() != "00:00:00" else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip() or None


def _without_blank_rows(sheet: Sheet) -> Sheet:
    """The rows of a table of texts where anything is written; the others are nobody, and noted. To look at the last column finds rows too long."""
    first, last = pl.col(sheet.columns[0]), pl.col(sheet.columns[-1])
    if not sheet.frame.select(_is_blank(first).any(), end=last.is_null().any()).collect(engine="streaming").item(0, 0):
        return sheet
    blank = pl.all_horizontal(_is_blank(pl.col(column)) for column in sheet.columns)
    count = sheet.frame.select(blank.sum()).collect(engine="streaming").item()
    notes = (*sheet.notes, f"{count} blank rows were left out") if count else sheet.notes
    return replace(sheet, frame=sheet.frame.filter(~blank), notes=notes)


def _is_blank(cell: pl.Expr) -> pl.Expr:
    return cell.is_null() | (cell.str.strip_chars() == "")


def words(column: str, kind: pl.DataType) -> pl.Expr | None:
    """A column in the words of a table of texts, whatever its type: whole numbers without a point. Nothing where a cell is not one value."""
    value = pl.col(column)
    if kind.is_float():
        whole = (value == value.round(0)) & (value.abs() < 1e15)
        return pl.when(whole).then(value.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(value.cast(pl.String))
    if kind.is_nested() or kind in (pl.Binary, pl.Object, pl.Duration):
        return None
    return value.cast(pl.String).str.strip_chars()


def suggested(column: str, known: Iterable[str]) -> str:
    """A known name near a column's, whatever its capitals."""
    names = list(known)
    return did_you_mean(column, names) or did_you_mean(column.lower().replace(" ", "_"), names)
