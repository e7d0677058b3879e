"""Expressions written in the language of packs again, as a lawyer would read them there.

What is written can be read back: the tree is the same (the times in force of a rule are not part of its text and are left out).
"""

from __future__ import annotations

from typing import assert_never

from rightcall.law import expression as x
from rightcall.law.value import as_date, unit_words

ROW = "c"


def written(node: x.Node) -> str:
    """A statement or an operand in the language of packs."""
    match node:
        case x.Compare(operator, left, right):
            return f"{written(left)} {operator} {written(right)}"
        case x.OneOf(subject, values):
            return f"{written(subject)} in {{{', '.join(_value(value) for value in values)}}}"
        case x.Under(birth, years):
            return f"under({written(birth)}, {written(years)})"
        case x.Reached(birth, years):
            return f"reached({written(birth)}, {written(years)})"
        case x.Reading(question):
            return f'reading("{question}")'
        case x.InForce():
            return ""
        case x.Not(item):
            return f"not {_within(item)}"
        case x.And(items):
            return " and ".join(filter(None, (_within_and(item) for item in items)))
        case x.Or(items):
            return " or ".join(filter(None, (written(item) for item in items)))
        case x.AtLeast():
            return _counted(node)
        case _:
            return _operand(node)


def _operand(node: x.Operand | x.Named) -> str:
    match node:
        case x.Number(value, decimals):
            return unit_words(value, decimals)
        case x.Day(value):
            return f'date("{as_date(value).isoformat()}")'
        case x.Text(value):
            return f'"{value}"'
        case x.On():
            return "on"
        case x.Fact(name) | x.Named(name):
            return name
        case x.Field():
            return f"{ROW}.{node.field}"
        case x.Parameter(name, by):
            return name if by is None else f"{name}[{written(by)}]"
        case x.Sum(left, right, minus):
            return f"{written(left)} {'-' if minus else '+'} {written(right)}"
        case x.Later(day, years, months, days):
            return f"add({written(day)}, {_term(years=years, months=months, days=days)})"
        case x.DaysBetween(start, end):
            return f"days_between({written(start)}, {written(end)})"
        case _:
            assert_never(node)


def _term(**lengths: int) -> str:
    return ", ".join(f"{unit}={length}" for unit, length in lengths.items() if length) or "days=0"


def _value(value: str | int) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _within_and(node: x.Statement) -> str:
    return f"({written(node)})" if isinstance(node, x.Or) else written(node)


def _within(node: x.Statement) -> str:
    return f"({written(node)})" if isinstance(node, (x.And, x.Or, x.Compare, x.OneOf)) else written(node)


def _counted(node: x.AtLeast) -> str:
    rows = f"{written(node.body)} for {ROW} in {node.list}"
    if node.number == x.Number(1) and not node.plus:
        return f"any({rows})"
    return f"count({rows}) {'>' if node.plus else '>='} {written(node.number)}"
