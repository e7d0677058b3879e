"""Accounts of people: what is read, what is unknown, what is none, and what is refused with a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import page, small_pack

from conftest import examples
from rightcall.law.account import LARGEST, Unfit, read_person, read_value
from rightcall.law.pack import Pack
from rightcall.law.value import ABSENT, FOREVER, UNBOUNDED, Span, day_number, exactly

FACTS = """+["house.size"]
type = "integer"
["house.kind"]
type = "one_of"
values = ["flat", "house", "unknown"]
none = "absent"
["leave.since"]
type = "date"
none = "absent"
[codes]
type = "list"
[codes.row.code]
type = "one_of"
values = ["1a", "2", "none"]
[levels]
type = "list"
[levels.row.level]
type = "integer"
["work.share"]
type = "integer"
decimals = 2
least = 0
most = 1.5
none = "absent"
["work.change"]
type = "integer"
decimals = 4
["belief.sincere"]
type = "bool"
unknown = ["undetermined"]
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"), page("when = 'person.alive'"), facts=FACTS)


def value(pack: Pack, name: str, raw: Any) -> Any:
    return read_value(pack.vocabulary[name], raw)


def day(*parts: int) -> Span:
    return exactly(day_number(date(*parts)))


@pytest.mark.parametrize(
    ("name", "raw", "known"),
    [
        ("person.alive", True, True),
        ("person.alive", False, False),
        ("health.category", "A", "A"),
        ("health.category", "unknown", None),
        ("house.kind", "unknown", None),
        ("house.kind", "none", ABSENT),
        ("house.kind", None, ABSENT),
        ("study.form", "none", "none"),
        ("home.town", "  Omsk ", "Omsk"),
        ("home.town", 5, "5"),
        ("study.form", None, "none"),
        ("belief.sincere", "undetermined", None),
        ("belief.sincere", True, True),
        ("work.share", 0.75, exactly(75)),
        ("work.share", 1, exactly(100)),
        ("work.share", "0.7", exactly(70)),
        ("work.share", " 1.50 ", exactly(150)),
        ("work.share", 0.29, exactly(29)),
        ("work.share", [0.5, 1], Span(50, 100)),
        ("work.share", [0.5, None], Span(50, UNBOUNDED)),
        ("work.share", None, ABSENT),
        ("work.change", -0.0001, exactly(-1)),
        ("work.change", 1e-4, exactly(1)),
        ("work.change", "-0.5", exactly(-5000)),
        ("work.change", 100, exactly(LARGEST)),
        ("health.grade", 3, exactly(3)),
        ("health.grade", "3", exactly(3)),
        ("health.grade", 3.0, exactly(3)),
        ("health.grade", -3, exactly(-3)),
        ("health.grade", 0, exactly(0)),
        ("health.grade", "none", ABSENT),
        ("health.grade", "None", ABSENT),
        ("health.grade", None, ABSENT),
        ("health.grade", [1, 3], Span(1, 3)),
        ("health.grade", [3, 3], exactly(3)),
        ("health.grade", [3, "?"], Span(3, UNBOUNDED)),
        ("health.grade", ["?", 3], Span(-UNBOUNDED, 3)),
        ("health.grade", [None, 3], Span(-UNBOUNDED, 3)),
        ("health.grade", [0, None], Span(0, UNBOUNDED)),
        ("health.grade", ["?", "?"], None),
        ("health.grade", LARGEST, exactly(LARGEST)),
        ("study.until", "none", exactly(FOREVER)),
        ("study.until", None, exactly(FOREVER)),
        ("leave.since", "none", ABSENT),
        ("study.since", date(2022, 10, 5), day(2022, 10, 5)),
        ("study.since", datetime(2022, 10, 5, 23, 59), day(2022, 10, 5)),
        ("study.since", "2022-10-05", day(2022, 10, 5)),
        ("study.since", " 2022-10-05 ", day(2022, 10, 5)),
        ("study.since", "05.10.2022", day(2022, 10, 5)),
        ("study.since", "2022-10-05T12:30", day(2022, 10, 5)),
        ("study.since", "2022-10-05 12:30:59", day(2022, 10, 5)),
        ("study.since", "2024-02-29", day(2024, 2, 29)),
        ("study.since", [date(2022, 1, 1), "2022-12-31"], Span(day_number(date(2022, 1, 1)), day_number(date(2022, 12, 31)))),
        ("study.since", ["?", "2022-12-31"], Span(-UNBOUNDED, day_number(date(2022, 12, 31)))),
    ],
)
def test_values(name: str, raw: Any, known: Any, pack: Pack) -> None:
    assert value(pack, name, raw) == known


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        ("person.alive", "yes", "is true or false, not `yes`"),
        ("person.alive", 1, "is true or false, not `1`"),
        ("person.alive", None, "cannot be none"),
        ("person.alive", "none", "cannot be none"),
        ("health.category", "C", "`health.category` is never `C`"),
        ("health.category", 1, "is never `1`"),
        ("health.category", None, "cannot be none"),
        ("health.category", ["A", "B"], "is never"),
        ("home.town", "", "is a text"),
        ("home.town", "  ", "is a text"),
        ("home.town", True, "is a text"),
        ("home.town", ["Omsk"], "is a text"),
        ("health.grade", True, "is an integer, not `True`"),
        ("health.grade", 1.5, "is an integer, not `1.5`"),
        ("health.grade", "1.5", "is an integer"),
        ("health.grade", "three", "is an integer"),
        ("health.grade", float("nan"), "is an integer"),
        ("health.grade", float("inf"), "is an integer"),
        ("health.grade", {"a": 1}, "is an integer"),
        ("health.grade", LARGEST + 1, "is too large"),
        ("health.grade", -LARGEST - 1, "is too large"),
        ("health.grade", 10**400, "is too large"),
        ("health.grade", [3, 1], "are the wrong way round"),
        ("person.alive", "undetermined", "is true or false, not `undetermined`"),
        ("belief.sincere", "unknown", "is true or false"),
        ("work.share", 0.755, "is a number with at most 2 decimals, not `0.755`"),
        ("work.share", "0,75", "is a number with at most 2 decimals"),
        ("work.share", "75%", "is a number with at most 2 decimals"),
        ("work.share", True, "is a number with at most 2 decimals"),
        ("work.share", float("nan"), "is a number with at most 2 decimals"),
        ("work.share", 75, "cannot be 75"),
        ("work.share", -0.01, "cannot be -0.01"),
        ("work.share", [0.5, 1.51], "cannot be 1.51"),
        ("work.change", 100.0001, "is too large"),
        ("health.grade", [1], "are [min, max]"),
        ("health.grade", [1, 2, 3], "are [min, max]"),
        ("health.grade", [], "are [min, max]"),
        ("health.grade", [True, 2], "is an integer"),
        ("house.size", None, "cannot be none"),
        ("house.size", "none", "cannot be none"),
        ("study.since", None, "cannot be none"),
        ("study.since", "2022-02-30", "is not a date"),
        ("study.since", "2022-13-01", "is not a date"),
        ("study.since", "yesterday", "is not a date"),
        ("study.since", True, "is not a date"),
        ("study.since", 20221005, "is not a date"),
        ("study.since", "0022-10-05", "living memory"),
        ("study.since", date(1, 1, 1), "living memory"),
        ("study.since", date(9999, 12, 31), "living memory"),
        ("study.since", ["2022-12-31", "2022-01-01"], "are the wrong way round"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, raw: Any, says: str, pack: Pack) -> None:
    with pytest.raises(Unfit) as caught:
        value(pack, name, raw)
    assert says in caught.value.message


def test_a_person(pack: Pack) -> None:
    account = {
        "person": {"alive": True, "birth_date": "1990-01-01"},
        "health.grade": "none",
        "children": [{"dependent": True, "grade": [1, 2]}, {}],
        "children.complete": True,
        "wards.complete": False,
    }
    person, misfits = read_person(account, pack.vocabulary)
    assert not misfits
    assert dict(person.facts) == {"person.alive": True, "person.birth_date": day(1990, 1, 1), "health.grade": ABSENT}
    assert [dict(row) for row in person.lists["children"].rows] == [{"dependent": True, "grade": Span(1, 2)}, {}]
    assert (person.lists["children"].complete, person.lists["wards"].complete) == (True, False)
    assert person.lists["wards"].rows == ()


@pytest.mark.parametrize(
    ("account", "name", "rows", "complete"),
    [
        ({"codes": ["1a", 2]}, "codes", [{"code": "1a"}, {"code": "2"}], True),
        ({"codes": ["none"]}, "codes", [{"code": "none"}], True),
        ({"codes": ["unknown"]}, "codes", [{}], True),
        ({"levels": [2, 8]}, "levels", [{"level": exactly(2)}, {"level": exactly(8)}], True),
        ({"levels": [[2, 8]]}, "levels", [{"level": Span(2, 8)}], True),
        ({"wards": [True]}, "wards", [{"permanent": True}], True),
        ({"levels": [2], "levels.complete": False}, "levels", [{"level": exactly(2)}], False),
        ({"levels.complete": False, "levels": [2]}, "levels", [{"level": exactly(2)}], False),
        ({"levels": [2, {"level": 8}]}, "levels", [{"level": exactly(2)}, {"level": exactly(8)}], None),
        ({"levels": [{"level": 2}]}, "levels", [{"level": exactly(2)}], None),
        ({"levels": []}, "levels", [], None),
        ({"children": ["2015-03-01"]}, "children", [{"birth_date": day(2015, 3, 1)}], None),
        ({"children": ["2015-03-01", {"grade": 3}], "children.complete": True}, "children", [{"birth_date": day(2015, 3, 1)}, {"grade": exactly(3)}], True),
    ],
)
def test_plain_values_are_rows_and_a_set_of_them_is_whole(account: Any, name: str, rows: list[Any], complete: bool | None, pack: Pack) -> None:
    person, misfits = read_person(account, pack.vocabulary)
    assert not misfits
    assert [dict(row) for row in person.lists[name].rows] == rows
    assert person.lists[name].complete is complete


@pytest.mark.parametrize(
    ("account", "place", "says"),
    [
        ({"codes": "1a"}, "codes", "`codes` must be a list of rows"),
        ({"codes": 2}, "codes", "`codes` must be a list of rows"),
        ({"codes": ["1a", "3"]}, "codes[2].code", "`codes[].code` is never `3`"),
        ({"codes": [True]}, "codes[1].code", "is never `True`"),
        ({"levels": [2, None]}, "levels[2].level", "cannot be none"),
        ({"levels": ["eight"]}, "levels[1].level", "is an integer, not `eight`"),
        ({"children": ["adopted"]}, "children[1].birth_date", "is not a date"),
    ],
)
def test_a_plain_value_that_fits_no_row_is_refused_at_its_place(account: Any, place: str, says: str, pack: Pack) -> None:
    _, misfits = read_person(account, pack.vocabulary)
    assert [misfit.name for misfit in misfits] == [place]
    assert says in misfits[0].message


def test_an_empty_list_is_not_a_complete_one(pack: Pack) -> None:
    person, _ = read_person({"children": []}, pack.vocabulary)
    assert person.lists["children"].rows == ()
    assert person.lists["children"].complete is None


def test_all_misfits_come_at_once_and_are_not_in_the_person(pack: Pack) -> None:
    account: Mapping[str, Any] = {
        "person.alive": "yes",
        "person.alife": True,
        "health": {"grade": 2, "categry": "A"},
        "children": [{"dependent": "x"}, {"dependant": True}, {"dependent": True}],
        "wards": 3,
        "children[].dependent": True,
        "home.town": "Omsk",
    }
    person, misfits = read_person(account, pack.vocabulary)
    assert {misfit.name for misfit in misfits} == {
        "person.alive", "person.alife", "health.categry", "children[1].dependent", "children[2].dependant", "wards", "children[].dependent",
    }  # fmt: skip
    assert next(misfit for misfit in misfits if misfit.name == "person.alife").help == "did you mean `person.alive`?"
    assert dict(person.facts) == {"health.grade": exactly(2), "home.town": "Omsk"}
    assert [dict(row) for row in person.lists["children"].rows] == [{}, {}, {"dependent": True}]


def test_told_keeps_everything_else(pack: Pack) -> None:
    person, _ = read_person({"person.alive": True, "children": [{"dependent": True}]}, pack.vocabulary)
    told = person.told("children.complete", True).told("health.grade", exactly(1))
    assert told.lists["children"].complete is True
    assert told.lists["children"].rows == person.lists["children"].rows
    assert dict(told.facts) == {"person.alive": True, "health.grade": exactly(1)}
    assert dict(person.facts) == {"person.alive": True}


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.dates(), st.datetimes(), st.binary(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=examples(300))
@given(st.sampled_from(["person.alive", "health.category", "health.grade", "study.since", "study.until", "home.town", "house.kind"]), anything)
def test_a_value_is_read_or_refused_and_never_breaks(pack: Pack, name: str, raw: Any) -> None:
    try:
        known = value(pack, name, raw)
    except Unfit:
        return
    assert known is None or known is ABSENT or isinstance(known, (bool, str, Span))
    if isinstance(known, Span):
        assert known.low <= known.high


@settings(max_examples=examples(200))
@given(st.dictionaries(st.sampled_from(["person", "person.alive", "children", "children.complete", "wards", "health.grade", "x"]), anything, max_size=5))
def test_an_account_is_read_or_refused_and_never_breaks(pack: Pack, account: dict[str, Any]) -> None:
    person, misfits = read_person(account, pack.vocabulary)
    assert set(person.facts) <= {fact.name for fact in pack.vocabulary.plain}
    assert all(misfit.message for misfit in misfits)


def test_a_readable_account_loads_the_same_from_nested_and_dotted_names(pack: Pack, tmp_path: Path) -> None:
    nested, _ = read_person({"person": {"alive": True}, "study": {"until": None, "form": "full_time"}}, pack.vocabulary)
    dotted, _ = read_person({"person.alive": True, "study.until": "none", "study.form": "full_time"}, pack.vocabulary)
    assert nested == dotted
