"""The number of a notice: 128 random bits, written so that people can read, say and type them.

Crockford's base32 (digits and letters without I, L, O, U) in seven groups of four. The last two symbols check the other 26: a Reed-Solomon code over
the field of 32 elements, which finds every slip in one or two symbols and every two that changed places. Crockford's own check symbol may
be ``*``, ``~``, ``$`` or ``=``, which nobody can say over the telephone; these stay within the alphabet.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Self

from rightcall.law.problem import refuse

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SIZE = 16
"""Bytes."""
GROUP = 4
_SYMBOLS, _CHECKS = 26, 2
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(" -\u00a0\u2010\u2011\u2012\u2013\u2212\t\r\n"))


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """128 bits. Made at random, so that nobody can guess another's; ``str`` writes it in groups."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != SIZE:
            raise ValueError(f"a number has {SIZE} bytes")

    @classmethod
    def random(cls) -> Self:
        return cls(secrets.token_bytes(SIZE))

    @classmethod
    def read(cls, text: str) -> Self:
        """The number that somebody typed: in any case, with or without spaces and dashes, O for 0, I and L for 1. Raises ``Refused``."""
        symbols = text.upper().translate(_MEANT)
        if wrong := sorted(set(symbols) - set(ALPHABET)):
            raise refuse(f"`{wrong[0]}` is not in any number of a notice", help="digits, and letters without U; O is read as 0, I and L as 1")
        if len(symbols) != _SYMBOLS + _CHECKS:
            raise refuse(f"this has {len(symbols)} signs; the number of a notice has {_SYMBOLS + _CHECKS}", help="seven groups of four")
        values = [ALPHABET.index(symbol) for symbol in symbols]
        whole = _whole(values[:_SYMBOLS])
        if values[_SYMBOLS:] != _check(values[:_SYMBOLS]) or whole >> (8 * SIZE):
            raise refuse("the last two signs do not fit the others: one of them is mistyped", help="compare it with the paper, group by group")
        return cls(whole.to_bytes(SIZE, "big"))

    def __str__(self) -> str:
        whole = int.from_bytes(self.raw, "big")
        values = [whole >> (5 * place) & 31 for place in reversed(range(_SYMBOLS))]
        symbols = "".join(ALPHABET[value] for value in (*values, *_check(values)))
        return "-".join(symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))


def _whole(values: list[int]) -> int:
    whole = 0
    for value in values:
        whole = whole << 5 | value
    return whole


def _check(values: list[int]) -> list[int]:
    """The two symbols that make the whole a multiple of (x - a)(x - a^2), where a is a generator of GF(32): x^5 + x^2 + 1."""
    first = second = 0
    for value in values:
        feedback = value ^ first
        first, second = second ^ _times(feedback, _SUM), _times(feedback, _PRODUCT)
    return [first, second]


def _times(left: int, right: int) -> int:
    product = 0
    while right:
        product ^= left * (right & 1)
        left, right = left << 1 ^ (0b100101 if left & 16 else 0), right >> 1
    return product


_SUM, _PRODUCT = 2 ^ _times(2, 2), _times(2, _times(2, 2))
