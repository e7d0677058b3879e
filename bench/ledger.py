"""A log of a million entries: the time of ``rightcall ledger verify`` over it, its memory, and the size of a receipt.

The entries are made up. The command runs in a process of its own. Exit status 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from national import GIB, timed

from rightcall.ledger.checkpoint import checkpoint_of
from rightcall.ledger.entry import new_entry
from rightcall.ledger.export import prove, read_lines
from rightcall.ledger.note import COSIGNATURE, Note, Signer
from rightcall.ledger.receipt import Receipt, check_receipt
from rightcall.ledger.tree import Frontier, inclusion_proof, leaf_hash

HERE = Path(__file__).resolve().parent
COMMAND = [sys.executable, "-c", "from rightcall.cli import main; main()"]
SECONDS_BAR, BYTES_BAR = 15.0, 1000
KINDS = ("notice.issued", "notice.served", "case.received", "case.decided", "person.home")
START = datetime(2026, 9, 21, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".work-") as work:
        sys.exit(0 if _measured(Path(work), asked.entries, asked.threads) else 1)


def _measured(work: Path, count: int, threads: int) -> bool:
    log, file = work / "log.jsonl", work / "checkpoint"
    _make(log, count)
    signer, witness = Signer.new("example.org/calls"), Signer.new("example.net/w1", COSIGNATURE)
    note = _signed(log, signer, witness)
    file.write_text(str(note), "utf-8")
    taken = timed([*COMMAND, "ledger", "verify", log, "--checkpoint", file, "--key", str(signer.verifier), "--witness", str(witness.verifier)], threads)
    print(f"{count:,} entries verified in {taken.wall:.1f} s (bar {SECONDS_BAR:.0f}), peak memory {taken.rss / GIB:.2f} GiB")
    begun = time.perf_counter()
    receipt = _receipt(log, note, count // 2 - 1)
    print(f"a receipt made from the file in {time.perf_counter() - begun:.1f} s")
    begun = time.perf_counter()
    check_receipt(receipt, signer.verifier, [witness.verifier])
    print(f"and verified in {(time.perf_counter() - begun) * 1000:.1f} ms")
    alone = Receipt(receipt.entry, receipt.proof, Note(note.text, note.signatures[:1]))
    for name, one in (("a receipt", alone), ("with a witness", receipt)):
        print(f"{name}: {len(one.to_bytes())} bytes (bar {BYTES_BAR}); {len(one.letters())} letters; {len(one.text().encode())} bytes in the readable form")
    return taken.wall <= SECONDS_BAR and len(receipt.to_bytes()) <= BYTES_BAR


def _make(log: Path, count: int) -> None:
    with log.open("wb") as file:
        for index in range(count):
            made = new_entry(index, START + timedelta(seconds=index), KINDS[index % len(KINDS)], sha256(b"%d" % index).digest())
            file.write(made.line() + b"\n")


def _signed(log: Path, signer: Signer, witness: Signer) -> Note:
    tree = Frontier().extend(leaf_hash(line[:-1]) for line in read_lines(log))
    note = checkpoint_of(tree, signer.name).signed(signer)
    return note.signed(witness.cosign(note.text, int(time.time())))


def _receipt(log: Path, note: Note, index: int) -> Receipt:
    size = int(note.text.split("\n")[1])
    entry = new_entry(index, START + timedelta(seconds=index), KINDS[index % len(KINDS)], sha256(b"%d" % index).digest())
    return Receipt(entry, tuple(prove(log, size, lambda nodes: inclusion_proof(index, size, nodes))), note)


if __name__ == "__main__":
    main()
