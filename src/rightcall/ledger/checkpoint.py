"""Checkpoints: how long a log is and what its root is, in a note that the log signs (https://c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rightcall.law.problem import Refused, refuse
from rightcall.ledger.note import Attestation, Note, Signer, Verifier, from_base64, to_base64, unproven, verified
from rightcall.ledger.tree import EMPTY_ROOT, HASH_SIZE, Frontier

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log. ``origin`` says which log; ``extensions`` are further lines, which we do not write. INVARIANT: all empty logs have one root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise ValueError("an empty log has another root")

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
    count, hash = read_size(size, file), read_hash(root, file)
    if count == 0 and hash != EMPTY_ROOT:
        raise refuse("an empty log does not have this root", file)
    return Checkpoint(origin, count, hash, tuple(extensions))


class Attested(NamedTuple):
    """A checkpoint that its log signed, as it was read, and which witnesses co-signed it."""

    note: Note
    checkpoint: Checkpoint
    cosigned: tuple[Attestation, ...]

    def missing(self, witnesses: Iterable[Verifier]) -> tuple[Verifier, ...]:
        """The witnesses that have not co-signed it."""
        return tuple(key for key in witnesses if all(key != cosignature.key for cosignature in self.cosigned))


def attested(note: Note, log: Verifier, witnesses: Iterable[Verifier] = (), file: Path | str = "") -> Attested:
    """A checkpoint whose signatures hold. Raises ``Refused`` where it is none, ``Unproven`` where the log did not sign it, or a signature of these keys is not theirs."""
    checkpoint = read_checkpoint(note, file)
    if checkpoint.origin != log.name:
        raise unproven(f"the checkpoint is of the log `{checkpoint.origin}`, and the key is of `{log.name}`", help="take the key of that log")
    if not verified(note, [log]):
        raise unproven(f"the checkpoint is not signed by the key of `{log.name}` that was given", help="another key of that name signed it, or nobody did")
    return Attested(note, checkpoint, verified(note, witnesses))


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
