"""An entry: one line of the log. The log may be published, so an entry says when something of which kind happened, and nothing about whom.

What happened is bound to the entry by a commitment, SHA-256 over a salt and the content; both stay with the office and the person. Whoever has
them can prove what was logged; when they are destroyed the fact stays and the content is gone.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from rightcall.law.problem import refuse
from rightcall.ledger.tree import leaf_hash

SALT_SIZE = 16
"""So long that nobody finds the content by trying likely ones; always so long, so that salt and content cannot be cut elsewhere."""
LONGEST_KIND = 64
LONGEST_LINE = 256
LARGEST_INTEGER = 2**53 - 1
"""The largest that every reader of JSON holds exactly (RFC 8785, RFC 7493)."""

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

_KIND = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"
_LINE = re.compile(
    rf'\{{"commitment":"([0-9a-f]{{64}})","index":(0|[1-9][0-9]{{0,15}}),"kind":"({_KIND})","time":"(\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"\}}'.encode()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """``index`` counts from 0; ``time`` is UTC, to the second; ``kind`` is of words and dots (``notice.issued``); ``commitment`` is 32 bytes.

    INVARIANT of a log: an entry is never older than the one before it, so nothing is back-dated past a checkpoint.
    """

    index: int
    time: datetime
    kind: str
    commitment: bytes

    def line(self) -> bytes:
        """The entry as canonical JSON (RFC 8785), without a newline: the leaf of the tree and the line of an exported log."""
        time = self.time.isoformat()[: len("0000-00-00T00:00:00")] + "Z"
        return f'{{"commitment":"{self.commitment.hex()}","index":{self.index},"kind":"{self.kind}","time":"{time}"}}'.encode()

    def leaf(self) -> bytes:
        """The hash that goes into the tree."""
        return leaf_hash(self.line())


def new_entry(index: int, time: datetime, kind: str, commitment: bytes) -> Entry:
    """An entry to be appended. The time is cut to the second. Raises ``Refused`` for a kind that is not one, ``ValueError`` for a time without zone."""
    if not re.fullmatch(_KIND, kind) or len(kind) > LONGEST_KIND:
        raise refuse(f"`{kind}` is not a kind of entry", help="lower-case words with dots between them, such as `notice.issued`")
    if time.tzinfo is None or index < 0 or len(commitment) != sha256().digest_size:
        raise ValueError("an entry has an index, a time with a zone and a commitment of 32 bytes")
    return Entry(index, time.astimezone(UTC).replace(microsecond=0), kind, commitment)


def read_entry(line: bytes) -> Entry | None:
    """Read a line without its newline; nothing where it is not an entry in its one right spelling."""
    found = _LINE.fullmatch(line)
    if found is None or len(found[3]) > LONGEST_KIND:
        return None
    try:
        time = datetime.fromisoformat(found[4].decode())
    except ValueError:
        return None
    return Entry(int(found[2]), time, found[3].decode(), bytes.fromhex(found[1].decode()))


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the salt and the content. It is personal data; the entry is not."""

    content: Mapping[str, Json] = field(repr=False)
    salt: bytes = field(repr=False)

    def commitment(self) -> bytes:
        """SHA-256 over the salt and the content as canonical JSON. Raises ``Refused`` for content that has no canonical JSON."""
        if len(self.salt) != SALT_SIZE:
            raise ValueError(f"a salt is {SALT_SIZE} bytes")
        return sha256(self.salt + canonical(self.content)).digest()

    def opens(self, entry: Entry) -> bool:
        """Whether this is what the entry was made for."""
        return self.commitment() == entry.commitment

    def text(self) -> str:
        """As a file that a person can keep beside the receipt."""
        return json.dumps({"content": self.content, "salt": self.salt.hex()}, ensure_ascii=False, indent=2) + "\n"


def seal(content: Mapping[str, Json]) -> Opening:
    """Content with a fresh salt."""
    return Opening(content, secrets.token_bytes(SALT_SIZE))


def read_opening(stored: bytes, file: Path | str = "") -> Opening:
    """Read what ``Opening.text`` wrote. Raises ``Refused`` where it is something else."""
    try:
        found = json.loads(stored, object_pairs_hook=_without_repeats)
        content, salt = found["content"], bytes.fromhex(found["salt"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise refuse("this is not the content of an entry", file, help='it would be `{"content": {…}, "salt": "…"}`') from None
    if not isinstance(content, dict) or len(salt) != SALT_SIZE or len(found) != 2:
        raise refuse("this is not the content of an entry", file, help='it would be `{"content": {…}, "salt": "…"}`')
    return Opening(content, salt)


def _without_repeats(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(key)
        found[key] = value
    return found


def canonical(value: Json) -> bytes:
    """The one spelling of a value as JSON (RFC 8785). Strings, integers below 2**53, true, false, null, lists and objects; raises ``Refused`` for anything else."""
    try:
        return _canonical(value).encode()
    except RecursionError:
        raise refuse("the content is nested too deep") from None


def _canonical(value: Any) -> str:
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case int() if abs(value) <= LARGEST_INTEGER:
            return str(value)
        case int():
            raise refuse(f"the number {value} is too large for canonical JSON", help="write it as text")
        case str():
            return _string(value)
        case list() | tuple():
            return f"[{','.join(map(_canonical, value))}]"
        case Mapping() if all(isinstance(key, str) for key in value):
            return f"{{{','.join(f'{_string(key)}:{_canonical(value[key])}' for key in sorted(value, key=_utf16))}}}"
        case _:
            raise refuse(f"a {type(value).__name__} has no canonical JSON", help="write it as text")


def _string(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise refuse("half a character (a lone surrogate) has no canonical JSON")
    return json.dumps(text, ensure_ascii=False)


def _utf16(key: str) -> bytes:
    """RFC 8785, 3.2.3: keys are sorted by their UTF-16 code units."""
    return key.encode("utf-16-be", "surrogatepass")
