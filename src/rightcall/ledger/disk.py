"""A file that is replaced whole or not at all, and is on the disk when the call returns."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PUBLIC, SECRET = 0o644, 0o600


def replace_file(path: Path, content: str, mode: int = PUBLIC) -> None:
    """Write a file aside and rename it. Raises ``OSError``; then the file is as it was."""
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """A file that was renamed is on the disk when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
