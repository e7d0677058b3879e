"""A workbook before it is opened: formulas are found in any spelling, and nothing is unpacked that is too large."""

from __future__ import annotations

import resource
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Run
from rightcall.law.problem import Refused
from rightcall.records import workbook
from rightcall.records.workbook import check_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
VALMORA = Path(__file__).parents[2] / "examples" / "packs" / "valmora"


def written(path: Path, sheet: str | bytes, target: str = "worksheets/sheet1.xml", more: dict[str, bytes] | None = None) -> Path:
    """A workbook of one sheet, as its parts."""
    kind = f"{RELS}/worksheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets><sheet name="people" sheetId="1" r:id="rId1"/></sheets></workbook>'
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships><Relationship Id="rId1" Type="{kind}" Target="{target}"/></Relationships>')
        archive.writestr(str(Path("/xl", target))[1:], sheet)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return path


def sheet(*rows: str, prefix: str = "", head: str = "") -> str:
    p = f"{prefix}:" if prefix else ""
    inside = "".join(rows) if not prefix else "".join(rows).replace("</", "<!").replace("<", f"<{p}").replace(f"<{p}!", f"</{p}")
    return f'{head}<{p}worksheet xmlns{":" + prefix if prefix else ""}="{MAIN}"><{p}sheetData>{inside}</{p}sheetData></{p}worksheet>'


PLAIN = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
FORMULA = '<row r="3"><c r="C3"><f>1+1</f><v>2</v></c></row>'


def refusal(path: Path) -> Refused:
    with pytest.raises(Refused) as caught:
        check_workbook(path)
    return caught.value


SPELLINGS: dict[str, str | bytes] = {
    "plain": sheet(PLAIN, FORMULA),
    "with a prefix": sheet(PLAIN, FORMULA, prefix="x"),
    "shared": sheet(PLAIN, '<row r="3"><c r="C3"><f t="shared" si="0"/><v>2</v></c></row>'),
    "empty": sheet(PLAIN, '<row r="3"><c r="C3"><f/><v>2</v></c></row>'),
    "without places": sheet("<row><c><v>1</v></c></row><row></row><row><c/><c/><c><f>1</f></c></row>"),
    "in single quotes": sheet(PLAIN, "<row r='3'><c r='C3'><f>1+1</f></c></row>"),
    "in UTF-16": sheet(PLAIN, FORMULA, head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
    "in Latin-1": sheet(PLAIN, FORMULA, head='<?xml version="1.0" encoding="iso-8859-1"?>').encode("latin-1"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_formula_is_refused_with_sheet_row_and_column(spelling: str, tmp_path: Path) -> None:
    (problem,) = refusal(written(tmp_path / "roll.xlsx", SPELLINGS[spelling])).problems
    assert (problem.message, problem.file, problem.row, problem.column) == ("the sheet `people` has a formula", "roll.xlsx", 3, "C")
    assert "paste them as values" in problem.help


def test_a_formula_of_a_real_workbook_is_refused_at_the_command_line(tmp_path: Path, run: Run) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "roll.xlsx")) as book:
        people = book.add_worksheet("people")
        people.write_row(0, 0, ["id", "person.birth_date"])
        people.write_row(1, 0, ["p1", "1990-01-01"])
        people.write_formula(2, 1, "=TODAY()", None, "1990-01-01")
    said = run("screen", tmp_path / "roll.xlsx", "--pack", VALMORA, "--on", "2024-04-01", "--out", tmp_path / "out")
    assert said.code == 2
    assert "roll.xlsx" in said.err
    assert "the sheet `people` has a formula" in said.err
    assert not (tmp_path / "out").exists()


def test_all_formulas_are_counted_and_the_first_are_told(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{row}"><c r="AB{row}"><f>1</f></c></row>' for row in range(1, 101))
    refused = refusal(written(tmp_path / "roll.xlsx", sheet(rows)))
    assert refused.count == 100
    assert len(refused.problems) == 20
    assert {problem.column for problem in refused.problems} == {"AB"}


@pytest.mark.parametrize("text", ["=1+1", "a formula &lt;f&gt;", "&lt;f/&gt;", "<![CDATA[<f>1</f>]]>"])
def test_text_that_looks_like_a_formula_is_text(text: str, tmp_path: Path) -> None:
    check_workbook(written(tmp_path / "roll.xlsx", sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>')))


def test_formulas_of_other_sheets_are_not_read(tmp_path: Path) -> None:
    check_workbook(written(tmp_path / "roll.xlsx", sheet(PLAIN), more={"xl/worksheets/sheet2.xml": sheet(FORMULA).encode()}))


@settings(max_examples=60)
@given(st.integers(1, 200), st.integers(1, 700), st.integers(0, 3), st.integers(1, 64))
def test_a_formula_is_found_wherever_the_stream_is_cut(row: int, column: int, blank: int, size: int) -> None:
    """What is seen at a glance and what is parsed agree, in pieces of any size."""
    letters = workbook._letters(column)
    assert workbook._number(letters) == column
    text = sheet(" " * blank + PLAIN, f'<row r="{row}"><c r="{letters}{row}" s="1"><f>1</f></c></row>').encode()
    for piece, has in ((text, True), (text.replace(b"<f>1</f>", b""), False)):
        glance, cells = workbook._Glance(), workbook._Cells()
        for start in range(0, len(piece), size):
            glance.see(piece[start : start + size])
            cells.read(piece[start : start + size])
        assert glance.is_plain is not has
        assert (cells.formulas, cells.found) == ((1, [(row, column)]) if has else (0, []))
        assert (cells.rows, cells.columns) == (max(row, 1), max(column, 2))
        assert has or (glance.rows, glance.columns) == (cells.rows, cells.columns)


# --- too large ----------------------------------------------------------------------------------------------------


def bomb(path: Path, size: int, says: int | None = None) -> Path:
    """A workbook with a part of zeros that says how large it is, or lies."""
    with zipfile.ZipFile(written(path, sheet(PLAIN)), "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive, archive.open("xl/a.xml", "w") as part:
        for _ in range(size >> 20):
            part.write(b"\0" * (1 << 20))
    return path if says is None else lied(path, size, says)


def lied(path: Path, size: int, says: int) -> Path:
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<L", size), struct.pack("<L", says)).replace(struct.pack("<Q", size), struct.pack("<Q", says)))
    return path


@pytest.mark.parametrize("says", [None, 100])
def test_a_zip_bomb_is_not_unpacked(says: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 64 << 20)
    path = bomb(tmp_path / "roll.xlsx", 96 << 20, says)
    assert path.stat().st_size < 1 << 20
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    message = str(refusal(path))
    assert "the workbook is too large" in message
    assert "save it as CSV" in message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10, "it was held"
    assert time.process_time() - begun < 5


def test_a_zip_bomb_at_the_command_line(tmp_path: Path, run: Run) -> None:
    said = run("screen", bomb(tmp_path / "bomb.xlsx", 520 << 20), "--pack", VALMORA, "--on", "2024-04-01", "--out", tmp_path / "out")
    assert said.code == 2
    assert "bomb.xlsx" in said.err
    assert "the workbook is too large: 520 MiB or more unpacked, and at most 512 are read" in said.err
    assert not (tmp_path / "out").exists()


def test_one_cell_far_away_does_not_make_a_table_of_billions(tmp_path: Path) -> None:
    path = written(tmp_path / "roll.xlsx", sheet(PLAIN, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    assert "spans 17,179,869,184 cells, and at most 50,000,000 are read" in str(refusal(path))


def test_a_thousand_parts_more_than_any_workbook_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_PARTS", 10)
    path = written(tmp_path / "roll.xlsx", sheet(PLAIN), more={f"xl/{number}.xml": b"" for number in range(10)})
    assert "too large" in str(refusal(path))


DAMAGED: dict[str, Callable[[Path], Any]] = {
    "a document type": lambda path: written(path, f'<!DOCTYPE x [<!ENTITY a "b">]>{sheet(PLAIN)}'),
    "no list of sheets": lambda path: written(path, sheet(PLAIN), target="other/sheet1.xml") and strip(path, "xl/workbook.xml"),
    "broken XML": lambda path: written(path, sheet(PLAIN, "<row r='1'><c r='A1'>", "</wrong>")),
    "a broken part": lambda path: path.write_bytes(written(path, sheet(PLAIN) * 50).read_bytes().replace(b"\xcb", b"\x00", 3)),
}


def strip(path: Path, name: str) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist() if part != name}
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


@pytest.mark.parametrize("how", ["a document type", "no list of sheets", "broken XML"])
def test_what_is_no_workbook_is_refused(how: str, tmp_path: Path) -> None:
    DAMAGED[how](tmp_path / "roll.xlsx")
    assert "this is not a workbook" in str(refusal(tmp_path / "roll.xlsx"))


def test_a_file_that_is_no_zip_is_left_to_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "roll.xlsx"
    path.write_bytes(b"id,name\n")
    check_workbook(path)
