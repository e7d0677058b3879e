"""Files of rolls and registers on disk: put down whole, named safely, hashed as they come, never changed afterwards."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from django.utils.translation import gettext as _

from rightcall.office.refusal import Reason, refuse_any
from rightcall.records.descriptor import FILE
from rightcall.records.sheet import SUFFIXES
from rightcall.screening.output import settle

_CHUNK = 1 << 20


class Incoming(Protocol):
    """A file that somebody sends: a name, and its bytes."""

    @property
    def name(self) -> str | None: ...
    @property
    def file(self) -> IO[Any]: ...


def put_down(files: Sequence[Incoming], parent: Path, nested: Iterable[str] = ()) -> tuple[str, list[dict[str, object]]]:
    """A new folder with the files in it: its name, and of each file name, size and SHA-256. Raises ``Refusal`` for names that cannot be."""
    _check_names([file.name or "" for file in files], nested)
    folder = parent / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    with taken_back(folder):
        written = [_written(file, folder / Path(file.name or "").name) for file in files]
        settle(folder, files=False)
        settle(parent, files=False)
    return folder.name, written


@contextmanager
def taken_back(folder: Path) -> Iterator[None]:
    """Where what follows does not come about, the folder goes. (That of a process that was killed is swept.)"""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check_names(names: list[str], nested: Iterable[str]) -> None:
    known = (*SUFFIXES, *nested)
    reasons = [] if names else [Reason("no-file", _("No file was chosen."), _("Choose the file of the roll, or people.csv and a file for each list."))]
    for name in names:
        if Path(name).name != name or name.startswith(".") or (Path(name).suffix.lower() not in known and name != FILE):
            reasons.append(
                Reason(
                    "file-kind",
                    _("`%(name)s` is not a file that is read here.") % {"name": name[:80]},
                    _("Known are %(names)s.") % {"names": ", ".join((*known, FILE))},
                )
            )
    reasons += [Reason("twice", _("`%(name)s` was chosen twice.") % {"name": name[:80]}) for name in sorted({name for name in names if names.count(name) > 1})]
    refuse_any(reasons)


def _written(file: Incoming, path: Path) -> dict[str, object]:
    digest, size = hashlib.sha256(), 0
    file.file.seek(0)
    with path.open("xb") as target:
        os.chmod(path, 0o600)
        while chunk := file.file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return {"name": path.name, "size": size, "sha256": digest.hexdigest()}


def hash_of(files: Iterable[dict[str, object]]) -> str:
    """One SHA-256 for several files: over their names and hashes, in the order of names."""
    lines = sorted(f"{file['sha256']}  {file['name']}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def is_unchanged(folder: Path, files: Iterable[dict[str, object]]) -> bool:
    """Whether the files on disk are those that came."""
    return all(_hash(folder / str(file["name"])) == file["sha256"] for file in files)


def _hash(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def linked(source: Path, target: Path) -> None:
    """The same files in another folder, without copying where the disk allows."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in source.iterdir():
        try:
            os.link(path, target / path.name)
        except OSError:
            shutil.copy2(path, target / path.name)
