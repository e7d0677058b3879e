"""How little has to be known to settle a matter: the facts of a full person without which it would be open.

A fact here is what can be asked about: a plain fact, a field of all rows of a list, or whether the rows are all. A set of facts
settles a matter if it comes out the same for every person who has them, whatever else he is like. This is a bound from below
for any way of asking: no interview can settle somebody's standing by fewer of his facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import z3

from rightcall.law import expression as x
from rightcall.law.pack import Pack
from rightcall.law.person import NO_ROWS, Person, Row, Rows
from rightcall.law.proof.anybody import Anybody, Symbol, known_date
from rightcall.law.proof.meaning import rows_needed
from rightcall.law.proof.prover import Prover
from rightcall.law.proof.standing import is_verdict, prover_of
from rightcall.law.question import Readings
from rightcall.law.reason import Days, judge
from rightcall.law.value import FOREVER, Span

SECONDS = 10.0


class Unsettled(Exception):
    """The solver did not come to an end in its time."""


def facts_named(person: Person, names: Iterable[str]) -> Person:
    """The person of whom only some facts are known; rows are known to exist where a field of them is."""
    wanted = set(names)
    facts = {name: value for name, value in person.facts.items() if name in wanted}
    lists: dict[str, Rows] = {}
    for name, rows in person.lists.items():
        fields = {one.removeprefix(f"{name}[].") for one in wanted if one.startswith(f"{name}[].")}
        complete = rows.complete if f"{name}.complete" in wanted else None
        kept = tuple(_only(row, fields) for row in rows.rows) if fields or complete else ()
        if kept or complete is not None:
            lists[name] = Rows(kept, complete)
    return Person(MappingProxyType(facts), MappingProxyType(lists))


def _only(row: Row, fields: set[str]) -> Row:
    return MappingProxyType({name: value for name, value in row.items() if name in fields})


def said_of(person: Person, names: Iterable[str], anybody: Anybody) -> dict[str, Symbol]:
    """What each fact of the person says of anybody; facts that are not known exactly say nothing."""
    return {name: formula for name in names if (formula := _said(person, name, anybody)) is not None}


def _said(person: Person, name: str, anybody: Anybody) -> Symbol | None:
    if "[]." in name:
        listed, _, field = name.partition("[].")
        return _field_said(person.lists.get(listed, NO_ROWS), listed, field, anybody)
    if name.endswith(".complete"):
        listed = name.removesuffix(".complete")
        rows = person.lists.get(listed, NO_ROWS)
        return anybody.length(listed) == len(rows.rows) if rows.complete else None
    value = person.facts.get(name)
    if value is None or name not in anybody.vocabulary or (isinstance(value, Span) and not value.exact):
        return None
    return anybody.is_so(name, value)


def _field_said(rows: Rows, listed: str, field: str, anybody: Anybody) -> Symbol | None:
    known = [(place, row[field]) for place, row in enumerate(rows.rows) if field in row]
    exact = [(place, value) for place, value in known if not (isinstance(value, Span) and not value.exact)]
    if not exact:
        return None
    return z3.And(anybody.length(listed) >= len(rows.rows), *[anybody.field_is_so(listed, place, field, value) for place, value in exact])


# --- a matter and what settles it ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Matter:
    """A formula that is to be ruled out, and what may be said against it: a mark for each fact."""

    prover: Prover
    otherwise: Symbol
    said: Mapping[str, Symbol]

    def open_with(self, names: Iterable[str]) -> set[str] | None:
        """Whether it may still come out otherwise with some facts known: all facts that agree with it, or nothing if not."""
        found, model = self.prover.model(self.otherwise, [self.said[name] for name in names])
        if found == "undecided":
            raise Unsettled
        if model is None:
            return None
        return {name for name, formula in self.said.items() if z3.is_true(model.eval(formula, model_completion=True))}

    def core(self) -> list[str]:
        """Facts that settle it, mostly few of all, where all together do."""
        marks = {name: z3.Bool(f"said {name}") for name in self.said}
        said = [z3.Implies(mark, self.said[name]) for name, mark in marks.items()]
        found = set(self.prover.core(z3.And(self.otherwise, *said), list(marks.values())))
        return [name for name in self.said if f"said {name}" in found]


def fewest(matter: Matter) -> frozenset[str] | None:
    """A smallest set of facts that settles a matter; nothing if all together do not. Raises ``Unsettled``.

    Every way in which it could come out otherwise has to be ruled out by a fact that disagrees with it. So the smallest set
    that meets all the sets of disagreeing facts seen so far is tried, until it rules out everything.
    """
    if matter.open_with(matter.said) is not None:
        return None
    to_meet: list[frozenset[str]] = []
    while True:
        tried = _smallest_meeting(to_meet)
        agreeing = matter.open_with(tried)
        if agreeing is None:
            return tried
        to_meet.append(frozenset(matter.said) - _grown(matter, agreeing))


def _grown(matter: Matter, agreeing: set[str]) -> set[str]:
    """As many facts as can be known while the matter stays open: the fewer disagree, the more is learnt from them."""
    for name in matter.said:
        if name not in agreeing and (more := matter.open_with([*agreeing, name])) is not None:
            agreeing = more
    return agreeing


def _smallest_meeting(sets: list[frozenset[str]]) -> frozenset[str]:
    if not sets:
        return frozenset()
    chooser = z3.Optimize()
    names = sorted(set().union(*sets))
    chosen = {name: z3.Bool(name) for name in names}
    for each in sets:
        chooser.add(z3.Or([chosen[name] for name in sorted(each)]))
    chooser.minimize(z3.Sum([z3.If(mark, 1, 0) for mark in chosen.values()]))
    chooser.check()
    model = chooser.model()
    return frozenset(name for name, mark in chosen.items() if z3.is_true(model.eval(mark, model_completion=True)))


def needed(matter: Matter) -> frozenset[str]:
    """A set of facts that settles a matter and of which none can be left out; all together have to settle it."""
    kept = matter.core()
    for name in list(kept):
        rest = [other for other in kept if other != name]
        if matter.open_with(rest) is None:
            kept = rest
    return frozenset(kept)


# --- somebody's standing ------------------------------------------------------------------------------------------


def fewest_facts(person: Person, pack: Pack, readings: Readings, days: Days, seconds: float = SECONDS) -> frozenset[str] | None:
    """The smallest set of facts of a person by which his verdict is settled; nothing where all that is known leaves it open.

    The days judged and the answers to questions are given, as they are to ``judge``. An open verdict is settled when it hangs
    on questions alone. Raises ``Unsettled`` where the solver takes too long.
    """
    verdict = judge(person, pack, readings, days).verdict
    grounds = [provision.ground for provision in pack.protective if provision.ground is not None]
    prover = prover_of(pack, (), seconds, readings, rows=_rows(person, pack, grounds))
    others = [known_date(span.low) for _, span in days.also if span.exact and abs(span.low) < FOREVER]
    otherwise = z3.Not(is_verdict(verdict, prover.reader, pack, others, "against"))
    names = sorted({name for ground in grounds for name in x.facts_of(ground)})
    return fewest(Matter(prover, z3.And(prover.within(days.on), otherwise), said_of(person, names, prover.anybody)))


def _rows(person: Person, pack: Pack, grounds: list[x.Statement]) -> dict[str, int]:
    """Rows enough for the person's own, for those that make any one ground true, and for counts that a ground forbids."""
    found = {name: len(rows.rows) for name, rows in person.lists.items()}
    one: dict[str, int] = {}
    for ground in grounds:
        for name, number in rows_needed([ground], pack.parameters).items():
            one[name] = max(number, one.get(name, 0))
    forbidden = rows_needed([x.Not(ground) for ground in grounds], pack.parameters)
    for name in one.keys() | forbidden.keys():
        found[name] = found.get(name, 0) + one.get(name, 0) + forbidden.get(name, 0)
    return found


# --- what settles a statement -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Implicant:
    """Facts and answers by which a statement is settled for everybody who has them, on one day; none of them can be left out."""

    person: Person
    on: int
    answers: Mapping[str, bool]


def implicants(statement: x.Statement, pack: Pack, seconds: float, most: int) -> Iterator[Implicant]:
    """Different ways in which a statement is settled as true, ``most`` at most. Raises ``Unsettled``.

    Their values are of an ordinary size, and their lists shorter than a list may be: else the bounds within which the solver
    looks would themselves seem to settle something.
    """
    own, all = rows_needed([statement], pack.parameters), rows_needed([statement, x.Not(statement)], pack.parameters)
    prover = prover_of(pack, (), seconds, rows={name: own.get(name, 0) + number for name, number in all.items()})
    holds = prover.reader().statement(statement)
    names = sorted(x.facts_of(statement))
    sought = z3.And(holds, *prover.ordinary_size(own))
    for _ in range(most):
        found, model = prover.model(sought, ())
        if found == "undecided":
            raise Unsettled
        if model is None:
            return
        someone = prover.someone(model)
        said = said_of(someone.person, names, prover.anybody)
        said |= {f"?{question}": prover.is_answered(question, answer) for question, answer in someone.answers.items()}
        kept = needed(Matter(prover, z3.And(prover.on.falls_on(someone.on), z3.Not(holds)), said))
        answers = {question: answer for question, answer in someone.answers.items() if f"?{question}" in kept}
        yield Implicant(facts_named(someone.person, kept), someone.on, answers)
        sought = z3.And(sought, z3.Not(z3.And([said[name] for name in sorted(kept)])))
