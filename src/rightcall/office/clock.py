"""The time, from one place, so that tests can set it and so that nothing is decided by a stored counter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_SET: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """This moment, in UTC, to the second."""
    return (_SET.get() or timezone.now()).replace(microsecond=0)


def today() -> date:
    """The day at the office (its time zone)."""
    return timezone.localdate(now())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock stands at a moment: for tests and rehearsals."""
    token = _SET.set(moment)
    try:
        yield
    finally:
        _SET.reset(token)
