"""What a log sends to a witness: the size that the witness saw last, the proof that the log only grew since, and the new checkpoint.

The text is that of https://c2sp.org/tlog-witness (``add-checkpoint``), over a network or in a file that is carried.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rightcall.law.problem import refuse
from rightcall.ledger.checkpoint import read_checkpoint, read_hash, read_size
from rightcall.ledger.note import Note, read_note, to_base64
from rightcall.ledger.tree import Nodes, consistency_proof

MOST_HASHES = 63
_OLD = "old "


@dataclass(frozen=True, slots=True)
class Submission:
    """``note`` is the signed checkpoint; ``proof`` leads to it from the tree of the size ``old``."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def text(self) -> str:
        return "".join(f"{line}\n" for line in (f"{_OLD}{self.old}", *map(to_base64, self.proof))) + f"\n{self.note}"


def submission(old: int, note: Note, nodes: Nodes) -> Submission:
    """A signed checkpoint for a witness that saw the size ``old`` last, 0 if none. ``nodes``: see ``tree``."""
    return Submission(old, tuple(consistency_proof(old, read_checkpoint(note).size, nodes)), note)


def read_submission(stored: bytes, file: Path | str = "") -> Submission:
    """Raises ``Refused`` where this is no submission; whether it holds, a ``witness`` judges."""
    try:
        head, _, note = stored.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise refuse("this is not a submission to a witness", file) from None
    old, *proof = head.split("\n")
    if not old.startswith(_OLD) or len(proof) > MOST_HASHES:
        raise refuse(
            "this is not a submission to a witness", file, help=f"its lines are `old` with a size, at most {MOST_HASHES} hashes, nothing, and a checkpoint"
        )
    return Submission(read_size(old.removeprefix(_OLD), file), tuple(read_hash(line, file) for line in proof), read_note(note, file))
