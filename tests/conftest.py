"""Settings for all tests, and the command line for those that give commands. ``HYPOTHESIS_PROFILE=explore`` looks at new random examples, at many more of them, and makes what fails small."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import place_of_tests
import pytest
from hypothesis import HealthCheck, Phase, settings

import chromium
from rightcall import cli

place_of_tests.prepare()
_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much]

settings.register_profile("steady", deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=_QUIET)
settings.register_profile("explore", deadline=None, database=None, print_blob=True, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def examples(number: int) -> int:
    """How many examples a property is tried on: ten times as many when exploring."""
    return number * 10 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else number


@pytest.fixture(autouse=True)
def empty_office(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test of the office begins in an empty folder."""
    yield
    if "office" in request.path.parts:
        place_of_tests.empty()


COMMAND = [sys.executable, "-c", "from rightcall.cli import main; main()"]
"""The command line in a process of its own."""


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process, as the script calls it."""

    def called(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["rightcall", *map(str, words)])
        monkeypatch.setenv("COLUMNS", "200")
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as exit:
            code = int(exit.code or 0)
        return Said(code, *capsys.readouterr())

    return called


def inside(folder: Path) -> dict[str, bytes]:
    """All files and folders below a folder, with their bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last lines say what was not tried, so that nobody takes it for tried."""
    for program, number in sorted(chromium.not_run(terminalreporter.stats.get("skipped", ())).items()):
        terminalreporter.write_line(
            f"NOT RUN: {number} tests that need {program}, which is not on this machine and could not be installed.", yellow=True, bold=True
        )
