"""The verdict on anybody as a formula: who is barred, deferred, open or clear, the other days that may count included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import z3

from rightcall.law import expression as x
from rightcall.law.account import read_person
from rightcall.law.case import pack_cases
from rightcall.law.evaluate import Sign
from rightcall.law.pack import Pack
from rightcall.law.proof.anybody import Anybody, Date, Symbol
from rightcall.law.proof.meaning import Law, Open, Reader, rows_needed
from rightcall.law.proof.prover import Prover
from rightcall.law.provision import Provision
from rightcall.law.question import UNANSWERED, Readings
from rightcall.law.reason import Verdict


def law_of(pack: Pack, readings: Readings = UNANSWERED) -> Law:
    return Law(pack.vocabulary, pack.parameters, pack.birthday, readings)


def prover_of(
    pack: Pack, statements: Iterable[x.Statement], seconds: float = 5.0, readings: Readings = UNANSWERED, rows: Mapping[str, int] | None = None
) -> Prover:
    """A prover that may be asked whether statements of a pack can be true; whom it names is like the person whom the cases vary."""
    ordinary, _ = read_person(pack.defaults, pack.vocabulary)
    rows = rows_needed(statements, pack.parameters) if rows is None else rows
    return Prover(law_of(pack, readings), rows, ordinary, usual_day(pack), seconds)


@lru_cache(maxsize=16)
def usual_day(pack: Pack) -> int | None:
    """The day on which most cases of a pack are judged."""
    days = [case.on.low for case in pack_cases(pack) if case.on.exact]
    return max(sorted(set(days)), key=days.count, default=None)


def other_days(anybody: Anybody, pack: Pack) -> list[Date]:
    """The other days that may count, as facts of anybody."""
    return [anybody.fact(name) for name in pack.reference.also]


Read = Callable[[Date | None, Open], Reader]
"""A reader on a day (none: the day judged), with open questions as said. A prover's ``reader`` is one; each side of a comparison has its own."""


def ground_of(provision: Provision, read: Read, pack: Pack, others: Iterable[Date], sign: Sign = 1, open: Open = "free") -> Symbol:
    """The ground on the day judged or, by the question of the day that counts, on one of the other days; as ``reason`` has it."""
    assert provision.ground is not None
    today = read(None, open)
    held = today.statement(provision.ground, sign=sign)
    elsewhere = [z3.And(z3.Not(day.absent), read(day, open).statement(provision.ground, sign=sign)) for day in others]
    return z3.Or(held, z3.And(today.answer(pack.reference.question, provision.id, sign), z3.Or(elsewhere))) if elsewhere else held


def is_verdict(verdict: Verdict, read: Read, pack: Pack, others: Iterable[Date], open: Open = "free") -> Symbol:
    """That the verdict comes out. With ``against`` as ``open`` it comes out whatever the answers to open questions."""
    grounds, days = [provision for provision in pack.protective if provision.ground is not None], list(others)

    def held(*effects: str) -> Symbol:
        return z3.Or([ground_of(provision, read, pack, days, 1, open) for provision in grounds if provision.effect in effects])

    if verdict == "barred":
        return held("bars")
    if verdict == "deferred":
        return z3.And(z3.Not(held("bars")), held("defers"))
    possible = z3.Or([ground_of(provision, read, pack, days, -1, open) for provision in grounds])
    return z3.Not(possible) if verdict == "clear" else z3.And(possible, z3.Not(held("bars", "defers")))
