"""The whole job with registers: what they add to a roll, and a later run that looks only at what is new."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from rightcall.law.pack import Pack, find_pack, load_pack
from rightcall.law.problem import Refused
from rightcall.records.baseline import FOLDER, Baseline
from rightcall.screening.earlier import CHANGES, FINDINGS
from rightcall.screening.job import Order, Outcome, Watch, run
from rightcall.synthetic.country import REGISTER_FOLDER, Country, write_country

PEOPLE = 1_500
LAW: Pack = find_pack("ru_2022")


def checked(country: Path, out: Path, **more: object) -> Outcome:
    order = {"roll": country, "law": LAW, "readings": LAW.readings(None), "registers": country / REGISTER_FOLDER} | more
    return run(Order(**order), out)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("job") / "country"
    write_country(Country(5, PEOPLE), folder)
    return folder


@pytest.fixture(scope="module")
def first(country: Path) -> Path:
    out = country.parent / "first"
    checked(country, out)
    return out


def changed(country: Path, folder: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Path:
    """A copy of the country with one table changed."""
    shutil.copytree(country, folder)
    path = folder / f"{table}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)
    return folder


def findings(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / FINDINGS)


def summary(out: Path) -> dict:
    return json.loads((out / "summary.json").read_text("utf-8"))


# --- registers ------------------------------------------------------------------------------------------------------


def test_registers_find_whom_the_roll_does_not_know_to_be_protected(country: Path, first: Path, tmp_path: Path) -> None:
    checked(country, tmp_path / "alone", registers=None)
    alone, beside = summary(tmp_path / "alone")["verdicts"], summary(first)["verdicts"]
    assert alone["clear"] == beside["clear"] == 0
    assert beside["barred"] + beside["deferred"] > 5 * (alone["barred"] + alone["deferred"])


def test_the_receipt_and_the_summary_name_every_register(country: Path, first: Path) -> None:
    receipt = json.loads((first / "receipt.json").read_text("utf-8"))
    names = [resource["name"] for resource in json.loads((country / REGISTER_FOLDER / "datapackage.json").read_text("utf-8"))["resources"]]
    assert [row["name"] for row in receipt["registers"]] == [row["name"] for row in summary(first)["registers"]] == names
    assert all(row["sha256"] for row in receipt["registers"])
    military = next(row for row in summary(first)["registers"] if row["name"] == "military_record")
    assert 0.95 * PEOPLE < military["people"] <= PEOPLE
    assert military["rows"] > military["people"]


def test_no_name_stands_in_any_result(country: Path, first: Path) -> None:
    people = pl.read_parquet(country / "people.parquet")
    names = {name.encode() for name in [*people["surname"].unique().to_list(), *people["number"].drop_nulls().to_list()] if len(name) > 6}
    for path in first.rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            assert not [name for name in names if name in text], path.name


def test_whom_two_worlds_settle_is_open_for_identity(first: Path) -> None:
    found, links = findings(first), pl.read_parquet(first / FOLDER / "links.parquet")
    doubted = set(links.filter(~pl.col("certain"))["id"])
    held = found.filter(pl.col("reasons") == ["identity"])
    assert set(held["id"]) <= doubted
    assert summary(first)["open_because"]["identity"] == held.height


def test_a_run_is_watched(country: Path, tmp_path: Path) -> None:
    stages: list[str] = []
    done: list[int] = []
    watch = Watch(stages.append, lambda people, of: done.append(people))
    run(Order(country, LAW, LAW.readings(None)), tmp_path / "out", watch)
    assert stages == ["reading the roll", "reading registers", "checking", "writing the results"]
    assert sum(done) == PEOPLE


# --- a later run ----------------------------------------------------------------------------------------------------


def d_for_some(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(category=pl.when(pl.int_range(pl.len()) % 50 == 0).then(pl.lit("D")).otherwise("category"))


def several(country: Path, folder: Path) -> Path:
    """A copy in which rows of three registers changed, went and came twice, and forty people have another day."""
    shutil.copytree(country, folder)
    changes: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
        "registers/health": d_for_some,
        "registers/children": lambda rows: rows.gather_every(2),
        "registers/courts": lambda rows: pl.concat([rows, rows.head(40)]),
        "people": lambda rows: rows.with_columns(
            pl.when(pl.int_range(pl.len()) < 40).then(pl.date(2022, 9, 30)).otherwise("date.decision").alias("date.decision")
        ),
    }
    for table, change in changes.items():
        change(pl.read_parquet(folder / f"{table}.parquet")).write_parquet(folder / f"{table}.parquet")
    return folder


def test_a_later_run_finds_what_a_whole_run_finds(country: Path, first: Path, tmp_path: Path) -> None:
    """But for what a whole run learns from the change itself, which may move a link across a threshold."""
    today = several(country, tmp_path / "today")
    outcome = checked(today, tmp_path / "later", since=first / "receipt.json")
    checked(today, tmp_path / "whole")
    later, whole = findings(tmp_path / "later"), findings(tmp_path / "whole")
    assert later["id"].equals(whole["id"])
    differing = later.filter(later["verdict"] != whole["verdict"])
    assert differing.height <= 2, differing.select("id", "verdict")
    assert 40 < outcome.summary["changes"]["looked_at"] < PEOPLE
    assert outcome.summary["people"] == whole.height
    assert outcome.summary["verdicts"] == {verdict: (later["verdict"] == verdict).sum() for verdict in outcome.summary["verdicts"]}


def links_of(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / FOLDER / "links.parquet").select("id", "register", "~row", "certain").sort("register", "~row", "id")


def test_a_row_that_names_somebody_else_now_is_linked_anew_and_one_that_says_something_else_is_not(country: Path, first: Path, tmp_path: Path) -> None:
    """Forty rows of one register have each other's names; forty more another category."""
    who = ["number", "surname", "given", "patronymic", "birth_date", "place"]

    def mixed(rows: pl.DataFrame) -> pl.DataFrame:
        names = [name for name in who if name in rows.columns]
        assert len(names) >= 4, rows.columns
        some = pl.concat([rows.select(names).slice(1, 39), rows.select(names).head(1), rows.select(names).slice(40)])
        other = pl.when(pl.int_range(pl.len()).is_between(60, 99)).then(pl.lit("D")).otherwise("category").alias("category")
        return rows.with_columns(some).with_columns(other)

    today = changed(country, tmp_path / "today", f"{REGISTER_FOLDER}/health", mixed)
    checked(today, tmp_path / "later", since=first)
    checked(today, tmp_path / "whole")
    assert links_of(tmp_path / "later").equals(links_of(tmp_path / "whole"))
    assert not links_of(tmp_path / "later").equals(links_of(first))
    assert findings(tmp_path / "later")["verdict"].equals(findings(tmp_path / "whole")["verdict"])


REORDERED: dict[str, tuple[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "rows in another order": ("registers/health", lambda rows: rows.reverse()),
    "people in another order": ("people", lambda rows: rows.reverse()),
    "people who went": ("people", lambda rows: rows.tail(PEOPLE - 30)),
}


@pytest.mark.parametrize("name", REORDERED)
def test_what_only_stands_elsewhere_changes_nothing(name: str, country: Path, first: Path, tmp_path: Path) -> None:
    table, change = REORDERED[name]
    today = changed(country, tmp_path / "today", table, change)
    outcome = checked(today, tmp_path / "later", since=first)
    ids = pl.read_parquet(today / "people.parquet", columns=["id"])
    assert findings(tmp_path / "later").equals(ids.join(findings(first), on="id", how="left", maintain_order="left"))
    assert outcome.summary["changes"]["people"] == PEOPLE - ids.height


def test_nothing_new_is_nobody_looked_at(country: Path, first: Path, tmp_path: Path) -> None:
    outcome = checked(country, tmp_path / "out", since=first)
    assert outcome.summary["changes"] == {"looked_at": 0, "because": [], "people": 0, "verdicts": []}
    assert findings(tmp_path / "out").equals(findings(first))
    mine, theirs = summary(tmp_path / "out"), summary(first)
    assert {key for key in theirs if mine[key] != theirs[key]} <= {"registers", "contradicted"}


def test_a_death_flips_one_person_and_says_why(country: Path, first: Path, tmp_path: Path) -> None:
    links = pl.read_parquet(first / FOLDER / "links.parquet").filter((pl.col("register") == "civil_status") & pl.col("certain"))
    open_ones = findings(first).filter((pl.col("verdict") == "open") & ~pl.col("RU22-ALIVE"))["id"]
    other = pl.read_parquet(first / FOLDER / "links.parquet").filter(pl.col("register") == "residence")["id"]
    silent = [one for one in open_ones if one not in set(other)]
    assert silent, "everybody's residence is registered"
    id, row = links.filter(pl.col("id").is_in(silent)).select("id", "~row").row(0)

    def died(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(alive=pl.when(pl.int_range(pl.len()) == row - 1).then(False).otherwise("alive"))

    today = changed(country, tmp_path / "today", f"{REGISTER_FOLDER}/civil_status", died)
    outcome = checked(today, tmp_path / "out", since=first)
    flips = pl.read_parquet(tmp_path / "out" / CHANGES).to_dicts()
    assert flips == [{"id": id, "before": "open", "after": "barred", "because": ["civil_status"], "gained": ["RU22-ALIVE"], "lost": []}]
    assert outcome.summary["changes"]["verdicts"] == [{"before": "open", "after": "barred", "people": 1}]


def test_who_comes_and_who_goes_is_told(country: Path, first: Path, tmp_path: Path) -> None:
    def renamed(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(id=pl.when(pl.col("id") == rows["id"][7]).then(pl.lit("newcomer")).otherwise("id"))

    id = findings(first)["id"][7]
    today = changed(country, tmp_path / "today", "people", renamed)
    checked(today, tmp_path / "out", since=first)
    flips = {row["id"]: row for row in pl.read_parquet(tmp_path / "out" / CHANGES).to_dicts()}
    assert flips[id]["after"] is None
    assert "no longer on the roll" in flips[id]["because"]
    assert flips["newcomer"]["before"] is None
    assert "new on the roll" in flips["newcomer"]["because"]
    assert flips["newcomer"]["after"] == flips[id]["before"] == findings(first)["verdict"][7]


def test_other_readings_concern_everybody(country: Path, first: Path, tmp_path: Path) -> None:
    outcome = checked(country, tmp_path / "later", since=first, readings=LAW.readings("practice"), readings_name="practice")
    assert outcome.summary["changes"]["because"] == [{"because": "the readings", "people": PEOPLE}]
    assert outcome.summary["open_because"]["law"] < summary(first)["open_because"]["law"]
    checked(country, tmp_path / "back", since=tmp_path / "later")
    assert findings(tmp_path / "back").equals(findings(first))


def test_a_law_with_other_pages_and_labels_concerns_everybody(country: Path, first: Path, tmp_path: Path) -> None:
    shutil.copytree(LAW.folder, tmp_path / "draft")
    (tmp_path / "draft" / LAW.provisions["RU22-664"].file).unlink()
    pack = tmp_path / "draft/pack.toml"
    pack.write_text(pack.read_text("utf-8") + "\n[[label]]\nname = 'free'\nverdict = 'clear'\n[[label]]\nname = 'kept'\nverdict = 'deferred'\n", "utf-8")
    draft = load_pack(tmp_path / "draft")
    outcome = checked(country, tmp_path / "later", since=first, law=draft, readings=draft.readings(None))
    checked(country, tmp_path / "whole", law=draft, readings=draft.readings(None))
    assert findings(tmp_path / "later").equals(findings(tmp_path / "whole"))
    assert outcome.summary["changes"]["because"] == [{"because": "the law", "people": PEOPLE}]
    assert "RU22-664" not in findings(tmp_path / "later").columns
    assert outcome.summary["labels"] == [{"label": "kept", "says": "", "people": outcome.summary["verdicts"]["deferred"]}]
    head, *rows = CalamineWorkbook.from_path(tmp_path / "later/findings.xlsx").get_sheet_by_name("findings").to_python()
    assert head[:4] == ["id", "verdict", "class", "provisions"]
    assert {(row[1], row[2]) for row in rows} == {("barred", ""), ("open", ""), ("deferred", "kept")}


def test_another_description_of_the_registers_links_anew(country: Path, first: Path, tmp_path: Path) -> None:
    today = tmp_path / "today"
    shutil.copytree(country, today)
    package = today / REGISTER_FOLDER / "datapackage.json"
    package.write_text(package.read_text("utf-8").replace('"validDays": 45', '"validDays": 1'), "utf-8")
    outcome = checked(today, tmp_path / "later", since=first)
    assert outcome.summary["changes"]["because"] == [{"because": "the description of the registers", "people": PEOPLE}]
    assert any("booking" in fact["fact"] for fact in outcome.summary["to_ask"])


def test_a_later_run_serves_a_later_one(country: Path, first: Path, tmp_path: Path) -> None:
    checked(several(country, tmp_path / "today"), tmp_path / "second", since=first)
    checked(country, tmp_path / "third", since=tmp_path / "second")
    assert findings(tmp_path / "third").equals(findings(first))


def test_a_plain_roll_has_later_runs_too(tmp_path: Path) -> None:
    town = Path(__file__).parents[2] / "examples" / "town"
    checked(town, tmp_path / "first", registers=None)
    today = tmp_path / "today"
    shutil.copytree(town, today)
    children = today / "children.csv"
    children.write_text("\n".join(children.read_text("utf-8").splitlines()[:-1]) + "\n", "utf-8")
    outcome = checked(today, tmp_path / "later", registers=None, since=tmp_path / "first")
    checked(today, tmp_path / "whole", registers=None)
    assert outcome.summary["changes"]["looked_at"] == 1
    assert findings(tmp_path / "later").equals(findings(tmp_path / "whole"))


REFUSED = {
    "no receipt": (lambda out: (out / "receipt.json").unlink(), "is not the receipt of a run"),
    "another version": (lambda out: _edited(out, '"rightcall": "', '"rightcall": "0.'), "another version of Rightcall"),
    "findings that were touched": (lambda out: findings(out).head(3).write_parquet(out / FINDINGS), "are not those of its receipt"),
    "a baseline that is gone": (lambda out: shutil.rmtree(out / FOLDER), "cannot be built on"),
    "a baseline that is damaged": (lambda out: (out / FOLDER / "links.parquet").write_bytes(b"PAR1"), "cannot be built on"),
    "another version of the engine": (lambda out: _edited(out, '"polars": "', '"polars": "0.', f"{FOLDER}/learned.json"), "another version of Polars"),
}


def _edited(out: Path, old: str, new: str, file: str = "receipt.json") -> None:
    path = out / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


@pytest.mark.parametrize("name", REFUSED)
def test_an_earlier_run_that_cannot_be_built_on_is_refused(name: str, country: Path, first: Path, tmp_path: Path) -> None:
    spoil, says = REFUSED[name]
    shutil.copytree(first, tmp_path / "first")
    spoil(tmp_path / "first")
    with pytest.raises(Refused, match=says):
        checked(country, tmp_path / "out", since=tmp_path / "first")
    assert not (tmp_path / "out").exists()


def test_a_baseline_comes_back_as_it_was_written(first: Path, tmp_path: Path) -> None:
    one = Baseline.read(first / FOLDER)
    one.write(tmp_path / "again")
    again = Baseline.read(tmp_path / "again")
    assert one.people.collect().equals(again.people.collect())
    assert one.rows.equals(again.rows)
    assert one.links.equals(again.links)
    assert one.learned is not None
    assert again.learned is not None
    assert (one.learned.model, one.learned.share, one.learned.rules) == (again.learned.model, again.learned.share, again.learned.rules)
