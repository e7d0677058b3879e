"""The work of a roll, as queues: everybody on it is in exactly one.

The database itself works out in which one somebody is, from his finding and his state, and keeps it in an index, and how many are in each (``tally``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, Sum, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Queue:
    """Who is in it, and what is to be done with him."""

    name: str
    title: Promise
    about: Promise
    who: Q


_PROTECTED, _OPEN, _CLEAR = Q(verdict__in=("barred", "deferred")), Q(verdict="open"), Q(verdict="clear")
_AT_OFFICE = Q(state__in=("listed", "checked", "excused"))
QUEUES: Mapping[str, Queue] = {
    queue.name: queue
    for queue in (
        Queue("held", _("Held"), _("An open case holds the call-up. Nothing moves until it is decided."), Q(held=True)),
        Queue("protected", _("Protected"), _("Struck from the list. Each is sent a letter that says why."), _AT_OFFICE & _PROTECTED & Q(held=False)),
        Queue(
            "ask",
            _("To ask"),
            _("Something decides that no register says. Ask the person."),
            _AT_OFFICE & _OPEN & Q(because__in=("ask", "evidence"), held=False),
        ),
        Queue(
            "identity", _("Two names"), _("A record may be somebody else's. Somebody has to compare."), _AT_OFFICE & _OPEN & Q(because="identity", held=False)
        ),
        Queue(
            "law", _("A question of law"), _("Only a question of law is open. Nobody is noticed over it."), _AT_OFFICE & _OPEN & Q(because="law", held=False)
        ),
        Queue("clear", _("Clear"), _("Nothing was found that protects. Only these may be noticed."), Q(state="checked", held=False) & _CLEAR),
        Queue("noticed", _("Noticed"), _("A notice was issued."), Q(state__in=("noticed", "served", "reported", "serving"), held=False)),
        Queue("listed", _("Not yet checked"), _("The roll was not screened yet."), Q(state="listed", verdict="", held=False)),
        Queue("ended", _("Ended"), _("The call-up is void, or the person was released."), Q(state__in=("void", "released"), held=False)),
    )
}


LONGEST = max(map(len, QUEUES))


def queue() -> Case:
    """The name of the queue that a call-up is in; empty where it is in none."""
    return Case(*(When(queue.who, then=Value(name)) for name, queue in QUEUES.items()), default=Value(""))


def narrowed(rows: QuerySet[Any], name: str) -> QuerySet[Any]:
    """The rows of a queue. Raises ``ValueError`` where there is none of that name."""
    if name not in QUEUES:
        raise ValueError(name)
    return rows.filter(queue=name)


def counts(tallies: QuerySet[Any]) -> list[tuple[Queue, int]]:
    """How many are in each queue."""
    counted = dict(counted_by(tallies).values_list("queue", "people"))
    return [(queue, counted.get(name, 0)) for name, queue in QUEUES.items()]


def counted_by(tallies: QuerySet[Any], *fields: str) -> QuerySet[Any, dict[str, Any]]:
    """``people`` in each ``queue``, for each value of the fields."""
    rows: QuerySet[Any, dict[str, Any]] = tallies.order_by().values(*fields, "queue").annotate(people=Sum("number"))
    return rows
