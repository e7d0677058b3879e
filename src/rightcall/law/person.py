"""What is known of one person: facts, bounds, rows, and how complete the rows are.

A fact that is not here is unknown. A bool is true or false; a text is a string; integers and dates are spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from rightcall.law.value import Value

Known = bool | Value
Row = Mapping[str, Known]
_NOTHING: Final[Mapping[str, Known]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a list fact that are known; ``complete``: true when there are no others, none when nobody said."""

    rows: tuple[Row, ...] = ()
    complete: bool | None = None


NO_ROWS: Final = Rows()


@dataclass(frozen=True, slots=True)
class Person:
    """Facts by dotted name, and lists by name. ``claims`` are facts of which he said what could protect him, without proof: unknown, but not unasked."""

    facts: Mapping[str, Known] = field(default_factory=lambda: _NOTHING)
    lists: Mapping[str, Rows] = field(default_factory=lambda: MappingProxyType({}))
    claims: frozenset[str] = frozenset()

    def told(self, name: str, value: Known) -> Person:
        """The same person with one more fact, or with a list said to be complete."""
        if name.endswith(".complete"):
            listed = name.removesuffix(".complete")
            rows = replace(self.lists.get(listed, NO_ROWS), complete=bool(value))
            return replace(self, lists=MappingProxyType({**self.lists, listed: rows}))
        return replace(self, facts=MappingProxyType({**self.facts, name: value}))
