"""The measure of the interview: nobody judged wrong, few questions; and it sees when that is not so."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from rightcall.law.pack import Pack, find_pack
from rightcall.law.question import UNANSWERED
from rightcall.law.reason import days_of, judge
from rightcall.law.turning import without
from rightcall.synthetic.country import Country
from rightcall.synthetic.questioning import Heard, as_data, as_text, hear, measure, must_be_known, people_of

PEOPLE = 120


@cache
def law() -> Pack:
    return find_pack("ru_2022")


@pytest.fixture(scope="module")
def people() -> list[Heard]:
    return list(hear(PEOPLE, 11, law(), UNANSWERED, lambda person, pack, readings, days: len(person.facts), first=5))


def test_nobody_is_judged_wrong_and_the_bars_are_reached(people: list[Heard]) -> None:
    found = measure(people)
    assert (found.contradicted, found.unsettled) == ((), ())
    assert found.passes
    assert found.spreads["protected: questions"].median <= 8
    assert found.spreads["callable: questions"].median < found.spreads["callable: facts that clearing needs"].median


def test_with_the_readings_of_practice_nobody_is_judged_wrong() -> None:
    found = measure(list(hear(40, 12, law(), law().readings("practice"))))
    assert (found.contradicted, found.unsettled) == ((), ())


def test_it_sees_who_is_judged_wrong(people: list[Heard]) -> None:
    cleared = next(one for one in people if one.found == "clear")
    assert measure([*people, replace(cleared, id="x", truly="deferred")]).contradicted == ("x",)
    assert measure([replace(cleared, id="x", found="open")]).unsettled == ("x",)
    assert measure([replace(cleared, id="x", found="deferred", truly="barred")]).contradicted == ()
    assert not measure([*people, replace(cleared, id="x", truly="open")]).passes


def test_the_figures_are_told(people: list[Heard]) -> None:
    text = as_text(measure(people), "because")
    assert "fewest facts that settle a person: not computed, because" in text
    assert "judged otherwise than all the facts say: 0" in text
    assert max(map(len, text.splitlines())) <= 100
    data = as_data(measure(people))
    assert data["contradicted"] == []
    assert sum(spread["people"] for name, spread in data["spreads"].items() if name.endswith("fewest facts")) <= 5


def test_without_a_fact_that_must_be_known_nobody_is_clear() -> None:
    truth = next(person for _, person in people_of(Country(11, 30), law()) if judged(person) == "clear")
    person, days = days_of(truth, law(), None)
    needed = must_be_known(person, law(), UNANSWERED, days)
    for fact in law().vocabulary:
        found = judge(without(person, fact.name), law(), UNANSWERED, days).verdict
        assert (found != "clear") == (fact.name in needed), fact.name


def judged(person) -> str:
    known, days = days_of(person, law(), None)
    return judge(known, law(), UNANSWERED, days).verdict
