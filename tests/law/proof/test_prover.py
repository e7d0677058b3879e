"""The third reader: what Z3 is told of a statement is what `evaluate` says of it, of anybody of whom everything is known."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_law import OFTEN, Dice, make_law, make_somebody

from conftest import examples
from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.case import pack_cases
from rightcall.law.evaluate import World, evaluate
from rightcall.law.pack import Pack, find_pack, pack_names
from rightcall.law.person import NO_ROWS, Person
from rightcall.law.proof.meaning import Law, rows_needed
from rightcall.law.proof.prover import Prover
from rightcall.law.proof.standing import prover_of
from rightcall.law.proof.witness import truth_of
from rightcall.law.question import UNANSWERED, Readings
from rightcall.law.value import Span, day_number, exactly

RANDOMS = st.randoms(use_true_random=False)


def said_by_z3(statement: x.Statement, person: Person, on: int, pack: Pack, readings: Readings) -> tuple[bool, bool]:
    """Whether Z3 finds that a statement may be settled as true of a person, and as false."""
    rows = {name: len(listed.rows) for name, listed in person.lists.items()}
    prover = Prover(Law(pack.vocabulary, pack.parameters, pack.birthday, readings), rows, seconds=60)
    true, false = prover.reader().statement(statement), prover.reader().statement(x.Not(statement))
    known = [prover.on.falls_on(on)]
    known += [prover.anybody.is_so(name, person.facts[name]) for name in prover.anybody.known_facts]
    for name in prover.anybody.known_lists:
        known.append(prover.anybody.length(name) == len(person.lists[name].rows))
        for place, row in enumerate(person.lists[name].rows):
            known += [prover.anybody.field_is_so(name, place, field, value) for field, value in row.items()]
    answers = [prover.model(formula, known)[0] for formula in (true, false)]
    assert "undecided" not in answers
    return answers[0] == "yes", answers[1] == "yes"


def agrees(truth: t.Truth, said: tuple[bool, bool]) -> bool:
    """Settled is settled alike; unknown for want of a value in the law is neither; a question at most as wide as `evaluate` has it."""
    if t.is_settled(truth):
        return said == (truth == t.TRUE, truth == t.FALSE)
    if truth == t.UNKNOWN:
        return said == (False, False)
    return any(said) or bool(truth & t.UNKNOWN)


@settings(max_examples=examples(12))
@given(random=RANDOMS)
def test_z3_means_what_evaluate_means(random: Random) -> None:
    dice = Dice(random)
    law = make_law(random)
    for _ in range(3):
        person, on = make_somebody(law, dice, doubt=0).person(law), day_number(dice.one(OFTEN))
        world = World(person, exactly(on), "date.decision", law.pack.parameters, law.readings, law.pack.birthday)
        for ground in (rule.ground for rule in law.pack.rules if rule.ground is not None):
            assert agrees(evaluate(ground, world).truth, said_by_z3(ground, person, on, law.pack, law.readings)), (ground, person, on)


def complete_cases(pack: Pack) -> Iterator[tuple[x.Statement, Person, int, Readings]]:
    """Rules of a pack with people of its cases of whom everything is known that the rule looks at."""
    for number, case in enumerate(pack_cases(pack)):
        for rule in pack.provisions[case.provision].rules if number % 4 == 0 and case.on.exact else ():
            if rule.ground is not None and _known(case.person, x.facts_of(rule.ground)):
                yield rule.ground, case.person, case.on.low, case.readings


def _known(person: Person, names: frozenset[str]) -> bool:
    return all(_all_exact(_values(person, name)) for name in names)


def _values(person: Person, name: str) -> list[object]:
    """What is known of a fact: of a field in every row, of a list whether it is complete."""
    listed, _, field = name.partition("[].")
    if field:
        return [row.get(field) for row in person.lists.get(listed, NO_ROWS).rows]
    listed = name.removesuffix(".complete")
    if listed != name or name in person.lists:
        return [person.lists.get(listed, NO_ROWS).complete or None]
    return [person.facts.get(name)]


def _all_exact(values: list[object]) -> bool:
    return all(value is not None and (not isinstance(value, Span) or value.exact) for value in values)


@pytest.mark.parametrize("name", pack_names())
def test_z3_means_what_evaluate_means_of_the_people_of_the_cases(name: str) -> None:
    pack, seen = find_pack(name), set()
    for ground, person, on, readings in complete_cases(pack):
        world = World(person, exactly(on), "", pack.parameters, readings, pack.birthday)
        truth = evaluate(ground, world).truth
        assert agrees(truth, said_by_z3(ground, person, on, pack, readings)), (ground, person, on)
        seen.add(truth)
    assert {t.TRUE, t.FALSE} <= seen


@pytest.mark.parametrize("name", pack_names())
def test_everybody_whom_z3_names_is_what_he_is_named_for(name: str) -> None:
    """The way back: of every rule somebody of whom it is true, and somebody of whom it is false."""
    pack = find_pack(name)
    for rule in pack.rules:
        for wanted in (rule.ground, x.Not(rule.ground)) if rule.ground is not None else ():
            prover = prover_of(pack, [wanted], seconds=60)
            search = prover.search(prover.reader().statement(wanted))
            assert search.found == "yes", rule.name
            assert search.someone is not None
            assert truth_of(wanted, search.someone, pack) == t.TRUE, (rule.name, search.someone)


def test_rows_enough_for_all_counts_together() -> None:
    pack = find_pack("ru_2022")
    four = pack.provisions["RU22-18-1-4a"].ground
    three = pack.provisions["RU22-18-1-4.1"].ground
    assert four is not None
    assert three is not None
    assert rows_needed([four], pack.parameters) == {"children": 4}
    assert rows_needed([x.Not(four)], pack.parameters) == {}
    assert rows_needed([four, three], pack.parameters) == {"children": 4}
    assert rows_needed([x.Not(x.Not(four))], pack.parameters) == {"children": 4}


def test_what_cannot_be_settled_in_time_is_undecided() -> None:
    pack = find_pack("ru_2022")
    ground = pack.provisions["RU22-GS-3658"].ground
    assert ground is not None
    prover = prover_of(pack, [ground, x.Not(ground)], seconds=0.001)
    formula = prover.reader().statement(x.And((ground, x.Not(ground))))
    assert prover.holds_of_nobody(formula) in ("undecided", "yes")


def test_more_rows_than_are_looked_at_is_undecided() -> None:
    pack = find_pack("ru_2022")
    prover = prover_of(pack, [], rows={"children": 99})
    impossible = x.And((x.Fact("person.alive"), x.Not(x.Fact("person.alive"))))
    assert prover.holds_of_nobody(prover.reader().statement(impossible)) == "undecided"
    assert prover_of(pack, []).holds_of_nobody(prover_of(pack, []).reader().statement(impossible)) == "yes"


def test_readings_answer_for_z3_as_well() -> None:
    pack = find_pack("ru_2022")
    ground = pack.provisions["RU22-53FZ-8e"].ground
    assert ground is not None
    for readings, found in ((UNANSWERED, "yes"), (pack.readings("practice"), "yes"), (no("ABROAD"), "no")):
        prover = prover_of(pack, [ground], readings=readings)
        assert prover.search(prover.reader().statement(ground)).found == found


def no(question: str) -> Readings:
    from rightcall.law.question import answered

    return answered({question: False})
