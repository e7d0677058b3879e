"""A formula says the same in the words of Polars, of Narwhals over Polars, and of Narwhals over DuckDB; and says a shared part once."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightcall.law.formula import Formula, Frame, Words, column, value, when

ROWS = pl.DataFrame(
    {"a": [1, None, -3, 40, 0], "b": [7, 2, None, -40, 0], "t": [True, None, False, True, False]}, schema_overrides={"a": pl.Int32, "b": pl.Int32}
)
Pair = tuple[Formula, Formula]


def numbers_of(below: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    made: dict[str, Callable[[Pair], Formula]] = {
        "sum": lambda pair: pair[0] + pair[1],
        "difference": lambda pair: pair[0] - pair[1],
        "double": lambda pair: 2 * pair[0],
        "rest": lambda pair: (pair[0].fill_null(5) // 3) % 4,
        "filled": lambda pair: pair[0].fill_null(9),
    }
    return st.tuples(st.sampled_from(sorted(made)), st.tuples(below, below)).map(lambda drawn: made[drawn[0]](drawn[1]))


def flags_of(below: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    pairs = st.tuples(below, below)
    return pairs.map(lambda pair: pair[0] & ~pair[1]) | pairs.map(lambda pair: pair[0] | pair[1])


NUMBERS = st.recursive(st.sampled_from("ab").map(column) | st.integers(-3, 3).map(value), numbers_of, max_leaves=5)
TWO = st.tuples(NUMBERS, NUMBERS)
COMPARED = st.one_of(
    st.just("t").map(lambda name: column(name).fill_null(False)),
    TWO.map(lambda pair: (pair[0] < pair[1]).fill_null(True)),
    TWO.map(lambda pair: (pair[0] == pair[1]).fill_null(False)),
    NUMBERS.map(lambda number: number.is_null()),
    NUMBERS.map(lambda number: number.is_in([1, 2, 3]).fill_null(False)),
)
FLAGS = st.recursive(COMPARED, flags_of, max_leaves=4)


def of_polars() -> Frame:
    return nw.from_native(ROWS.lazy())


def of_duckdb() -> Frame:
    return nw.from_native(duckdb.from_arrow(ROWS.to_arrow()))


def said(frame: Frame, formula: Formula, native: bool) -> list[object]:
    words = Words(frame)
    assert words.is_native is native
    found = words.select(frame, ["a", "b", "t"], {"found": formula}).collect("polars").to_native()
    return sorted(str(row) for row in found.rows())


@given(FLAGS, NUMBERS, NUMBERS)
def test_engines_agree(condition: Formula, one: Formula, other: Formula) -> None:
    formula = when(condition, one.cast("Int64"), other.cast("Int64"))
    assert said(of_polars(), formula, native=True) == said(of_duckdb(), formula, native=False)


def test_a_shared_part_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said_of: list[Formula] = []
    plain: Callable[[Words, Formula], object] = Words._say
    monkeypatch.setattr(Words, "_say", lambda words, formula: (said_of.append(formula), plain(words, formula))[1])
    shared = column("a") + 1
    for _ in range(12):
        shared = shared + shared
    Words(of_polars()).with_columns(of_polars(), {"found": shared})
    assert len(said_of) == 14


def test_a_formula_has_no_truth_of_its_own() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(column("a") < 3)
