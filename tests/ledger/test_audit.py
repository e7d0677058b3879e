"""The audit: a log that was touched in any way is told, in a word that fits, and where."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import LOG, checkpoint, entry, lines, lines_of

from conftest import examples
from rightcall.ledger.audit import MOST_FAULTS, Audit, audit
from rightcall.ledger.checkpoint import Checkpoint

SIGNED = (4, 9, 13)
"""The log of fourteen entries was signed at these sizes; the last entry is not signed yet."""
WHOLE = lines(14)
CHECKPOINTS = [checkpoint(WHOLE, size) for size in SIGNED]


def told(log: Sequence[bytes], checkpoints: Sequence[Checkpoint] = CHECKPOINTS) -> list[str]:
    return [str(fault) for fault in audit(log, checkpoints).faults]


def kinds(log: Sequence[bytes], checkpoints: Sequence[Checkpoint] = CHECKPOINTS) -> set[str]:
    return {fault.kind for fault in audit(log, checkpoints).faults}


def renumbered(entries: Sequence[bytes]) -> list[bytes]:
    """What a careful forger does: after a change every entry says the number of its new place."""
    from rightcall.ledger.entry import read_entry

    found = [read_entry(line[:-1]) for line in entries]
    return lines_of(replace(each, index=index) for index, each in enumerate(found) if each is not None)


def test_a_log_that_was_not_touched_holds() -> None:
    done = audit(WHOLE, CHECKPOINTS)
    assert (done.tree.size, done.proven, done.unsigned, done.faults, done.count) == (14, 13, 1, (), 0)


def test_any_bit_flip_is_found() -> None:
    """Every bit of the file up to the last signed entry; told where, as exactly as the checkpoints know it."""
    stored = b"".join(WHOLE[: SIGNED[-1]])
    for at in range(len(stored)):
        for bit in range(8):
            flipped = stored[:at] + bytes([stored[at] ^ 1 << bit]) + stored[at + 1 :]
            found = audit([*_split(flipped), *WHOLE[SIGNED[-1] :]], CHECKPOINTS)
            line = stored.count(b"\n", 0, at)
            assert found.count, (at, bit)
            assert found.proven == max((size for size in SIGNED if size <= line), default=0), (at, bit)
            assert any(fault.kind == "changed" for fault in found.faults) or stored[at : at + 1] == b"\n", (at, bit, found.faults)


def _split(stored: bytes) -> list[bytes]:
    return [line + b"\n" for line in stored.split(b"\n")[:-1]] + [line for line in stored.split(b"\n")[-1:] if line]


def test_a_changed_entry_is_told_between_two_signed_sizes() -> None:
    log = [*WHOLE[:6], *lines_of([entry(6, "another history")]), *WHOLE[7:]]
    assert told(log) == ["changed: the entries 4 to 8 are not as signed: the log was changed there, or another history was signed"]


def test_an_entry_that_is_none_is_told_by_its_line() -> None:
    log = [*WHOLE[:6], b"nothing\n", *WHOLE[7:]]
    assert told(log)[0] == "changed: entry 6 is not readable as an entry (line 7)"


def test_a_changed_number_is_not_taken_for_a_gap() -> None:
    for number in (b"16", b"9000000000000006"):
        log = [*WHOLE[:6], WHOLE[6].replace(b'"index":6,', b'"index":%s,' % number), *WHOLE[7:]]
        assert told(log)[0] == f"changed: entry 6 is numbered {number.decode()} (line 7)"
        assert kinds(log) == {"changed"}


@pytest.mark.parametrize("index", range(13))
def test_any_deletion_is_found_and_named(index: int) -> None:
    log = [*WHOLE[:index], *WHOLE[index + 1 :]]
    assert f"removed: entry {index} is missing" in told(log)
    assert audit(log, CHECKPOINTS).proven <= index


@pytest.mark.parametrize("index", range(13))
def test_a_deletion_with_new_numbers_is_found(index: int) -> None:
    log = renumbered([*WHOLE[:index], *WHOLE[index + 1 :]])
    found = audit(log, CHECKPOINTS)
    assert found.proven == max((size for size in SIGNED if size <= index), default=0)
    assert {fault.kind for fault in found.faults} == {"changed"}


def test_several_removed_entries_are_told_as_one() -> None:
    assert told([*WHOLE[:5], *WHOLE[8:]])[0] == "removed: the entries 5 to 7 are missing"


def test_any_reordering_of_two_is_found_and_named() -> None:
    for first in range(13):
        for second in range(first + 1, 13):
            log = list(WHOLE)
            log[first], log[second] = log[second], log[first]
            assert "reordered" in kinds(log), (first, second)
            assert "changed" in kinds(renumbered(log)), (first, second)


def test_two_that_changed_places_are_told_as_that() -> None:
    log = list(WHOLE)
    log[2], log[7] = log[7], log[2]
    assert told(log)[:2] == ["reordered: entry 7 is in the place of entry 2 (line 3)", "reordered: entry 2 is in the place of entry 7 (line 8)"]


def test_what_was_moved_is_named_with_its_lines() -> None:
    log = [*WHOLE[:2], WHOLE[10], *WHOLE[2:10], *WHOLE[11:]]
    assert told(log)[0] == "reordered: the entries 2 to 9 are placed after entry 10 (lines 4 to 11)"
    assert kinds(log) == {"reordered", "changed"}


def test_a_repeated_entry_is_named() -> None:
    log = [*WHOLE[:6], WHOLE[3], *WHOLE[6:]]
    assert told(log)[0] == "repeated: entry 3 is there again (line 7)"


@pytest.mark.parametrize("size", range(13))
def test_any_truncation_is_found_and_measured(size: int) -> None:
    found = audit(WHOLE[:size], CHECKPOINTS)
    missing = f"entry {size} is missing" if size == 12 else f"the entries {size} to 12 are missing"
    assert [str(fault) for fault in found.faults] == [f"cut off: {missing} at the end of the log"]
    assert found.proven == max((signed for signed in SIGNED if signed <= size), default=0)


def test_a_line_that_was_cut_is_found() -> None:
    assert told([*WHOLE[:12], WHOLE[12][:-2]]) == [
        "changed: entry 12 is not readable as an entry (line 13)",
        "changed: the entries 9 to 12 are not as signed: the log was changed there, or another history was signed",
    ]
    assert told([*WHOLE[:12], WHOLE[12][:-1]]) == ["changed: entry 12 is not readable as an entry (line 13)"]


def test_a_fork_is_told_where_the_log_signed_both_histories() -> None:
    """Somebody kept a checkpoint of size 9 that belongs to another history than the log that is shown, with a checkpoint of it, today."""
    other = [*WHOLE[:6], *lines_of(entry(index, "another history") for index in range(6, 14))]
    assert told(WHOLE, [*CHECKPOINTS, checkpoint(other, 11)]) == [
        "forked: two histories were signed: the checkpoint of size 11 does not belong to that of size 13"
    ]
    assert told(WHOLE, [*CHECKPOINTS, checkpoint(other, 13)]) == ["forked: two histories were signed: there are 2 different checkpoints of size 13"]
    assert kinds(WHOLE, [*CHECKPOINTS, checkpoint(other, 14)]) == {"changed"}
    assert audit(WHOLE, [*CHECKPOINTS, checkpoint(other, 14)]).proven == 13


def test_two_checkpoints_of_one_size_are_a_fork_even_if_neither_holds() -> None:
    others = [checkpoint(lines_of(entry(index, version) for index in range(9)), 9) for version in ("one", "two")]
    assert "forked: two histories were signed: there are 2 different checkpoints of size 9" in told(WHOLE, others)


def test_a_log_made_anew_with_new_numbers_and_times_is_found() -> None:
    assert kinds(lines_of(entry(index, "made up") for index in range(14))) == {"changed"}


def test_an_entry_older_than_the_one_before_is_told() -> None:
    log = [*WHOLE[:5], *lines_of([replace(entry(5), time=entry(5).time - timedelta(days=2))]), *WHOLE[6:]]
    assert told(log, []) == ["back-dated: entry 5 is older than an entry before (line 6)"]


def test_a_log_without_checkpoints_is_only_in_order() -> None:
    done = audit(WHOLE, [])
    assert (done.proven, done.unsigned, done.faults) == (0, 14, ())
    assert kinds([*WHOLE[:3], *WHOLE[4:]], []) == {"removed"}


def test_an_empty_log_holds_against_a_checkpoint_of_nothing() -> None:
    assert audit([], [checkpoint([], 0)]).faults == ()
    with pytest.raises(ValueError, match="an empty log has another root"):
        replace(checkpoint([], 0), root=bytes(32))


def test_of_a_log_in_which_nothing_is_in_place_no_more_is_told_than_is_read() -> None:
    log = lines(2000)
    random.Random(7).shuffle(log)
    done = audit(log, [checkpoint(lines(2000), 2000)])
    assert len(done.faults) == MOST_FAULTS
    assert done.count > MOST_FAULTS
    done = audit([line.replace(b'"index":', b'"index":9') if at % 2 else line for at, line in enumerate(log)], [])
    assert (len(done.faults), done.count > MOST_FAULTS) == (MOST_FAULTS, True)


def test_very_many_changed_numbers_are_counted() -> None:
    log = [line.replace(b'"index":', b'"index":9') if at % 2 else line for at, line in enumerate(lines(601))]
    done = audit(log, [])
    assert (len(done.faults), done.count) == (MOST_FAULTS, 300)
    assert {fault.kind for fault in done.faults} == {"changed"}


Change = Callable[[list[bytes], random.Random], list[bytes]]


@settings(max_examples=examples(300))
@given(st.integers(1, 24), st.data())
def test_only_the_log_that_was_signed_holds(size: int, data: st.DataObject) -> None:
    """Any list of lines, made of the signed ones and others by any number of changes: it holds only where it begins with what was signed."""
    whole = lines(size)
    sizes = data.draw(st.lists(st.integers(0, size), min_size=1, max_size=3))
    signed = [checkpoint(whole, each) for each in sizes]
    others = lines_of(entry(index, "another history") for index in range(size))
    log = data.draw(st.lists(st.sampled_from([*whole, *others]), max_size=size + 2) | st.just(whole) | st.integers(0, size).map(lambda cut: whole[:cut]))
    done: Audit = audit(log, signed)
    largest = max(sizes)
    assert (log[:largest] == whole[:largest]) or done.count > 0
    assert done.count == 0 or log != whole
    assert whole[: done.proven] == log[: done.proven]
    assert LOG.name == signed[0].origin
