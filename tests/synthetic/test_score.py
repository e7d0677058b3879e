"""The score: counted by hand on small frames, and end to end on a country with and without faults."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from rightcall.law.pack import Pack, find_pack
from rightcall.law.problem import Refused
from rightcall.records.linkage import Thresholds
from rightcall.synthetic.country import TRUTH, Country, write_country
from rightcall.synthetic.fault import Faults
from rightcall.synthetic.inquiry import Inquiry, ask_everybody, true_findings, write_answers
from rightcall.synthetic.register import REGISTERS
from rightcall.synthetic.score import NO_FAULT, Share, as_data, as_text, causes, registers_of, score
from rightcall.synthetic.trial import Trial, as_table, score_run

SOWN = {"register": pl.String, "row": pl.Int64, "id": pl.String, "fault": pl.String}


@cache
def law() -> Pack:
    return find_pack("ru_2022")


def findings(*rows: tuple[str, str, list[str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"id": pl.String, "verdict": pl.String, "reasons": pl.List(pl.String)}, orient="row")


TRUTH_OF_SIX = findings(
    ("dead", "barred", ["RU22-ALIVE"]),
    ("student", "deferred", ["RU22-712"]),
    ("father", "deferred", ["RU22-18-1-4a"]),
    ("fit", "clear", []),
    ("free", "clear", []),
    ("ill", "open", ["law"]),
)
BEFORE = findings(
    ("dead", "barred", ["RU22-ALIVE"]),
    ("student", "open", ["ask"]),
    ("father", "clear", []),
    ("fit", "open", ["ask"]),
    ("free", "open", ["ask"]),
    ("ill", "open", ["ask"]),
)
AFTER = findings(
    ("dead", "barred", ["RU22-ALIVE"]),
    ("student", "clear", []),
    ("father", "clear", []),
    ("fit", "clear", []),
    ("free", "open", ["evidence"]),
    ("ill", "clear", []),
)
FAULTS = pl.DataFrame(
    [("education", 7, "student", "typo"), ("civil_status", 1, "student", "typo"), ("children", None, "father", "missing"), ("health", 3, "free", "stale")],
    schema=SOWN,
    orient="row",
)


def test_shares_by_hand() -> None:
    found = score(TRUTH_OF_SIX, BEFORE, AFTER, FAULTS, law())
    assert (found.stopped_before, found.stopped) == (Share(2, 3), Share(1, 3))
    assert (found.cleared_before, found.cleared) == (Share(0, 2), Share(1, 2))
    assert found.open_cleared == Share(1, 1)
    assert not found.passes


def test_a_miss_is_led_back_to_the_row_that_bears_on_its_ground() -> None:
    misses = score(TRUTH_OF_SIX, BEFORE, AFTER, FAULTS, law()).misses
    assert misses.rows() == [("student", "RU22-712", "typo", "education", 7), ("father", "RU22-18-1-4a", "missing", "children", None)]
    held = score(TRUTH_OF_SIX, BEFORE, AFTER, FAULTS, law()).held
    assert held.rows() == [("free", "evidence", "stale", "health", 3)]


def test_a_miss_without_a_fault_says_so() -> None:
    misses = score(TRUTH_OF_SIX, BEFORE, AFTER, FAULTS.clear(), law()).misses
    assert misses["cause"].to_list() == [NO_FAULT] * 2
    assert causes(misses) == {NO_FAULT: 2}


def test_nobody_to_score_is_no_miss() -> None:
    nobody = TRUTH_OF_SIX.clear()
    assert score(nobody, nobody, nobody, FAULTS, law()).passes


def test_every_protective_ground_but_those_asked_of_the_person_has_a_register() -> None:
    asked = {"RU22-18-1-3", "RU22-18-1-4d", "RU22-END", "RU22-MINOR"}
    assert {id for id in (provision.id for provision in law().protective) if not registers_of(law(), id)} <= asked
    assert registers_of(law(), "RU22-ALIVE") == ("civil_status", "residence")
    assert registers_of(law(), "RU22-18-1-4a") == ("children",)


def test_the_score_in_words_and_as_data() -> None:
    found = score(TRUTH_OF_SIX, BEFORE, AFTER, FAULTS, law())
    text = as_text(found)
    assert "student  RU22-712: typo (education, row 7)" in text
    assert "father  RU22-18-1-4a: missing (children, no row)" in text
    assert text.count("NOT REACHED") == 3
    data = json.loads(json.dumps(as_data(found)))
    assert data["stopped"] == {"are": 1, "of": 3, "share": 0.333333}
    assert [row["id"] for row in data["misses"]] == ["student", "father"]
    table = as_table([Trial("usual", found)])
    assert table.splitlines()[1].split() == ["usual", "66.667", "%", "33.333", "%", "50.000", "%", "2"]


# end to end


@pytest.fixture(scope="module")
def flawless(tmp_path_factory: pytest.TempPathFactory) -> Inquiry:
    """A country without faults, read and linked."""
    folder = tmp_path_factory.mktemp("flawless")
    write_country(Country(11, 2_000, Faults().scaled(0)), folder / "country")
    (folder / "work").mkdir()
    return Inquiry.into(folder / "country", law(), law().readings(None), folder / "work", Thresholds())


@pytest.fixture(scope="module")
def truth(flawless: Inquiry) -> pl.DataFrame:
    return true_findings(flawless.folder, law(), flawless.readings)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ordinary") / "country"
    write_country(Country(11, 2_000), folder)
    return folder


def test_without_faults_nothing_is_missed(flawless: Inquiry, truth: pl.DataFrame) -> None:
    before = flawless.found()
    found = score(truth, before, ask_everybody(flawless, before).found, FAULTS.clear(), law())
    assert (found.stopped.share, found.cleared.share, found.stopped_before.share) == (1, 1, 1)
    assert found.open_cleared.are == 0
    assert found.misses.is_empty()


def test_answers_alone_make_the_findings_true(flawless: Inquiry, truth: pl.DataFrame) -> None:
    """Without any register everything is asked; whoever is protected by his age needs no question."""
    bare = replace(flawless, evidence=replace(flawless.evidence, registers=()))
    before = bare.found()
    assert set(before["verdict"]) <= {"open", "barred"}
    after = ask_everybody(bare, before)
    protected = pl.col("verdict").replace("deferred", "barred")
    assert after.found.select("id", protected).equals(truth.select("id", protected))
    assert after.rounds >= 1


def test_an_answer_is_given_only_to_what_was_asked(flawless: Inquiry, tmp_path: Path) -> None:
    people = pl.read_parquet(flawless.folder / TRUTH / "people.parquet")
    parent = pl.read_parquet(flawless.folder / TRUTH / "children.parquet")["id"][0]
    ids = [people.filter(pl.col("id") != parent)["id"][0], parent]
    people = people.filter(pl.col("id").is_in(ids)).sort(pl.col("id") == parent)
    asked = pl.DataFrame({"id": [ids[0], ids[1], ids[1]], "fact": ["health.illness", "study.form", "children.complete"]})
    told = {register.descriptor.listed or "people": register.frame.collect() for register in write_answers(flawless.folder / TRUTH, asked, law(), tmp_path)}
    assert told["people"].select("id", "health.illness").sort(pl.col("id") == parent).rows() == [(ids[0], people["health.illness"][0]), (ids[1], None)]
    assert told["people"].sort(pl.col("id") == parent)["study.form"].to_list() == [None, people["study.form"][1]]
    assert set(told["children"]["id"]) == {parent}


def run_of(found: pl.DataFrame, out: Path, **changes: object) -> Path:
    """What a run leaves behind, as far as it is scored."""
    out.mkdir()
    found.write_parquet(out / "findings.parquet")
    receipt = {"pack": {"id": "ru_2022", "sha256": law().hash}, "readings": {"title": law().readings(None).title}}
    (out / "receipt.json").write_text(json.dumps(receipt | changes))
    return out


def test_a_run_is_scored_by_its_receipt_and_reaches_the_bars_with_the_usual_faults(ordinary: Path, tmp_path: Path) -> None:
    """A run that asks for all that it does not find, so that what is scored is what the registers and the answers make of it."""
    nothing = pl.read_parquet(ordinary / "people.parquet").select("id", verdict=pl.lit("open"), reasons=pl.lit(["ask"]), missing=pl.lit(["health.illness"]))
    found = score_run(ordinary, run_of(nothing, tmp_path / "out"))
    assert found.passes
    assert found.cleared_before.are == 0
    assert found.stopped_before.share == 1


def test_what_is_no_run_over_the_country_is_refused(flawless: Inquiry, truth: pl.DataFrame, tmp_path: Path) -> None:
    folder, out = flawless.folder, run_of(truth, tmp_path / "out")
    with pytest.raises(Refused, match="is not a synthetic country"):
        score_run(tmp_path, out)
    with pytest.raises(Refused, match="holds no results of a run"):
        score_run(folder, tmp_path)
    with pytest.raises(Refused, match="the law has changed"):
        score_run(folder, run_of(truth, tmp_path / "law", pack={"id": "ru_2022", "sha256": "0"}))
    with pytest.raises(Refused, match="made with the readings `a court`"):
        score_run(folder, run_of(truth, tmp_path / "readings", readings={"title": "a court"}))
    truth.head(5).write_parquet(out / "findings.parquet")
    with pytest.raises(Refused, match="is over another roll"):
        score_run(folder, out)


def test_the_table_names_the_registers_of_the_country() -> None:
    assert len({register.name for register in REGISTERS}) == len(REGISTERS) == 12
