"""Expressions and values in plain words, for proofs, letters and tables."""

from __future__ import annotations

from collections.abc import Iterator

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.evaluate import World, operand, parameter
from rightcall.law.person import Known, Row
from rightcall.law.value import ABSENT, FOREVER, UNBOUNDED, Absent, Span, as_date, unit_words
from rightcall.law.vocabulary import FactType, Vocabulary

MARKS = {True: "✓", False: "✗", None: "?"}
_NUMBERS = {"<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least", "==": "is"}
_DATES = {"<": "is before", "<=": "is not after", ">": "is after", ">=": "is not before", "==": "is"}


def mark(truth: t.Truth) -> str:
    """A tick, a cross or a question mark."""
    return MARKS[t.known(truth)]


def day_words(number: int) -> str:
    """A day number as a date; the day that never comes has no date."""
    return "never" if number == FOREVER else as_date(number).isoformat()


def span_words(span: Span, is_date: bool, decimals: int = 0) -> str:
    """A number (in units of its decimals) or date, exactly or within bounds."""

    def write(number: int) -> str:
        return day_words(number) if is_date else unit_words(number, decimals)

    if span.low == span.high:
        return write(span.low)
    if span.low <= -UNBOUNDED and span.high >= UNBOUNDED:
        return "unknown"
    if span.low <= -UNBOUNDED:
        return f"{write(span.high)} at the latest" if is_date else f"at most {write(span.high)}"
    if span.high >= UNBOUNDED:
        return f"{write(span.low)} or later" if is_date else f"at least {write(span.low)}"
    return f"between {write(span.low)} and {write(span.high)}"


def value_words(fact: FactType, value: Known) -> str:
    """What is known of a fact."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Span):
        return "no end" if value.low == FOREVER and fact.none == "forever" else span_words(value, fact.kind == "date", fact.decimals)
    return "none" if value is ABSENT or isinstance(value, Absent) else value


def fact_label(name: str) -> str:
    """A fact's name as words: ``children[].birth_date`` is *children: birth date*."""
    group, _, field = name.replace("[]", "").rpartition(".")
    if field == "complete":
        return f"{_spoken(group)}: are these all"
    return f"{_spoken(group)}: {_spoken(field)}" if group else _spoken(field)


def _spoken(name: str) -> str:
    return name.replace("_", " ").replace(".", ", ")


class Words:
    """Puts statements into words, with the values of one person on one day."""

    def __init__(self, vocabulary: Vocabulary, world: World) -> None:
        self.vocabulary, self.world = vocabulary, world

    def statement(self, node: x.Statement, row: Row | None = None) -> str:
        """One statement, its own words only; what is below it has lines of its own."""
        match node:
            case x.And():
                return "all of these:"
            case x.Or():
                return "one of these:"
            case x.Not():
                return "it is not so that:"
            case x.Named(_, says, _):
                return says
            case x.AtLeast():
                return self._at_least(node)
            case x.Reading(question):
                return f"question {question} is answered yes"
            case x.InForce(start, end):
                return self._in_force(start, end)
            case x.Under(birth, years) | x.Reached(birth, years):
                verb = "not yet" if isinstance(node, x.Under) else "already"
                return f"{self._years(years)} years {verb} reached on {self._on()}, born {self._value(birth, row)}"
            case x.OneOf(subject, values):
                decimals = self._decimals(subject)
                shown = " or ".join(unit_words(value, decimals) if isinstance(value, int) else value for value in values)
                return f"{fact_label(subject.name)} is {shown.replace('_', ' ')} (on record: {self._value(subject, row)})"
            case x.Compare(operator, left, right):
                return f"{self._operand(left, row)} {self._verbs(left, right)[operator]} {self._operand(right, row)}"
            case x.Fact() | x.Field():
                return f"{fact_label(node.name)}: {self._value(node, row)}"

    def _at_least(self, node: x.AtLeast) -> str:
        needed = parameter(node.number, self.world)
        number = span_words(Span(needed.low + node.plus, needed.high + node.plus), False) if isinstance(needed, Span) else "none"
        listed = self.world.person.lists.get(node.list)
        known = len(listed.rows) if listed else 0
        rest = "all known" if listed and listed.complete else "perhaps more"
        return f"at least {number} of {_spoken(node.list)} ({known} on record, {rest}) with:"

    def _in_force(self, start: int | None, end: int | None) -> str:
        since = f"from {day_words(start)}" if start is not None else ""
        until = f"until {day_words(end)}" if end is not None else ""
        return f"in force {' '.join(filter(None, (since, until)))}; the day judged is {self._on()}"

    def _on(self) -> str:
        return span_words(self.world.on, True)

    def _years(self, years: x.Number | x.Parameter) -> str:
        value = parameter(years, self.world)
        return span_words(value, False) if isinstance(value, Span) else "none"

    def _value(self, node: x.Fact | x.Field, row: Row | None) -> str:
        known = (row or {}).get(node.field) if isinstance(node, x.Field) else self.world.person.facts.get(node.name)
        return value_words(self.vocabulary[node.name], known)

    def _verbs(self, left: x.Operand, right: x.Operand) -> dict[str, str]:
        return _DATES if self._is_date(left) or self._is_date(right) else _NUMBERS

    def _is_date(self, node: x.Operand) -> bool:
        match node:
            case x.Day() | x.On() | x.Later():
                return True
            case x.Fact() | x.Field():
                return self.vocabulary[node.name].kind == "date"
            case x.Sum(left, _):
                return self._is_date(left)
            case _:
                return False

    def _decimals(self, node: x.Operand) -> int:
        match node:
            case x.Number(_, decimals):
                return decimals
            case x.Fact() | x.Field():
                return self.vocabulary[node.name].decimals
            case x.Parameter(name):
                return self.world.parameters[name].type.decimals
            case x.Sum(left, _):
                return self._decimals(left)
            case _:
                return 0

    def _operand(self, node: x.Operand, row: Row | None) -> str:
        match node:
            case x.Fact() | x.Field():
                return f"{fact_label(node.name)} ({self._value(node, row)})"
            case x.On():
                return f"the day judged ({self._on()})"
            case x.Text(value):
                return value
            case x.Number() | x.Day():
                return self._shown(node, row)
            case x.Parameter(name):
                return f"{name.replace('_', ' ')} ({self._shown(node, row)})"
            case x.Sum(left, right, minus):
                return f"{self._operand(left, row)} {'minus' if minus else 'plus'} {self._operand(right, row)}"
            case x.Later(day):
                return f"{self._operand(day, row)} plus {', '.join(_term(node))}"
            case x.DaysBetween(start, end):
                return f"the days from {self._operand(start, row)} to {self._operand(end, row)}"

    def _shown(self, node: x.Operand, row: Row | None) -> str:
        value = operand(node, self.world, row)
        return span_words(value, self._is_date(node), self._decimals(node)) if isinstance(value, Span) else "none"


def _term(node: x.Later) -> Iterator[str]:
    for number, unit in ((node.years, "year"), (node.months, "month"), (node.days, "day")):
        if number:
            yield f"{number} {unit}{'s' if number != 1 else ''}"
