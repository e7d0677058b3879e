"""The third reader of an expression: what it means of anybody, as a formula, so that a prover can say what holds of everybody.

``Reader`` translates a statement over a person of whom everything is known (``anybody``). It must mean what ``evaluate``
means of such a person; a differential test holds the two together.
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
from rightcall.law.proof.anybody import NO, Anybody, Date, Number, Symbol, known_date
from rightcall.law.question import UNANSWERED, Answer, Readings
from rightcall.law.value import FOREVER, UNBOUNDED, Absent, Span
from rightcall.law.vocabulary import Vocabulary

Open = Literal["free", "against"]
"""What an unanswered question is: either answer, the same everywhere; or whatever keeps the statement from being settled."""
OPERATORS: Mapping[x.Comparison, Callable[[Symbol, Symbol], Symbol]] = {"==": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
YES: Symbol = z3.BoolVal(True)


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
