"""Asking Z3: whether there is anybody of whom a formula is true, on any day, and if so who.

Every person that Z3 names is handed to ``evaluate`` before anything is said of him, and what the solver cannot settle in its time is
told as undecided, never as proven.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import z3

from rightcall.law.person import Person
from rightcall.law.proof.anybody import Anybody, Date, Number, Symbol, day_of, free_date, known_date
from rightcall.law.proof.meaning import YES, Law, Open, Reader
from rightcall.law.value import FOREVER, Span

JUDGED = range(1970, 2100)
"""The years in which the day judged may lie."""
MOST_ROWS = 16
WISH = 0.1
"""Seconds to think about each thing that would make somebody more ordinary: he is found already."""
NOBODY = Person()
"""A person of whom nothing is known: like him everybody is as ordinary as can be."""
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
