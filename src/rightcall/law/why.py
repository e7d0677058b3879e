"""Why many people are open: what each statement still hangs on, as columns.

Beside must and may this keeps the values that a statement takes over all answers (``truth``), the facts left in it after the known ones
are folded away, and the questions whose answer matters. The facts are as known; ``evaluate`` is the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from rightcall.law import expression as x
from rightcall.law.calendar import Calendar
from rightcall.law.column import Flag, all_of, any_of, no
from rightcall.law.compiler import Compiler, Layout
from rightcall.law.pack import Pack
from rightcall.law.question import Readings


@dataclass(frozen=True, slots=True)
class Why:
    """Truth of many with its reasons: which values can be taken over all answers, and what it hangs on."""

    true: Flag
    false: Flag
    unknown: Flag
    facts: Mapping[str, Flag] = field(default_factory=dict)
    questions: Mapping[str, Flag] = field(default_factory=dict)

    @property
    def unsettled(self) -> Flag:
        return any_of((self.unknown, all_of((self.true, self.false))))

    @property
    def hangs(self) -> Flag:
        """Some answers lead apart."""
        return any_of((all_of((self.true, self.false)), all_of((self.unknown, any_of((self.true, self.false))))))

    def gated(self, stage: Callable[[Flag, int], Flag] = lambda flag, layer: flag) -> Why:
        """Facts kept where the whole is unsettled, questions where its answers lead apart.

        ``stage`` gives a flag a column of its own: what others are made of must have one, or expressions grow with the
        power of their depth.
        """
        unsettled, hangs = stage(self.unsettled, 0) if self.facts else False, stage(self.hangs, 0) if self.questions else False
        return Why(
            stage(self.true, 0), stage(self.false, 0), stage(self.unknown, 0),
            {name: stage(all_of((need, unsettled)), 1) for name, need in self.facts.items()},
            {name: stage(all_of((ask, hangs)), 1) for name, ask in self.questions.items()},
        )  # fmt: skip

    def __invert__(self) -> Why:
        return replace(self, true=self.false, false=self.true)

    def same_as(self, other: Why) -> Flag:
        """Equal in truth and in the questions that matter."""
        names = {*self.questions, *other.questions}
        pairs = [(self.true, other.true), (self.false, other.false), (self.unknown, other.unknown)]
        pairs += [(self.questions.get(name, False), other.questions.get(name, False)) for name in names]
        return all_of(_equal(left, right) for left, right in pairs)

    def where(self, flag: Flag) -> Why:
        """The same where the flag is set, elsewhere plainly false."""
        return Why(
            all_of((self.true, flag)), any_of((self.false, no(flag))), all_of((self.unknown, flag)),
            {name: all_of((need, flag)) for name, need in self.facts.items()},
            {name: all_of((need, flag)) for name, need in self.questions.items()},
        )  # fmt: skip


def _equal(left: Flag, right: Flag) -> Flag:
    if isinstance(left, bool):
        return right if left else no(right)
    return (left if right else no(left)) if isinstance(right, bool) else left == right


def _merged(maps: Iterable[Mapping[str, Flag]]) -> dict[str, Flag]:
    merged: dict[str, Flag] = {}
    for flags in maps:
        for name, flag in flags.items():
            merged[name] = any_of((merged.get(name, False), flag))
    return merged


def conjunction(below: list[Why]) -> Why:
    """Kleene's *and* over sets of values, operands independent; not yet gated."""
    return Why(
        all_of(why.true for why in below),
        any_of(why.false for why in below),
        all_of((*(any_of((why.true, why.unknown)) for why in below), any_of(why.unknown for why in below))),
        _merged(why.facts for why in below),
        _merged(why.questions for why in below),
    )


def disjunction(below: list[Why]) -> Why:
    """Kleene's *or*, by De Morgan."""
    return ~conjunction([~why for why in below])


class WhyCompiler(Compiler):
    """Turns statements into columns of reasons."""

    def __init__(self, pack: Pack, readings: Readings, layout: Layout, day: Calendar) -> None:
        super().__init__(pack, readings, layout, day)
        self._whys: dict[tuple[x.Statement, str], Why] = {}

    def why(self, node: x.Statement) -> Why:
        """Truth with what it hangs on; the facts as known."""
        key = (node, self.row)
        if key not in self._whys:
            why = self._why(node)
            self._whys[key] = why if isinstance(node, (x.Not, x.Named)) else why.gated(lambda flag, layer: self.staged(flag, 1 + 2 * _height(node) + layer))
        return self._whys[key]

    def _why(self, node: x.Statement) -> Why:
        match node:
            case x.And(items):
                return conjunction([self.why(item) for item in items])
            case x.Or(items):
                return disjunction([self.why(item) for item in items])
            case x.Not(item):
                return ~self.why(item)
            case x.Named(_, _, body):
                return self.why(body)
            case x.Reading(question, part):
                yes, negative = self.answer(question, part)
                return Why(no(negative), no(yes), False, {}, {question: no(any_of((yes, negative)))})
            case x.Under(birth, years):
                return self._why_under(birth, years)
            case x.AtLeast(number, plus, listed, body):
                return self._why_at_least(number, plus, listed, body)
            case _:
                pair = self.pair(node)
                unsettled = all_of((pair.may, no(pair.must)))
                needs = {name: all_of((unsettled, flag)) for name, flag in self._inexact(node)}
                return Why(pair.must, no(pair.may), unsettled, needs)

    def _why_under(self, birth: x.Fact | x.Field, years: x.Number | x.Parameter) -> Why:
        early, late = self.ways(birth, years)
        yes, negative = self.birthday()
        ways = [(early, no(yes)), (late, no(negative))]
        true = any_of(all_of((way.must, counts)) for way, counts in ways)
        false = any_of(all_of((no(way.may), counts)) for way, counts in ways)
        unknown = any_of(all_of((way.may, no(way.must), counts)) for way, counts in ways)
        whole = Why(true, false, unknown)
        unsure = all_of((any_of(all_of((way.may, no(way.must))) for way, _ in ways), whole.unsettled))
        parts: list[x.Operand] = [birth, years, x.On()]
        needs = _merged({name: all_of((unsure, flag))} for part in parts for name, flag in self._inexact_operand(part))
        return replace(whole, facts=needs, questions={self.pack.birthday.question: whole.hangs})

    def _why_at_least(self, number: x.Number | x.Parameter, plus: int, listed: str, body: x.Statement) -> Why:
        with self.in_row(listed):
            row = self.why(body)
        needed = self.parameter(number)
        low, high = needed.low + plus, needed.high + plus
        open_ended = no(self.complete(listed))
        certain = self.count(listed, all_of((row.true, no(row.false), no(row.unknown))))
        can_hold, can_be_unknown = self.count(listed, row.true), self.count(listed, row.unknown)
        not_false = self.count(listed, no(row.false))
        not_certainly_false = self.count(listed, any_of((row.true, row.unknown)))
        enough = not_certainly_false >= low
        vague = any_of((low != high, needed.partial))
        must = all_of(((certain >= high), no(needed.partial)))
        may = any_of((open_ended, enough))
        exact = no(vague)
        doubtful = all_of(((certain < low), any_of((open_ended, all_of(((can_be_unknown >= 1), enough))))))
        true = any_of((all_of((exact, (can_hold >= low))), all_of((vague, must))))
        false = any_of((all_of((exact, no(open_ended), (not_false < low))), all_of((vague, no(may)))))
        unknown = any_of((all_of((exact, doubtful)), all_of((vague, may, no(must)))))
        there = no(needed.none)
        rows = Why(True, True, True, {name: self._some(listed, flag) for name, flag in row.facts.items()},
                   {name: self._some(listed, flag) for name, flag in row.questions.items()})  # fmt: skip
        lacking = dict(self._inexact_operand(number)) | {f"{listed}.complete": open_ended}
        facts = _merged((rows.facts, lacking))
        return Why(all_of((true, there)), any_of((false, no(there))), all_of((unknown, there)), facts, rows.questions)

    def _some(self, listed: str, flag: Flag) -> Flag:
        return self.count(listed, flag) >= 1

    def _inexact(self, node: x.Statement) -> list[tuple[str, Flag]]:
        match node:
            case x.Fact() | x.Field():
                return [(node.name, True)]
            case x.OneOf(subject):
                return [(subject.name, True)]
            case x.InForce():
                return self._inexact_operand(x.On())
            case x.Compare(_, left, right):
                return list(_merged({name: flag} for part in (left, right) for name, flag in self._inexact_operand(part)).items())
            case x.Reached(birth, years):
                parts: list[x.Operand] = [birth, years, x.On()]
                return list(_merged({name: flag} for part in parts for name, flag in self._inexact_operand(part)).items())
            case _:
                raise TypeError(f"`{type(node).__name__}` is no leaf")

    def _inexact_operand(self, node: x.Operand) -> list[tuple[str, Flag]]:
        match node:
            case x.On():
                return [(self.day.fact, self.of_day("inexact", lambda day: not day.exact))]
            case x.Fact() | x.Field():
                if self.pack.vocabulary[node.name].bounded:
                    return [(node.name, self.spans(node.name).inexact)]
                return [(node.name, self.column(node.name).is_null() if self.has(node.name) else True)]
            case x.Parameter(name, by):
                parameter = self.pack.parameters[name]
                varies = self.of_day(("varies", name), parameter.hangs_on_day)
                return [(self.day.fact, varies), *(self._inexact_operand(by) if by else [])]
            case _:
                merged = _merged({name: flag} for part in x.parts(node) for name, flag in self._inexact_operand(cast(x.Operand, part)))
                return list(merged.items())


def _height(node: x.Statement) -> int:
    """How many layers of columns stand below a statement; a quantifier counts its rows elsewhere."""
    match node:
        case x.And(items) | x.Or(items):
            return 1 + max(_height(item) for item in items)
        case x.Not(item) | x.Named(_, _, item):
            return 1 + _height(item)
        case _:
            return 0
