"""One roll in every format: accounts of people, as ``account.read_person`` reads them, written as every kind of file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from ruamel.yaml import YAML

from rightcall.law.account import read_person
from rightcall.law.pack import Pack, find_pack
from rightcall.law.person import Person
from rightcall.law.vocabulary import FactType

ROOT = Path(__file__).parents[2]
Account = Mapping[str, Any]
Table = list[dict[str, Any]]


@cache
def law() -> Pack:
    return find_pack("ru_2022")


@cache
def settled() -> Account:
    """Somebody of whom everything is known and whom nothing protects: the first of the example."""
    with (ROOT / "examples/town/people.csv").open(newline="") as source:
        row = next(csv.DictReader(source))
    return {name: _value(law().vocabulary[name], text) for name, text in row.items() if text and name not in ("id", "region")}


def _value(fact: FactType, text: str) -> Any:
    return {"bool": lambda: text == "true", "date": lambda: date.fromisoformat(text), "integer": lambda: int(text)}.get(fact.kind, lambda: text)()


def child(year: int, **more: Any) -> Account:
    return {"birth_date": date(year, 3, 1), "relation": "biological", "dependent": True, **more}


def town() -> dict[str, Account]:
    """People with every kind of value: exact, bounded, none, unknown; and lists, complete or not. Not in the order of their ids."""
    base = settled()
    return {
        "p4": base,
        "p1": {**base, "person.alive": False},
        "p7": {"date.notice": date(2022, 10, 10), "callup.region": 'Москва, "ЦАО"; 1'},
        "p2": {**base, "children": [child(2010 + n) for n in range(4)], "children.complete": True},
        "p3": {**base, "person.birth_date": [date(1971, 1, 1), date(1972, 12, 31)], "date.notice": [date(2022, 9, 21), date(2022, 9, 27)]},
        "p6": {**base, "health.disability_group": None, "study.form": "full_time", "study.since": date(2021, 9, 1), "study.until": None},
        "p8": {**base, "health.disability_group": [1, 2], "children": [child(2010, birth_date=[date(2009, 1, 1), None]), child(2005)]},
        "p5": {name: value for name, value in base.items() if name != "person.birth_date"},
        "p9": {**base, "children.complete": True, "children": [{**child(2020 - n), "dependent": None} for n in range(5)]},
    }


def without_lists(people: Mapping[str, Account]) -> dict[str, Account]:
    return {id: {name: value for name, value in account.items() if name not in lists()} for id, account in people.items()}


def lists() -> tuple[str, ...]:
    return tuple(fact.name for fact in law().vocabulary.lists)


def tidy(account: Account) -> Account:
    """The same account where a field that nobody knows is left out of its row."""
    unsaid = {name: [{key: value for key, value in row.items() if value is not None} for row in rows] for name, rows in account.items() if name in lists()}
    return {**account, **unsaid}


def person(account: Account) -> Person:
    found, misfits = read_person(tidy(account), law().vocabulary)
    assert not misfits
    return found


# --- people as tables of texts ------------------------------------------------------------------------------------


def as_cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "..".join("" if end is None else str(end) for end in value)
    return "none" if value is None else str(value)


def people_table(people: Mapping[str, Account]) -> Table:
    return [{"id": id, **{name: as_cell(value) for name, value in account.items() if name not in lists()}} for id, account in people.items()]


def list_tables(people: Mapping[str, Account]) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for id, account in people.items():
        for name, rows in tidy(account).items():
            if name in lists() and rows:
                found.setdefault(name, []).extend({"id": id, **{key: as_cell(value) for key, value in row.items()}} for row in rows)
    return found


def columns_of(table: Table) -> list[str]:
    return list(dict.fromkeys(column for row in table for column in row))


def write_csv(path: Path, table: Table, separator: str = ",", encoding: str = "utf-8", **style: Any) -> Path:
    with path.open("w", encoding=encoding, newline="") as target:
        writer = csv.DictWriter(target, columns_of(table), restval="", delimiter=separator, **style)
        writer.writeheader()
        writer.writerows(table)
    return path


def write_xlsx(path: Path, table: Table) -> Path:
    """A workbook: texts as texts, also numbers; real numbers, dates and booleans as such."""
    columns = columns_of(table)
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
        for number, column in enumerate(columns):
            sheet.write_string(0, number, column)
        for line, row in enumerate(table, 1):
            for number, column in enumerate(columns):
                value = row.get(column)
                if isinstance(value, date):
                    sheet.write_datetime(line, number, value, day)
                elif value is not None:
                    sheet.write(line, number, value)
    return path


def write_parquet(path: Path, table: Table) -> Path:
    pl.DataFrame({column: [row.get(column) for row in table] for column in columns_of(table)}, strict=False).write_parquet(path)
    return path


# --- people as typed tables ---------------------------------------------------------------------------------------


def typed(table: Iterable[tuple[str, Account]], kinds: Mapping[str, FactType]) -> Table:
    """Rows with values of their own type; bounds in two columns where anybody has them, none in a third."""
    rows = list(table)
    bounded = {name for _, account in rows for name, value in account.items() if isinstance(value, list)}
    return [{"id": id, **dict(_typed(account, kinds, bounded))} for id, account in rows]


def _typed(account: Account, kinds: Mapping[str, FactType], bounded: set[str]) -> Iterable[tuple[str, Any]]:
    for name, value in account.items():
        if name not in kinds:
            continue
        if value is None:
            yield f"{name}.none", True
        elif name in bounded:
            low, high = value if isinstance(value, list) else (value, value)
            yield from ((f"{name}.min", low), (f"{name}.max", high))
        else:
            yield name, value


def typed_people(people: Mapping[str, Account]) -> Table:
    table = typed(people.items(), {fact.name: fact for fact in law().vocabulary.plain})
    bounded = {column.removesuffix(".min") for row in table for column in row if column.endswith(".min")}
    return [{column: value for column, value in row.items() if column not in bounded} for row in table]


def typed_lists(people: Mapping[str, Account]) -> dict[str, Table]:
    rows: dict[str, list[tuple[str, Account]]] = {}
    for id, account in people.items():
        for name in [name for name in lists() if account.get(name)]:
            rows.setdefault(name, []).extend((id, row) for row in tidy(account)[name])
    return {name: typed(found, law().vocabulary[name].row) for name, found in rows.items()}


# --- the formats --------------------------------------------------------------------------------------------------


def _records(people: Mapping[str, Account]) -> list[dict[str, Any]]:
    def plain(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items()}
        return value.isoformat() if isinstance(value, date) else value

    return [{"id": id, "facts": plain(tidy(account))} for id, account in people.items()]


def write_yaml(path: Path, people: Mapping[str, Account]) -> Path:
    YAML(typ="safe", pure=True).dump(_records(people), path)
    return path


def write_json(path: Path, people: Mapping[str, Account]) -> Path:
    path.write_text(json.dumps(_records(people), ensure_ascii=False), "utf-8")
    return path


def flat_json(path: Path, people: Mapping[str, Account]) -> Path:
    records = [{"id": record["id"], **record["facts"]} for record in _records(people)]
    path.write_text(json.dumps({"people": records}, ensure_ascii=False), "utf-8-sig")
    return path


def _folder(write: Callable[[Path, Table], Path], suffix: str, are_typed: bool = False) -> Callable[[Path, Mapping[str, Account]], Path]:
    def written(path: Path, people: Mapping[str, Account]) -> Path:
        folder = path.with_suffix("")
        folder.mkdir()
        write(folder / f"people{suffix}", typed_people(people) if are_typed else people_table(people))
        for name, table in (typed_lists(people) if are_typed else list_tables(people)).items():
            write(folder / f"{name}{suffix}", table)
        return folder

    return written


FLAT: Mapping[str, tuple[str, Callable[[Path, Mapping[str, Account]], Path]]] = {
    "csv": ("roll.csv", lambda path, people: write_csv(path, people_table(people))),
    "csv, all quoted": ("roll.csv", lambda path, people: write_csv(path, people_table(people), quoting=csv.QUOTE_ALL)),
    "csv, semicolons": ("roll.csv", lambda path, people: write_csv(path, people_table(people), ";")),
    "csv, byte-order mark": ("roll.csv", lambda path, people: write_csv(path, people_table(people), encoding="utf-8-sig")),
    "csv, unix rows": ("roll.csv", lambda path, people: write_csv(path, people_table(people), lineterminator="\n")),
    "csv, old rows": ("roll.csv", lambda path, people: write_csv(path, people_table(people), lineterminator="\r")),
    "tsv": ("roll.tsv", lambda path, people: write_csv(path, people_table(people), "\t")),
    "xlsx, texts": ("roll.xlsx", lambda path, people: write_xlsx(path, people_table(people))),
    "xlsx, typed": ("roll.xlsx", lambda path, people: write_xlsx(path, typed_people(people))),
    "parquet, texts": ("roll.parquet", lambda path, people: write_parquet(path, people_table(people))),
    "parquet, typed": ("roll.parquet", lambda path, people: write_parquet(path, typed_people(people))),
}
WITH_LISTS: Mapping[str, tuple[str, Callable[[Path, Mapping[str, Account]], Path]]] = {
    "folder of csv": ("roll.x", _folder(write_csv, ".csv")),
    "folder of xlsx": ("roll.x", _folder(write_xlsx, ".xlsx")),
    "folder of parquet, typed": ("roll.x", _folder(write_parquet, ".parquet", are_typed=True)),
    "json": ("roll.json", write_json),
    "json, flat": ("roll.json", flat_json),
    "yaml": ("roll.yaml", write_yaml),
}
