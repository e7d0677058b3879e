"""Linking on Spark: the same model, the same weights and the same links as in one process, and nothing left in the session."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from identities import crowd, spoiled, table

from rightcall.records.blocking import candidates
from rightcall.records.census import Census, counted
from rightcall.records.identity import IDENTITY, Field, identities, parts_of
from rightcall.records.linker import Spark
from rightcall.records.model import Model, Tables, dumped, loaded, score, train
from rightcall.screening.engine import spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytest.importorskip("pyspark")
# PySpark and Splink leave sockets, and warn of what is to come, which is theirs to mend.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

PARTS = parts_of((*IDENTITY, Field("mail", "email"), Field("remark", "text")))
WORDS = ("один", "одна", "два", "двое", "три", "трое", "четыре", "пять")
LEAST = -10.0


def more(person: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """With an address and a word in letters that take two bytes each, now and then another."""
    name = f"{person['birth'].replace('-', '')}{len(person['surname'])}"
    return person | {"mail": f"{name}@{chance.choice(['a', 'b'])}.example", "remark": chance.choice(WORDS) if chance.random() < 0.5 else WORDS[len(name) % 8]}


def framed(people: list[dict[str, Any]]) -> pl.LazyFrame:
    extra = pl.LazyFrame([{"mail": one["mail"], "remark": one["remark"]} for one in people])
    bare = [{name: value for name, value in one.items() if name not in ("mail", "remark")} for one in people]
    return pl.concat([table(*bare), extra], how="horizontal")


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    with spark_session("local[2]", {"spark.sql.shuffle.partitions": "2"}) as found:
        yield found


@pytest.fixture(scope="module")
def here() -> Tables:
    chance, people = random.Random(5), crowd(400)
    rows = [person if number % 4 == 0 else spoiled(person, chance) for number, person in enumerate(people[:300])]
    left, right = ([more(dict(one), chance) for one in side] for side in (people, rows))
    return Tables(identities(framed(left), PARTS, distinct=False), identities(framed(right), PARTS))


@pytest.fixture(scope="module")
def there(here: Tables, session: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return replace(here, machine=Spark(session, tmp_path_factory.mktemp("seen-by-all")))


@pytest.fixture(scope="module")
def trained_here(here: Tables) -> Model:
    found = train(here)
    assert isinstance(found, Model)
    return found


@pytest.fixture(scope="module")
def trained_there(there: Tables) -> Model:
    found = train(there)
    assert isinstance(found, Model)
    return found


def scored(model: Model, tables: Tables, census: Census | None = None) -> pl.DataFrame:
    return score(model, tables, candidates(tables.left, tables.right).pairs, LEAST, census)


def same(one: pl.DataFrame, other: pl.DataFrame) -> None:
    words = [name for name in one.columns if not name.startswith("weight")]
    assert other.columns == one.columns
    assert other.select(words).equals(one.select(words))
    for name in set(one.columns) - set(words):
        assert ((other[name] - one[name]).abs() < 1e-9).all(), name


@pytest.mark.parametrize("counted_first", [False, True])
def test_one_model_weighs_alike_on_both_and_leaves_the_session_as_it_was(
    here: Tables, there: Tables, trained_here: Model, session: SparkSession, counted_first: bool
) -> None:
    census = counted(here.left, here.right) if counted_first else None
    one = scored(trained_here, here, census)
    same(one, scored(trained_here, there, census))
    _is_as_it_was(session, there)
    levels = {column: set(one[f"says_{column}"]) for column in (part.column for part in PARTS)}
    assert {"same", "alike", "swapped", "somewhat alike", "other"} <= levels["f1"]
    assert {"same", "one digit off", "within a month", "two digits off", "same year", "other"} <= levels["f4"]
    assert {"same", "alike", "other"} <= levels["f7"]
    assert "same before the @" in levels["f6"]


def test_a_model_is_learned_alike_and_speaks_one_language(trained_here: Model, trained_there: Model) -> None:
    one, other = (_without_numbers(model.settings) for model in (trained_here, trained_there))
    assert one == other
    for name, chance in _numbers(trained_here).items():
        assert _numbers(trained_there)[name] == pytest.approx(chance, rel=1e-6), name
    assert trained_there.share == pytest.approx(trained_here.share)


def test_a_model_of_many_machines_is_used_on_one(here: Tables, trained_here: Model, trained_there: Model) -> None:
    one, other = scored(trained_here, here), scored(loaded(dumped(trained_there)), here)
    assert other.select("left", "right").equals(one.select("left", "right"))
    assert ((other["weight"] - one["weight"]).abs() < 1e-3).all()


def test_one_table_against_itself(there: Tables, here: Tables) -> None:
    one, other = (replace(tables, right=tables.left, itself=True) for tables in (here, there))
    model = train(one)
    assert isinstance(model, Model)
    pairs = candidates(one.left, one.left, itself=True).pairs
    same(score(model, one, pairs, LEAST), score(model, other, pairs, LEAST))


def _is_as_it_was(session: SparkSession, there: Tables) -> None:
    assert session.sql("SELECT jaro_winkler_similarity('', '')").first()[0] == 1.0
    assert not session.catalog.functionExists("damerau_levenshtein")
    assert session._jsparkSession.sharedState().cacheManager().isEmpty() is not False
    assert not list(Path(there.machine.folder).iterdir())


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_numbers(one) for name, one in value.items() if name not in ("m_probability", "u_probability")}
    return [_without_numbers(one) for one in value] if isinstance(value, list) else value


def _numbers(model: Model) -> dict[tuple[str, str, str], float]:
    return {
        (comparison["output_column_name"], level["label_for_charts"], letter): level[letter]
        for comparison in model.settings["comparisons"]
        for level in comparison["comparison_levels"][1:]
        for letter in ("m_probability", "u_probability")
    }
