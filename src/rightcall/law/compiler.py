"""Statements of law turned into columns: the meaning of the language for many people at once.

Every statement becomes a pair of plain bools (must, may), which are formulas; ``why`` adds the reasons. ``evaluate`` is the
reference; differential tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, assert_never

from rightcall.law import column as c
from rightcall.law import evaluate as e
from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.assumption import assumptions
from rightcall.law.calendar import Calendar
from rightcall.law.column import Flag, Pair, Spans, all_of, any_of, both, either, no
from rightcall.law.days import latest_birth
from rightcall.law.formula import Formula, column, when
from rightcall.law.formula import value as constantly
from rightcall.law.pack import Pack
from rightcall.law.question import Readings
from rightcall.law.value import ABSENT, FOREVER, UNBOUNDED, Span

Mode = Literal["known", "asked", "against"]
FEW = 4
"""So many comparisons are faster than a search in a set."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One list, counted once: the rows' flags by the name of the column that will hold their number."""

    list: str
    flags: dict[str, Flag] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Term:
    """A term of years, months and days after the day in a column."""

    column: str
    years: int
    months: int
    days: int

    def __str__(self) -> str:
        return f"{c.spelled(self.column)}/{self.years}/{self.months}/{self.days}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What columns a roll has: of the people, and of each list."""

    people: frozenset[str]
    lists: Mapping[str, frozenset[str]]


class Compiler:
    """Turns statements into columns. Holds what the columns will need: counters of lists, and columns of people that rows use."""

    def __init__(self, pack: Pack, readings: Readings, layout: Layout, day: Calendar) -> None:
        self.pack, self.readings, self.layout, self.day = pack, readings, layout, day
        self.assumed = assumptions(pack.vocabulary)
        self.counted: dict[str, Counted] = {}
        self.lent: dict[str, set[str]] = {}
        self.layers: dict[str, list[dict[str, Formula]]] = {}
        self.terms: dict[str, dict[str, Term]] = {}
        self.mode: Mode = "known"
        self._pairs: dict[tuple[x.Statement, Mode, int, str], Pair] = {}
        self._counts: dict[tuple[str, x.Statement, Mode, int], tuple[c.Ends, c.Ends]] = {}
        self.row = ""

    # what is known

    def has(self, name: str) -> bool:
        if "[]." in name:
            listed, _, fields = name.partition("[].")
            return fields in self.layout.lists.get(listed, frozenset())
        return name in self.layout.people

    def is_said(self, name: str) -> bool:
        """Whether a fact is on the roll, or assumed in the mode at hand."""
        return self.has(name) or (self.mode != "known" and name in self.assumed)

    def column(self, name: str) -> Formula:
        if self.row and "[]." not in name:
            self.lent.setdefault(self.row, set()).add(c.spelled(name))
        return column(c.spelled(name))

    def spans(self, name: str) -> Spans:
        """A number or date of the person, or of the row."""
        none = self.column(f"{name}.none").fill_null(False) if self.has(f"{name}.none") else False
        if self.has(f"{name}.min"):
            low, high = self.column(f"{name}.min").fill_null(-UNBOUNDED), self.column(f"{name}.max").fill_null(UNBOUNDED)
            found = Spans(low, high, none)
        elif self.has(name):
            found = c.nullable(self.column(name), none)
        else:
            found = Spans(none=none)
        return self._with_assumption(name, found)

    def _with_assumption(self, name: str, found: Spans) -> Spans:
        value = self.assumed.get(name) if self.mode != "known" else None
        if not isinstance(value, Span):
            return found
        nothing = all_of((no(found.none), self._nothing(name), no(self.claimed(name))))
        return Spans(c.choose(nothing, value.low, found.low), c.choose(nothing, value.high, found.high), found.none)

    def claimed(self, name: str) -> Flag:
        """Where somebody said of a fact what could protect him, without proof: unknown, and nothing is assumed."""
        return self.column(f"{name}.claimed").fill_null(False) if self.has(f"{name}.claimed") else False

    def _nothing(self, name: str) -> Flag:
        """Where nothing at all is known of a number."""
        if self.has(f"{name}.min"):
            return all_of((self.column(f"{name}.min").is_null(), self.column(f"{name}.max").is_null()))
        return self.column(name).is_null() if self.has(name) else True

    def told(self, name: str) -> Formula | bool | str | None:
        """The column of a bool or of words, with what is assumed where nobody said anything; a constant where it is the same for all."""
        value = self.assumed.get(name) if self.mode != "known" else None
        if not isinstance(value, (bool, str)):
            return self.column(name) if self.has(name) else None
        claimed = self.claimed(name)
        if not self.has(name):
            return value if isinstance(claimed, bool) else when(~claimed, constantly(value))
        filled = self.column(name).fill_null(value)
        return filled if isinstance(claimed, bool) else when(claimed, self.column(name), filled)

    def holds(self, name: str) -> Pair:
        """A bool fact."""
        told = self.told(name)
        if isinstance(told, Formula):
            return Pair(told.fill_null(False), told.fill_null(True))
        return Pair(told, told) if isinstance(told, bool) else c.UNKNOWN

    def among(self, name: str, values: tuple[str | int, ...]) -> Pair:
        """A fact of words is one of some."""
        there = no(self.column(f"{name}.none").fill_null(False)) if self.has(f"{name}.none") else True
        told = self.told(name)
        if not isinstance(told, Formula):
            return Pair(False, there) if told is None else Pair(all_of((told in values, there)), all_of((told in values, there)))
        member = c.as_formula(any_of(told == value for value in values)) if len(values) <= FEW else told.is_in(list(values))
        return Pair(all_of((member.fill_null(False), there)), all_of((member.fill_null(True), there)))

    # operands

    def operand(self, node: x.Operand) -> Spans:
        match node:
            case x.Number(value) | x.Day(value):
                return c.constant(value)
            case x.On():
                return self.on()
            case x.Fact(name):
                return self.spans(name)
            case x.Field():
                return self.spans(node.name)
            case x.Parameter():
                return self.parameter(node)
            case x.Sum(left, right, minus):
                return self._sum(self.operand(left), self.operand(right), minus)
            case x.DaysBetween(start, end):
                return self._sum(self.operand(end), self.operand(start), minus=True)
            case x.Later():
                return self._later(node)
            case x.Text():
                raise TypeError("a text is compared by `among`")
            case _:
                assert_never(node)

    def on(self) -> Spans:
        """The day judged."""
        if self.day.single:
            return Spans(self.day.days[0].low, self.day.days[0].high)
        low, high = self.of_day("low", lambda day: day.low), self.of_day("high", lambda day: day.high)
        return Spans(low, high, exact=low if isinstance(low, Formula) and all(day.exact for day in self.day.days) else None)

    def of_day(self, what: Hashable, function: Callable[[Span], int | bool]) -> Any:
        """What depends only on the day: a constant, or a column of the calendar."""
        value = self.day.value(what, function)
        return self.column(value) if isinstance(value, str) else value

    def _later(self, node: x.Later) -> Spans:
        """A date after a term, from the table of that term: no date function runs in bulk."""
        name, day = node.day.name, self.spans(node.day.name)
        if day.exact is not None:
            return c.nullable(self._looked_up(name, node), day.none)
        if not self.has(f"{name}.min"):
            return day
        low, high = (self._looked_up(f"{name}.{end}", node) for end in ("min", "max"))
        return Spans(low.fill_null(-UNBOUNDED), high.fill_null(UNBOUNDED), day.none)

    def _looked_up(self, name: str, node: x.Later) -> Formula:
        term = Term(name, node.years, node.months, node.days)
        self.terms.setdefault(self.row, {})[f"{self.day.key}/later/{term}"] = term
        return column(f"{self.day.key}/later/{term}")

    def _sum(self, left: Spans, right: Spans, minus: bool) -> Spans:
        none, partial = any_of((left.none, right.none)), any_of((left.partial, right.partial))
        if minus:
            low, high = left.low - right.high, left.high - right.low
        else:
            low, high = left.low + right.low, left.high + right.high
        return Spans(c.saturate(low), c.saturate(high), none, partial)

    def parameter(self, node: x.Number | x.Parameter) -> Spans:
        if isinstance(node, x.Number):
            return c.constant(node.value)
        entry = self.pack.parameters[node.name]
        if node.by is None:
            return self._parameter_on(node.name, "")
        whole = self._parameter_on(node.name, None)
        if not self.is_said(node.by.name):
            return whole
        keys = [key for key in self.pack.vocabulary[node.by.name].values if any(key in dated.values for dated in entry.entries)]
        return self._by_key(node, keys, whole)

    def _by_key(self, node: x.Parameter, keys: list[str], found: Spans) -> Spans:
        assert node.by is not None
        for key in keys:
            here, value = self.among(node.by.name, (key,)).must, self._parameter_on(node.name, key)
            found = Spans(
                c.choose(here, value.low, found.low), c.choose(here, value.high, found.high),
                any_of((all_of((here, value.none)), all_of((no(here), found.none)))),
                any_of((all_of((here, value.partial)), all_of((no(here), found.partial)))),
            )  # fmt: skip
        none = f"{node.by.name}.none"
        return replace(found, none=any_of((found.none, self.column(none).fill_null(False)))) if self.has(none) else found

    def _parameter_on(self, name: str, key: str | None) -> Spans:
        parameter = self.pack.parameters[name]

        def end(pick: Callable[[Span], int]) -> Callable[[Span], int]:
            def of_day(day: Span) -> int:
                value = parameter.on(day, key)
                return pick(value) if isinstance(value, Span) else 0

            return of_day

        return Spans(
            self.of_day((name, key, "low"), end(lambda value: value.low)),
            self.of_day((name, key, "high"), end(lambda value: value.high)),
            self.of_day((name, key, "none"), lambda day: parameter.on(day, key) is ABSENT),
            self.of_day((name, key, "partial"), lambda day: bool(end(lambda value: value.partial)(day))),
        )

    # must and may

    def pair(self, node: x.Statement, sign: int = 1) -> Pair:
        """Must and may of a statement. ``sign``: the polarity of its place, for answers against the person."""
        key = (node, self.mode, sign if self.mode == "against" else 1, self.row)
        if key not in self._pairs:
            self._pairs[key] = self._pair(node, sign)
        return self._pairs[key]

    def _pair(self, node: x.Statement, sign: int) -> Pair:
        match node:
            case x.And(items):
                return both([self.pair(item, sign) for item in items])
            case x.Or(items):
                return either([self.pair(item, sign) for item in items])
            case x.Not(item):
                return ~self.pair(item, -sign)
            case x.Named(_, _, body):
                return self.pair(body, sign)
            case x.Reading(question, part):
                yes, negative = self.answer(question, part)
                open_ = no(any_of((yes, negative)))
                if self.mode == "against":
                    return Pair(yes, yes) if sign == 1 else Pair(no(negative), no(negative))
                return Pair(yes, any_of((yes, open_)))
            case x.AtLeast(number, plus, name, body):
                return self._at_least(number, plus, name, body, sign)
            case _:
                return self._stage(self._leaf(node, sign))

    def _stage(self, pair: Pair) -> Pair:
        """Give a leaf columns of its own, so that no engine computes it twice."""
        return Pair(self.staged(pair.must, 0), self.staged(pair.may, 0))

    def staged(self, flag: Flag, layer: int) -> Flag:
        """A column computed in a layer of its own, after the layers it is made of; of people, or of the rows of a list."""
        if isinstance(flag, bool):
            return flag
        layers = self.layers.setdefault(self.row, [])
        layers += [{} for _ in range(layer + 1 - len(layers))]
        name = f"{self.day.key}/stage/{layer}/{len(layers[layer])}"
        layers[layer][name] = flag
        return column(name)

    def _leaf(self, node: x.Statement, sign: int) -> Pair:
        match node:
            case x.Fact(name):
                return self.holds(name)
            case x.Field():
                return self.holds(node.name)
            case x.OneOf(subject, values):
                return self._one_of(subject.name, values)
            case x.Compare(operator, left, right):
                return c.compared(operator, self.operand(left), self.operand(right))
            case x.InForce(start, end):
                return self._in_force(start, end)
            case x.Under(birth, years):
                early, late = self.ways(birth, years)
                yes, negative = self.birthday()
                lesser = sign == 1 if self.mode == "against" else True
                greater = sign == -1 if self.mode == "against" else True
                must = any_of((early.must, all_of((yes if lesser else no(negative), late.must))))
                may = any_of((early.may, all_of((no(negative) if greater else yes, late.may))))
                return Pair(must, may)
            case x.Reached(birth, years):
                return self._reached(birth, years)
            case _:
                raise TypeError(f"`{type(node).__name__}` is no leaf")

    def _one_of(self, name: str, values: tuple[str | int, ...]) -> Pair:
        if isinstance(values[0], str):
            return self.among(name, values)
        return either([c.compared("==", self.spans(name), c.constant(int(value))) for value in values])

    def _in_force(self, start: int | None, end: int | None) -> Pair:
        def truth(wanted: t.Truth) -> Callable[[Span], bool]:
            return lambda day: e.in_force(start, end, day) == wanted

        return Pair(self.of_day(("force", start, end), truth(t.TRUE)), no(self.of_day(("past", start, end), truth(t.FALSE))))

    def answer(self, question: str, part: str) -> tuple[Flag, Flag]:
        """Where a question is answered yes, and where no."""

        def answered(wanted: t.Truth) -> Callable[[Span], bool]:
            return lambda day: self.readings.read(question, part, day) == wanted

        return self.of_day(("yes", question, part), answered(t.TRUE)), self.of_day(("no", question, part), answered(t.FALSE))

    def birthday(self) -> tuple[Flag, Flag]:
        return self.answer(self.pack.birthday.question, "")

    def _after_cut(self, years: x.Number | x.Parameter, birth: c.Ends, end: int, shift: int, least: bool) -> Flag:
        """Born so late that the age is not reached by the day (its low or high end): ``birth > cut-off``."""

        def cut(age: int) -> c.Ends:
            cut_off: c.Ends = self.of_day(("cut", age, end, shift), lambda day: self._latest_birth(day[end], age, shift))
            return cut_off

        def cut_by(key: str | None) -> c.Ends:
            assert isinstance(years, x.Parameter)
            parameter, which = self.pack.parameters[years.name], 0 if least else 1

            def of_day(day: Span) -> int:
                value = parameter.on(day, key)
                return self._latest_birth(day[end], value[which], shift) if isinstance(value, Span) else 0

            cut_off: c.Ends = self.of_day(("cut", years.name, key, end, shift, which), of_day)
            return cut_off

        if isinstance(years, x.Number):
            return birth > cut(years.value)
        if years.by is None:
            return birth > cut_by("")
        limit = cut_by(None)
        for key in self.pack.vocabulary[years.by.name].values if self.is_said(years.by.name) else ():
            limit = c.choose(self.among(years.by.name, (key,)).must, cut_by(key), limit)
        return birth > limit

    def _latest_birth(self, day: int, age: int, shift: int) -> int:
        if abs(age) > e.LONGEST_LIFE:
            return -UNBOUNDED if age > 0 else UNBOUNDED
        return day if abs(day) >= FOREVER // 2 else latest_birth(day + shift, age, self.pack.birthday.leap_on_march)

    def ways(self, birth: x.Fact | x.Field, years: x.Number | x.Parameter) -> tuple[Pair, Pair]:
        """Under an age, the birthday itself counted as reached (first), and as not yet reached (second)."""
        born, ages = self.spans(birth.name), self.parameter(years)
        there, sure = no(any_of((born.none, ages.none))), no(ages.partial)
        low, high = (born.exact, born.exact) if born.exact is not None else (born.low, born.high)

        def way(shift: int) -> Pair:
            must = self._fill(self._after_cut(years, low, 1, shift, least=True), born, False)
            may = self._fill(self._after_cut(years, high, 0, shift, least=False), born, True)
            return Pair(all_of((must, there, sure)), all_of((may, there)))

        return way(0), way(-1)

    def _fill(self, flag: Flag, born: Spans, value: bool) -> Flag:
        return flag if isinstance(flag, bool) or born.exact is None else flag.fill_null(value)

    def _reached(self, birth: x.Fact | x.Field, years: x.Number | x.Parameter) -> Pair:
        born, ages = self.spans(birth.name), self.parameter(years)
        there, sure = no(any_of((born.none, ages.none))), no(ages.partial)
        low, high = (born.exact, born.exact) if born.exact is not None else (born.low, born.high)
        must = no(self._fill(self._after_cut(years, high, 0, 0, least=False), born, True))
        may = no(self._fill(self._after_cut(years, low, 1, 0, least=True), born, False))
        return Pair(all_of((must, there, sure)), all_of((may, there)))

    # lists

    @contextmanager
    def in_row(self, listed: str) -> Iterator[None]:
        before, self.row = self.row, listed
        try:
            yield
        finally:
            self.row = before

    def count(self, listed: str, flag: Flag) -> c.Ends:
        """The number of rows of a list for which a flag is set, as the column that will hold it."""
        if flag is False or listed not in self.layout.lists:
            return 0
        counted = self.counted.setdefault(listed, Counted(listed))
        name = c.spelled(f"{self.day.key}/{listed}/{len(counted.flags)}")
        counted.flags[name] = flag
        return column(name)

    def complete(self, listed: str) -> Flag:
        return self.holds(f"{listed}.complete").must

    def _at_least(self, number: x.Number | x.Parameter, plus: int, listed: str, body: x.Statement, sign: int) -> Pair:
        key = (listed, body, self.mode, sign if self.mode == "against" else 1)
        if key not in self._counts:
            with self.in_row(listed):
                rows = self.pair(body, sign)
            must, may = self.count(listed, rows.must), self.count(listed, rows.may)
            self._counts[key] = (must, may)
        (certain, possible), needed = self._counts[key], self.parameter(number)
        must, may = certain >= needed.high + plus, possible >= needed.low + plus
        return self._stage(Pair(
            all_of((must, no(needed.none), no(needed.partial))),
            all_of((any_of((may, no(self.complete(listed)))), no(needed.none))),
        ))  # fmt: skip
