"""Three engines, one meaning: what Polars, Spark and DuckDB write of a roll is the same, to the last cell and in the same order."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rightcall.law.pack import Pack, find_pack
from rightcall.law.problem import Refused
from rightcall.law.question import UNANSWERED
from rightcall.records.roll import read_roll
from rightcall.screening.engine import DuckDB, Engine, Polars, Spark, engine_named
from rightcall.screening.run import Screening, choose_day, screen
from rightcall.screening.tally import Tally
from rightcall.synthetic.country import Country, write_country

MANY = 200_000
TWO_CORES = Spark("local[2]")
VERDICTS = {"barred", "deferred", "open", "clear"}
EXAMPLES = Path(__file__).parents[2] / "examples"
TOWN = EXAMPLES / "town"
# PySpark leaves sockets open, which is its own to mend.
pytestmark = pytest.mark.filterwarnings("default")


def found_by(engine: Engine, roll: Path, work: Path, pack: Pack, on: str | None, slice_size: int) -> tuple[pl.DataFrame, Tally]:
    """The findings as they are written, and what was counted."""
    work.mkdir()
    read = read_roll(roll, pack, work)
    screening = Screening(pack, UNANSWERED, read, choose_day(read, pack, on))
    screen(screening, work / "findings.parquet", slice_size=slice_size, engine=engine)
    assert [path.name for path in work.iterdir() if path.name.startswith(".engine-")] == []
    return pl.read_parquet(work / "findings.parquet"), screening.tally


def agreed(engines: Mapping[str, Engine], roll: Path, work: Path, pack: Pack, on: str | None = None, slice_size: int = 500_000) -> pl.DataFrame:
    """The findings of Polars, which are those of all the others."""
    findings, tally = found_by(Polars(), roll, work / "polars", pack, on, slice_size)
    for name, engine in engines.items():
        others, counted = found_by(engine, roll, work / name, pack, on, slice_size)
        assert_frame_equal(others, findings)
        assert counted == tally, name
    return findings


# a handful of people, with every kind of value

CHILD = {"relation": "biological", "dependent": "true"}
KINDS: Mapping[str, Mapping[str, str]] = {
    "p7": {"date.notice": "2022-10-10", "callup.region": "Москва"},
    "p2": {"date.notice": "2022-10-01", "children.complete": "true"},
    "p9": {"date.notice": "2022-09-22..2022-09-27", "person.birth_date": "1971-01-01..1972-12-31"},
    "p1": {"date.notice": "2022-10-14", "person.alive": "false"},
    "p3": {"date.notice": "2022-10-14", "health.disability_group": "none"},
    "p5": {"health.disability_group": "1..2", "person.birth_date": ""},
}
CHILDREN = [("p2", str(birth)) for birth in (date(2010, 3, 1), date(2012, 2, 29), date(2015, 1, 1), date(2020, 6, 5))] + [("p9", ""), ("p5", "2009-01-01..")]


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dozen people in no order: those of the example, with bounds, none, nothing, children, and a day for each."""
    folder = tmp_path_factory.mktemp("village")
    with (TOWN / "people.csv").open(newline="") as source:
        usual = next(csv.DictReader(source))
    rows = [{**usual, **said, "id": f"{copy}{id}"} for copy in "dbca" for id, said in KINDS.items()]
    children = [{**CHILD, "id": f"{copy}{id}", "birth_date": birth} for copy in "dbca" for id, birth in CHILDREN]
    for name, table in (("people", rows), ("children", children)):
        pl.DataFrame(table, infer_schema_length=None).write_csv(folder / f"{name}.csv")
    return folder


def test_duckdb_and_polars_judge_alike(tmp_path: Path) -> None:
    """Under a small law: a long one takes DuckDB half a minute before it looks at anybody. Polars judges in slices, DuckDB the whole."""
    found = agreed({"duckdb": DuckDB()}, EXAMPLES / "valmora-roll", tmp_path, find_pack(str(EXAMPLES / "packs/valmora")), on="2024-04-01", slice_size=3)
    assert set(found["verdict"]) == VERDICTS
    assert found["missing"].list.len().max() > 0


# a country


@pytest.fixture(scope="module")
def many(village: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred thousand made up people with what an office knows of them, a day for each; of some only the year of birth is known. Among them is the village."""
    made, folder = tmp_path_factory.mktemp("country") / "made", tmp_path_factory.mktemp("many")
    write_country(Country(7, MANY), made)
    truth = made / "truth"
    people = pl.read_parquet(truth / "people.parquet")
    villagers = pl.read_csv(village / "people.csv", infer_schema=False)
    kept = [name for name in people.columns if name in (*villagers.columns, "date.decision")]
    born = pl.col("person.birth_date")
    unsure = pl.int_range(pl.len()) % 20 == 0
    year = pl.format("{}..{}", born.dt.truncate("1y"), born.dt.truncate("1y").dt.offset_by("1y").dt.offset_by("-1d"))
    written = people.select(kept).with_columns(pl.when(unsure).then(year).otherwise(born.cast(pl.String)).alias("person.birth_date"))
    everybody = pl.concat([written.select(pl.all().cast(pl.String)), villagers], how="diagonal").sample(fraction=1.0, shuffle=True, seed=7)
    everybody.write_csv(folder / "people.csv")
    for name in ("children", "convictions"):
        rows = pl.read_parquet(truth / f"{name}.parquet")
        rows = rows.rename({column: column.removeprefix(f"{name}[].") for column in rows.columns}).select(pl.all().cast(pl.String))
        more = [pl.read_csv(village / f"{name}.csv", infer_schema=False)] if (village / f"{name}.csv").is_file() else []
        pl.concat([rows, *more], how="diagonal").write_csv(folder / f"{name}.csv")
    return folder


@pytest.mark.slow
def test_two_hundred_thousand_people_are_judged_alike_by_polars_and_spark(many: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    found = agreed({"spark": TWO_CORES}, many, tmp_path, find_pack("ru_2022"), slice_size=30_000)
    assert found["id"].to_list() == pl.read_csv(many / "people.csv", columns=["id"], infer_schema=False)["id"].to_list()
    assert found.height == MANY + 4 * len(KINDS)
    assert set(found["verdict"]) == VERDICTS


# the names of the command line


def test_engines_have_names() -> None:
    assert isinstance(engine_named("polars"), Polars)
    assert isinstance(engine_named("duckdb"), DuckDB)
    assert engine_named("spark") == Spark("local[*]")
    assert engine_named("spark", "spark://host:7077") == Spark("spark://host:7077")


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(Refused, match="there is no engine `sparc`") as refused:
        engine_named("sparc")
    assert "spark" in refused.value.problems[0].help
    with pytest.raises(Refused, match="there is no engine `abacus`") as refused:
        engine_named("abacus")
    assert refused.value.problems[0].help == "there are polars, spark, duckdb"


@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_only_spark_has_a_master(name: str) -> None:
    with pytest.raises(Refused, match="only the engine `spark` has a master"):
        engine_named(name, "spark://host:7077")
