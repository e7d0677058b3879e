"""What is written of an expression can be read back, and is the same tree: of all rules of all packs, and of random ones."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_law import make_law

from conftest import examples
from rightcall.law import expression as x
from rightcall.law.grammar import ParameterType, Scope, Typed, read_statement
from rightcall.law.pack import Pack, find_pack, pack_names
from rightcall.law.writing import written


def scope_of(pack: Pack, part: str) -> Scope:
    kinds: dict[str, ParameterType] = {name: parameter.type for name, parameter in pack.parameters.items()}
    terms: dict[str, Typed] = dict(pack.terms)
    return Scope(pack.vocabulary, kinds, terms, frozenset(pack.questions), part)


def flat(node: x.Statement) -> x.Statement:
    """The same without times in force, brackets that change nothing, and the part of a rule that asks (a term asks for none)."""
    match node:
        case x.And(items) | x.Or(items):
            kind = type(node)
            below = [flat(item) for item in items if not isinstance(item, x.InForce)]
            spread = [part for item in below for part in (item.items if isinstance(item, kind) else (item,))]  # type: ignore[attr-defined]
            return spread[0] if len(spread) == 1 else kind(tuple(spread))
        case x.Not(item):
            return x.Not(flat(item))
        case x.AtLeast(number, plus, listed, body):
            return x.AtLeast(number, plus, listed, flat(body))
        case x.Named(name, says, body):
            return x.Named(name, says, flat(body))
        case x.Reading(question):
            return x.Reading(question)
        case _:
            return node


def assert_reads_back(pack: Pack) -> None:
    for rule in pack.rules:
        if rule.condition is not None and not isinstance(rule.condition, x.InForce):
            text = written(rule.condition)
            assert flat(read_statement(text, scope_of(pack, rule.name))) == flat(rule.condition), text


@cache
def law(name: str) -> Pack:
    return find_pack(name)


@pytest.mark.parametrize("name", pack_names())
def test_rules_of_packs_read_back(name: str) -> None:
    assert_reads_back(law(name))


@settings(max_examples=examples(30))
@given(st.randoms(use_true_random=False))
def test_random_rules_read_back(random: Random) -> None:
    assert_reads_back(make_law(random).pack)
