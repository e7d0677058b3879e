"""What Z3 proves against a pack, for its author: grounds that hold of nobody, grounds that add nothing, invariants that break.

Each finding names a person where there is one, and ``reason`` has judged him first. What the solver could not settle in its
time is a remark of its own: *undecided* is never *proven*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType

import z3

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.account import read_person
from rightcall.law.case import pack_cases
from rightcall.law.check import Remark
from rightcall.law.evaluate import World, evaluate
from rightcall.law.invariant import Invariant
from rightcall.law.pack import Pack
from rightcall.law.person import Person
from rightcall.law.proof.prover import Search, Someone
from rightcall.law.proof.settling import Unsettled, facts_named, implicants
from rightcall.law.proof.standing import is_verdict, other_days, prover_of
from rightcall.law.proof.witness import finding_of, truth_of
from rightcall.law.provision import PROTECTIVE, Rule

SECONDS = 5.0


@dataclass(frozen=True)
class Finding:
    """A remark, and the person who shows it, if there is one. ``name`` is short and unlike any other; ``provision`` his page."""

    name: str
    remark: Remark
    someone: Someone | None = None
    provision: str = ""

    @property
    def proven(self) -> bool:
        """It is so of everybody; not undecided, and not found only because Z3 happened to look there."""
        return not self.name.startswith(("undecided", "weaker"))

    @property
    def file_name(self) -> str:
        return re.sub(r"[^\w.]+", "-", self.name)


def scrutinise(pack: Pack, seconds: float = SECONDS) -> list[Finding]:
    """All that can be proven against a pack, faults first. ``seconds``: how long to think about each question at most."""
    rules = [rule for rule in pack.rules if rule.ground is not None]
    seen = _seen(rules, pack)
    findings = [finding for rule in rules for finding in _rule(rule, seen[rule.name], pack, seconds)]
    dead = {finding.remark.place for finding in findings if finding.name.startswith("dead")}
    findings += _swallowed([rule for rule in rules if rule.name not in dead], seen, pack, seconds)
    findings += _duties([rule for rule in rules if rule.effect == "requires" and rule.name not in dead], pack, seconds)
    findings += [finding for invariant in pack.invariants for finding in broken(invariant, pack, seconds)]
    findings += _clear(pack, seconds)
    return sorted(findings, key=lambda finding: not finding.remark.is_fault)


def faults_of(pack: Pack, ids: tuple[str, ...], seconds: float = SECONDS) -> Iterator[Finding]:
    """The faults that can be proven against some provisions of a pack: what is cheap of ``scrutinise``."""
    rules = [rule for id in ids for rule in pack.provisions[id].rules if rule.ground is not None]
    for rule in rules:
        yield from (finding for finding in _never_true(rule, pack, seconds) if finding.remark.is_fault)
    if any(rule.effect in PROTECTIVE for rule in rules):
        for invariant in pack.invariants:
            yield from (finding for finding in broken(invariant, pack, seconds) if finding.remark.is_fault)


def _undecided(place: str, what: str, seconds: float) -> Finding:
    return Finding(f"undecided-{place}-{what}", Remark(place, f"undecided after {seconds:g} s: {what}"))


def _ground(rule: Rule) -> x.Statement:
    assert rule.ground is not None
    return rule.ground


def _seen(rules: list[Rule], pack: Pack) -> dict[str, tuple[t.Truth, ...]]:
    """What each rule says of the people of the pack's own cases: what a case shows already need not be asked of Z3."""
    worlds = [World(case.person, case.on, "", pack.parameters, case.readings, pack.birthday) for case in pack_cases(pack)]
    return {rule.name: tuple(evaluate(_ground(rule), world).truth for world in worlds) for rule in rules}


# --- one rule by itself -------------------------------------------------------------------------------------------


def _rule(rule: Rule, seen: tuple[t.Truth, ...], pack: Pack, seconds: float) -> Iterator[Finding]:
    """A rule that is true of nobody while it is in force, or of everybody."""
    if t.TRUE not in seen:
        yield from _never_true(rule, pack, seconds)
    yield from _never_false(rule, pack, seconds)
    yield from _weaker(rule, pack, seconds)


def _never_true(rule: Rule, pack: Pack, seconds: float) -> Iterator[Finding]:
    ground = _ground(rule)
    prover = prover_of(pack, [ground], seconds)
    match prover.holds_of_nobody(prover.reader().statement(ground)):
        case "yes":
            yield Finding(f"dead-{rule.name}", Remark(rule.name, "is true of nobody on any day on which it is in force", is_fault=True))
        case "undecided":
            yield _undecided(rule.name, "whether it is ever true", seconds)


def _never_false(rule: Rule, pack: Pack, seconds: float) -> Iterator[Finding]:
    inner = x.And((x.InForce(rule.start, rule.end), x.Not(_ground(rule))))
    prover = prover_of(pack, [inner], seconds)
    match prover.holds_of_nobody(prover.reader().statement(inner)):
        case "yes":
            yield Finding(f"total-{rule.name}", Remark(rule.name, "is true of everybody on every day on which it is in force"))
        case "undecided":
            yield _undecided(rule.name, "whether it is ever false", seconds)


WAYS = 8
"""So many ways of settling a rule are looked at, to see whether ``reason`` settles it as well."""


def _weaker(rule: Rule, pack: Pack, seconds: float) -> Iterator[Finding]:
    """A rule that ``reason`` leaves open although every way of completing what is known comes out the same.

    That can only be where it looks at a fact or a question more than once. It is safe, since doubt protects; but somebody
    will be asked for more than is needed.
    """
    ground = _ground(rule)
    if not _repeats(ground):
        return
    for statement, word in ((ground, "true"), (x.Not(ground), "false")):
        try:
            ways = list(implicants(statement, pack, seconds, WAYS))
        except Unsettled:
            yield _undecided(rule.name, f"whether everything that makes it {word} is seen to", seconds)
            continue
        for way in ways:
            someone = Someone(_otherwise_ordinary(way.person, ground, pack), way.on, way.answers)
            if not t.is_settled(truth_of(ground, someone, pack)):
                remark = Remark(rule.name, f"is left open where it could only be {word}: it looks at one fact more than once")
                yield Finding(f"weaker-{rule.name}-{word}", remark, someone, rule.id)
                break


def _otherwise_ordinary(person: Person, ground: x.Statement, pack: Pack) -> Person:
    """The person with all that a rule does not look at as the pack's defaults have it."""
    ordinary, _ = read_person(pack.defaults, pack.vocabulary)
    rest = facts_named(ordinary, pack.vocabulary.facts.keys() - x.facts_of(ground))
    return Person(MappingProxyType({**rest.facts, **person.facts}), MappingProxyType({**rest.lists, **person.lists}))


def _repeats(ground: x.Statement) -> bool:
    names = [node.name for node in x.walk(ground) if isinstance(node, (x.Fact, x.Field))]
    names += [f"?{node.question}" for node in x.walk(ground) if isinstance(node, x.Reading)]
    names += [node.list for node in x.walk(ground) if isinstance(node, x.AtLeast)]
    return len(names) > len(set(names))


# --- one rule beside another --------------------------------------------------------------------------------------


def _swallowed(rules: list[Rule], seen: Mapping[str, tuple[t.Truth, ...]], pack: Pack, seconds: float) -> Iterator[Finding]:
    """Rules of one effect of which one is never true without the other."""
    for one, other in permutations(rules, 2):
        shown = (t.TRUE, t.FALSE) in zip(seen[one.name], seen[other.name], strict=True)
        if one.effect == other.effect and _touch(one, other) and not shown:
            yield from _implied(one, other, pack, seconds)


def _touch(one: Rule, other: Rule) -> bool:
    """Two rules with no fact and no question in common cannot imply each other, unless one is true of everybody or nobody."""
    return bool(_looked_at(one) & _looked_at(other))


def _looked_at(rule: Rule) -> frozenset[str]:
    return x.facts_of(_ground(rule)) | x.questions_of(_ground(rule))


def _implied(smaller: Rule, larger: Rule, pack: Pack, seconds: float) -> Iterator[Finding]:
    alone = x.And((_ground(smaller), x.Not(_ground(larger))))
    prover = prover_of(pack, [alone, _ground(smaller)], seconds)
    match prover.holds_of_nobody(prover.reader().statement(alone)):
        case "no":
            return
        case "undecided":
            yield _undecided(smaller.name, f"whether it is ever true without `{larger.name}`", seconds)
        case "yes":
            both = prover.search(prover.reader().statement(x.And((_ground(smaller), _ground(larger)))))
            says = f"is never true without `{larger.name}`, which has the same effect"
            remark = Remark(smaller.name, says, is_fault=smaller.id == larger.id)
            yield Finding(f"swallowed-{smaller.name}-{larger.name}", remark, both.someone, smaller.id)


def _duties(rules: list[Rule], pack: Pack, seconds: float) -> Iterator[Finding]:
    """Duties that nobody can keep together: of everybody, on every day, one of them is breached."""
    kept = [x.Not(_ground(rule)) for rule in rules]
    if not kept:
        return
    prover = prover_of(pack, kept, seconds)
    reader = prover.reader()
    marks = [z3.Bool(f"keeps {rule.name}") for rule in rules]
    formula = z3.And([z3.Implies(mark, reader.statement(duty)) for mark, duty in zip(marks, kept, strict=True)])
    match prover.holds_of_nobody(z3.And(formula, *marks)):
        case "yes":
            names = prover.core(formula, marks)
            duties = " and ".join(f"`{name.removeprefix('keeps ')}`" for name in names)
            yield Finding("duties", Remark(names[0].removeprefix("keeps "), f"nobody can keep {duties} together", is_fault=True))
        case "undecided":
            yield _undecided(pack.id, "whether all duties can be kept together", seconds)


# --- the whole pack -----------------------------------------------------------------------------------------------


def broken(invariant: Invariant, pack: Pack, seconds: float = SECONDS) -> Iterator[Finding]:
    """An invariant that somebody breaks: it is true of him, and he is clear."""
    searched = who_breaks(invariant, pack, seconds)
    place = f"invariant {invariant.id}"
    if searched.found == "undecided":
        yield _undecided(place, invariant.says, seconds)
    if searched.someone is not None:
        yield Finding(f"invariant-{invariant.id}", Remark(place, f"is broken: {invariant.says}", is_fault=True), searched.someone)


def who_breaks(invariant: Invariant, pack: Pack, seconds: float) -> Search:
    grounds = [x.Not(provision.ground) for provision in pack.protective if provision.ground is not None]
    prover = prover_of(pack, [invariant.when, *grounds], seconds)
    found = prover.search(z3.And(prover.reader().statement(invariant.when), is_verdict("clear", prover.reader, pack, other_days(prover.anybody, pack))))
    return _confirmed(found, pack, invariant.when)


def _confirmed(found: Search, pack: Pack, when: x.Statement) -> Search:
    """INVARIANT: nobody is named whom ``reason`` does not find clear."""
    if found.someone is None:
        return found
    so = truth_of(when, found.someone, pack) == t.TRUE and finding_of(found.someone, pack).verdict == "clear"
    return found if so else Search("undecided")


def _clear(pack: Pack, seconds: float) -> Iterator[Finding]:
    """A pack under which nobody is ever clear protects everybody; that may be so, and its author should know."""
    prover = prover_of(pack, [x.Not(provision.ground) for provision in pack.protective if provision.ground is not None], seconds)
    match prover.holds_of_nobody(is_verdict("clear", prover.reader, pack, other_days(prover.anybody, pack))):
        case "yes":
            yield Finding("nobody-clear", Remark(pack.id, "nobody is clear on any day"))
        case "undecided":
            yield _undecided(pack.id, "whether anybody is ever clear", seconds)
