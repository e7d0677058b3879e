"""One roll given in every format is one roll: the same people, the same findings, and those of the reference reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import FLAT, WITH_LISTS, Account, law, person, town, without_lists

from conftest import examples
from rightcall.law.account import LARGEST
from rightcall.law.question import UNANSWERED
from rightcall.law.reason import days_of, judge
from rightcall.law.vocabulary import FactType
from rightcall.records.roll import Roll, read_roll
from rightcall.records.row import person_of
from rightcall.screening.run import Screening, choose_day, screen

FORMATS = {**FLAT, **WITH_LISTS}
SCREENED = ("csv", "xlsx, typed", "folder of csv", "folder of parquet, typed", "yaml")


def write(form: str, folder: Path, people: Mapping[str, Account]) -> tuple[Path, Mapping[str, Account]]:
    """The file, and the people that the format can hold."""
    name, writer = FORMATS[form]
    held = people if form in WITH_LISTS else without_lists(people)
    return writer(folder / name, held), held


def read(form: str, folder: Path, people: Mapping[str, Account]) -> tuple[Roll, Mapping[str, Account]]:
    path, held = write(form, folder, people)
    return read_roll(path, law(), folder), held


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_the_same_people(form: str, tmp_path: Path) -> None:
    roll, held = read(form, tmp_path, town())
    assert roll.count == len(held)
    assert roll.people.collect()["id"].to_list() == list(held)
    for id, account in held.items():
        assert person_of(roll, id, law().vocabulary) == person(account), id


@pytest.mark.parametrize("form", SCREENED)
def test_findings_are_those_of_the_reference_reader(form: str, tmp_path: Path) -> None:
    roll, held = read(form, tmp_path, town())
    screening = Screening(law(), UNANSWERED, roll, choose_day(roll, law(), None))
    screen(screening, tmp_path / "findings.parquet")
    found = pl.read_parquet(tmp_path / "findings.parquet")
    assert found["id"].to_list() == list(held)
    for row in found.iter_rows(named=True):
        assert row == {"id": row["id"], **expected(held[row["id"]], screening)}


def expected(account: Account, screening: Screening) -> dict[str, Any]:
    told, days = days_of(person(account), law(), screening.day.on, screening.day.fact)
    finding = judge(told, law(), UNANSWERED, days)
    lists = {"reasons": list(finding.reasons), "missing": list(finding.missing), "questions": list(finding.questions)}
    return {"verdict": finding.verdict, **lists, **finding.truths}


TEXTS = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n,;\"\t'="), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: text and text.lower() != "none")
)
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
NUMBERS = st.integers(-LARGEST, LARGEST)


def values(fact: FactType) -> st.SearchStrategy[Any]:
    exact = {"bool": st.booleans(), "date": DAYS, "integer": NUMBERS, "text": TEXTS}.get(fact.kind, st.sampled_from(fact.values or ("",)))
    ways = [exact]
    if fact.bounded:
        ways += [st.tuples(exact, exact).map(sorted), exact.map(lambda low: [low, None]), exact.map(lambda high: [None, high])]
    return st.one_of(*ways, *([st.none()] if fact.none else []))


def accounts() -> st.SearchStrategy[Account]:
    vocabulary = law().vocabulary
    plain = {fact.name: values(fact) for fact in vocabulary.plain}
    rows = {
        fact.name: st.lists(st.fixed_dictionaries({}, optional={name: values(kind) for name, kind in fact.row.items()}), max_size=3)
        for fact in vocabulary.lists
    }
    names = st.lists(st.sampled_from([*plain, *rows]), unique=True, max_size=8)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: (plain | rows)[name] for name in chosen}))


@pytest.mark.parametrize("form", ["csv, all quoted", "csv", "csv, semicolons", "folder of csv", "folder of xlsx", "parquet, texts", "json"])
@settings(max_examples=examples(8))
@given(people=st.dictionaries(TEXTS.map(lambda text: text.replace("\n", "")).filter(bool), accounts(), min_size=1, max_size=4))
def test_any_person_comes_back(form: str, people: Mapping[str, Account], tmp_path_factory: pytest.TempPathFactory) -> None:
    people = {id.strip(): {**account, "person.alive": True} for id, account in people.items() if id.strip()}
    roll, held = read(form, tmp_path_factory.mktemp("any"), people)
    for id, account in held.items():
        assert person_of(roll, id, law().vocabulary) == without_empty_rows(account, form), id


def without_empty_rows(account: Account, form: str) -> Any:
    """A list of no rows, of which nobody said that it is complete, says nothing; a table cannot say it at all."""
    kept = {name: value for name, value in account.items() if value != []}
    return person(kept)
