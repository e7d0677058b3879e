"""The interview: the fewest questions that settle where a person stands under a law, one at a time.

Frozen and pure: a state goes in, the next question comes out; a reply makes a new state, which remembers the one before. The person is told nothing
he did not answer: what he does not know stays unknown and is never asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.account import Unfit
from rightcall.law.evaluate import Proof, World
from rightcall.law.gate import Gate, Line
from rightcall.law.outlook import Cell, Outlook, cell_of, outlook
from rightcall.law.pack import Pack
from rightcall.law.person import NO_ROWS, Known, Person, Row, Rows
from rightcall.law.prospect import EVEN, USUALLY_NOT, Odds, fact_of
from rightcall.law.provision import Provision
from rightcall.law.question import Readings
from rightcall.law.reason import Days, Finding, ground_of, judge, verdict_of
from rightcall.law.value import ABSENT, ANY, Span
from rightcall.law.vocabulary import COMPLETE, FactType

NO_CELLS: frozenset[Cell] = frozenset()


@dataclass(frozen=True, slots=True)
class Single:
    """One fact; also whether the rows known of a list are all."""

    fact: FactType

    @property
    def cells(self) -> frozenset[Cell]:
        return frozenset({self.fact.name})


@dataclass(frozen=True, slots=True)
class Checklist:
    """A gate, with those of its lines that can still matter."""

    gate: Gate
    lines: tuple[Line, ...]
    cells: frozenset[Cell]


@dataclass(frozen=True, slots=True)
class HowMany:
    """How many rows a list has."""

    fact: FactType

    @property
    def cells(self) -> frozenset[Cell]:
        return frozenset({f"{self.fact.name}.{COMPLETE}"})


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a list, row by row, in the rows in which it can still matter."""

    fact: FactType
    rows: tuple[int, ...]

    @property
    def list(self) -> str:
        return self.fact.name.partition("[].")[0]

    @property
    def field(self) -> str:
        return self.fact.name.partition("[].")[2]

    @property
    def cells(self) -> frozenset[Cell]:
        return frozenset(cell_of(self.fact.name, row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a list has; ``open_ended``: at least so many."""

    number: int
    open_ended: bool = False


Question = Single | Checklist | HowMany | Column
Reply = Known | Count | tuple[Known, ...]
"""To a ``Single`` a value, to a ``HowMany`` a ``Count``, to a ``Column`` one value a row, to a ``Checklist`` true or false a line. None: he does not know.
``ABSENT`` to a day that may count besides the day judged: it has not come."""


@dataclass(frozen=True, slots=True, eq=False)
class Interview:
    """All that was said so far. ``proofs``: every protective ground as it stands; ``done``: the cells asked; ``named``: facts of gates that concern him;
    ``not_come``: days that may count and have not come.

    ``thorough``: go on until every ground is settled; else the first one that protects ends it.
    """

    pack: Pack
    readings: Readings
    on: Span | None
    person: Person
    proofs: Mapping[str, Proof]
    done: frozenset[Cell] = NO_CELLS
    named: frozenset[str] = frozenset()
    gates: frozenset[str] = frozenset()
    not_come: frozenset[str] = frozenset()
    asked: int = 0
    thorough: bool = False
    before: Interview | None = None

    @property
    def days(self) -> Days:
        return _days(self)

    @property
    def settled(self) -> bool:
        """A ground protects, or none can."""
        return verdict_of(self.pack, {id: proof.truth for id, proof in self.proofs.items()}) != "open"


def begin(pack: Pack, readings: Readings, on: Span | None = None, person: Person | None = None, thorough: bool = False) -> Interview:
    """An interview before its first question. ``person``: what is known already; ``on``: the day judged, else it is asked first."""
    person = person or Person()
    interview = Interview(pack, readings, on, person, MappingProxyType({}), frozenset(_told(person)), thorough=thorough)
    return replace(interview, proofs=_proofs(interview))


def _told(person: Person) -> Iterator[Cell]:
    yield from person.facts
    for name, rows in person.lists.items():
        if rows.complete is not None:
            yield f"{name}.{COMPLETE}"
        yield from (f"{name}[{number}].{field}" for number, row in enumerate(rows.rows) for field in row)


def _days(interview: Interview) -> Days:
    """The days as told. INVARIANT: no day stands for another because nobody has recorded it; and a day asked and not known may be any day."""
    reference, facts = interview.pack.reference, interview.person.facts
    known = ((name, facts.get(name)) for name in (reference.on, reference.fallback))
    fact, day = next(((name, span) for name, span in known if isinstance(span, Span)), (reference.on, ANY))
    if interview.on is not None:
        fact, day = reference.on, interview.on
    asked = [name for name in reference.also if name in interview.done - interview.not_come and (interview.on is not None or name != fact)]
    others = ((name, facts.get(name, ANY)) for name in asked)
    return Days(day, fact, tuple((name, span) for name, span in others if isinstance(span, Span) and span != day))


def _proofs(interview: Interview, changed: frozenset[str] | None = None) -> Mapping[str, Proof]:
    """The proof of every ground; of those that look at nothing changed, as it was. ``changed``: names of facts, none for all."""
    days, world = interview.days, _world(interview, interview.days)
    return MappingProxyType({
        provision.id: ground_of(provision, world, days, interview.pack)
        if changed is None or facts & changed else interview.proofs[provision.id]
        for provision, facts in _grounds(interview.pack)
    })  # fmt: skip


def _world(interview: Interview, days: Days) -> World:
    return World(interview.person, days.on, days.fact, interview.pack.parameters, interview.readings, interview.pack.birthday)


@lru_cache(maxsize=16)
def _grounds(pack: Pack) -> tuple[tuple[Provision, frozenset[str]], ...]:
    """The protective provisions that have a ground, each with the facts it looks at."""
    return tuple((provision, x.facts_of(provision.ground)) for provision in pack.protective if provision.ground)


def finding(interview: Interview) -> Finding:
    """The finding on what was said."""
    return judge(interview.person, interview.pack, interview.readings, interview.days)


# --- what to ask --------------------------------------------------------------------------------------------------


def next_question(interview: Interview) -> Question | None:
    """The next question; none when the person's standing is settled, or nothing is left that could settle it.

    INVARIANT: every cell of it can still change what is found, and was never asked.
    """
    if question := _about_the_day(interview):
        return question
    live = live_grounds(interview)
    worth = _worth(interview, live)
    choices = _choices(interview, live)
    best = max(choices, key=lambda choice: _total(share for cells, share in worth if cells & choice.cells), default=None)
    return best or _about_other_days(interview)


def choices(interview: Interview) -> list[Question]:
    """All questions that could be put now; ``next_question`` is the best of them."""
    day = _about_the_day(interview)
    found = [day] if day else _choices(interview, live_grounds(interview))
    other = None if found else _about_other_days(interview)
    return found or ([other] if other else [])


def _total(worths: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """What a question is worth to those whom a ground protects, and, where that is equal, to those whom none protects."""
    found = list(worths)
    return sum(protects for protects, _ in found), sum(closes for _, closes in found)


def _about_the_day(interview: Interview) -> Question | None:
    """The day judged comes first: every ground hangs on it."""
    if interview.on is not None or interview.days.on != ANY:
        return None
    names = (interview.pack.reference.on, interview.pack.reference.fallback)
    return next((Single(interview.pack.vocabulary[name]) for name in names if name and name not in interview.done), None)


def _about_other_days(interview: Interview) -> Question | None:
    """When nothing else is left: another day that may count, while a ground may hold on some day and nobody has answered that it does not count."""
    days = [name for name in interview.pack.reference.also if name not in interview.done and name != interview.days.fact]
    truths = {proof.truth for proof in interview.proofs.values()}
    if not days or t.TRUE in truths:
        return None
    wanted = (t.TRUE,) if truths - {t.FALSE} else (t.TRUE, t.QUESTION)
    counts = interview.pack.reference.question
    elsewhere = _world(interview, Days(ANY, days[0]))
    for provision, _ in _grounds(interview.pack):
        counted = interview.readings.read(counts, provision.id, interview.days.on) in wanted
        if counted and ground_of(provision, elsewhere, Days(ANY, days[0]), interview.pack).truth != t.FALSE:
            return Single(interview.pack.vocabulary[days[0]])
    return None


def live_grounds(interview: Interview) -> Mapping[str, Outlook]:
    """The grounds worth asking about: any while he may still come out clear, else those that can come to protect."""
    truths = [proof.truth for proof in interview.proofs.values()]
    if t.TRUE in truths and not interview.thorough:
        return {}
    outlooks = {id: outlook(proof, interview.done) for id, proof in interview.proofs.items() if not t.is_settled(proof.truth)}
    hope = interview.thorough or all(view.reach & t.FALSE for view in outlooks.values())
    return {id: view for id, view in outlooks.items() if view.open and (hope or view.reach & t.TRUE)}


def _choices(interview: Interview, live: Mapping[str, Outlook]) -> list[Question]:
    """The questions that could be put now: gates with several lines that matter, and single cells that come first."""
    open, first = (_union(getattr(view, part) for view in live.values()) for part in ("open", "first"))
    gates = (_checklist(interview, gate, open) for gate in interview.pack.gates.values())
    checklists = [gate for gate in gates if gate and (gate.cells & first or any("[" in cell for cell in gate.cells))]
    gated = _union(list_.cells for list_ in checklists)
    return [*checklists, *_asking(interview, first - gated, open)]


def _union(cells: Iterable[frozenset[Cell]]) -> frozenset[Cell]:
    return NO_CELLS.union(*cells)


def _checklist(interview: Interview, gate: Gate, open: frozenset[Cell]) -> Checklist | None:
    """A gate that was not put yet, if several of its lines matter; for one line the fact has its own question."""
    if gate.name in interview.gates:
        return None
    lines = tuple(line for line in gate.lines if any(_cells(interview, name) & open for name in line.no if not _has_rows(interview, name)))
    return Checklist(gate, lines, _union(_cells(interview, name) & open for line in lines for name in line.no)) if len(lines) > 1 else None


def _has_rows(interview: Interview, name: str) -> bool:
    """Whether it is the number of rows of a list of which some are known: that can no more be denied."""
    return name.endswith(f".{COMPLETE}") and bool(interview.person.lists.get(name.removesuffix(f".{COMPLETE}"), NO_ROWS).rows)


def _cells(interview: Interview, name: str) -> frozenset[Cell]:
    """The cells of a fact: for a field of rows, one a row."""
    listed, _, field = name.partition("[].")
    if not field:
        return frozenset({name})
    return frozenset(cell_of(name, row) for row in range(len(interview.person.lists.get(listed, NO_ROWS).rows)))


def _asking(interview: Interview, first: frozenset[Cell], open: frozenset[Cell]) -> list[Question]:
    """The questions for single cells, in the order of the vocabulary."""
    found: list[Question] = []
    for fact in interview.pack.vocabulary:
        listed = fact.name.removesuffix(f".{COMPLETE}")
        if "[]." in fact.name:
            cells = _cells(interview, fact.name)
            rows = tuple(row for row in range(len(cells)) if cell_of(fact.name, row) in open)
            found += [Column(fact, rows)] if cells & first else []
        elif fact.name in first:
            unseen = listed != fact.name and not interview.person.lists.get(listed, NO_ROWS).rows
            found.append(HowMany(interview.pack.vocabulary[listed]) if unseen else Single(fact))
    return found


def _worth(interview: Interview, live: Mapping[str, Outlook]) -> list[tuple[frozenset[Cell], tuple[float, float]]]:
    """Of each live ground its open cells and what a question about it is worth: how likely it protects, over the questions that it takes.

    Tests that end with the first success are best made in the order of chance over cost. A ground that only an answer to a question of law
    could make true protects nobody; it has to be closed all the same, so it counts for the rest.
    """
    gated = {name: gate.name for gate in interview.pack.gates.values() if gate.name not in interview.gates for name in gate.facts}

    def chance(name: str) -> float:
        return USUALLY_NOT if name in gated or interview.pack.vocabulary[name].unless_told is not None else EVEN

    odds = Odds(chance, interview.done, _world(interview, interview.days))
    looks_at = {provision.id: facts for provision, facts in _grounds(interview.pack)}
    worth = []
    for id, view in live.items():
        hope = odds.prospect(interview.proofs[id], behind=bool(looks_at[id] & interview.named))
        questions = {gated.get(fact_of(cell), fact_of(cell)) for cell in hope.cells}
        protects = hope.chance / len(questions) if view.reach & t.TRUE and questions else 0.0
        worth.append((hope.cells if protects else view.open, (protects, 1 / len(view.open))))
    return worth


def at_most(interview: Interview) -> int:
    """How many more questions there can be. It only falls, unless another day that may count is told."""
    live = live_grounds(interview)
    if (question := _about_the_day(interview)) and not live:
        return 1
    open = _union(view.open for view in live.values())
    lists = {name.removesuffix(f".{COMPLETE}") for name in open if name.endswith(f".{COMPLETE}")}
    behind = _union(_behind(provision, lists) for provision, _ in _grounds(interview.pack) if provision.id in live) - interview.done
    singles = {fact_of(cell) for cell in open} | behind
    gates = [gate for gate in interview.pack.gates.values() if gate.name not in interview.gates and len(gate.facts & singles) > 1]
    days = [name for name in interview.pack.reference.also if name not in interview.done | singles and name != interview.days.fact]
    return len(singles) + len(gates) + len(days) + (question is not None)


def _behind(provision: Provision, lists: set[str]) -> frozenset[str]:
    """The facts that a ground looks at in the rows of lists, which matter as soon as there are rows."""
    nodes = x.walk(provision.ground) if provision.ground else ()
    return _union(x.facts_of(node.body) for node in nodes if isinstance(node, x.AtLeast) and node.list in lists)


def if_denied(interview: Interview) -> int:
    """How many more questions there are, about, for somebody whom none of it concerns: the gates, what comes first, and the days."""
    live = live_grounds(interview)
    if _about_the_day(interview) and not live:
        return 1
    days = [name for name in interview.pack.reference.also if name not in interview.done and name != interview.days.fact]
    return len(_choices(interview, live)) + len(days)


def concerned(interview: Interview, question: Question) -> tuple[str, ...]:
    """The provisions for which a question is asked, in pack order."""
    return tuple(id for id, view in live_grounds(interview).items() if view.open & question.cells)


# --- what was answered --------------------------------------------------------------------------------------------


def answer(interview: Interview, question: Question, reply: Reply) -> Interview:
    """The interview after a reply. Raises ``Unfit`` where the reply is not one to this question."""
    match question:
        case Single(fact) if reply is ABSENT and fact.name in interview.pack.reference.also and not fact.none:
            return _after(replace(interview, not_come=interview.not_come | {fact.name}), interview.person, question.cells, before=interview)
        case Single(fact):
            return _after(interview, _single(interview, fact, reply), question.cells)
        case HowMany(fact):
            return _after(interview, _counted(interview.person, fact, reply), question.cells)
        case Column():
            return _after(interview, _column(interview.person, question, reply), question.cells)
        case Checklist(gate, lines):
            return _checked(interview, gate, lines, reply)


def _after(
    interview: Interview,
    person: Person,
    done: frozenset[Cell],
    gate: str = "",
    named: frozenset[str] = frozenset(),
    before: Interview | None = None,
) -> Interview:
    after = replace(
        interview, person=person, done=interview.done | done, named=interview.named | named, gates=interview.gates | ({gate} - {""}),
        asked=interview.asked + 1, before=before or interview,
    )  # fmt: skip
    reference = interview.pack.reference
    days = {reference.on, reference.fallback, *reference.also}
    changed = frozenset(fact_of(cell) for cell in done) | frozenset(cell.partition(".complete")[0] for cell in done)
    return replace(after, proofs=_proofs(after, None if changed & days else changed))


def _single(interview: Interview, fact: FactType, reply: Reply) -> Person:
    if reply is None:
        return interview.person
    if isinstance(reply, (Count, tuple)) and not isinstance(reply, Span):
        raise Unfit(f"`{fact.name}` takes one answer")
    return interview.person.told(fact.name, reply)


def _counted(person: Person, fact: FactType, reply: Reply) -> Person:
    if reply is None:
        return person
    if not isinstance(reply, Count) or reply.number < 0:
        raise Unfit(f"`{fact.name}` takes a number of rows")
    empty: Row = MappingProxyType({})
    return _with_rows(person, fact.name, Rows((empty,) * reply.number, None if reply.open_ended else True))


def _with_rows(person: Person, name: str, rows: Rows) -> Person:
    return replace(person, lists=MappingProxyType({**person.lists, name: rows}))


def _column(person: Person, question: Column, reply: Reply) -> Person:
    if reply is None:
        return person
    values = _several(reply, len(question.rows), question.fact.name)
    listed = person.lists[question.list]
    rows = list(listed.rows)
    for row, value in zip(question.rows, values, strict=True):
        if value is not None:
            rows[row] = MappingProxyType({**rows[row], question.field: value})
    return _with_rows(person, question.list, replace(listed, rows=tuple(rows)))


def _several(reply: Reply, number: int, name: str) -> Sequence[Known]:
    if not isinstance(reply, tuple) or isinstance(reply, Span) or len(reply) != number:
        raise Unfit(f"`{name}` takes {number} answers")
    return reply


def _checked(interview: Interview, gate: Gate, lines: tuple[Line, ...], reply: Reply) -> Interview:
    """Named lines tell what they say, or are asked about; the others are denied; of those he is not sure of nothing is told."""
    answers = _several((None,) * len(lines) if reply is None else reply, len(lines), gate.name)
    person, done, named = interview.person, set(), set()
    for line, said in zip(lines, answers, strict=True):
        told = line.yes if said else line.no if said is False else {}
        for name, value in told.items():
            person = _told_once(interview, person, name, value)
        done |= {cell for name in (told if said else line.no) for cell in _cells(interview, name)}
        named |= set(line.no) if said else set()
    return _after(interview, person, frozenset(done), gate.name, frozenset(named))


def _told_once(interview: Interview, person: Person, name: str, value: Known) -> Person:
    """INVARIANT: what was told before is never told again by a gate."""
    listed, _, field = name.partition("[].")
    if field:
        rows = person.lists.get(listed, NO_ROWS)
        told = (row if field in row else MappingProxyType({**row, field: value}) for row in rows.rows)
        return _with_rows(person, listed, replace(rows, rows=tuple(told)))
    if name in interview.done:
        return person
    if name.endswith(f".{COMPLETE}"):
        return _with_rows(person, name.removesuffix(f".{COMPLETE}"), Rows((), True))
    return person.told(name, value)
