"""The days on which many people are judged, and everything of the law that depends only on the day.

A roll has few distinct days. What a pack needs of a day (parameters in force, answers, cut-offs of birth dates) is computed
once a day by the same functions that ``reason`` uses, and joined as a column; where all days agree it is a constant. So no
date function ever runs in bulk.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from rightcall.law.value import Span

DayValue = int | bool


@dataclass(slots=True)
class Calendar:
    """The distinct days of one date fact, and the columns asked of them so far. ``key`` begins the name of each."""

    key: str
    fact: str
    days: tuple[Span, ...]
    columns: dict[str, list[DayValue]] = field(default_factory=dict)
    _asked: dict[Hashable, DayValue | str] = field(default_factory=dict)

    @property
    def single(self) -> bool:
        return len(self.days) == 1

    def value(self, what: Hashable, of_day: Callable[[Span], DayValue]) -> DayValue | str:
        """What a function says of each day: a constant, or the name of the column that will hold it."""
        if what not in self._asked:
            self._asked[what] = self._compute(of_day)
        return self._asked[what]

    def _compute(self, of_day: Callable[[Span], DayValue]) -> DayValue | str:
        values = [of_day(day) for day in self.days]
        if values and all(value == values[0] for value in values):
            return values[0]
        same = next((name for name, column in self.columns.items() if column == values and type(column[0]) is type(values[0])), None)
        name = same or f"{self.key}/{len(self.columns)}"
        self.columns[name] = values
        return name

    def table(self, factor: int) -> dict[str, list[DayValue]]:
        """The calendar as columns, one row a day; the key is the day itself, low end times ``factor`` plus high end."""
        return {self.key: [day.low * factor + day.high for day in self.days], **self.columns}
