"""One person under one law on one day: the finding, with its proof.

``judge`` is the reference reader of a pack. It answers what holds, what is unknown and why, what was promised, what was
breached; ``bulk`` gives the same columns for many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.assumption import assumptions
from rightcall.law.evaluate import Proof, World, evaluate, joined
from rightcall.law.label import VERDICTS as VERDICTS
from rightcall.law.label import Verdict as Verdict
from rightcall.law.label import label_of
from rightcall.law.pack import Pack
from rightcall.law.person import NO_ROWS, Person
from rightcall.law.provision import GRADES, Provision, Rule
from rightcall.law.question import Readings
from rightcall.law.value import ANY, Span
from rightcall.law.vocabulary import COMPLETE

Cause = Literal["", "ask", "law", "evidence", "identity"]
CAUSES: tuple[Cause, ...] = ("ask", "law", "evidence", "identity")


@dataclass(frozen=True, slots=True)
class Days:
    """The day judged, the fact it comes from, and the other days that may count."""

    on: Span
    fact: str
    also: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What the law says of a person. ``proofs`` holds the ground of every protective provision; lists are in pack order.

    ``label`` is what the country calls the result, where its pack has labels and one fits.
    """

    verdict: Verdict
    cause: Cause
    proofs: Mapping[str, Proof]
    grounds: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    questions: tuple[str, ...]
    flags: tuple[str, ...]
    promises: tuple[str, ...]
    defects: tuple[str, ...]
    grade: str
    truths: Mapping[str, bool | None]
    label: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why: the grounds that hold, or what an open finding waits for."""
        return self.grounds or ((self.cause,) if self.cause else ())


def days_of(person: Person, pack: Pack, on: Span | None, fact: str = "") -> tuple[Person, Days]:
    """The days to judge a person on, and the person with the facts that stand for the day judged filled in.

    ``on`` given: a run's own day. Else the day is the fact named (by default the pack's), unknown if the person lacks it.
    """
    reference = pack.reference
    name = fact or reference.on
    known = person.facts.get(name)
    day = on if on is not None else known if isinstance(known, Span) else ANY
    for same in reference.same_day:
        if same not in person.facts and day != ANY:
            person = person.told(same, day)
    others = ((other, person.facts.get(other)) for other in reference.also if on is not None or other != name)
    also = tuple((other, span) for other, span in others if isinstance(span, Span) and span != day)
    return person, Days(day, name, also)


def judge(person: Person, pack: Pack, readings: Readings, days: Days) -> Finding:
    """The finding for a person. Pure; about a millisecond for a large pack."""
    world = World(person, days.on, days.fact, pack.parameters, readings, pack.birthday)
    proofs = {provision.id: ground_of(provision, world, days, pack) for provision in pack.protective if provision.ground}
    verdict = verdict_of(pack, {id: proof.truth for id, proof in proofs.items()})
    unknown = tuple(id for id, proof in proofs.items() if not t.is_settled(proof.truth))
    open_proofs = [proofs[id] for id in unknown] if verdict == "open" else []
    missing = _in_order(pack.vocabulary.facts, (name for proof in open_proofs for name in proof.facts))
    questions = _in_order(pack.questions, (name for proof in open_proofs for name in proof.questions))
    grounds = tuple(id for id, proof in proofs.items() if proof.truth == t.TRUE)
    beside = {provision.id: _truth(provision.ground, world) for provision in pack.provisions.values() if not provision.protects}
    defects = tuple(id for id, truth in beside.items() if truth == t.TRUE and _is_defect(pack.provisions[id]))
    return Finding(
        verdict=verdict,
        cause=_cause(person, pack, readings, days) if verdict == "open" else "",
        proofs=MappingProxyType(proofs),
        grounds=grounds,
        unknown=unknown,
        missing=missing,
        questions=questions,
        flags=_in_order(pack.questions, set(_flags(pack, world, days, proofs, missing)) - set(questions)),
        promises=tuple(id for id, provision in pack.provisions.items() if _truth(provision.promise, world) == t.TRUE),
        defects=defects,
        grade=_grade(pack, grounds or unknown or tuple(proofs)),
        truths=MappingProxyType({id: t.known(proofs[id].truth if id in proofs else beside.get(id, t.UNKNOWN)) for id in pack.provisions}),
        label=label_of(pack.labels, verdict, grounds, lambda when: evaluate(when, world).truth),
    )


def _in_order(order: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    wanted = set(names)
    return tuple(name for name in order if name in wanted)


def _truth(statement: x.Statement | None, world: World) -> t.Truth:
    return t.UNKNOWN if statement is None else evaluate(statement, world).truth


def _is_defect(provision: Provision) -> bool:
    return provision.effect == "requires" and all(rule.concerns == "call-up" for rule in provision.rules)


def ground_of(provision: Provision, world: World, days: Days, pack: Pack) -> Proof:
    """The ground on the day judged, or, by the question of the day that counts, on one of the other days."""
    assert provision.ground is not None
    today = evaluate(provision.ground, world)
    others = [evaluate(provision.ground, replace(world, on=span, day_fact=name))._replace(day=(name, span)) for name, span in days.also]
    others = [other for other in others if (other.truth, other.questions) != (today.truth, today.questions)]
    if not others or (t.is_settled(today.truth) and today.truth == t.TRUE):
        return today
    counts = evaluate(x.Reading(pack.reference.question, provision.id), world)
    elsewhere = joined(x.Or(tuple(other.node for other in others)), t.either(other.truth for other in others), others)
    other_day = joined(x.And((counts.node, elsewhere.node)), t.both((counts.truth, elsewhere.truth)), [counts, elsewhere])
    return joined(x.Or((today.node, other_day.node)), t.either((today.truth, other_day.truth)), [today, other_day])


def verdict_of(pack: Pack, truths: Mapping[str, t.Truth]) -> Verdict:
    """The verdict that the truths of the grounds make."""
    held = {pack.provisions[id].effect for id, truth in truths.items() if truth == t.TRUE}
    if held:
        return "barred" if "bars" in held else "deferred"
    return "clear" if all(truth == t.FALSE for truth in truths.values()) else "open"


def _cause(person: Person, pack: Pack, readings: Readings, days: Days) -> Cause:
    """Why a finding is open, by the passes of the design: nobody asked him; only the law is open; or a record is missing."""
    told = with_assumptions(person, pack)
    world = World(told, days.on, days.fact, pack.parameters, readings, pack.birthday)
    if _is_clear(pack, world, days):
        return "ask"
    return "law" if _is_clear(pack, replace(world, against=True), days) else "evidence"


def with_assumptions(person: Person, pack: Pack) -> Person:
    """The person of the asking pass: what nobody told is taken as the pack's ``unless_told``; a claim without proof was told."""
    for name, value in assumptions(pack.vocabulary).items():
        if name in person.claims:
            continue
        listed = name.removesuffix(f".{COMPLETE}")
        unknown = person.lists.get(listed, NO_ROWS).complete is None if listed != name else name not in person.facts
        if unknown:
            person = person.told(name, value)
    return person


def _is_clear(pack: Pack, world: World, days: Days) -> bool:
    return all(ground_of(provision, world, days, pack).truth == t.FALSE for provision in pack.protective if provision.ground)


def _flags(pack: Pack, world: World, days: Days, proofs: Mapping[str, Proof], missing: tuple[str, ...]) -> Iterable[str]:
    """Open points beside the result: of grounds that hold (else of open ones), of breaches, and of missing facts that are legal evaluations."""
    held = [id for id, proof in proofs.items() if proof.truth == t.TRUE]
    telling = held or [id for id, proof in proofs.items() if proof.truth != t.FALSE]
    for rule in pack.flagged:
        if rule.effect == "requires" or rule.id in telling:
            yield from (point for point in _flagged(rule, world, not held) if world.readings.read(point, rule.name, world.on) == t.QUESTION)
    for id in held:
        yield from proofs[id].marks
        ground = pack.provisions[id].ground
        if ground and any(evaluate(ground, replace(world, on=span, day_fact=name)).truth == t.FALSE for name, span in days.also):
            yield pack.reference.question
    yield from (pack.vocabulary[name].point for name in missing if pack.vocabulary[name].point)


def _flagged(rule: Rule, world: World, is_open: bool) -> Iterable[str]:
    """The points of a rule that holds; of an open ground only those that a fact of the person raises, since the day alone says nothing of him."""
    holds = _truth(rule.ground, world)
    if holds == t.FALSE or (holds != t.TRUE and (rule.effect == "requires" or not is_open)):
        return
    for flag in rule.flags:
        raised = flag.when is None or evaluate(flag.when, world).truth == t.TRUE
        if raised and (holds == t.TRUE or (flag.when is not None and x.facts_of(flag.when))):
            yield flag.point


def _grade(pack: Pack, ids: tuple[str, ...]) -> str:
    """The weakest grade of evidence that the finding rests on, the parameters its provisions use included."""
    return max((weakest_grade(pack, pack.provisions[id]) for id in ids), key=GRADES.index, default="")


@lru_cache(maxsize=4096)
def weakest_grade(pack: Pack, provision: Provision) -> str:
    nodes = (part for rule in provision.rules if rule.condition for part in x.walk(rule.condition))
    names = {node.name for node in nodes if isinstance(node, x.Parameter)}
    grades = [provision.grade, *(entry.grade for name in names for entry in pack.parameters[name].entries if entry.grade)]
    return max(grades, key=GRADES.index)
