"""What an earlier run saw, so that a later one looks only at what is new: a fingerprint of every row, the links, and what linking learned.

No name and no fact is kept. A fingerprint is a number of 64 bits that a row gives; who has the row can tell whether it is still the same.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import polars as pl
from polars.io.plugins import register_io_source

from rightcall.law.problem import refuse
from rightcall.records.census import Census
from rightcall.records.descriptor import OWN_ID, Descriptor
from rightcall.records.linkage import Learned
from rightcall.records.model import dumped, loaded
from rightcall.records.roll import ID, Roll
from rightcall.records.sheet import ROW, Sheet, words
from rightcall.records.slices import Slices

FOLDER = "baseline"
REGISTER, PRINT, SAID, WHO = "register", "print", "said", "who"
ROWS = {REGISTER: pl.String, ROW: pl.UInt32, PRINT: pl.UInt64, WHO: pl.UInt64, ID: pl.String}
_PEOPLE, _ROWS, _LINKS, _CENSUS, _LEARNED = "people.parquet", "rows.parquet", "links.parquet", "census.parquet", "learned.json"
PEOPLE = {ID: pl.String, SAID: pl.UInt64, WHO: pl.UInt64}
_SEED = 1
_SLICE = 500_000
_IDENTITY = "~identity"


@dataclass(frozen=True, slots=True)
class Origin:
    """Files of an earlier baseline, and what was read from them: what is the same today is copied, not written again."""

    folder: Path
    read: Mapping[str, pl.DataFrame]

    def has(self, name: str, frame: pl.DataFrame) -> bool:
        """Whether a file holds just this frame."""
        return self.read[name] is frame


@dataclass(frozen=True, slots=True)
class Baseline:
    """``people``: id, ``said`` (what the roll says of him), ``who`` (his identity). ``rows``: register, ``~row``, ``print``, ``who`` (whom it names), and id in answers.
    ``links``: as in ``Matched``. ``learned``: nothing where there was nothing to link. ``origin``: where rows and links were read from."""

    people: pl.LazyFrame
    rows: pl.DataFrame
    links: pl.DataFrame
    learned: Learned | None
    origin: Origin | None = None

    def write(self, folder: Path) -> None:
        """Write it into a folder that is made."""
        folder.mkdir()
        self.people.sink_parquet(folder / _PEOPLE, compression="lz4")
        for name, frame in ((_ROWS, self.rows), (_LINKS, self.links)):
            if self.origin and self.origin.has(name, frame):
                shutil.copyfile(self.origin.folder / name, folder / name)
            else:
                frame.write_parquet(folder / name, compression="lz4")
        if self.learned:
            self.learned.census.counts.write_parquet(folder / _CENSUS)
        (folder / _LEARNED).write_text(json.dumps(_as_data(self.learned), ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Baseline:
        """Read what ``write`` has written. Raises ``Refused`` where it is not there, or is of another version of the engine that makes fingerprints."""
        try:
            data = json.loads((folder / _LEARNED).read_text("utf-8"))
            if data["polars"] != pl.__version__:
                raise refuse("the earlier run was made with another version of Polars", folder, "make a whole run once, without --since")
            rows, links = (pl.read_parquet(folder / name) for name in (_ROWS, _LINKS))
            return cls(pl.read_parquet(folder / _PEOPLE).lazy(), rows, links, _learned(data, folder), Origin(folder, {_ROWS: rows, _LINKS: links}))
        except (OSError, ValueError, KeyError, pl.exceptions.PolarsError):
            raise refuse("the earlier run cannot be built on", folder, "make a whole run once, without --since") from None


def _as_data(learned: Learned | None) -> Mapping[str, Any]:
    if learned is None:
        return {"polars": pl.__version__}
    model = dumped(learned.model) if learned.model else None
    return {"polars": pl.__version__, "share": learned.share, "rules": learned.rules, "rows": learned.census.rows, "days": learned.census.days, "model": model}


def _learned(data: Mapping[str, Any], folder: Path) -> Learned | None:
    if "share" not in data:
        return None
    census = Census(pl.read_parquet(folder / _CENSUS), data["rows"], data["days"])
    return Learned(loaded(data["model"]) if data["model"] else None, data["share"], census, tuple(map(tuple, data["rules"])))


def people_prints(roll: Roll) -> pl.LazyFrame:
    """What the roll says of each person, his lists included, in whatever columns it says so; and who he is. Made slice by slice."""
    tables = roll.lists if roll.identity is None else {**roll.lists, _IDENTITY: roll.identity}
    slices = Slices(roll.people, tables, roll.count, _SLICE)

    def source(columns: list[str] | None, *_: object) -> Iterator[pl.DataFrame]:
        for people, rows in slices:
            found = _prints_of(people, rows)
            yield found.select(columns) if columns is not None else found

    return register_io_source(source, schema=PEOPLE)


def _prints_of(people: pl.DataFrame, rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    found = people.select(ID, _said(people, "").alias(SAID))
    for name, frame in sorted(rows.items()):
        if name != _IDENTITY:
            his = frame.select(ID, _said(frame, name).hash(_SEED).alias("~list")).group_by(ID).agg(pl.col("~list").sum())
            found = found.join(his, on=ID, how="left", maintain_order="left").select(ID, pl.col(SAID) + pl.col("~list").fill_null(0))
    if _IDENTITY not in rows:
        return found.with_columns(pl.lit(0, pl.UInt64).alias(WHO))
    identity = rows[_IDENTITY]
    return found.join(identity.select(ID, _said(identity, "").alias(WHO)), on=ID, how="left", maintain_order="left")


def _said(frame: pl.DataFrame, of: str) -> pl.Expr:
    """The sum of the fingerprints of all facts of a row. A fact that is empty says nothing, and an exact value is what lies within equal bounds."""
    columns = [name for name in frame.columns if name not in (ID, ROW)]
    facts = {name.removesuffix(".min").removesuffix(".max").removesuffix(".none"): None for name in columns}
    return pl.sum_horizontal(pl.lit(_seed(of, "row"), pl.UInt64), *(_fact(fact, columns) for fact in facts))


def _fact(fact: str, columns: Collection[str]) -> pl.Expr:
    """A number for what a row says of a fact, its own for every fact, end and value; nought where it says nothing."""
    low, high = (f"{fact}.min", f"{fact}.max") if f"{fact}.min" in columns else (fact, fact)
    is_none = pl.col(f"{fact}.none").fill_null(False) if f"{fact}.none" in columns else pl.lit(False)
    none = pl.when(is_none).then(pl.lit(_seed(fact, "none"), pl.UInt64)).otherwise(pl.lit(0, pl.UInt64))
    if low not in columns:
        return none
    ends = pl.col(low).hash(_seed(fact, "low")) + pl.col(high).hash(_seed(fact, "high"))
    return pl.when(pl.col(low).is_not_null() | pl.col(high).is_not_null()).then(ends).otherwise(pl.lit(0, pl.UInt64)) + none


def _seed(fact: str, end: str) -> int:
    return crc32(f"{fact} {end}".encode())


def row_prints(descriptor: Descriptor, sheet: Sheet) -> pl.DataFrame:
    """The fingerprints of every row of a register's table: of all it says, and of whom it names; of answers also whose they are."""
    own = descriptor.identity.get(OWN_ID)
    text = words(own, sheet.frame.collect_schema()[own]) if own else None
    id = pl.lit(None, pl.String) if text is None else text
    said = pl.struct(sheet.columns).hash(_SEED).alias(PRINT)
    names = pl.struct(*dict.fromkeys(descriptor.identity.values())).hash(_SEED).alias(WHO)
    return sheet.frame.select(pl.lit(descriptor.name).alias(REGISTER), ROW, said, names, id.alias(ID)).collect().cast(ROWS)  # type: ignore[arg-type]


def all_row_prints(tables: Iterable[tuple[Descriptor, Sheet]]) -> pl.DataFrame:
    """The fingerprints of the rows of several tables."""
    return pl.concat([pl.DataFrame(schema=ROWS), *(row_prints(descriptor, sheet) for descriptor, sheet in tables)])
