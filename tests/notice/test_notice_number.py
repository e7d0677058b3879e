"""Numbers of notices: what is written is read, and every slip is noticed."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.law.problem import Refused
from rightcall.notice.number import ALPHABET, SIZE, Number

numbers = st.binary(min_size=SIZE, max_size=SIZE).map(Number)


@given(numbers)
@settings(max_examples=examples(200))
def test_what_is_written_is_read(number: Number) -> None:
    written = str(number)
    assert len(written) == 34
    assert Number.read(written) == number
    assert Number.read(written.lower().replace("-", " ")) == number
    assert Number.read(f"  {written.replace('-', '').replace('0', 'o').replace('1', 'l')}\n") == number
    assert Number.read(written.replace("1", "I").replace("0", "O").replace("-", "–")) == number


def _refused(text: str) -> bool:
    try:
        Number.read(text)
    except Refused:
        return True
    return False


def test_every_single_slip_and_every_swap_is_noticed() -> None:
    whole = str(Number(bytes.fromhex("00112233445566778899aabbccddeeff"))).replace("-", "")
    for place, right in enumerate(whole):
        for wrong in ALPHABET.replace(right, ""):
            assert _refused(whole[:place] + wrong + whole[place + 1 :])
    swapped = 0
    for one, other in combinations(range(len(whole)), 2):
        signs = list(whole)
        signs[one], signs[other] = signs[other], signs[one]
        if signs != list(whole):
            assert _refused("".join(signs))
            swapped += 1
    assert swapped > 300


@given(numbers, st.sets(st.integers(0, 27), min_size=2, max_size=2), st.tuples(st.integers(1, 31), st.integers(1, 31)))
@settings(max_examples=examples(300))
def test_every_two_slips_are_noticed(number: Number, places: set[int], off: tuple[int, int]) -> None:
    signs = list(str(number).replace("-", ""))
    for place, by in zip(sorted(places), off, strict=True):
        signs[place] = ALPHABET[ALPHABET.index(signs[place]) ^ by]
    assert _refused("".join(signs))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "this has 0 signs"),
        ("0004-1061", "this has 8 signs"),
        ("U004-1061-050R-3GG2-8A1C-60T3-GF99", "`U` is not in any number"),
        ("0004-1061-050R-3GG2-8A1C-60T3-GF98", "the last two signs do not fit"),
    ],
)
def test_what_is_no_number_is_refused(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        Number.read(text)


def test_what_has_more_than_128_bits_is_refused_whatever_its_last_two_signs() -> None:
    ends = [one + other for one in ALPHABET for other in ALPHABET]
    assert [end for end in ends if not _refused("7" + "Z" * 25 + end)] == [str(Number(b"\xff" * SIZE))[-2:]]
    assert [end for end in ends if not _refused("8" + "0" * 25 + end)] == []


def test_a_number_is_128_bits_at_random() -> None:
    assert str(Number(bytes(range(16)))) == "0004-1061-050R-3GG2-8A1C-60T3-GF99"
    assert len({Number.random() for _ in range(1000)}) == 1000
    with pytest.raises(ValueError, match="16 bytes"):
        Number(b"short")
