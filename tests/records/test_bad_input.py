"""Bad input, as a hard-to-please user would give it: refused with file, row, column and remedy, all at once; or read and noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from tables import Table, law, write_csv, write_parquet, write_xlsx

from rightcall.law.problem import Problem, Refused
from rightcall.law.value import FOREVER
from rightcall.records.roll import Roll, read_roll
from rightcall.records.row import person_of

Writer = Callable[[Path, Table], Path]
TABLES: Mapping[str, tuple[str, Writer, int]] = {
    "csv": ("roll.csv", write_csv, 2),
    "csv, semicolons": ("roll.csv", lambda path, table: write_csv(path, table, ";"), 2),
    "tsv": ("roll.tsv", lambda path, table: write_csv(path, table, "\t"), 2),
    "xlsx": ("roll.xlsx", write_xlsx, 2),
    "parquet": ("roll.parquet", write_parquet, 1),
}
"""File, writer, and the number of the first row of people in the file: a header is row 1, Parquet has none."""


def read(path: Path, encoding: str = "utf-8") -> Roll:
    work = path.parent / ".work"
    work.mkdir(exist_ok=True)
    return read_roll(path, law(), work, encoding)


def refusal(path: Path, encoding: str = "utf-8") -> Refused:
    with pytest.raises(Refused) as refused:
        read(path, encoding)
    return refused.value


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- cells, in every kind of table --------------------------------------------------------------------------------

CELLS = [
    ("person.birth_date", "31.02.2022", "is not a date: `31.02.2022`", "write year-month-day"),
    ("person.birth_date", "09/25/2022", "is not a date: `09/25/2022`", "as in 2022-09-25"),
    ("person.birth_date", "1066-10-14", "is a date in living memory", "years 1850 to 2149"),
    ("person.birth_date", "none", "cannot be none", "leave it out"),
    ("person.birth_date", "1972..1971", "wrong way round: 1972..1971", "first"),
    ("person.alive", "ja", "is true or false, not `ja`", "leave the cell empty"),
    ("person.sex", "male", "is never `male`", "it is M, F"),
    ("military.rank_group", "junior_oficer", "is never `junior_oficer`", "did you mean `junior_officer`?"),
    ("military.reserve_class", "2.5", "is an integer, not `2.5`", ""),
    ("military.reserve_class", "9999999", "is too large", ""),
]


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(("column", "cell", "message", "help"), CELLS)
def test_a_wrong_cell_is_named_by_file_row_and_column(form: str, column: str, cell: str, message: str, help: str, tmp_path: Path) -> None:
    name, write, first = TABLES[form]
    path = write(tmp_path / name, [{"id": "p1", column: ""}, {"id": "p2", column: cell}, {"id": "p3", column: ""}])
    refused = refusal(path)
    assert refused.count == 1
    (problem,) = refused.problems
    assert (problem.file, problem.row, problem.line, problem.column) == (name, first + 1, None, column)
    assert message in problem.message
    assert help in problem.help
    assert str(problem).startswith(f"{name}, row {first + 1}, column `{column}`: ")


@pytest.mark.parametrize("form", TABLES)
def test_all_faults_are_told_at_once_in_the_order_of_rows(form: str, tmp_path: Path) -> None:
    name, write, first = TABLES[form]
    table = [{"id": f"p{n}", "person.alive": "perhaps", "person.sex": "x", "persn.sex": "M"} for n in range(30)]
    table[4]["id"], table[7]["id"] = "", "p0"
    refused = refusal(write(tmp_path / name, table))
    assert refused.count == 1 + 30 + 30 + 1 + 2
    shown = refused.problems[:20]
    assert shown[0].message == "unknown column `persn.sex`"
    assert shown[0].help == "did you mean `person.sex`?"
    assert [problem.row for problem in shown[1:]] == sorted(problem.row for problem in shown[1:])
    assert {problem.column for problem in shown if problem.row == first} == {"person.alive", "person.sex", "id"}
    assert any(problem.message == "the person has no id" and problem.row == first + 4 for problem in shown)
    assert str(refused).endswith("... and 44 more; 64 in all")
    assert str(refused).count(f"{name}, ") == 20


# --- columns ------------------------------------------------------------------------------------------------------

COLUMNS = [
    ({"person.birthdate": "1990-01-01"}, "unknown column `person.birthdate`", "did you mean `person.birth_date`?"),
    ({"Person.Sex": "M"}, "unknown column `Person.Sex`", "did you mean `person.sex`?"),
    ({"qqqq": "1"}, "unknown column `qqqq`", "rightcall pack show"),
    ({"children": "2"}, "`children` is a list", "people.csv and children.csv"),
    ({"person.birth_date.min": "1990"}, "`person.birth_date.min` needs its other end beside it", "both .min and .max"),
    ({"person.birth_date.max": "1990"}, "`person.birth_date.max` needs its other end beside it", "both .min and .max"),
    ({"person.sex.min": "M", "person.sex.max": "M"}, "unknown column `person.sex.min`", ""),
    ({"person.birth_date": "", "person.birth_date.min": "", "person.birth_date.max": ""}, "as one value and as bounds", "keep"),
    ({"person.alive.none": "true"}, "`person.alive` cannot be none", "leave the column out"),
    ({"~row": "1"}, "the name `~row` is taken", "otherwise"),
]


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(("columns", "message", "help"), COLUMNS, ids=lambda value: str(value)[:40])
def test_a_wrong_column_is_named(form: str, columns: dict[str, str], message: str, help: str, tmp_path: Path) -> None:
    name, write, _ = TABLES[form]
    refused = refusal(write(tmp_path / name, [{"id": "p1", **columns}]))
    assert message in refused.problems[0].message
    assert help in refused.problems[0].help


@pytest.mark.parametrize("form", TABLES)
def test_bounds_in_two_columns_and_none_in_a_third(form: str, tmp_path: Path) -> None:
    name, write, first = TABLES[form]
    columns = ("id", "person.birth_date.min", "person.birth_date.max", "health.disability_group", "health.disability_group.none")
    columns += ("study.until", "study.until.none")
    rows = [("p1", "1971", "1972", "2", "", "2022-10-10", ""), ("p2", "1971", "", "", "true", "", "true"), ("p3", "", "", "none", "", "", "false")]
    table = [dict(zip(columns, row, strict=True)) for row in rows]
    roll = read(write(tmp_path / name, table))
    people = [person_of(roll, id, law().vocabulary).facts for id in ("p1", "p2", "p3")]
    assert [len(facts) for facts in people] == [3, 3, 1]
    misplaced = [{"id": "p1", "health.disability_group.min": "none", "health.disability_group.max": "2"}]
    assert "`health.disability_group` cannot be none" in str(refusal(write(tmp_path / name, misplaced)))
    never = [{"id": "p1", "study.until.min": "2022-10-10", "study.until.max": "none"}]
    assert person_of(read(write(tmp_path / name, never)), "p1", law().vocabulary).facts["study.until"] == (19275, FOREVER, False)
    table[1] |= {"health.disability_group": "1"}
    table[2] |= {"person.birth_date.min": "1973", "person.birth_date.max": "1972"}
    refused = refusal(write(tmp_path / name, table))
    assert [(problem.row, problem.column) for problem in refused.problems] == [
        (first + 1, "health.disability_group.none"),
        (first + 2, "person.birth_date.min"),
    ]


# --- who ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", TABLES)
def test_ids_that_are_missing_or_double(form: str, tmp_path: Path) -> None:
    name, write, first = TABLES[form]
    table = [{"id": id, "person.sex": "M"} for id in ("b", "a", "", " b ", "c", "  ")]
    refused = refusal(write(tmp_path / name, table))
    assert [(problem.row, problem.column, problem.message) for problem in refused.problems] == [
        (first, "id", "the id `b` is there more than once"),
        (first + 2, "id", "the person has no id"),
        (first + 3, "id", "the id `b` is there more than once"),
        (first + 5, "id", "the person has no id"),
    ]


@pytest.mark.parametrize("ids", [("a", "", "a"), ("", "a", "a"), ("a", "a", ""), ("a", "b", "a"), ("a", "a")])
def test_a_missing_id_does_not_hide_a_double_one(ids: tuple[str, ...], tmp_path: Path) -> None:
    refused = refusal(write_csv(tmp_path / "roll.csv", [{"id": id, "person.sex": "M"} for id in ids]))
    assert sum("more than once" in problem.message for problem in refused.problems) == 2


def test_a_roll_without_ids(tmp_path: Path) -> None:
    refused = refusal(write_csv(tmp_path / "roll.csv", [{"ID": "1", "person.sex": "x"}]))
    assert [problem.message for problem in refused.problems] == [
        "the roll has no column `id`",
        "unknown column `ID`",
        "`person.sex` is never `x`",
    ]
    assert refused.problems[0].help == "did you mean `id`?"


def test_ids_may_be_numbers(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "roll.xlsx", [{"id": 1, "person.sex": "M"}, {"id": 2.0, "person.sex": "M"}, {"id": 77123456789, "person.sex": "F"}])
    pl.DataFrame({"id": [1.0, 2.0, 77123456789.0], "person.sex": ["M", "M", "F"]}).write_parquet(tmp_path / "roll.parquet")
    for suffix in ("xlsx", "parquet"):
        assert read(tmp_path / f"roll.{suffix}").people.collect()["id"].to_list() == ["1", "2", "77123456789"]


# --- texts: encodings, separators, quotation marks ----------------------------------------------------------------

FILES: list[tuple[str, str | bytes, int | None, str, str]] = [
    ("roll.csv", "", None, "the file is empty", "a header and one row for each person"),
    ("roll.csv", "\n\n", None, "the first row is empty", "names the columns"),
    ("roll.csv", "\ufeff", None, "the first row is empty", "names the columns"),
    ("roll.csv", "id,person.sex\n", None, "the roll has no people", "one row for each person"),
    ("roll.csv", "id,person.sex\n,\n  ,\n\n", None, "the roll has no people", "one row for each person"),
    ("roll.csv", "id,person.sex,person.sex\np1,M,M\n", None, "the column `person.sex` is there twice", ""),
    ("roll.csv", "id,,person.sex\np1,,M\n", None, "column 2 has no name", "first row names"),
    ("roll.csv", "id,callup.region\np1,a\np2,Шуя\n".encode("cp1251"), 3, "the file is not UTF-8", "--encoding cp1251"),
    ("roll.csv", "id,callup.region\np1,Шуя\n".encode("utf-16"), None, "the file is not UTF-8", "--encoding utf-16"),
    ("roll.csv", "id,person.sex\np1,M\np2,M,x\np3,F\n", 3, "the row has 3 cells, the header 2", "quote cells"),
    ("roll.csv", "id,person.sex\np1,M\np2\np3,F\n", 3, "the row has 1 cells, the header 2", "keeps its separator"),
    ("roll.csv", "id,person.sex\np1,M,x\np2\n", 2, "the row has 3 cells, the header 2", ""),
    ("roll.csv", 'id,note,person.sex\np1,"a\nb",M\np2,"c,M\np3,d,F\n', 3, "the quotation marks of the row do not fit", "written twice"),
    ("roll.csv", 'id,note,person.sex\np1,"a"b,M\n', 2, "the quotation marks of the row do not fit", "written twice"),
    ("roll.csv", b"PK\x03\x04 and so on", None, "this is a workbook or an archive", ".xlsx"),
    ("roll.xlsx", "id,person.sex\np1,M\n", None, "this is not a workbook", "save it as .xlsx"),
    ("roll.xlsx", b"PK\x03\x04 and so on", None, "this is not a workbook", ""),
    ("roll.xlsx", "", None, "the file is empty", ""),
    ("roll.parquet", "id,person.sex\np1,M\n", None, "the file cannot be read", ""),
    ("roll.parquet", "", None, "the file is empty", ""),
    ("roll.ods", "x", None, "`.ods` files are not read", "known are .csv"),
    ("roll", "x", None, "`` files are not read", "known are .csv"),
    ("roll.json", "", None, "this is not JSON", ""),
    ("roll.json", "[]", None, "the file holds no records", "an `id` and `facts`"),
    ("roll.json", '{"people": 3}', None, "the file holds no records", ""),
    ("roll.json", '[{"id": 1', None, "this is not JSON", ""),
    ("roll.json", '[{"id": 1, "id": 2}]', None, "the key `id` is there twice in one object", ""),
    ("roll.json", "[" * 100_000, None, "nested too deeply", ""),
    ("roll.yaml", "", None, "the file holds no records", ""),
    ("roll.yaml", "- id: p1\n  facts: [", None, "this is not YAML", ""),
    ("roll.yaml", "- id: Шуя\n".encode("cp1251"), None, "the file is not UTF-8", "save it as UTF-8"),
]


@pytest.mark.parametrize(("name", "content", "row", "message", "help"), FILES, ids=lambda value: str(value)[:30])
def test_a_file_that_is_wrong_as_a_file(name: str, content: str | bytes, row: int | None, message: str, help: str, tmp_path: Path) -> None:
    problem = refusal(text(tmp_path / name, content)).problems[0]
    assert Path(problem.file).name == name
    assert problem.row == row
    assert message in problem.message
    assert help in problem.help


ENCODINGS = [
    ("cp1251", "Шуя", "cp1251", None),
    ("koi8-u", "Київ", "koi8-u", None),
    ("utf-16", "Шуя", "utf-16", "byte-order mark"),
    ("utf-8-sig", "Шуя", "utf-8", "byte-order mark"),
    ("utf-8", "Шуя", "UTF_8", None),
]


@pytest.mark.parametrize(("written", "region", "named", "note"), ENCODINGS)
def test_encodings_that_are_named_are_read(written: str, region: str, named: str, note: str | None, tmp_path: Path) -> None:
    roll = read(text(tmp_path / "roll.csv", f"id,callup.region\np1,{region}\n".encode(written)), named)
    assert roll.people.collect()["callup.region"].to_list() == [region]
    assert any(note in said for said in roll.notes) if note else not roll.notes


ENCODINGS_REFUSED = [
    (b"id\np1\n", "nonsense", "there is no encoding `nonsense`"),
    (b"id\np1\n", "rot13", "there is no encoding `rot13`"),
    (b"id\np1\n", "a\0b", "there is no encoding"),
    (b"id\np1\n", "utf-16", "the file is not UTF-16"),
    (b"id\n\x98\n", "cp1251", "the file is not CP1251"),
    (b"\xef\xbb\xbfid\np1\n", "cp1251", "the file says that it is UTF-8"),
]


@pytest.mark.parametrize(("content", "encoding", "message"), ENCODINGS_REFUSED)
def test_encodings_that_do_not_fit_are_refused(content: bytes, encoding: str, message: str, tmp_path: Path) -> None:
    assert message in refusal(text(tmp_path / "roll.csv", content), encoding).problems[0].message


def test_a_bad_byte_far_down_is_found(tmp_path: Path) -> None:
    rows = b"".join(b"p%d,M\n" % number for number in range(100_000))
    problem = refusal(text(tmp_path / "roll.csv", b"id,person.sex\n" + rows + b"p,\xcc\n")).problems[0]
    assert (problem.row, problem.message) == (100_002, "the file is not UTF-8")


READ_ANYWAY = [
    ("roll.CSV", "id,person.sex\np1,M\n", ["p1"]),
    ("roll[1]*?.csv", "id,person.sex\np1,M\n", ["p1"]),
    ("roll.csv", "id,person.sex\np1,M", ["p1"]),
    ("roll.csv", "id,person.sex\r\np1,M\r\n\r\n", ["p1"]),
    ("roll.csv", "id,person.sex\rp1,M\rp2,F\r", ["p1", "p2"]),
    ("roll.csv", " id , person.sex \np1 , M \n", ["p1"]),
    ("roll.csv", 'id,note,person.sex\np1,OOO "Romashka",M\np2,"x\ny",F\n', ["p1", "p2"]),
    ("roll.csv", '"id","note, too","person.sex"\n"p1","a ""b"" c","M"\n', ["p1"]),
    ("roll.csv", '"id","note\nof two rows","person.sex"\n"p1","","M"\n', ["p1"]),
    ("roll.csv", 'id,note,person.sex\np1,5" wide,M\np2,a"b"c",F\n', ["p1", "p2"]),
    ("roll.csv", "id\np1\np2\n", ["p1", "p2"]),
    ("roll.csv", "id\n#1\n=1+1\n", ["#1", "=1+1"]),
]


@pytest.mark.parametrize(("name", "content", "ids"), READ_ANYWAY, ids=lambda value: str(value)[:40])
def test_what_is_unambiguous_is_read(name: str, content: str, ids: list[str], tmp_path: Path) -> None:
    assert read(text(tmp_path / name, content)).people.collect()["id"].to_list() == ids


@pytest.mark.parametrize("form", ["csv", "csv, semicolons", "tsv", "xlsx"])
def test_blank_rows_are_nobody_and_count_as_rows(form: str, tmp_path: Path) -> None:
    name, write, _ = TABLES[form]
    blank = {"id": "", "person.sex": ""}
    rows = [{"id": "p1", "person.sex": "M"}, blank, {"id": "p2", "person.sex": "M"}, blank]
    roll = read(write(tmp_path / name, rows))
    assert roll.people.select("~row", "id").collect().rows() == [(2, "p1"), (4, "p2")]
    assert any("blank rows were left out" in note for note in roll.notes)
    refused = refusal(write(tmp_path / name, [*rows, {"id": "p3", "person.sex": "x"}]))
    assert [problem.row for problem in refused.problems] == [6]


def test_dates_with_points_are_noted(tmp_path: Path) -> None:
    assert read(write_csv(tmp_path / "roll.csv", [{"id": "p1", "person.birth_date": "25.09.1990"}])).notes == (
        "roll.csv: `person.birth_date` has dates written day.month.year",
    )
    assert not read(write_csv(tmp_path / "roll.csv", [{"id": "p1", "person.birth_date": "1990-09-25"}])).notes


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    refused = refusal(write_csv(tmp_path / "roll.csv", [{"id": "p1", "person.sex": "\x1b[2J", "\x1b]0;x\x07": "1"}]))
    assert "\x1b" not in str(refused)
    assert "\\x1b[2J" in str(refused)


def test_a_cell_of_a_megabyte_is_not_repeated(tmp_path: Path) -> None:
    refused = refusal(write_csv(tmp_path / "roll.csv", [{"id": "p1", "person.alive": "x" * 1_000_000, "note": '"'}]))
    assert len(str(refused)) < 500


# --- workbooks and Parquet ----------------------------------------------------------------------------------------


def workbook(path: Path, fill: Callable[[Any, Any], None], sheets: int = 1) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        fill(book.add_worksheet("people"), book)
        for number in range(1, sheets):
            book.add_worksheet(f"other {number}")
    return path


def test_a_workbook_with_nothing_in_it(tmp_path: Path) -> None:
    assert "the first sheet is empty" in str(refusal(workbook(tmp_path / "roll.xlsx", lambda sheet, book: None)))


def test_a_workbook_that_begins_further_down(tmp_path: Path) -> None:
    path = workbook(tmp_path / "roll.xlsx", lambda sheet, book: sheet.write_row(3, 0, ["id", "person.sex"]))
    assert "the first row is empty" in str(refusal(path))


def test_cells_beside_the_header_are_not_lost(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, ["id", "person.sex"])
        sheet.write_row(1, 0, ["p1", "M", None, "a remark"])

    problem = refusal(workbook(tmp_path / "roll.xlsx", fill)).problems[0]
    assert (problem.row, problem.message) == (2, "a cell stands to the right of the header")


def test_the_sheets_that_were_not_read_are_noted(tmp_path: Path) -> None:
    path = workbook(tmp_path / "roll.xlsx", lambda sheet, book: [sheet.write_row(n, 0, row) for n, row in enumerate((["id"], ["p1"]))], sheets=3)
    assert read(path).notes == ("roll.xlsx: only the sheet `people` was read, the first of 3",)


def test_numbers_dates_and_truths_of_a_workbook(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, ["id", "person.birth_date", "military.reserve_class", "person.alive"])
        sheet.write_string(1, 0, "p1"), sheet.write_datetime(1, 1, datetime(1990, 9, 25, 13, 30), book.add_format({"num_format": "dd.mm.yyyy"}))
        sheet.write_string(1, 2, "2"), sheet.write_boolean(1, 3, True)
        sheet.write_string(2, 0, "p2"), sheet.write_string(2, 1, "25.09.1990"), sheet.write_number(2, 2, 2), sheet.write_number(2, 3, 1)
        sheet.write_number(3, 0, 3), sheet.write_number(3, 1, 1990), sheet.write_number(3, 2, 2.0), sheet.write_string(3, 3, "TRUE")

    roll = read(workbook(tmp_path / "roll.xlsx", fill))
    first, second, third = (person_of(roll, id, law().vocabulary).facts for id in ("p1", "p2", "3"))
    assert first == second
    assert {**first, "person.birth_date": None} == {**third, "person.birth_date": None}


TYPED = [
    ("military.reserve_class", pl.Series([1.0, None, 3.0]), None),
    ("military.reserve_class", pl.Series([1, None, 3], dtype=pl.UInt8), None),
    ("military.reserve_class", pl.Series([Decimal("1.00"), None, Decimal("3.00")]), None),
    ("military.reserve_class", pl.Series([1.0, 2.5, float("nan")]), "is an integer, not `2.5`"),
    ("military.reserve_class", pl.Series([1, -(2**63), 2**63 - 1]), "is too large: -9223372036854775808"),
    ("military.reserve_class", pl.Series([1, 2**64 - 1, 3], dtype=pl.UInt64), "is too large"),
    ("military.reserve_class", pl.Series([1, 2, 3]).cast(pl.Duration), "holds Duration"),
    ("military.reserve_class", pl.Series([None, None, None]), None),
    ("person.alive", pl.Series([1, 0, None]), None),
    ("person.alive", pl.Series([1.0, 0.0, None]), None),
    ("person.alive", pl.Series([1, 2, None]), "is true or false, not `2`"),
    ("person.birth_date", pl.Series([date(1990, 1, 1), None, None]), None),
    ("person.birth_date", pl.Series([datetime(1990, 1, 1, 23, 59), None, None]).dt.replace_time_zone("Asia/Vladivostok"), None),
    ("person.birth_date", pl.Series([1990, 1991, None]), None),
    ("person.birth_date", pl.Series([date(1990, 1, 1), date(202, 9, 25), None]), "in living memory"),
    ("person.birth_date", pl.Series([date(1990, 1, 1), date(9999, 9, 25), None]), "in living memory"),
    ("person.birth_date", pl.Series([19900101, None, None]), "is not a date: `19900101`"),
    ("person.birth_date", pl.Series([True, None, None]), "is not a date: `true`"),
    ("person.birth_date", pl.Series([[1990], None, None]), "holds List(Int64), not a date"),
    ("person.sex", pl.Series(["M", "F", None], dtype=pl.Categorical), None),
    ("person.sex", pl.Series(["M", "F", None], dtype=pl.Enum(["F", "M"])), None),
    ("person.sex", pl.Series([1, 2, None]), "is never `1`"),
    ("person.sex", pl.Series([b"M", None, None]), "holds Binary, not text"),
    ("callup.region", pl.Series([77, 78, None]), None),
    ("region", pl.Series([{"a": 1}, None, None]), "`region` holds Struct"),
    ("id", pl.Series([[1], [2], [3]]), "`id` holds List(Int64), not text"),
]


@pytest.mark.parametrize(("column", "series", "message"), TYPED, ids=str)
def test_columns_with_a_type_of_their_own(column: str, series: pl.Series, message: str | None, tmp_path: Path) -> None:
    columns = {"id": pl.Series(["p1", "p2", "p3"]), column: series}
    pl.DataFrame(columns).write_parquet(tmp_path / "roll.parquet")
    if message:
        assert any(message in problem.message and problem.column == column for problem in refusal(tmp_path / "roll.parquet").problems)
    else:
        read(tmp_path / "roll.parquet").people.collect()


def test_the_day_of_a_time_with_a_zone_is_the_local_day(tmp_path: Path) -> None:
    times = pl.Series([datetime(1990, 1, 1, 0, 30)]).dt.replace_time_zone("Asia/Vladivostok")
    pl.DataFrame({"id": ["p1"], "person.birth_date": times}).write_parquet(tmp_path / "roll.parquet")
    assert read(tmp_path / "roll.parquet").people.collect()["person.birth_date"].to_list() == [(date(1990, 1, 1) - date(1970, 1, 1)).days]


@pytest.mark.parametrize("kept", [100, 2_000, -8])
def test_a_parquet_file_that_was_cut(kept: int, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "roll.parquet", [{"id": f"p{n}", "person.sex": "M"} for n in range(5_000)])
    text(path, path.read_bytes()[:kept])
    assert "the file cannot be read" in str(refusal(path))


# --- folders ------------------------------------------------------------------------------------------------------


def folder(path: Path, files: Mapping[str, str | bytes]) -> Path:
    path.mkdir()
    for name, content in files.items():
        text(path / name, content)
    return path


PEOPLE = "id,person.sex\np1,M\np2,F\n"
FOLDERS: list[tuple[dict[str, str | bytes], list[tuple[str, int | None, str]]]] = [
    ({}, [("town", None, "the folder has no `people` file")]),
    ({"persons.csv": PEOPLE}, [("persons.csv", None, "`persons` is not a list of the law"), ("town", None, "the folder has no `people` file")]),
    ({"people.csv": PEOPLE, "childs.csv": "id\n"}, [("childs.csv", None, "`childs` is not a list of the law")]),
    ({"people.csv": PEOPLE, "people.tsv": PEOPLE}, [("people.tsv", None, "there are two files for `people`")]),
    ({"people.csv": PEOPLE, "children.json": "[]"}, [("children.json", None, "`.json` files are not read")]),
    ({"people.csv": PEOPLE, "children.csv": ""}, [("children.csv", None, "the file is empty")]),
    ({"people.csv": PEOPLE, "children.csv": "birth_date\n2010-01-01\n"}, [("children.csv", None, "the list has no column `id`")]),
    ({"people.csv": PEOPLE, "children.csv": "id,birthdate\np1,2010-01-01\n"}, [("children.csv", None, "unknown column `birthdate`")]),
    ({"people.csv": PEOPLE, "children.csv": "id,birth_date,children.birth_date\np1,,\n"}, [("children.csv", None, "is there twice")]),
    (
        {"people.csv": "id,person.sex\np1,x\np1,F\n", "children.csv": "person,birth_date\np1,x\np9,2010-01-01\n,2010-01-01\n"},
        [
            ("people.csv", 2, "`person.sex` is never `x`"),
            ("people.csv", 2, "the id `p1` is there more than once"),
            ("people.csv", 3, "the id `p1` is there more than once"),
            ("children.csv", 2, "`children[].birth_date` is not a date: `x`"),
            ("children.csv", 3, "the row is for `p9`, who is not on the roll"),
            ("children.csv", 4, "the row does not say whose it is"),
        ],
    ),
    (
        {"people.csv": b"id,note\np1,\xcc\n", "children.csv": b"id,birth_date\np1\n", "wards.csv": b""},
        [
            ("people.csv", 2, "the file is not UTF-8"),
            ("children.csv", 2, "the row has 1 cells, the header 2"),
            ("wards.csv", None, "the file is empty"),
        ],
    ),
]


@pytest.mark.parametrize(("files", "wanted"), FOLDERS, ids=lambda value: str(value)[:50])
def test_all_faults_of_all_files_of_a_folder(files: dict[str, str | bytes], wanted: list[tuple[str, int | None, str]], tmp_path: Path) -> None:
    refused = refusal(folder(tmp_path / "town", files))
    assert refused.count == len(wanted)
    for problem, (name, row, message) in zip(refused.problems, wanted, strict=True):
        assert (Path(problem.file).name, problem.row) == (name, row)
        assert message in problem.message


def test_the_column_of_a_row_for_nobody_is_the_one_in_the_file(tmp_path: Path) -> None:
    files = {"people.csv": PEOPLE, "children.csv": "person_id,birth_date\np9,2010-01-01\n"}
    assert refusal(folder(tmp_path / "town", files)).problems[0].column == "person_id"


def test_what_is_not_ours_in_a_folder_is_left_alone(tmp_path: Path) -> None:
    files = {"people.csv": PEOPLE, ".~lock.people.csv#": "x", "~$people.xlsx": "x", "._people.csv": "x", "README.txt": "x", "children.csv": "id,birth_date\n"}
    roll = read(folder(tmp_path / "town", files))
    assert roll.count == 2
    assert roll.notes == ("README.txt was not read",)
    assert roll.lists["children"].collect().is_empty()


def test_a_person_without_rows_and_a_list_of_which_nobody_said_that_it_is_complete(tmp_path: Path) -> None:
    files = {"people.csv": "id,children.complete\np1,true\np2,\np3,false\n", "children.csv": "id,birth_date\np2,2010-01-01\n"}
    roll = read(folder(tmp_path / "town", files))
    found = {id: person_of(roll, id, law().vocabulary).lists["children"] for id in ("p1", "p2", "p3")}
    assert {id: (len(rows.rows), rows.complete) for id, rows in found.items()} == {"p1": (0, True), "p2": (1, None), "p3": (0, False)}


# --- records ------------------------------------------------------------------------------------------------------

RECORDS = [
    ("- 5", "record 1: the record is not a table of facts"),
    ("- facts: {}", "record 1, column `id`: the person has no id"),
    ("- {id: [1], facts: {}}", "record 1, column `id`: the person has no id"),
    ("- {id: true, facts: {}}", "record 1, column `id`: the person has no id"),
    ("- {id: p1, facts: 3}", "record 1 (`p1`), column `facts`: `facts` is not a table of facts"),
    ("- {id: p1}\n- {id: p1}", "record 2 (`p1`), column `id`: the id is there more than once"),
    ("- {id: p1, expected: 3}", "record 1 (`p1`), column `expected`: `expected` is not a table"),
    ("- {id: p1, facts: {person.sex: male}}", "record 1 (`p1`), column `person.sex`: `person.sex` is never `male`"),
    ("- {id: p1, facts: {person.sex: no}}", "`person.sex` is never `no`"),
    ("- {id: p1, facts: {person: {sxe: M}}}", "unknown fact `person.sxe`\n    help: did you mean `person.sex`?"),
    ("- {id: p1, facts: {person.alive: 'yes'}}", "`person.alive` is true or false, not `yes`"),
    ("- {id: p1, facts: {person.birth_date: 31.02.2022}}", "is not a date: `31.02.2022`"),
    ("- {id: p1, facts: {person.birth_date: [2022-01-01]}}", "bounds of `person.birth_date` are [min, max]"),
    ("- {id: p1, facts: {person.birth_date: [2022-01-02, 2022-01-01]}}", "the wrong way round"),
    ("- {id: p1, facts: {person.birth_date: null}}", "`person.birth_date` cannot be none"),
    ("- {id: p1, facts: {children: 3}}", "`children` must be a list of rows"),
    ("- {id: p1, facts: {children: [{}, {birth_dat: 2010-01-01}]}}", "column `children[2].birth_dat`: `children` has no field `birth_dat`"),
]


@pytest.mark.parametrize("suffix", ["yaml", "json"])
@pytest.mark.parametrize(("content", "message"), RECORDS)
def test_a_wrong_record_is_named(content: str, message: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"roll.{suffix}"
    text(path, content if suffix == "yaml" else as_json(content))
    assert message in str(refusal(path))


def as_json(content: str) -> str:
    import json

    from ruamel.yaml import YAML

    return json.dumps(YAML(typ="safe", pure=True).load(content), default=str)


def test_a_record_without_id_is_not_somebody_called_none(tmp_path: Path) -> None:
    refused = refusal(text(tmp_path / "roll.yaml", "- {facts: {}}\n- {facts: {}}\n"))
    assert [problem.message for problem in refused.problems] == ["the person has no id"] * 2


def test_notes_and_regions_beside_flat_facts(tmp_path: Path) -> None:
    roll = read(text(tmp_path / "roll.yaml", "- {id: 7, region: 77, note_of_clerk: x, person.sex: M}\n"))
    assert roll.people.select("id", "~region", "person.sex").collect().rows() == [("7", "77", "M")]


# --- the rest -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["roll.csv", "roll.xlsx", "roll.parquet", "roll.json", "roll.yaml", "roll"])
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    assert "there is no such file" in str(refusal(tmp_path / name))


def test_a_problem_says_row_for_tables_and_line_for_texts() -> None:
    assert str(Problem("wrong", "roll.csv", row=3, column="id")) == "roll.csv, row 3, column `id`: wrong"
    assert str(Problem("wrong", "facts.toml", 3, 4)) == "facts.toml, line 3, column 4: wrong"


def test_nobody_has_this_id(tmp_path: Path) -> None:
    roll = read(text(tmp_path / "roll.csv", "id\nperson-17\n"))
    with pytest.raises(Refused, match=r"did you mean `person-17`\?"):
        person_of(roll, "person-71", law().vocabulary)
