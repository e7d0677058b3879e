"""Receipts: below a kilobyte, in three forms, verified with the key of the log alone, and worth nothing once changed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import KINDS, LOG, OTHER, W1, W2, entry, lines, nodes, opening, signed

from conftest import examples
from rightcall.law.problem import Refused
from rightcall.ledger.checkpoint import Checkpoint
from rightcall.ledger.note import Note, Unproven
from rightcall.ledger.receipt import PREFIX, Receipt, check_receipt, read_receipt, receipt_for
from rightcall.ledger.tree import proof_length, root_by_inclusion

SIZE = 21
WHOLE = lines(SIZE)
CHECKPOINT = signed(WHOLE, SIZE)
COSIGNED = CHECKPOINT.signed(W1.cosign(CHECKPOINT.text, 1_800_000_000))
RECEIPT = receipt_for(entry(7), COSIGNED, nodes(WHOLE))


def at_size(index: int, size: int) -> Receipt:
    """A receipt with made-up hashes beside, so with the root that these lead to: as long as any of that size."""
    made = replace(entry(index), kind=max(KINDS, key=len))
    proof = tuple(random.Random(level).randbytes(32) for level in range(proof_length(index, size)))
    root = root_by_inclusion(made.leaf(), index, size, proof)
    assert root is not None
    text = Checkpoint(LOG.name, size, root).text
    return Receipt(made, proof, Note(text).signed(LOG.sign(text), W1.cosign(text, 1_800_000_000)))


@settings(max_examples=examples(60))
@given(st.integers(1, 40), st.data())
def test_a_receipt_is_verified_in_each_of_its_forms(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    made = receipt_for(entry(index), signed(WHOLE * 2, size) if size <= SIZE else signed(lines(size), size), nodes(lines(size)))
    for stored in (made.to_bytes(), made.letters().encode(), made.text().encode()):
        read = read_receipt(stored)
        assert read == made
        assert check_receipt(read, LOG.verifier).checkpoint.size == size


def test_a_receipt_is_below_a_kilobyte_at_a_million_entries_with_a_witness_too() -> None:
    for index in (0, 524_287, 999_999):
        made = at_size(index, 1_000_000)
        assert len(made.to_bytes()) < 1000
        assert check_receipt(read_receipt(made.to_bytes()), LOG.verifier, [W1.verifier]).checkpoint.size == 1_000_000


def test_letters_are_those_that_a_qr_code_packs_and_may_be_broken_into_lines_and_written_small() -> None:
    letters = RECEIPT.letters()
    assert set(letters) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567:")
    broken = "\n".join(letters.lower()[at : at + 40] for at in range(0, len(letters), 40)) + "\n"
    assert read_receipt(broken.encode()) == RECEIPT


def test_the_readable_form_is_that_of_c2sp() -> None:
    lines = RECEIPT.text().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 7"
    assert lines[3 + len(RECEIPT.proof)] == ""
    assert "\n".join(lines[4 + len(RECEIPT.proof) :]) == str(COSIGNED)


def test_a_short_receipt_with_any_bit_changed_is_refused_or_unproven() -> None:
    stored = RECEIPT.to_bytes()
    for bit in range(len(stored) * 8):
        changed = bytearray(stored)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Refused):
            check_receipt(read_receipt(bytes(changed)), LOG.verifier, [W1.verifier])


def test_a_receipt_that_was_cut_or_lengthened_is_refused() -> None:
    stored = RECEIPT.to_bytes()
    for bad in (*(stored[:end] for end in range(len(stored))), stored + b"\0"):
        with pytest.raises(Refused):
            read_receipt(bad)


def test_a_readable_receipt_with_any_character_changed_is_refused_or_unproven() -> None:
    """Lines of strangers' signatures may be left away; nothing else may be touched."""
    text = receipt_for(entry(7), CHECKPOINT, nodes(WHOLE)).text()
    for at, character in enumerate(text):
        changed = text[:at] + ("A" if character != "A" else "B") + text[at + 1 :]
        with pytest.raises(Refused):
            check_receipt(read_receipt(changed.encode()), LOG.verifier)


@pytest.mark.parametrize(
    "changed",
    [
        replace(RECEIPT, entry=entry(8)),
        replace(RECEIPT, entry=replace(entry(7), index=8)),
        replace(RECEIPT, entry=entry(7, "another history")),
        replace(RECEIPT, entry=replace(entry(7), kind="case.closed")),
        replace(RECEIPT, entry=entry(21)),
        replace(RECEIPT, proof=RECEIPT.proof[1:]),
        replace(RECEIPT, proof=()),
    ],
    ids=["another entry", "another place", "another content", "another kind", "after the end", "a short proof", "no proof"],
)
def test_a_receipt_for_something_else_is_unproven(changed: Receipt) -> None:
    with pytest.raises(Unproven, match="is not in the log that was signed"):
        check_receipt(changed, LOG.verifier)


def test_a_receipt_of_another_key_or_without_its_witness_is_unproven() -> None:
    with pytest.raises(Unproven, match="is not signed by the key"):
        check_receipt(receipt_for(entry(7), signed(WHOLE, SIZE, OTHER), nodes(WHOLE)), LOG.verifier)
    with pytest.raises(Unproven, match="has not co-signed"):
        check_receipt(RECEIPT, LOG.verifier, [W1.verifier, W2.verifier])


def test_the_content_is_held_against_the_entry() -> None:
    assert opening(7).opens(RECEIPT.entry)
    assert not opening(8).opens(RECEIPT.entry)


def test_a_checkpoint_with_more_lines_goes_into_the_readable_form_alone() -> None:
    text = CHECKPOINT.text + "more\n"
    made = receipt_for(entry(7), Note(text).signed(LOG.sign(text)), nodes(WHOLE))
    assert check_receipt(read_receipt(made.text().encode()), LOG.verifier).checkpoint.extensions == ("more",)
    with pytest.raises(Refused, match="has no room for the extension lines"):
        made.to_bytes()


BAD = {
    "nothing": b"",
    "something else": b"hello",
    "bytes": b"\xff\xfe",
    "a letter missing": RECEIPT.letters()[:-1].encode(),
    "a wrong letter": (PREFIX + "1" + RECEIPT.letters()[5:]).encode(),
    "no entry": RECEIPT.text().replace("extra ", "extr ").encode(),
    "an entry that is none": RECEIPT.text().replace("extra ", "extra AAAA").encode(),
    "another index": RECEIPT.text().replace("index 7", "index 8").encode(),
    "no index": RECEIPT.text().replace("index 7\n", "").encode(),
    "a hash that is none": RECEIPT.text().replace("index 7\n", "index 7\nAAAA\n").encode(),
    "no checkpoint": RECEIPT.text().partition("\n\n")[0].encode(),
    "a huge number": b"\1" + b"\xff" * 30,
    "an overlong number": RECEIPT.to_bytes()[:1] + bytes([0x80 | len(LOG.name), 0]) + RECEIPT.to_bytes()[2:],
}


@pytest.mark.parametrize("stored", BAD.values(), ids=BAD)
def test_what_is_no_receipt_is_refused(stored: bytes) -> None:
    with pytest.raises(Refused):
        read_receipt(stored)
