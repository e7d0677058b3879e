"""The public check: a number, and one of four answers; nothing about the person, the same work for each answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.core.cache import cache

from rightcall.law.problem import Refused
from rightcall.notice import status
from rightcall.notice.number import Number
from rightcall.notice.status import Status
from rightcall.office.clock import now
from rightcall.office.keys import notice_key
from rightcall.office.notices.issuing import LIST, list_size
from rightcall.office.notices.models import Notice

Answer = Literal["genuine", "replaced", "revoked", "unknown"]
_OF: dict[str, Answer] = {Notice.State.IN_FORCE: "genuine", Notice.State.REPLACED: "replaced", Notice.State.REVOKED: "revoked"}
_STATUS = {Notice.State.IN_FORCE: Status.IN_FORCE, Notice.State.REPLACED: Status.REPLACED, Notice.State.REVOKED: Status.REVOKED}
_KEPT = 300
"""Seconds for which a list is given out before it is made anew."""
_COUNTS = timedelta(days=1)


def answer_of(typed: str) -> Answer:
    """What became of the notice with this number. One query whatever the answer; a number that cannot be read is unknown."""
    try:
        number = Number.read(typed).raw.hex()
    except Refused:
        number = "-"
    found = Notice.objects.filter(number=number).values_list("state", flat=True).first()
    return _OF[found] if found else "unknown"


def signed_list() -> str:
    """The list of what became of every notice, for those who check offline."""
    kept: str | None = cache.get(LIST)
    if kept is None:
        rows = Notice.objects.values_list("index", "state").iterator(chunk_size=20_000)
        statuses = ((index, _STATUS[Notice.State(state)]) for index, state in rows)
        kept = status.build(statuses, list_size(), notice_key(), f"{settings.ADDRESS}/status-list", now(), now() + _COUNTS)
        cache.set(LIST, kept, _KEPT)
    return kept
