"""The commands of the ledger, as a keeper, a witness and a person give them."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgers import LOG, W1, entry, lines, lines_of, nodes, opening, signed, tree_of

from conftest import COMMAND, Run
from rightcall.ledger.export import prove, read_lines
from rightcall.ledger.note import Note
from rightcall.ledger.receipt import receipt_for
from rightcall.ledger.tree import consistency_proof, inclusion_proof

WHOLE = lines(30)
VKEY = str(LOG.verifier)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log, its key, a checkpoint, a receipt and what it is about."""
    monkeypatch.chdir(tmp_path)
    Path("log.jsonl").write_bytes(b"".join(WHOLE))
    for signer, name in ((LOG, "log.key"), (W1, "w1.key")):
        Path(name).write_text(signer.secret() + "\n")
    Path("checkpoint").write_text(str(signed(WHOLE, 20)))
    Path("receipt").write_text(receipt_for(entry(7), signed(WHOLE, 20), nodes(WHOLE)).letters())
    Path("content").write_text(opening(7).text())
    return tmp_path


def test_a_new_key_is_for_its_owner_alone_and_never_over_another(office: Path, run: Run) -> None:
    said = run("ledger", "key", "example.org/new", "--out", "new.key")
    assert said.code == 0
    assert said.out.startswith("example.org/new+")
    assert (office / "new.key").stat().st_mode & 0o777 == 0o600
    assert (office / "new.key").read_text() not in said.out
    again = run("ledger", "key", "example.org/new", "--out", "new.key")
    assert (again.code, "there is a file already" in again.err) == (2, True)
    assert run("ledger", "key", "example.net/w", "--witness", "--out", "w.key").out.split("+")[2].startswith("B")
    assert run("ledger", "key", "two words", "--out", "no.key").code == 2
    assert not (office / "no.key").exists()


@pytest.mark.usefixtures("office")
def test_a_log_that_holds(run: Run) -> None:
    said = run("ledger", "verify", "log.jsonl", "--checkpoint", "checkpoint", "--key", VKEY)
    assert said == (0, "30 entries; the first 20 are as they were signed; 10 after them are not signed yet\n", "")


@pytest.mark.usefixtures("office")
def test_a_log_that_does_not_hold(run: Run) -> None:
    Path("log.jsonl").write_bytes(b"".join([*WHOLE[:5], *WHOLE[6:]]))
    said = run("ledger", "verify", "log.jsonl", "--checkpoint", "checkpoint", "--key", VKEY)
    assert said.code == 1
    assert said.out.splitlines()[0] == "removed: entry 5 is missing"
    assert said.out.splitlines()[-1] == "29 entries; the first 0 are as they were signed"


@pytest.mark.usefixtures("office")
def test_of_very_many_faults_the_count_is_told(run: Run) -> None:
    Path("log.jsonl").write_bytes(b"".join(b"nothing\n" + line for line in lines(300)))
    said = run("ledger", "verify", "log.jsonl", "--checkpoint", "checkpoint", "--key", VKEY)
    assert re.search(r"\.\.\. and \d+ more; \d+ in all", said.out)


@pytest.mark.usefixtures("office")
def test_a_forged_checkpoint_is_a_fault_and_something_else_is_refused(run: Run) -> None:
    Path("checkpoint").write_text(str(signed(WHOLE, 20)).replace("\n20\n", "\n21\n"))
    said = run("ledger", "verify", "log.jsonl", "--checkpoint", "checkpoint", "--key", VKEY)
    assert (said.code, said.out.startswith("forged: the signature of `example.org/calls` is not made by its key")) == (1, True)
    Path("checkpoint").write_text("hello\n")
    assert run("ledger", "verify", "log.jsonl", "--checkpoint", "checkpoint", "--key", VKEY).code == 2
    assert run("ledger", "verify", "log.jsonl", "--checkpoint", "none", "--key", VKEY).code == 2
    Path("checkpoint").write_text(str(signed(WHOLE, 20)))
    assert run("ledger", "verify", "none.jsonl", "--checkpoint", "checkpoint", "--key", VKEY).code == 2


@pytest.mark.usefixtures("office")
def test_a_checkpoint_of_a_size_that_no_log_has_is_no_trouble(run: Run) -> None:
    for size, code in (("9" * 18, 1), ("9" * 19, 2)):
        text = str(signed(WHOLE, 20)).partition("\n\n")[0].replace("\n20\n", f"\n{size}\n") + "\n"
        Path("checkpoint").write_text(str(Note(text).signed(LOG.sign(text))))
        assert run("ledger", "verify", "log.jsonl", "--checkpoint", "checkpoint", "--key", VKEY).code == code


@pytest.mark.usefixtures("office")
def test_a_receipt_in_each_form_with_its_content(run: Run) -> None:
    made = receipt_for(entry(7), signed(WHOLE, 20), nodes(WHOLE))
    for stored in (made.letters().encode(), made.to_bytes(), made.text().encode()):
        Path("receipt").write_bytes(stored)
        said = run("ledger", "verify", "--receipt", "receipt", "--content", "content", "--key", VKEY)
        assert said.code == 0
        assert said.out.splitlines() == [
            "entry 7 of example.org/calls: person.home, 2026-11-01 08:00:49 UTC",
            "it is among the 20 entries that the log signed",
            "the content is what was logged",
        ]
    assert run("ledger", "verify", "--receipt", "receipt", "--key", VKEY).code == 0


@pytest.mark.usefixtures("office")
def test_a_receipt_with_another_content_or_without_its_witness(run: Run) -> None:
    Path("content").write_text(opening(8).text())
    said = run("ledger", "verify", "--receipt", "receipt", "--content", "content", "--key", VKEY)
    assert (said.code, said.out.splitlines()[-1]) == (1, "changed: the content is not what was logged")
    said = run("ledger", "verify", "--receipt", "receipt", "--key", VKEY, "--witness", str(W1.verifier))
    assert (said.code, said.out) == (1, "forged: `example.net/w1` has not co-signed the checkpoint of the receipt\n")


@pytest.mark.usefixtures("office")
def test_a_receipt_tells_when_its_witness_saw_it(run: Run) -> None:
    note = signed(WHOLE, 20)
    Path("receipt").write_bytes(receipt_for(entry(7), note.signed(W1.cosign(note.text, 1_800_000_000)), nodes(WHOLE)).to_bytes())
    said = run("ledger", "verify", "--receipt", "receipt", "--key", VKEY, "--witness", W1.verifier)
    assert (said.code, said.out.splitlines()[-1]) == (0, "co-signed by example.net/w1, 2027-01-15 08:00:00 UTC")


@pytest.mark.usefixtures("office")
def test_a_receipt_from_another_history_convicts_the_log(run: Run) -> None:
    """A person's receipt beside the log that is shown today: its case is gone, and the log signed that it was there."""
    Path("log.jsonl").write_bytes(b"".join(lines_of(entry(index, "another history" if index == 7 else "") for index in range(30))))
    said = run("ledger", "verify", "log.jsonl", "--receipt", "receipt", "--key", VKEY)
    assert said.code == 1
    assert "changed: the entries 0 to 19 are not as signed" in said.out


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    "words", [["log.jsonl"], [], ["--checkpoint", "checkpoint"], ["--content", "content"], ["--checkpoint", "checkpoint", "--receipt", "receipt"]]
)
def test_verify_says_what_it_needs(run: Run, words: list[str]) -> None:
    said = run("ledger", "verify", *words, "--key", VKEY)
    assert (said.code, "verify a log with its checkpoints, or a receipt" in said.err) == (2, True)


@pytest.mark.usefixtures("office")
def test_a_checkpoint_is_signed_and_continued(run: Run) -> None:
    Path("log.jsonl").write_bytes(b"".join(WHOLE[:25]))
    assert run("ledger", "checkpoint", "log.jsonl", "--key", "log.key") == (0, str(signed(WHOLE, 25)), "")
    assert run("ledger", "checkpoint", "log.jsonl", "--key", "log.key", "--out", "checkpoint").code == 0
    assert Path("checkpoint").read_text() == str(signed(WHOLE, 25))


CHANGES = {
    "cut off": WHOLE[:19],
    "changed": [*WHOLE[:3], *lines_of([entry(3, "another history")]), *WHOLE[4:]],
    "removed": [*WHOLE[:3], *WHOLE[4:]],
}


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("kind", CHANGES)
def test_what_does_not_continue_the_last_checkpoint_is_never_signed(run: Run, kind: str) -> None:
    Path("log.jsonl").write_bytes(b"".join(CHANGES[kind]))
    before = Path("checkpoint").read_text()
    said = run("ledger", "checkpoint", "log.jsonl", "--key", "log.key", "--out", "checkpoint")
    assert (said.code, f"the log is not signed: {kind}" in said.err) == (2, True)
    assert Path("checkpoint").read_text() == before


@pytest.fixture
def witness(office: Path) -> Iterator[str]:
    """A witness as a program of its own."""
    command = [*COMMAND, "ledger", "witness", "--key", "w1.key", "--log", VKEY, "--state", "seen.json", "--first", "--port", "0"]
    with subprocess.Popen(command, cwd=office, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{W1.verifier}\n"
        yield process.stdout.readline().split()[-1]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_a_log_and_its_witness(witness: str, run: Run) -> None:
    ask = ("ledger", "checkpoint", "log.jsonl", "--key", "log.key", "--out", "checkpoint", "--witness", witness, "--witness-key", W1.verifier)
    verify = ("ledger", "verify", "log.jsonl", "--checkpoint", "checkpoint", "--key", VKEY, "--witness", W1.verifier)
    assert run(*verify) == (
        1,
        "not co-signed: `example.net/w1` has not co-signed the last checkpoint\n30 entries; the first 20 are as they were signed; 10 after them are not signed yet\n",
        "",
    )
    for size in (24, 30):
        Path("log.jsonl").write_bytes(b"".join(WHOLE[:size]))
        assert run(*ask).code == 0
        assert run(*verify) == (0, f"{size} entries; the first {size} are as they were signed; 0 after them are not signed yet\n", "")
    kept = Path("checkpoint").read_text()
    assert run("ledger", "checkpoint", "log.jsonl", "--key", "log.key", "--out", "checkpoint").code == 0
    assert Path("checkpoint").read_text() == kept, "a cosignature is kept where nothing is new"
    Path("checkpoint").unlink()
    Path("log.jsonl").write_bytes(b"".join(lines_of(entry(index, "another history") for index in range(40))))
    said = run(*ask)
    assert said.code == 1
    assert "does not co-sign: another history" in said.err
    assert run(*verify).code == 1


@pytest.mark.usefixtures("office")
def test_a_witness_without_a_network(run: Run) -> None:
    assert run("ledger", "checkpoint", "log.jsonl", "--key", "log.key", "--out", "checkpoint", "--submission", "carried").code == 0
    judge = ("ledger", "witness", "--key", "w1.key", "--log", VKEY, "--state", "seen.json", "--submission", "carried")
    said = run(*judge, "--first")
    assert said.code == 0
    Path("checkpoint").write_text(Path("checkpoint").read_text() + said.out)
    assert run("ledger", "verify", "log.jsonl", "--checkpoint", "checkpoint", "--key", VKEY, "--witness", W1.verifier).code == 0
    assert run(*judge)[:2] == (1, "30\n")
    run("ledger", "checkpoint", "log.jsonl", "--key", "log.key", "--out", "checkpoint", "--submission", "carried", "--seen", "30")
    assert run(*judge).code == 0
    Path("checkpoint").unlink()
    assert run("ledger", "checkpoint", "log.jsonl", "--key", "log.key", "--out", "checkpoint", "--submission", "carried", "--seen", "31").code == 2
    assert not Path("checkpoint").exists()


@pytest.mark.usefixtures("office")
def test_a_witness_needs_its_own_key_and_its_memory(run: Run) -> None:
    assert "is of a log, and a witness" in run("ledger", "witness", "--key", "log.key", "--log", VKEY, "--state", "seen.json", "--first").err
    assert "the witness has no memory" in run("ledger", "witness", "--key", "w1.key", "--log", VKEY, "--state", "seen.json").err
    assert "nobody can listen" in run("ledger", "witness", "--key", "w1.key", "--log", VKEY, "--state", "seen.json", "--first", "--host", "192.0.2.1").err
    assert "a log was named twice" in run("ledger", "witness", "--key", "w1.key", "--log", VKEY, "--log", VKEY, "--state", "seen.json").err
    assert "is of a witness, and a log" in run("ledger", "checkpoint", "log.jsonl", "--key", "w1.key").err
    assert "is of a witness, and a log" in run("ledger", "verify", "--receipt", "receipt", "--key", W1.verifier).err
    assert "is of a log, and a witness" in run("ledger", "verify", "--receipt", "receipt", "--key", VKEY, "--witness", VKEY).err


@pytest.mark.usefixtures("office")
def test_what_cannot_be_written_is_told(run: Run) -> None:
    said = run("ledger", "checkpoint", "log.jsonl", "--key", "log.key", "--out", "none/checkpoint")
    assert (said.code, "the file cannot be written" in said.err) == (2, True)


def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    said = run("ledger", "verify", "--receipt", "receipt", "--key", VKEY)
    assert (said.code, said.err) == (2, "rightcall: the ledger needs the library cryptography\n    help: pip install 'rightcall[ledger]'\n")


def test_the_command_line_stands_without_the_library() -> None:
    """Only the commands of the ledger need it."""
    blocked = "import sys; sys.modules['cryptography'] = None; import rightcall.cli, rightcall.ledger.tree, rightcall.ledger.entry"
    subprocess.run([sys.executable, "-c", blocked], check=True, env={**os.environ})


def test_proofs_of_an_exported_log_are_those_of_the_tree(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    long = lines(5000)
    log.write_bytes(b"".join(long))
    held = nodes(long)
    for size, old, index in ((5000, 1234, 4999), (4097, 4096, 0), (1, 1, 0)):
        assert prove(log, size, lambda read, old=old, size=size: consistency_proof(old, size, read)) == consistency_proof(old, size, held)
        assert prove(log, size, lambda read, index=index, size=size: inclusion_proof(index, size, read)) == inclusion_proof(index, size, held)
    assert tree_of(list(read_lines(log))).root() == tree_of(long).root()


def test_a_line_without_end_is_read_in_pieces(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(b"x" * 100_000)
    assert max(map(len, read_lines(tmp_path / "log.jsonl"))) <= 256
