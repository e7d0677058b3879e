"""Synthetic people for the benchmark: a roll folder in Parquet, the same for the same seed, number of people and Polars.

Everything is derived from the pack: each fact that a provision looks at becomes a column, its usual value is that of the
pack's ordinary person, and some of it is unknown. Nothing is real. Each cell is a hash of its row and its column, so a slice
needs no state and memory is bounded.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import polars as pl
from polars.io.plugins import register_io_source

from rightcall.law.pack import Pack, facts_used, find_pack
from rightcall.law.vocabulary import FactType

SLICE = 500_000
SEED = 2022
ORDINARY = 0.93
UNKNOWN = 0.07
REGISTERED = 0.02
TABLE = 1_000
LEFT_OUT = ("date.decision", "date.dispatch")
REGISTERS = ("person.", "military.", "callup.", "date.")
REGIONS = ("RU-MOW", "RU-SPE", "RU-MOS", "RU-OMS", "RU-DA", "RU-BU", "RU-SA", "RU-KDA", "RU-SVE", "RU-TA", "RU-BA", "RU-NVS", "RU-PRI", "RU-ZAB", "RU-ROS")
ARTICLES = ("105", "111", "158", "159", "161", "162", "205.2", "228", "264", "275", "280.1", "280.3", "318")
HOW_MANY: Mapping[str, tuple[float, ...]] = {
    "children": (0.38, 0.25, 0.24, 0.09, 0.03, 0.01),
    "mother.other_children": (0.90, 0.04, 0.02, 0.02, 0.01, 0.01),
    "wards": (0.985, 0.01, 0.005),
    "convictions": (0.96, 0.03, 0.01),
}
DAYS: Mapping[str, tuple[date, date]] = {
    "person.birth_date": (date(1957, 1, 1), date(2005, 6, 30)),
    "date.notice": (date(2022, 9, 21), date(2022, 11, 4)),
    "date.claim": (date(2022, 9, 25), date(2023, 3, 1)),
    "date.learned": (date(2022, 9, 21), date(2022, 11, 15)),
    "children[].birth_date": (date(1998, 1, 1), date(2022, 11, 30)),
    "mother.other_children[].birth_date": (date(1990, 1, 1), date(2022, 6, 30)),
    "wards[].birth_date": (date(2000, 1, 1), date(2018, 12, 31)),
    "convictions[].final": (date(2005, 1, 1), date(2022, 11, 30)),
    "spouse.cert_date": (date(2022, 4, 1), date(2022, 10, 31)),
    "pregnancy.cert_date": (date(2022, 4, 1), date(2022, 10, 31)),
    "health.g_from": (date(2021, 10, 1), date(2022, 10, 31)),
}
KINDS: Mapping[str, type[pl.DataType]] = {"bool": pl.Boolean, "integer": pl.Int32}
SINCE, UNTIL = (date(2019, 1, 1), date(2022, 10, 15)), (date(2022, 8, 1), date(2024, 12, 31))
INTEGERS: Mapping[str, range] = {
    "military.reserve_class": range(1, 4),
    "health.disability_group": range(1, 4),
    "spouse.ga_days_at_cert": range(30, 270),
}
CHANCES: Mapping[str, Mapping[Any, float]] = {
    "children[].relation": {"biological": 0.93, "adopted": 0.02, "ward": 0.01, "step": 0.04},
    "children[].dependent": {True: 0.93, False: 0.07},
    "children[].disabled": {True: 0.03, False: 0.97},
    "children[].palliative": {True: 0.003, False: 0.997},
    "children[].incurable": {True: 0.005, False: 0.995},
    "children[].raised_by_person": {True: 0.85, False: 0.15},
    "children[].mother_state": {"present": 0.9, "dead": 0.01, "rights_terminated": 0.01, "divorced_elsewhere": 0.07, "abroad": 0.01},
    "convictions[].gravity": {"minor": 0.5, "medium": 0.3, "grave": 0.15, "especially_grave": 0.05},
    "convictions[].expunged": {True: 0.05, False: 0.95},
    "convictions[].minor_sexual": {True: 0.02, False: 0.98},
    "pregnancy.ga_days_at_cert": {0: 0.98, 100: 0.01, 180: 0.01},
}
GATES: Mapping[str, str] = {
    "study.": "study.form",
    "booking.": "booking.granted",
    "care.": "care.permanent",
    "office.": "office.title",
    "spouse.": "spouse.pregnant",
    "belief.": "belief.contrary",
    "job.": "job.sector",
}


@dataclass(frozen=True, slots=True)
class Generator:
    """The columns of a pack's facts for any range of people."""

    pack: Pack

    @property
    def plain(self) -> list[FactType]:
        used = facts_used(self.pack)
        return [fact for fact in self.pack.vocabulary.plain if fact.name in used and fact.name not in LEFT_OUT]

    @property
    def lists(self) -> list[FactType]:
        used = facts_used(self.pack)
        return [fact for fact in self.pack.vocabulary.lists if fact.name in used]

    def people(self, start: int, count: int) -> pl.DataFrame:
        """People by number. The date of birth stands there twice: exact, and as bounds (of some only the year is known)."""
        frame = _numbers(start, count)
        columns = [self.values(fact) for fact in self.plain]
        return frame.lazy().select(id_of("row"), *columns).with_columns(*_bounds("person.birth_date")).drop("person.birth_date").collect()

    def rows(self, listed: FactType, start: int, count: int) -> pl.DataFrame:
        """The rows of a list for a range of people, in order of their ids."""
        number = _picked(f"{listed.name}#", dict(enumerate(HOW_MANY.get(listed.name, (0.97, 0.03)))), pl.UInt32)
        owners = _numbers(start, count).lazy().with_columns(number.alias("many")).filter(pl.col("many") > 0)
        each = owners.select(pl.col("row").alias("owner"), pl.int_ranges(0, "many", dtype=pl.UInt64).alias("nth")).explode("nth")
        used = facts_used(self.pack)
        fields = [kind for name, kind in listed.row.items() if f"{listed.name}[].{name}" in used]
        named = [self.values(kind).alias(kind.name.partition("[].")[2]) for kind in fields]
        return each.with_columns(row=pl.col("owner") * 16 + pl.col("nth")).select(id_of("owner"), *named).collect()

    def values(self, fact: FactType) -> pl.Expr:
        unknown = 0.0 if fact.name == "date.notice" else REGISTERED if fact.name.startswith(REGISTERS) else UNKNOWN
        known = self._dates(fact) if fact.kind == "date" else self._picked(fact)
        hidden = _below(f"{fact.name}?", unknown)
        gate = next((gate for prefix, gate in GATES.items() if fact.name.startswith(prefix) and fact.name not in self.pack.defaults), None)
        if gate is not None:
            idle = self.values(self.pack.vocabulary[gate]).eq_missing(pl.lit(self.pack.defaults[gate]))
            hidden = hidden | (idle & _below(f"{fact.name}!", 0.8))
        return pl.when(~hidden).then(known).alias(fact.name)

    def _dates(self, fact: FactType) -> pl.Expr:
        first, last = DAYS.get(fact.name, UNTIL if fact.name.endswith("until") else SINCE)
        span = (last - first).days + 1
        return (pl.lit((first - date(1970, 1, 1)).days, pl.Int32) + (_hash(fact.name) % span).cast(pl.Int32)).cast(pl.Date)

    def _picked(self, fact: FactType) -> pl.Expr:
        if fact.name in CHANCES:
            return _picked(fact.name, CHANCES[fact.name], KINDS.get(fact.kind, pl.String))
        if fact.kind == "integer":
            return _picked(fact.name, dict.fromkeys(INTEGERS.get(fact.name, range(1, 4)), 1.0), pl.Int32)
        if fact.kind == "bool":
            usual = self.pack.defaults.get(fact.name, fact.unless_told)
            chances = {True: 0.6, False: 0.4} if not isinstance(usual, bool) else {usual: ORDINARY, not usual: 1 - ORDINARY}
            return _picked(fact.name, chances, pl.Boolean)
        words = fact.values or (REGIONS if fact.name == "callup.region" else ARTICLES)
        usual = self.pack.defaults.get(fact.name)
        others = [word for word in words if word != usual]
        if usual not in words:
            return _picked(fact.name, dict.fromkeys(words, 1.0), pl.String)
        ordinary = 0.97 if fact.name == "person.sex" else ORDINARY - 0.08
        return _picked(fact.name, {usual: ordinary, **dict.fromkeys(others, (1 - ordinary) / len(others))}, pl.String)


def id_of(row: str) -> pl.Expr:
    return pl.format("p{}", pl.col(row).cast(pl.String).str.zfill(8)).alias("id")


def _numbers(start: int, count: int) -> pl.DataFrame:
    return pl.select(row=pl.int_range(start + 1, start + count + 1, dtype=pl.UInt64))


def _hash(what: str) -> pl.Expr:
    return pl.col("row").hash(SEED + crc32(what.encode()))


def _below(what: str, chance: float) -> pl.Expr:
    return _hash(what) % TABLE < round(chance * TABLE)


def _picked(what: str, chances: Mapping[Any, float], kind: type[pl.DataType]) -> pl.Expr:
    """A value by chance: a table of a thousand values, and a hash that points into it."""
    total, table, heaped = sum(chances.values()), [], 0.0
    for value, chance in chances.items():
        heaped += chance
        table += [value] * (round(TABLE * heaped / total) - len(table))
    return pl.lit(pl.Series(table, dtype=kind)).gather(_hash(what) % TABLE)


def _bounds(name: str) -> tuple[pl.Expr, pl.Expr]:
    day = pl.col(name)
    year = _year_only(name)
    return (
        pl.when(year).then(day.dt.truncate("1y")).otherwise(day).alias(f"{name}.min"),
        pl.when(year).then(day.dt.truncate("1y").dt.offset_by("1y").dt.offset_by("-1d")).otherwise(day).alias(f"{name}.max"),
    )


def _year_only(name: str) -> pl.Expr:
    return pl.col("id").hash(SEED + crc32(name.encode())) % 20 == 0


def write(folder: Path, count: int, pack: Pack) -> None:
    """The roll folder: people and each list, in slices of people, in order of id."""
    made = Generator(pack)
    folder.mkdir(parents=True, exist_ok=True)
    _sink(folder / "people.parquet", made.people, count)
    for listed in made.lists:
        _sink(folder / f"{listed.name}.parquet", lambda start, size, listed=listed: made.rows(listed, start, size), count)


def _sink(path: Path, rows: Callable[[int, int], pl.DataFrame], count: int) -> None:
    def source(*_: object) -> Iterator[pl.DataFrame]:
        for start in range(0, count, SLICE):
            yield rows(start, min(SLICE, count - start))

    aside = path.with_suffix(".partial")
    register_io_source(source, schema=rows(0, 1_000).schema).sink_parquet(aside, row_group_size=SLICE)
    aside.rename(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=1_000_000)
    asked = parser.parse_args()
    write(asked.folder, asked.people, find_pack("ru_2022"))
