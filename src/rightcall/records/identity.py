"""Who a row speaks of: the parts of an identity, what kind each is, and the form in which they are compared.

The same person stands in a register many times, once for each child or sentence. Rows that say the same of somebody are one
*identity*, which is compared once. A part that is missing is null and says nothing, neither for nor against.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from rightcall.law.problem import refuse
from rightcall.records.name import READINGS, SKELETON, plain, skeleton, spellings

Kind = Literal["name", "number", "date", "place", "text", "email"]
KINDS: tuple[Kind, ...] = ("name", "number", "date", "place", "text", "email")
ROW = "row"
SOURCE = "source"
KEY = "identity"
_DAY_FIRST = r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$"
_YEAR_FIRST = r"^(\d{4})[./-](\d{1,2})(?:[./-](\d{1,2}))?(?:[T ].*)?$"


@dataclass(frozen=True, slots=True)
class Field:
    """One part of an identity: the column that holds it, and what kind of thing it is."""

    name: str
    kind: Kind


IDENTITY = (
    Field("number", "number"),
    Field("surname", "name"),
    Field("given", "name"),
    Field("patronymic", "name"),
    Field("birth", "date"),
    Field("place", "place"),
)
"""The six parts of a register's identity. ``birth`` is a day number since 1970-01-01 (Int32); the others are texts."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field as it is compared: ``column`` holds its key, ``readings`` the readings of a name."""

    field: Field
    column: str

    @property
    def kind(self) -> Kind:
        return self.field.kind

    @property
    def readings(self) -> tuple[str, ...]:
        return tuple(f"{self.column}_{habit.name}" for habit in READINGS) if self.kind == "name" else ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, *self.readings)


@dataclass(frozen=True, slots=True)
class Identities:
    """The distinct identities of a table. ``table``: ``identity`` (UInt32) and the columns of the parts. ``rows``: ``row`` and its ``identity``."""

    table: pl.DataFrame
    rows: pl.DataFrame
    parts: tuple[Part, ...]


def parts_of(fields: Sequence[Field]) -> tuple[Part, ...]:
    """The fields with the columns they are compared in. Raises ``Refused`` where there is none."""
    if not fields:
        raise refuse("there is no column to compare", help="name those that tell people apart: --on surname,given_name,date_of_birth")
    return tuple(Part(field, f"f{number}") for number, field in enumerate(fields))


def kept(parts: Iterable[Part], kind: Kind) -> tuple[Part, ...]:
    """The parts of one kind."""
    return tuple(part for part in parts if part.kind == kind)


def identities(frame: pl.LazyFrame, parts: Sequence[Part], distinct: bool = True) -> Identities:
    """The distinct identities of a frame of rows (``row`` and the fields), in the order in which they first appear; or one for each row.

    Raises ``Refused`` where ``row`` is missing or not unique, or a field is missing.
    """
    names = [part.field.name for part in parts]
    _check_columns(frame, [ROW, *names])
    rows = frame.select(pl.col(ROW).cast(pl.UInt32), *names).collect()
    if rows[ROW].is_duplicated().any() or rows[ROW].null_count():
        raise refuse("two rows have the same number", help=f"`{ROW}` numbers the rows of a table, each once")
    if not distinct:
        return _each_its_own(rows, parts)
    distinct_rows = rows.select(names).unique(maintain_order=True).with_row_index(KEY)
    keyed = rows.join(distinct_rows, on=names, how="left", nulls_equal=True, maintain_order="left").select(ROW, KEY)
    return _merged(distinct_rows, keyed, parts)


def _check_columns(frame: pl.LazyFrame, wanted: Sequence[str]) -> None:
    columns = frame.collect_schema().names()
    for name in wanted:
        if name not in columns:
            raise refuse(f"there is no column `{name}` to compare", help=f"the table has {', '.join(columns)}")


def _merged(distinct: pl.DataFrame, keyed: pl.DataFrame, parts: Sequence[Part]) -> Identities:
    """Identities that are written differently and compared alike are one."""
    written = distinct.select(KEY).hstack(_keys(distinct, parts))
    columns = [column for part in parts for column in part.columns]
    table = written.select(columns).unique(maintain_order=True).with_row_index("~merged")
    merged = written.join(table, on=columns, how="left", nulls_equal=True, maintain_order="left").select(KEY, "~merged")
    rows = keyed.join(merged, on=KEY, how="left", maintain_order="left").select(ROW, pl.col("~merged").alias(KEY))
    return Identities(table.rename({"~merged": KEY}), rows, tuple(parts))


def _each_its_own(rows: pl.DataFrame, parts: Sequence[Part]) -> Identities:
    table = _keys(rows, parts).with_row_index(KEY)
    return Identities(table, rows.select(ROW).hstack(table.select(KEY)), tuple(parts))


def _keys(written: pl.DataFrame, parts: Sequence[Part]) -> pl.DataFrame:
    return pl.concat([_compared(written[part.field.name], part) for part in parts], how="horizontal")


def _compared(values: pl.Series, part: Part) -> pl.DataFrame:
    """One field in the columns of its part; every distinct value is looked at once."""
    if part.kind == "date":
        return values.to_frame("date").select(digits(pl.col("date"), values.dtype).alias(part.column))
    text = values.cast(pl.String)
    if part.kind == "name":
        known = spellings(text).rename({SKELETON.name: part.column, **dict(zip((h.name for h in READINGS), part.readings, strict=True))})
    else:
        known = text.drop_nulls().unique().sort().to_frame("name").with_columns(_key(pl.col("name"), part.kind).alias(part.column))
    return text.to_frame("name").join(known, on="name", how="left", maintain_order="left").select(part.columns)


def _key(text: pl.Expr, kind: Kind) -> pl.Expr:
    if kind == "place":
        return skeleton(text)
    if kind == "email":
        address = text.str.to_lowercase().str.strip_chars()
        return pl.when(address != "").then(address)
    return plain(text)


def digits(date: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A date as eight digits, year first. An impossible date keeps its digits, and an unknown month or day is 00.

    Read are days since 1970-01-01, dates, and texts: 19800229, 1980-02-30, 30.02.1980, 1980-02, 1980. Anything else is null.
    """
    if dtype.is_integer():
        return date.cast(pl.Int32).cast(pl.Date).dt.strftime("%Y%m%d")
    if dtype.is_temporal():
        return date.dt.strftime("%Y%m%d")
    text = date.cast(pl.String).str.strip_chars()
    parsed = pl.coalesce(_joined(text, _YEAR_FIRST, (1, 2, 3)), _joined(text, _DAY_FIRST, (3, 2, 1)), text.str.extract(r"^(\d{8})(?:\.0)?$"))
    year = pl.concat_str(text.str.extract(r"^(\d{4})(?:\.0)?$"), pl.lit("0000"))
    return pl.coalesce(parsed, year)


def _joined(text: pl.Expr, pattern: str, groups: tuple[int, int, int]) -> pl.Expr:
    year, month, day = (text.str.extract(pattern, group) for group in groups)
    return pl.concat_str(year, month.str.zfill(2), day.fill_null("0").str.zfill(2))
