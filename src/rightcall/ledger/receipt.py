"""A receipt: an entry, the proof that it is in the log, and the checkpoint that the log signed. It is verified offline, with the key of the log alone.

Three forms of the same: bytes, below 1 kB at a million entries; text in capital letters and digits, for a QR code or a message; and the readable
form of https://c2sp.org/tlog-proof. The first two leave out the root, since the proof leads to it: a receipt that is changed anywhere then has another
root, which nobody signed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from rightcall.law.problem import refuse
from rightcall.ledger.checkpoint import Attested, Checkpoint, attested, read_checkpoint, read_hash, read_size
from rightcall.ledger.entry import Entry, read_entry
from rightcall.ledger.note import Note, Signature, Verifier, from_base64, read_note, to_base64, unproven
from rightcall.ledger.tree import HASH_SIZE, Nodes, inclusion_proof, proof_length, root_by_inclusion, verify_inclusion

FORM = 1
"""The first byte of a short receipt."""
PREFIX = "RCR:"
"""What a receipt in letters begins with."""
_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA, _INDEX = "extra ", "index "
_KEY_ID = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """``note`` is the signed checkpoint; ``proof`` the hashes from the entry to its root."""

    entry: Entry
    proof: tuple[bytes, ...]
    note: Note

    def to_bytes(self) -> bytes:
        """The short form."""
        checkpoint = read_checkpoint(self.note)
        if checkpoint.extensions:
            raise refuse("a short receipt has no room for the extension lines of its checkpoint", help="keep it in the readable form")
        signatures = (_text("" if one.name == checkpoint.origin else one.name) + _string(one.key_id + one.data) for one in self.note.signatures)
        numbers = (_number(number) for number in (checkpoint.size, self.entry.index, int(self.entry.time.timestamp())))
        head = (bytes([FORM]), _text(checkpoint.origin), *numbers, _text(self.entry.kind), self.entry.commitment)
        return b"".join((*head, *self.proof, _number(len(self.note.signatures)), *signatures))

    def letters(self) -> str:
        """The short form in base32 (RFC 4648, 6), which a QR code holds as letters and digits, and no messenger breaks."""
        return PREFIX + base64.b32encode(self.to_bytes()).decode("ascii").rstrip("=")

    def text(self) -> str:
        """The readable form of C2SP; what it calls extra is the entry."""
        head = (_HEADER, _EXTRA + to_base64(self.entry.line()), f"{_INDEX}{self.entry.index}", *map(to_base64, self.proof))
        return "".join(f"{line}\n" for line in head) + f"\n{self.note}"


def receipt_for(entry: Entry, note: Note, nodes: Nodes) -> Receipt:
    """The receipt of an entry under a signed checkpoint that is longer than its index. ``nodes``: see ``tree``."""
    return Receipt(entry, tuple(inclusion_proof(entry.index, read_checkpoint(note).size, nodes)), note)


def check_receipt(receipt: Receipt, log: Verifier, witnesses: Iterable[Verifier] = ()) -> Attested:
    """The checkpoint that a receipt rests on. Raises ``Unproven`` where its log did not sign it, one of the witnesses did not, or the entry is not in it."""
    witnesses = tuple(witnesses)
    found = attested(receipt.note, log, witnesses)
    if missing := found.missing(witnesses):
        raise unproven(f"`{missing[0].name}` has not co-signed the checkpoint of the receipt")
    checkpoint = found.checkpoint
    if not verify_inclusion(receipt.entry.leaf(), receipt.entry.index, checkpoint.size, receipt.proof, checkpoint.root):
        raise unproven("the entry of the receipt is not in the log that was signed", help="the entry or the proof was changed")
    return found


def read_receipt(stored: bytes, file: Path | str = "") -> Receipt:
    """Read a receipt in any of its forms. Raises ``Refused`` where it is none; whether it holds, ``check_receipt`` tells."""
    if stored[:1] == bytes([FORM]):
        return _of_bytes(stored, file)
    try:
        text = stored.decode()
    except UnicodeDecodeError:
        raise refuse("this is not a receipt", file) from None
    if text.startswith(_HEADER):
        return _of_text(text, file)
    if not text.strip().upper().startswith(PREFIX):
        raise refuse("this is not a receipt", file, help=f"it would begin with `{PREFIX}` or `{_HEADER}`, or be the file as it was given out")
    letters = "".join(text.upper().split()).removeprefix(PREFIX)
    try:
        return _of_bytes(base64.b32decode(letters + "=" * (-len(letters) % 8)), file)
    except binascii.Error:
        raise refuse("a letter of the receipt is missing or wrong", file, help="copy it again, whole") from None


def _of_text(text: str, file: Path | str) -> Receipt:
    head, _, note = text.partition("\n\n")
    header, extra, index, *proof = [*head.split("\n"), "", ""]
    entry = read_entry(from_base64(extra.removeprefix(_EXTRA), file)) if extra.startswith(_EXTRA) else None
    if header != _HEADER or entry is None or not index.startswith(_INDEX) or read_size(index.removeprefix(_INDEX), file) != entry.index:
        raise refuse("this receipt does not name its entry", file, help=f"its lines are `{_HEADER}`, `extra` with the entry, `index`, and the proof")
    return Receipt(entry, tuple(read_hash(line, file) for line in proof[:-2]), read_note(note, file))


def _of_bytes(stored: bytes, file: Path | str) -> Receipt:
    """INVARIANT: a receipt has one spelling; whatever does not come out again as it went in is refused."""
    try:
        receipt = _taken(BytesIO(stored))
        same = receipt.to_bytes() == stored
    except (ValueError, OverflowError):
        same = False
    if not same:
        raise refuse("the receipt is damaged", file, help="copy it again, whole")
    return receipt


def _taken(source: BytesIO) -> Receipt:
    """Raises ``ValueError`` where the bytes are no receipt, or end too early."""
    _take(source, 1)
    origin = _take_text(source)
    size, index, seconds = (_take_number(source) for _ in range(3))
    time = datetime.fromtimestamp(seconds, UTC)
    entry = Entry(index, time, _take_text(source), _take(source, HASH_SIZE))
    if read_entry(entry.line()) != entry or index >= size:
        raise ValueError("not an entry of the log")
    proof = tuple(_take(source, HASH_SIZE) for _ in range(proof_length(index, size)))
    root = root_by_inclusion(entry.leaf(), index, size, proof)
    assert root is not None
    signatures = tuple(_take_signature(source, origin) for _ in range(_take_number(source)))
    return Receipt(entry, proof, Note(Checkpoint(origin, size, root).text, signatures))


def _take_signature(source: BytesIO, origin: str) -> Signature:
    name, signed = _take_text(source), _take(source, _take_number(source))
    return Signature(name or origin, signed[:_KEY_ID], signed[_KEY_ID:])


def _number(number: int) -> bytes:
    """Seven bits a byte, the lowest first (LEB128)."""
    low = bytearray()
    while number > 0x7F:
        low.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*low, number])


def _string(raw: bytes) -> bytes:
    return _number(len(raw)) + raw


def _text(text: str) -> bytes:
    return _string(text.encode())


def _take(source: BytesIO, count: int) -> bytes:
    taken = source.read(count)
    if len(taken) != count:
        raise ValueError("it ends too early")
    return taken


def _take_number(source: BytesIO) -> int:
    number = shift = 0
    while (byte := _take(source, 1)[0]) & 0x80 and shift < 56:
        number |= (byte & 0x7F) << shift
        shift += 7
    return number | byte << shift


def _take_text(source: BytesIO) -> str:
    return _take(source, _take_number(source)).decode()
