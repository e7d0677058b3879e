"""What a pack says of itself must never happen: of whom an invariant is true, he is never clear.

It stands in ``pack.toml`` under ``[[invariant]]``, in the language of the rules, for the days from ``from`` until ``until``.
``pack check`` proves it of everybody, or names somebody in whom it is broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from rightcall.law import expression as x
from rightcall.law.grammar import Scope
from rightcall.law.provision import statement
from rightcall.law.source import Source
from rightcall.law.value import day_number


@dataclass(frozen=True, slots=True)
class Invariant:
    """Nobody of whom ``when`` is true is ever clear."""

    id: str
    says: str
    when: x.Statement


def read_invariants(source: Source, entries: list[Any], scope: Scope) -> tuple[Invariant, ...]:
    """Read the invariants of a pack. Problems are left in the source."""
    found: list[Invariant] = []
    for number, entry in enumerate(entries):
        table = source.table(entry if isinstance(entry, dict) else {}, "invariant", number)
        id, says = table.take("id", str, "", required=True), table.take("says", str, "", required=True)
        table.take("when", str, "", required=True)
        start, end = table.take("from", date), table.take("until", date)
        when = statement(table, "when", scope)
        if id in [invariant.id for invariant in found]:
            table.report(f"the invariant `{id}` is there twice", "id")
        if when is not None:
            found.append(Invariant(id, says, x.And((x.InForce(_number(start), _number(end)), when))))
        table.finish()
    return tuple(found)


def _number(day: date | None) -> int | None:
    return None if day is None else day_number(day)
