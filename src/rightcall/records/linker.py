"""The linker: Splink over the identities of one or two tables, on DuckDB in this process or on as many machines as a Spark session has.

A model is written in the SQL of DuckDB, whichever machine learns it. Spark reads all of it but three functions: it lacks two, and counts the
third otherwise. So a session is given them, two of them computed by DuckDB on each of its machines, and both weigh a pair alike.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from rightcall.records.identity import Identities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import SparkSession

COMPUTED = ("damerau_levenshtein", "jaro_winkler_similarity")
APART = "duckdb_"
"""Spark has a Jaro-Winkler of its own, which halves what DuckDB rounds down; its name cannot be taken."""
OF_THE_MACHINE = ("linker_uid", "sql_dialect")
DAY_OF_DIGITS = """
CREATE TEMPORARY FUNCTION try_strptime(digits STRING, form STRING) RETURNS DATE
RETURN CASE WHEN length(digits) = 8 THEN TRY_CAST(concat_ws('-', left(digits, 4), substr(digits, 5, 2), right(digits, 2)) AS DATE) END
"""
"""The one form that a model asks for is eight digits."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database of Splink. ``handed`` makes a table one that Splink can register there."""

    splink: Any
    handed: Callable[[str, pl.DataFrame], Any]

    def register(self, name: str, table: pl.DataFrame) -> Any:
        return self.splink.register(self.handed(name, table), dataset_display_name=name)


Settings = dict[str, Any]


@contextmanager
def in_process(folder: Path | None) -> Iterator[DuckDBPyConnection]:
    """A DuckDB of its own, which puts aside what memory cannot hold in a folder that is gone in the end. Left alone it would do so where the command was given."""
    import duckdb

    with tempfile.TemporaryDirectory(dir=folder, prefix=".database-") as aside, duckdb.connect(config={"temp_directory": aside}) as connection:
        yield connection


class Machine(Protocol):
    """Where linking by likelihood runs."""

    def database(self) -> AbstractContextManager[Database]:
        """A database of Splink; nothing of it is left in the end."""

    def spoken(self, settings: Settings) -> Settings:
        """The settings of a model in the words of this machine."""


@dataclass(frozen=True, slots=True)
class Here:
    """This process, with DuckDB. ``folder``: where it puts aside what memory cannot hold; without one, where the system keeps such files."""

    folder: Path | None = None

    def spoken(self, settings: Settings) -> Settings:
        return settings

    @contextmanager
    def database(self) -> Iterator[Database]:
        from splink import DuckDBAPI

        with in_process(self.folder) as connection:
            yield Database(DuckDBAPI(connection), lambda name, table: table.to_arrow())


@dataclass(frozen=True, slots=True)
class Spark:
    """The machines of a session. ``folder``: one that all of them see under the same path; ``rightcall[link,spark]`` is installed on each."""

    session: SparkSession
    folder: Path

    def spoken(self, settings: Settings) -> Settings:
        return _renamed(settings, {name: f"{APART}{name}" for name in COMPUTED})

    @contextmanager
    def database(self) -> Iterator[Database]:
        from splink.backends.spark import SparkAPI

        session = self.session.newSession()
        _give_functions(session)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".linking-") as folder:
            connected: Callable[..., Any] = SparkAPI
            splink = connected(spark_session=session, break_lineage_method="parquet", register_udfs_automatically=False)
            # What is in between goes where the tables are. Splink would ask the whole context for a folder, which is not ours to change.
            splink._get_checkpoint_dir_path = lambda frame: Path(folder).resolve().as_uri()
            yield Database(splink, lambda name, table: _written(session, Path(folder) / f"{name}.parquet", table))


def _renamed(settings: Settings, names: Mapping[str, str]) -> Settings:
    text = json.dumps(settings)
    for name, other in names.items():
        text = text.replace(f"{name}(", f"{other}(")
    renamed: Settings = json.loads(text)
    return renamed


def _give_functions(session: SparkSession) -> None:
    """What Spark lacks of DuckDB. The session must be of our own, so that nobody else's functions change."""
    from pyspark.sql.pandas.functions import arrow_udf

    made: Callable[..., Any] = arrow_udf
    for name in COMPUTED:
        session.udf.register(f"{APART}{name}", made(_by_duckdb(name), "double"))
    session.sql(DAY_OF_DIGITS)


def _by_duckdb(function: str) -> Callable[..., Any]:
    """A function of two columns of text, as DuckDB computes it. It imports what it needs, since it runs on another machine."""

    def compared(one: Any, other: Any) -> Any:
        import duckdb
        import pyarrow as pa  # type: ignore[import-untyped]

        with duckdb.connect(config={"threads": 1}) as connection:
            connection.register("pairs", pa.table({"one": one, "other": other}))
            said: Any = connection.sql(f"SELECT {function}(one, other)::DOUBLE AS said FROM pairs").to_arrow_table()  # noqa: S608
            return said["said"].combine_chunks()

    # Spark reads the kind of a function from its annotations, as classes and not as words.
    compared.__annotations__ = {}
    return compared


def _written(session: SparkSession, path: Path, table: pl.DataFrame) -> Any:
    """A table as Spark reads it: from a file, so that no machine has to hold it whole. Spark has no numbers without a sign."""
    table.with_columns(pl.col(pl.UInt32).cast(pl.Int64)).write_parquet(path)
    return session.read.parquet(path.resolve().as_uri())


@contextmanager
def linking(sides: Sequence[Identities], settings: Settings, machine: Machine) -> Iterator[tuple[Any, Database]]:
    """A Splink linker over the tables. Splink's own remarks are not for the reader: what matters is checked by us, and said."""
    from splink import Linker

    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with machine.database() as database:
            frames = [database.register(name, side.table) for side, name in zip(sides, "ab", strict=False)]
            yield Linker(frames, machine.spoken(settings), log_level=None), database
    finally:
        logger.setLevel(before)


def learned(linker: Any) -> Settings:
    """What a linker has learned, for any machine."""
    saved = {key: value for key, value in linker.misc.save_model_to_json().items() if key not in OF_THE_MACHINE}
    return _renamed(saved, {f"{APART}{name}": name for name in COMPUTED})
