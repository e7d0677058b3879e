"""The witness on a network, and a log that asks it: ``POST /add-checkpoint`` of https://c2sp.org/tlog-witness. Nothing else is served."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from rightcall.law.problem import Refused, refuse
from rightcall.ledger.checkpoint import read_checkpoint, read_size
from rightcall.ledger.note import Note, Verifier, read_signature, verified
from rightcall.ledger.submission import Submission
from rightcall.ledger.witness import SIZE_TYPE, Answer, Witness

PATH = "/add-checkpoint"
LARGEST_BODY = 1 << 16
SECONDS = 10.0
Submit = Callable[[int], Submission]
"""The submission of a checkpoint to somebody who saw this size last."""


class _Handler(BaseHTTPRequestHandler):
    """One connection. It is not kept who asked."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "rightcall-witness", ""
    timeout = SECONDS
    server: Server

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= LARGEST_BODY):
            self._reply(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {LARGEST_BODY} bytes, with their length\n"), last=True)
            return
        body = self.rfile.read(int(length))
        self._reply(self._answer(body) if self.path == PATH else Answer(HTTPStatus.NOT_FOUND, f"ask {PATH}\n"))

    def _answer(self, body: bytes) -> Answer:
        """A witness whose memory fails it does not sign; why is for its keeper to read."""
        try:
            return self.server.witness.add(body, int(time.time()))
        except (Refused, OSError) as failure:
            self.log_message("%s", failure)
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "this witness cannot remember now\n")

    def _reply(self, answer: Answer, last: bool = False) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(body)))
        if last:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        said = "".join(character if character.isprintable() else "?" for character in format % args)
        sys.stderr.write(f"{self.log_date_time_string()} {said}\n")


class Server(ThreadingHTTPServer):
    """A witness that listens. Port 0 takes any that is free."""

    daemon_threads = True

    def __init__(self, witness: Witness, host: str, port: int) -> None:
        self.witness = witness
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


def cosigned(url: str, note: Note, submit: Submit, witnesses: tuple[Verifier, ...]) -> Note:
    """A checkpoint with the cosignature of the witness at an address. Raises ``Refused`` with what the witness says where it does not co-sign."""
    answer = _sent(url, submit(0))
    if answer.status == HTTPStatus.CONFLICT and answer.type == SIZE_TYPE:
        seen, size = read_size(answer.body.strip()), read_checkpoint(note).size
        if seen > size:
            raise refuse(
                f"the witness at {url} has seen the log with {seen} entries, and it has {size} now", help="the log was cut off, or this is an old copy"
            )
        answer = _sent(url, submit(seen))
    if answer.status != HTTPStatus.OK:
        raise refuse(f"the witness at {url} does not co-sign: {answer.body.strip() or answer.status}")
    lines = [read_signature(line) for line in answer.body.splitlines()]
    known = [line for line in lines if any(key.is_named_by(line) for key in witnesses)]
    if not verified(Note(note.text, tuple(known)), witnesses):
        raise refuse(f"the witness at {url} signs with a key that was not named", help="name it with `--witness-key`, if you trust it")
    return note.signed(*known)


def _sent(url: str, sent: Submission) -> Answer:
    connection, path = _connection(url)
    try:
        connection.request("POST", path + PATH, sent.text().encode())
        reply = connection.getresponse()
        body = reply.read(LARGEST_BODY).decode()
        return Answer(HTTPStatus(reply.status), body, reply.getheader("Content-Type", ""))
    except (OSError, HTTPException, ValueError) as error:
        raise refuse(f"the witness at {url} does not answer: {error}") from None
    finally:
        connection.close()


def _connection(url: str) -> tuple[HTTPConnection, str]:
    try:
        parts = urlsplit(url)
        kind = {"http": HTTPConnection, "https": HTTPSConnection}[parts.scheme]
        return kind(parts.hostname or "", parts.port, timeout=SECONDS), parts.path.rstrip("/")
    except (KeyError, ValueError, HTTPException):
        raise refuse(f"`{url}` is not the address of a witness", help="such as https://witness.example.org") from None
