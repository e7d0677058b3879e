"""The tree of an expression: small frozen nodes, nothing of Python's ``ast``.

Four readers walk it: ``reason`` for one person, ``bulk`` for many, and what proves and compares. Statements (``Statement``)
have a truth; operands (``Operand``) have a value. ``AtLeast`` is the only quantifier: *any* is at least one, and every
comparison of a count is put in terms of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Comparison = Literal["==", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number, in units of its decimals."""

    value: int
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """A literal date, as a day number."""

    value: int


@dataclass(frozen=True, slots=True)
class Text:
    """A literal text, or one of the values of a one-of fact."""

    value: str


@dataclass(frozen=True, slots=True)
class On:
    """The day judged."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the person. As a statement: a bool fact that holds."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the row under the quantifier. ``name`` is dotted with its list: ``children[].birth_date``."""

    list: str
    field: str

    @property
    def name(self) -> str:
        return f"{self.list}[].{self.field}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated parameter, by the value of a one-of fact where it is a table."""

    name: str
    by: Fact | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """``left + right``, or ``left - right``; a date plus days is a date."""

    left: Operand
    right: Operand
    minus: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """A date after a term: ``add(d, years=, months=, days=)``."""

    day: Fact | Field
    years: int = 0
    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class DaysBetween:
    """Days from one date to another."""

    start: Operand
    end: Operand


Operand = Number | Day | Text | On | Fact | Field | Parameter | Sum | Later | DaysBetween


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two numbers, dates or texts (texts only for equality)."""

    operator: Comparison
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class OneOf:
    """A fact or field is one of the listed texts or integers."""

    subject: Fact | Field
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Under:
    """The age of ``years`` is not reached; open on the birthday through the birthday question."""

    birth: Fact | Field
    years: Number | Parameter


@dataclass(frozen=True, slots=True)
class Reached:
    """The age of ``years`` is reached; true on the birthday, and flagged."""

    birth: Fact | Field
    years: Number | Parameter


@dataclass(frozen=True, slots=True)
class Reading:
    """The answer to a question of law, in one part of a provision."""

    question: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class InForce:
    """The day judged lies in a half-open time; an end that is none is open."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Not:
    item: Statement


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least ``number`` rows of a list satisfy the body."""

    number: Number | Parameter
    plus: int
    list: str
    body: Statement


@dataclass(frozen=True, slots=True)
class Named:
    """A term used by name: the same statement, with words of its own."""

    name: str
    says: str
    body: Statement


Statement = Fact | Field | Compare | OneOf | Under | Reached | Reading | InForce | Not | And | Or | AtLeast | Named
Node = Operand | Statement


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Sum(left, right) | Compare(_, left, right):
            return (left, right)
        case DaysBetween(start, end):
            return (start, end)
        case Later(day):
            return (day,)
        case OneOf(subject):
            return (subject,)
        case Under(birth, years) | Reached(birth, years):
            return (birth, years)
        case Parameter(_, by):
            return () if by is None else (by,)
        case Not(item):
            return (item,)
        case And(items) | Or(items):
            return items
        case AtLeast(number, _, _, body):
            return (number, body)
        case Named(_, _, body):
            return (body,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, outermost first."""
    yield node
    for part in parts(node):
        yield from walk(part)


def facts_of(node: Node) -> frozenset[str]:
    """Names of the facts, fields and list completeness that a node looks at."""
    return frozenset(name for part in walk(node) for name in _looks_at(part))


def _looks_at(node: Node) -> tuple[str, ...]:
    match node:
        case Fact(name):
            return (name,)
        case Field():
            return (node.name,)
        case AtLeast(_, _, name, _):
            return (name, f"{name}.complete")
        case _:
            return ()


def questions_of(node: Node) -> frozenset[str]:
    """Questions that a node reads by name (the birthday question is not among them)."""
    return frozenset(part.question for part in walk(node) if isinstance(part, Reading))
