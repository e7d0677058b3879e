"""Terms of the law: the last day for something, computed from the day of an event, the term and the country's working days.

A term begins on the day after its event, and its last day is within it. Nothing is stored: a deadline is a function of its event.
Holidays are those of the ``holidays`` library for the calendar that the pack names (``DE``, or ``DE-BY`` for one region).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from rightcall.law import expression as x
from rightcall.law.days import add_period
from rightcall.law.grammar import ParameterType, Scope
from rightcall.law.parameter import DatedParameter
from rightcall.law.problem import Refused, refuse
from rightcall.law.provision import GRADES, statement
from rightcall.law.source import Source, Table
from rightcall.law.value import Span, as_date, day_number, exactly

Unit = Literal["days", "working_days", "months", "years"]
UNITS: tuple[Unit, ...] = ("days", "working_days", "months", "years")
IsWorkingDay = Callable[[date], bool]


class Term(NamedTuple):
    """So many days, working days, months or years. ``moves``: a last day that is no working day gives way to the next one."""

    number: int
    unit: Unit
    moves: bool = False

    @property
    def counts_working_days(self) -> bool:
        return self.moves or self.unit == "working_days"


@dataclass(frozen=True, slots=True)
class Deadline:
    """What has to be done in what time after which fact. Without ``after`` it is told in words only.

    ``number`` is written, or the name of a dated parameter. ``when``: whom it concerns; left out, everybody.
    """

    name: str
    says: str
    after: str = ""
    number: int | str = 0
    unit: Unit = "days"
    moves: bool = False
    when: x.Statement | None = None
    cite: str = ""
    grade: str = ""

    def term(self, event: date, parameters: Mapping[str, DatedParameter]) -> Term | None:
        """The term by the law of the day of the event; nothing where the law of that day gives none that is certain."""
        if isinstance(self.number, int):
            return Term(self.number, self.unit, self.moves)
        value = parameters[self.number].on(exactly(day_number(event)))
        return Term(value.low, self.unit, self.moves) if isinstance(value, Span) and value.exact else None

    def last_day(self, event: date, parameters: Mapping[str, DatedParameter], calendar: str) -> date | None:
        """The last day after an event; nothing where there is no certain term. Raises ``Refused`` where working days count and nobody keeps that calendar."""
        term = self.term(event, parameters)
        return None if term is None else last_day(event, term, working_days(calendar) if term.counts_working_days else _every_day)


def last_day(event: date, term: Term, is_working_day: IsWorkingDay) -> date:
    """The last day of a term. INVARIANT: where the law moves it, it is a working day."""
    if term.unit == "working_days":
        day = _after_working_days(event, term.number, is_working_day)
    else:
        day = as_date(add_period(day_number(event), **{term.unit: term.number}))
    while term.moves and not is_working_day(day):
        day += timedelta(days=1)
    return day


def _every_day(day: date) -> bool:
    return True


def _after_working_days(event: date, number: int, is_working_day: IsWorkingDay) -> date:
    day = event
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


@lru_cache(maxsize=32)
def working_days(calendar: str) -> IsWorkingDay:
    """The working days of a calendar: neither a day of the weekend nor a holiday, or a day made one by the state. Raises ``Refused``."""
    import holidays  # here, since it takes longer to load than a pack, and few commands need it

    country, _, region = calendar.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=region or None).is_working_day
    except NotImplementedError:
        raise refuse(f"there is no calendar `{calendar}`", help="write the ISO 3166 code of a country, or of a region of it") from None


def read_deadlines(source: Source, values: Mapping[str, object], calendar: str, scope: Scope) -> dict[str, Deadline]:
    """Read ``[deadlines]`` of ``pack.toml``. Problems are left in the source."""
    found = {}
    for name, written in values.items():
        table = source.table(written if isinstance(written, dict) else {name: written}, f"deadlines.{name}" if isinstance(written, dict) else "deadlines")
        found[name] = _deadline(table, name, scope) if isinstance(written, dict) else Deadline(name, table.take(name, str, ""))
    if any(deadline.moves or deadline.unit == "working_days" for deadline in found.values()):
        _check_calendar(source, calendar)
    return found


def _check_calendar(source: Source, calendar: str) -> None:
    try:
        working_days(calendar)
    except Refused as refused:
        source.report(refused.problems[0].message, *source.place("calendar"), help=refused.problems[0].help)


def _deadline(table: Table, name: str, scope: Scope) -> Deadline:
    units = [unit for unit in UNITS if unit in table.values]
    unit = units[0] if units else "days"
    deadline = Deadline(
        name=name,
        says=table.take("says", str, "", required=True),
        after=table.take("after", str, "", required=True),
        number=_number(table, unit, scope.parameters),
        unit=unit,
        moves=table.take("moves", bool, False),
        when=statement(table, "when", scope),
        cite=table.take("cite", str, "", required=True),
        grade=table.choice("grade", GRADES, required=True),
    )
    if len(units) != 1:
        table.report(f"the deadline `{name}` needs one term", "says", f"one of {', '.join(UNITS)}")
    fact = deadline.after
    if fact and (fact not in scope.vocabulary or "[]." in fact or scope.vocabulary[fact].kind != "date"):
        table.report(f"`{fact}` is not a date fact", "after", scope.vocabulary.suggest(fact))
    table.finish()
    return deadline


def _number(table: Table, unit: Unit, parameters: Mapping[str, ParameterType]) -> int | str:
    """How many: a number above zero, or the name of a parameter."""
    if isinstance(table.values.get(unit), str):
        name = table.choice(unit, parameters)
        if name and (parameters[name].type != "integer" or parameters[name].by or parameters[name].decimals):
            table.report(f"`{name}` is no number of {unit.replace('_', ' ')}", unit, "a term is a whole number that is the same for everybody")
        return name
    number = int(table.take(unit, int, 1))
    if number <= 0:
        table.report(f"`{unit}` cannot be {number}", unit, "a term begins on the day after its event")
    return number
