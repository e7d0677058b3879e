"""The browser of this machine, where it has one. Tests that drive it are marked ``browser``; where it is not there they are counted as not run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_FOUND = shutil.which("chromium")
_QUIET = ("quic", "background-networking", "component-update", "sync", "gpu")
NEEDED = ("chromium", "pdftoppm")
"""Programs of Debian (chromium, poppler-utils) that tests with a browser use."""
_MISSING = "not on this machine:"


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium that asks nothing of any network by itself; without one, the test is skipped."""
    if _FOUND is None:
        pytest.skip(f"{_MISSING} chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=_FOUND, args=["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in _QUIET)]
        )
        yield opened
        opened.close()


def photograph(paper: Path, dots: int = 150) -> Path:
    """A PDF as a camera sees its first page; without ``pdftoppm``, the test is skipped."""
    if shutil.which("pdftoppm") is None:
        pytest.skip(f"{_MISSING} pdftoppm")
    subprocess.run(["pdftoppm", "-r", str(dots), "-png", "-singlefile", paper, paper.with_suffix("")], check=True)
    return paper.with_suffix(".png")


def not_run(reports: Iterable[Any]) -> dict[str, int]:
    """How many tests were not run for want of a program: program -> number. ``reports``: those of skipped tests."""
    counted: dict[str, int] = {}
    for report in reports:
        _, found, program = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).partition(_MISSING)
        if found:
            counted[program.strip()] = counted.get(program.strip(), 0) + 1
    return counted
