"""What may be assumed of a person whom nobody has asked yet (``unless_told``): only what can never protect him.

The asking pass exists to tell "ask him" from "a record is missing". An assumption that could make a ground true would clear
up nothing and protect on a guess, so the loader refuses it. The check is by polarity and errs towards refusing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.evaluate import Birthday, World, evaluate
from rightcall.law.parameter import DatedParameter
from rightcall.law.person import Known, Person
from rightcall.law.provision import Provision
from rightcall.law.question import UNANSWERED
from rightcall.law.value import ANY, exactly
from rightcall.law.vocabulary import FactType, Vocabulary


def assumed(fact: FactType) -> Known:
    """The value that a fact takes in the asking pass, or nothing."""
    value = fact.unless_told
    return exactly(value) if isinstance(value, int) and not isinstance(value, bool) else value


def assumptions(vocabulary: Vocabulary) -> dict[str, Known]:
    """All facts with a value to assume, list completeness included."""
    return {fact.name: assumed(fact) for fact in vocabulary if fact.unless_told is not None}


def assumptions_that_protect(
    vocabulary: Vocabulary, provisions: Iterable[Provision], parameters: Mapping[str, DatedParameter], birthday: Birthday
) -> Iterator[tuple[str, str]]:
    """Pairs of fact and provision where the assumption could turn a ground true."""
    for name, value in assumptions(vocabulary).items():
        for provision in provisions:
            if could_protect(name, value, (provision,), parameters, birthday):
                yield name, provision.id


def could_protect(name: str, value: Known, provisions: Iterable[Provision], parameters: Mapping[str, DatedParameter], birthday: Birthday) -> bool:
    """Whether a value of a fact could make some ground true."""
    world = World(Person().told(name, value), ANY, "", parameters, UNANSWERED, birthday)
    return any(provision.ground is not None and _could_protect(provision.ground, name, world, positive=True) for provision in provisions)


def _could_protect(node: x.Statement, name: str, world: World, positive: bool) -> bool:
    if name not in x.facts_of(node):
        return False
    match node:
        case x.And(items) | x.Or(items):
            return any(_could_protect(item, name, world, positive) for item in items)
        case x.Not(item):
            return _could_protect(item, name, world, not positive)
        case x.Named(_, _, body):
            return _could_protect(body, name, world, positive)
        case x.AtLeast(number, _, listed, body):
            counted = name == f"{listed}.complete" and not positive
            return name in x.facts_of(number) or counted or _could_protect(body, name, world, positive)
        case _:
            return evaluate(node, world).truth != (t.FALSE if positive else t.TRUE)
