"""Notes, keys and checkpoints, against what others published."""

from __future__ import annotations

import pytest
from ledgers import LOG, OTHER, W1, W2, checkpoint, lines, signed

from rightcall.law.problem import Refused
from rightcall.ledger.checkpoint import attested, read_checkpoint
from rightcall.ledger.note import (
    COSIGNATURE,
    ED25519,
    MOST_CHARACTERS,
    Note,
    Signature,
    Signer,
    Unproven,
    read_note,
    read_signer,
    read_verifier,
    verified,
)

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETERS_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
"""The example of golang.org/x/mod/sumdb/note."""

C2SP = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
"""The test vector of https://c2sp.org/signed-note."""

ARCHE = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
REAL = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
"""
"""A checkpoint of a log of Certificate Transparency of May 2026, as it was published, co-signed by two witnesses."""


@pytest.mark.parametrize(("note", "vkey"), [(PETERS_NOTE, PETER), (C2SP_NOTE, C2SP), (REAL, ARCHE), (REAL, REMORA)])
def test_what_others_signed_is_verified(note: str, vkey: str) -> None:
    key = read_verifier(vkey)
    assert str(read_note(note)) == note
    assert str(key) == vkey
    assert [attestation.key for attestation in verified(read_note(note), [key])] == [key]
    changed = note.replace("e", "E", 1) if note is PETERS_NOTE else note.replace("1", "2", 1) if note is REAL else note.replace("T", "t", 1)
    with pytest.raises(Unproven, match="is not made by its key"):
        verified(read_note(changed), [key])


def test_we_sign_as_others_do() -> None:
    signer = read_signer(PETERS_SECRET)
    text = PETERS_NOTE.partition("\n\n")[0] + "\n"
    assert str(Note(text).signed(signer.sign(text))) == PETERS_NOTE
    assert (str(signer.verifier), signer.secret()) == (PETER, PETERS_SECRET)


def test_a_real_checkpoint_is_read_and_its_witness_tells_the_time() -> None:
    found = attested(read_note(REAL), read_verifier(ARCHE), [read_verifier(REMORA)])
    assert (found.checkpoint.size, found.checkpoint.origin) == (1432088532, "arche2025h1.staging.ct.transparency.dev")
    assert [(key.name, at) for key, at in found.cosigned] == [("remora.n621.de", 0x6A122120)]
    assert found.missing([read_verifier(REMORA), W1.verifier]) == (W1.verifier,)


def test_every_cut_of_a_key_and_every_other_letter_is_refused() -> None:
    """As the tests of sumdb/note do it."""
    for begin in range(len(PETER)):
        for end in range(begin + 1, len(PETER) + 1):
            if end - begin < len(PETER):
                with pytest.raises(Refused):
                    read_verifier(PETER[begin:end])
    for at in range(len(PETER)):
        with pytest.raises(Refused):
            read_verifier(PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :])


KEYS = {
    "an unknown algorithm": "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "too long": "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
    "a space in the name": PETER.replace("rN", "r N"),
    "another hash": PETER.replace("c74f", "c74e"),
    "the hash in capitals": PETER.replace("c74f", "C74F"),
}


@pytest.mark.parametrize("vkey", KEYS.values(), ids=KEYS)
def test_a_bad_key_is_refused(vkey: str) -> None:
    with pytest.raises(Refused):
        read_verifier(vkey)


def test_a_refused_private_key_is_not_shown() -> None:
    for secret in (PETERS_SECRET.replace("AYEK", "AYEL"), PETERS_SECRET[:-1], PETERS_SECRET.removeprefix("PRIVATE+KEY+")):
        with pytest.raises(Refused) as refused:
            read_signer(secret)
        assert "FALVFGyN" not in str(refused.value)
    assert "FALVFGyN" not in repr(read_signer(PETERS_SECRET))


NOTES = {
    "no signatures": "text\n",
    "no newline at the end": PETERS_NOTE[:-1],
    "no dash": PETERS_NOTE.replace("— ", "- "),
    "no name": PETERS_NOTE.replace("— PeterNeumann", "— "),
    "a plus in the name": PETERS_NOTE.replace("— Peter", "— Peter+"),
    "no base64": PETERS_NOTE.replace("x08g", "x08!"),
    "another spelling of base64": PETERS_NOTE.replace("JnAM=", "JnAN="),
    "nothing but the key": "text\n\n— name AAAAAA==\n",
    "a control character": PETERS_NOTE.replace("think", "th\tink"),
    "too many signatures": "text\n\n" + "— name AAAAAAAA\n" * 65,
    "too long": "t" * MOST_CHARACTERS + PETERS_NOTE,
    "not UTF-8": b"t\xffxt\n\n" + PETERS_NOTE.partition("\n\n")[2].encode(),
}


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
def test_what_is_no_note_is_refused(note: str | bytes) -> None:
    with pytest.raises(Refused):
        read_note(note)


def test_the_last_empty_line_parts_text_and_signatures() -> None:
    text = "a\n\nb\n"
    note = Note(text).signed(LOG.sign(text))
    assert read_note(str(note)) == note


CHECKPOINTS = {
    "two lines": "example.org/calls\n1\n",
    "an empty origin": "\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
    "a leading zero": "example.org/calls\n01\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
    "a size in words": "example.org/calls\none\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
    "a negative size": "example.org/calls\n-1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
    "a short root": "example.org/calls\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC\n",
    "nothing, with the root of something": "example.org/calls\n0\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
    "an empty line": "example.org/calls\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\nmore\n",
}


@pytest.mark.parametrize("text", CHECKPOINTS.values(), ids=CHECKPOINTS)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        attested(Note(text).signed(LOG.sign(text)), LOG.verifier)


def test_extension_lines_are_kept() -> None:
    text = checkpoint(lines(3), 3).text + "more\n"
    assert read_checkpoint(Note(text)).text == text


def test_a_forged_signature_is_told() -> None:
    """Any bit of the text or the signature."""
    note = signed(lines(5), 5)
    (line,) = note.signatures
    for at in range(64 * 8):
        data = (int.from_bytes(line.data, "big") ^ 1 << at).to_bytes(64, "big")
        with pytest.raises(Unproven, match="is not made by its key"):
            attested(Note(note.text, (Signature(line.name, line.key_id, data),)), LOG.verifier)
    for length in (0, 1, 63, 65):
        with pytest.raises(Unproven, match="is not made by its key"):
            attested(Note(note.text, (Signature(line.name, line.key_id, bytes(length)),)), LOG.verifier)


@pytest.mark.parametrize("signer", [OTHER, W1], ids=["another key of this name", "a witness"])
def test_the_wrong_key_is_told(signer: Signer) -> None:
    text = checkpoint(lines(5), 5).text
    note = Note(text).signed(signer.sign(text) if signer.algorithm == ED25519 else signer.cosign(text, 1))
    with pytest.raises(Unproven, match="is not signed by the key of `example"):
        attested(note, LOG.verifier)


def test_a_checkpoint_of_another_log_is_told() -> None:
    other = Signer("example.org/other", ED25519, LOG.seed)
    with pytest.raises(Unproven, match="is of the log `example"):
        attested(signed(lines(5), 5), other.verifier)


def test_a_cosignature_is_of_its_text_and_its_time() -> None:
    text = checkpoint(lines(5), 5).text
    line = W1.cosign(text, 1_700_000_000)
    assert [at for _, at in verified(Note(text, (line,)), [W1.verifier])] == [1_700_000_000]
    for data in (b"\0" + line.data[1:7] + b"\1" + line.data[8:], b"\xff" + line.data[1:], line.data[8:]):
        with pytest.raises(Unproven):
            verified(Note(text, (Signature(line.name, line.key_id, data),)), [W1.verifier])
    with pytest.raises(Unproven):
        verified(Note(text.replace("5", "6", 1), (line,)), [W1.verifier])
    with pytest.raises(Unproven):
        verified(Note(text, (W1.cosign(text, 1 << 62),)), [W1.verifier])


def test_a_key_signs_only_what_it_is_for() -> None:
    with pytest.raises(ValueError, match="cosignatures"):
        LOG.cosign("text\n", 1)
    with pytest.raises(ValueError, match="cosignatures"):
        W1.sign("text\n")


def test_signatures_of_strangers_are_passed_over() -> None:
    text = checkpoint(lines(5), 5).text
    note = Note(text).signed(OTHER.sign(text), LOG.sign(text), W2.cosign(text, 1))
    assert attested(note, LOG.verifier, [W1.verifier]).cosigned == ()


def test_new_keys_are_new_and_have_good_names() -> None:
    one, two = Signer.new("example.org/calls"), Signer.new("example.org/calls", COSIGNATURE)
    assert one.seed != two.seed
    assert read_signer(one.secret()) == one
    for name in ("", "two words", "a+b", "a\nb", "a\u2003b"):
        with pytest.raises(Refused, match="cannot be the name of a key"):
            Signer.new(name)
