"""The witness: somebody else's program that co-signs a log's checkpoints, so that the log cannot show different histories to different people.

It remembers the last size and root of each log, and co-signs only what continues them. What it answers is that of https://c2sp.org/tlog-witness.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from rightcall.law.problem import Refused, refuse
from rightcall.ledger.checkpoint import Checkpoint, attested, read_checkpoint, read_hash
from rightcall.ledger.disk import SECRET, replace_file
from rightcall.ledger.note import Signer, Unproven, Verifier, to_base64
from rightcall.ledger.submission import Submission, read_submission
from rightcall.ledger.tree import EMPTY_ROOT, verify_consistency

SIZE_TYPE = "text/x.tlog.size"


class Seen(NamedTuple):
    """The last state of a log that was co-signed."""

    size: int = 0
    root: bytes = EMPTY_ROOT


class Answer(NamedTuple):
    """What a witness answers, in the words of HTTP. Only ``OK`` has a cosignature; a conflict of sizes has the size."""

    status: HTTPStatus
    body: str
    type: str = "text/plain; charset=utf-8"


def judge(sent: Submission, checkpoint: Checkpoint, logs: Mapping[str, Verifier], seen: Mapping[str, Seen]) -> Answer | None:
    """Why a checkpoint is not to be co-signed; nothing where it is: its log signed it, and it continues what was seen of that log."""
    log, last = logs.get(checkpoint.origin), seen.get(checkpoint.origin, Seen())
    if log is None:
        return Answer(HTTPStatus.NOT_FOUND, f"this witness does not watch {checkpoint.origin}\n")
    try:
        attested(sent.note, log)
    except Unproven as unproven:
        return Answer(HTTPStatus.FORBIDDEN, f"{unproven}\n")
    if sent.old > checkpoint.size:
        return Answer(HTTPStatus.BAD_REQUEST, "the old size is larger than that of the checkpoint\n")
    if sent.old != last.size:
        return Answer(HTTPStatus.CONFLICT, f"{last.size}\n", SIZE_TYPE)
    if checkpoint.size == last.size and checkpoint.root != last.root:
        return Answer(HTTPStatus.CONFLICT, f"another history: the log of size {last.size} that was co-signed has another root\n")
    if not verify_consistency(last.size, last.root, checkpoint.size, checkpoint.root, sent.proof):
        return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, f"another history: the proof does not lead from what was co-signed at size {last.size} to this\n")
    return None


@dataclass(frozen=True, slots=True)
class Witness:
    """``key`` is a key for cosignatures; ``logs`` are the keys of the logs watched, by origin; ``memory`` the file with what was seen."""

    key: Signer
    logs: Mapping[str, Verifier]
    memory: Path

    def add(self, stored: bytes, now: int) -> Answer:
        """Answer a submission. INVARIANT: nothing is co-signed before it is remembered on the disk, and nobody else judges in between."""
        try:
            sent = read_submission(stored)
            checkpoint = read_checkpoint(sent.note)
        except Refused as refused:
            return Answer(HTTPStatus.BAD_REQUEST, f"{refused}\n")
        with _alone(self.memory):
            seen = read_memory(self.memory)
            refusal = judge(sent, checkpoint, self.logs, seen)
            if refusal is not None:
                return refusal
            write_memory(self.memory, {**seen, checkpoint.origin: Seen(checkpoint.size, checkpoint.root)})
        return Answer(HTTPStatus.OK, f"{self.key.cosign(sent.note.text, now)}\n")


@contextmanager
def _alone(memory: Path) -> Iterator[None]:
    """One judgement at a time, over all processes and threads; the lock ends with its process."""
    lock = os.open(memory.with_name(f"{memory.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def begin_memory(path: Path) -> None:
    """A memory of nothing, for the first start of a witness. Raises ``Refused`` where there is one already."""
    if path.exists():
        raise refuse("the witness has a memory already", path, help="leave out `--first`: a witness that forgets can be shown another history")
    write_memory(path, {})


def read_memory(path: Path) -> dict[str, Seen]:
    """What was seen, by origin. Raises ``Refused`` where that cannot be known: a witness that has forgotten must not go on as if it had seen nothing."""
    try:
        found = json.loads(path.read_bytes())
        return {origin: Seen(_natural(last["size"]), read_hash(last["root"])) for origin, last in found.items()}
    except FileNotFoundError:
        raise refuse("the witness has no memory", path, help="name the file of its earlier runs; if it never ran, say `--first`") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, Refused):
        raise refuse(
            "the memory of the witness cannot be read", path, help="restore it from a copy; a witness that forgets can be shown another history"
        ) from None


def _natural(size: object) -> int:
    if not isinstance(size, int) or size < 0:
        raise ValueError(size)
    return size


def write_memory(path: Path, seen: Mapping[str, Seen]) -> None:
    """Replace the memory, whole or not at all, and return when it is on the disk."""
    content = {origin: {"size": last.size, "root": to_base64(last.root)} for origin, last in sorted(seen.items())}
    replace_file(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n", SECRET)
