"""A number with decimals is one number in every format, or is refused: never one that is a hundred times another."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.law.account import read_person
from rightcall.law.pack import Pack, find_pack
from rightcall.law.problem import Refused
from rightcall.law.value import unit_words
from rightcall.records.cell import Cell, read_cell
from rightcall.records.roll import read_roll
from rightcall.records.row import person_of

LAW = find_pack("ua")
LOAD = LAW.vocabulary["workload"]


def _csv(path: Path, written: list[str | None]) -> Path:
    path = path.with_suffix(".csv")
    path.write_text("id,workload\n" + "".join(f"p{n},{text or ''}\n" for n, text in enumerate(written)), "utf-8")
    return path


def _json(path: Path, written: list[str | None]) -> Path:
    path = path.with_suffix(".json")
    records = [{"id": f"p{n}"} | ({} if text is None else {"workload": float(text)}) for n, text in enumerate(written)]
    path.write_text(json.dumps(records), "utf-8")
    return path


def _parquet(path: Path, written: list[str | None], dtype: pl.DataType | type[pl.DataType]) -> Path:
    path = path.with_suffix(".parquet")
    values = [None if text is None else Decimal(text) if isinstance(dtype, pl.Decimal) else float(text) for text in written]
    column = (
        pl.Series("workload", values, dtype=dtype)
        if not (isinstance(dtype, type) and dtype.is_integer())
        else pl.Series("workload", [None if v is None else int(v) for v in values], dtype=dtype)
    )
    pl.DataFrame([pl.Series("id", [f"p{n}" for n in range(len(written))]), column]).write_parquet(path)
    return path


Writer = Callable[[Path, list[str | None]], Path]
FRACTIONS: Mapping[str, Writer] = {
    "csv": _csv,
    "json": _json,
    "parquet, floats": lambda path, written: _parquet(path, written, pl.Float64),
    "parquet, short floats": lambda path, written: _parquet(path, written, pl.Float32),
    "parquet, decimals": lambda path, written: _parquet(path, written, pl.Decimal(10, 4)),
}
WHOLE: Mapping[str, Writer] = FRACTIONS | {
    "parquet, integers": lambda path, written: _parquet(path, written, pl.Int64),
    "parquet, small integers": lambda path, written: _parquet(path, written, pl.UInt8),
}


def loads(path: Path, law: Pack, folder: Path, count: int) -> list[Any]:
    roll = read_roll(path, law, folder)
    return [person_of(roll, f"p{n}", law.vocabulary).facts.get("workload") for n in range(count)]


def expected(written: str | None) -> Any:
    person, misfits = read_person({} if written is None else {"workload": float(written)}, LAW.vocabulary)
    assert not misfits
    return person.facts.get("workload")


@pytest.mark.parametrize("form", FRACTIONS)
@settings(max_examples=examples(15))
@given(units=st.lists(st.none() | st.integers(0, 20_000), min_size=1, max_size=5))
def test_every_format_reads_the_same_number(form: str, units: list[int | None], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("roll")
    written = [None if number is None else unit_words(number, LOAD.decimals) for number in units]
    found = loads(FRACTIONS[form](folder / "roll", written), LAW, folder, len(units))
    assert found == [expected(text) for text in written]
    assert [span and span.low for span in found] == units


@pytest.mark.parametrize("form", WHOLE)
def test_a_whole_number_is_whole(form: str, tmp_path: Path) -> None:
    found = loads(WHOLE[form](tmp_path / "roll", ["1", None, "2", "0"]), LAW, tmp_path, 4)
    assert [span and span.low for span in found] == [10_000, None, 20_000, 0]


@pytest.mark.parametrize("form", WHOLE)
def test_hundredths_are_refused_where_shares_are_meant(form: str, tmp_path: Path) -> None:
    path = WHOLE[form](tmp_path / "roll", ["1", "75"])
    with pytest.raises(Refused) as refused:
        read_roll(path, LAW, tmp_path)
    (problem,) = refused.value.problems
    assert "`workload` cannot be 75" in problem.message
    assert problem.help == "it is at least 0 and at most 2"


@pytest.mark.parametrize("form", ["csv", "json", "parquet, floats"])
def test_more_decimals_than_the_fact_has_are_refused(form: str, tmp_path: Path) -> None:
    path = FRACTIONS[form](tmp_path / "roll", ["0.74999"])
    with pytest.raises(Refused, match=r"`workload` is a number with at most 4 decimals, not `0\.74999`"):
        read_roll(path, LAW, tmp_path)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("0.75", Cell(low=7500, high=7500)),
        ("0.5..1", Cell(low=5000, high=10_000)),
        ("0.75..", Cell(low=7500, high=1_000_000_000)),
        ("none", Cell(none=True)),
        ("", Cell()),
    ],
)
def test_cells(text: str, cell: Cell) -> None:
    assert read_cell(LOAD, text) == cell


@pytest.mark.parametrize("text", ["0,75", "75%", "3/4", "75", "1..0.5", ".75", "1e-1", "-0.1"])
def test_cells_that_are_no_such_number(text: str) -> None:
    assert read_cell(LOAD, text).fault
