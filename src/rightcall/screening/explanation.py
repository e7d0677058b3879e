"""One person explained: the verdict, every ground with its proof in words, what is missing, and what would change it.

``explain`` makes the explanation as data; ``as_text`` and ``as_data`` write it for people and programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.deadline import Deadline
from rightcall.law.evaluate import Proof, World, evaluate
from rightcall.law.pack import Pack
from rightcall.law.person import Known, Person
from rightcall.law.provision import Provision
from rightcall.law.question import Readings, answered
from rightcall.law.reason import Days, Finding, Verdict, ground_of, judge, verdict_of, weakest_grade
from rightcall.law.turning import holds_until, rests_on
from rightcall.law.value import FOREVER, Span, as_date, exactly
from rightcall.law.vocabulary import FactType
from rightcall.law.words import Words, day_words, fact_label, mark, span_words, value_words
from rightcall.records.provenance import Record, bears_on

VERDICT_WORDS: Mapping[Verdict, str] = {
    "barred": "barred: may not be called up",
    "deferred": "deferred: may not be called up while the ground lasts",
    "open": "open: no notice until this is settled",
    "clear": "clear: no ground of this law protects on these facts",
}
MOST_ANSWERS = 30
"""Where more is missing, a list of single answers tells a reader nothing."""
CAUSE_WORDS = {
    "ask": "nobody has asked the person yet",
    "law": "only a question of law is open",
    "evidence": "a record or a proof is missing",
    "identity": "a record may be somebody else's",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a proof: how deep it stands, whether it holds, its words; of a leaf the facts it looks at and their records."""

    depth: int
    truth: bool | None
    words: str
    facts: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """A provision that holds or may hold, with the lines of its proof."""

    provision: Provision
    truth: bool | None
    grade: str
    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    questions: tuple[str, ...]
    rests_on: tuple[str, ...] = ()
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What one answer would make of the finding."""

    answer: str
    verdict: Verdict
    grounds_gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """A term that runs: from what day, and its last day."""

    deadline: Deadline
    event: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it, as data."""

    id: str
    days: Days
    finding: Finding
    grounds: tuple[Ground, ...]
    changes: tuple[Change, ...]
    pack: Pack
    due: tuple[Due, ...] = ()


def explain(id: str, person: Person, pack: Pack, readings: Readings, days: Days, records: Sequence[Record] = (), by_identity: bool = False) -> Explanation:
    """Judge a person and say why. ``records``: the rows that speak of him; ``by_identity``: only a namesake holds him up."""
    finding = judge(person, pack, readings, days)
    if by_identity and finding.cause == "evidence":
        finding = replace(finding, cause="identity")
    world = World(person, days.on, days.fact, pack.parameters, readings, pack.birthday)
    words = Words(pack.vocabulary, world)
    told = _by_fact(records, pack)
    shown = [*finding.grounds, *(id for id in finding.unknown if finding.verdict == "open")]
    grounds = tuple(_ground(pack, finding.proofs[id], pack.provisions[id], words, told) for id in shown)
    return Explanation(id, days, finding, grounds, tuple(_changes(person, pack, readings, days, finding)), pack, tuple(_due(pack, world)))


Told = Mapping[str, tuple[Record, ...]]


def _by_fact(records: Sequence[Record], pack: Pack) -> Told:
    """The records that bear on each fact of the law."""
    return {fact.name: tuple(record for record in records if bears_on(record, fact)) for fact in pack.vocabulary}


def _ground(pack: Pack, proof: Proof, provision: Provision, words: Words, told: Told) -> Ground:
    missing = tuple(name for name in pack.vocabulary.facts if name in proof.facts)
    questions = tuple(name for name in pack.questions if name in proof.questions)
    lines = _with_records(tuple(_lines(proof, words, 0)), told)
    ground = Ground(provision, t.known(proof.truth), weakest_grade(pack, provision), lines, missing, questions)
    if proof.truth != t.TRUE or provision.ground is None:
        return ground
    return replace(ground, rests_on=rests_on(provision.ground, words.world), until=holds_until(provision.ground, words.world))


def _lines(proof: Proof, words: Words, depth: int, row: Mapping[str, Known] | None = None) -> Iterator[Line]:
    """The lines that matter: of a settled part only what settles it, and no header over a single line."""
    words = _on_its_day(proof, words)
    telling = list(_telling(proof))
    if isinstance(proof.node, (x.And, x.Or)) and len(telling) == 1:
        yield from _lines(telling[0], words, depth, row)
        return
    leaf = () if telling else tuple(sorted(x.facts_of(proof.node)))
    yield Line(depth, t.known(proof.truth), _header(proof, words, row), leaf)
    for below in telling:
        yield from _lines(below, words, depth + 1, _row_of(below, proof, words, row))


def _with_records(lines: Sequence[Line], told: Told) -> tuple[Line, ...]:
    """The records of each leaf beneath it; where several leaves of a ground rest on one record it stands beneath the first."""
    seen: set[Record] = set()
    found = []
    for line in lines:
        records = [record for name in line.facts for record in told.get(name, ()) if record not in seen]
        seen |= set(records)
        found.append(replace(line, records=tuple(dict.fromkeys(records))))
    return tuple(found)


def _on_its_day(proof: Proof, words: Words) -> Words:
    return Words(words.vocabulary, replace(words.world, on=proof.day[1], day_fact=proof.day[0])) if proof.day else words


def _header(proof: Proof, words: Words, row: Mapping[str, Known] | None) -> str:
    place = f"row {proof.row + 1}, " if proof.row is not None else ""
    day = f"on {span_words(proof.day[1], True)} ({proof.day[0]}), " if proof.day else ""
    return f"{place}{day}{words.statement(proof.node, row)}"


def _row_of(below: Proof, proof: Proof, words: Words, row: Mapping[str, Known] | None) -> Mapping[str, Known] | None:
    if below.row is None or not isinstance(proof.node, x.AtLeast):
        return row
    return words.world.person.lists[proof.node.list].rows[below.row]


def _telling(proof: Proof) -> Iterator[Proof]:
    """Parts worth telling: those that settle the whole, or that leave it unknown; *all of all* is told as one."""
    for below in proof.below:
        if len(proof.below) > 1 and not _matters(below, proof):
            continue
        same = type(below.node) is type(proof.node) and isinstance(proof.node, (x.And, x.Or)) and below.day is None
        yield from _telling(below) if same else (below,)


def _matters(below: Proof, proof: Proof) -> bool:
    if t.is_settled(proof.truth):
        return below.truth == proof.truth
    return not isinstance(proof.node, x.Or) or below.truth != t.FALSE


def _changes(person: Person, pack: Pack, readings: Readings, days: Days, finding: Finding) -> Iterator[Change]:
    """The answers, one at a time, that would change the verdict or take a ground away; none where too much is unknown to tell."""
    if len(finding.missing) > MOST_ANSWERS:
        return
    world = World(person, days.on, days.fact, pack.parameters, readings, pack.birthday)
    for name in finding.missing:
        touched = [id for id in finding.unknown if name in finding.proofs[id].facts]
        for words, value in _answers(pack.vocabulary[name]):
            told = replace(world, person=person.told(name, value))
            yield from _change(f"{fact_label(name)}: {words}", finding, pack, days, told, touched)
    for question in finding.questions:
        touched = [id for id in finding.unknown if question in finding.proofs[id].questions]
        for yes in (True, False):
            answers = replace(readings, answers=(*answered({question: yes}).answers, *readings.answers))
            yield from _change(f"question {question}: {'yes' if yes else 'no'}", finding, pack, days, replace(world, readings=answers), touched)


def _due(pack: Pack, world: World) -> Iterator[Due]:
    """The terms that began with something that is known of the person, unless they do not concern him."""
    for deadline in pack.deadlines.values():
        event = world.person.facts.get(deadline.after)
        if not isinstance(event, Span) or not event.exact or event.low >= FOREVER:
            continue
        if deadline.when is not None and evaluate(deadline.when, world).truth == t.FALSE:
            continue
        day = as_date(event.low)
        last = deadline.last_day(day, pack.parameters, pack.calendar)
        if last is not None:
            yield Due(deadline, day, last)


def _answers(fact: FactType) -> Iterator[tuple[str, Known]]:
    if "[]." in fact.name:
        return
    if fact.kind == "bool":
        yield from (("yes", True), ("no", False))
    elif fact.kind == "one_of":
        yield from ((value, value) for value in fact.values)
    elif isinstance(fact.unless_told, int):
        yield value_words(fact, exactly(fact.unless_told)), exactly(fact.unless_told)


def _change(answer: str, before: Finding, pack: Pack, days: Days, world: World, touched: list[str]) -> Iterator[Change]:
    after = {id: proof.truth for id, proof in before.proofs.items()}
    after |= {id: ground_of(pack.provisions[id], world, days, pack).truth for id in touched}
    gone = tuple(id for id in touched if after[id] == t.FALSE)
    verdict = verdict_of(pack, after)
    if verdict != before.verdict or gone:
        yield Change(answer, verdict, gone)


def as_text(explanation: Explanation) -> str:
    """The explanation for a reader at a terminal."""
    return "\n".join(_text(explanation))


def _text(explanation: Explanation) -> Iterator[str]:
    finding, pack = explanation.finding, explanation.pack
    yield f"{explanation.id}   {VERDICT_WORDS[finding.verdict]}"
    yield f"day judged: {span_words(explanation.days.on, True)} ({explanation.days.fact}); {pack.title}; weakest grade of evidence: {finding.grade}"
    if finding.label:
        yield f"class: {_label_words(pack, finding.label)}"
    if finding.cause:
        yield f"open because {CAUSE_WORDS[finding.cause]}"
    for ground in explanation.grounds:
        yield ""
        yield from _ground_text(ground)
    yield from _section("Still to learn", [_asking(pack, name) for name in finding.missing])
    yield from _section("Questions of law", [f"{name}: {pack.questions[name].asks}" for name in finding.questions])
    yield from _section("What one answer would change", [_change_text(change) for change in explanation.changes])
    yield from _section("Shown beside it", [f"{name}: {pack.questions[name].asks}" for name in finding.flags])
    yield from _section("Promised, without force of law", [_titled(pack, id) for id in finding.promises])
    yield from _section("Breaches of procedure", [_titled(pack, id) for id in finding.defects])
    yield from _section("Terms that run", [_due_text(due) for due in explanation.due])
    if finding.verdict == "clear":
        yield ""
        yield "Clear does not mean that a call-up would be lawful in every respect."


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"{title}:"
        yield from (f"  - {line}" for line in lines)


def _ground_text(ground: Ground) -> Iterator[str]:
    provision = ground.provision
    yield f"{_mark(ground.truth)} {provision.id}  {provision.title} ({provision.effect}, grade {ground.grade})"
    yield f"    {provision.act}, {provision.cite}"
    for line in ground.lines:
        yield f"    {'  ' * line.depth}{_mark(line.truth)} {line.words}"
        yield from (f"    {'  ' * line.depth}    record: {record}" for record in line.records)
    if ground.rests_on:
        yield f"    rests on: {'; '.join(fact_label(name) for name in ground.rests_on)}"
    if ground.until is not None:
        yield f"    on these facts it holds until {day_words(ground.until)}, no longer on that day"
    if provision.proof:
        yield f"    proof: {'; '.join(provision.proof)}"


def _mark(truth: bool | None) -> str:
    return mark(t.of(truth))


def _asking(pack: Pack, name: str) -> str:
    fact = pack.vocabulary[name]
    proof = f" Proof: {fact.proof}." if fact.proof else ""
    return f"{fact_label(name)}: {fact.ask or 'to be recorded'}{proof}"


def _change_text(change: Change) -> str:
    gone = f"; no longer possible: {', '.join(change.grounds_gone)}" if change.grounds_gone else ""
    return f"{change.answer} -> {change.verdict}{gone}"


def _label_words(pack: Pack, name: str) -> str:
    says = next((label.says for label in pack.labels if label.name == name), "")
    return f"{name} ({says})" if says else name


def _due_text(due: Due) -> str:
    deadline = due.deadline
    return f"until {due.last_day}, that day included: {deadline.says} ({fact_label(deadline.after)} {due.event}; {deadline.cite}, grade {deadline.grade})"


def _titled(pack: Pack, id: str) -> str:
    return f"{id}  {pack.provisions[id].title}"


def as_data(explanation: Explanation) -> dict[str, Any]:
    """The explanation for programs (JSON)."""
    finding, pack = explanation.finding, explanation.pack
    return {
        "id": explanation.id,
        "verdict": finding.verdict,
        "class": finding.label or None,
        "cause": finding.cause or None,
        "on": span_words(explanation.days.on, True),
        "on_fact": explanation.days.fact,
        "pack": {"id": pack.id, "hash": pack.hash},
        "grade": finding.grade,
        "grounds": [_ground_data(ground) for ground in explanation.grounds],
        "missing": [{"fact": name, "ask": pack.vocabulary[name].ask, "proof": pack.vocabulary[name].proof} for name in finding.missing],
        "questions": [{"id": name, "asks": pack.questions[name].asks} for name in finding.questions],
        "changes": [{"answer": c.answer, "verdict": c.verdict, "no_longer_possible": list(c.grounds_gone)} for c in explanation.changes],
        "flags": list(finding.flags),
        "promises": list(finding.promises),
        "defects": list(finding.defects),
        "due": [
            {"deadline": due.deadline.name, "after": due.deadline.after, "event": str(due.event), "last_day": str(due.last_day)} for due in explanation.due
        ],
        "truths": dict(finding.truths),
    }


def _line_data(line: Line) -> dict[str, Any]:
    return {"depth": line.depth, "truth": line.truth, "words": line.words, "records": [asdict(record) for record in line.records]}


def _ground_data(ground: Ground) -> dict[str, Any]:
    provision = ground.provision
    return {
        "id": provision.id,
        "title": provision.title,
        "act": provision.act,
        "cite": provision.cite,
        "effect": provision.effect,
        "grade": ground.grade,
        "truth": ground.truth,
        "proof": [_line_data(line) for line in ground.lines],
        "papers": list(provision.proof),
        "rests_on": list(ground.rests_on),
        "holds_until": day_words(ground.until) if ground.until is not None else None,
        "missing": list(ground.missing),
        "questions": list(ground.questions),
    }
