"""Kleene's three truth values, kept apart by *why* something is unknown.

Whether a statement holds may hang on facts nobody has recorded, or on questions of law nobody has answered. A ``Truth`` is
the set of Kleene values that a statement takes over all answers to the open questions, the facts being as known as they
are: ``{T}`` true, ``{F}`` false, ``{U}`` unknown for want of a fact, ``{T, F}`` hangs on a question alone, and so on.
So a question can be told from a question *that matters*: answering matters only where the set has more than one member.

The connectives treat their operands as independent. That can only add members, so it is exact for true and false
(``{T}`` and ``{F}`` are Kleene's), and errs towards naming a question too many, which is harmless.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType

Truth = NewType("Truth", int)

TRUE = Truth(1)
FALSE = Truth(2)
UNKNOWN = Truth(4)
QUESTION = Truth(TRUE | FALSE)

_MEMBERS = (TRUE, FALSE, UNKNOWN)
_RANK = {FALSE: 0, UNKNOWN: 1, TRUE: 2}


def _pairwise_and(left: int, right: int) -> Truth:
    """Kleene's *and* (the lesser of two) over every pair of members."""
    found = 0
    for a in _MEMBERS:
        for b in _MEMBERS:
            if left & a and right & b:
                found |= min(a, b, key=_RANK.__getitem__)
    return Truth(found)


_AND = tuple(tuple(_pairwise_and(left, right) for right in range(8)) for left in range(8))


def negate(truth: Truth) -> Truth:
    """Kleene's *not*: true and false change places."""
    return Truth((truth & UNKNOWN) | (truth & TRUE) << 1 | (truth & FALSE) >> 1)


def both(truths: Iterable[Truth]) -> Truth:
    """Kleene's *and* of any number of statements; true of none."""
    result = TRUE
    for truth in truths:
        result = _AND[result][truth]
    return result


def either(truths: Iterable[Truth]) -> Truth:
    """Kleene's *or*, by De Morgan; false of none."""
    return negate(both(negate(truth) for truth in truths))


def is_settled(truth: Truth) -> bool:
    """True or false whatever is still to be learnt or answered."""
    return truth in (TRUE, FALSE)


def hangs_on_answers(truth: Truth) -> bool:
    """Some answers to open questions lead to another value than others."""
    return truth not in _MEMBERS


def known(truth: Truth) -> bool | None:
    """The Kleene value as people and tables write it: true, false, or none for unknown."""
    return {TRUE: True, FALSE: False}.get(truth)


def of(value: bool | None) -> Truth:
    """The truth of a plain bool, or unknown."""
    return UNKNOWN if value is None else TRUE if value else FALSE
