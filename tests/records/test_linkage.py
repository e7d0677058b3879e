"""Who is linked to whom, who is left in doubt, and that no doubt is guessed away."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from identities import IVAN, OLEG, crowd, spoiled, table

from rightcall.law.problem import Refused
from rightcall.records.identity import IDENTITY, Field, identities, parts_of
from rightcall.records.linkage import PAIRS, Links, Thresholds, deduplicate, link
from rightcall.records.model import dumped, loaded

LATIN = {"surname": "Ivanov", "given": "Ivan", "patronymic": "Petrovich"}
STRANGER = {"surname": "Сидоров", "given": "Пётр", "patronymic": "Олегович", "birth": "1999-01-01"}


def _link(left: list[Mapping[str, Any]], right: list[Mapping[str, Any]]) -> Links:
    return link(table(*left), table(*right), IDENTITY)


def _found(left: list[Mapping[str, Any]], right: list[Mapping[str, Any]]) -> list[tuple[int, int, str, bool]]:
    return _link(left, right).pairs.select("left", "right", "how", "certain").rows()


CASES: dict[str, tuple[list[Mapping[str, Any]], list[Mapping[str, Any]], list[tuple[int, int, str, bool]]]] = {
    "the same number and names": ([IVAN, OLEG], [IVAN], [(0, 0, "number", True)]),
    "the same number, written otherwise": ([IVAN], [IVAN | {"number": "112233"}], [(0, 0, "number", True)]),
    "the same number, and nothing else known": ([IVAN], [{"number": "112-233"}], [(0, 0, "number", True)]),
    "the same number, a new surname": ([IVAN], [IVAN | {"surname": "Сидоров"}], [(0, 0, "number", True)]),
    "the same number, quite another person": ([IVAN], [STRANGER | {"number": "112-233"}], [(0, 0, "number", False)]),
    "a number that two people have": ([IVAN, OLEG | {"number": "112-233"}], [{"number": "112-233"}], []),
    "the same names in another script": ([IVAN], [IVAN | LATIN | {"number": None, "place": "Omsk"}], [(0, 0, "names", True)]),
    "no patronymic, no place": ([IVAN], [IVAN | {"number": None, "patronymic": None, "place": None}], [(0, 0, "names", True)]),
    "an initial": ([IVAN], [IVAN | {"number": None, "patronymic": "П."}], [(0, 0, "names", True)]),
    "another number": ([IVAN], [IVAN | {"number": "5"}], [(0, 0, "near", False)]),
    "another place": ([IVAN], [IVAN | {"number": None, "place": "Тула"}], [(0, 0, "near", False)]),
    "another patronymic": ([IVAN], [IVAN | {"number": None, "patronymic": "Олегович"}], [(0, 0, "near", False)]),
    "no birth date": ([IVAN], [IVAN | {"number": None, "birth": None}], [(0, 0, "near", False)]),
    "day and month swapped": ([IVAN], [IVAN | {"number": None, "birth": "1980-06-05"}], [(0, 0, "near", False)]),
    "one name and the birth date": ([IVAN], [IVAN | {"number": None, "surname": "Петров"}], [(0, 0, "near", False)]),
    "a name of the same skeleton": ([IVAN | {"surname": "Божко"}], [IVAN | {"number": None, "surname": "Бойко"}], [(0, 0, "near", False)]),
    "two people who fit": ([IVAN, IVAN | {"number": "7"}], [IVAN | {"number": None}], [(0, 0, "names", False), (1, 0, "names", False)]),
    "number of one, names of another": (
        [IVAN, IVAN | {"number": "7", "surname": "Петров"}],
        [IVAN | {"surname": "Петров"}],
        [(0, 0, "number", False), (1, 0, "names", False)],
    ),
    "several rows of one person": ([IVAN, OLEG], [OLEG, IVAN, OLEG], [(0, 1, "number", True), (1, 0, "number", True), (1, 2, "number", True)]),
    "a stranger": ([IVAN, OLEG], [STRANGER], []),
    "nothing known": ([IVAN], [{"place": "Омск"}], []),
}


@pytest.mark.parametrize("case", CASES)
def test_links(case: str) -> None:
    left, right, expected = CASES[case]
    found = _found(left, right)
    assert found == expected


def test_the_columns_of_links() -> None:
    links = _link([IVAN], [IVAN])
    assert dict(links.pairs.schema) == PAIRS
    assert links.pairs["agreement"][0].to_list() == [
        {"field": field, "says": "same", "weight": None} for field in ("number", "surname", "given", "patronymic", "birth", "place")
    ]
    assert links.model is None
    assert "too few to learn from" in links.notes[0] if links.notes else True


def test_empty_tables_have_no_links() -> None:
    assert _link([], []).pairs.is_empty()
    assert _link([IVAN], []).pairs.schema == _link([], [IVAN]).pairs.schema


def test_two_who_fit_share_the_probability() -> None:
    links = _link([IVAN, IVAN | {"number": "7"}], [IVAN | {"number": None}])
    assert links.pairs["probability"].to_list() == [0.5, 0.5]


def test_a_frequent_name_is_no_proof() -> None:
    """Many namesakes among the rows, and neither patronymic nor place: then a birth date alone does not decide."""
    many = [IVAN | {"number": str(number), "birth": f"{1960 + number % 40}-{1 + number % 12:02}-{1 + number % 28:02}"} for number in range(2000)]
    bare = {"surname": "Иванов", "given": "Иван", "birth": "1993-10-26"}
    people = [*many[:400], IVAN | {"number": "x", "birth": "1993-10-26"}]
    links = link(table(*people), table(bare, *many[400:]), IDENTITY, probabilistic=False)
    assert not links.pairs.filter(pl.col("right") == 0)["certain"].any()


@given(st.data())
def test_a_row_is_certain_of_one_person_at_most(data: st.DataObject) -> None:
    names = st.sampled_from(["Иванов", "Ivanov", "Петров", None])
    births = st.sampled_from(["1980-05-06", "1980-06-05", "1981-05-06", None])
    rows = st.fixed_dictionaries({"number": st.sampled_from(["1", "2", None]), "surname": names, "given": names, "birth": births})
    left, right = (data.draw(st.lists(rows, max_size=5)) for _ in range(2))
    pairs = _link(left, right).pairs
    assert not pairs.select("left", "right").is_duplicated().any()
    rivals = pairs.group_by("right").agg(pl.col("certain").sum(), pl.len())
    assert (rivals["certain"] <= 1).all()


@pytest.fixture(scope="module")
def town() -> tuple[pl.LazyFrame, pl.LazyFrame, list[int | None]]:
    """600 people; 500 rows of 400 of them with slips, and 150 of others; whose each row is."""
    chance, people = random.Random(7), crowd(800)
    whose: list[int | None] = [number % 400 for number in range(500)]
    rows = [spoiled(people[number], chance) for number in whose if number is not None]
    strangers = [dict(person, number=None) for person in people[600:750]]
    return table(*people[:600]), table(*rows, *strangers), [*whose, *([None] * len(strangers))]


@pytest.fixture(scope="module")
def linked(town: tuple[pl.LazyFrame, pl.LazyFrame, list[int | None]]) -> Links:
    return link(*town[:2], IDENTITY)


def test_a_town_is_linked(town: tuple[pl.LazyFrame, pl.LazyFrame, list[int | None]], linked: Links) -> None:
    whose = town[2]
    certain = linked.pairs.filter("certain").select("left", "right").rows()
    kept = {right: left for left, right in linked.pairs.select("left", "right").rows()}
    assert all(whose[right] == left for left, right in certain)
    assert len(certain) > 0.95 * 500
    assert sum(right in kept for right in range(500)) > 0.98 * 500


def test_the_same_tables_give_the_same_links(town: tuple[pl.LazyFrame, pl.LazyFrame, list[int | None]], linked: Links) -> None:
    again = link(*town[:2], IDENTITY)
    assert linked.model is not None
    assert again.model is not None
    assert dumped(linked.model) == dumped(again.model)
    assert linked.pairs.drop("probability", "agreement").equals(again.pairs.drop("probability", "agreement"))


def test_a_model_serves_again(town: tuple[pl.LazyFrame, pl.LazyFrame, list[int | None]], linked: Links) -> None:
    """A few new rows are scored by the parameters of an earlier run, which they could never teach."""
    assert linked.model is not None
    model = loaded(dumped(linked.model))
    assert model == linked.model
    few = town[1].head(20)
    again = link(town[0], few, IDENTITY, model=model)
    assert again.model == model
    expected = linked.pairs.filter((pl.col("right") < 20) & pl.col("certain")).select("left", "right").rows()
    assert set(again.pairs.select("left", "right").rows()) >= set(expected)


def test_a_model_for_other_columns_is_refused(linked: Links) -> None:
    with pytest.raises(Refused, match="trained for other columns"):
        link(table(IVAN), table(IVAN), IDENTITY[:3], model=linked.model)


def test_duplicates_are_put_together(town: tuple[pl.LazyFrame, pl.LazyFrame, list[int | None]]) -> None:
    found = deduplicate(town[1], IDENTITY)
    clusters = found.rows.sort("row")["cluster"].to_list()
    assert sum(clusters[one] == clusters[one + 400] for one in range(100)) > 95
    assert len(set(clusters)) >= 400 + 150 - 2
    assert found.rows.height == 650


def test_too_small_a_table_is_not_rid_of_duplicates() -> None:
    with pytest.raises(Refused, match="teaches too little"):
        deduplicate(table(IVAN, IVAN), IDENTITY)


@pytest.mark.parametrize(("high", "low"), [(0.5, 0.9), (1.1, 0.1), (0.9, 0.0)])
def test_thresholds_are_in_order(high: float, low: float) -> None:
    with pytest.raises(Refused, match="wrong way round"):
        Thresholds(high, low)


def test_rows_are_numbered_each_once() -> None:
    twice = pl.concat([table(IVAN), table(IVAN)])
    with pytest.raises(Refused, match="same number"):
        link(table(IVAN), twice, IDENTITY)


def test_columns_must_be_there() -> None:
    with pytest.raises(Refused, match="no column `tribe`"):
        link(table(IVAN), table(IVAN), [Field("tribe", "text")])
    with pytest.raises(Refused, match="no column to compare"):
        link(table(IVAN), table(IVAN), [])


DATES = {
    "19800506": "19800506",
    "1980-05-06": "19800506",
    "06.05.1980": "19800506",
    "6/5/1980": "19800506",
    "1980-05-06T00:00:00": "19800506",
    "19800230": "19800230",
    "1980-05": "19800500",
    "1980": "19800000",
    "may": None,
    "": None,
}


@pytest.mark.parametrize(("written", "digits"), DATES.items())
def test_dates_are_digits(written: str, digits: str | None) -> None:
    frame = pl.LazyFrame({"row": [0], "born": [written]}, schema={"row": pl.UInt32, "born": pl.String})
    assert identities(frame, parts_of([Field("born", "date")])).table["f0"].to_list() == [digits]
