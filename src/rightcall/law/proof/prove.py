"""The third reader of an expression: what it means of anybody, as a formula, so that Z3 can say what holds of everybody.

``Reader`` translates a statement over a person of whom everything is known (``anybody``). It must mean what ``evaluate``
means of such a person; a differential test holds the two together. Every person that Z3 names is handed to ``evaluate`` before
anything is said of him, and what the solver cannot settle in its time is told as undecided, never as proven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt
from typing import Literal, assert_never

import z3

from rightcall.law import expression as x
from rightcall.law.evaluate import Birthday, Sign
from rightcall.law.parameter import SINGLE, Dated, DatedParameter
from rightcall.law.person import Person
from rightcall.law.proof.anybody import NO, Anybody, Date, Number, Symbol, day_of, free_date, known_date
from rightcall.law.question import UNANSWERED, Answer, Readings
from rightcall.law.value import FOREVER, UNBOUNDED, Absent, Span
from rightcall.law.vocabulary import Vocabulary

Open = Literal["free", "against"]
"""What an unanswered question is: either answer, the same everywhere; or whatever keeps the statement from being settled."""
OPERATORS: Mapping[x.Comparison, Callable[[Symbol, Symbol], Symbol]] = {"==": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
YES: Symbol = z3.BoolVal(True)
JUDGED = range(1970, 2100)
"""The years in which the day judged may lie."""
MOST_ROWS = 16
WISH = 0.1
"""Seconds to think about each thing that would make somebody more ordinary: he is found already."""
NOBODY = Person()
"""A person of whom nothing is known: like him everybody is as ordinary as can be."""


@dataclass(frozen=True)
class Law:
    """What a statement needs beside the person: the vocabulary, the parameters, how ages are counted, the answers given."""

    vocabulary: Vocabulary
    parameters: Mapping[str, DatedParameter]
    birthday: Birthday
    readings: Readings = UNANSWERED


class Reader:
    """Reads statements over anybody on one day.

    The formula of a statement says that it is settled as true, that of its ``Not`` that it is settled as false. The two differ
    only on days on which a parameter has no value: there neither holds.
    """

    def __init__(self, anybody: Anybody, law: Law, on: Date, open: Open = "free") -> None:
        self.anybody, self.law, self.on, self.open = anybody, law, on, open
        self._named: dict[tuple[int, int | None, Sign], tuple[x.Statement, Symbol]] = {}
        self._valued: dict[x.Parameter, Number] = {}

    def statement(self, node: x.Statement, row: int | None = None, sign: Sign = 1) -> Symbol:
        """The formula of a statement. ``sign`` is the polarity of its place, as in ``evaluate``."""
        match node:
            case x.And(items):
                return z3.And([self.statement(item, row, sign) for item in items])
            case x.Or(items):
                return z3.Or([self.statement(item, row, sign) for item in items])
            case x.Not(item):
                return z3.Not(self.statement(item, row, -1 if sign == 1 else 1))
            case x.Named(_, _, body):
                return self._once(node, body, row, sign)
            case x.Fact() | x.Field():
                return self._known(node, row)
            case x.Compare(operator, left, right):
                return compared(operator, self.operand(left, row), self.operand(right, row), sign)
            case x.OneOf(subject, values):
                return self._one_of(subject, values, row)
            case x.Under(birth, years):
                return self._under(birth, years, row, sign)
            case x.Reached(birth, years):
                return self._by_years(birth, years, row, sign, lambda day: compared(">=", self.on, day))
            case x.Reading(question, part):
                return self.answer(question, part, sign)
            case x.InForce(start, end):
                return self.within(start, end)
            case x.AtLeast(number, plus, name, body):
                return self._at_least(number, plus, name, body, sign)
            case _:
                assert_never(node)

    def _once(self, node: x.Statement, body: x.Statement, row: int | None, sign: Sign) -> Symbol:
        """A term is read once; the node is kept, so that its id stays its own."""
        key = (id(node), row, sign)
        if key not in self._named:
            self._named[key] = (node, self.statement(body, row, sign))
        return self._named[key][1]

    def _known(self, node: x.Fact | x.Field, row: int | None) -> Symbol:
        if isinstance(node, x.Fact):
            return self.anybody.fact(node.name)
        assert row is not None
        return self.anybody.field(node.list, row, node.field)

    def operand(self, node: x.Operand, row: int | None = None) -> Number | Date:
        """A number or a date. Words are compared by ``OneOf`` alone."""
        match node:
            case x.Number(value):
                return Number(z3.IntVal(value), value, value)
            case x.Day(value):
                return known_date(value)
            case x.Text():
                raise AssertionError("words are compared by OneOf")
            case x.On():
                return self.on
            case x.Fact() | x.Field():
                known: Number | Date = self._known(node, row)
                return known
            case x.Parameter():
                if node not in self._valued:
                    self._valued[node] = self._parameter(node)
                return self._valued[node]
            case x.Sum(left, right, minus):
                return total(self.operand(left, row), self.operand(right, row), minus)
            case x.DaysBetween(start, end):
                return total(self.operand(end, row), self.operand(start, row), minus=True)
            case x.Later(day, years, months, days):
                start = self._known(day, row)
                moved: Date = start.later(years, months)
                return total(moved, Number(z3.IntVal(days), days, days), minus=False) if days else moved
            case _:
                assert_never(node)

    # --- parameters

    def values(self, node: x.Number | x.Parameter) -> Iterator[tuple[Symbol, int | Absent | None]]:
        """Each value that a parameter may have, and when; nothing where the law gives none on that day."""
        if isinstance(node, x.Number):
            yield YES, node.value
            return
        parameter = self.law.parameters[node.name]
        for entry in parameter.entries:
            yield from ((z3.And(self.within(entry.start, entry.end), held), value) for held, value in self._of_entry(entry, node))
        first, last = parameter.entries[0].start, parameter.entries[-1].end
        if first is not None or last is not None:
            yield z3.Not(self.within(first, last)), None

    def _of_entry(self, entry: Dated, node: x.Parameter) -> Iterator[tuple[Symbol, int | Absent]]:
        if node.by is None:
            yield YES, _exact(entry.values[SINGLE])
            return
        key = self.anybody.fact(node.by.name)
        for word, value in entry.values.items():
            yield z3.And(z3.Not(key.absent), key.value == self.anybody.word(node.by.name, word)), _exact(value)

    def _parameter(self, node: x.Parameter) -> Number:
        value, absent, unsaid = z3.IntVal(0), NO, NO
        numbers: list[int] = []
        for held, one in self.values(node):
            if isinstance(one, Absent):
                absent = z3.Or(absent, held)
            elif one is None:
                unsaid = z3.Or(unsaid, held)
            else:
                value = z3.If(held, z3.IntVal(one), value)
                numbers.append(one)
        return Number(value, min([0, *numbers]), max([0, *numbers]), absent, unsaid)

    def within(self, start: int | None, end: int | None) -> Symbol:
        """The day judged lies in a half-open time."""
        begun = YES if start is None else self.on.key >= known_date(start).key
        lasting = YES if end is None else self.on.key < known_date(end).key
        return z3.And(begun, lasting)

    # --- words, ages, answers, rows

    def _one_of(self, subject: x.Fact | x.Field, values: tuple[str | int, ...], row: int | None) -> Symbol:
        known = self._known(subject, row)
        numbers = [self.anybody.word(subject.name, value) if isinstance(value, str) else value for value in values]
        return z3.And(z3.Not(known.absent), z3.Or([known.value == number for number in numbers]))

    def _by_years(self, birth: x.Fact | x.Field, years: x.Number | x.Parameter, row: int | None, sign: Sign, holds: Callable[[Date], Symbol]) -> Symbol:
        """What holds of the day on which an age is reached, for each number of years that the law may name."""
        born: Date = self._known(birth, row)
        unsaid = z3.Not(born.absent) if sign == -1 else NO
        return z3.Or([
            z3.And(when, unsaid if number is None else holds(born.birthday(number, self.law.birthday.leap_on_march)))
            for when, number in self.values(years)
            if not isinstance(number, Absent)
        ])  # fmt: skip

    def _under(self, birth: x.Fact | x.Field, years: x.Number | x.Parameter, row: int | None, sign: Sign) -> Symbol:
        after_birthday = self.answer(self.law.birthday.question, "", sign)

        def holds(day: Date) -> Symbol:
            return z3.Or(compared("<", self.on, day), z3.And(after_birthday, compared("==", self.on, day)))

        return self._by_years(birth, years, row, sign, holds)

    def answer(self, question: str, part: str, sign: Sign) -> Symbol:
        """The answer to a question on the day judged. A pack that has no question answers no."""
        if not question:
            return NO
        found: Symbol = z3.Bool(f"question {question}") if self.open == "free" else z3.BoolVal(sign == -1)
        for answer in reversed(self.law.readings.answers):
            if _speaks_to(answer, question, part):
                found = z3.If(self.within(answer.start, answer.end), z3.BoolVal(answer.answer), found)
        return found

    def _at_least(self, number: x.Number | x.Parameter, plus: int, name: str, body: x.Statement, sign: Sign) -> Symbol:
        self.anybody.length(name)
        hold = [z3.And(self.anybody.exists(name, place), self.statement(body, place, sign)) for place in range(self.anybody.rows.get(name, 0))]
        return z3.Or([
            z3.And(when, z3.BoolVal(sign == -1) if value is None else enough(hold, value + plus))
            for when, value in self.values(number)
            if not isinstance(value, Absent)
        ])  # fmt: skip


def _exact(value: Span | Absent) -> int | Absent:
    return value if isinstance(value, Absent) else value.low


def _speaks_to(answer: Answer, question: str, part: str) -> bool:
    return answer.question == question and (not answer.parts or part in answer.parts)


def compared(operator: x.Comparison, left: Number | Date, right: Number | Date, sign: Sign = 1) -> Symbol:
    """A comparison; with a none it is false, and with what the law leaves unsaid it is never settled."""
    holds = OPERATORS[operator]
    if isinstance(left, Date) and isinstance(right, Date):
        return z3.And(z3.Not(left.absent), z3.Not(right.absent), holds(left.key, right.key))
    left, right = _number(left), _number(right)
    unsaid = z3.Or(left.unsaid, right.unsaid)
    settled = z3.And(z3.Not(unsaid), holds(left.value, right.value)) if sign == 1 else z3.Or(unsaid, holds(left.value, right.value))
    return z3.And(z3.Not(left.absent), z3.Not(right.absent), settled)


def _number(value: Number | Date) -> Number:
    return value.number if isinstance(value, Date) else value


def total(left: Number | Date, right: Number | Date, minus: bool) -> Number:
    """A sum, which keeps the day that never comes where it is, as ``value.saturate`` does."""
    a, b = _number(left), _number(right)
    value = a.value - b.value if minus else a.value + b.value
    low, high = (a.low - b.high, a.high - b.low) if minus else (a.low + b.low, a.high + b.high)
    absent, unsaid = z3.Or(a.absent, b.absent), z3.Or(a.unsaid, b.unsaid)
    if high < FOREVER // 2 and low > -UNBOUNDED // 2:
        return Number(value, low, high, absent, unsaid)
    kept = z3.If(value >= UNBOUNDED // 2, UNBOUNDED, z3.If(value <= -UNBOUNDED // 2, -UNBOUNDED, z3.If(value >= FOREVER // 2, FOREVER, value)))
    return Number(kept, max(low, -UNBOUNDED), max(FOREVER, min(high, UNBOUNDED)), absent, unsaid)


def enough(hold: list[Symbol], number: int) -> Symbol:
    """At least so many of them hold."""
    if number <= 0:
        return YES
    if number > len(hold):
        return NO
    return z3.Or(hold) if number == 1 else z3.AtLeast(*hold, number)


# --- how many rows are enough -------------------------------------------------------------------------------------


def rows_needed(statements: Iterable[x.Statement], parameters: Mapping[str, DatedParameter]) -> dict[str, int]:
    """So many rows of each list are enough, if it is asked whether all the statements, or some of them, can be true.

    Of a list that makes some counts reach their number, keep for each the rows that do; a count that has to fall short does so
    all the more. So the sum of the numbers over all different counts that should be reached is enough.
    """
    most: dict[tuple[str, x.Statement], int] = {}
    for statement in statements:
        for node in _reached_counts(statement, 1):
            key = (node.list, node.body)
            most[key] = max(most.get(key, 0), _largest(node.number, parameters) + node.plus, 0)
    found: dict[str, int] = {}
    for (listed, _), number in most.items():
        found[listed] = found.get(listed, 0) + number
    return found


def _reached_counts(node: x.Statement, sign: Sign) -> Iterator[x.AtLeast]:
    match node:
        case x.And(items) | x.Or(items):
            for item in items:
                yield from _reached_counts(item, sign)
        case x.Not(item):
            yield from _reached_counts(item, -1 if sign == 1 else 1)
        case x.Named(_, _, body):
            yield from _reached_counts(body, sign)
        case x.AtLeast() if sign == 1:
            yield node
        case _:
            pass


def _largest(number: x.Number | x.Parameter, parameters: Mapping[str, DatedParameter]) -> int:
    return number.value if isinstance(number, x.Number) else max(parameters[number.name].type.values, default=0)


# --- asking Z3 ----------------------------------------------------------------------------------------------------

Answered = Literal["yes", "no", "undecided"]


@dataclass(frozen=True)
class Someone:
    """A person whom Z3 names, the day on which it is so, and the answers to open questions."""

    person: Person
    on: int
    answers: Mapping[str, bool]


@dataclass(frozen=True)
class Search:
    """Whether there is somebody: with him if there is, undecided where time or rows did not suffice."""

    found: Answered
    someone: Someone | None = None


class Prover:
    """Asks Z3 about anybody on any day. One prover shares its symbols over many questions.

    ``ordinary``: the person to whom those whom it names are kept as near as can be, on an ordinary day.
    """

    def __init__(self, law: Law, rows: Mapping[str, int], ordinary: Person = NOBODY, day: int | None = None, seconds: float = 5.0) -> None:
        self.law, self.ordinary, self.day = law, ordinary, day
        self.capped = any(number > MOST_ROWS for number in rows.values())
        self.anybody = Anybody(law.vocabulary, {name: min(number, MOST_ROWS) for name, number in rows.items()})
        self.on = free_date("on", JUDGED)
        self.anybody.laws.append(self.on.exists())
        self.seconds, self.solver = seconds, z3.Solver()
        self._think(seconds)
        self._lawful = 0

    def _think(self, seconds: float) -> None:
        self.solver.set("timeout", max(1, int(seconds * 1000)))

    def reader(self, on: Date | None = None, open: Open = "free") -> Reader:
        return Reader(self.anybody, self.law, on or self.on, open)

    def _obey(self) -> None:
        """INVARIANT: whatever is asked, the symbols made so far obey their laws."""
        for law in self.anybody.laws[self._lawful :]:
            self.solver.add(law)
        self._lawful = len(self.anybody.laws)

    def holds_of_nobody(self, formula: Symbol) -> Answered:
        """Whether a formula can be true of no person on no day."""
        found, _ = self.model(formula, ())
        return {"yes": "no", "no": "yes"}.get(found, "undecided")  # type: ignore[return-value]

    def is_answered(self, question: str, answer: bool) -> Symbol:
        mark = z3.Bool(f"question {question}")
        return mark if answer else z3.Not(mark)

    def within(self, on: Span) -> Symbol:
        """The day judged lies within bounds."""
        low = known_date(on.low).key <= self.on.key if abs(on.low) < FOREVER else YES
        high = self.on.key <= known_date(on.high).key if abs(on.high) < FOREVER else YES
        return z3.And(low, high)

    def model(self, formula: Symbol, also: Iterable[Symbol]) -> tuple[Answered, Symbol | None]:
        """Whether formulas can be true together, with a model if they can."""
        self._obey()
        self.solver.push()
        self.solver.add(formula, *also)
        found = self.solver.check()
        model = self.solver.model() if found == z3.sat else None
        self.solver.pop()
        if model is not None:
            return "yes", model
        return ("no" if found == z3.unsat and not self.capped else "undecided"), None

    def core(self, formula: Symbol, marks: list[Symbol]) -> list[str]:
        """The names of a few of the marks that cannot all hold beside a formula; of all where Z3 does not find that out in time."""
        self._obey()
        self.solver.push()
        self.solver.add(formula)
        found = self.solver.check(*marks)
        names = sorted(mark.decl().name() for mark in (self.solver.unsat_core() if found == z3.unsat else marks))
        self.solver.pop()
        return names

    def search(self, formula: Symbol) -> Search:
        """Somebody of whom a formula is true, as near to the ordinary person as a greedy search finds him."""
        found, model = self.model(formula, ())
        if model is None:
            return Search(found)
        self.solver.push()
        self.solver.add(formula)
        self._think(min(self.seconds, WISH))
        nearest = self._nearest(model)
        self._think(self.seconds)
        self.solver.pop()
        return Search("yes", self.someone(nearest))

    def _nearest(self, model: Symbol) -> Symbol:
        wishes, kept = list(self._wishes()), 0
        self._obey()
        for wish in wishes:
            self.solver.push()
            self.solver.add(wish)
            if self.solver.check() == z3.sat:
                model, kept = self.solver.model(), kept + 1
            else:
                self.solver.pop()
        self.solver.pop(kept)
        return model

    def _wishes(self) -> Iterator[Symbol]:
        """What an ordinary person is like: the ordinary day, few rows, days and numbers of a usual size, facts as they mostly are."""
        if self.day is not None:
            yield self.on.falls_on(self.day)
        for name in self.anybody.known_lists:
            yield from (self.anybody.length(name) <= number for number in reversed(range(self.anybody.rows.get(name, 0))))
        for name in self.anybody.known_facts:
            symbol, value = self.anybody.fact(name), self.ordinary.facts.get(name)
            if value is not None and not (isinstance(value, Span) and not value.exact):
                yield self.anybody.is_so(name, value)
            yield from usual(symbol, self.on)
        for name in self.anybody.known_lists:
            for place in range(self.anybody.rows.get(name, 0)):
                yield from (wish for field in self.law.vocabulary[name].row for wish in usual(self.anybody.field(name, place, field), self.on))

    def ordinary_size(self, rows: Mapping[str, int]) -> Iterator[Symbol]:
        """Every fact has a value of an ordinary size, and no list has more rows than said."""
        for name in self.anybody.known_lists:
            yield self.anybody.length(name) <= rows.get(name, 0)
        yield from (ordinary_size(symbol) for symbol in list(self.anybody.symbols.values()) if isinstance(symbol, (Date, Number)))

    def someone(self, model: Symbol) -> Someone:
        """The person, the day and the answers of a model."""
        answers = {
            name.removeprefix("question "): bool(z3.is_true(model[symbol])) for symbol in model.decls() if (name := symbol.name()).startswith("question ")
        }
        return Someone(self.anybody.person(model, self.ordinary), day_of(model, self.on), dict(sorted(answers.items())))


def usual(symbol: Symbol, on: Date) -> Iterator[Symbol]:
    """Something rather than none, of an ordinary size; of a day, if need be the day judged."""
    if isinstance(symbol, (Date, Number)):
        yield z3.And(z3.Not(symbol.absent), ordinary_size(symbol))
    if isinstance(symbol, Date):
        yield z3.And(z3.Not(symbol.never), symbol.key == on.key)


def ordinary_size(symbol: Date | Number) -> Symbol:
    """A day in living memory, a number that is not large."""
    if isinstance(symbol, Date):
        return z3.And(symbol.year >= 1940, symbol.year <= 2040)
    return z3.And(symbol.value >= 0, symbol.value <= 400)
