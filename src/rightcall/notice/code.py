"""The code on a notice: what a signature vouches for, small enough for a QR code that any camera reads.

It holds the number, where to look it up in the list of what became of it, the day it was issued, the day on which to report and the place; nothing
about the person. The text in the QR code is an address, ``#`` and the payload: what stands after ``#`` is not sent to any server, and the same text can
be pasted into a saved page.
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

import segno

from rightcall.law.problem import refuse
from rightcall.notice import base64url
from rightcall.notice.key import ID_SIZE, Keys, PrivateKey, PublicKey
from rightcall.notice.number import Number

VERSION = 1
DOMAIN = b"rightcall notice code\n"
"""Stands before what is signed, so that nothing else that a key signs can be taken for a code."""
LARGEST = 200
"""Bytes of the whole text, address and all."""
PLACE = re.compile(r"[A-Z0-9-]{0,8}\Z")
_BODY = struct.Struct(">B4s16sIHH8s")
_SIGNATURE = 64
SIZE = _BODY.size + _SIGNATURE
"""Bytes of a payload."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Code:
    """What a notice says of itself. ``index`` is its place in its issuer's list; ``reports`` is the day on which to report, where one is named."""

    number: Number
    index: int
    issued: date
    reports: date | None = None
    place: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.index < 1 << 32:
            raise ValueError("an index has 32 bits")
        if not PLACE.match(self.place):
            raise ValueError("a place is up to 8 of A-Z, 0-9 and -")


Cause = Literal["foreign", "forged", "key", "day"]


class Signed(NamedTuple):
    """A code that a known key has signed on a day on which it might."""

    code: Code
    key: PublicKey


class NotSigned(NamedTuple):
    """Why a text proves nothing: ``foreign``: not a code of ours, or by nobody on the list; ``forged``: the signature is false; ``key``: the key might not sign
    on that day or was withdrawn; ``day``: issued on a day that has not come. ``says`` tells it in words."""

    cause: Cause
    says: str


def sign(code: Code, key: PrivateKey) -> bytes:
    """The payload, ``SIZE`` bytes. Raises ``Refused`` where the key may not sign on the day of issue."""
    if not key.public.may_sign_on(code.issued) or key.public.withdrawn:
        raise refuse(f"the key {key.public.id.hex()} may not sign on {code.issued}", help=f"it signs from {key.public.first} until {key.public.last}")
    body = _BODY.pack(VERSION, key.public.id, code.number.raw, code.index, _days(code.issued), _days(code.reports), code.place.encode())
    return body + key.sign(DOMAIN + body)


def _days(day: date | None) -> int:
    """Days since 1970-01-01; 0 is no day. Until 2149."""
    return (day - _EPOCH).days if day else 0


def _day(days: int) -> date | None:
    return _EPOCH + timedelta(days=days) if days else None


def text_of(payload: bytes, address: str) -> str:
    """What the QR code says. Raises ``Refused`` where the address has a ``#`` or leaves too little room."""
    if "#" in address or not address.isascii():
        raise refuse(f"the address `{address}` of the checking page has a `#` or letters that are not ASCII")
    text = f"{address}#{base64url.written(payload)}"
    if len(text) > LARGEST:
        raise refuse(
            f"the code would have {len(text)} bytes; more than {LARGEST} print too small", help=f"an address of at most {LARGEST - len(text) + len(address)}"
        )
    return text


def qr_svg(text: str) -> str:
    """A QR code, error level M (a seventh of it may be unreadable), as SVG without its quiet zone of four modules: the letter leaves that free."""
    stream = io.BytesIO()
    segno.make(text, error="m", boost_error=False, micro=False).save(stream, kind="svg", border=0, xmldecl=False, svgns=True, omitsize=True)
    return stream.getvalue().decode().strip()


def read(text: str, keys: Keys, today: date) -> Signed | NotSigned:
    """What a text proves: what a camera read, or what somebody pasted, with or without the address."""
    payload = base64url.read("".join(text.rsplit("#", 1)[-1].split()))
    if payload is None or len(payload) != SIZE or payload[0] != VERSION:
        return NotSigned("foreign", "this is not a code of a notice")
    body, signature = payload[: _BODY.size], payload[_BODY.size :]
    id = body[1 : 1 + ID_SIZE]
    key, code = keys.find(id), _code(body)
    if key is None or code is None:
        return NotSigned("foreign", f"no office on the list has the key {id.hex()}" if key is None else "this is not a code of a notice")
    if not key.verifies(signature, DOMAIN + body):
        return NotSigned("forged", f"the signature is not that of {key.name}")
    return _in_time(Signed(code, key), today)


def _code(body: bytes) -> Code | None:
    """What a signed body says; nothing where its signer put into it what no code holds."""
    _, _, number, index, issued, reports, place = _BODY.unpack(body)
    try:
        return Code(Number(number), index, _EPOCH + timedelta(days=issued), _day(reports), place.rstrip(b"\0").decode("ascii"))
    except ValueError:
        return None


def _in_time(signed: Signed, today: date) -> Signed | NotSigned:
    """A day ahead is let pass: it may have begun where the notice was issued."""
    code, key = signed
    if key.withdrawn:
        return NotSigned("key", f"the key of {key.name} was withdrawn on {key.withdrawn}; nothing that it signed counts")
    if not key.may_sign_on(code.issued):
        return NotSigned("key", f"the key of {key.name} might not sign on {code.issued}")
    if code.issued > today + timedelta(days=1):
        return NotSigned("day", f"this was issued on {code.issued}, a day that has not come")
    return signed
