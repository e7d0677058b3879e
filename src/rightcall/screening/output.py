"""A folder of results that appears whole or not at all.

Everything is written aside, beside the folder asked for, and renamed at the end. A disk that fills, a run that is stopped
or a fault half-way leaves what was there before. Only earlier results are ever replaced. What a killed run has left beside
them is cleared away by the next one: the folder of a run that goes on is locked, and a lock ends with its process.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
from xlsxwriter.exceptions import XlsxFileError

from rightcall.law.problem import refuse

RECEIPT = "receipt.json"
_LITTLE = 1 << 16
_PARTIAL, _BEFORE = ".partial-", ".before-"
RESULTS = ("findings.parquet", "findings.xlsx", "summary.json", RECEIPT, "report.html", "changes.parquet", "baseline")
COMPARED = ("flips.parquet", "flips.csv", "summary.json", RECEIPT)
"""What a run leaves, and what a comparison of two laws does. INVARIANT: neither takes the place of the other."""


@contextmanager
def whole_folder(out: Path, results: Sequence[str] = RESULTS) -> Iterator[Path]:
    """A folder to write ``results`` into; it becomes ``out`` when the block ends well. Raises ``Refused`` on a full disk and the like."""
    check_replaceable(out, results)
    target = out.resolve()
    made = _missing(target.parent)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        clear_away(target)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}{_PARTIAL}", dir=target.parent))
        lock = _locked(aside)
    except OSError as error:
        _remove(made)
        raise refuse(f"the results cannot be written: {_said(error)}", out, "name another --out") from None
    try:
        yield aside
        check_replaceable(out, results)
        _put_in_place(aside, target)
    except (OSError, XlsxFileError, pl.exceptions.PolarsError) as error:
        raise refuse(f"the results cannot be written: {_said(error, aside)}", out, "nothing was changed; make room, or name another --out") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        _unlocked(lock)
        _remove(made)


def clear_away(target: Path) -> None:
    """What killed runs left beside the results. INVARIANT: where one was killed as it put its own in place, the earlier results come back."""
    for left in [path for path in target.parent.iterdir() if path.name.startswith((f".{target.name}{_PARTIAL}", f".{target.name}{_BEFORE}"))]:
        lock = _locked(left)
        if lock is None:
            continue
        earlier = left / target.name
        if earlier.exists() and not target.exists() and left.name.startswith(f".{target.name}{_BEFORE}"):
            earlier.rename(target)
        shutil.rmtree(left, ignore_errors=True)
        _unlocked(lock)


def _locked(folder: Path) -> int | None:
    """A lock on a folder, or nothing where a run that goes on has it, or the disk knows no locks."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _unlocked(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)


def check_replaceable(out: Path, results: Sequence[str] = RESULTS) -> None:
    """Refuse to replace anything but an empty folder or earlier results of the same kind."""
    try:
        if out.exists() and not out.is_dir():
            raise refuse(f"`{out}` is a file", help="name a folder for the results")
        if Path.cwd().is_relative_to(out.resolve()):
            raise refuse(f"you are in the folder `{out}`", help="name a folder below it for the results")
        names = {path.name for path in out.iterdir()} if out.is_dir() else set()
    except OSError as error:
        raise refuse(f"the results cannot be written: {_said(error)}", out, "name another --out") from None
    other = sorted(names - set(results))
    if other or (names and RECEIPT not in names):
        example = f", for example `{other[0]}`" if other else ""
        raise refuse(f"`{out}` holds other files", help=f"name an empty or a new folder for the results: what is there is not ours to replace{example}")


def _put_in_place(aside: Path, out: Path) -> None:
    """INVARIANT: at every moment the earlier results are whole in ``out`` or beside it, and they are removed only once the new ones stand."""
    aside.chmod(0o755)
    for folder in (path for path in (aside, *aside.rglob("*")) if path.is_dir()):
        settle(folder)
    if not out.exists():
        aside.rename(out)
        settle(out.parent, files=False)
        return
    before = Path(tempfile.mkdtemp(prefix=f".{out.name}{_BEFORE}", dir=out.parent))
    lock = _locked(before)
    try:
        out.rename(before / out.name)
        try:
            aside.rename(out)
        except BaseException:
            (before / out.name).rename(out)
            raise
    except BaseException:
        with suppress(OSError):
            before.rmdir()
        raise
    finally:
        _unlocked(lock)
    settle(out.parent, files=False)
    shutil.rmtree(before, ignore_errors=True)


def settle(folder: Path, files: bool = True) -> None:
    """The folder, and the files in it, are on the disk when this returns; so that a power cut does not leave a name without its content."""
    for path in (*(path for path in folder.iterdir() if files and path.is_file()), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _missing(folder: Path) -> list[Path]:
    """The folders above the results that have to be made, the innermost first."""
    return [parent for parent in (folder, *folder.parents) if not parent.exists()]


def _remove(folders: list[Path]) -> None:
    """Take away the folders that were made, where nothing came to stand in them."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _said(error: Exception, folder: Path | None = None) -> str:
    """The reason in words. A writer that met a full disk may speak of something else."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if folder and folder.is_dir() and shutil.disk_usage(folder).free < _LITTLE:
        return "no space left on device"
    return next(iter(str(error).splitlines()), "no reason given")
