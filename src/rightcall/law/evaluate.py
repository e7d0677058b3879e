"""The meaning of an expression for one person on one day: truth, what it still hangs on, and the proof.

This is the reference reading of the language; ``bulk`` must agree with it. A ``Proof`` carries beside its truth the facts
left after the known ones are folded away, and the questions whose answer would matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Literal, NamedTuple, assert_never

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.days import add_period, age_day
from rightcall.law.parameter import DatedParameter
from rightcall.law.person import NO_ROWS, Known, Person, Row, Rows
from rightcall.law.question import Readings
from rightcall.law.truth import Truth
from rightcall.law.value import ABSENT, ANY, UNBOUNDED, Absent, Span, Value, exactly, monotone, saturate

NONE: frozenset[str] = frozenset()
LONGEST_LIFE = 200
Sign = Literal[-1, 1]
"""The polarity of a place: under an even (1) or odd (-1) number of *not*."""


@dataclass(frozen=True, slots=True)
class Birthday:
    """How a pack counts ages: its question about the birthday itself, and where 29 February falls."""

    question: str = ""
    leap_on_march: bool = True


@dataclass(frozen=True, slots=True)
class World:
    """All that a truth depends on: the person, the day judged (and the fact it comes from), parameters and readings."""

    person: Person
    on: Span
    day_fact: str
    parameters: Mapping[str, DatedParameter]
    readings: Readings
    birthday: Birthday = Birthday()
    against: bool = False


class Proof(NamedTuple):
    """Why a statement has its truth. ``marks`` are flags it brings along.

    ``row`` is the number of the row it speaks of, ``day`` the other day that it was judged on.
    """

    node: x.Statement
    truth: Truth
    facts: frozenset[str] = NONE
    questions: frozenset[str] = NONE
    marks: frozenset[str] = NONE
    below: tuple[Proof, ...] = ()
    row: int | None = None
    day: tuple[str, Span] | None = None


def evaluate(node: x.Statement, world: World, row: Row | None = None, sign: Sign = 1) -> Proof:
    """The truth of a statement, with its proof. ``sign`` is the polarity of its place, for answers against the person."""
    match node:
        case x.And(items):
            return _connected(node, t.both, [evaluate(item, world, row, sign) for item in items])
        case x.Or(items):
            return _connected(node, t.either, [evaluate(item, world, row, sign) for item in items])
        case x.Not(item):
            below = evaluate(item, world, row, -1 if sign == 1 else 1)
            return joined(node, t.negate(below.truth), [below])
        case x.Named(_, _, body):
            below = evaluate(body, world, row, sign)
            return Proof(node, below.truth, below.facts, below.questions, below.marks, (below,))
        case x.Fact() | x.Field():
            return _leaf(node, _bool(_known(node, world, row)), [node], world, row)
        case x.Compare(operator, left, right):
            truth = compare(operator, operand(left, world, row), operand(right, world, row))
            return _leaf(node, truth, [left, right], world, row)
        case x.OneOf(subject, values):
            return _leaf(node, _member(_known(subject, world, row), values), [subject], world, row)
        case x.Under(birth, years):
            return _under(node, birth, years, world, row, sign)
        case x.Reached(birth, years):
            return _reached(node, birth, years, world, row)
        case x.Reading(question, part):
            return _reading(node, question, part, world, sign)
        case x.InForce(start, end):
            return _leaf(node, in_force(start, end, world.on), [x.On()], world, row)
        case x.AtLeast(number, plus, name, body):
            return _at_least(node, number, plus, name, body, world, sign)
        case _:
            assert_never(node)


def _connected(node: x.Statement, rule: Callable[[Iterable[Truth]], Truth], below: list[Proof]) -> Proof:
    return joined(node, rule([proof.truth for proof in below]), below)


def joined(node: x.Statement, truth: Truth, below: Iterable[Proof], facts: frozenset[str] = NONE) -> Proof:
    """INVARIANT: what is settled hangs on nothing; questions are named only where answers lead apart."""
    below = tuple(below)
    if not t.is_settled(truth):
        facts = facts.union(*(proof.facts for proof in below))
        asked = NONE.union(*(proof.questions for proof in below)) if t.hangs_on_answers(truth) else NONE
        return Proof(node, truth, facts, asked, NONE, below)
    marks = NONE.union(*(proof.marks for proof in below if proof.truth == t.TRUE)) if truth == t.TRUE else NONE
    return Proof(node, truth, NONE, NONE, marks, below)


def _leaf(node: x.Statement, truth: Truth, operands: Iterable[x.Operand], world: World, row: Row | None) -> Proof:
    if t.is_settled(truth):
        return Proof(node, truth)
    return Proof(node, truth, frozenset(name for item in operands for name in inexact(item, world, row)))


def _known(node: x.Fact | x.Field, world: World, row: Row | None) -> Known:
    if isinstance(node, x.Field):
        return (row or {}).get(node.field)
    return world.person.facts.get(node.name)


def _bool(value: Known) -> Truth:
    return t.of(value if isinstance(value, bool) else None)


def _member(value: Known, values: tuple[str | int, ...]) -> Truth:
    if value is None:
        return t.UNKNOWN
    if isinstance(value, Span):
        return t.either(compare("==", value, exactly(int(member))) for member in values)
    return t.of(value in values)


def operand(node: x.Operand, world: World, row: Row | None = None) -> Span | Absent | str | None:
    """The value of an operand: a span, a text, none, or nothing known (``ANY`` or ``None``)."""
    match node:
        case x.Number(value) | x.Day(value):
            return exactly(value)
        case x.Text(value):
            return value
        case x.On():
            return world.on
        case x.Fact() | x.Field():
            known = _known(node, world, row)
            return ANY if known is None or isinstance(known, bool) else known
        case x.Parameter():
            return parameter(node, world)
        case x.Sum(left, right, minus):
            return _sum(operand(left, world, row), operand(right, world, row), minus)
        case x.DaysBetween(first, last):
            return _sum(operand(last, world, row), operand(first, world, row), minus=True)
        case x.Later(day, years, months, days):
            start = operand(day, world, row)
            return monotone(lambda low: add_period(low, years, months, days), start) if isinstance(start, Span) else start
        case _:
            assert_never(node)


def parameter(node: x.Number | x.Parameter, world: World) -> Span | Absent:
    """The value of a parameter on the day judged; the hull of its table where the subscript is unknown."""
    if isinstance(node, x.Number):
        return exactly(node.value)
    if node.by is None:
        return world.parameters[node.name].on(world.on)
    key = world.person.facts.get(node.by.name)
    if key is ABSENT:
        return ABSENT
    return world.parameters[node.name].on(world.on, key if isinstance(key, str) else None)


def _sum(left: Value, right: Value, minus: bool) -> Span | Absent:
    if not isinstance(left, Span) or not isinstance(right, Span):
        return ABSENT
    low, high = (-right.high, -right.low) if minus else (right.low, right.high)
    return Span(saturate(left.low + low), saturate(left.high + high), left.partial or right.partial)


def compare(operator: x.Comparison, left: Value, right: Value) -> Truth:
    """True if true for every value within the bounds, false if false for every one; with a none, false."""
    if left is ABSENT or right is ABSENT:
        return t.FALSE
    if not isinstance(left, Span) or not isinstance(right, Span):
        return t.UNKNOWN
    truth = _spans(operator, left, right)
    return t.UNKNOWN if truth == t.TRUE and (left.partial or right.partial) else truth


def _spans(operator: x.Comparison, left: Span, right: Span) -> Truth:
    match operator:
        case "<":
            return _ordered(lt, left.high, right.low, left.low, right.high)
        case "<=":
            return _ordered(le, left.high, right.low, left.low, right.high)
        case ">":
            return _ordered(gt, left.low, right.high, left.high, right.low)
        case ">=":
            return _ordered(ge, left.low, right.high, left.high, right.low)
        case "==":
            if left.high < right.low or left.low > right.high:
                return t.FALSE
            return t.TRUE if left.low == left.high == right.low == right.high else t.UNKNOWN


def _ordered(holds: Callable[[int, int], bool], worst_left: int, worst_right: int, best_left: int, best_right: int) -> Truth:
    if holds(worst_left, worst_right):
        return t.TRUE
    return t.UNKNOWN if holds(best_left, best_right) else t.FALSE


def inexact(node: x.Operand, world: World, row: Row | None) -> Iterable[str]:
    """Names of the facts under an operand that are not known exactly."""
    match node:
        case x.On():
            if not world.on.exact:
                yield world.day_fact
        case x.Fact() | x.Field():
            value = _known(node, world, row)
            if value is None or (isinstance(value, Span) and not value.exact):
                yield node.name
        case x.Parameter(name, by):
            yield from inexact(by, world, row) if by else ()
            if world.parameters[name].hangs_on_day(world.on):
                yield world.day_fact
        case _:
            for part in x.parts(node):
                yield from inexact(part, world, row)  # type: ignore[arg-type]


def in_force(start: int | None, end: int | None, on: Span) -> Truth:
    """Whether a day (perhaps bounded) lies in a half-open time."""
    begun = t.TRUE if start is None else compare(">=", on, exactly(start))
    lasting = t.TRUE if end is None else compare("<", on, exactly(end))
    return t.both((begun, lasting))


def birthdays(birth: Known, years: Span | Absent, birthday: Birthday) -> Span | Absent:
    """The day, or the span of days, on which the age is reached."""
    if not isinstance(birth, Span) or years is ABSENT:
        return ABSENT if ABSENT in (birth, years) else ANY
    low, high = _completed(birth.low, years.low, birthday), _completed(birth.high, years.high, birthday)
    return Span(low, high, years.partial)


def _completed(birth: int, years: int, birthday: Birthday) -> int:
    """The day an age is completed; an unknown number of years is the end of the number line."""
    if abs(years) > LONGEST_LIFE:
        return UNBOUNDED if years > 0 else -UNBOUNDED
    return monotone(lambda day: age_day(day, years, birthday.leap_on_march), exactly(birth)).low


def _under(node: x.Under, birth: x.Fact | x.Field, years: x.Number | x.Parameter, world: World, row: Row | None, sign: Sign) -> Proof:
    """On the birthday the two ways of counting lead apart, and the birthday question says which."""
    day = birthdays(_known(birth, world, row), parameter(years, world), world.birthday)
    ways = {False: compare("<", world.on, day), True: compare("<=", world.on, day)}
    answer = world.readings.read(world.birthday.question, "", world.on)
    if world.against and answer == t.QUESTION:
        answer = t.FALSE if sign == 1 else t.TRUE
    truth = ways[answer == t.TRUE] if t.is_settled(answer) else Truth(ways[False] | ways[True])
    questions = frozenset({world.birthday.question}) if t.hangs_on_answers(truth) else NONE
    unsure = not all(t.is_settled(way) for way in ways.values())
    facts = frozenset(inexact_age(birth, years, world, row)) if unsure and not t.is_settled(truth) else NONE
    return Proof(node, truth, facts, questions)


def inexact_age(birth: x.Fact | x.Field, years: x.Number | x.Parameter, world: World, row: Row | None) -> Iterable[str]:
    for part in (birth, years, x.On()):
        yield from inexact(part, world, row)


def _reached(node: x.Reached, birth: x.Fact | x.Field, years: x.Number | x.Parameter, world: World, row: Row | None) -> Proof:
    """True on the birthday whatever the answer; then flagged while nobody has answered."""
    day = birthdays(_known(birth, world, row), parameter(years, world), world.birthday)
    truth = compare(">=", world.on, day)
    if not t.is_settled(truth):
        return Proof(node, truth, frozenset(inexact_age(birth, years, world, row)))
    question = world.birthday.question
    on_the_day = truth == t.TRUE and compare("==", world.on, day) == t.TRUE
    open_question = on_the_day and question and world.readings.read(question, "", world.on) == t.QUESTION
    return Proof(node, truth, marks=frozenset({question}) if open_question else NONE)


def _reading(node: x.Reading, question: str, part: str, world: World, sign: Sign) -> Proof:
    truth = world.readings.read(question, part, world.on)
    if truth != t.QUESTION:
        return Proof(node, truth)
    if world.against:
        return Proof(node, t.FALSE if sign == 1 else t.TRUE)
    return Proof(node, truth, questions=frozenset({question}))


def _at_least(node: x.AtLeast, number: x.Number | x.Parameter, plus: int, name: str, body: x.Statement, world: World, sign: Sign) -> Proof:
    listed = world.person.lists.get(name, NO_ROWS)
    below = [evaluate(body, world, row, sign)._replace(row=place) for place, row in enumerate(listed.rows)]
    needed = _sum(parameter(number, world), exactly(plus), minus=False)
    truth = count_at_least([proof.truth for proof in below], listed, needed)
    lacking = frozenset(inexact(number, world, None))
    return joined(node, truth, below, lacking if listed.complete is True else lacking | {f"{name}.complete"})


def count_at_least(truths: list[Truth], listed: Rows, needed: Span | Absent) -> Truth:
    """Whether enough rows hold. Each row may take any of its members by itself; unseen rows may hold or not."""
    if not isinstance(needed, Span):
        return t.FALSE
    open_ended = listed.complete is not True
    certain = sum(truth == t.TRUE for truth in truths)
    can_hold = sum(bool(truth & t.TRUE) for truth in truths)
    can_be_unknown = sum(bool(truth & t.UNKNOWN) for truth in truths)
    not_false = sum(not truth & t.FALSE for truth in truths)
    not_certainly_false = UNBOUNDED if open_ended else sum(truth != t.FALSE for truth in truths)
    if not needed.exact:
        if certain >= needed.high and not needed.partial:
            return t.TRUE
        return t.FALSE if not_certainly_false < needed.low else t.UNKNOWN
    found = t.TRUE if can_hold >= needed.low else 0
    found |= t.FALSE if not open_ended and not_false < needed.low else 0
    if certain < needed.low and (open_ended or (can_be_unknown and not_certainly_false >= needed.low)):
        found |= t.UNKNOWN
    return Truth(found)
