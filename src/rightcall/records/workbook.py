"""A workbook as a file, before it is opened: what it really unpacks to, how far its cells reach, and whether they are values.

A workbook is a ZIP, and is unpacked in memory; a few bytes of it can become as much as one likes, and one cell far away makes a table of billions. So it is
streamed first, in bounded memory. A formula is refused: what its cell shows is what some program last made of it, and nobody knows when.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from rightcall.law.problem import SHOWN, Problem, Refused, refuse

MOST_UNPACKED = 512 << 20
"""Bytes. A sheet of a hundred thousand people is a fifth of it."""
MOST_PARTS = 10_000
MOST_CELLS = 50_000_000
"""Within the table that a sheet spans, empty ones too."""
_SMALL = 4 << 20
_CHUNK = 1 << 18
_HEAD = 30
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_UTF8 = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?!\?xml[^>]*encoding=(?![\"'](?i:utf-8)[\"']))(?!!)")
_FORMULA = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?f[\s/>]|<!")
_CELL_TAG = re.compile(rb"<c[\s/>]")
_PLACE = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"')
_LONGEST_TAG = 1 << 20
_CSV = "save it as CSV; a table needs no formats"


def check_workbook(path: Path) -> None:
    """Raises ``Refused`` where a workbook is too large to open, or its first sheet holds formulas. What is no ZIP is left to the reader."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            _check(path, archive, file)
    except (zipfile.BadZipFile, zlib.error, struct.error, expat.ExpatError, ElementTree.ParseError, UnicodeError, KeyError, NotImplementedError) as error:
        if zipfile.is_zipfile(path):
            raise refuse(f"this is not a workbook: {_first_line(error)}", path, "save it as .xlsx, without a password") from None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "it is damaged")


def _check(path: Path, archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    parts = archive.infolist()
    declared = sum(part.file_size for part in parts)
    if declared > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise _too_large(path, declared)
    name, sheet = _first_sheet(archive)
    left, glance = MOST_UNPACKED, _Glance()
    for part in parts:
        for chunk in _unpacked(file, part):
            left -= len(chunk)
            if left < 0:
                raise _too_large(path, MOST_UNPACKED)
            if part.filename == sheet:
                glance.see(chunk)
    if not glance.is_plain:
        _check_cells(path, name, _unpacked(file, archive.getinfo(sheet)))


def _check_cells(path: Path, name: str, sheet: Iterator[bytes]) -> None:
    cells = _Cells()
    for chunk in sheet:
        cells.read(chunk)
    if cells.area > MOST_CELLS:
        raise refuse(f"the sheet `{name}` spans {cells.area:,} cells, and at most {MOST_CELLS:,} are read", path, f"delete what stands far away, or {_CSV}")
    if cells.formulas:
        raise Refused(list(cells.problems(path, name)), cells.formulas)


def _too_large(path: Path, size: int) -> Refused:
    return refuse(
        f"the workbook is too large: {max(size, MOST_UNPACKED) >> 20:,} MiB or more unpacked, and at most {MOST_UNPACKED >> 20:,} are read", path, _CSV
    )


def _unpacked(file: IO[bytes], part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a part really becomes, whatever it says of its size."""
    file.seek(part.header_offset)
    file.seek(sum(struct.unpack("<HH", file.read(_HEAD)[-4:])), 1)
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or part.flag_bits & 1:
        raise NotImplementedError("a part is encrypted, or packed in a way that is not read")
    unpacking, left = zlib.decompressobj(-zlib.MAX_WBITS), part.compress_size
    while left and (packed := file.read(min(_CHUNK, left))):
        left -= len(packed)
        if part.compress_type == zipfile.ZIP_STORED:
            yield packed
            continue
        while packed:
            yield unpacking.decompress(packed, _CHUNK)
            packed = unpacking.unconsumed_tail


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, str]:
    """The name of the first worksheet, and its part."""
    targets = {
        found.get("Id"): found.get("Target", "") for found in _elements(archive, "xl/_rels/workbook.xml.rels") if found.get("Type", "").endswith("/worksheet")
    }
    for found in _elements(archive, "xl/workbook.xml"):
        ids = [value for name, value in found.items() if name.endswith("}id")]
        if found.tag.endswith("}sheet") and ids and ids[0] in targets:
            return found.get("name", ""), str(PurePosixPath("/xl", targets[ids[0]]))[1:]
    raise KeyError("it has no sheet")


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[ElementTree.Element]:
    """The elements of a small part. INVARIANT: it declares no entities, which could grow without bound."""
    with archive.open(name) as part:
        text = part.read(_SMALL)
    if b"<!DOCTYPE" in text or len(text) == _SMALL:
        raise zipfile.BadZipFile("its list of sheets is none")
    return ElementTree.fromstring(text).iter()  # noqa: S314 - nothing is declared in it, and it is small


@dataclass(slots=True)
class _Glance:
    """A sheet as it streams by, looked at as bytes. INVARIANT: what is plain has no formula and is no larger than may be; what is not is parsed."""

    cells: int = 0
    placed: int = 0
    rows: int = 0
    columns: int = 0
    odd: bool = False
    rest: bytes | None = None

    def see(self, chunk: bytes) -> None:
        if self.rest is None:
            self.odd = not _UTF8.match(chunk)
        text = (self.rest or b"") + chunk
        last = text.rfind(b"<")
        whole, self.rest = (text[:last], text[last:]) if last >= 0 else (b"", text)
        self._count(whole)
        self.odd |= len(self.rest) > _LONGEST_TAG

    def _count(self, whole: bytes) -> None:
        self.odd |= _FORMULA.search(whole) is not None
        self.cells += len(_CELL_TAG.findall(whole))
        placed = _PLACE.findall(whole)
        self.placed += len(placed)
        if placed:
            columns, rows = (set(each) for each in zip(*placed, strict=True))
            self.columns = max(self.columns, *(_number(letters.decode()) for letters in columns))
            self.rows = max(self.rows, *map(int, rows))

    @property
    def is_plain(self) -> bool:
        return not self.odd and self.cells == self.placed and self.rows * self.columns <= MOST_CELLS


@dataclass(slots=True)
class _Cells:
    """A sheet as it streams by, parsed: how far it reaches, and where formulas stand."""

    row: int = 0
    column: int = 0
    rows: int = 0
    columns: int = 0
    formulas: int = 0
    found: list[tuple[int, int]] = field(default_factory=list)
    parser: Any = None

    def read(self, chunk: bytes) -> None:
        if self.parser is None:
            self.parser = expat.ParserCreate()
            self.parser.StartElementHandler = self._begin
            self.parser.StartDoctypeDeclHandler = self._declared
        self.parser.Parse(chunk, False)

    @property
    def area(self) -> int:
        return self.rows * self.columns

    def _declared(self, *_: object) -> None:
        raise zipfile.BadZipFile("a sheet declares a document type")

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._cell(attributes.get("r", ""))
        elif name == "row":
            number = attributes.get("r", "")
            self.row, self.column = int(number) if number.isdecimal() else self.row + 1, 0
        elif name == "f":
            self.formulas += 1
            if len(self.found) < SHOWN:
                self.found.append((self.row, self.column))

    def _cell(self, place: str) -> None:
        """Where no place is written, a cell stands right of the one before."""
        written = _CELL.fullmatch(place)
        if written:
            self.column, self.row = _number(written[1]), int(written[2])
        else:
            self.column += 1
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)

    def problems(self, path: Path, name: str) -> Iterator[Problem]:
        for row, column in self.found:
            yield Problem(f"the sheet `{name}` has a formula", path.name, None, _letters(column), "copy the cells, and paste them as values", row)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(65 + place) + letters
    return letters
