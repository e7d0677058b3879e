"""Numbers with decimals: read as they are written, held in their smallest unit, compared only with their like, shown as they were written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from frames import differences, frames_of, in_bulk
from hypothesis import given, settings
from hypothesis import strategies as st
from small import find, page, small_pack, somebody, truth

from conftest import examples
from rightcall.law.grammar import Scope, Unreadable, read_statement
from rightcall.law.pack import Pack
from rightcall.law.problem import Refused
from rightcall.law.question import UNANSWERED
from rightcall.law.reason import days_of, judge
from rightcall.law.value import day_number, exactly, in_units, unit_words
from rightcall.screening.explanation import as_text, explain

ON = date(2022, 10, 10)
FACTS = """+["work.load"]
type = "integer"
decimals = 2
none = "absent"
["work.extra"]
type = "integer"
decimals = 2
["work.share"]
type = "integer"
decimals = 3
["work.assumed"]
type = "integer"
decimals = 2
unless_told = 0.5
[jobs]
type = "list"
[jobs.row.load]
type = "integer"
decimals = 2
"""
PARAMETERS = """+[[load_needed]]
until = 2022-10-05
value = 0.8
decimals = 2
cite = "c"
[[load_needed]]
from = 2022-10-05
value = 0.75
decimals = 2
cite = "c"
"""


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pack]:
    return lambda when: small_pack(tmp_path_factory.mktemp("pack"), page(f"when = '{when}'"), facts=FACTS, parameters=PARAMETERS)


# --- units --------------------------------------------------------------------------------------------------------

written = st.decimals(-1000, 1000, places=4).map(lambda number: format(number, "f"))


@settings(max_examples=examples(300))
@given(text=written, decimals=st.integers(0, 4))
def test_units_are_those_of_decimal_arithmetic(text: str, decimals: int) -> None:
    scaled = Decimal(text).scaleb(decimals)
    assert in_units(text, decimals) == (int(scaled) if scaled == scaled.to_integral_value() else None)
    assert in_units(float(text), decimals) == in_units(text, decimals)


@settings(max_examples=examples(300))
@given(units=st.integers(-(10**8), 10**8), decimals=st.integers(0, 4))
def test_what_is_shown_reads_as_the_same_number(units: int, decimals: int) -> None:
    shown = unit_words(units, decimals)
    assert in_units(shown, decimals) == units
    assert Decimal(shown) == Decimal(units).scaleb(-decimals)
    assert not shown.endswith(".")
    assert not ("." in shown and shown.endswith("0"))


# --- rules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "load", "holds"),
    [
        ("work.load >= 0.75", 0.75, True),
        ("work.load >= 0.75", 0.74, False),
        ("0.75 <= work.load", 0.74, False),
        ("work.load >= 1", 1, True),
        ("work.load >= 1", 0.99, False),
        ("work.load == 0.5", 0.50, True),
        ("work.load in {0.5, 1}", 1.0, True),
        ("work.load in {0.5, 1}", 0.51, False),
        ("work.load not in {0.5, 1}", 0.51, True),
        ("work.load > -0.5", -0.49, True),
        ("work.load + 0.25 >= 1", 0.75, True),
        ("work.load + 0.25 >= 1", 0.74, False),
        ("0.5 < work.load < 0.75", 0.6, True),
        ("work.load >= 0.75", [0.5, 1], None),
        ("work.load >= 0.75", [0.75, 1], True),
        ("work.load >= 0.75", None, False),
        ("work.load >= load_needed", 0.75, True),
        ("work.load >= load_needed", 0.74, False),
        ("work.load >= load_needed + 0.25", 0.99, False),
    ],
)
def test_a_literal_is_in_the_unit_of_its_fact(when: str, load: object, holds: bool | None, make: Callable[[str], Pack]) -> None:
    assert truth(make(when), ON, work__load=load) is holds


def test_a_parameter_has_its_decimals_on_every_day(make: Callable[[str], Pack]) -> None:
    pack = make("work.load >= load_needed")
    assert truth(pack, date(2022, 10, 4), work__load=0.79) is False
    assert truth(pack, date(2022, 10, 5), work__load=0.79) is True


def test_rows_have_decimals(make: Callable[[str], Pack]) -> None:
    pack = make("count(j.load >= 0.5 for j in jobs) >= 2")
    assert truth(pack, ON, jobs=[0.5, 0.75]) is True
    assert truth(pack, ON, jobs=[0.5, 0.49]) is False


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("work.load >= 0.755", "numbers with 2 and with 3 decimals do not go together"),
        ("work.load >= work.share", "numbers with 2 and with 3 decimals do not go together"),
        ("work.load >= children_needed", "numbers with 2 and with 0 decimals do not go together"),
        ("health.grade >= load_needed", "numbers with 0 and with 2 decimals do not go together"),
        ("health.grade >= 0.5", "numbers with 0 and with 1 decimals do not go together"),
        ("health.grade in {1, 0.5}", "numbers with 0 and with 1 decimals do not go together"),
        ("work.load + work.share >= 1", "numbers with 2 and with 3 decimals do not go together"),
        ("on >= study.since + work.load", "numbers with 0 and with 2 decimals do not go together"),
        ("count(c.dependent for c in children) >= 1.5", "a count is compared with an integer"),
        ("count(c.dependent for c in children) >= load_needed", "a count is compared with an integer"),
        ("under(person.birth_date, 18.5)", "needs a number of years"),
        ("under(person.birth_date, load_needed)", "needs a number of years"),
        ("on >= add(study.since, months=1.5)", "it is written"),
        ("work.load >= 1e-1", "`1e-1` is not a number of the expression language"),
        ("work.load >= 0.00001", "is not a number of the expression language"),
        ("work.load >= 1_0.5", "is not a number of the expression language"),
        ("work.load >= 1000001.5", "the number is larger than"),
    ],
)
def test_numbers_of_different_units_do_not_go_together(when: str, says: str, make: Callable[[str], Pack]) -> None:
    pack = make("person.alive")
    types = {name: parameter.type for name, parameter in pack.parameters.items()}
    with pytest.raises(Unreadable) as caught:
        read_statement(when, Scope(pack.vocabulary, types, pack.terms, frozenset(pack.questions)))
    assert says in caught.value.message


def test_an_assumption_is_in_the_unit_of_its_fact(make: Callable[[str], Pack]) -> None:
    """Assumed in the asking pass only: 0.5 settles it against the ground, so all that is left is to ask."""
    finding = find(make("work.assumed >= 0.75"), ON)
    assert (finding.verdict, finding.cause) == ("open", "ask")
    finding = find(make("work.extra >= 0.75"), ON)
    assert (finding.verdict, finding.cause) == ("open", "evidence")


def test_an_explanation_shows_what_was_written(make: Callable[[str], Pack]) -> None:
    pack = make("work.load >= load_needed and work.extra in {0.5, 1} and work.share > 0.125")
    person, days = days_of(somebody(pack, work__load=0.75, work__extra=0.5, work__share=[0.2, 0.25]), pack, exactly(day_number(ON)))
    text = as_text(explain("p", person, pack, UNANSWERED, days))
    assert "work: load (0.75) is at least load needed (0.75)" in text
    assert "work: extra is 0.5 or 1 (on record: 0.5)" in text
    assert "work: share (between 0.2 and 0.25) is more than 0.125" in text
    assert "75" not in text.replace("0.75", "")


LOADS = st.one_of(st.none(), st.integers(0, 120).map(lambda units: units / 100), st.tuples(st.integers(0, 120), st.integers(0, 120)).map(sorted))


@settings(max_examples=examples(30))
@given(loads=st.lists(LOADS, min_size=1, max_size=6), limit=st.integers(0, 120))
def test_bulk_says_what_reason_says(loads: list[object], limit: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    when = f"work.load + 0.25 >= {unit_words(limit, 2)} or work.load in {{0.25, 0.5}}"
    pack = small_pack(tmp_path_factory.mktemp("pack"), page(f"when = '{when}'"), facts=FACTS)
    given = [[end / 100 for end in load] if isinstance(load, list) else load for load in loads]
    people = [somebody(pack, work__load=load) if load is not None else somebody(pack) for load in given]
    on = exactly(day_number(ON))
    for bounds in (False, True):
        for person, row in zip(people, in_bulk(frames_of(people, pack, bounds), pack, UNANSWERED, on), strict=True):
            told, days = days_of(person, pack, on)
            assert differences(judge(told, pack, UNANSWERED, days), row, pack) == {}


# --- packs that are refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"facts": '+["a"]\ntype = "date"\ndecimals = 2\n'}, "only an `integer` fact has `decimals`"),
        ({"facts": '+["a"]\ntype = "integer"\ndecimals = 5\n'}, "`decimals` cannot be 5"),
        ({"facts": '+["a"]\ntype = "integer"\ndecimals = -1\n'}, "`decimals` cannot be -1"),
        ({"facts": '+["a"]\ntype = "text"\nleast = 1\n'}, "only an `integer` fact has a `least`"),
        ({"facts": '+["a"]\ntype = "integer"\nmost = 1.5\n'}, "`most` must be an integer"),
        ({"facts": '+["a"]\ntype = "integer"\ndecimals = 1\nmost = 1.55\n'}, "`most` is a number with at most 1 decimals, not `1.55`"),
        ({"facts": '+["a"]\ntype = "integer"\ndecimals = 1\nunless_told = true\n'}, "`unless_told` is a number with at most 1 decimals"),
        ({"parameters": "+[[a]]\nvalue = 0.5\ncite = 'c'\n"}, "a parameter is an integer or a date, not `0.5`"),
        ({"parameters": "+[[a]]\nvalue = 0.55\ndecimals = 1\ncite = 'c'\n"}, "a parameter is an integer or a date, not `0.55`"),
        ({"parameters": "+[[a]]\nvalue = true\ndecimals = 1\ncite = 'c'\n"}, "a parameter is an integer or a date, not `True`"),
        ({"parameters": "+[[a]]\nvalue = 1\ndecimals = 9\ncite = 'c'\n"}, "`decimals` cannot be 9"),
        (
            {"parameters": "+[[a]]\nvalue = 1\ndecimals = 1\nuntil = 2022-01-01\ncite = 'c'\n[[a]]\nvalue = 1\nfrom = 2022-01-01\ncite = 'c'\n"},
            "every value of `a` must have the same `decimals`",
        ),
    ],
)
def test_decimals_that_are_none_are_refused(files: dict[str, str], says: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=says.replace("(", r"\(")):
        small_pack(tmp_path, page("when = 'person.alive'"), **files)
