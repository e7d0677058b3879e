"""Anybody: a person of whom everything is known, and nobody says what. The symbols over which Z3 proves things of a pack.

Each fact is a symbol with the values its type allows: a text is one of the words that rules name or some other, a list is so
many rows of which the first few exist. A date is year, month and day rather than a day number, since ages and terms of
months are then plain sums; its day number is worked out only where days are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType
from typing import Any

import z3

from rightcall.law.account import LARGEST, YEARS
from rightcall.law.person import Known, Person, Row, Rows
from rightcall.law.value import ABSENT, FOREVER, as_date, day_number, exactly
from rightcall.law.vocabulary import FactType, Vocabulary

Symbol = Any
"""A Z3 expression; the library has no types."""
NO: Symbol = z3.BoolVal(False)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SHORT = (3, 5, 8, 10)
OTHER_WORD = "another"
"""A word that no rule names."""


@dataclass(frozen=True)
class Number:
    """An integer, or a day by its number, from ``low`` to ``high``; ``absent``: it is none; ``unsaid``: the law gives no value."""

    value: Symbol
    low: int
    high: int
    absent: Symbol = NO
    unsaid: Symbol = NO


@dataclass(frozen=True)
class Date:
    """A calendar day: months count from 0. ``never``: the day that does not come; ``years``: all that ``year`` may be."""

    year: Symbol
    month: Symbol
    day: Symbol
    years: range
    absent: Symbol = NO
    never: Symbol = NO

    @cached_property
    def key(self) -> Symbol:
        """A number that grows with the day; two dates compare as their keys do."""
        return self._unless_never(384 * self.year + 32 * self.month + self.day)

    @cached_property
    def number(self) -> Number:
        """The day number, as ``value`` counts it."""
        before = self.year - 1
        centuries = [z3.If(self.year > year, 1, 0) for year in self._common_centuries()]
        first = 365 * before + before / 4 - z3.Sum([z3.IntVal(sum(1 for year in range(100, self.years.start, 100) if year % 400)), *centuries])
        within = _case(self.month, [0, *accumulate(_MONTHS)][:12]) + z3.If(z3.And(self.month > 1, self.is_leap), 1, 0)
        value = first + within + self.day - 1 - (date(1970, 1, 1).toordinal() - 1)
        low, high = (day_number(date(year, month, day)) for year, month, day in ((self.years[0], 1, 1), (self.years[-1], 12, 31)))
        return Number(self._unless_never(value), low, high if z3.is_false(self.never) else FOREVER, self.absent)

    @cached_property
    def is_leap(self) -> Symbol:
        return z3.And(self.year % 4 == 0, *[self.year != year for year in self._common_centuries()])

    def _common_centuries(self) -> list[int]:
        """The years among its own that four divides and that are not leap years."""
        return [year for year in range(self.years.start - self.years.start % 100, self.years.stop, 100) if year % 400 and year in self.years]

    def _unless_never(self, value: Symbol) -> Symbol:
        return value if z3.is_false(self.never) else z3.If(self.never, z3.IntVal(FOREVER), value)

    def later(self, years: int, months: int) -> Date:
        """The day after a term of years and months; the last day of a month that has no such day."""
        over, rest = divmod(months, 12)
        carry = z3.If(self.month + rest > 11, 1, 0)
        moved = Date(
            self.year + years + over + carry, self.month + rest - 12 * carry, self.day,
            range(self.years.start + years + over, self.years.stop + years + over + 1), self.absent, self.never,
        )  # fmt: skip
        return Date(moved.year, moved.month, moved.clamped, moved.years, self.absent, self.never)

    @cached_property
    def clamped(self) -> Symbol:
        short = z3.And(self._is_short, self.day > 30)
        february = z3.And(self.month == 1, self.day > 28)
        return z3.If(february, z3.If(self.is_leap, z3.If(self.day > 29, 29, self.day), 28), z3.If(short, 30, self.day))

    @cached_property
    def _is_short(self) -> Symbol:
        return z3.Or([self.month == month for month in _SHORT])

    def birthday(self, years: int, leap_on_march: bool) -> Date:
        """The day on which somebody born on this day completes his years."""
        moved = Date(self.year + years, self.month, self.day, range(self.years.start + years, self.years.stop + years), self.absent, self.never)
        homeless = z3.And(self.month == 1, self.day == 29, z3.Not(moved.is_leap))
        month, day = (2, 1) if leap_on_march else (1, 28)
        return Date(moved.year, z3.If(homeless, month, self.month), z3.If(homeless, day, self.day), moved.years, self.absent, self.never)

    def exists(self) -> Symbol:
        """The calendar has such a day."""
        return z3.And(
            self.year >= self.years[0], self.year <= self.years[-1], self.month >= 0, self.month <= 11, self.day >= 1, self.day <= 31,
            z3.Implies(self._is_short, self.day <= 30), z3.Implies(self.month == 1, self.day <= z3.If(self.is_leap, 29, 28)),
        )  # fmt: skip

    def falls_on(self, day: int) -> Symbol:
        """It is the day of a number (which may be the day that never comes)."""
        if day == FOREVER:
            return self.never
        known = as_date(day)
        return z3.And(z3.Not(self.never), z3.Not(self.absent), self.year == known.year, self.month == known.month - 1, self.day == known.day)


def known_date(day: int) -> Date:
    """A literal date."""
    known = as_date(day)
    return Date(z3.IntVal(known.year), z3.IntVal(known.month - 1), z3.IntVal(known.day), range(known.year, known.year + 1))


def free_date(name: str, years: range, absent: Symbol = NO, never: Symbol = NO) -> Date:
    """A date of which nothing is said; the caller asserts that it ``exists``."""
    return Date(z3.Int(f"{name}/year"), z3.Int(f"{name}/month"), z3.Int(f"{name}/day"), years, absent, never)


def _case(chosen: Symbol, values: list[int]) -> Symbol:
    found = z3.IntVal(values[-1])
    for number in reversed(range(len(values) - 1)):
        found = z3.If(chosen <= number, values[number], found)
    return found


@dataclass
class Anybody:
    """The symbols of one person. ``rows``: how many rows each list may have; ``laws`` must hold of the symbols made so far."""

    vocabulary: Vocabulary
    rows: Mapping[str, int]
    laws: list[Symbol] = field(default_factory=list)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    _words: dict[str, dict[str, int]] = field(default_factory=dict)

    def fact(self, name: str) -> Symbol:
        """The symbol of a fact: a bool or word as Z3 knows it, a ``Number`` or a ``Date``."""
        return self._symbol(name, self.vocabulary[name])

    def field(self, listed: str, place: int, name: str) -> Symbol:
        """The symbol of a field of one row."""
        return self._symbol(f"{listed}/{place}/{name}", self.vocabulary[f"{listed}[].{name}"])

    def exists(self, listed: str, place: int) -> Symbol:
        """Whether the list has a row of that place."""
        return self.length(listed) > place

    def length(self, listed: str) -> Symbol:
        name = f"{listed}/length"
        if name not in self.symbols:
            self.symbols[name] = z3.Int(name)
            self.laws.append(z3.And(self.symbols[name] >= 0, self.symbols[name] <= self.rows.get(listed, 0)))
        return self.symbols[name]

    def word(self, name: str, word: str) -> Symbol:
        """The number by which a word of a fact is known."""
        fact = self.vocabulary[name]
        words = self._words.setdefault(name, {value: number for number, value in enumerate(fact.values)})
        return words.setdefault(word, len(words))

    def absent(self, symbol_name: str, fact: FactType) -> Symbol:
        return z3.Bool(f"{symbol_name}/none") if fact.none == "absent" else NO

    def _symbol(self, name: str, fact: FactType) -> Symbol:
        if name not in self.symbols:
            self.symbols[name] = self._make(name, fact)
        return self.symbols[name]

    def _make(self, name: str, fact: FactType) -> Symbol:
        absent = self.absent(name, fact)
        match fact.kind:
            case "bool":
                return z3.Bool(name)
            case "integer":
                value = z3.Int(name)
                self.laws.append(z3.And(value >= -LARGEST, value <= LARGEST))
                return Number(value, -LARGEST, LARGEST, absent)
            case "date":
                never = z3.Bool(f"{name}/never") if fact.none == "forever" else NO
                day = free_date(name, YEARS, absent, never)
                self.laws.append(day.exists())
                return day
            case _:
                value = z3.Int(name)
                self.laws.append(z3.And(value >= 0, value < len(fact.values)) if fact.kind == "one_of" else value >= 0)
                return Number(value, 0, LARGEST, absent)

    # --- from symbols to people, and back

    @property
    def known_facts(self) -> tuple[str, ...]:
        """The plain facts that have a symbol."""
        return tuple(name for name in self.symbols if "/" not in name)

    @property
    def known_lists(self) -> tuple[str, ...]:
        return tuple(name.removesuffix("/length") for name in self.symbols if name.endswith("/length"))

    def is_so(self, name: str, value: Known) -> Symbol:
        """The fact has an exact value."""
        return self._equals(self.fact(name), self.vocabulary[name], value)

    def field_is_so(self, listed: str, place: int, name: str, value: Known) -> Symbol:
        fact = self.vocabulary[f"{listed}[].{name}"]
        return self._equals(self.field(listed, place, name), fact, value)

    def _equals(self, symbol: Symbol, fact: FactType, value: Known) -> Symbol:
        if isinstance(value, bool):
            return symbol if value else z3.Not(symbol)
        if value is ABSENT:
            return symbol.absent
        if isinstance(value, str):
            return z3.And(z3.Not(symbol.absent), symbol.value == self.word(fact.name, value))
        if isinstance(symbol, Date):
            return symbol.falls_on(value.low)  # type: ignore[union-attr]
        return z3.And(z3.Not(symbol.absent), symbol.value == value.low)  # type: ignore[union-attr]

    def person(self, model: Symbol, rest: Person) -> Person:
        """The person of a model; facts without a symbol are those of ``rest``."""
        facts = {name: self._value(model, self.fact(name), self.vocabulary[name]) for name in self.known_facts}
        lists = {name: Rows(self._rows(model, name), True) for name in self.known_lists}
        return Person(MappingProxyType({**rest.facts, **facts}), MappingProxyType({**rest.lists, **lists}))

    def _rows(self, model: Symbol, listed: str) -> tuple[Row, ...]:
        length = model.eval(self.length(listed), model_completion=True).as_long()
        fields = self.vocabulary[listed].row
        return tuple(
            MappingProxyType({name: self._value(model, self.field(listed, place, name), fact) for name, fact in fields.items()}) for place in range(length)
        )

    def _value(self, model: Symbol, symbol: Symbol, fact: FactType) -> Known:
        if fact.kind == "bool":
            return is_true(model, symbol)
        if is_true(model, symbol.absent):
            return ABSENT
        if isinstance(symbol, Date):
            return exactly(FOREVER if is_true(model, symbol.never) else day_of(model, symbol))
        number = model.eval(symbol.value, model_completion=True).as_long()
        if fact.kind == "integer":
            return exactly(number)
        words = {place: word for word, place in self._words.get(fact.name, dict(zip(fact.values, range(len(fact.values)), strict=True))).items()}
        return words.get(number, OTHER_WORD)


def is_true(model: Symbol, symbol: Symbol) -> bool:
    return bool(z3.is_true(model.eval(symbol, model_completion=True)))


def day_of(model: Symbol, day: Date) -> int:
    """The day number of a date in a model. A part that the model leaves open is taken as early as the calendar has it."""
    year, month, number = (model.eval(part, model_completion=True).as_long() for part in (day.year, day.month, day.day))
    year = year if year in day.years else day.years[0]
    return day_number(date(year, min(max(month, 0), 11) + 1, max(number, 1)))
