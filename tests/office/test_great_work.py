"""After work on many rows SQLite is told to look at its tables: it chooses its indexes by what it knows of them, and learns nothing by itself."""

from __future__ import annotations

from typing import Any

import pytest
import world
from django.db import OperationalError, connection

from rightcall.office.jobs.models import Job
from rightcall.office.jobs.work import KINDS, ask_for

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL sees for itself")]


def known_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if not cursor.fetchall():
            return set()
        cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1")
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.parametrize(("rows", "learns"), [(10, False), (5000, True)])
def test_sqlite_learns_its_tables_after_great_work(rows: int, learns: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "test.rows", lambda progress, argument: progress.more(rows, rows))
    ask_for("test.rows", 1, world.units().office, None)
    assert not world.work()
    assert Job.objects.get().state == Job.State.DONE
    assert (Job._meta.db_table in known_tables()) is learns


def test_work_is_done_where_the_tables_could_not_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process writes: the work stands, and so does the worker."""
    monkeypatch.setitem(KINDS, "test.rows", lambda progress, argument: progress.more(5000, 5000))
    ask_for("test.rows", 1, world.units().office, None)

    def locked(execute: Any, sql: str, *given: Any) -> Any:
        if sql == "ANALYZE":
            raise OperationalError("database is locked")
        return execute(sql, *given)

    with connection.execute_wrapper(locked):
        assert not world.work()
    assert Job.objects.get().state == Job.State.DONE
