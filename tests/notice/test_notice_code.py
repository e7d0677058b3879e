"""Codes: a true one is read back, whatever is changed in it is noticed, and it says nothing about the person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tarn import ADDRESS, CODE, KEYS, OTHER, STRANGER, TARN, key, text

from conftest import examples
from rightcall.law.problem import Refused
from rightcall.notice import base64url
from rightcall.notice.code import DOMAIN, LARGEST, SIZE, Code, NotSigned, Signed, qr_svg, read, sign, text_of
from rightcall.notice.key import Keys
from rightcall.notice.number import Number

TODAY = date(2026, 10, 12)
codes = st.builds(
    Code,
    st.binary(min_size=16, max_size=16).map(Number),
    st.integers(0, (1 << 32) - 1),
    st.dates(date(2026, 1, 1), TODAY),
    st.none() | st.dates(date(2026, 1, 1), date(2149, 6, 6)),
    st.text("ABCXYZ0189-", max_size=8),
)


@given(codes, st.sampled_from([TARN, OTHER]))
@settings(max_examples=examples(150))
def test_what_is_signed_is_read(code: Code, by: object) -> None:
    payload = sign(code, by)
    written = text_of(payload, ADDRESS)
    assert (len(payload), len(written) <= LARGEST) == (SIZE, True)
    for form in (written, written.split("#")[1], f"#{written.split('#')[1]}", f" {written[:60]}\n {written[60:]}\r\n"):
        assert read(form, KEYS, TODAY) == Signed(code, by.public)


def test_every_bit_of_a_payload_counts() -> None:
    payload = sign(CODE, TARN)
    for bit in range(8 * SIZE):
        changed = bytearray(payload)
        changed[bit // 8] ^= 1 << bit % 8
        found = read(base64url.written(bytes(changed)), KEYS, TODAY)
        assert isinstance(found, NotSigned), bit
        assert found.cause == "foreign" if bit // 8 < 5 else found.cause in ("forged", "foreign"), bit


def test_every_sign_of_a_text_counts() -> None:
    code = text().split("#")[1]
    for place in range(len(code)):
        for sign_ in "AQgw_-9+/=é":
            if sign_ != code[place]:
                assert isinstance(read(code[:place] + sign_ + code[place + 1 :], KEYS, TODAY), NotSigned), (place, sign_)
    for length in range(len(code)):
        assert isinstance(read(code[:length], KEYS, TODAY), NotSigned)
    assert isinstance(read(code + "A", KEYS, TODAY), NotSigned)


@given(st.text(max_size=200) | st.binary(max_size=120).map(base64url.written))
@settings(max_examples=examples(300))
def test_what_is_no_code_is_foreign(written: str) -> None:
    found = read(written, KEYS, TODAY)
    assert isinstance(found, NotSigned)
    assert found.cause == "foreign"


def _cause(written: str, keys: Keys = KEYS, today: date = TODAY) -> str:
    found = read(written, keys, today)
    return found.cause if isinstance(found, NotSigned) else "signed"


def test_a_code_of_another_day_names_that_day() -> None:
    """Whoever copies a code onto another paper cannot change the day on it."""
    found = read(text(), KEYS, TODAY + timedelta(days=60))
    assert isinstance(found, Signed)
    assert (found.code.issued, found.code.reports, found.code.place) == (date(2026, 10, 5), date(2026, 10, 20), "TARN-2")


def test_keys_count_on_their_days_only() -> None:
    assert _cause(text(by=STRANGER)) == "foreign"
    assert _cause(text(), Keys((key(1, withdrawn=date(2026, 11, 1)).public,))) == "key"
    late = Keys((TARN.public.__class__("tarn", "Tarn", TARN.public.raw, date(2026, 10, 6), date(2026, 12, 31)),))
    early = Keys((TARN.public.__class__("tarn", "Tarn", TARN.public.raw, date(2026, 1, 1), date(2026, 10, 4)),))
    edge = Keys((TARN.public.__class__("tarn", "Tarn", TARN.public.raw, date(2026, 10, 5), date(2026, 10, 5)),))
    assert (_cause(text(), late), _cause(text(), early), _cause(text(), edge)) == ("key", "key", "signed")


def test_a_day_that_has_not_come_is_refused_but_for_one() -> None:
    assert [_cause(text(), today=CODE.issued - timedelta(days=ahead)) for ahead in (0, 1, 2)] == ["signed", "signed", "day"]


def test_the_key_of_another_office_does_not_pass_for_it() -> None:
    payload = bytearray(sign(CODE, OTHER))
    payload[1:5] = TARN.public.id
    assert _cause(base64url.written(bytes(payload))) == "forged"


def test_nothing_else_that_a_key_signs_is_a_code() -> None:
    body = sign(CODE, TARN)[:-64]
    assert _cause(base64url.written(body + TARN.sign(body))) == "forged"
    assert _cause(base64url.written(body + TARN.sign(DOMAIN + body))) == "signed"


def test_a_signed_code_that_is_laid_out_otherwise_is_foreign() -> None:
    body = sign(CODE, TARN)[:-64]
    for place in (b"tarn\0\0\0\0", b"A\0B\0\0\0\0\0", b"\xff" * 8):
        changed = body[:29] + place
        assert _cause(base64url.written(changed + TARN.sign(DOMAIN + changed))) == "foreign"


def test_a_key_does_not_sign_beyond_its_days() -> None:
    for code, by in ((Code(CODE.number, 1, date(2027, 1, 1)), TARN), (CODE, key(1, withdrawn=date(2026, 3, 1)))):
        with pytest.raises(Refused, match="may not sign on"):
            sign(code, by)


def test_an_address_that_leaves_no_room_is_refused() -> None:
    payload = sign(CODE, TARN)
    assert len(text_of(payload, "h" * 64)) == LARGEST
    for address, says in (("h" * 65, "would have 201 bytes"), ("https://x/#y", "has a `#`"), ("https://повестка.example", "not ASCII")):
        with pytest.raises(Refused, match=says):
            text_of(payload, address)


@pytest.mark.parametrize(("index", "place"), [(-1, ""), (1 << 32, ""), (0, "tarn"), (0, "NINE-LONG"), (0, "A\n"), (0, "Ж")])
def test_a_code_holds_what_fits(index: int, place: str) -> None:
    with pytest.raises(ValueError, match=r"index|place"):
        Code(CODE.number, index, CODE.issued, None, place)


def test_the_qr_code_is_a_picture_without_text() -> None:
    picture = qr_svg(text())
    assert picture.startswith("<svg ")
    assert picture.endswith("</svg>")
    assert "\n" not in picture
    assert CODE.place not in picture
