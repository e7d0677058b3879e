"""Entries, their one spelling, and commitments."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import entry, opening

from conftest import examples
from rightcall.law.problem import Refused
from rightcall.ledger.entry import LONGEST_LINE, Entry, Json, Opening, canonical, new_entry, read_entry, read_opening, seal

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
ENTRIES = st.builds(
    Entry,
    st.integers(0, 10**15),
    st.datetimes(timezones=st.just(UTC)).map(lambda time: time.replace(microsecond=0)),
    st.from_regex(r"[a-z][a-z0-9_]{0,10}(\.[a-z][a-z0-9_]{0,10}){0,3}", fullmatch=True),
    st.binary(min_size=32, max_size=32),
)


def test_an_entry_is_one_line_without_anybody_in_it() -> None:
    commitment = "fb9bd5b3cf05bcf9efb61e4d1a8b9f6ad9b3fd0b6d26cfcfc7bbed9bb4c1ca6c"
    made = new_entry(7, datetime(2026, 11, 1, 10, 30, 5, 999, timezone(timedelta(hours=2))), "notice.issued", bytes.fromhex(commitment))
    assert made.line().decode() == f'{{"commitment":"{commitment}","index":7,"kind":"notice.issued","time":"2026-11-01T08:30:05Z"}}'


@settings(max_examples=examples(200))
@given(ENTRIES)
def test_a_line_is_read_as_it_was_written_and_is_canonical(made: Entry) -> None:
    line = made.line()
    assert read_entry(line) == made
    assert canonical(json.loads(line)) == line
    assert len(line) < LONGEST_LINE


LINE = entry(7).line()
NOT_LINES = {
    "a space": LINE.replace(b",", b", ", 1),
    "another order": b'{"index":7,' + LINE[1:].replace(b'"index":7,', b""),
    "a key more": LINE[:-1] + b',"who":1}',
    "capitals": LINE.replace(b"notice", b"Notice").replace(b"case", b"Case").replace(b"person", b"Person"),
    "a leading zero": LINE.replace(b":7,", b":07,"),
    "a month that is none": LINE.replace(b"-11-", b"-13-"),
    "another zone": LINE.replace(b"Z", b"+00:00"),
    "a newline": LINE + b"\n",
    "a long kind": LINE.replace(b'"kind":"', b'"kind":"' + b"k" * 70),
    "other digits": LINE.replace(b"2026", "٢٠٢٦".encode()),
    "nothing": b"",
}


@pytest.mark.parametrize("line", NOT_LINES.values(), ids=NOT_LINES)
def test_another_spelling_is_no_entry(line: bytes) -> None:
    assert line != LINE
    assert read_entry(line) is None


@pytest.mark.parametrize("kind", ["", "Notice", "notice issued", "notice.", ".issued", "notice..issued", "1st", "é", "k" * 65])
def test_a_kind_is_words_and_dots(kind: str) -> None:
    with pytest.raises(Refused, match="is not a kind of entry"):
        new_entry(0, datetime(2026, 1, 1, tzinfo=UTC), kind, bytes(32))


@pytest.mark.parametrize(
    ("index", "time", "commitment"), [(-1, datetime(2026, 1, 1, tzinfo=UTC), 32), (0, datetime(2026, 1, 1), 32), (0, datetime(2026, 1, 1, tzinfo=UTC), 31)]
)
def test_an_entry_has_a_place_a_time_and_a_commitment(index: int, time: datetime, commitment: int) -> None:
    with pytest.raises(ValueError, match="an entry has"):
        new_entry(index, time, "notice.issued", bytes(commitment))


RFC8785 = {
    "literals": ([None, True, False], "[null,true,false]"),
    "numbers": ([0, -0, 1, -7, 2**53 - 1], "[0,0,1,-7,9007199254740991]"),
    "text": ("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f", '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
    "sorting": (
        {
            "\u20ac": "Euro Sign",
            "\r": "Carriage Return",
            "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One",
            "\U0001f600": "Emoji",
            "\u0080": "Control",
            "\u00f6": "o",
        },
        '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"o","\u20ac":"Euro Sign","\U0001f600":"Emoji","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ),
    "empty": ({"a": [], "b": {}}, '{"a":[],"b":{}}'),
}


@pytest.mark.parametrize(("value", "text"), RFC8785.values(), ids=RFC8785)
def test_canonical_json_is_that_of_rfc_8785(value: Json, text: str) -> None:
    """The string and the order of keys are the examples of sections 3.2.2 and 3.2.3."""
    assert canonical(value).decode() == text


@settings(max_examples=examples(200))
@given(VALUES)
def test_canonical_json_says_the_same_and_is_its_own_spelling(value: Json) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@pytest.mark.parametrize("value", [1.0, float("nan"), 2**53, -(2**53), "\ud800", b"x", {1: 2}, {"a": {3}}, datetime(2026, 1, 1)], ids=repr)
def test_what_has_no_canonical_json_is_refused(value: object) -> None:
    with pytest.raises(Refused, match="canonical JSON"):
        canonical({"a": [value]})  # type: ignore[dict-item]


def test_content_that_is_nested_too_deep_is_refused() -> None:
    value: Json = []
    for _ in range(5000):
        value = [value]
    with pytest.raises(Refused, match="nested too deep"):
        canonical(value)


def test_the_longest_kind_fits_its_line() -> None:
    made = new_entry(10**16 - 1, datetime(2026, 1, 1, tzinfo=UTC), "k" * 64, bytes(32))
    assert read_entry(made.line()) == made
    assert len(made.line()) < LONGEST_LINE


def test_a_commitment_is_opened_by_its_content_alone() -> None:
    assert opening(7).opens(entry(7))
    assert not opening(8).opens(entry(7))
    assert not Opening(opening(7).content, bytes(16)).opens(entry(7))
    assert not Opening({**opening(7).content, "more": None}, opening(7).salt).opens(entry(7))


def test_the_same_content_twice_is_not_seen_in_the_log() -> None:
    assert seal({"person": "P7"}).commitment() != seal({"person": "P7"}).commitment()


def test_content_is_kept_beside_the_receipt_and_in_no_representation() -> None:
    made = opening(7)
    assert read_opening(made.text().encode()) == made
    assert "P7" not in repr(made)
    assert "повестка" in seal({"kind": "повестка"}).text()


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"[]",
        b"{}",
        b'{"content": {}, "salt": "00"}',
        b'{"content": [], "salt": "00000000000000000000000000000000"}',
        b'{"content": {"a": 1, "a": 2}, "salt": "00000000000000000000000000000000"}',
        b"[" * 100_000,
        b"\xff",
    ],
    ids=lambda stored: stored[:40].decode("latin-1"),
)
def test_what_is_no_content_is_refused(stored: bytes) -> None:
    with pytest.raises(Refused, match="this is not the content of an entry"):
        read_opening(stored)


def test_a_short_salt_makes_no_commitment() -> None:
    with pytest.raises(ValueError, match="a salt is 16 bytes"):
        Opening({}, b"short").commitment()
