"""Flips as a theorem: for each two verdicts, somebody who has the one under one state of law and the other under another, or that there is nobody.

Everything is known of such a person, and no question is answered that the readings leave open. Each is asked of ``reason`` before he is
named. Needs Z3 (the extra ``check``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import z3

from rightcall.law import expression as x
from rightcall.law.compare import Side
from rightcall.law.proof.anybody import Anybody, Date, Symbol, known_date
from rightcall.law.proof.prove import Answered, Law, Open, Prover, Reader, Someone, rows_needed
from rightcall.law.proof.standing import is_verdict, law_of, prover_of
from rightcall.law.proof.witness import differences
from rightcall.law.reason import VERDICTS, Finding, Verdict, days_of, judge
from rightcall.law.value import as_date, exactly

SECONDS = 10.0
_NOT_THERE = object()


@dataclass(frozen=True, slots=True)
class Flip:
    """A kind of flip, whether there is anybody of it, and who; with what is found of him on both sides."""

    before: Verdict
    after: Verdict
    found: Answered
    someone: Someone | None = None
    findings: tuple[Finding, Finding] | None = None


@dataclass(frozen=True)
class _View:
    """Anybody as one side sees him."""

    anybody: Anybody
    law: Law
    on: Date

    def reader(self, on: Date | None = None, open: Open = "free") -> Reader:
        return Reader(self.anybody, self.law, on or self.on, open)


def flips_between(before: Side, after: Side, seconds: float = SECONDS) -> Iterator[Flip]:
    """Every kind of flip, decided. Both packs must have the same facts (``comparable``)."""
    statements = [way for side in (before, after) for ground in _grounds(side) for way in (ground, x.Not(ground))]
    rows = {name: max(found.get(name, 0) for found in _rows(statements, before, after)) for name in before.pack.vocabulary.facts}
    prover = prover_of(before.pack, statements, seconds, before.readings, {name: number for name, number in rows.items() if number})
    if before.on is not None:
        prover.day = before.on.low
    for one, other in permutations(VERDICTS, 2):
        yield _flip(one, other, (before, after), prover)


def comparable(before: Side, after: Side) -> bool:
    """Whether the same person can be looked at on both sides."""
    return before.pack.vocabulary == after.pack.vocabulary


def _grounds(side: Side) -> list[x.Statement]:
    return [provision.ground for provision in side.pack.protective if provision.ground is not None]


def _rows(statements: list[x.Statement], *sides: Side) -> list[dict[str, int]]:
    return [rows_needed(statements, side.pack.parameters) for side in sides]


def _flip(one: Verdict, other: Verdict, sides: tuple[Side, Side], prover: Prover) -> Flip:
    days = tuple(known_date(side.on.low) if side.on is not None else prover.on for side in sides)
    formula = z3.And([_comes_out(verdict, side, on, prover) for verdict, side, on in zip((one, other), sides, days, strict=True)])
    search = prover.search(formula)
    if search.someone is None:
        return Flip(one, other, search.found)
    findings = (_finding(search.someone, sides[0]), _finding(search.someone, sides[1]))
    agreed = (findings[0].verdict, findings[1].verdict) == (one, other)
    return Flip(one, other, "yes", search.someone, findings) if agreed else Flip(one, other, "undecided")


def _comes_out(verdict: Verdict, side: Side, on: Date, prover: Prover) -> Symbol:
    view = _View(prover.anybody, law_of(side.pack, side.readings), on)
    others = [prover.anybody.fact(name) for name in side.pack.reference.also]
    return is_verdict(verdict, view, side.pack, others, "against")


def _finding(someone: Someone, side: Side) -> Finding:
    on = side.on if side.on is not None else exactly(someone.on)
    person, days = days_of(someone.person, side.pack, on)
    return judge(person, side.pack, side.readings, days)


def changed_grounds(flip: Flip) -> tuple[str, ...]:
    """The provisions that come out otherwise for the person of a flip, or stand on one side only: they are why."""
    assert flip.findings is not None
    before, after = (finding.truths for finding in flip.findings)
    proven = {id for finding in flip.findings for id in finding.proofs}
    return tuple(id for id in dict.fromkeys([*before, *after]) if id in proven and before.get(id, _NOT_THERE) != after.get(id, _NOT_THERE))


def told(flip: Flip, before: Side, after: Side) -> str:
    """The person of a flip in a line: of all that is known of him what the changed grounds look at."""
    assert flip.someone is not None
    pages = [side.pack.provisions[id] for side in (before, after) for id in changed_grounds(flip) if id in side.pack.provisions]
    looked_at = {name.partition("[]")[0] for page in pages if page.ground is not None for name in x.facts_of(page.ground)}
    facts = differences(flip.someone, before.pack)
    on = f"on {as_date(flip.someone.on)}: " if before.on is None else ""
    return on + ("; ".join(f"{name} = {value}" for name, value in facts.items() if name in looked_at) or "the usual person of the cases")
