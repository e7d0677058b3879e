"""Registers as their authority wrote them: what is read, what is taken as unknown and said so, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from registers import STUDENTS, TABLE, changed, write

from rightcall.law.pack import find_pack
from rightcall.law.problem import Refused
from rightcall.law.value import day_number
from rightcall.records.descriptor import read_descriptors
from rightcall.records.inspection import inspect
from rightcall.records.register import Register, read_register

VOCABULARY = find_pack("ru_2022").vocabulary


def read(folder: Path, work: Path) -> Register:
    (descriptor, *_) = read_descriptors(folder)
    return read_register(descriptor, VOCABULARY, work)


def rows(register: Register) -> list[dict[str, Any]]:
    return register.frame.collect().to_dicts()


def day(text: str) -> int:
    from datetime import date

    return day_number(date.fromisoformat(text))


def test_a_register_is_read_as_described(tmp_path: Path) -> None:
    register = read(write(tmp_path), tmp_path)
    one, two, three = rows(register)
    assert (one["~row"], one["~number"], one["~surname"], one["~given"], one["~birth"]) == (2, "a1", "Иванов", "Иван", day("2001-05-04"))
    assert (one["study.form"], two["study.form"], three["study.form"]) == ("full_time", "part_time_evening", "full_time")
    assert (one["study.since.min"], one["study.since.max"]) == (day("2020-09-01"), day("2020-09-01"))
    assert (two["study.since.min"], two["study.since.max"]) == (day("2019-09-01"), day("2019-09-30"))
    assert three["~birth"] is None
    assert three["study.since.min"] is None
    assert {row["~from"] for row in rows(register)} == {day("2022-09-01")}
    assert {row["~until"] for row in rows(register)} == {day("2022-10-31")}
    assert register.parts == ("number", "surname", "given", "birth")
    assert (register.count, register.notes) == (3, ())


NOTED = {
    "a form that nobody knows": (TABLE.replace("evening", "by night"), "1 cells of `form` cannot be read (rows 3)"),
    "a day that is none": (TABLE.replace("2020-09-01", "2020-02-30"), "1 cells of `enrolled` cannot be read (rows 2)"),
    "a birth date that is none": (TABLE.replace("1999-02-28", "1999-02-29"), "1 cells of `born` cannot be read (rows 3)"),
    "a birth date to come": (TABLE.replace("2001-05-04", "2023-05-04"), "1 rows have a birth date after the register's own day"),
}


@pytest.mark.parametrize("name", NOTED)
def test_a_cell_that_cannot_be_read_is_unknown_and_noted(name: str, tmp_path: Path) -> None:
    table, note = NOTED[name]
    register = read(write(tmp_path, students=table), tmp_path)
    assert any(note in said for said in register.notes), register.notes
    sound = read(write(tmp_path / "sound"), tmp_path / "sound")
    for found, wanted in zip(rows(register), rows(sound), strict=True):
        assert all(value is None or value == wanted[column] for column, value in found.items())
    assert sum(found != wanted for found, wanted in zip(rows(register), rows(sound), strict=True)) == 1


def test_facts_of_other_laws_are_left_out_and_noted(tmp_path: Path) -> None:
    facts = {"study.form": "form", "study.moon": "enrolled"}
    table = TABLE.replace("day", "full_time").replace("evening", "other")
    register = read(write(tmp_path, [changed(STUDENTS, facts=facts)], students=table), tmp_path)
    assert register.facts == ("study.form",)
    assert register.notes == ("students: the law does not look at study.moon",)


def test_each_row_may_have_a_day_of_its_own(tmp_path: Path) -> None:
    resource = changed(STUDENTS, asOf={"column": "enrolled"}, facts={"study.form": STUDENTS["rightcall"]["facts"]["study.form"]})
    one, two, three = rows(read(write(tmp_path, [resource]), tmp_path))
    assert (one["~from"], one["~until"]) == (day("2020-09-01"), day("2020-10-31"))
    assert (two["~from"], two["~until"], three["~from"], three["~until"]) == (None, None, None, None)


def test_a_word_may_count_for_good(tmp_path: Path) -> None:
    assert {row["~until"] for row in rows(read(write(tmp_path, [changed(STUDENTS, validDays=None)]), tmp_path))} == {1_000_000_000}


CHILDREN = {
    "name": "children", "path": "children.csv",
    "schema": {"fields": [{"name": name, "type": "string"} for name in ("act", "father", "born")], "primaryKey": "act"},
    "rightcall": {
        "kind": "register", "authority": "a", "licence": "b", "asOf": "2022-09-01", "validDays": 30, "complete": True, "identity": {"number": "father"},
        "list": "children", "facts": {"birth_date": "born", "relation": {"value": "biological"}},
    },
}  # fmt: skip


def test_a_child_entered_twice_has_one_number_and_twins_have_two(tmp_path: Path) -> None:
    table = "act,father,born\n1,f,2015-01-01\n2,f,2015-01-01\n2,f,2015-01-01\n,f,2015-01-01\n"
    found = rows(read(write(tmp_path, [CHILDREN], children=table), tmp_path))
    assert [row["~row"] for row in found] == [2, 3, 4, 5]
    twin, child, again, unnumbered = (row["~entry"] for row in found)
    assert twin != child == again
    assert unnumbered is None


# --- descriptors ----------------------------------------------------------------------------------------------------

AMISS: dict[str, tuple[dict[str, Any], str]] = {
    "no licence": ({"licence": ...}, "`students` lacks `licence`"),
    "no authority": ({"authority": ...}, "`students` lacks `authority`"),
    "no day": ({"asOf": ...}, "`students` lacks `asOf`"),
    "a day that is none": ({"asOf": "2022-09-31"}, "`asOf` is not a date"),
    "nothing on how long": ({"validDays": ...}, "`students` lacks `validDays`"),
    "a negative time": ({"validDays": -1}, "`validDays` cannot be -1"),
    "nothing on completeness": ({"complete": ...}, "`students` lacks `complete`"),
    "complete by a word": ({"complete": "yes"}, "`complete` must be true or false, not `yes`"),
    "absence in an incomplete one": ({"complete": False}, "`absent` needs a complete register"),
    "a part that nobody has": ({"identity": {"nickname": "card"}}, "an identity has no `nickname`"),
    "a column that is not listed": ({"identity": {"number": "cart"}}, "the column `cart` is not in `schema.fields`"),
    "a key that nobody knows": ({"asof": "2022-09-01"}, "unknown key `asof`"),
    "another kind": ({"kind": "list"}, "`kind` cannot be `list`"),
    "a fact from nowhere": ({"facts": {"study.form": {"from": "form"}}}, "it is not said where `study.form` comes from"),
    "no table": ({"path": ...}, "a table has a `path`, or a `url` and a `table`"),
    "a way out": ({"path": "../../etc/passwd"}, "`path` leads out of the folder"),
    "a way out, whole": ({"path": "/etc/passwd"}, "`path` leads out of the folder"),
    "a secret that is not there": ({"path": ..., "url": "sqlite:///${NO_SUCH_VARIABLE}", "table": "t"}, "the environment has no `NO_SUCH_VARIABLE`"),
    "a database without its table": ({"path": ..., "url": "sqlite://"}, "`students` lacks `table`"),
    "no fields": ({"schema": {}}, "the table has no `schema.fields`"),
    "a type that is none": ({"schema": {"fields": [{"name": "card", "type": "strng"}]}}, "the column `card` cannot be of type `strng`"),
    "a field without a name": ({"schema": {"fields": [{"type": "string"}]}}, "a field has no name"),
    "no section": ({"rightcall": ...}, "the table has no `rightcall` section"),
    "a record that is proven": ({"proven": True}, "only answers are `proven`"),
    "a list with absence": ({"list": "children"}, "a list has no `absent`"),
}  # fmt: skip


@pytest.mark.parametrize("name", AMISS)
def test_what_is_wrong_with_a_descriptor_is_said(name: str, tmp_path: Path) -> None:
    changes, message = AMISS[name]
    with pytest.raises(Refused) as refused:
        read_descriptors(write(tmp_path, [changed(STUDENTS, **changes)]))
    assert any(message in problem.message and "datapackage.json" in problem.file for problem in refused.value.problems), refused.value


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_descriptors(write(tmp_path, [changed(STUDENTS, licence=..., validDays=-1), changed(STUDENTS, name="others", asOf="x")]))
    assert refused.value.count == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is not JSON"),
        ("[]", "the descriptor names no tables"),
        ('{"resources": []}', "the descriptor names no tables"),
        (json.dumps({"resources": [STUDENTS, STUDENTS]}), "two tables are called `students`"),
    ],
)
def test_a_file_that_is_no_descriptor_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text(text, "utf-8")
    with pytest.raises(Refused, match=message):
        read_descriptors(tmp_path)


def test_a_folder_without_a_descriptor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"the folder has no `datapackage.json`"):
        read_descriptors(tmp_path)


TABLES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a column too few": (TABLE.replace(",enrolled", "").replace(",2020-09-01", "").replace(",2019-09", "").replace("day,-", "day"), "the table has no column `enrolled`", {}),
    "a column too many": (TABLE.replace("enrolled", "enrolled,x").replace("-01\n", "-01,1\n").replace("2019-09\n", "2019-09,\n").replace("day,-", "day,-,"), "does not know the column `x`", {}),
    "a row too short": (TABLE + "a4,b\n", "the row has 2 cells, the header 6", {}),
    "a word that the fact never is": (TABLE, "`study.form` is never `fulltime`", {"facts": {"study.form": {"column": "form", "values": {"day": "fulltime"}}}}),
    "an absence that the fact never is": (TABLE, "`study.form` is never `no`", {"absent": {"study.form": "no"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_not_as_described_is_refused(name: str, tmp_path: Path) -> None:
    table, message, changes = TABLES[name]
    with pytest.raises(Refused) as refused:
        read(write(tmp_path, [changed(STUDENTS, **changes)], students=table), tmp_path)
    assert message in str(refused.value)


def test_an_encoding_error_in_the_middle_is_refused_with_its_row(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "students.csv").write_bytes(TABLE.encode().replace("Пётр".encode(), "Пётр".encode("cp1251")))
    with pytest.raises(Refused, match=r"(?s)students\.csv, row 3.*the file is not UTF-8"):
        read(tmp_path, tmp_path)


# --- inspection -----------------------------------------------------------------------------------------------------


def test_an_inspection_says_per_column_what_is_wrong(tmp_path: Path) -> None:
    table = TABLE.replace("evening", "by night").replace("2020-09-01", "2020-02-30")
    (seen,) = inspect(write(tmp_path, students=table), VOCABULARY, tmp_path)
    columns = {column.name: column for column in seen.columns}
    assert (seen.rows, seen.faults) == (3, 2)
    assert (columns["card"].carries, columns["card"].filled, columns["card"].wrong) == ("number", 3, 0)
    assert (columns["form"].carries, columns["form"].wrong) == ("study.form", 1)
    assert "row 3" in columns["form"].examples[0]
    assert (columns["enrolled"].filled, columns["enrolled"].wrong) == (2, 1)
    assert columns["born"].filled == 2


def test_an_inspection_tells_unknown_facts_and_goes_on_where_a_table_cannot_be_read(tmp_path: Path) -> None:
    others = changed(STUDENTS, name="others", path="others.csv")
    students = changed(STUDENTS, facts={"study.frm": "form"}, absent={})
    first, second = inspect(write(tmp_path, [students, others]), VOCABULARY, tmp_path)
    assert [problem.message for problem in first.problems] == ["unknown fact `study.frm`"]
    assert "there is no such file" in second.problems[0].message


def test_a_register_may_be_a_parquet_file(tmp_path: Path) -> None:
    write(tmp_path, [changed(STUDENTS, path="students.parquet")])
    pl.read_csv(tmp_path / "students.csv").with_columns(pl.col("born").str.to_date(strict=False)).write_parquet(tmp_path / "students.parquet")
    assert [row["~birth"] for row in rows(read(tmp_path, tmp_path))] == [day("2001-05-04"), day("1999-02-28"), None]
