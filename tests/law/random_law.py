"""Random packs and random people, and what they mean in plain two-valued Python.

A random expression is a pair: its text in the surface language, and a function that says what it means of one world in which
everything is known. The functions are written from docs/reference/packs.md and know nothing of ``rightcall``, so that they
can serve as an oracle. A day is its ordinal, the day that never comes is infinity, and ``NONE`` is the known none.
"""

from __future__ import annotations

import calendar
import json
import math
import operator
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from rightcall.law.account import read_person
from rightcall.law.pack import Pack, load_pack
from rightcall.law.person import Person
from rightcall.law.problem import Refused
from rightcall.law.question import UNANSWERED, Readings

NONE = "<none>"
NEVER = math.inf
EPOCH = date(1970, 1, 1).toordinal()
DAYS = [date(2022, 10, 10), date(2022, 10, 11), date(2023, 2, 28), date(2023, 3, 1), date(2024, 2, 29), date(2022, 9, 21), date(2022, 2, 28), date(2022, 3, 1)]
OFTEN = [DAYS[0]] * 6 + DAYS
EDGES = [date(2022, 9, 22), date(2022, 10, 10), date(2022, 10, 11), date(2023, 3, 1), date(2024, 2, 29)]
QUESTIONS = ("ALPHA", "BETA", "BDAY", "REFDATE")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


# --- the dice -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dice:
    """Random choices. Hypothesis stands behind ``random`` in the tests, so that what fails is made small."""

    random: Random

    def one(self, items: Sequence[Any]) -> Any:
        return items[self.random.randrange(len(items))]

    def number(self, low: int, high: int) -> int:
        return self.random.randrange(low, high + 1)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) >= 100 - percent

    def some(self, items: Sequence[Any], low: int = 1) -> list[Any]:
        chosen = [item for item in items if self.chance(50)]
        return chosen if len(chosen) >= low else list(items[:low])


# --- one world in which everything is known ------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Exact facts, all rows, one day, and an answer to every question that the readings leave open on that day."""

    facts: Mapping[str, Any]
    lists: Mapping[str, Sequence[Mapping[str, Any]]]
    on: int
    law: Law
    open_answers: Mapping[str, bool]
    part: str = ""
    unsaid: int | None = None
    """What a parameter is on days on which the law has no value of it."""

    def answer(self, question: str, part: str) -> bool:
        for asked, answer, start, end, parts in self.law.answers:
            begun, over = start is None or self.on >= start.toordinal(), end is not None and self.on >= end.toordinal()
            if asked == question and begun and not over and (not parts or part in parts):
                return answer
        return self.open_answers[question]

    def parameter(self, name: str, key: str = "") -> Any:
        if key == NONE:
            return NONE
        for start, end, values in self.law.parameters[name].entries:
            if (start is None or self.on >= start.toordinal()) and (end is None or self.on < end.toordinal()):
                return values[key]
        if self.unsaid is None:
            raise LookupError(f"{name} has no value on {date.fromordinal(self.on)}")
        return EDGES[self.unsaid % len(EDGES)].toordinal() if name.startswith("since") else self.unsaid


def birthday(birth: int, years: int, leap_on_march: bool) -> int:
    """The day on which somebody completes his years."""
    born = date.fromordinal(birth)
    try:
        return born.replace(year=born.year + years).toordinal()
    except ValueError:
        return date(born.year + years, 3, 1).toordinal() - (0 if leap_on_march else 1)


def term_after(day: float, years: int, months: int, days: int) -> float:
    if day == NEVER:
        return day
    start = date.fromordinal(int(day))
    months += 12 * years
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1])).toordinal() + days


# --- expressions --------------------------------------------------------------------------------------------------

OR, AND, NOT, COMPARED, ADDED, ATOM = range(6)
Row = Mapping[str, Any] | None


@dataclass(frozen=True)
class Expression:
    """Its text, how tightly the text binds, what it means; whether it is a literal, and whether it may be never."""

    text: str
    means: Callable[[World, Row], Any]
    level: int = ATOM
    literal: bool = False
    never: bool = False

    def at(self, level: int) -> str:
        return self.text if self.level >= level else f"({self.text})"


def compared(sign: str, left: Expression, right: Expression) -> Callable[[World, Row], bool]:
    """With a none every comparison is false; ``!=`` is ``not ==``."""

    def means(world: World, row: Row) -> bool:
        a, b = left.means(world, row), right.means(world, row)
        if sign == "!=":
            return NONE in (a, b) or a != b
        return NONE not in (a, b) and OPERATORS[sign](a, b)

    return means


def total(left: Expression, right: Expression, minus: bool) -> Callable[[World, Row], Any]:
    def means(world: World, row: Row) -> Any:
        a, b = left.means(world, row), right.means(world, row)
        return NONE if NONE in (a, b) else a - b if minus else a + b

    return means


@dataclass(frozen=True)
class FactSpec:
    """A fact of the random vocabulary. ``none``: what none means; ``told``: what is assumed unless told."""

    name: str
    kind: str
    none: str = ""
    values: tuple[str, ...] = ()
    told: Any = None
    point: str = ""

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class ParameterSpec:
    """A parameter: its type, the fact it is a table over, and its values in time."""

    name: str
    kind: str
    by: str
    entries: tuple[tuple[date | None, date | None, Mapping[str, Any]], ...]


@dataclass(frozen=True)
class RuleSpec:
    """A rule: the text of its block, and what it means."""

    name: str
    effect: str
    text: str
    condition: Callable[[World], bool] | None
    hinges_on: str = ""

    def holds(self, world: World) -> bool:
        assert self.condition is not None
        return self.condition(world) and (not self.hinges_on or world.answer(self.hinges_on, self.name))


EFFECTS = ("bars", "defers", "requires", "promises")


@dataclass
class Law:
    """A random pack, loaded, with what it means."""

    facts: list[FactSpec] = field(default_factory=list)
    lists: dict[str, list[FactSpec]] = field(default_factory=dict)
    list_told: dict[str, bool] = field(default_factory=dict)
    parameters: dict[str, ParameterSpec] = field(default_factory=dict)
    terms: list[tuple[str, str, Expression]] = field(default_factory=list)
    provisions: dict[str, list[RuleSpec]] = field(default_factory=dict)
    answers: list[tuple[str, bool, date | None, date | None, tuple[str, ...]]] = field(default_factory=list)
    also: tuple[str, ...] = ()
    same_day: tuple[str, ...] = ()
    leap_on_march: bool = True
    files: dict[str, str] = field(default_factory=dict)
    pack: Pack = None  # type: ignore[assignment]
    readings: Readings = UNANSWERED

    def effect(self, id: str) -> str:
        return min((rule.effect for rule in self.provisions[id]), key=EFFECTS.index)

    def ground(self, id: str, world: World, also: Sequence[int]) -> bool | None:
        """What a provision says of one world, other days included; nothing where no rule of it has a condition."""
        effect = self.effect(id)
        rules = [rule for rule in self.provisions[id] if rule.effect == effect and rule.condition is not None]
        if not rules:
            return None

        def holds(on: int) -> bool:
            return any(rule.holds(replace(world, on=on)) for rule in rules)

        if effect not in ("bars", "defers"):
            return holds(world.on)
        return holds(world.on) or (bool(also) and world.answer("REFDATE", id) and any(holds(day) for day in also))

    def verdict(self, world: World, also: Sequence[int]) -> str:
        held = {self.effect(id) for id in self.provisions if self.effect(id) in ("bars", "defers") and self.ground(id, world, also)}
        return "barred" if "bars" in held else "deferred" if "defers" in held else "clear"

    def __repr__(self) -> str:
        return "\n".join(f"--- {name}\n{text}" for name, text in self.files.items() if name != "questions.toml")


@dataclass(frozen=True)
class Knobs:
    """What random packs may hold.

    ``gaps``: parameters without a value on early or late days; ``sums`` and ``depth``: how deep sums and conditions may go;
    ``provisions``: how many at most.
    """

    gaps: bool = True
    sums: int = 2
    depth: int = 3
    provisions: int = 4


class _Writer:
    """Writes random expressions over the names of a law."""

    def __init__(self, law: Law, dice: Dice, knobs: Knobs) -> None:
        self.law, self.dice, self.knobs, self.listed = law, dice, knobs, ""

    # names

    def _names(self, kind: str) -> list[Expression]:
        """The facts and, within a quantifier, the fields of a kind."""
        found = [self._fact(spec) for spec in self.law.facts if spec.kind == kind]
        if self.listed:
            fields = [self._field(spec) for spec in self.law.lists[self.listed] if spec.kind == kind]
            found = fields * 3 + found
        return found

    def _fact(self, spec: FactSpec) -> Expression:
        return Expression(spec.name, lambda world, row: world.facts[spec.name], never=spec.none == "forever")

    def _field(self, spec: FactSpec) -> Expression:
        def means(world: World, row: Row) -> Any:
            assert row is not None
            return row[spec.short]

        return Expression(f"c.{spec.short}", means, never=spec.none == "forever")

    def _values(self, expression: Expression) -> tuple[str, ...]:
        specs = [*self.law.facts, *self.law.lists.get(self.listed, ())]
        return next(spec.values for spec in specs if expression.text in (spec.name, f"c.{spec.short}" if "[]" in spec.name else ""))

    def _terms(self, kind: str) -> list[Expression]:
        return [replace(written, text=name, level=ATOM) for name, of_kind, written in self.law.terms if of_kind == kind and not self._nests(written)]

    def _nests(self, written: Expression) -> bool:
        return bool(self.listed) and " for " in self._unfolded(written.text)

    def _unfolded(self, text: str) -> str:
        for name, _, written in self.law.terms:
            if name in text and written.text != text:
                text += self._unfolded(written.text)
        return text

    # operands

    def parameter(self, kind: str) -> Expression | None:
        chosen = [spec for spec in self.law.parameters.values() if spec.kind == kind]
        if not chosen:
            return None
        spec = self.dice.one(chosen)
        if not spec.by:
            return Expression(spec.name, lambda world, row: world.parameter(spec.name))
        return Expression(f"{spec.name}[{spec.by}]", lambda world, row: world.parameter(spec.name, world.facts[spec.by]))

    def integer(self, depth: int) -> Expression:
        dice = self.dice
        roll = dice.number(0, 9)
        names = self._names("integer")
        if roll <= 4 and names:
            return dice.one(names)
        if roll == 5 and (parameter := self.parameter("integer")):
            return parameter
        if roll == 6 and (terms := self._terms("integer")):
            return dice.one(terms)
        if roll == 7 and depth > 0:
            return self.days_between(depth - 1)
        if roll == 8 and depth > 0:
            return self._sum(self.integer(depth - 1), self.integer(depth - 1))
        return self.literal_integer()

    def literal_integer(self) -> Expression:
        number = self.dice.one([0, 1, 2, 3, -1, 4])
        return Expression(str(number), lambda world, row: number, literal=True)

    def _sum(self, left: Expression, right: Expression) -> Expression:
        minus = self.dice.chance(50) and not right.never
        sign = "-" if minus else "+"
        return Expression(f"{left.at(ADDED)} {sign} {right.at(ATOM)}", total(left, right, minus), ADDED, never=left.never or right.never)

    def days_between(self, depth: int) -> Expression:
        start, end = self.day(depth), self.day(depth)
        if start.never:
            start = Expression("on", lambda world, row: world.on)
        return Expression(f"days_between({start.text}, {end.text})", total(end, start, minus=True), never=end.never)

    def day(self, depth: int) -> Expression:
        dice = self.dice
        roll = dice.number(0, 9)
        names = self._names("date")
        if roll <= 3 and names:
            return dice.one(names)
        if roll == 4 and (parameter := self.parameter("date")):
            return parameter
        if roll == 5 and (terms := self._terms("date")):
            return dice.one(terms)
        if roll == 6 and names:
            return self._later(dice.one(names))
        if roll == 7 and depth > 0:
            right = self.integer(depth - 1)
            return self._sum(self.day(depth - 1), right)
        if roll == 8:
            return self.literal_day()
        return Expression("on", lambda world, row: world.on)

    def literal_day(self) -> Expression:
        day = self.dice.one(DAYS + EDGES)
        return Expression(f'date("{day}")', lambda world, row: day.toordinal(), literal=True)

    def _later(self, day: Expression) -> Expression:
        units = {unit: self.dice.number(0, most) for unit, most in (("years", 2), ("months", 14), ("days", 40)) if self.dice.chance(50)}
        units = units or {"months": 6}

        def means(world: World, row: Row) -> Any:
            start = day.means(world, row)
            return NONE if start == NONE else term_after(start, units.get("years", 0), units.get("months", 0), units.get("days", 0))

        return Expression(f"add({day.text}, {', '.join(f'{unit}={n}' for unit, n in units.items())})", means, never=day.never)

    # statements

    def statement(self, depth: int) -> Expression:
        roll = self.dice.number(0, 11) if depth > 0 else 11
        if roll <= 3:
            return self._connected("and", AND, depth)
        if roll <= 6:
            return self._connected("or", OR, depth)
        if roll == 7:
            item = self.statement(depth - 1)
            return Expression(f"not {item.at(NOT)}", lambda world, row: not item.means(world, row), NOT)
        if roll in (8, 9) and not self.listed:
            return self.quantified(depth - 1)
        return self.leaf(depth)

    def _connected(self, word: str, level: int, depth: int) -> Expression:
        items = [self.statement(depth - 1) for _ in range(self.dice.number(2, 3))]
        rule = all if word == "and" else any
        return Expression(f" {word} ".join(item.at(level + 1) for item in items), lambda world, row: rule([item.means(world, row) for item in items]), level)

    def leaf(self, depth: int = 1) -> Expression:
        makers = [
            self._bool, self._bool, self._bool, self._words, self._words, self._words, self._integers, self._integers, self._days, self._days,
            self._age, self._age, self._age, self._reading, self._term, self._listed_integers, self._chain,
        ]  # fmt: skip
        return self.dice.one(makers)(max(depth, 1))

    def _bool(self, depth: int) -> Expression:
        return self.dice.one(self._names("bool"))

    def _words(self, depth: int) -> Expression:
        dice = self.dice
        word = dice.one(self._names("one_of") + self._names("text"))
        values = self._values(word) or ("x", "y")
        roll = dice.number(0, 3)
        if roll <= 1:
            value, negative = dice.one(values), roll == 1
            sides = [word.text, json.dumps(value)]
            text = f" {'!=' if negative else '=='} ".join(sides if dice.chance(70) else sides[::-1])
            return Expression(text, lambda world, row: (word.means(world, row) == value) != negative, COMPARED)
        chosen, negative = dice.some(values), roll == 3
        text = f"{word.text} {'not in' if negative else 'in'} {{{', '.join(json.dumps(value) for value in chosen)}}}"
        return Expression(text, lambda world, row: (word.means(world, row) in chosen) != negative, COMPARED)

    def _listed_integers(self, depth: int) -> Expression:
        names = self._names("integer")
        if not names:
            return self._bool(depth)
        number, chosen, negative = self.dice.one(names), self.dice.some([0, 1, 2, 3]), self.dice.chance(30)
        text = f"{number.text} {'not in' if negative else 'in'} {{{', '.join(str(value) for value in chosen)}}}"
        return Expression(text, lambda world, row: (number.means(world, row) in chosen) != negative, COMPARED)

    def _integers(self, depth: int) -> Expression:
        depth = min(depth, self.knobs.sums)
        return self._compared(self.integer(depth), self.integer(depth), lambda: self.dice.one([*self._names("integer"), self.days_between(0)]))

    def _days(self, depth: int) -> Expression:
        depth = min(depth, self.knobs.sums)
        return self._compared(self.day(depth), self.day(depth), lambda: self.dice.one(self._names("date")))

    def _compared(self, left: Expression, right: Expression, named: Callable[[], Expression]) -> Expression:
        if left.literal and right.literal:
            left = named()
        sign = self.dice.one(list(OPERATORS))
        return Expression(f"{left.at(ADDED)} {sign} {right.at(ADDED)}", compared(sign, left, right), COMPARED)

    def _chain(self, depth: int) -> Expression:
        low, middle, high = self.day(0), self.dice.one(self._names("date")), self.day(0)
        first, second = self.dice.one(["<", "<="]), self.dice.one(["<", "<=", "=="])
        parts = compared(first, low, middle), compared(second, middle, high)
        text = f"{low.at(ADDED)} {first} {middle.text} {second} {high.at(ADDED)}"
        return Expression(text, lambda world, row: all(part(world, row) for part in parts), COMPARED)

    def _age(self, depth: int) -> Expression:
        dice = self.dice
        births = [name for name in self._names("date") if "birth" in name.text]
        birth, word = dice.one(births), dice.one(["under", "under", "reached"])
        number = dice.one([16, 18])
        years: Expression = Expression(str(number), lambda world, row: number)
        spec = dice.one([None, *(spec for spec in self.law.parameters.values() if spec.name.startswith("age"))])
        if spec is not None:
            years = self._of(spec)
        leap = self.law.leap_on_march

        def means(world: World, row: Row) -> bool:
            born, limit = birth.means(world, row), years.means(world, row)
            if NONE in (born, limit):
                return False
            day = birthday(born, limit, leap)
            if word == "reached":
                return world.on >= day
            return world.on <= day if world.answer("BDAY", "") else world.on < day

        return Expression(f"{word}({birth.text}, {years.text})", means)

    def _of(self, spec: ParameterSpec) -> Expression:
        text = f"{spec.name}[{spec.by}]" if spec.by else spec.name
        return Expression(text, lambda world, row: world.parameter(spec.name, world.facts[spec.by] if spec.by else ""))

    def _reading(self, depth: int) -> Expression:
        question = self.dice.one(["ALPHA", "BETA", "BETA", "BDAY"])
        return Expression(f'reading("{question}")', lambda world, row: world.answer(question, world.part))

    def _term(self, depth: int) -> Expression:
        terms = self._terms("statement")
        return self.dice.one(terms) if terms else self._bool(depth)

    def quantified(self, depth: int) -> Expression:
        if self.dice.chance(35):
            count = self.count(depth)
            text = count.text.replace("count(", "any(", 1)
            return Expression(text, lambda world, row: count.means(world, row) >= 1)
        terms = self._terms("count")
        count = self.dice.one(terms) if terms and self.dice.chance(30) else self.count(depth)
        number = self.dice.number(0, 3)
        needed: Expression = Expression(str(number), lambda world, row: number)
        specs = [spec for spec in self.law.parameters.values() if spec.name.startswith("needed")]
        sign, turned = self.dice.one([">=", ">=", ">=", ">", "<", "<=", "==", "!="]), self.dice.chance(25)
        if sign not in (("<=", "<") if turned else (">=", ">")):
            specs = [spec for spec in specs if not self._may_be_none(spec)]
        if specs and self.dice.chance(40):
            needed = self._of(self.dice.one(specs))
        if turned:
            return Expression(f"{needed.text} {sign} {count.text}", compared(sign, needed, count), COMPARED)
        return Expression(f"{count.text} {sign} {needed.text}", compared(sign, count, needed), COMPARED)

    def _may_be_none(self, spec: ParameterSpec) -> bool:
        key_may = any(fact.none for fact in self.law.facts if fact.name == spec.by)
        return key_may or any(NONE in values.values() for _, _, values in spec.entries)

    def count(self, depth: int) -> Expression:
        listed = self.dice.one(list(self.law.lists))
        self.listed = listed
        body = self.statement(min(depth, 1)) if depth > 0 else self.leaf(0)
        self.listed = ""

        def means(world: World, row: Row) -> int:
            return sum(bool(body.means(world, one)) for one in world.lists[listed])

        return Expression(f"count({body.text} for c in {listed})", means)


# --- packs --------------------------------------------------------------------------------------------------------


def make_law(random: Random, knobs: Knobs = Knobs()) -> Law:
    """A random pack that loads, with random readings."""
    dice = Dice(random)
    law = Law()
    _vocabulary(law, dice, knobs)
    _parameters(law, dice, knobs)
    writer = _Writer(law, dice, knobs)
    for kind in ("statement", "integer", "date", "count", "statement"):
        if dice.chance(40):
            name = f"term_{len(law.terms)}"
            written = {
                "statement": lambda: writer.statement(2),
                "integer": lambda: writer.integer(1),
                "date": lambda: writer.day(1),
                "count": lambda: writer.count(1),
            }[kind]()
            law.terms.append((name, kind, written))
    for number in range(dice.number(2, knobs.provisions)):
        _provision(law, writer, dice, f"P{number}")
    law.leap_on_march = dice.chance(60)
    law.also = tuple(dice.some(["date.notice", "date.dispatch"], low=0))
    law.same_day = ("date.notice",) if dice.chance(50) else ()
    _readings(law, dice)
    _load(law)
    return law


def _vocabulary(law: Law, dice: Dice, knobs: Knobs) -> None:
    absent = lambda: "absent" if dice.chance(40) else ""  # noqa: E731
    told = lambda value: value if dice.chance(45) else None  # noqa: E731
    law.facts = [
        FactSpec("home.alone", "bool", told=told(False)),
        FactSpec("care", "bool", told=told(dice.chance(30)), point=dice.one(["", "ALPHA"])),
        FactSpec("work.kind", "one_of", absent(), ("a", "b", "unknown", "c"), told=told(dice.one(["a", "b"]))),
        FactSpec("town", "text", absent()),
        FactSpec("size", "integer", absent(), told=told(dice.number(0, 2))),
        FactSpec("birth", "date", absent() if dice.chance(30) else ""),
        FactSpec("study.until", "date", dice.one(["forever", "forever", "absent", ""])),
        FactSpec("date.decision", "date"),
        FactSpec("date.notice", "date", dice.one(["", "", "absent"])),
        FactSpec("date.dispatch", "date"),
    ]
    if dice.chance(40) or not any(spec.kind == "one_of" and not spec.none for spec in law.facts):
        law.facts.insert(3, FactSpec("rank", "one_of", "", ("low", "high"), told=told("low")))
    law.lists["children"] = [
        FactSpec("children[].birth", "date", absent() if dice.chance(30) else ""),
        FactSpec("children[].own", "bool"),
        FactSpec("children[].tie", "one_of", absent(), ("near", "far")),
        FactSpec("children[].grade", "integer", absent()),
    ]
    if dice.chance(40):
        law.lists["pleas"] = [
            FactSpec("pleas[].spent", "bool"),
            FactSpec("pleas[].until", "date", dice.one(["forever", "absent", ""])),
            FactSpec("pleas[].birth", "date"),
        ]
    for name in law.lists:
        if dice.chance(35):
            law.list_told[name] = True
    law.facts = [spec if spec.kind != "one_of" else replace(spec, values=tuple(value for value in spec.values if value != "unknown")) for spec in law.facts]


def _parameters(law: Law, dice: Dice, knobs: Knobs) -> None:
    def entries(make: Callable[[], Any], by: str) -> tuple[tuple[date | None, date | None, dict[str, Any]], ...]:
        cuts = sorted(set(dice.some(EDGES, low=0))) if dice.chance(60) else []
        ends = [None, *cuts, None]
        keys = next((spec.values for spec in law.facts if spec.name == by), ("",))
        found = [(start, end, {key: NONE if by and dice.chance(30) else make() for key in keys}) for start, end in pairwise(ends)]
        if by and all(set(values.values()) == {NONE} for _, _, values in found):
            found[0][2][keys[-1]] = make()
        if knobs.gaps and len(found) > 1 and dice.chance(30):
            found.pop(dice.one([0, -1]))
        return tuple(found)

    bys = [spec.name for spec in law.facts if spec.kind == "one_of" and not spec.none]
    ages = (16, 18, 30, 150)
    makers: dict[str, tuple[str, str, Callable[[], Any]]] = {
        "limit": ("integer", "", lambda: dice.number(0, 3)),
        "limit_by": ("integer", dice.one(bys), lambda: dice.number(0, 3)),
        "age": ("integer", "", lambda: dice.one(ages)),
        "age_by": ("integer", dice.one(bys), lambda: dice.one(ages)),
        "needed": ("integer", "", lambda: dice.number(1, 2)),
        "needed_by": ("integer", dice.one(bys), lambda: dice.number(0, 2)),
        "since": ("date", "", lambda: dice.one(EDGES).toordinal()),
        "since_by": ("date", dice.one(bys), lambda: dice.one(EDGES).toordinal()),
    }
    for name, (kind, by, make) in makers.items():
        law.parameters[name] = ParameterSpec(name, kind, by, entries(make, by))


def _provision(law: Law, writer: _Writer, dice: Dice, id: str) -> None:
    number = dice.one([1, 1, 1, 2])
    main = dice.one(["bars", "defers", "defers", "defers", "requires", "promises"])
    rules = []
    for n in range(number):
        name = f"{id}/{'xyz'[n]}" if number > 1 else id
        effect = main if n == 0 or dice.chance(75) else dice.one(EFFECTS)
        rules.append(_rule(writer, dice, id, name, effect, first=n == 0))
    law.provisions[id] = rules


def _rule(writer: _Writer, dice: Dice, id: str, name: str, effect: str, first: bool) -> RuleSpec:
    lines = [f'id = "{id}"', f'effect = "{effect}"']
    lines += ['act = "An act"', 'cite = "art. 1"', f'grade = "{dice.one("ABCD")}"'] if first else []
    lines += [f'part = "{name.partition("/")[2]}"'] if "/" in name else []
    if dice.chance(6):
        return RuleSpec(name, effect, "\n".join([*lines, 'escalation = "The language cannot say it."']), None)
    when = writer.statement(writer.knobs.depth)
    lines.append(f"when = '''{when.text}'''" if dice.chance(50) else f"when = '''\n{when.text}\n'''")
    unless = writer.statement(1) if dice.chance(25) else None
    if unless:
        lines.append(f"unless = '{unless.text}'")
    start = dice.one(EDGES) if dice.chance(35) else None
    end = dice.one([day for day in EDGES if start is None or day > start] or [date(2030, 1, 1)]) if dice.chance(25) else None
    lines += [f"from = {start}"] if start else []
    lines += [f"until = {end}"] if end else []
    hinges_on = dice.one(["ALPHA", "BETA"]) if effect in ("bars", "defers") and dice.chance(20) else ""
    lines += [f'hinges_on = "{hinges_on}"'] if hinges_on else []
    if dice.chance(25):
        flag = writer.statement(1)
        lines.append(f"flags = [{{ point = \"{dice.one(QUESTIONS)}\", when = '{flag.text}' }}]")

    def condition(world: World) -> bool:
        world = replace(world, part=name)
        force = (start is None or world.on >= start.toordinal()) and (end is None or world.on < end.toordinal())
        return force and bool(when.means(world, None)) and not (unless is not None and unless.means(world, None))

    return RuleSpec(name, effect, "\n".join(lines), condition, hinges_on)


def _readings(law: Law, dice: Dice) -> None:
    parts = [rule.name for rules in law.provisions.values() for rule in rules]
    for question in QUESTIONS:
        if not dice.chance(35):
            continue
        split = dice.one(EDGES)
        shapes: list[list[tuple[date | None, date | None, tuple[str, ...]]]] = [
            [(None, None, ())], [(None, split, ())], [(split, None, ())], [(None, split, ()), (split, None, ())], [(None, None, tuple(dice.some(parts)))],
        ]  # fmt: skip
        law.answers += [(question, dice.chance(50), *shape) for shape in dice.one(shapes)]


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if value == NONE:
        return '"none"'
    return str(value) if isinstance(value, date) else json.dumps(value)


def _dated(start: date | None, end: date | None) -> list[str]:
    return [f"{key} = {day}" for key, day in (("from", start), ("until", end)) if day is not None]


def _fact_lines(spec: FactSpec, header: str) -> list[str]:
    lines = [f"[{header}]", f'type = "{spec.kind}"', 'ask = "What is it?"']
    values = [*spec.values, "unknown"] if spec.kind == "one_of" else []
    lines += [f"values = {json.dumps(values)}"] if values else []
    lines += [f'none = "{spec.none}"'] if spec.none else []
    lines += [f"unless_told = {_toml(spec.told)}"] if spec.told is not None else []
    return lines + ([f'point = "{spec.point}"'] if spec.point else [])


def _files(law: Law) -> dict[str, str]:
    facts: list[str] = []
    for spec in law.facts:
        facts += _fact_lines(spec, f'"{spec.name}"')
    for name, row in law.lists.items():
        facts += [f"[{name}]", 'type = "list"', f"[{name}.complete]", 'ask = "All?"']
        facts += ["unless_told = true"] if law.list_told.get(name) else []
        for spec in row:
            facts += _fact_lines(spec, f"{name}.row.{spec.short}")
    parameters: list[str] = []
    for spec in law.parameters.values():
        for start, end, values in spec.entries:
            shown = {key: date.fromordinal(value) if spec.kind == "date" and value != NONE else value for key, value in values.items()}
            parameters += [f"[[{spec.name}]]", f"value = {_toml(shown if spec.by else shown[''])}", 'cite = "art. 2"', *_dated(start, end)]
            parameters += [f'by = "{spec.by}"'] if spec.by else []
    readings = ['title = "some"']
    for question, answer, start, end, parts in law.answers:
        readings += ["[[reading]]", f'question = "{question}"', f"answer = {_toml(answer)}", *_dated(start, end)]
        readings += [f"parts = {json.dumps(list(parts))}"] if parts else []
    pack = [
        'id = "random"', 'title = "Random"', 'country = "XX"', "[reference]", 'on = "date.decision"', 'fallback = "date.notice"',
        f"also = {json.dumps(list(law.also))}", 'question = "REFDATE"', f"same_day = {json.dumps(list(law.same_day))}",
        "[birthday]", 'question = "BDAY"', f'leap_day = "{"1 March" if law.leap_on_march else "28 February"}"',
    ]  # fmt: skip
    pages = {f"provisions/{id}.md": f"# {id}\n\n" + "\n".join(f"```toml rule\n{rule.text}\n```\n" for rule in rules) for id, rules in law.provisions.items()}
    return {
        "pack.toml": "\n".join(pack),
        "facts.toml": "\n".join(facts),
        "parameters.toml": "\n".join(parameters),
        "questions.toml": "\n".join(f'[{question}]\nasks = "?"\nyes = "y"\nno = "n"' for question in QUESTIONS),
        "terms.toml": "\n".join(f"[{name}]\nis = '''{written.text}'''" for name, _, written in law.terms),
        "defaults.toml": "",
        "readings/some.toml": "\n".join(readings),
        **pages,
    }


def _load(law: Law) -> None:
    """Write the pack and load it; assumptions that the loader refuses are taken back."""
    while True:
        law.files = _files(law)
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            for name, text in law.files.items():
                (home / name).parent.mkdir(exist_ok=True)
                (home / name).write_text(text, "utf-8")
            try:
                law.pack = load_pack(home)
            except Refused as refused:
                if not all("could make" in problem.message for problem in refused.problems):
                    raise
                _take_back(law, " ".join(problem.message for problem in refused.problems))
                continue
            law.readings = law.pack.readings("some")
            return


def _take_back(law: Law, messages: str) -> None:
    law.facts = [replace(spec, told=None) if f"`{spec.name}`" in messages else spec for spec in law.facts]
    law.list_told = {name: told for name, told in law.list_told.items() if f"`{name}.complete`" not in messages}


# --- people -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """What is known of a value: ``low`` and ``high`` of a day or number (none is no bound), or one exact value."""

    low: Any
    high: Any

    @property
    def exact(self) -> bool:
        return self.low is not None and self.low == self.high


UNKNOWN = Known(None, None)
Described = Mapping[str, Known]


@dataclass(frozen=True)
class Somebody:
    """A random person: what is known of each fact, of each row, and which lists are complete."""

    facts: Described
    rows: Mapping[str, tuple[Described, ...]]
    complete: Mapping[str, bool | None]

    def person(self, law: Law) -> Person:
        """The person as ``rightcall`` reads it from an account."""
        account: dict[str, Any] = {spec.name: _raw(self.facts[spec.name], spec) for spec in law.facts if self.facts[spec.name] != UNKNOWN}
        for name, fields in law.lists.items():
            rows = [{spec.short: _raw(row[spec.short], spec) for spec in fields if row[spec.short] != UNKNOWN} for row in self.rows[name]]
            if rows or self.complete[name] is not None:
                account[name] = rows
            if self.complete[name] is not None:
                account[f"{name}.complete"] = self.complete[name]
        person, misfits = read_person(account, law.pack.vocabulary)
        assert not misfits, misfits
        return person


def _raw(known: Known, spec: FactSpec) -> Any:
    def shown(value: Any) -> Any:
        if value is None:
            return "?"
        return "none" if value in (NONE, NEVER) else date.fromordinal(value) if spec.kind == "date" else value

    return shown(known.low) if known.exact else [shown(known.low), shown(known.high)]


def a_value(spec: FactSpec, dice: Dice) -> Any:
    """An exact value that a fact may have, near to where rules look."""
    if spec.none and dice.chance(20):
        return NEVER if spec.none == "forever" else NONE
    if spec.kind == "bool":
        return dice.chance(50)
    if spec.kind in ("one_of", "text"):
        return dice.one(spec.values or ("x", "y", "z"))
    if spec.kind == "integer":
        return dice.number(0, 4)
    if "birth" in spec.name and dice.chance(15):
        return date(2004, 2, 29).toordinal()
    if "birth" in spec.name:
        day, years, shift = dice.one(OFTEN), dice.one([16, 18]), dice.one([-1, 0, 0, 0, 1, 400])
        try:
            return day.replace(year=day.year - years).toordinal() + shift
        except ValueError:
            return date(day.year - years, 2, 28).toordinal() + shift
    return dice.one(OFTEN).toordinal() + dice.one([-400, -31, -1, 0, 0, 0, 1, 31])


def describe(spec: FactSpec, dice: Dice, doubt: int) -> Known:
    """What is known of a fact. ``doubt``: percent that it is not known exactly."""
    if dice.chance(100 - doubt):
        value = a_value(spec, dice)
        return Known(value, value)
    if spec.kind not in ("integer", "date") or dice.chance(50):
        return UNKNOWN
    plain = replace(spec, none="")
    low, high = sorted((a_value(plain, dice), a_value(plain, dice)))
    return dice.one([Known(low, high), Known(low, low + 1), Known(low, None), Known(None, high)])


def make_people(law: Law, dice: Dice, number: int) -> list[Somebody]:
    """Random people; of some rolls nobody has some fact, so that a column is missing."""
    people = [make_somebody(law, dice) for _ in range(number)]
    for spec in law.facts:
        if dice.chance(8):
            people = [replace(somebody, facts={**somebody.facts, spec.name: UNKNOWN}) for somebody in people]
    return people


def make_somebody(law: Law, dice: Dice, doubt: int | None = None) -> Somebody:
    """A random person, from one known through and through to one of whom little is known."""
    doubt = dice.one([0, 5, 15, 15, 40, 80]) if doubt is None else doubt
    facts = {spec.name: describe(spec, dice, doubt) for spec in law.facts}
    rows = {name: tuple({spec.short: describe(spec, dice, doubt) for spec in fields} for _ in range(dice.number(0, 3))) for name, fields in law.lists.items()}
    complete = {name: True if dice.chance(100 - doubt) else dice.one([None, None, False]) for name in law.lists}
    return Somebody(facts, rows, complete)


def complete_value(known: Known, spec: FactSpec, dice: Dice) -> Any:
    """One of the values that a fact may turn out to have."""
    if known == UNKNOWN:
        return a_value(spec, dice)
    if known.exact:
        return known.low
    low = known.high - dice.one([0, 1, 500]) if known.low is None else known.low
    high = known.low + dice.one([0, 1, 500]) if known.high is None else known.high
    return dice.one([low, high, dice.number(low, high)])


def completed(somebody: Somebody, law: Law, dice: Dice) -> Somebody:
    """The person with everything known, in one of the ways that what is known allows."""

    def row(described: Described, fields: Sequence[FactSpec]) -> Described:
        return {spec.short: _exactly(complete_value(described[spec.short], spec, dice)) for spec in fields}

    facts = {spec.name: _exactly(complete_value(somebody.facts[spec.name], spec, dice)) for spec in law.facts}
    rows = {}
    for name, fields in law.lists.items():
        extra = 0 if somebody.complete[name] is True else dice.one([0, 1, 1, 2, 3])
        unseen = {spec.short: UNKNOWN for spec in fields}
        rows[name] = tuple(row(one, fields) for one in (*somebody.rows[name], *[unseen] * extra))
    return Somebody(facts, rows, dict.fromkeys(law.lists, True))


def _exactly(value: Any) -> Known:
    return Known(value, value)


def world_of(somebody: Somebody, law: Law, on: int, answers: Mapping[str, bool]) -> World:
    """The world of a person of whom everything is known."""
    facts = {name: known.low for name, known in somebody.facts.items()}
    lists = {name: [{short: known.low for short, known in row.items()} for row in rows] for name, rows in somebody.rows.items()}
    return World(facts, lists, on, law, answers)


def learnt(somebody: Somebody, law: Law, dice: Dice) -> Somebody:
    """The person with one thing more known: a fact, narrower bounds, a field of a row, or that a list is complete."""
    places: list[tuple[str, int, FactSpec]] = [("", 0, spec) for spec in law.facts if not somebody.facts[spec.name].exact]
    for name, fields in law.lists.items():
        places += [(name, n, spec) for n, row in enumerate(somebody.rows[name]) for spec in fields if not row[spec.short].exact]
    open_lists = [name for name in law.lists if somebody.complete[name] is not True]
    if open_lists and (not places or dice.chance(25)):
        name = dice.one(open_lists)
        if dice.chance(50):
            return replace(somebody, complete={**somebody.complete, name: True})
        unseen = {spec.short: describe(spec, dice, 50) for spec in law.lists[name]}
        return replace(somebody, rows={**somebody.rows, name: (*somebody.rows[name], unseen)})
    if not places:
        return somebody
    name, number, spec = dice.one(places)
    if not name:
        return replace(somebody, facts={**somebody.facts, spec.name: _narrowed(somebody.facts[spec.name], spec, dice)})
    rows = list(somebody.rows[name])
    rows[number] = {**rows[number], spec.short: _narrowed(rows[number][spec.short], spec, dice)}
    return replace(somebody, rows={**somebody.rows, name: tuple(rows)})


def _narrowed(known: Known, spec: FactSpec, dice: Dice) -> Known:
    value = complete_value(known, spec, dice)
    if spec.kind not in ("integer", "date") or value in (NONE, NEVER) or dice.chance(60):
        return Known(value, value)
    return dice.one([Known(value, known.high), Known(known.low, value)])


def as_day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)
