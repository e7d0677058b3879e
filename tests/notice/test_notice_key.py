"""Keys of offices: the list says what it said, a private key is its owner's alone."""

from __future__ import annotations

import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from tarn import KEYS, STRANGER, TARN

from conftest import examples
from rightcall.law.problem import Refused
from rightcall.notice.key import Keys, PublicKey, keys_of, keys_text, load_private, new_key, read_keys, save_private

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
public = st.builds(
    lambda issuer, name, raw, first, days, withdrawn: PublicKey(issuer, name, raw, first, first + timedelta(days=days), withdrawn),
    texts, texts, st.binary(min_size=32, max_size=32), days, st.integers(0, 5000), st.none() | days,
)  # fmt: skip


@given(st.lists(public, min_size=1, max_size=4, unique_by=lambda key: key.id))
@settings(max_examples=examples(100))
def test_a_list_says_what_it_said(keys: list[PublicKey]) -> None:
    assert list(keys_of(keys_text(keys))) == keys


ENTRY = keys_text([TARN.public])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[key]", "is not TOML"),
        ("", "has only tables"),
        ("key = 1", "has only tables"),
        (ENTRY + 'x = "y"', "key 1 has `x`, which means nothing here"),
        (ENTRY.replace("from = 2026-01-01\n", ""), "key 1 has no `from`"),
        (ENTRY.replace("2026-01-01", "2026-01-01T00:00:00"), "`from` of key 1 is to be a date"),
        (ENTRY.replace('"tarn"', "7"), "`issuer` of key 1 is to be a text"),
        (ENTRY.replace("2026-12-31", "2025-12-31"), "key 1 ends before it begins"),
        (ENTRY.replace('public = "', 'public = "A'), "is not 32 bytes in base64url"),
        (ENTRY + "\n" + ENTRY, "two keys of the list have one id"),
    ],
)
def test_a_list_with_a_fault_is_refused(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        keys_of(text)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        keys_of('[[key]]\nissuer = 1\n[[key]]\nname = "x"\n')
    assert refused.value.count == 9


def test_a_private_key_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    save_private(TARN, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_private(file, KEYS).sign(b"x") == TARN.sign(b"x")
    with pytest.raises(Refused, match="cannot be written"):
        save_private(TARN, file)
    file.chmod(0o640)
    with pytest.raises(Refused, match="others can read"):
        load_private(file, KEYS)


def test_a_private_key_that_is_none_or_of_nobody_is_refused(tmp_path: Path) -> None:
    for name, content, says in (
        ("text", b"nothing", "not a private key"),
        ("rsa", generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "not of the kind Ed25519"),
    ):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
        with pytest.raises(Refused, match=says):
            load_private(tmp_path / name, KEYS)
    save_private(STRANGER, tmp_path / "stranger")
    with pytest.raises(Refused, match="no entry"):
        load_private(tmp_path / "stranger", KEYS)
    for read in (lambda: load_private(tmp_path / "none", KEYS), lambda: read_keys(tmp_path / "none")):
        with pytest.raises(Refused, match="cannot be read"):
            read()


def test_a_secret_is_not_printed() -> None:
    key = new_key("tarn", "Tarn", date(2026, 1, 1), date(2026, 1, 2))
    assert key.secret.private_bytes_raw().hex() not in repr(key)
    assert repr(key) == f"PrivateKey({key.public.id.hex()})"
    assert Keys((key.public,)).find(key.public.id) == key.public
    assert Keys((key.public,)).find(b"none") is None
