"""Files in, one file out: columns chosen or found, ids kept, faults refused before anything is written."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from identities import crowd, spoiled

from rightcall.law.problem import Refused
from rightcall.records.column_kind import is_patronymic, kind_of
from rightcall.records.linkage import Thresholds
from rightcall.records.linked_tables import Choice, chosen_fields, find_duplicates, link_tables, read_table

FOUND = Thresholds()


def _written(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """300 people, and a row with slips of each of the first 200; the truth stands in ``cluster``."""
    folder, chance, people = tmp_path_factory.mktemp("tables"), random.Random(3), crowd(300)
    left = [{"id": f"p{number}", "cluster": number, **person} for number, person in enumerate(people)]
    right = [{"id": f"r{number}", "cluster": number, **spoiled(person, chance)} for number, person in enumerate(people[:200])]
    return _written(folder / "left.csv", left), _written(folder / "right.csv", right)


@pytest.fixture(scope="module")
def linked(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, Path]:
    folder = tmp_path_factory.mktemp("links")
    counts = link_tables(*files, folder / "links.parquet", Choice(without="cluster"), FOUND, save_model=folder / "model.json")
    links = pl.read_parquet(folder / "links.parquet")
    assert (counts.left, counts.right) == (300, 200)
    assert counts.certain == links["certain"].sum()
    assert counts.certain + counts.uncertain == links.height
    assert [field.name for field in counts.fields] == ["surname", "given", "birth", "place", "patronymic"]
    return links, folder / "model.json"


def test_links_bear_the_ids_of_the_tables(linked: tuple[pl.DataFrame, Path]) -> None:
    links, _ = linked
    assert links.columns == ["left_id", "right_id", "probability", "how", "certain", "agreement"]
    certain = links.filter("certain")
    assert certain.select(pl.col("left_id").str.slice(1) == pl.col("right_id").str.slice(1)).to_series().all()
    assert certain.height > 190


def test_a_saved_model_is_used_again(files: tuple[Path, Path], linked: tuple[pl.DataFrame, Path], tmp_path: Path) -> None:
    links, model = linked
    link_tables(*files, tmp_path / "again.parquet", Choice(), FOUND, model=model)
    again = pl.read_parquet(tmp_path / "again.parquet")
    assert again.filter("certain").select("left_id", "right_id").rows() == links.filter("certain").select("left_id", "right_id").rows()


def test_duplicates_of_one_table(files: tuple[Path, Path], tmp_path: Path) -> None:
    both = pl.concat([pl.read_csv(path, infer_schema=False) for path in files])
    both.write_parquet(tmp_path / "both.parquet")
    counts = find_duplicates(tmp_path / "both.parquet", tmp_path / "clusters.parquet", Choice(without="cluster,number"), FOUND)
    clusters = pl.read_parquet(tmp_path / "clusters.parquet")
    assert clusters.columns == ["id", "cluster"]
    assert clusters["id"].to_list() == both["id"].to_list()
    assert abs(counts.clusters - 300) <= 5
    assert counts.rows == 500


def test_columns_asked_for_and_their_kinds(files: tuple[Path, Path]) -> None:
    tables = [read_table(path, Choice()) for path in files]
    fields = chosen_fields(tables, Choice(on="surname, given:text,birth"))
    assert [(field.name, field.kind) for field in fields] == [("surname", "name"), ("given", "text"), ("birth", "date")]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(on="surnam"), "no column `surnam` to compare"),
        (Choice(without="clutser"), "no column `clutser` to compare"),
        (Choice(on="surname:nmae"), "no kind `nmae`"),
        (Choice(on="surname", without="surname"), "no column to compare"),
        (Choice(id="ident"), "no column `ident` to take ids from"),
        (Choice(id="place"), "not all there and different"),
    ],
)
def test_what_cannot_be_meant_is_refused(files: tuple[Path, Path], tmp_path: Path, choice: Choice, message: str) -> None:
    with pytest.raises(Refused, match=message):
        link_tables(*files, tmp_path / "links.parquet", choice, FOUND)
    assert not list(tmp_path.iterdir())


def test_the_result_is_parquet(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="written as Parquet"):
        link_tables(*files, tmp_path / "links.csv", Choice(), FOUND)


def test_a_folder_that_is_a_file_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot be written"):
        link_tables(*files, tmp_path / "file" / "links.parquet", Choice(on="surname,given,birth"), FOUND)


@pytest.mark.parametrize("text", ["", "{}", '{"version": 9}', "[]", '{"version": 1, "fields": 3}'])
def test_what_is_no_model_is_refused(files: tuple[Path, Path], tmp_path: Path, text: str) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(Refused, match="linking model"):
        link_tables(*files, tmp_path / "links.parquet", Choice(), FOUND, model=tmp_path / "model.json")


def test_a_model_that_is_not_there_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        link_tables(*files, tmp_path / "links.parquet", Choice(), FOUND, model=tmp_path / "model.json")


KINDS: dict[str, tuple[list[str | None], str]] = {
    "date_of_birth": (["19151111", "19480931", None], "date"),
    "dob": (["1971-06-24", "24.06.1971"], "date"),
    "year of birth": (["1971", "1980"], "date"),
    "postcode": (["4223", "4560", "2135"], "text"),
    "street_number": (["8", "12", "905"], "text"),
    "soc_sec_id": (["5304218", "4066625", "4365168"], "number"),
    "snils": (["112-233-445 95", "087-654-303 00"], "number"),
    "first_name": (["Ann", "Robert", None], "name"),
    "Фамилия": (["Иванов", "Петров"], "name"),
    "suburb": (["winston hills", "dapto"], "place"),
    "email": (["a@b.org", "c@d.net"], "email"),
    "state": (["nsw", "vic"], "text"),
    "empty": ([None, None], "text"),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_of_a_column(name: str) -> None:
    values, kind = KINDS[name]
    assert kind_of(name, pl.Series("value", values, dtype=pl.String)) == kind


def test_patronymics_are_known_by_name() -> None:
    assert is_patronymic("Отчество")
    assert is_patronymic("middle_name")
    assert not is_patronymic("surname")


def test_a_table_without_ids_is_numbered(tmp_path: Path) -> None:
    path = _written(tmp_path / "plain.csv", [{"name": "Ann", "town": "Ely"}, {"name": "Ann", "town": "Ely"}])
    assert read_table(path, Choice()).ids.to_list() == ["0", "1"]
