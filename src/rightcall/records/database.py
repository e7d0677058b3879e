"""A table of a database, copied aside in pieces so that it is read like a file: whole, or refused.

By its SQLAlchemy URL, or with ``adbc:`` before the URL by Arrow Database Connectivity, which is faster where a driver is there.
A connection that breaks half-way leaves nothing: what was copied is no register. No message ever shows the URL, which may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from rightcall.law.problem import Refused, refuse
from rightcall.records.sheet import Sheet, read_sheet

ADBC = "adbc:"
_PIECE = 100_000
_TABLE = re.compile(r"\w+(\.\w+)?")
_INSTALL = "pip install 'rightcall[database]'"


def read_table(name: str, url: str, table: str, workdir: Path) -> Sheet:
    """The rows of a table as a sheet named ``name``. Raises ``Refused`` where the database cannot be reached or goes away."""
    if not _TABLE.fullmatch(table):
        raise refuse(f"`{table}` is not the name of a table", name, "as in students, or public.students")
    copy = workdir / f"{name}.parquet"
    pieces = _by_adbc(name, url.removeprefix(ADBC), table) if url.startswith(ADBC) else _by_sqlalchemy(name, url, table)
    _copied(pieces, copy, workdir)
    return read_sheet(copy, workdir)


def _copied(pieces: Iterator[pl.DataFrame], copy: Path, workdir: Path) -> None:
    """Write the pieces one by one, then as one file. INVARIANT: the file is there only once every piece is."""
    parts = []
    for number, piece in enumerate(pieces):
        part = workdir / f"{copy.stem}.{number}.part"
        piece.write_parquet(part)
        parts.append(part)
    pl.scan_parquet(parts).sink_parquet(copy)
    for part in parts:
        part.unlink()


def _by_sqlalchemy(name: str, url: str, table: str) -> Iterator[pl.DataFrame]:
    try:
        import sqlalchemy
    except ImportError:
        raise refuse("a database needs SQLAlchemy", name, _INSTALL) from None
    try:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            source = sqlalchemy.table(table.rpartition(".")[2], schema=table.rpartition(".")[0] or None)
            result = connection.execution_options(stream_results=True).execute(sqlalchemy.select(sqlalchemy.text("*")).select_from(source))
            yield from _pieces(list(result.keys()), iter(lambda: result.fetchmany(_PIECE), []))
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise _unreachable(name, error) from None


def _pieces(columns: list[str], rows: Iterator[Any]) -> Iterator[pl.DataFrame]:
    """Pieces of text columns: a database's own types are read as the words of a table, the same for every piece."""
    schema = dict.fromkeys(columns, pl.String)
    yield pl.DataFrame(schema=schema)
    for piece in rows:
        yield pl.DataFrame([[None if cell is None else _word(cell) for cell in row] for row in piece], schema=schema, orient="row")


def _word(cell: Any) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _by_adbc(name: str, url: str, table: str) -> Iterator[pl.DataFrame]:
    try:
        from adbc_driver_manager import Error
        from adbc_driver_postgresql.dbapi import connect
    except ImportError:
        raise refuse("a database needs its ADBC driver", name, _INSTALL) from None
    quoted = ".".join(f'"{part}"' for part in table.split("."))
    try:
        with connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {quoted}")  # noqa: S608 (the name was matched against a pattern and is quoted)
            for batch in cursor.fetch_record_batch():
                yield pl.DataFrame(pl.from_arrow(batch))
    except Error as error:
        raise _unreachable(name, error) from None


def _unreachable(name: str, error: Exception) -> Refused:
    """The reason in the words of the database, without the URL and without rows of data."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    reason = said[0] if said else type(error).__name__
    return refuse(
        f"the database cannot be read: {reason}", name, "look whether it runs, and whether the url, the table and the rights are right; nothing was taken over"
    )
