"""How many of each roll are in each queue, kept by the database itself: a trigger counts in the transaction that moves somebody, whoever moves him.

So a page about a million people adds up some rows instead of counting a million. On PostgreSQL each statement puts down what it moved as rows of its own, so
that nobody waits for a counter that another holds; ``fold`` adds them up from time to time. The triggers are made anew after each migration, as in ``notices.guard``.
"""

# ruff: noqa: S608 - nothing in these statements comes from outside

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

_MANY = 200
"""A roll with more rows of the tally than this is added up."""
_TO = "campaigns_tally (roll_id, unit_id, queue, number)"


def _counted(sign: str, row: str) -> str:
    """One person more, or one less, in a queue (SQLite, row by row)."""
    more = f"INSERT INTO {_TO} SELECT {row}.roll_id, {row}.unit_id, {row}.queue, {sign}1 WHERE changes() = 0;"
    return f"UPDATE campaigns_tally SET number = number {sign} 1 WHERE roll_id = {row}.roll_id AND queue = {row}.queue; {more if sign == '+' else ''}"


def _sqlite() -> Iterator[str]:
    for name, when, what in (
        ("tally_more", "INSERT", _counted("+", "NEW")),
        ("tally_less", "DELETE", _counted("-", "OLD")),
        ("tally_moved", "UPDATE", _counted("-", "OLD") + _counted("+", "NEW")),
    ):
        unless = "WHEN OLD.queue <> NEW.queue OR OLD.roll_id <> NEW.roll_id " if when == "UPDATE" else ""
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield f"CREATE TRIGGER {name} AFTER {when} ON campaigns_callup {unless}BEGIN {what} END"


def _postgresql() -> Iterator[str]:
    more, less = ("SELECT roll_id, unit_id, queue, 1 AS one FROM now_so", "SELECT roll_id, unit_id, queue, -1 AS one FROM was_so")
    for name, when, told, moved in (
        ("tally_more", "INSERT", "NEW TABLE AS now_so", more),
        ("tally_less", "DELETE", "OLD TABLE AS was_so", less),
        ("tally_moved", "UPDATE", "OLD TABLE AS was_so NEW TABLE AS now_so", f"{more} UNION ALL {less}"),
    ):
        summed = f"SELECT roll_id, unit_id, queue, sum(one) FROM ({moved}) moved GROUP BY 1, 2, 3 HAVING sum(one) <> 0"
        yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO {_TO} {summed}; RETURN NULL; END $$"
        yield f"CREATE OR REPLACE TRIGGER {name} AFTER {when} ON campaigns_callup REFERENCING {told} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"


def stand(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Put the triggers up. Called after each migration."""
    database = connections[using]
    with database.cursor() as cursor:
        for statement in _sqlite() if database.vendor == "sqlite" else _postgresql():
            cursor.execute(statement)


def fold() -> None:
    """Add up the rows of rolls that have many. What is put down meanwhile stays as it is."""
    if connection.vendor == "sqlite":
        return
    many = "SELECT roll_id FROM campaigns_tally GROUP BY 1 HAVING count(*) > %s"
    gone = f"WITH gone AS (DELETE FROM campaigns_tally WHERE roll_id IN ({many}) RETURNING roll_id, unit_id, queue, number)"
    with connection.cursor() as cursor:
        cursor.execute(f"{gone} INSERT INTO {_TO} SELECT roll_id, unit_id, queue, sum(number) FROM gone GROUP BY 1, 2, 3", [_MANY])


def count_anew() -> None:
    """Count everybody: for an office whose rows were written past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM campaigns_tally")
        cursor.execute(f"INSERT INTO {_TO} SELECT roll_id, unit_id, queue, count(*) FROM campaigns_callup GROUP BY 1, 2, 3")
