"""What a pack leaves to be desired, for its author: dates with gaps or overlaps, facts that feed nothing, missing cases.

The loader refuses what is wrong; ``check`` tells what is doubtful. Remarks are for people to read; a fault is something that a
finished pack does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from rightcall.law import expression as x
from rightcall.law.pack import Pack, facts_used
from rightcall.law.parameter import DatedParameter
from rightcall.law.provision import Provision, Rule
from rightcall.law.words import day_words

OUTCOMES = (True, False, "unknown")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at."""

    place: str
    says: str
    is_fault: bool = False

    def __str__(self) -> str:
        return f"{'fault' if self.is_fault else 'remark'}: {self.place}: {self.says}"


def check(pack: Pack) -> list[Remark]:
    """All remarks on a pack, faults first."""
    remarks = [*_provisions(pack), *_parameters(pack), *_facts(pack), *_questions(pack)]
    return sorted(remarks, key=lambda remark: not remark.is_fault)


def _provisions(pack: Pack) -> Iterator[Remark]:
    for provision in pack.provisions.values():
        if provision.ground is not None:
            yield from _cases(provision)
        if not provision.sources:
            yield Remark(provision.id, "no source", is_fault=provision.grade != "A")
        for source in provision.sources:
            if source not in pack.sources:
                yield Remark(provision.id, f"the source `{source}` is not in sources.md", is_fault=True)
        for escalation in provision.escalations:
            yield Remark(provision.id, f"escalated: {escalation}")
        for effect in {rule.effect for rule in provision.rules}:
            yield from _times(provision.id, [rule for rule in provision.rules if rule.effect == effect])


def _cases(provision: Provision) -> Iterator[Remark]:
    stated = [case.get("ground") for case in provision.cases]
    for outcome in OUTCOMES:
        if not any(type(ground) is type(outcome) and ground == outcome for ground in stated):
            yield Remark(provision.id, f"no case makes it {str(outcome).lower()}", is_fault=True)


def _times(id: str, rules: list[Rule]) -> Iterator[Remark]:
    """Gaps between the alternatives of a provision. Overlaps are told only of rules that could replace each other."""
    dated = sorted((rule for rule in rules if rule.condition), key=lambda rule: (rule.start is not None, rule.start or 0))
    for earlier, later in pairwise(dated):
        if earlier.end is not None and later.start is not None and earlier.end < later.start:
            yield Remark(id, f"nothing is in force from {day_words(earlier.end)} until {day_words(later.start)}")
        elif earlier.end is not None and later.start is not None and earlier.end > later.start and earlier.start != later.start:
            yield Remark(id, f"`{earlier.part}` and `{later.part}` overlap from {day_words(later.start)} until {day_words(earlier.end)}")


def _parameters(pack: Pack) -> Iterator[Remark]:
    for parameter in pack.parameters.values():
        for earlier, later in pairwise(parameter.entries):
            if earlier.end is not None and later.start is not None and earlier.end < later.start:
                yield Remark(parameter.name, f"no value from {day_words(earlier.end)} until {day_words(later.start)}", is_fault=True)
        for rule in _users(pack.rules, parameter.name):
            yield from _uncovered(rule, parameter)


def _users(rules: Iterable[Rule], name: str) -> Iterator[Rule]:
    for rule in rules:
        if rule.condition and any(isinstance(node, x.Parameter) and node.name == name for node in x.walk(rule.condition)):
            yield rule


def _uncovered(rule: Rule, parameter: DatedParameter) -> Iterator[Remark]:
    """A rule in force on days on which its parameter has no value is unknown on those days."""
    first, last = parameter.entries[0], parameter.entries[-1]
    if first.start is not None and (rule.start is None or rule.start < first.start):
        yield Remark(rule.name, f"`{parameter.name}` has no value before {day_words(first.start)}, the rule is in force earlier")
    if last.end is not None and (rule.end is None or rule.end > last.end):
        yield Remark(rule.name, f"`{parameter.name}` has no value from {day_words(last.end)}, the rule is in force longer")


def _facts(pack: Pack) -> Iterator[Remark]:
    used = facts_used(pack) | {deadline.after for deadline in pack.deadlines.values()}
    for fact in pack.vocabulary:
        if fact.name not in used:
            yield Remark(fact.name, "feeds no condition; it is context for people")
        elif not fact.ask:
            yield Remark(fact.name, "has no question that could be asked", is_fault=True)


def _questions(pack: Pack) -> Iterator[Remark]:
    read = {name for rule in pack.rules if rule.ground for name in x.questions_of(rule.ground)}
    read |= {pack.birthday.question, pack.reference.question}
    flagged = {flag.point for rule in pack.rules for flag in rule.flags} | {fact.point for fact in pack.vocabulary}
    for question in pack.questions:
        if question not in read:
            yield Remark(question, "is only shown beside a result" if question in flagged else "is read and shown by no rule")
    for name, term in pack.terms.items():
        if not any(_uses(rule, term.node) for rule in pack.rules):
            yield Remark(name, "is a term that no rule uses")


def _uses(rule: Rule, node: object) -> bool:
    """Whether a term's own tree stands in a rule (counts vanish when compared, so their body is looked for)."""
    wanted = getattr(node, "body", node)
    trees = [tree for tree in (rule.condition, *(flag.when for flag in rule.flags)) if tree is not None]
    return any(part in (node, wanted) for tree in trees for part in x.walk(tree))
