"""Lists of what became of notices: exact for each index, signed, and small."""

from __future__ import annotations

import json
import random
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tarn import ADDRESS, KEYS, NOW, OTHER, STRANGER, TARN, key, listed

from conftest import examples
from rightcall.law.problem import Refused
from rightcall.notice import base64url, status
from rightcall.notice.key import Keys
from rightcall.notice.status import Status, build, new_index, packed, read_list

MADE = NOW - timedelta(days=1)
statuses = st.dictionaries(st.integers(0, 2000), st.sampled_from(Status), max_size=60)


@given(statuses, st.integers(2001, 4000))
@settings(max_examples=examples(100))
def test_a_list_says_of_each_index_what_was_put_in(told: dict[int, Status], size: int) -> None:
    found = read_list(listed(*told.items(), size=size), KEYS)
    assert [found.status_of(index) for index in range(size)] == [told.get(index, Status.UNUSED) for index in range(size)]
    assert {found.status_of(index) for index in (-1, len(found), 1 << 40)} == {Status.UNUSED}
    assert size <= len(found) < size + 4
    assert (found.issuer, found.made) == ("tarn", MADE)


def test_a_million_notices_are_exact_and_under_a_megabyte() -> None:
    rng = random.Random(7)
    told = {index: rng.choices((Status.IN_FORCE, Status.REVOKED), (95, 5))[0] for index in rng.sample(range(1 << 20), 1_000_000)}
    text = listed(*told.items(), size=1 << 20)
    assert len(text) < 1_000_000
    found = read_list(text, KEYS)
    assert all(found.status_of(index) is told.get(index, Status.UNUSED) for index in range(1 << 20))


def test_even_a_list_that_cannot_be_compressed_is_under_a_megabyte() -> None:
    rng = random.Random(7)
    assert len(listed(*((index, Status(rng.randrange(4))) for index in range(1_000_000)), size=1_000_000)) < 1_000_000


def test_the_bits_lie_as_in_the_draft() -> None:
    """The example of section 4.2 of draft-ietf-oauth-status-list: twelve statuses of two bits are the bytes c9 44 f9."""
    told = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    assert packed(enumerate(map(Status, told)), 12).hex() == "c944f9"


def test_the_list_is_a_token_of_the_draft() -> None:
    header, claims = (json.loads(base64url.read(part)) for part in listed((1, Status.REVOKED)).split(".")[:2])
    assert header == {"alg": "EdDSA", "kid": TARN.public.id.hex(), "typ": "statuslist+jwt"}
    assert claims.keys() == {"sub", "iat", "exp", "status_list"}
    assert claims["status_list"]["bits"] == 2


def test_a_list_knows_its_age() -> None:
    found = read_list(listed(), KEYS)
    assert found.age(NOW) == timedelta(days=1)
    assert [found.is_stale(MADE + timedelta(days=days)) for days in (7, 8)] == [False, True]


def _remade(header: dict[str, object] | None = None, claims: dict[str, object] | None = None, lst: bytes | None = None) -> str:
    """A list with other words in it, signed anew: what only the owner of the key could do."""
    parts = [json.loads(base64url.read(part)) for part in listed().split(".")[:2]]
    if lst is not None:
        claims = {"status_list": {"bits": 2, "lst": base64url.written(lst)}}
    message = ".".join(base64url.written(json.dumps(part | (change or {})).encode()) for part, change in zip(parts, (header, claims), strict=True))
    return f"{message}.{base64url.written(TARN.sign(message.encode()))}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a list of notices"),
        ("a.b", "not a list of notices"),
        ("e30.W10.AAAA", "not a list of notices"),
        ("e30.e30.é", "not a list of notices"),
        (listed(by=STRANGER), "not signed by any office"),
        (_remade(header={"alg": "none"}), "not signed by any office"),
        (_remade(header={"typ": "JWT"}), "not signed by any office"),
        (_remade(header={"kid": None}), "not signed by any office"),
        (_remade(header={"kid": OTHER.public.id.hex()}), "the signature of this list"),
        (_remade(claims={"iat": "soon"}), "not laid out"),
        (_remade(claims={"iat": 1e300}), "not laid out"),
        (_remade(claims={"status_list": {"bits": 1, "lst": ""}}), "not laid out"),
        (_remade(claims={"status_list": {"bits": 2}}), "not laid out"),
        (_remade(lst=b"rubbish"), "not laid out"),
        (_remade(lst=zlib.compress(bytes(1000))[:-6]), "not laid out"),
        (_remade(lst=zlib.compress(bytes(status.LARGEST // 4 + 1))), "not laid out"),
        (_remade(claims={"iat": 0}), "might not sign a list on 1970-01-01"),
    ],
)
def test_what_is_no_list_is_refused(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        read_list(text, KEYS)


def test_every_sign_of_a_list_counts() -> None:
    text = listed((1, Status.REVOKED), (2, Status.IN_FORCE))
    for place in range(len(text)):
        changed = text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
        with pytest.raises(Refused):
            read_list(changed, KEYS)


def test_a_list_is_not_made_beyond_what_it_may() -> None:
    with pytest.raises(Refused, match="at most"):
        build([], status.LARGEST + 1, TARN, ADDRESS, MADE, MADE)
    for by, made in ((TARN, datetime(2027, 1, 1, tzinfo=UTC)), (key(1, withdrawn=NOW.date()), MADE)):
        with pytest.raises(Refused, match="may not sign on"):
            build([], 10, by, ADDRESS, made, made)
    with pytest.raises(Refused, match="might not sign"):
        read_list(listed(), Keys((key(1, withdrawn=NOW.date()).public,)))
    for index in (-1, 10):
        with pytest.raises(ValueError, match="beyond the list"):
            packed([(index, Status.REVOKED)], 10)


def test_an_index_is_drawn_among_those_that_are_free() -> None:
    taken: set[int] = set()
    while len(taken) < 50:
        index = new_index(taken, 50)
        assert index not in taken
        taken.add(index)
    assert taken == set(range(50))
    with pytest.raises(Refused, match="all 50 indices"):
        new_index(taken, 50)
