"""Dated values of the law: age limits, numbers of children, terms. Each with its days in force and its citation.

A parameter is a value or a table over the values of a one-of fact. On a day known only within bounds it is the hull of the
values then in force, and an unknown subscript is the hull of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from rightcall.law.grammar import ParameterType
from rightcall.law.problem import did_you_mean
from rightcall.law.source import Source, Table
from rightcall.law.value import ABSENT, ANY, Absent, Span, as_date, day_number, exactly, hull, in_units
from rightcall.law.vocabulary import MOST_DECIMALS, Vocabulary

SINGLE = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """The value (or table) in force from ``start`` until ``end``, half-open day numbers."""

    values: Mapping[str, Span | Absent]
    start: int | None
    end: int | None
    cite: str
    grade: str

    def meets(self, on: Span) -> bool:
        return (self.start is None or on.high >= self.start) and (self.end is None or on.low < self.end)


@dataclass(frozen=True, slots=True)
class DatedParameter:
    """A parameter with all its values in time."""

    name: str
    says: str
    unit: str
    type: ParameterType
    entries: tuple[Dated, ...]

    def on(self, day: Span, key: str | None = SINGLE) -> Span | Absent:
        """The value on a day; the hull of the table where ``key`` is unknown (``None``)."""
        if not self.covers(day):
            return ANY
        values = [value for entry in self.entries if entry.meets(day) for value in _chosen(entry, key)]
        return hull(values) if values else ANY

    def covers(self, day: Span) -> bool:
        """Whether there is a value on every day of a span; the loader allows no gap between values."""
        first, last = self.entries[0].start, self.entries[-1].end
        return (first is None or day.low >= first) and (last is None or day.high < last)

    def hangs_on_day(self, day: Span) -> bool:
        """Whether a more exact day could give another value."""
        return not self.covers(day) or sum(entry.meets(day) for entry in self.entries) > 1

    def graded(self, day: Span) -> tuple[str, ...]:
        return tuple(entry.grade for entry in self.entries if entry.meets(day) and entry.grade)


def _chosen(entry: Dated, key: str | None) -> list[Span | Absent]:
    return list(entry.values.values()) if key is None else [entry.values[key]] if key in entry.values else []


def read_parameters(source: Source, vocabulary: Vocabulary) -> dict[str, DatedParameter]:
    """Read ``parameters.toml``. Problems are left in the source."""
    parameters = {}
    for name, entries in source.parse().items():
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            source.report(f"`{name}` must be written `[[{name}]]`", *source.place(name))
            continue
        tables = [source.table(entry, name, number) for number, entry in enumerate(entries)]
        parameters[name] = _parameter(name, tables, vocabulary)
    return parameters


def _parameter(name: str, tables: list[Table], vocabulary: Vocabulary) -> DatedParameter:
    if not name.isidentifier():
        tables[0].report(f"`{name}` cannot name a parameter")
    bys = [table.take("by", str, "") for table in tables]
    if len(set(bys)) > 1:
        tables[0].report(f"every value of `{name}` must have the same `by`")
    says, units = [table.take("says", str, "") for table in tables], [table.take("unit", str, "") for table in tables]
    kinds = {kind for table in tables for kind in _kinds(table.values.get("value"))}
    if len(kinds) > 1:
        tables[0].report(f"the values of `{name}` are dates and integers; it has to be one of the two", "value")
    decimals = _decimals(name, tables)
    dated = [(_dated(table, bys[0], vocabulary, decimals), table) for table in tables]
    dated.sort(key=lambda pair: -1 << 40 if pair[0].start is None else pair[0].start)
    _check_overlap(name, dated)
    entries = [entry for entry, _ in dated]
    values = [value for entry in entries for value in entry.values.values()]
    exact = tuple(value.low for value in values if isinstance(value, Span) and value.exact)
    type = ParameterType("date" if kinds == {"date"} else "integer", bys[0], ABSENT in values, exact, decimals)
    return DatedParameter(name, says[0] or name.replace("_", " "), units[0], type, tuple(entries))


def _decimals(name: str, tables: list[Table]) -> int:
    """How many decimals its values have: all the same, so that they can be compared with one fact."""
    found = [int(table.take("decimals", int, 0)) for table in tables]
    if len(set(found)) > 1:
        tables[0].report(f"every value of `{name}` must have the same `decimals`")
    if not all(0 <= decimals <= MOST_DECIMALS for decimals in found):
        tables[0].report(f"`decimals` cannot be {max(found, key=abs)}", "decimals", f"a number has at most {MOST_DECIMALS}")
        return 0
    return found[0]


def _kinds(value: Any) -> set[str]:
    values = value.values() if isinstance(value, dict) else (value,)
    return {"date" if isinstance(value, date) else "integer" for value in values if value != "none"}


def _dated(table: Table, by: str, vocabulary: Vocabulary, decimals: int) -> Dated:
    start, end = table.take("from", date), table.take("until", date)
    value = table.take("value", dict if by else object, required=True)
    values = _table(table, by, value or {}, vocabulary, decimals) if by else {SINGLE: _value(table, value, decimals)}
    entry = Dated(
        values=MappingProxyType(values),
        start=None if start is None else day_number(start),
        end=None if end is None else day_number(end),
        cite=table.take("cite", str, "", required=True),
        grade=table.choice("grade", "ABCD"),
    )
    if entry.start is not None and entry.end is not None and entry.end <= entry.start:
        table.report("`until` is not after `from`", "until")
    table.finish()
    return entry


def _table(table: Table, by: str, value: Mapping[str, Any], vocabulary: Vocabulary, decimals: int) -> dict[str, Span | Absent]:
    if by not in vocabulary or vocabulary[by].kind != "one_of":
        table.report(f"`by` must name a one_of fact; `{by}` is none", "by", vocabulary.suggest(by))
        return {}
    if vocabulary[by].none:
        table.report(f"`{by}` may be none, so it cannot be what a table is over", "by", "use a fact that always has a value")
    wanted = vocabulary[by].values
    for key in wanted:
        if key not in value:
            table.report(f"the table has no value for `{key}`", "value", 'write "none" where the law gives none')
    for key in value:
        if key not in wanted:
            table.report(f"`{by}` is never `{key}`", "value", did_you_mean(key, wanted))
    return {key: _value(table, value[key], decimals) for key in wanted if key in value}


def _value(table: Table, value: Any, decimals: int) -> Span | Absent:
    if value == "none":
        return ABSENT
    if isinstance(value, date):
        return exactly(day_number(value))
    units = in_units(value, decimals) if type(value) in (int, float) else None
    if units is None or (type(value) is float and not decimals):
        table.report(f"a parameter is an integer or a date, not `{value}`", "value", "a number with a point has the key `decimals` beside it")
        return ANY
    return exactly(units)


def _check_overlap(name: str, dated: list[tuple[Dated, Table]]) -> None:
    for (earlier, _), (later, table) in pairwise(dated):
        if earlier.end is None or later.start is None or earlier.end > later.start:
            table.report(f"two values of `{name}` are in force on one day", "from", "`until` is no longer inside")
        elif earlier.end < later.start:
            gap = f"`{name}` has no value from {as_date(earlier.end)} until {as_date(later.start)}"
            table.report(gap, "from", "values follow each other without a gap; `until` is no longer inside")
