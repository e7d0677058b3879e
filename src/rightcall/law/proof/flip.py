"""Flips as a theorem: for each two verdicts, somebody who has the one under one state of law and the other under another, or that there is nobody.

Everything is known of such a person, and no question is answered that the readings leave open. Each is asked of ``reason`` before he is
named. Needs Z3 (the extra ``check``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

import z3

from rightcall.law import expression as x
from rightcall.law.compare import Side
from rightcall.law.pack import Pack
from rightcall.law.proof.anybody import Date, Symbol, known_date
from rightcall.law.proof.meaning import Open, Reader, rows_needed
from rightcall.law.proof.prover import Answered, Prover, Someone
from rightcall.law.proof.standing import is_verdict, law_of, other_days, prover_of
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


def flips_between(before: Side, after: Side, seconds: float = SECONDS) -> Iterator[Flip]:
    """Every kind of flip, decided. Both packs must have the same facts (``comparable``)."""
    statements = [way for side in (before, after) for ground in _grounds(side) for way in (ground, x.Not(ground))]
    prover = prover_of(before.pack, statements, seconds, before.readings, _rows(statements, before.pack, after.pack))
    if before.on is not None:
        prover.day = before.on.low
    for one, other in permutations(VERDICTS, 2):
        yield _flip(one, other, (before, after), prover)


def comparable(before: Side, after: Side) -> bool:
    """Whether the same person can be looked at on both sides."""
    return before.pack.vocabulary == after.pack.vocabulary


def _grounds(side: Side) -> list[x.Statement]:
    return [provision.ground for provision in side.pack.protective if provision.ground is not None]


def _rows(statements: list[x.Statement], one: Pack, other: Pack) -> Mapping[str, int]:
    """As many rows of each list as the counts of both packs need, by whichever has the larger value of a parameter that both have."""
    ways = [rows_needed(statements, {**first, **second}) for first, second in permutations((one.parameters, other.parameters))]
    return {name: max(way.get(name, 0) for way in ways) for name in dict.fromkeys(name for way in ways for name in way)}


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
    law = law_of(side.pack, side.readings)

    def read(day: Date | None, open: Open) -> Reader:
        return Reader(prover.anybody, law, on if day is None else day, open)

    return is_verdict(verdict, read, side.pack, other_days(prover.anybody, side.pack), "against")


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
