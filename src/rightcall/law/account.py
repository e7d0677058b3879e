"""An account of a person: nested data from TOML, YAML or JSON, read against the vocabulary.

Left out is unknown; none is ``null`` (the word ``none`` in TOML and in tables) where the fact may be none; ``[min, max]`` is a
value within bounds, an unknown bound being ``null`` or ``?``. Dates are real or written year-month-day; of a time of day only
the day counts. A row that is one plain value is the first field of its list; a list of plain values whose rows have no other
field is a set, and whole unless it is said not to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from rightcall.law.person import Known, Person, Row, Rows
from rightcall.law.problem import did_you_mean
from rightcall.law.value import ABSENT, FOREVER, UNBOUNDED, Span, as_date, day_number, exactly, in_units, unit_words
from rightcall.law.vocabulary import FactType, Vocabulary

NONE_WORDS = ("none",)
UNKNOWN_BOUND = ("?", "", None)
YEARS = range(1850, 2150)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
"""The usual way to write a day; it is read thirty times faster than by patterns."""
LARGEST = 1_000_000


class Unfit(ValueError):
    """A value that its fact cannot have: a sentence and help."""

    def __init__(self, message: str, help: str = "") -> None:
        self.message, self.help = message, help
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong with one value of an account, and where: the fact, and the row of a list."""

    name: str
    message: str
    help: str = ""


def flatten(account: Mapping[str, Any], vocabulary: Vocabulary, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of an account that may be nested by its dots."""
    for key, value in account.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and name not in vocabulary:
            yield from flatten(value, vocabulary, f"{name}.")
        else:
            yield name, value


def read_person(account: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[Person, list[Misfit]]:
    """The person of an account, and all that does not fit. What does not fit is not in the person."""
    facts: dict[str, Known] = {}
    rows: dict[str, tuple[Row, ...]] = {}
    complete: dict[str, bool | None] = {}
    misfits: list[Misfit] = []
    for name, raw in flatten(account, vocabulary):
        try:
            if name not in vocabulary or "[]." in name:
                raise Unfit(f"unknown fact `{name}`", vocabulary.suggest(name))
            fact = vocabulary[name]
            if fact.kind == "list":
                rows[name] = _rows(fact, raw, misfits)
                complete |= {name: True} if _is_whole(fact, raw) and complete.get(name) is None else {}
            elif (value := read_value(fact, raw)) is not None:
                _put(name, value, facts, complete, vocabulary)
        except Unfit as unfit:
            misfits.append(Misfit(name, unfit.message, unfit.help))
    lists = {name: Rows(rows.get(name, ()), complete.get(name)) for name in rows.keys() | complete.keys()}
    return Person(MappingProxyType(facts), MappingProxyType(lists)), misfits


def _put(name: str, value: Known, facts: dict[str, Known], complete: dict[str, bool | None], vocabulary: Vocabulary) -> None:
    listed = name.removesuffix(".complete")
    if listed != name and listed in vocabulary and vocabulary[listed].kind == "list":
        complete[listed] = bool(value)
    else:
        facts[name] = value


def _rows(fact: FactType, raw: Any, misfits: list[Misfit]) -> tuple[Row, ...]:
    if not isinstance(raw, list):
        raise Unfit(f"`{fact.name}` must be a list of rows", f"also one row stands in brackets; an empty list is [], with {fact.name}.complete")
    first = next(iter(fact.row), "")
    return tuple(_row(fact, row if isinstance(row, Mapping) else {first: row}, number, misfits) for number, row in enumerate(raw, 1))


def _is_whole(fact: FactType, raw: list[Any]) -> bool:
    """Whether a list is a set of plain values: somebody who writes ``[1-O, 3-A]`` says which there are, not which he knows of."""
    return bool(raw) and len(fact.row) == 1 and not any(isinstance(row, Mapping) for row in raw)


def _row(fact: FactType, raw: Mapping[str, Any], number: int, misfits: list[Misfit]) -> Row:
    row: dict[str, Known] = {}
    for key, value in raw.items():
        try:
            if key not in fact.row:
                raise Unfit(f"`{fact.name}` has no field `{key}`", did_you_mean(key, fact.row) or f"it has {', '.join(fact.row)}")
            known = read_value(fact.row[key], value)
            if known is not None:
                row[key] = known
        except Unfit as unfit:
            misfits.append(Misfit(f"{fact.name}[{number}].{key}", unfit.message, unfit.help))
    return MappingProxyType(row)


def read_value(fact: FactType, raw: Any) -> Known:
    """One value of a fact; nothing where it is said to be unknown. Where ``none`` is one of its words, none is that word. Raises ``Unfit``."""
    if isinstance(raw, str) and raw in fact.unknown:
        return None
    if raw is None or (isinstance(raw, str) and raw.strip().lower() in NONE_WORDS and raw not in fact.values):
        return "none" if "none" in fact.values and not fact.none else none_of(fact)
    return _READERS[fact.kind](fact, raw)


def none_of(fact: FactType) -> Known:
    """What a known none means for a fact."""
    if fact.none == "forever":
        return exactly(FOREVER)
    if fact.none == "absent":
        return ABSENT
    raise Unfit(f"`{fact.name}` cannot be none", "leave it out where it is unknown")


def _bool(fact: FactType, raw: Any) -> Known:
    if not isinstance(raw, bool):
        raise Unfit(f"`{fact.name}` is true or false, not `{raw}`")
    return raw


def _one_of(fact: FactType, raw: Any) -> Known:
    if raw == "unknown":
        return None
    if type(raw) is int:
        raw = str(raw)
    if raw not in fact.values:
        near = did_you_mean(str(raw), fact.values)
        raise Unfit(f"`{fact.name}` is never `{raw}`", near or f"it is {', '.join(fact.values)}")
    return str(raw)


def _text(fact: FactType, raw: Any) -> Known:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return str(raw)
    if not isinstance(raw, str) or not raw.strip():
        raise Unfit(f"`{fact.name}` is a text, not `{raw}`")
    return raw.strip()


def _number(fact: FactType, raw: Any) -> Known:
    return _bounded(fact, raw, read_integer)


def _day(fact: FactType, raw: Any) -> Known:
    return _bounded(fact, raw, read_day)


def _bounded(fact: FactType, raw: Any, read: Callable[[FactType, Any], Span]) -> Known:
    if not isinstance(raw, list):
        return read(fact, raw)
    if len(raw) != 2:
        raise Unfit(f"bounds of `{fact.name}` are [min, max]", "null is an unknown bound")
    low, high = raw
    lowest = -UNBOUNDED if low in UNKNOWN_BOUND else read(fact, low).low
    highest = UNBOUNDED if high in UNKNOWN_BOUND else read(fact, high).high
    if lowest > highest:
        raise Unfit(f"the bounds of `{fact.name}` are the wrong way round: {low}, {high}")
    return None if (lowest, highest) == (-UNBOUNDED, UNBOUNDED) else Span(lowest, highest)


def read_integer(fact: FactType, raw: Any) -> Span:
    """A number in units of its fact, also where it is written as text; of an integer fact 3.0 is 3. Raises ``Unfit``."""
    number = in_units(raw, fact.decimals) if isinstance(raw, (int, float, str)) and not isinstance(raw, bool) else None
    if number is None and fact.decimals:
        raise Unfit(f"`{fact.name}` is a number with at most {fact.decimals} decimals, not `{str(raw)[:40]}`", "write it with a point, as in 0.75")
    if number is None:
        raise Unfit(f"`{fact.name}` is an integer, not `{str(raw)[:40]}`")
    if abs(number) > LARGEST:
        raise Unfit(f"`{fact.name}` is too large: {str(raw)[:40]}", f"numbers go up to {unit_words(LARGEST, fact.decimals)}")
    if not fact.allows(number):
        raise Unfit(f"`{fact.name}` cannot be {str(raw)[:40]}", f"it is {fact.allowed}")
    return exactly(number)


def read_day(fact: FactType, raw: Any) -> Span:
    """A date: real, or written 2022-09-25 or 25.09.2022. Raises ``Unfit``."""
    if isinstance(raw, datetime):
        raw = raw.date()
    day = raw if isinstance(raw, date) else _written_day(fact, str(raw).strip())
    if day.year not in YEARS:
        raise Unfit(f"`{fact.name}` is a date in living memory, not `{raw}`", f"years {YEARS[0]} to {YEARS[-1]}")
    return exactly(day_number(day))


def _written_day(fact: FactType, text: str) -> date:
    if _ISO_DAY.fullmatch(text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise Unfit(f"`{fact.name}` is not a date: `{text}`", "write year-month-day, as in 2022-09-25")


_READERS: Mapping[str, Callable[[FactType, Any], Known]] = {
    "bool": _bool, "one_of": _one_of, "text": _text, "integer": _number, "date": _day,
}  # fmt: skip


# --- written again ------------------------------------------------------------------------------------------------


def written(person: Person, vocabulary: Vocabulary) -> dict[str, Any]:
    """The account of a person as JSON: ``read_person`` reads the same person from it (without his claims)."""
    facts = {name: written_value(vocabulary[name], value) for name, value in person.facts.items() if value is not None}
    for name, rows in person.lists.items():
        fields = vocabulary[name].row
        facts[name] = [{field: written_value(fields[field], value) for field, value in row.items() if value is not None} for row in rows.rows]
        facts[f"{name}.complete"] = rows.complete if rows.complete is not None else "unknown"
    return facts


def written_value(fact: FactType, value: Known) -> Any:
    """One value as an account has it."""
    if not isinstance(value, Span):
        return None if value is ABSENT else value
    if value.low == FOREVER and fact.none == "forever":
        return None
    if value.exact:
        return _written_number(fact, value.low)
    return [_written_bound(fact, value.low), _written_bound(fact, value.high)]


def _written_bound(fact: FactType, number: int) -> Any:
    return "?" if abs(number) >= UNBOUNDED or number >= FOREVER else _written_number(fact, number)


def _written_number(fact: FactType, number: int) -> Any:
    if fact.kind == "date":
        return as_date(number).isoformat()
    return unit_words(number, fact.decimals) if fact.decimals else number
