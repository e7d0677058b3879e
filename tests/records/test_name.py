"""All spellings of a name come to one skeleton, and names that meet there are told apart by their readings."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightcall.records.name import READINGS, plain, read, shared, skeleton, spellings

DATA = Path(__file__).parents[2].parent / "shared" / "data"
TABLES = {path.stem: path for path in sorted((DATA / "translit-iuliia").glob("*.json")) if path.stem != "uz"}
needs_tables = pytest.mark.skipif(not TABLES, reason="the public transliteration tables are not beside the repository")
NAMES = {"surname": "surnames_zhuravlev_2005.csv", "name": "first_names_moscow_newborns_2015_2020.csv"}
WRITTEN_ANOTHER_WAY = {("mosmetro", "Битцевский"), ("wikipedia", "Мусийкъонгийкоте")}
"""Two place names whose table drops a letter, or lends one to a letter without a sound."""

SPELLINGS = {
    "Юрий": ["Yuri", "Iurii", "Jurij", "Youri", "Yuriy", "Yury", "Iouri", "ЮРИЙ "],
    "Чайковский": ["Tchaikovski", "Chaykovskiy", "Chaikovskii", "Čajkovskij", "Chaikovsky"],
    "Екатерина": ["Ekaterina", "Yekaterina", "Jekaterina"],
    "Щербаков": ["Shcherbakov", "Chtcherbakov", "Ščerbakov", "Scherbakov", "Shherbakov"],
    "Жуков": ["Zhukov", "Joukov", "Žukov"],
    "Алёна Семёнова": ["Алена Семенова", "Alyona Semyonova", "Alena Semenova"],
    "Хоружий": ["Khoruzhiy", "Horužij", "Xoružij"],
    "Александр": ["Aleksandr", "Alexandr"],
    "Цветков": ["Tsvetkov", "Cvetkov", "Tcvetkov", "Czvetkov"],
    "Соловьёв": ["Solovyov", "Solovev", "Solov'ev", "Solov’yev", "Соловьев"],
    "Д'Артаньян": ["Дартаньян", "Д’Артаньян"],
    "Анна-Мария": ["анна мария", "Anna-Mariya", "Annamaria"],
}
OTHERS = [("Божко", "Бойко"), ("Жилин", "Ильин"), ("Чапкин", "Шапкин"), ("Жанна", "Янна")]


def _keys(names: list[str]) -> list[str | None]:
    return pl.select(skeleton(pl.Series("name", names))).to_series().to_list()


def _shared(one: list[str], other: list[str]) -> pl.Series:
    frame = pl.DataFrame({"one": one, "other": other})
    return frame.select(shared(*([read(pl.col(side), habit) for habit in READINGS] for side in ("one", "other")))).to_series()


@pytest.mark.parametrize(("name", "written"), SPELLINGS.items(), ids=list(SPELLINGS))
def test_spellings_of_a_name_are_one(name: str, written: list[str]) -> None:
    assert set(_keys(written)) == set(_keys([name]))
    assert _shared([name] * len(written), written).all()


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_names_that_share_a_skeleton_are_told_apart(one: str, other: str) -> None:
    assert not _shared([one], [other]).any()


def test_an_ambiguous_spelling_may_be_either() -> None:
    assert _keys(["Bojko"]) == _keys(["Божко"]) == _keys(["Бойко"])
    assert _shared(["Bojko", "Bojko"], ["Божко", "Бойко"]).all()
    assert _shared(["Boyko", "Bozhko"], ["Божко", "Бойко"]).to_list() == [False, False]


@pytest.mark.parametrize(("ukrainian", "latin"), [("Єгор", "Yegor"), ("Ілля", "Illia"), ("Їжак", "Yizhak"), ("Володимир", "Volodymyr"), ("Ґалаґан", "Galagan")])
def test_ukrainian_letters(ukrainian: str, latin: str) -> None:
    assert _keys([ukrainian]) == _keys([latin])


@pytest.mark.parametrize("name", ["michaela", "neumann", "courtney", "painter", "lachlan", "harrington", "blake", "webb", "nguyen"])
def test_latin_names_stay_apart(name: str) -> None:
    others = ["sarah", "jacob", "lanyon", "brinley", "green", "isabelle", "mason", "parr", "vanessa"]
    assert _keys([name])[0] not in _keys(others)


@pytest.mark.parametrize("nothing", ["", " ", "-", "'", "...", "\u0301"])
def test_what_has_no_letter_is_missing(nothing: str) -> None:
    assert _keys([nothing]) == [None]


def test_letters_of_other_scripts_are_kept() -> None:
    assert _keys(["გიორგი", "Γιώργος"]) != [None, None]
    assert len(set(_keys(["გიორგი", "ნინო"]))) == 2


@given(st.text(max_size=30))
def test_case_marks_and_spaces_do_not_count(name: str) -> None:
    assert _keys([name.lower()]) == _keys([f" {name.lower()}-"])
    assert pl.select(plain(pl.lit(name.lower()))).item() == pl.select(plain(pl.lit(f"{name.lower()} ."))).item()


def test_every_distinct_name_is_read_once() -> None:
    table = spellings(pl.Series(["Иванов", None, "Ivanov", "Иванов"]))
    assert table["name"].to_list() == ["Ivanov", "Иванов"]
    assert table["skeleton"].n_unique() == 1


@needs_tables
@pytest.mark.parametrize("table", TABLES)
def test_the_samples_of_a_table(table: str) -> None:
    samples = json.loads(TABLES[table].read_text("utf-8"))["samples"]
    words = [pair for one, other in samples for pair in zip(one.replace(",", "").split(), other.replace(",", "").split(), strict=True)]
    differing = {(table, one) for (one, other) in words if _keys([one]) != _keys([other])}
    assert differing <= WRITTEN_ANOTHER_WAY


@needs_tables
@pytest.mark.parametrize("column", NAMES)
def test_frequent_names_survive_all_tables(column: str) -> None:
    names = _frequent(column)
    for path in TABLES.values():
        table = json.loads(path.read_text("utf-8"))
        latin = [_transliterated(table, name) for name in names]
        assert _keys(latin) == _keys(names), path.stem
        assert _shared(names, latin).mean() > 0.99  # type: ignore[operator]


@needs_tables
@pytest.mark.parametrize(("column", "most"), [("surname", 0.01), ("name", 0.05)])
def test_few_names_share_a_skeleton(column: str, most: float) -> None:
    """Of first names those that do are forms of one: Наталия and Наталья. Readings part most of the others."""
    names = _frequent(column)
    assert 1 - len(set(_keys(names))) / len(names) < most


def _frequent(column: str) -> list[str]:
    with (DATA / "names-ru" / NAMES[column]).open(encoding="utf-8") as source:
        return sorted({row[column] for row in csv.DictReader(source)})


def _transliterated(table: Mapping[str, Mapping[str, str] | None], word: str) -> str:
    """A lower-case word by the rules of a table: its ending, then each letter after its neighbours."""
    ending = (table.get("ending_mapping") or {}).get(word[-2:], "")
    stem = word[:-2] if ending else word
    around, before = f" {stem} ", table.get("prev_mapping") or {}
    after, letters = table.get("next_mapping") or {}, table["mapping"] or {}
    sounds = []
    for place, letter in enumerate(stem, 1):
        plain_sound = letters.get(letter, letter)
        sound = before.get((around[place - 1] + letter).strip(), after.get(letter + around[place + 1], plain_sound))
        sounds.append(sound)
    return "".join(sounds) + ending
