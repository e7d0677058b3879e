"""On what a true ground rests, and when it ends: the facts without which it would be open, the day on which it turns.

The days tried are those on which facts or law turn (birthdays, terms, ends of force); a threshold of elapsed days, as of a
pregnancy, is not among them, since it only ever comes nearer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.evaluate import World, birthdays, evaluate, operand, parameter
from rightcall.law.person import NO_ROWS, Known, Person, Row
from rightcall.law.value import FOREVER, Span, exactly


def rests_on(ground: x.Statement, world: World) -> tuple[str, ...]:
    """The facts without which a true ground would not be true; of rows, the fields."""
    names = sorted(x.facts_of(ground))
    return tuple(name for name in names if evaluate(ground, replace(world, person=without(world.person, name))).truth != t.TRUE)


def without(person: Person, name: str) -> Person:
    """The person as if a fact, a field of all rows, or the completeness of a list had never been learnt."""
    if "[]." in name:
        listed, _, field = name.partition("[].")
        rows = person.lists.get(listed, NO_ROWS)
        bare = tuple(_without(row, field) for row in rows.rows)
        return replace(person, lists=MappingProxyType({**person.lists, listed: replace(rows, rows=bare)}))
    if name.endswith(".complete"):
        listed = name.removesuffix(".complete")
        rows = replace(person.lists.get(listed, NO_ROWS), complete=None)
        return replace(person, lists=MappingProxyType({**person.lists, listed: rows}))
    return replace(person, facts=_without(person.facts, name))


def _without(facts: Row, name: str) -> Row:
    return MappingProxyType({key: value for key, value in facts.items() if key != name})


def holds_until(ground: x.Statement, world: World) -> int | None:
    """The first later day on which a true ground is not true any more, as far as the day judged decides; none without end."""
    if not world.on.exact:
        return None
    days = sorted({day for found in _days(ground, world) for day in (found, found + 1) if world.on.low < day < FOREVER})
    return next((day for day in days if evaluate(ground, replace(world, on=exactly(day))).truth != t.TRUE), None)


def _days(ground: x.Statement, world: World) -> Iterator[int]:
    for node in x.walk(ground):
        match node:
            case x.Day(value):
                yield value
            case x.InForce(start, end):
                yield from (edge for edge in (start, end) if edge is not None)
            case x.Under(birth, years) | x.Reached(birth, years):
                for born in _values(birth, world):
                    yield from _ends(birthdays(born, parameter(years, world), world.birthday))
            case x.Later(day):
                for row in _rows(day, world):
                    yield from _ends(operand(node, world, row))
            case x.Fact() | x.Field():
                for known in _values(node, world):
                    yield from _ends(known)
            case _:
                pass


def _values(node: x.Fact | x.Field, world: World) -> Iterator[Known]:
    if isinstance(node, x.Fact):
        yield world.person.facts.get(node.name)
    else:
        yield from (row.get(node.field) for row in _rows(node, world))


def _rows(node: x.Fact | x.Field, world: World) -> tuple[Row, ...]:
    return world.person.lists.get(node.list, NO_ROWS).rows if isinstance(node, x.Field) else (MappingProxyType({}),)


def _ends(value: Known) -> Iterator[int]:
    if isinstance(value, Span) and abs(value.low) < FOREVER and abs(value.high) < FOREVER:
        yield from (value.low, value.high)
