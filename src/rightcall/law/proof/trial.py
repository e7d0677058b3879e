"""The mutants of a pack put on trial: which its cases notice, which ``pack check`` does, which mean the same, which live.

Only cases in which the changed provision comes out otherwise than before are judged again; so a trial of all mutants takes
about as long as a few runs of all cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import z3

from rightcall.law import expression as x
from rightcall.law.case import Case, pack_cases, run_case
from rightcall.law.check import Remark, check
from rightcall.law.evaluate import World, evaluate
from rightcall.law.pack import Pack
from rightcall.law.proof.anybody import Symbol
from rightcall.law.proof.meaning import Reader, rows_needed
from rightcall.law.proof.mutation import Mutant, grown, touched
from rightcall.law.proof.prover import Someone
from rightcall.law.proof.scrutiny import faults_of
from rightcall.law.proof.standing import law_of, prover_of
from rightcall.law.provision import Provision
from rightcall.law.reason import days_of, ground_of

Fate = Literal["refused", "case", "check", "same", "alive"]
BAR = 0.03
"""So large a share of mutants may live."""
FATES: tuple[Fate, ...] = ("refused", "case", "check", "same", "alive")


@dataclass(frozen=True)
class Trial:
    """What became of a mutant. ``by``: the case or the fault that caught it; ``someone``: who tells a living one from the pack."""

    mutant: Mutant
    fate: Fate
    by: str = ""
    someone: Someone | None = None
    provision: str = ""


Seen = tuple[object, ...]
"""All that a case may see of a provision: the truth of its ground, what it hangs on, its flags' grounds and its promise."""


class Court:
    """The pack, its cases, and what each case sees of each provision."""

    def __init__(self, pack: Pack, seconds: float = 2.0) -> None:
        self.pack, self.seconds = pack, seconds
        self.cases = pack_cases(pack)
        self._seen: dict[tuple[int, str], Seen] = {}
        self._known_faults = {remark for remark in check(pack) if remark.is_fault}
        self._proven: dict[str, set[Remark]] = {}

    def try_all(self, mutants: Iterable[Mutant]) -> Iterator[Trial]:
        for mutant in mutants:
            yield self.try_one(mutant)

    def try_one(self, mutant: Mutant) -> Trial:
        other = grown(mutant, self.pack)
        if other is None:
            return Trial(mutant, "refused")
        changed = touched(self.pack, other)
        if case := self._caught(other, changed):
            return Trial(mutant, "case", f"{case.place} {case.name}")
        id, someone, undecided = self._told_apart(other, changed)
        if not id:
            return Trial(mutant, "same")
        if fault := next(self._faults(other, changed), ""):
            return Trial(mutant, "check", fault)
        return Trial(mutant, "alive", f"undecided after {self.seconds:g} s" if undecided else "", someone, id)

    def _caught(self, other: Pack, changed: tuple[str, ...]) -> Case | None:
        """The first case that fails, those on the changed pages first."""
        order = sorted(range(len(self.cases)), key=lambda number: self.cases[number].provision not in changed)
        for number in order:
            if self._sees(number, other, changed) and run_case(self.cases[number], other).mismatches:
                return self.cases[number]
        return None

    def _sees(self, number: int, other: Pack, changed: tuple[str, ...]) -> bool:
        """Whether a case sees anything of a changed provision that it did not see before."""
        case = self.cases[number]
        return any(seen(other.provisions[id], case, other) != self._before(number, id) for id in changed)

    def _before(self, number: int, id: str) -> Seen:
        if (number, id) not in self._seen:
            self._seen[number, id] = seen(self.pack.provisions[id], self.cases[number], self.pack)
        return self._seen[number, id]

    def _faults(self, other: Pack, changed: tuple[str, ...]) -> Iterator[str]:
        """The faults that the pack did not have before."""
        yield from (str(remark) for remark in check(other) if remark.is_fault and remark not in self._known_faults)
        yield from (str(remark) for remark in self._proofs(other, changed) if remark not in self._proofs_before(changed))

    def _proofs(self, pack: Pack, ids: tuple[str, ...]) -> Iterator[Remark]:
        return (finding.remark for finding in faults_of(pack, ids, self.seconds))

    def _proofs_before(self, ids: tuple[str, ...]) -> set[Remark]:
        for id in ids:
            if id not in self._proven:
                self._proven[id] = set(self._proofs(self.pack, (id,)))
        return set().union(*(self._proven[id] for id in ids))

    def _told_apart(self, other: Pack, changed: tuple[str, ...]) -> tuple[str, Someone | None, bool]:
        """The first provision that does not mean the same of everybody, somebody who shows it, and whether that is undecided."""
        for id in changed:
            found, someone = difference(self.pack, other, id, self.seconds)
            if found != "same":
                return id, someone, found == "undecided"
        return "", None, False


def seen(provision: Provision, case: Case, pack: Pack) -> Seen:
    """What a case may see of a provision."""
    person, days = days_of(case.person, pack, case.on)
    world = World(person, days.on, days.fact, pack.parameters, case.readings, pack.birthday)
    truths = tuple(None if rule.ground is None else evaluate(rule.ground, world).truth for rule in provision.rules)
    promise = None if provision.promise is None else evaluate(provision.promise, world).truth
    if not provision.protects or provision.ground is None:
        return (truths, promise)
    proof = ground_of(provision, world, days, pack)
    return (truths, promise, proof.truth, proof.facts, proof.questions, proof.marks)


def difference(pack: Pack, other: Pack, id: str, seconds: float) -> tuple[Literal["same", "other", "undecided"], Someone | None]:
    """Whether a provision means the same of everybody in two versions of a pack; else somebody of whom it does not."""
    pairs = list(_pairs(pack.provisions[id], other.provisions[id]))
    if any((one is None) != (two is None) for one, two in pairs):
        return "other", None
    statements = [statement for one, two in pairs for statement in (one, two) if statement is not None]
    both = {**rows_needed(_both_ways(statements), pack.parameters)}
    for listed, number in rows_needed(_both_ways(statements), other.parameters).items():
        both[listed] = max(number, both.get(listed, 0))
    prover = prover_of(pack, _both_ways(statements), seconds, rows=both)
    here = prover.reader()
    there = Reader(prover.anybody, law_of(other), prover.on)
    formula = z3.Or([_apart(one, two, here, there) for one, two in pairs if one is not None and two is not None])
    search = prover.search(formula)
    if search.found == "undecided":
        return "undecided", None
    return ("same", None) if search.found == "no" else ("other", search.someone)


def _pairs(one: Provision, two: Provision) -> Iterator[tuple[x.Statement | None, x.Statement | None]]:
    yield one.ground, two.ground
    if one.promise != one.ground or two.promise != two.ground:
        yield one.promise, two.promise


def _both_ways(statements: list[x.Statement]) -> list[x.Statement]:
    return [way for statement in statements for way in (statement, x.Not(statement))]


def _apart(one: x.Statement, two: x.Statement, here: Reader, there: Reader) -> Symbol:
    """Settled as true in one and not in the other, or settled as false."""
    true = z3.Xor(here.statement(one), there.statement(two))
    false = z3.Xor(here.statement(x.Not(one)), there.statement(x.Not(two)))
    return z3.Or(true, false)


def tally(trials: Iterable[Trial]) -> Mapping[str, dict[Fate, int]]:
    """How many of each kind met which fate."""
    table: dict[str, dict[Fate, int]] = {}
    for trial in trials:
        row = table.setdefault(trial.mutant.kind, dict.fromkeys(FATES, 0))
        row[trial.fate] += 1
    return table


def share_alive(trials: Iterable[Trial]) -> float:
    """The share of living mutants among those that the loader took and that Z3 does not prove to mean the same."""
    fates = [trial.fate for trial in trials if trial.fate not in ("refused", "same")]
    return fates.count("alive") / len(fates) if fates else 0.0
