"""The database of the linker puts aside what memory cannot hold, in the folder it is given and nowhere else, and leaves nothing there."""

from __future__ import annotations

from pathlib import Path

import pytest

from rightcall.records.linker import in_process

MORE_THAN_MEMORY = "CREATE TABLE rows AS SELECT range AS number, md5(range::VARCHAR) AS word FROM range(1500000)"


def test_what_memory_cannot_hold_lies_in_the_folder_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, given = tmp_path / "here", tmp_path / "given"
    here.mkdir()
    given.mkdir()
    monkeypatch.chdir(here)
    with in_process(given) as database:
        database.execute("SET memory_limit = '40MB'")
        database.execute("SET threads = 1")
        database.execute(MORE_THAN_MEMORY)
        put_aside = [path for path in given.rglob("*") if path.is_file()]
        assert put_aside, "nothing was put aside: the test needs more rows"
        assert not list(here.iterdir())
    assert not list(given.iterdir())


def test_without_a_folder_nothing_lies_where_the_command_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with in_process(None) as database:
        database.execute("SET memory_limit = '40MB'")
        database.execute("SET threads = 1")
        database.execute(MORE_THAN_MEMORY)
        assert not list(tmp_path.iterdir())
