"""The witness: it co-signs what continues what it saw, and nothing else, whatever is sent, and wherever it is killed."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import LOG, OTHER, W1, W2, checkpoint, entry, lines, lines_of, nodes, signed

from conftest import examples
from rightcall.law.problem import Refused
from rightcall.ledger.checkpoint import attested
from rightcall.ledger.note import Note, Signer, read_signature, verified
from rightcall.ledger.service import LARGEST_BODY, Server, cosigned
from rightcall.ledger.submission import Submission, read_submission, submission
from rightcall.ledger.tree import EMPTY_ROOT
from rightcall.ledger.witness import SIZE_TYPE, Answer, Seen, Witness, begin_memory, read_memory

WHOLE = lines(30)
FORK = [*WHOLE[:10], *lines_of(entry(index, "another history") for index in range(10, 30))]
NODES, FORK_NODES = nodes(WHOLE), nodes(FORK)
NOW = 1_800_000_000


def asked(old: int, size: int, key: Signer = LOG) -> bytes:
    return submission(old, signed(WHOLE, size, key), NODES).text().encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    memory = tmp_path / "seen.json"
    begin_memory(memory)
    return Witness(W1, {LOG.name: LOG.verifier}, memory)


def test_what_continues_is_cosigned_and_remembered(witness: Witness) -> None:
    for old, size in ((0, 7), (7, 7), (7, 16), (16, 30)):
        answer = witness.add(asked(old, size), NOW)
        assert answer.status == HTTPStatus.OK
        note = signed(WHOLE, size).signed(read_signature(answer.body.removesuffix("\n")))
        assert [(key.name, at) for key, at in attested(note, LOG.verifier, [W1.verifier]).cosigned] == [(W1.name, NOW)]
        assert read_memory(witness.memory) == {LOG.name: Seen(size, checkpoint(WHOLE, size).root)}


def test_a_forged_signature_is_not_cosigned(witness: Witness) -> None:
    note = signed(WHOLE, 7)
    (line,) = note.signatures
    forged = Note(note.text, (line.__class__(line.name, line.key_id, bytes(64)),))
    assert witness.add(submission(0, forged, NODES).text().encode(), NOW).status == HTTPStatus.FORBIDDEN


def test_the_wrong_key_is_not_cosigned(witness: Witness) -> None:
    assert witness.add(asked(0, 7, OTHER), NOW).status == HTTPStatus.FORBIDDEN
    assert read_memory(witness.memory) == {}


def test_an_unknown_log_is_not_cosigned(witness: Witness) -> None:
    other = Signer("example.org/other", LOG.algorithm, LOG.seed)
    text = checkpoint(WHOLE, 7).text.replace("calls", "other")
    assert witness.add(submission(0, Note(text).signed(other.sign(text)), NODES).text().encode(), NOW).status == HTTPStatus.NOT_FOUND


def test_a_replayed_old_checkpoint_is_not_cosigned(witness: Witness) -> None:
    """Neither as it was sent then, nor with any old size: the witness never goes back."""
    witness.add(asked(0, 7), NOW)
    witness.add(asked(7, 16), NOW)
    assert witness.add(asked(0, 7), NOW) == Answer(HTTPStatus.CONFLICT, "16\n", SIZE_TYPE)
    assert witness.add(asked(7, 7), NOW) == Answer(HTTPStatus.CONFLICT, "16\n", SIZE_TYPE)
    back = Submission(16, (), signed(WHOLE, 7))
    assert witness.add(back.text().encode(), NOW).status == HTTPStatus.BAD_REQUEST
    assert read_memory(witness.memory)[LOG.name].size == 16


def test_a_second_history_is_not_cosigned(witness: Witness) -> None:
    """A fork: shorter, of the same size, or longer, with the proof of either history or none."""
    witness.add(asked(0, 16), NOW)
    before = witness.memory.read_bytes()
    for size, proof, status in (
        (16, (), HTTPStatus.CONFLICT),
        (20, tuple(submission(16, signed(FORK, 20), FORK_NODES).proof), HTTPStatus.UNPROCESSABLE_ENTITY),
        (20, tuple(submission(16, signed(WHOLE, 20), NODES).proof), HTTPStatus.UNPROCESSABLE_ENTITY),
        (20, (), HTTPStatus.UNPROCESSABLE_ENTITY),
        (12, (), HTTPStatus.BAD_REQUEST),
    ):
        answer = witness.add(Submission(16, proof, signed(FORK, size)).text().encode(), NOW)
        assert (answer.status, "—" in answer.body) == (status, False)
    assert witness.memory.read_bytes() == before


def test_a_first_checkpoint_comes_without_proof(witness: Witness) -> None:
    stuffed = Submission(0, (EMPTY_ROOT,), signed(WHOLE, 7))
    assert witness.add(stuffed.text().encode(), NOW).status == HTTPStatus.UNPROCESSABLE_ENTITY


BAD = {
    "nothing": b"",
    "not UTF-8": b"old 0\n\n\xff\n",
    "no old size": str(signed(WHOLE, 7)).encode(),
    "a leading zero": asked(0, 7).replace(b"old 0", b"old 00"),
    "a negative size": asked(0, 7).replace(b"old 0", b"old -1"),
    "a hash that is none": asked(0, 7).replace(b"old 0\n", b"old 0\nAAAA\n"),
    "too many hashes": asked(0, 7).replace(b"old 0\n", b"old 0\n" + b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" * 64),
    "no checkpoint": b"old 0\n\n",
    "a note that is no checkpoint": b"old 0\n\nhello\n\n" + str(signed(WHOLE, 7)).partition("\n\n")[2].encode(),
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_what_is_no_submission_is_a_bad_request(witness: Witness, body: bytes) -> None:
    assert witness.add(body, NOW).status == HTTPStatus.BAD_REQUEST


def test_a_submission_is_read_as_it_was_written() -> None:
    made = submission(7, signed(WHOLE, 20), NODES)
    assert read_submission(made.text().encode()) == made


# --- crashes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod"])
def test_a_witness_that_falls_between_verifying_and_writing_has_signed_nothing(witness: Witness, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    witness.add(asked(0, 7), NOW)
    before = witness.memory.read_bytes()

    def fall(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, step, fall)
        with pytest.raises(OSError, match="No space left"):
            witness.add(asked(7, 16), NOW)
    assert witness.memory.read_bytes() == before
    assert sorted(path.name for path in witness.memory.parent.iterdir()) == ["seen.json", "seen.json.lock"]
    assert witness.add(asked(7, 16), NOW).status == HTTPStatus.OK


def test_it_signs_only_what_is_already_on_the_disk(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk: list[int] = []
    cosign = Signer.cosign

    def noted(self: Signer, text: str, at: int) -> object:
        on_disk.append(read_memory(witness.memory)[LOG.name].size)
        return cosign(self, text, at)

    monkeypatch.setattr(Signer, "cosign", noted)
    witness.add(asked(0, 7), NOW)
    witness.add(asked(7, 16), NOW)
    assert on_disk == [7, 16]


def test_a_witness_that_fell_after_writing_signs_when_it_is_asked_again(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Signer, "cosign", fall)
        with pytest.raises(KeyboardInterrupt):
            witness.add(asked(0, 7), NOW)
    assert witness.add(asked(0, 7), NOW) == Answer(HTTPStatus.CONFLICT, "7\n", SIZE_TYPE)
    assert witness.add(asked(7, 7), NOW).status == HTTPStatus.OK


MEMORIES = {
    "nothing": b"",
    "cut": b'{"example.org/calls": {"size": 7,',
    "a list": b"[]",
    "no root": b'{"example.org/calls": {"size": 7}}',
    "a negative size": b'{"example.org/calls": {"size": -7, "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}',
    "a short root": b'{"example.org/calls": {"size": 7, "root": "47DE"}}',
}


@pytest.mark.parametrize("content", MEMORIES.values(), ids=MEMORIES)
def test_a_memory_that_cannot_be_read_is_not_taken_for_none(witness: Witness, content: bytes) -> None:
    witness.memory.write_bytes(content)
    with pytest.raises(Refused, match="the memory of the witness cannot be read"):
        witness.add(asked(0, 7), NOW)


def test_a_lost_memory_is_not_taken_for_none_and_a_good_one_is_not_begun_anew(witness: Witness) -> None:
    with pytest.raises(Refused, match="the witness has a memory already"):
        begin_memory(witness.memory)
    witness.memory.unlink()
    with pytest.raises(Refused, match="the witness has no memory"):
        witness.add(asked(0, 7), NOW)


@settings(max_examples=examples(100))
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans(), st.booleans()), max_size=12))
def test_whatever_is_sent_all_that_is_cosigned_is_one_history(tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[int, int, bool, bool]]) -> None:
    memory = tmp_path_factory.mktemp("witness") / "seen.json"
    begin_memory(memory)
    witness = Witness(W1, {LOG.name: LOG.verifier}, memory)
    taken: list[tuple[int, bytes]] = []
    for old, size, forked, proof_forked in sent:
        proof = submission(old, signed(WHOLE, size), FORK_NODES if proof_forked else NODES).proof if old <= size else ()
        note = signed(FORK if forked else WHOLE, size)
        if witness.add(Submission(old, proof, note).text().encode(), NOW).status == HTTPStatus.OK:
            taken.append((size, checkpoint(FORK if forked else WHOLE, size).root))
    assert [size for size, _ in taken] == sorted(size for size, _ in taken)
    assert any(all(checkpoint(log, size).root == root for size, root in taken) for log in (WHOLE, FORK))


# --- over a network ------------------------------------------------------------------------------------------------


@pytest.fixture
def server(witness: Witness) -> Iterator[Server]:
    with Server(witness, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_two_witnesses_cosign_one_checkpoint(server: Server, tmp_path: Path) -> None:
    begin_memory(tmp_path / "second.json")
    second = Witness(W2, {LOG.name: LOG.verifier}, tmp_path / "second.json")
    second.add(asked(0, 5), NOW)
    with Server(second, "127.0.0.1", 0) as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        note = signed(WHOLE, 16)
        for url in (server.url, other.url + "/"):
            note = cosigned(url, note, lambda seen: submission(seen, signed(WHOLE, 16), NODES), (W1.verifier, W2.verifier))
        other.shutdown()
        thread.join()
    assert [key.name for key, _ in attested(note, LOG.verifier, [W1.verifier, W2.verifier]).cosigned] == [W1.name, W2.name]
    assert attested(note, LOG.verifier, [W1.verifier, W2.verifier]).missing([W1.verifier, W2.verifier]) == ()


def test_a_log_that_was_cut_off_or_forked_gets_no_cosignature(server: Server) -> None:
    cosigned(server.url, signed(WHOLE, 16), lambda seen: submission(seen, signed(WHOLE, 16), NODES), (W1.verifier,))
    with pytest.raises(Refused, match="has seen the log with 16 entries, and it has 12 now"):
        cosigned(server.url, signed(WHOLE, 12), lambda seen: submission(seen, signed(WHOLE, 12), NODES), (W1.verifier,))
    with pytest.raises(Refused, match="does not co-sign: another history"):
        cosigned(server.url, signed(FORK, 20), lambda seen: submission(seen, signed(FORK, 20), FORK_NODES), (W1.verifier,))
    with pytest.raises(Refused, match="does not co-sign: another history"):
        cosigned(server.url, signed(FORK, 16), lambda seen: submission(seen, signed(FORK, 16), FORK_NODES), (W1.verifier,))


def test_a_cosignature_of_a_stranger_is_not_taken(server: Server) -> None:
    with pytest.raises(Refused, match="signs with a key that was not named"):
        cosigned(server.url, signed(WHOLE, 16), lambda seen: submission(seen, signed(WHOLE, 16), NODES), (W2.verifier,))


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org", "", "http://", "http://127.0.0.1:1", "http://127.0.0.1:port"])
def test_a_witness_that_is_not_there_is_told(url: str) -> None:
    with pytest.raises(Refused, match=r"does not answer|is not the address of a witness"):
        cosigned(url, signed(WHOLE, 16), lambda seen: submission(seen, signed(WHOLE, 16), NODES), (W1.verifier,))


def test_the_service_keeps_a_connection_and_serves_nothing_else(server: Server, witness: Witness) -> None:
    connection = HTTPConnection(*server.server_address[:2])  # type: ignore[arg-type]
    replies = []
    for method, path, body in (
        ("POST", "/add-checkpoint", asked(0, 7)),
        ("POST", "/add-checkpoint", asked(0, 7)),
        ("POST", "/other", b""),
        ("POST", "/add-checkpoint", None),
        ("GET", "/add-checkpoint", b""),
    ):
        connection.request(method, path, body, {"Content-Length": str(LARGEST_BODY + 1)} if body is None else {})
        reply = connection.getresponse()
        replies.append((reply.status, reply.getheader("Content-Type"), reply.read()))
    connection.close()
    assert [status for status, _, _ in replies] == [200, 409, 404, 413, 501]
    assert replies[1][1:] == (SIZE_TYPE, b"7\n")
    assert verified(signed(WHOLE, 7).signed(read_signature(replies[0][2].decode().strip())), [W1.verifier])


def test_a_witness_whose_memory_fails_says_so_and_does_not_sign(server: Server, witness: Witness, capfd: pytest.CaptureFixture[str]) -> None:
    witness.memory.write_text("[]")
    with pytest.raises(Refused, match="does not co-sign: this witness cannot remember now"):
        cosigned(server.url, signed(WHOLE, 16), lambda seen: submission(seen, signed(WHOLE, 16), NODES), (W1.verifier,))
    said = capfd.readouterr().err
    assert "cannot be read" in said
    assert "127.0.0.1" not in said


def test_what_is_asked_is_logged_without_control_characters_and_without_whom(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(server.server_address[:2]) as connection:  # type: ignore[arg-type]
        connection.sendall(b"GET /\x1b[2Jx HTTP/1.1\r\n\r\n")
        assert b"501" in connection.recv(1000)
    said = capfd.readouterr().err
    assert "/?[2Jx" in said
    assert "127.0.0.1" not in said


def test_many_at_once_are_judged_one_after_another(server: Server, witness: Witness) -> None:
    """Threads that race from one size to another: whatever comes first, the memory never goes back."""
    results: list[int] = []

    def ask(size: int) -> None:
        results.append(witness.add(asked(0, size), NOW).status)

    threads = [threading.Thread(target=ask, args=(size,)) for size in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [200] + [409] * 15
    assert json.loads(witness.memory.read_text())[LOG.name]["size"] in range(1, 17)
