"""The folder of results appears whole or not at all, replaces only earlier results, and leaves nothing beside it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import polars as pl
import pytest
from xlsxwriter.exceptions import FileCreateError

from rightcall.law.problem import Refused
from rightcall.screening import output
from rightcall.screening.output import RECEIPT, RESULTS, whole_folder


def fill(out: Path, content: str = "new") -> None:
    with whole_folder(out) as aside:
        for name in RESULTS:
            (aside / name).write_text(content)


def around(folder: Path) -> dict[str, str]:
    """Everything below a folder, with its content."""
    return {str(path.relative_to(folder)): path.read_text() if path.is_file() else "" for path in sorted(folder.rglob("*"))}


def earlier(out: Path) -> None:
    out.mkdir(parents=True)
    for name in RESULTS:
        (out / name).write_text("old")


@pytest.mark.parametrize("place", ["out", "a/b/out"])
def test_a_new_folder(place: str, tmp_path: Path) -> None:
    fill(tmp_path / place)
    assert {path.name for path in (tmp_path / place).iterdir()} == set(RESULTS)
    assert not list(tmp_path.rglob(".*"))


def test_an_empty_folder_and_earlier_results_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    fill(tmp_path / "out", "first")
    fill(tmp_path / "out", "second")
    assert around(tmp_path) == {"out": "", **{f"out/{name}": "second" for name in sorted(RESULTS)}}


def test_a_result_that_is_no_longer_written_does_not_stay(tmp_path: Path) -> None:
    earlier(tmp_path / "out")
    with whole_folder(tmp_path / "out") as aside:
        (aside / RECEIPT).write_text("new")
    assert around(tmp_path) == {"out": "", f"out/{RECEIPT}": "new"}


@pytest.mark.parametrize("names", [["notes.txt"], [RECEIPT, "my notes.txt"], ["findings.parquet"], [".git"], [*RESULTS, "notes.txt"]])
def test_other_files_are_never_replaced(names: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in names:
        (tmp_path / "out" / name).write_text("mine")
    before = around(tmp_path)
    with pytest.raises(Refused, match="holds other files"):
        fill(tmp_path / "out")
    assert around(tmp_path) == before


def test_files_that_came_while_it_ran_are_not_replaced(tmp_path: Path) -> None:
    def run() -> None:
        with whole_folder(tmp_path / "out") as aside:
            (aside / RECEIPT).write_text("new")
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "notes.txt").write_text("mine")

    with pytest.raises(Refused, match="holds other files"):
        run()
    assert around(tmp_path) == {"out": "", "out/notes.txt": "mine"}


@pytest.mark.parametrize("place", ["file", "file/out"])
def test_a_file_is_no_folder(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Refused, match=r"is a file|file exists|not a directory"):
        fill(tmp_path / place)
    assert around(tmp_path) == {"file": "mine"}


@pytest.mark.parametrize("place", [".", "..", "../here", ""])
def test_nobody_loses_the_folder_he_is_in(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(Refused, match="you are in the folder"):
        fill(Path(place))
    assert around(tmp_path) == {"here": ""}


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    fill(tmp_path / "out")
    assert (tmp_path / "out").is_symlink()
    assert {path.name for path in (tmp_path / "disk").iterdir()} == set(RESULTS)


FAILURES = [
    OSError(errno.ENOSPC, "No space left on device"),
    FileCreateError(OSError(errno.EFBIG, "File too large")),
    pl.exceptions.ComputeError("parquet: underlying IO error"),
    pl.exceptions.ComputeError(""),
    Refused([]),
    ValueError("a bug"),
    KeyboardInterrupt(),
]


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
@pytest.mark.parametrize("place", ["out", "a/b/out"])
@pytest.mark.parametrize("existing", [False, True])
def test_a_failure_leaves_what_was_there(failure: BaseException, place: str, existing: bool, tmp_path: Path) -> None:
    if existing:
        earlier(tmp_path / place)
    before = around(tmp_path)

    def run() -> None:
        with whole_folder(tmp_path / place) as aside:
            (aside / RECEIPT).write_text("half")
            (aside / "deep").mkdir()
            raise failure

    with pytest.raises((Refused, type(failure))) as raised:
        run()
    assert around(tmp_path) == before
    if isinstance(failure, (OSError, FileCreateError, pl.exceptions.PolarsError)):
        assert "the results cannot be written: " in str(raised.value)
        assert "nothing was changed" in str(raised.value)
    else:
        assert raised.value is failure


@pytest.mark.parametrize("failing", [1, 2])
def test_a_rename_that_fails_puts_the_earlier_results_back(failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier(tmp_path / "out")
    before = around(tmp_path)
    renamed = Path.rename
    calls = []

    def rename(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == failing:
            raise OSError(errno.EBUSY, "Device or resource busy")
        return renamed(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(Refused, match="busy"):
        fill(tmp_path / "out")
    assert around(tmp_path) == before


def test_earlier_results_are_not_lost_even_when_they_cannot_be_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier(tmp_path / "out")
    renamed = Path.rename
    calls = []

    def rename(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) > 1:
            raise OSError(errno.EIO, "Input/output error")
        return renamed(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(Refused):
        fill(tmp_path / "out")
    assert "old" in around(tmp_path).values()


def test_a_full_disk_is_called_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = os.statvfs(tmp_path)
    monkeypatch.setattr(output.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 0, "total": usage.f_blocks}))
    with pytest.raises(Refused, match="no space left on device"), whole_folder(tmp_path / "out"):
        raise pl.exceptions.ComputeError("parquet: Invalid thrift: transport error")


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the results cannot be written: file name too long"):
        fill(tmp_path / "a" / ("x" * 300))
    assert around(tmp_path) == {}


def test_what_killed_runs_left_is_cleared_away(tmp_path: Path) -> None:
    for name in (".out.partial-dead", ".out.before-dead"):
        (tmp_path / name / "out").mkdir(parents=True)
    (tmp_path / ".other.partial-dead").mkdir()
    with whole_folder(tmp_path / "out") as aside:
        (aside / RECEIPT).write_text("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.partial-dead", "out"]


def test_results_that_a_killed_run_had_put_aside_come_back(tmp_path: Path) -> None:
    hidden = tmp_path / ".out.before-dead" / "out"
    hidden.mkdir(parents=True)
    (hidden / RECEIPT).write_text("earlier")
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "out"):
        raise RuntimeError
    assert (tmp_path / "out" / RECEIPT).read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_folder_of_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out") as one:
        with whole_folder(tmp_path / "out") as other:
            (other / RECEIPT).write_text("other")
        assert one.is_dir()
        (one / RECEIPT).write_text("one")
    assert (tmp_path / "out" / RECEIPT).read_text() == "one"
