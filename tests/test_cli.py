"""The command line from outside: exit codes, results that appear whole or not at all, words for people and data for programs."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
import python_calamine as calamine
import typer.main
from ruamel.yaml import YAML

from conftest import COMMAND, Run, Said, inside
from records.registers import write as register_folder
from rightcall import cli
from rightcall.screening.output import RESULTS

ROOT = Path(__file__).parent.parent
TOWN = ROOT / "examples/town"
PACKS = ROOT / "src/rightcall/packs"
CASES = ROOT / "examples/reported-cases.yaml"


def outside(*words: object, limit: int | None = None) -> Said:
    """The command line in a process of its own; ``limit``: the largest file it may write, in bytes."""

    def before() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=100, preexec_fn=before, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """The example once, by the command in a process of its own."""
    out = tmp_path_factory.mktemp("town") / "out"
    return out, outside("screen", TOWN, "--pack", "ru_2022", "--out", out)


# --- screen -------------------------------------------------------------------------------------------------------


def test_a_run_ends_with_0_and_all_results(town: tuple[Path, Said]) -> None:
    out, said = town
    assert said.code == 0, said.err
    assert {path.name for path in out.iterdir()} == set(RESULTS) - {"changes.parquet"}
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert "7 people" in said.out
    assert str(out / "report.html") in said.out


def test_the_results_agree_with_each_other(town: tuple[Path, Said]) -> None:
    out, _ = town
    found = pl.read_parquet(out / "findings.parquet")
    summary, receipt = (json.loads((out / name).read_text("utf-8")) for name in ("summary.json", "receipt.json"))
    verdicts = dict(found["verdict"].value_counts().iter_rows())
    assert {verdict: count for verdict, count in summary["verdicts"].items() if count} == verdicts == receipt["verdicts"]
    assert summary["people"] == receipt["people"] == found.height == 7
    assert [file["file"] for file in receipt["roll"]] == ["people.csv", "children.csv"]
    rows = sheet(out)
    assert rows[0][:2] == ["id", "verdict"]
    assert [row[:2] for row in rows[1:]] == [list(row) for row in found.select("id", "verdict").iter_rows()]


def sheet(out: Path) -> list[list[object]]:
    return calamine.CalamineWorkbook.from_path(out / "findings.xlsx").get_sheet_by_name("findings").to_python()


def test_readings_by_name_and_by_file_are_the_same(run: Run, tmp_path: Path) -> None:
    file = ROOT / "src/rightcall/packs/ru_2022/readings/practice.toml"
    for number, readings in enumerate(("practice", file)):
        assert run("screen", TOWN, "--pack", "ru_2022", "--readings", readings, "--out", tmp_path / f"out{number}", "-q") == (0, "", "")
    named, by_file = (pl.read_parquet(tmp_path / f"out{number}" / "findings.parquet") for number in (0, 1))
    assert named.equals(by_file)
    receipts = [json.loads((tmp_path / f"out{number}" / "receipt.json").read_text("utf-8"))["readings"] for number in (0, 1)]
    assert receipts[0] == receipts[1]
    assert receipts[0]["sha256"]


def test_reported_cases_agree_with_what_was_expected(run: Run, tmp_path: Path) -> None:
    some = YAML(typ="safe", pure=True).load(CASES)[::9]
    YAML(typ="safe", pure=True).dump(some, tmp_path / "cases.yaml")
    said = run("screen", tmp_path / "cases.yaml", "--pack", "ru_2022", "--out", tmp_path / "out")
    assert f"{len(some)} of {len(some)} cases agree" in said.out
    assert json.loads((tmp_path / "out/summary.json").read_text("utf-8"))["comparison"]["differences"] == []


def test_hostile_ids_stay_texts_and_disagreement_is_told(run: Run, tmp_path: Path) -> None:
    ids = ["=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(1)", "http://evil.example", "<script>alert(1)</script>", "[bold]x[/bold]", "a\tb", "007", "1e5"]
    records = [{"id": id, "facts": {"person.alive": id != "007", "date.notice": "25.09.2022"}, "expected": {"verdict": "barred"}} for id in ids]
    (tmp_path / "roll.json").write_text(json.dumps(records), "utf-8")
    said = run("screen", tmp_path / "roll.json", "--pack", "ru_2022", "--out", tmp_path / "out")
    assert said.code == 0, said.err
    rows = sheet(tmp_path / "out")
    assert [row[0] for row in rows[1:]] == ids
    with_formulas = shutil.which("unzip") and subprocess.run(["unzip", "-p", tmp_path / "out/findings.xlsx"], capture_output=True, check=True).stdout
    assert not with_formulas or b"<f>" not in with_formulas
    assert "<script>alert" not in (tmp_path / "out/report.html").read_text("utf-8")
    assert "1 of 10 cases agree" in said.out
    assert "[bold]x[/bold] verdict: expected barred, found open" in said.out


def test_notes_stand_in_the_receipt_and_on_the_screen(run: Run, tmp_path: Path) -> None:
    (tmp_path / "roll.csv").write_text("id,date.notice\np1,25.09.2022\n", "utf-8-sig")
    said = run("screen", tmp_path / "roll.csv", "--pack", "ru_2022", "--out", tmp_path / "out")
    notes = json.loads((tmp_path / "out/receipt.json").read_text("utf-8"))["notes"]
    assert notes == ["roll.csv: the file begins with a byte-order mark, which was left out", "roll.csv: `date.notice` has dates written day.month.year"]
    assert all(note in unwrapped(said.out) for note in notes)


REFUSED = [
    (["--pack", "ru_2202"], "there is no pack `ru_2202`\n    help: did you mean `ru_2022`?"),
    (["--pack", "ru_2022", "--readings", "practise"], "there are no readings `practise`\n    help: did you mean `practice`?"),
    (["--pack", "ru_2022", "--readings", "README.md"], "README.md"),
    (["--pack", "ru_2022", "--on", "31.02.2022"], "`31.02.2022` is not a day"),
    (["--pack", "ru_2022", "--on", "date.notise"], "did you mean `date.notice`?"),
    (["--pack", "ru_2022", "--encoding", "nonsense"], "there is no encoding `nonsense`"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_a_wrong_option_ends_with_2_and_writes_nothing(options: list[str], message: str, run: Run, tmp_path: Path) -> None:
    said = run("screen", TOWN, *options, "--out", tmp_path / "deep/out")
    assert said.code == 2
    assert said.err.startswith("rightcall: ")
    assert message in said.err
    assert inside(tmp_path) == {}


def test_a_pack_that_does_not_load(run: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src/rightcall/packs/ru_2022", tmp_path / "law")
    page = sorted((tmp_path / "law/provisions").glob("*.md"))[0]
    page.write_text(page.read_text("utf-8").replace("when ", "whn ", 1), "utf-8")
    for command in (["screen", TOWN, "--out", tmp_path / "out", "--pack"], ["pack", "check"], ["pack", "test"]):
        said = run(*command, tmp_path / "law")
        assert said.code == 2
        assert page.name in said.err
        assert "line " in said.err
    assert not (tmp_path / "out").exists()


def test_a_wrong_roll_ends_with_2_and_leaves_earlier_results(run: Run, town: tuple[Path, Said], tmp_path: Path) -> None:
    out = shutil.copytree(town[0], tmp_path / "out")
    before = inside(tmp_path)
    (tmp_path / "roll.csv").write_text("id,person.sex\n" + "".join(f"p{number},x\n" for number in range(50)))
    said = run("screen", tmp_path / "roll.csv", "--pack", "ru_2022", "--on", "2022-10-10", "--out", out)
    (tmp_path / "roll.csv").unlink()
    assert said.code == 2
    assert "rightcall: roll.csv, row 2, column `person.sex`: `person.sex` is never `x`" in said.err
    assert said.err.rstrip().endswith("... and 30 more; 50 in all")
    assert inside(tmp_path) == before


def test_other_files_are_not_replaced(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    said = run("screen", TOWN, "--pack", "ru_2022", "--out", tmp_path)
    assert (said.code, inside(tmp_path)) == (2, {"notes.txt": b"mine"})
    assert "holds other files" in said.err


# --- a disk that fills --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [4_096, 20_480])
def test_a_file_that_cannot_grow(limit: int, town: tuple[Path, Said], tmp_path: Path) -> None:
    """The findings do not fit, or only the workbook does not."""
    out = shutil.copytree(town[0], tmp_path / "out")
    before = inside(tmp_path)
    said = outside("screen", TOWN, "--pack", "ru_2022", "--out", out, limit=limit)
    assert said.code == 2, said.err
    assert "the results cannot be written: " in said.err
    assert "Traceback" not in said.err
    assert inside(tmp_path) == before


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A real disk of one megabyte, nearly full."""
    place = Path(tempfile.mkdtemp(prefix="rightcall-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False) if os.geteuid() == 0 else None
    if mounted is None or mounted.returncode:
        place.rmdir()
        pytest.skip("only root can mount a small disk")
    try:
        yield place
    finally:
        taken_away(place)


def taken_away(disk: Path, seconds: float = 10) -> None:
    """Unmount a disk. A writer that failed lets go of its file in a thread of its own, which may come a moment after the refusal."""
    until = time.monotonic() + seconds
    while subprocess.run(["umount", disk], capture_output=True, check=False).returncode:
        assert time.monotonic() < until, "somebody keeps a file of the disk open"
        time.sleep(0.05)
    disk.rmdir()


@pytest.mark.parametrize("free", [8_192, 100_000])
def test_a_disk_that_is_full(free: int, small_disk: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with (small_disk / "other").open("wb") as other, suppress(OSError):
        other.write(b"x" * (shutil.disk_usage(small_disk).free - free))
        other.flush()
    before = inside(small_disk)
    said = run("screen", TOWN, "--pack", "ru_2022", "--out", small_disk / "out")
    assert said.code == 2
    assert "no space left on device" in said.err.lower()
    assert inside(small_disk) == before


# --- explain ------------------------------------------------------------------------------------------------------


def test_explain_says_the_verdict_in_words_and_in_data(run: Run, town: tuple[Path, Said]) -> None:
    found = pl.read_parquet(town[0] / "findings.parquet")
    for id, verdict in found.select("id", "verdict").head(2).iter_rows():
        data = json.loads(run("explain", TOWN, "--id", id, "--pack", "ru_2022", "--json").out)
        assert (data["id"], data["verdict"]) == (id, verdict)
        assert verdict in run("explain", TOWN, "--id", id, "--pack", "ru_2022").out.lower()


def test_explain_somebody_who_is_not_there(run: Run) -> None:
    said = run("explain", TOWN, "--id", "p0l", "--pack", "ru_2022")
    assert said.code == 2
    assert "nobody on the roll has the id `p0l`" in said.err


def test_explain_names_the_class_the_grade_and_the_terms(run: Run, tmp_path: Path) -> None:
    record = {"id": "a", "T": "2027-03-01", "relative_loss": [{"relation": "mother", "status": "died_LOD", "date": "2010-02-03"}]}
    record |= {"new_induction_statute_in_force": True, "emergency_congress": False, "consents": False, "claim_filed_date": None, "order_issue_date": None}
    record |= {"hearing_date": "2027-02-26"}
    (tmp_path / "roll.json").write_text(json.dumps([record]))
    said = run("explain", tmp_path / "roll.json", "--id", "a", "--pack", "us_sss").out
    for text in ("class: 4-G (lost a close relative to service)", "weakest grade of evidence: A", "until 2027-03-03, that day included"):
        assert text in said, said
    data = json.loads(run("explain", tmp_path / "roll.json", "--id", "a", "--pack", "us_sss", "--json").out)
    assert (data["class"], data["grade"], [due["last_day"] for due in data["due"]]) == ("4-G", "A", ["2027-03-03"])


def _commands() -> list[list[str]]:
    root = typer.main.get_command(cli.app)
    return [[name, inner] if inner else [name] for name, command in root.commands.items() for inner in getattr(command, "commands", {"": None})]  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_command_has_an_example_in_its_help(command: list[str], run: Run) -> None:
    said = run(*command, "--help")
    assert said.code == 0
    assert f"Example: rightcall {' '.join(command)}" in " ".join(said.out.split())


def test_version_and_no_command(run: Run) -> None:
    assert run("--version").out.startswith("rightcall ")
    assert run().code == 2
    assert run("screen").code == 2


# --- registers ------------------------------------------------------------------------------------------------------

ROLL = "id,number,surname,given,birth,date.decision\np1,a1,Иванов,Иван,2001-05-04,2022-10-10\np2,,Petrov,Petr,1999-02-28,2022-10-10\np3,,Сидоров,Сидор,1990-01-01,2022-10-10\n"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A roll of three, and a register of students: one known by number, one by name, one perhaps by name alone."""
    register_folder(tmp_path / "registers")
    (tmp_path / "roll.csv").write_text(ROLL, "utf-8")
    return tmp_path


def unwrapped(text: str) -> str:
    """What was printed, however wide the terminal is."""
    return " ".join(text.split())


def screened(run: Run, office: Path, out: str, *more: object) -> Said:
    return run("screen", office / "roll.csv", "--registers", office / "registers", "--pack", "ru_2022", "--out", office / out, *more)


def test_screen_with_registers_shows_of_whom_they_speak(run: Run, office: Path) -> None:
    said = screened(run, office, "out")
    assert said.code == 0, said.err
    assert "Students of the state university (State university)" in unwrapped(said.out)
    register = json.loads((office / "out/summary.json").read_text("utf-8"))["registers"][0]
    assert (register["rows"], register["people"], register["doubtful"]) == (3, 2, 1)
    assert "Students of the state university" in (office / "out/report.html").read_text("utf-8")


def test_explain_shows_the_record_behind_each_leaf(run: Run, office: Path) -> None:
    screened(run, office, "out", "-q")
    words = ("explain", office / "roll.csv", "--registers", office / "registers", "--pack", "ru_2022", "--id")
    by_number = run(*words, "p1")
    assert by_number.code == 0, by_number.err
    assert "record: Students of the state university (State university), row 2: full_time; counts; linked by number" in by_number.out
    assert run(*words, "p1", "--since", office / "out").out == by_number.out
    assert "row 4: full_time; may speak of somebody else" in run(*words, "p3").out
    records = [record for ground in json.loads(run(*words, "p2", "--json").out)["grounds"] for line in ground["proof"] for record in line["records"]]
    assert {"fact": "study.form", "says": "part_time_evening", "row": 3}.items() <= next(one for one in records if one["fact"] == "study.form").items()


def test_a_later_run_tells_who_flipped(run: Run, office: Path) -> None:
    screened(run, office, "out", "-q")
    table = office / "registers/students.csv"
    table.write_text(table.read_text("utf-8").replace("2001-05-04,day", "2001-05-04,evening"), "utf-8")
    said = screened(run, office, "later", "--since", office / "out/receipt.json")
    assert said.code == 0, said.err
    assert "since the earlier run: 1 people looked at anew" in unwrapped(said.out)
    assert "students: 1" in unwrapped(said.out)
    assert "Since the earlier run" in (office / "later/report.html").read_text("utf-8")
    assert screened(run, office, "again", "--since", office / "registers/students.csv").code == 2


def test_a_register_after_the_day_judged_says_nothing_and_is_noted(run: Run, office: Path) -> None:
    package = office / "registers/datapackage.json"
    package.write_text(package.read_text("utf-8").replace("2022-09-01", "2022-11-01"), "utf-8")
    said = screened(run, office, "out")
    assert "students: its word counts from 2022-11-01 to 2022-12-31; that is not the day judged of 3 people" in unwrapped(said.out)
    assert json.loads((office / "out/summary.json").read_text("utf-8"))["registers"][0]["stale"] == 3
    found = pl.read_parquet(office / "out/findings.parquet")
    assert "study.form" in found["missing"][0].to_list()


def test_records_check_says_what_is_wrong_column_by_column(run: Run, office: Path) -> None:
    words = ("records", "check", office / "registers", "--pack", "ru_2022")
    whole = run(*words)
    assert (whole.code, whole.out.splitlines()[-1]) == (0, "1 tables, 0 faults")
    table = office / "registers/students.csv"
    table.write_text(table.read_text("utf-8").replace("2019-09", "2019-19"), "utf-8")
    wrong = run(*words)
    assert (wrong.code, wrong.out.splitlines()[-1]) == (1, "1 tables, 1 faults")
    assert "enrolled, row 3: `enrolled` is not a date: `2019-19`" in wrong.out
    assert run("records", "check", office / "out").code == 2


def test_link_and_its_duplicates_by_the_command(run: Run, tmp_path: Path) -> None:
    rows = [f"r{number},{number:05d},Name{number % 97:02d},Given{number % 13},19{50 + number % 50}-0{1 + number % 9}-1{number % 10}" for number in range(400)]
    head = "rec_id,number,surname,given_name,date_of_birth\n"
    (tmp_path / "left.csv").write_text(head + "\n".join(rows), "utf-8")
    (tmp_path / "right.csv").write_text(head + "\n".join(row.replace("r", "s", 1) for row in rows), "utf-8")
    said = run("link", tmp_path / "left.csv", tmp_path / "right.csv", "--on", "number,surname,given_name,date_of_birth", "--out", tmp_path / "links.parquet")
    assert said.code == 0, said.err
    assert "400 certain links" in said.out
    links = pl.read_parquet(tmp_path / "links.parquet")
    assert links.columns == ["left_id", "right_id", "probability", "how", "certain", "agreement"]
    assert (links.filter("certain")["left_id"].str.tail(-1) == links.filter("certain")["right_id"].str.tail(-1)).all()
    (tmp_path / "both.csv").write_text(head + "\n".join([*rows, *(row.replace("r", "s", 1) for row in rows)]), "utf-8")
    assert run("link", tmp_path / "both.csv", "--out", tmp_path / "clusters.parquet").code == 0
    clusters = pl.read_parquet(tmp_path / "clusters.parquet")
    assert clusters.columns == ["id", "cluster"]
    assert clusters["cluster"].n_unique() == 400
    assert run("link", tmp_path / "left.csv", "--on", "surnam", "--out", tmp_path / "x.parquet").err.count("did you mean") == 1


def test_a_country_is_made_by_the_command(run: Run, tmp_path: Path) -> None:
    said = run("synth", "--people", 50, "--seed", 3, "--out", tmp_path / "country", "--faults", "none")
    assert said.code == 0, said.err
    assert pl.read_parquet(tmp_path / "country/people.parquet").height == 50
    assert pl.read_parquet(tmp_path / "country/sown/faults.parquet").is_empty()
    for words in (("synth", "--people", 50), ("synth", "--people", 0, "--out", tmp_path / "x"), ("synth", "score", tmp_path, tmp_path)):
        assert run(*words).code == 2
