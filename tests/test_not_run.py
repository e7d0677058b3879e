"""Where a machine has no browser, what was not tried is counted in the last lines of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_what_needs_a_browser_is_counted_where_there_is_none(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(HERE / "notice/test_checker_page.py"), "-k", "narrow or telephone or phone or light"]
    done = subprocess.run(words, env=os.environ | {"PATH": str(tmp_path)}, capture_output=True, text=True, check=False, cwd=HERE.parent)
    last = done.stdout.strip().splitlines()[-3:]
    assert "NOT RUN: 2 tests that need chromium, which is not on this machine and could not be installed." in last, done.stdout
    assert done.returncode == 0
