"""Checkpoints: how long a log is and what its root is, in a note that the log signs (https://c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rightcall.law.problem import Refused, refuse
from rightcall.ledger.note import Note, Signer, from_base64, to_base64
from rightcall.ledger.tree import HASH_SIZE, Frontier

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log. ``origin`` says which log; ``extensions`` are further lines, which we do not write."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in (self.origin, self.size, to_base64(self.root), *self.extensions))

    def signed(self, log: Signer) -> Note:
        """The checkpoint with the signature of its log."""
        return Note(self.text).signed(log.sign(self.text))


def checkpoint_of(frontier: Frontier, origin: str) -> Checkpoint:
    return Checkpoint(origin, frontier.size, frontier.root())


def read_checkpoint(note: Note, file: Path | str = "") -> Checkpoint:
    """What a note says of a log. Raises ``Refused`` where it is not a checkpoint; whose it is, only ``verified`` tells."""
    origin, size, root, *extensions = [*note.text[:-1].split("\n"), "", ""]
    extensions = extensions[:-2]
    if not origin or not root or not all(extensions):
        raise refuse("this is not a checkpoint", file, help="its lines are the origin, the size and the root, then nothing empty")
    return Checkpoint(origin, read_size(size, file), read_hash(root, file), tuple(extensions))


def read_size(text: str, file: Path | str = "") -> int:
    """The number of entries, without leading zeros."""
    if not _SIZE.fullmatch(text):
        raise refuse(f"`{text}` is not the size of a log", file)
    return int(text)


def read_hash(text: str, file: Path | str = "") -> bytes:
    """A SHA-256 hash in base64."""
    try:
        hash = from_base64(text)
    except Refused:
        hash = b""
    if len(hash) != HASH_SIZE:
        raise refuse(f"`{text}` is not a hash", file)
    return hash
