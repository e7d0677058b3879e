"""What became of each notice: two bits for each, in a list that anybody can download, signed and dated by its issuer.

A Token Status List (draft-ietf-oauth-status-list) as a signed JWT: a million notices are 250 kB before compression. It is exact: no filter, so no false answer. An index is drawn
at random and tells nothing about the person or the order in which notices were issued.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from rightcall.law.problem import refuse
from rightcall.notice import base64url
from rightcall.notice.key import Keys, PrivateKey

LARGEST = 1 << 26
"""Notices in a list at most: sixteen megabytes once unpacked, so that no list can fill a memory."""


class Status(IntEnum):
    """What the two bits say. The numbers are those of the draft where it has them, and whoever knows only the draft takes the other two for not valid."""

    IN_FORCE = 0
    REVOKED = 1
    UNUSED = 2
    REPLACED = 3


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list that was read and whose signature held. ``made`` is when; ``until`` is when its issuer promised a newer one. Both in UTC."""

    issuer: str
    made: datetime
    until: datetime
    bits: bytes

    def __len__(self) -> int:
        return len(self.bits) * 4

    def status_of(self, index: int) -> Status:
        """Exact. An index beyond the list is unused."""
        if not 0 <= index < len(self):
            return Status.UNUSED
        return Status(self.bits[index // 4] >> index % 4 * 2 & 3)

    def age(self, now: datetime) -> timedelta:
        return now - self.made

    def is_stale(self, now: datetime) -> bool:
        """Whether a newer one was promised by now."""
        return now > self.until


def new_index(taken: Collection[int], size: int) -> int:
    """An index drawn at random among those of a list of that size that are free. ``taken`` should be a set. Raises ``Refused`` where the list is full."""
    if len(taken) >= size:
        raise refuse(f"all {size} indices of the list are taken", help="make the list longer")
    while (index := secrets.randbelow(size)) in taken:
        pass
    return index


def packed(statuses: Iterable[tuple[int, Status]], size: int) -> bytes:
    """The bits of a list of at least that size; whatever is not named is unused. Raises ``ValueError`` for an index beyond it."""
    bits = bytearray(b"\xaa" * (-(-size // 4)))
    for index, status in statuses:
        if not 0 <= index < size:
            raise ValueError(f"index {index} is beyond the list")
        shift = index % 4 * 2
        bits[index // 4] = bits[index // 4] & ~(3 << shift) | status << shift
    return bytes(bits)


def build(statuses: Iterable[tuple[int, Status]], size: int, key: PrivateKey, address: str, made: datetime, until: datetime) -> str:
    """The signed list, a text. ``address`` is where it is published. ``size`` is a length that tells nothing: round it up. Times are in UTC. Raises ``Refused``."""
    if size > LARGEST:
        raise refuse(f"a list has at most {LARGEST} notices")
    if not key.public.may_sign_on(made.date()) or key.public.withdrawn:
        raise refuse(f"the key {key.public.id.hex()} may not sign on {made.date()}", help=f"it signs from {key.public.first} until {key.public.last}")
    header = {"alg": "EdDSA", "kid": key.public.id.hex(), "typ": "statuslist+jwt"}
    times = {"iat": int(made.timestamp()), "exp": int(until.timestamp())}
    claims = {"sub": address, **times, "status_list": {"bits": 2, "lst": base64url.written(zlib.compress(packed(statuses, size), 9))}}
    message = f"{base64url.written(_json(header))}.{base64url.written(_json(claims))}"
    return f"{message}.{base64url.written(key.sign(message.encode()))}"


def read_list(text: str, keys: Keys) -> StatusList:
    """A signed list. Raises ``Refused`` where it is none, by nobody on the list of keys, or not signed by that key."""
    header, claims, signature, message = _parts(text.strip())
    key = keys.find(_bytes_of_hex(header.get("kid")))
    if header.get("alg") != "EdDSA" or header.get("typ") != "statuslist+jwt" or key is None:
        raise refuse("this list of notices is not signed by any office on the list of keys")
    if not key.verifies(signature, message):
        raise refuse(f"the signature of this list of notices is not that of {key.name}", help="take it anew from the office's own page")
    try:
        made, until = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
        bits = _unpacked(claims["status_list"])
    except (KeyError, TypeError, ValueError, OverflowError, OSError, zlib.error):
        raise refuse("this list of notices is not laid out as it should be") from None
    if key.withdrawn or not key.may_sign_on(made.date()):
        raise refuse(f"the key of {key.name} might not sign a list on {made.date()}", help="take a newer one from the office's own page")
    return StatusList(key.issuer, made, until, bits)


def _parts(text: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    try:
        header, claims, signature = text.split(".")
        read = json.loads(_bytes(header)), json.loads(_bytes(claims))
        if not all(isinstance(part, dict) for part in read):
            raise ValueError
        return *read, _bytes(signature), f"{header}.{claims}".encode()
    except ValueError:
        raise refuse("this is not a list of notices", help="a list is a text of three parts with two dots between them") from None


def _unpacked(packed: dict[str, Any]) -> bytes:
    if packed["bits"] != 2:
        raise ValueError
    stream = zlib.decompressobj()
    bits = stream.decompress(_bytes(packed["lst"]), LARGEST // 4)
    if not stream.eof:
        raise ValueError
    return bits


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _bytes(text: str) -> bytes:
    raw = base64url.read(text)
    if raw is None:
        raise ValueError
    return raw


def _bytes_of_hex(text: object) -> bytes:
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        return b""
