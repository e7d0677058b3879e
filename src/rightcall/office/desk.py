"""A desk: the folder in which one process keeps what it is in the middle of. The kernel holds its lock for as long as the process lives.

So it is known at once, and for certain, who is dead: whoever's lock can be had. His jobs are free, and what lies on his desk is cleared away.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

_MINE: dict[Path, Path] = {}
_LOCKS: list[int] = []
_ALONE = threading.Lock()


def desk() -> Path:
    """The folder of this process, made at first need."""
    with _ALONE:
        room = _room()
        if room not in _MINE or not _MINE[room].is_dir():
            _MINE[room] = _taken(room)
        return _MINE[room]


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder on the desk, for one piece of work."""
    with tempfile.TemporaryDirectory(dir=desk()) as folder:
        yield Path(folder)


def left() -> list[Path]:
    """The desks at which nobody sits any more."""
    return [path for path in _room().iterdir() if path.is_dir() and path not in _MINE.values() and _is_left(path)]


def clear(desks: list[Path]) -> None:
    for path in desks:
        shutil.rmtree(path, ignore_errors=True)


def _room() -> Path:
    room: Path = settings.PLACE.folder("work")
    return room


def _taken(room: Path) -> Path:
    """INVARIANT: a desk is ours once it is locked and still there; one that was cleared away before it was locked is made again."""
    while True:
        path = room / secrets.token_hex(8)
        path.mkdir(mode=0o700)
        lock = _locked(path)
        if lock is not None and path.is_dir():
            _LOCKS.append(lock)
            return path


def _is_left(path: Path) -> bool:
    lock = _locked(path)
    if lock is None:
        return False
    os.close(lock)
    return True


def _locked(path: Path) -> int | None:
    """A lock on a folder, or nothing where somebody has it, or it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
