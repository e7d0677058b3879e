"""A measure of the interview: random people of whom all is known are asked, and answer truly. How many questions it takes, and that none is judged wrong."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.evaluate import World
from rightcall.law.interview import Checklist, Column, Question, answer, begin, finding, next_question
from rightcall.law.pack import Pack
from rightcall.law.person import Person
from rightcall.law.question import Readings
from rightcall.law.reason import Days, Verdict, days_of, ground_of, judge
from rightcall.law.turning import without
from rightcall.records.roll import ID, read_roll
from rightcall.records.row import person_from
from rightcall.synthetic.country import TRUTH, Country, write_country
from rightcall.synthetic.respondent import Respondent

MOST_QUESTIONS = 8
"""The bar: the median of the questions that a protected person is asked."""
PROTECTED = ("barred", "deferred")
Fewest = Callable[[Person, Pack, Readings, Days], int | None]
"""What finds the smallest number of facts of a person that settle his standing, a lower bound on what has to be asked; nothing where it does not in time."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One person: what all the facts say, what the interview found, the questions put, the single things he was asked in them, the slowest question.

    ``needed``: of somebody callable, the facts each of which must be known for him to be clear; ``fewest``: where it was computed.
    """

    id: str
    truly: Verdict
    found: Verdict
    questions: int
    asked: int
    seconds: float
    needed: int = 0
    fewest: int | None = None

    @property
    def contradicted(self) -> bool:
        """All the facts say otherwise. A deferment that ended the interview may be a bar on all the facts: both protect."""
        agrees = self.found == self.truly or (self.found, self.truly) == ("deferred", "barred")
        return not agrees and self.found != "open"

    @property
    def unsettled(self) -> bool:
        """Left open though all the facts settle it."""
        return self.found == "open" != self.truly


def hear(people: int, seed: int, law: Pack, readings: Readings, fewest: Fewest | None = None, first: int = 50) -> Iterator[Heard]:
    """Interview random people. ``fewest`` is asked of the ``first`` of them. Raises ``Refused`` as ``write_country``."""
    for number, (id, truth) in enumerate(people_of(Country(seed, people), law)):
        yield heard(id, truth, law, readings, fewest if number < first else None)


def people_of(country: Country, law: Pack) -> Iterator[tuple[str, Person]]:
    """Everybody on the roll of a country as he truly is."""
    with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
        write_country(country, Path(work) / "country")
        roll = read_roll(Path(work) / "country" / TRUTH, law, Path(work))
        rows: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        for name, frame in roll.lists.items():
            for row in frame.collect().to_dicts():
                rows[row[ID]][name].append(row)
        for person in roll.people.collect().iter_rows(named=True):
            yield person[ID], person_from(person, rows[person[ID]], law.vocabulary)


def heard(id: str, truth: Person, law: Pack, readings: Readings, fewest: Fewest | None = None) -> Heard:
    """One person interviewed."""
    person, days = days_of(truth, law, None)
    truly = judge(person, law, readings, days).verdict
    interview, asked, slowest = begin(law, readings, days.on), 0, 0.0
    while True:
        begun = time.perf_counter()
        question = next_question(interview)
        slowest = max(slowest, time.perf_counter() - begun)
        if question is None:
            break
        asked += _things(question)
        interview = answer(interview, question, Respondent(truth).reply(interview, question))
    needed = len(must_be_known(person, law, readings, days)) if truly == "clear" else 0
    bound = None if fewest is None else fewest(person, law, readings, days)
    return Heard(id, truly, finding(interview).verdict, interview.asked, asked, slowest, needed, bound)


def _things(question: Question) -> int:
    return len(question.lines) if isinstance(question, Checklist) else len(question.rows) if isinstance(question, Column) else 1


def must_be_known(person: Person, law: Pack, readings: Readings, days: Days) -> tuple[str, ...]:
    """The facts of somebody clear without which he would not be: whoever clears him has to know each of them."""
    grounds = [(provision, x.facts_of(provision.ground)) for provision in law.protective if provision.ground]
    found = []
    for fact in law.vocabulary:
        looking = [provision for provision, facts in grounds if fact.name in facts]
        world = World(without(person, fact.name), days.on, days.fact, law.parameters, readings, law.birthday)
        if any(ground_of(provision, world, days, law).truth != t.FALSE for provision in looking):
            found.append(fact.name)
    return tuple(found)


# --- the figures --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """How numbers are spread: the least, the quartiles and the most."""

    people: int
    least: int
    lower: float
    median: float
    upper: float
    most: int

    @classmethod
    def of(cls, numbers: Sequence[int]) -> Spread:
        lower, _, upper = quantiles(numbers, n=4) if len(numbers) > 1 else (numbers[0],) * 3
        return cls(len(numbers), min(numbers), lower, median(numbers), upper, max(numbers))


@dataclass(frozen=True, slots=True)
class Measure:
    """What a number of interviews showed."""

    spreads: Mapping[str, Spread]
    contradicted: tuple[str, ...]
    unsettled: tuple[str, ...]
    slowest: float
    typical: float

    @property
    def passes(self) -> bool:
        """Nobody judged wrong, and few questions: for the callable no more than the facts that clearing needs."""
        protected, callable_ = self.spreads.get("protected: questions"), self.spreads.get("callable: questions")
        needed = self.spreads.get("callable: facts that clearing needs")
        few = protected is None or protected.median <= MOST_QUESTIONS
        return not self.contradicted and few and (callable_ is None or needed is None or callable_.median <= needed.median)


def measure(people: Sequence[Heard]) -> Measure:
    """The figures over people."""
    groups = {
        "protected: questions": [one.questions for one in people if one.truly in PROTECTED],
        "protected: things asked": [one.asked for one in people if one.truly in PROTECTED],
        "protected: fewest facts": [one.fewest for one in people if one.truly in PROTECTED and one.fewest is not None],
        "callable: questions": [one.questions for one in people if one.truly == "clear"],
        "callable: things asked": [one.asked for one in people if one.truly == "clear"],
        "callable: facts that clearing needs": [one.needed for one in people if one.truly == "clear"],
        "callable: fewest facts": [one.fewest for one in people if one.truly == "clear" and one.fewest is not None],
        "open by law: questions": [one.questions for one in people if one.truly == "open"],
    }
    return Measure(
        {name: Spread.of(numbers) for name, numbers in groups.items() if numbers},
        tuple(one.id for one in people if one.contradicted),
        tuple(one.id for one in people if one.unsettled),
        max(one.seconds for one in people),
        median(one.seconds for one in people),
    )


def as_text(found: Measure, not_computed: str = "") -> str:
    """The figures for a reader. ``not_computed``: why there is no lower bound."""
    rows = [("", "people", "least", "quartile", "median", "quartile", "most"), *(_row(name, spread) for name, spread in found.spreads.items())]
    lines = ["".join(f"{cell:<37}" if place == 0 else f"{cell:>10}" for place, cell in enumerate(row)).rstrip() for row in rows]
    lines.append("")
    lines += [f"fewest facts that settle a person: not computed, {not_computed}"] if not_computed else []
    lines.append(f"judged otherwise than all the facts say: {_some(found.contradicted)}")
    lines.append(f"left open though all the facts settle it: {_some(found.unsettled)}")
    lines.append(f"the slowest question of an interview: {1000 * found.typical:.0f} ms in the median, {1000 * found.slowest:.0f} ms at most")
    return "\n".join(lines)


def _row(name: str, spread: Spread) -> tuple[str, ...]:
    numbers = (spread.least, spread.lower, spread.median, spread.upper, spread.most)
    return (name, f"{spread.people:,}", *(f"{number:g}" for number in numbers))


def _some(ids: Sequence[str]) -> str:
    return f"{len(ids)}{''.join(f' {id}' for id in islice(ids, 10))}"


def as_data(found: Measure, not_computed: str = "") -> dict[str, Any]:
    """The figures for programs."""
    return {
        "spreads": {name: {field: getattr(spread, field) for field in Spread.__slots__} for name, spread in found.spreads.items()},
        "contradicted": list(found.contradicted),
        "unsettled": list(found.unsettled),
        "milliseconds": {"median": round(1000 * found.typical, 1), "most": round(1000 * found.slowest, 1)},
        "fewest_facts_not_computed": not_computed or None,
    }
