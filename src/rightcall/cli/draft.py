"""A pack that somebody is writing: looked at once more whenever one of its files changes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from rightcall.cli.console import print_plain
from rightcall.law.problem import Refused

PAUSE = 0.5
"""Seconds between two looks at the files. A pack has a hundred of them, and looking takes a thousandth of that."""

State = dict[Path, tuple[int, int, int]]


def keep_looking(folder: Path, look: Callable[[Path], None], pause: float = PAUSE) -> None:
    """Look at a pack now and after each change, until Ctrl-C. A draft that does not load is told, and waited for."""
    with suppress(KeyboardInterrupt):
        for _ in revisions(folder, pause):
            print_plain(f"--- {datetime.now():%H:%M:%S} {folder}")
            try:
                look(folder)
            except Refused as refused:
                print_plain(str(refused))
            sys.stdout.flush()
    print_plain("\nno longer watching")


def revisions(folder: Path, pause: float = PAUSE) -> Iterator[State]:
    """The files of a pack as they are, and again after each change; never ends by itself."""
    seen: State | None = None
    while True:
        now = _state(folder)
        if now != seen:
            seen = now
            yield now
        time.sleep(pause)


def _state(folder: Path) -> State:
    """Which files there are, and what changes when one is written. An editor may take a file away for a moment."""
    found: State = {}
    for path in folder.rglob("*"):
        if path.suffix in (".toml", ".md"):
            with suppress(FileNotFoundError):
                stat = path.stat()
                found[path] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found
