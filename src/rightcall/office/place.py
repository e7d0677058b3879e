"""The folder of an office: its database, keys, rolls, registers, results and letters. Nobody but its owner may read it."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from rightcall.ledger.disk import replace_file
from rightcall.screening.output import settle

VARIABLE = "RIGHTCALL_OFFICE"
DEFAULT = "office-data"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an office keeps what it keeps. Folders are made on demand, mode 0700; files with secrets 0600."""

    root: Path

    @classmethod
    def from_environment(cls) -> Place:
        return cls(Path(os.environ.get(VARIABLE, DEFAULT)).resolve())

    @property
    def database(self) -> Path:
        return self.root / "office.sqlite3"

    @property
    def keys(self) -> Path:
        return self.folder("keys")

    def folder(self, *parts: str) -> Path:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.root.joinpath(*parts)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def kept(self, name: str) -> str:
        """A word that was kept in the folder; nothing where there is none."""
        path = self.root / name
        return path.read_text("utf-8").strip() if path.is_file() else ""

    def keep(self, name: str, word: str) -> None:
        """Keep a word for those who come after."""
        if self.kept(name) != word:
            self.folder()
            replace_file(self.root / name, f"{word}\n")

    def secret(self, name: str) -> str:
        """A secret of this office, made at first need. INVARIANT: never in the repository, never in the environment of others."""
        path = self.keys / name
        if not path.exists():
            write_secret(path, secrets.token_urlsafe(48).encode())
        return path.read_text().strip()


def write_secret(path: Path, content: bytes) -> None:
    """A new file that only its owner can read; whole or not at all. Where another process was first, its file stays."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    write_new(aside, content)
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        aside.unlink()
        settle(path.parent, files=False)


def write_new(path: Path, content: bytes) -> None:
    """A new file that only its owner can read; its content is on the disk when this returns (its name is, once its folder is settled)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
