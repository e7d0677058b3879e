"""Formulas: what to compute of the columns of a table, in the words of no engine yet.

A law comes to ten thousand of them, and most are part of several others. A formula is said once in the words of an engine, however often
it is used (``Words``); an engine's own expressions would be gone through again wherever they stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from types import ModuleType
from typing import Any, Literal

import narwhals as nw
import polars as pl

Kind = Literal["Int32", "Int64", "Boolean"]
Frame = nw.LazyFrame[Any]


class Formula:
    """A column, a value, or something made of other formulas. ``operator`` is named as expressions of Polars and Narwhals name it.

    INVARIANT: it is never changed; where it is used twice it is the same object.
    """

    __slots__ = ("operands", "operator")

    def __init__(self, operator: str, *operands: Any) -> None:
        self.operator, self.operands = operator, operands

    def __and__(self, other: Formula) -> Formula:
        return Formula("all", self, other)

    def __or__(self, other: Formula) -> Formula:
        return Formula("any", self, other)

    def __invert__(self) -> Formula:
        return Formula("__invert__", self)

    def __eq__(self, other: object) -> Formula:  # type: ignore[override]
        return Formula("__eq__", self, other)

    def __ne__(self, other: object) -> Formula:  # type: ignore[override]
        return Formula("__ne__", self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a formula is neither true nor false before it is computed")

    def __lt__(self, other: Formula | int) -> Formula:
        return Formula("__lt__", self, other)

    def __le__(self, other: Formula | int) -> Formula:
        return Formula("__le__", self, other)

    def __gt__(self, other: Formula | int) -> Formula:
        return Formula("__gt__", self, other)

    def __ge__(self, other: Formula | int) -> Formula:
        return Formula("__ge__", self, other)

    def __add__(self, other: Formula | int) -> Formula:
        return Formula("__add__", self, other)

    def __sub__(self, other: Formula | int) -> Formula:
        return Formula("__sub__", self, other)

    def __rsub__(self, other: int) -> Formula:
        return Formula("__sub__", value(other), self)

    def __mul__(self, other: Formula | int) -> Formula:
        return Formula("__mul__", self, other)

    def __floordiv__(self, other: int) -> Formula:
        return Formula("__floordiv__", self, other)

    def __mod__(self, other: int) -> Formula:
        return Formula("__mod__", self, other)

    __radd__ = __add__
    __rmul__ = __mul__

    def fill_null(self, other: bool | int | str) -> Formula:
        """The same, with a value where there is none."""
        return Formula("fill_null", self, other)

    def is_null(self) -> Formula:
        """Where there is no value."""
        return Formula("is_null", self)

    def is_in(self, values: Sequence[str | int]) -> Formula:
        """Where the value is one of several."""
        return Formula("is_in", self, tuple(values))

    def cast(self, kind: Kind) -> Formula:
        """The same as another kind of value."""
        return Formula("cast", self, kind)


def column(name: str) -> Formula:
    """The column of a name."""
    return Formula("col", name)


def value(given: bool | int | str | None, kind: Kind | None = None) -> Formula:
    """The same value for everybody; none of a kind of its own where it is empty."""
    return Formula("lit", given, kind)


def when(condition: Formula, then: Formula, otherwise: Formula | None = None) -> Formula:
    """One formula where a condition holds, and another, or nothing, where not."""
    return Formula("when", condition, then, otherwise)


class Words:
    """The words of an engine for formulas. Each is said once and remembered, as long as this lives."""

    def __init__(self, frame: Frame) -> None:
        self.is_native = frame.implementation.is_polars()
        self.engine: ModuleType = pl if self.is_native else nw
        self._said: dict[Formula, Any] = {}

    def with_columns(self, frame: Frame, formulas: Mapping[str, Formula]) -> Frame:
        """A frame with more columns."""
        said = {name: self.say(formula) for name, formula in formulas.items()}
        return nw.from_native(frame.to_native().with_columns(**said)) if self.is_native else frame.with_columns(**said)

    def select(self, frame: Frame, beside: Sequence[str], formulas: Mapping[str, Formula]) -> Frame:
        """Some columns of a frame, and formulas beside them."""
        said = {name: self.say(formula) for name, formula in formulas.items()}
        return nw.from_native(frame.to_native().select(*beside, **said)) if self.is_native else frame.select(*beside, **said)

    def say(self, formula: Formula) -> Any:
        """A formula as an expression of the engine."""
        if formula not in self._said:
            self._said[formula] = self._say(formula)
        return self._said[formula]

    def _say(self, formula: Formula) -> Any:
        operands = formula.operands
        match formula.operator:
            case "col":
                return self.engine.col(*operands)
            case "lit":
                return self._value(*operands)
            case "when":
                return self._choice(*operands)
            case "all" | "any":
                return reduce(and_ if formula.operator == "all" else or_, map(self.say, operands))
            case "cast":
                return self.say(operands[0]).cast(getattr(self.engine, operands[1]))
            case _:
                subject, *others = (self.say(operand) if isinstance(operand, Formula) else operand for operand in operands)
                return getattr(subject, formula.operator)(*others)

    def _value(self, given: bool | int | str | None, kind: Kind | None) -> Any:
        return self.engine.lit(given) if kind is None else self.engine.lit(given, getattr(self.engine, kind))

    def _choice(self, condition: Formula, then: Formula, otherwise: Formula | None) -> Any:
        chosen = self.engine.when(self.say(condition)).then(self.say(then))
        return chosen if otherwise is None else chosen.otherwise(self.say(otherwise))
