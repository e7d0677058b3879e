"""The browser of this machine, where it has one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_FOUND = shutil.which("chromium")
_QUIET = ("quic", "background-networking", "component-update", "sync", "gpu")


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium that asks nothing of any network by itself; without one, the test is skipped."""
    if _FOUND is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=_FOUND, args=["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in _QUIET)]
        )
        yield opened
        opened.close()
