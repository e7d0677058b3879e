"""Who flips between two states of law: as two runs of their own would say, whatever the slices, with registers and without."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from rightcall.cli import app
from rightcall.law.compare import Side, side_named
from rightcall.law.problem import Refused
from rightcall.screening.job import Order, run
from rightcall.screening.reform import Reform, compare_over
from rightcall.synthetic.country import Country, write_country

BEFORE, AFTER = "ru_2022@2022-10-04", "ru_2022@2022-10-05"


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("village") / "village"
    write_country(Country(3, 1_500), folder)
    return folder


def of_its_own(village: Path, side: Side, out: Path, registers: bool) -> pl.DataFrame:
    order = Order(village, side.pack, side.readings, side.readings_name, side.day, village / "registers" if registers else None)
    run(order, out)
    return pl.read_parquet(out / "findings.parquet")


def expected(one: pl.DataFrame, other: pl.DataFrame) -> dict[str, tuple[str, str, set[str], set[str]]]:
    """By id: both verdicts, and the grounds gained and lost."""
    found = {}
    for was, now in zip(one.iter_rows(named=True), other.iter_rows(named=True), strict=True):
        held, holds = ({id for id in row["reasons"] if id.startswith("RU22")} for row in (was, now))
        if was["verdict"] != now["verdict"] or held != holds:
            found[was["id"]] = (was["verdict"], now["verdict"], holds - held, held - holds)
    return found


@pytest.mark.parametrize("registers", [False, True])
def test_flips_are_those_of_two_runs(village: Path, tmp_path: Path, registers: bool) -> None:
    before, after = side_named(BEFORE), side_named(AFTER)
    summary = compare_over(Reform(before, after, village, village / "registers" if registers else None), tmp_path / "flips", slice_size=400)
    flips = pl.read_parquet(tmp_path / "flips/flips.parquet")
    runs = [of_its_own(village, side, tmp_path / name, registers) for name, side in (("one", before), ("other", after))]
    wanted = expected(*runs)
    found = {row["id"]: (row["before"], row["after"], set(row["gained"]), set(row["lost"])) for row in flips.iter_rows(named=True)}
    assert found == wanted
    assert summary["people"] == runs[0].height
    assert summary["differ"] == len(wanted)
    assert sum(row["people"] for row in summary["pairs"]) == sum(was != now for was, now, _, _ in wanted.values())
    assert summary["verdicts"]["after"] == {verdict: (runs[1]["verdict"] == verdict).sum() for verdict in ("barred", "deferred", "open", "clear")}
    if registers:
        assert wanted, "nobody flips: the test shows nothing"


def test_nobody_flips_between_a_law_and_itself(village: Path, tmp_path: Path) -> None:
    side = side_named("ru_2022")
    summary = compare_over(Reform(side, side, village), tmp_path / "flips")
    assert (summary["differ"], summary["pairs"], summary["provisions"]) == (0, [], [])
    assert pl.read_parquet(tmp_path / "flips/flips.parquet").is_empty()


def test_what_is_refused_leaves_nothing(village: Path, tmp_path: Path) -> None:
    side = side_named("ru_2022")
    with pytest.raises(Refused):
        compare_over(Reform(side, side_named("ua"), village), tmp_path / "flips")
    assert not list(tmp_path.iterdir())


def test_a_comparison_and_a_run_do_not_take_each_others_place(village: Path, tmp_path: Path) -> None:
    side = side_named("ru_2022")
    of_its_own(village, side, tmp_path / "run", registers=False)
    compare_over(Reform(side, side, village), tmp_path / "flips")
    with pytest.raises(Refused, match="holds other files"):
        compare_over(Reform(side, side, village), tmp_path / "run")
    with pytest.raises(Refused, match="holds other files"):
        of_its_own(village, side, tmp_path / "flips", registers=False)
    assert (tmp_path / "run/findings.parquet").is_file()
    compare_over(Reform(side, side, village), tmp_path / "flips")


def test_the_command(village: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(
        app, ["pack", "compare", BEFORE, AFTER, "--roll", str(village), "--registers", str(village / "registers"), "--out", str(tmp_path / "f")]
    )
    assert said.exit_code == 0, said.output
    assert "have another verdict" in said.output
    lines = (tmp_path / "f/flips.csv").read_text("utf-8").splitlines()
    assert lines[0] == "id,region,before,after,gained,lost,opened,settled"
    asked = ["pack", "compare", BEFORE, AFTER, "--roll", str(village), "--out", str(tmp_path / "f"), "--json"]
    as_json = CliRunner().invoke(app, asked)
    assert json.loads(as_json.stdout)["people"] == 1_500
    shutil.rmtree(tmp_path / "f")


@pytest.mark.parametrize(
    ("more", "says"),
    [(["--out", "x"], "nobody to look at"), (["--roll", "x"], "no folder for those who flip")],
)
def test_half_an_order_is_refused(more: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match=says):
        CliRunner().invoke(app, ["pack", "compare", "ru_2022", "ru_2022", *more], catch_exceptions=False)
