"""The ledger: verify a log or a receipt, sign checkpoints, witness them, and make keys. Needs the extra ``ledger``."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rightcall.cli.console import err, print_plain
from rightcall.law.problem import Refused, refuse

if TYPE_CHECKING:
    from rightcall.ledger.checkpoint import Attested
    from rightcall.ledger.note import Note, Signer, Verifier
    from rightcall.ledger.submission import Submission
    from rightcall.ledger.witness import Witness

app = typer.Typer(help="The ledger: verify a log or a receipt, sign checkpoints of it, and witness them.", no_args_is_help=True)

KeyOption = Annotated[str, typer.Option("--key", metavar="VKEY", help="The key of the log, as it is published: `name+hash+base64`.")]
SecretOption = Annotated[Path, typer.Option("--key", metavar="KEYFILE", help="The file with the private key, of `rightcall ledger key`.")]


@app.callback()
def _main() -> None:
    if importlib.util.find_spec("cryptography") is None:
        raise refuse("the ledger needs the library cryptography", help="pip install 'rightcall[ledger]'")


@app.command(
    "key",
    epilog="**Example:** `rightcall ledger key example.org/calls --out log.key`  \n**Example:** `rightcall ledger key example.net/w1 --witness --out w1.key`",
)
def key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is; of a log it is the name of the log too. Best an address without `https://`.")],
    out: Annotated[Path, typer.Option("--out", metavar="KEYFILE", help="A new file for the private key, which only its owner can read.")],
    witness: Annotated[bool, typer.Option("--witness", help="A key for the cosignatures of a witness, not for a log.")] = False,
) -> None:
    """Make a key: the private one goes into a file, the public one (the VKEY, to be published) is printed."""
    from rightcall.ledger.disk import SECRET
    from rightcall.ledger.note import COSIGNATURE, ED25519, Signer

    if out.exists():
        raise refuse("there is a file already", out, "name a new one: a key that is overwritten is lost")
    signer = Signer.new(name, COSIGNATURE if witness else ED25519)
    _write(out, signer.secret() + "\n", SECRET)
    print_plain(str(signer.verifier))


@app.command(
    "verify",
    epilog="**Example:** `rightcall ledger verify log.jsonl --checkpoint checkpoint --key example.org/calls+…`  \n"
    "**Example:** `rightcall ledger verify --receipt receipt.txt --key example.org/calls+… --witness example.net/w1+…`",
)
def verify(
    key: KeyOption,
    log: Annotated[Path | None, typer.Argument(metavar="[LOG]", help="An exported log, one entry a line.")] = None,
    checkpoints: Annotated[
        list[Path] | None, typer.Option("--checkpoint", metavar="FILE", help="A checkpoint that was signed over the log; give all that you have.")
    ] = None,
    witnesses: Annotated[list[str] | None, typer.Option("--witness", metavar="VKEY", help="The key of a witness that has to have co-signed.")] = None,
    receipt: Annotated[
        Path | None, typer.Option("--receipt", metavar="FILE", help="A receipt, in any of its forms; beside a log its checkpoint counts as one more.")
    ] = None,
    content: Annotated[
        Path | None, typer.Option("--content", metavar="FILE", help="The content of the receipt's entry, to see that it is what was logged.")
    ] = None,
) -> None:
    """Verify a log against checkpoints, or a receipt; offline. Exit status 1 when something does not hold, with what and where."""
    from rightcall.ledger.note import Unproven

    keys, of_log = [_witness_key(witness) for witness in witnesses or ()], _log_key(key)
    if not (receipt or (log and checkpoints)) or (checkpoints and not log) or (content and not receipt):
        raise refuse(
            "verify a log with its checkpoints, or a receipt", help="rightcall ledger verify LOG --checkpoint FILE, or rightcall ledger verify --receipt FILE"
        )
    try:
        signed = [_attested(file, of_log, keys) for file in checkpoints or ()]
        receipt_holds = receipt is None or _receipt_holds(receipt, content, of_log, keys, signed)
        log_holds = log is None or _log_holds(log, signed, keys)
    except Unproven as unproven:
        print_plain(f"forged: {unproven}")
        raise typer.Exit(1) from None
    raise typer.Exit(0 if receipt_holds and log_holds else 1)


def _log_holds(path: Path, signed: Sequence[Attested], witnesses: Sequence[Verifier]) -> bool:
    from rightcall.ledger.audit import audit
    from rightcall.ledger.export import read_lines

    done = audit(read_lines(path), (each.checkpoint for each in signed))
    for fault in done.faults:
        print_plain(str(fault))
    if done.count > len(done.faults):
        print_plain(f"... and {done.count - len(done.faults):,} more; {done.count:,} in all")
    unseen = max(signed, key=lambda each: each.checkpoint.size).missing(witnesses)
    for witness in unseen:
        print_plain(f"not co-signed: `{witness.name}` has not co-signed the last checkpoint")
    rest = "" if done.count else f"; {done.unsigned:,} after them are not signed yet"
    print_plain(f"{done.tree.size:,} entries; the first {done.proven:,} are as they were signed{rest}")
    return not done.count and not unseen


def _attested(file: Path, log: Verifier, witnesses: Sequence[Verifier]) -> Attested:
    from rightcall.ledger.checkpoint import attested
    from rightcall.ledger.note import read_note

    return attested(read_note(_read(file), file), log, witnesses, file)


def _receipt_holds(file: Path, content: Path | None, log: Verifier, witnesses: Sequence[Verifier], signed: list[Attested]) -> bool:
    """Tell what a receipt proves. Its checkpoint is one more that a log is held against."""
    from rightcall.ledger.entry import read_opening
    from rightcall.ledger.receipt import check_receipt, read_receipt

    receipt = read_receipt(_read(file), file)
    found = check_receipt(receipt, log, witnesses)
    signed.append(found)
    entry = receipt.entry
    print_plain(f"entry {entry.index:,} of {log.name}: {entry.kind}, {entry.time:%Y-%m-%d %H:%M:%S} UTC")
    print_plain(f"it is among the {found.checkpoint.size:,} entries that the log signed")
    for key, at in found.cosigned:
        assert at is not None
        print_plain(f"co-signed by {key.name}, {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC")
    if content is None:
        return True
    opens = read_opening(_read(content), content).opens(entry)
    print_plain("the content is what was logged" if opens else "changed: the content is not what was logged")
    return opens


@app.command(
    "checkpoint",
    epilog="**Example:** `rightcall ledger checkpoint log.jsonl --key log.key --out checkpoint`  \n"
    "**Example:** `rightcall ledger checkpoint log.jsonl --key log.key --out checkpoint --witness https://w1.example.net --witness-key example.net/w1+…`",
)
def checkpoint(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="An exported log, one entry a line.")],
    key: SecretOption,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the checkpoint is kept; the one that is there has to be continued. By default it is printed."),
    ] = None,
    urls: Annotated[list[str] | None, typer.Option("--witness", metavar="URL", help="Ask the witness at this address to co-sign.")] = None,
    witnesses: Annotated[list[str] | None, typer.Option("--witness-key", metavar="VKEY", help="The key of a witness whose cosignature is taken.")] = None,
    submission: Annotated[Path | None, typer.Option("--submission", metavar="FILE", help="Write what a witness without a network has to be given.")] = None,
    seen: Annotated[int, typer.Option("--seen", metavar="N", min=0, help="How many entries that witness saw last.")] = 0,
) -> None:
    """Sign a checkpoint of a log. A log that does not hold, or that does not continue the checkpoint in `--out`, is not signed."""
    signer, keys = _signer(key), tuple(map(_witness_key, witnesses or ()))
    _log_key(str(signer.verifier))
    note, failed = _signed(log, signer, out), False
    carried = None if submission is None else _submission(log, note, seen)
    _keep(note, out)
    for url in urls or ():
        try:
            note = _cosigned(url, log, note, keys)
        except Refused as refused:
            err.print(str(refused), style="", markup=False, highlight=False, soft_wrap=True)
            failed = True
        _keep(note, out)
    if submission is not None and carried is not None:
        _write(submission, carried.text())
    if out is None:
        print_plain(str(note).removesuffix("\n"))
    raise typer.Exit(1 if failed else 0)


def _signed(path: Path, signer: Signer, out: Path | None) -> Note:
    """INVARIANT: nothing is signed that does not continue what was signed before."""
    from rightcall.ledger.audit import audit
    from rightcall.ledger.checkpoint import checkpoint_of
    from rightcall.ledger.export import read_lines

    earlier = _attested(out, signer.verifier, ()) if out is not None and out.exists() else None
    done = audit(read_lines(path), [earlier.checkpoint] if earlier else [])
    if done.faults:
        raise refuse(f"the log is not signed: {done.faults[0]}", path, "nothing is signed over what was changed; see `rightcall ledger verify`")
    made = checkpoint_of(done.tree, signer.name)
    return earlier.note if earlier is not None and earlier.checkpoint == made else made.signed(signer)


def _cosigned(url: str, log: Path, note: Note, witnesses: tuple[Verifier, ...]) -> Note:
    from rightcall.ledger.service import cosigned

    return cosigned(url, note, lambda seen: _submission(log, note, seen), witnesses)


def _submission(log: Path, note: Note, seen: int) -> Submission:
    from rightcall.ledger.checkpoint import read_checkpoint
    from rightcall.ledger.export import prove
    from rightcall.ledger.submission import Submission
    from rightcall.ledger.tree import consistency_proof

    size = read_checkpoint(note).size
    if seen > size:
        raise refuse(f"the log has {size} entries, fewer than the {seen} that the witness saw", log)
    return Submission(seen, tuple(prove(log, size, lambda nodes: consistency_proof(seen, size, nodes))), note)


@app.command(
    "witness",
    epilog="**Example:** `rightcall ledger witness --key w1.key --log example.org/calls+… --state seen.json --first`  \n"
    "**Example:** `rightcall ledger witness --key w1.key --log example.org/calls+… --state seen.json --submission carried.txt`",
)
def witness(
    key: SecretOption,
    logs: Annotated[list[str], typer.Option("--log", metavar="VKEY", help="The key of a log that is watched; as many as you like.")],
    state: Annotated[Path, typer.Option("--state", metavar="FILE", help="What the witness has seen. It must not be lost, nor put back to an earlier state.")],
    first: Annotated[bool, typer.Option("--first", help="This is the first start: there is no state yet.")] = False,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Listen here; by default only for this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="Listen on this port; 0 for any that is free.")] = 8462,
    submission: Annotated[
        Path | None, typer.Option("--submission", metavar="FILE", help="Judge one submission from a file, print the cosignature, and end.")
    ] = None,
) -> None:
    """Watch logs as an independent witness: co-sign a checkpoint only when it continues what was seen before. Ctrl-C ends it."""
    from rightcall.ledger.witness import Witness, begin_memory, read_memory

    signer, watched = _signer(key), [_log_key(log) for log in logs]
    _witness_key(str(signer.verifier))
    if len({log.name for log in watched}) < len(watched):
        raise refuse("a log was named twice", help="a witness trusts one key of each log")
    if first:
        begin_memory(state)
    read_memory(state)
    watching = Witness(signer, {log.name: log for log in watched}, state)
    if submission is not None:
        raise typer.Exit(_judge(watching, submission))
    _listen(watching, host, port)


def _judge(witness: Witness, file: Path) -> int:
    answer = witness.add(_read(file), int(time.time()))
    print_plain(answer.body.removesuffix("\n"))
    return 0 if answer.status == HTTPStatus.OK else 1


def _listen(witness: Witness, host: str, port: int) -> None:
    from rightcall.ledger.service import Server

    try:
        server = Server(witness, host, port)
    except OSError as error:
        raise refuse(f"nobody can listen on {host}, port {port}: {error.strerror}", help="name another `--port`") from None
    with server:
        print_plain(f"{witness.key.verifier}\nlistens on {server.url}")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            server.serve_forever()


def _log_key(vkey: str) -> Verifier:
    from rightcall.ledger.note import ED25519, read_verifier

    key = read_verifier(vkey)
    if key.algorithm != ED25519:
        raise refuse(f"the key of `{key.name}` is of a witness, and a log has one of its own", help="rightcall ledger key NAME --out FILE")
    return key


def _witness_key(vkey: str) -> Verifier:
    from rightcall.ledger.note import COSIGNATURE, read_verifier

    key = read_verifier(vkey)
    if key.algorithm != COSIGNATURE:
        raise refuse(f"the key of `{key.name}` is of a log, and a witness has one of its own", help="rightcall ledger key NAME --witness --out FILE")
    return key


def _signer(file: Path) -> Signer:
    from rightcall.ledger.note import read_signer

    return read_signer(_read(file).decode("utf-8", "replace").strip(), file)


def _keep(note: Note, out: Path | None) -> None:
    if out is not None:
        _write(out, str(note))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise refuse(f"the file cannot be read: {error.strerror}", file) from None


def _write(file: Path, content: str, mode: int = 0o644) -> None:
    from rightcall.ledger.disk import replace_file

    try:
        replace_file(file, content, mode)
    except OSError as error:
        raise refuse(f"the file cannot be written: {error.strerror}", file, "nothing was changed") from None
