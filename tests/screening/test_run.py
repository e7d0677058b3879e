"""The main job: in slices as in one piece, in the order of the roll, on the day that was asked for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from rightcall.law.pack import Pack, find_pack
from rightcall.law.problem import Refused
from rightcall.law.question import UNANSWERED
from rightcall.law.value import day_number
from rightcall.records.roll import read_roll
from rightcall.screening.run import Screening, choose_day, screen
from rightcall.screening.tally import Tally

TOWN = Path(__file__).parents[2] / "examples/town"


@cache
def law() -> Pack:
    return find_pack("ru_2022")


def crowd(folder: Path) -> Path:
    """The people of the example five times over, with children for some of them, in no order."""
    order = random.Random(5)
    people, children = ((TOWN / f"{name}.csv").read_text("utf-8").splitlines() for name in ("people", "children"))
    rows = [f"{copy}{row}" for copy in "edcba" for row in people[1:]]
    owned = [f"{copy}{row}" for copy in "edcba" for row in children[1:]]
    for table in (rows, owned):
        order.shuffle(table)
    folder.mkdir()
    (folder / "people.csv").write_text("\n".join([people[0], *rows]) + "\n", "utf-8")
    (folder / "children.csv").write_text("\n".join([children[0], *owned]) + "\n", "utf-8")
    return folder


def screened(path: Path, tmp_path: Path, slice_size: int) -> tuple[pl.DataFrame, Tally, list[int]]:
    roll = read_roll(path, law(), tmp_path)
    screening = Screening(law(), UNANSWERED, roll, choose_day(roll, law(), None))
    steps: list[int] = []
    target = tmp_path / f"findings-{slice_size}.parquet"
    screen(screening, target, steps.append, slice_size)
    return pl.read_parquet(target), screening.tally, steps


def test_slices_of_a_roll_in_no_order_are_the_same_as_one_piece(tmp_path: Path) -> None:
    path = crowd(tmp_path / "crowd")
    whole, tally, once = screened(path, tmp_path, 1_000)
    sliced, added, steps = screened(path, tmp_path, 17)
    assert sliced.equals(whole)
    assert added == tally
    assert steps == [17, 17, 1]
    assert tally.people == sum(once) == whole.height == 35
    ids = [row.partition(",")[0] for row in (path / "people.csv").read_text().splitlines()[1:]]
    assert whole["id"].to_list() == ids != sorted(ids)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, Tally, list[int]]:
    return screened(TOWN, tmp_path_factory.mktemp("town"), 1_000)


def test_slices_of_three(town: tuple[pl.DataFrame, Tally, list[int]], tmp_path: Path) -> None:
    sliced, added, steps = screened(TOWN, tmp_path, 3)
    assert sliced.equals(town[0])
    assert added == town[1]
    assert steps == [3, 3, 1]


def test_the_schema_of_the_findings(town: tuple[pl.DataFrame, Tally, list[int]]) -> None:
    found = town[0]
    lists = dict.fromkeys(("reasons", "missing", "questions"), pl.List(pl.String))
    wanted = {"id": pl.String, "verdict": pl.String, **lists, **dict.fromkeys(law().provisions, pl.Boolean)}
    assert dict(found.schema) == wanted
    assert found.columns == list(wanted)
    assert not any(found[name].null_count() for name in ("id", "verdict", *lists))
    assert set(found["verdict"]) <= {"barred", "deferred", "open", "clear"}


DAYS: list[tuple[str, str | None, tuple[int, int, int] | None, str]] = [
    ("id,date.notice\np1,2022-10-10\n", None, None, "each person's own date.notice: the roll does not give everybody's date.decision"),
    ("id,date.notice\np1,2022-10-10\np2,\n", None, None, "1 people have none, so their day is unknown"),
    ("id,date.decision\np1,2022-10-10\n", None, None, "each person's own date.decision"),
    ("id,date.decision,date.notice\np1,2022-10-10,\np2,,2022-10-10\n", None, None, "each person's own date.notice"),
    ("id,date.notice\np1,2022-09-21..2022-09-27\n", None, None, "each person's own date.notice"),
    ("id\np1\n", "2022-10-10", (2022, 10, 10), "2022-10-10 for everybody, as asked for"),
    ("id,date.dispatch\np1,2022-10-10\n", "date.dispatch", None, "each person's own date.dispatch, as asked for"),
]


@pytest.mark.parametrize(("content", "asked", "on", "says"), DAYS)
def test_the_day_that_is_chosen(content: str, asked: str | None, on: tuple[int, int, int] | None, says: str, tmp_path: Path) -> None:
    (tmp_path / "roll.csv").write_text(content)
    day = choose_day(read_roll(tmp_path / "roll.csv", law(), tmp_path), law(), asked)
    assert says in day.says
    assert (day.on.low if day.on else None) == (day_number(date(*on)) if on else None)


DAYS_REFUSED: Mapping[str | None, str] = {
    None: "the roll does not say on which day to judge",
    "tomorrow": "`tomorrow` is not a day",
    "2022-02-30": "`2022-02-30` is not a day",
    "date.notise": "did you mean `date.notice`?",
    "person.sex": "`person.sex` is not a day",
}


@pytest.mark.parametrize(("asked", "message"), DAYS_REFUSED.items())
def test_a_day_that_is_none(asked: str | None, message: str, tmp_path: Path) -> None:
    (tmp_path / "roll.csv").write_text("id,person.sex\np1,M\n")
    roll = read_roll(tmp_path / "roll.csv", law(), tmp_path)
    with pytest.raises(Refused) as refused:
        choose_day(roll, law(), asked)
    assert message in str(refused.value)
