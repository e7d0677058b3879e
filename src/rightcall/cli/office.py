"""The office: served, worked for, begun, and filled with a synthetic town to try it out."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rightcall.cli.console import err, print_plain
from rightcall.law.problem import refuse

if TYPE_CHECKING:
    from rightcall.office.town import Town

app = typer.Typer(help="The office, beside its pages: begin one, work for it, fill it with a synthetic town.", no_args_is_help=True)
SERVE_EXAMPLES = (
    "**Example:** `rightcall serve`  \n"
    "**Example:** `rightcall serve --data /srv/office --address https://office.example --proxy 127.0.0.1`  \n"
    "**Example:** `rightcall serve --database postgresql://office:secret@localhost/office`"
)
DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="The folder of the office: database, keys, rolls, letters.")]
DatabaseOption = Annotated[
    str, typer.Option("--database", metavar="URL", envvar="RIGHTCALL_DATABASE", help="`postgresql://user:password@host/name`; by default SQLite in the folder.")
]
DATA = Path("office-data")
_WAIT = 10


def _open(data: Path, database: str, **more: str) -> None:
    """Django, with this office's settings. Raises ``Refused`` where the extra is not there."""
    if not all(importlib.util.find_spec(name) for name in ("django", "ninja", "django_otp", "waitress", "typst", "cryptography")):
        raise refuse("the office needs Django and what goes with it", help="pip install 'rightcall[office]'")
    os.environ.update({"DJANGO_SETTINGS_MODULE": "rightcall.office.settings", "RIGHTCALL_OFFICE": str(data.resolve()), **more})
    if database:
        os.environ["RIGHTCALL_DATABASE"] = database
    import django

    django.setup()


def _migrate() -> None:
    """The tables, and the keys, before anybody asks for them."""
    from django.core.management import call_command

    from rightcall.office.keys import ledger_key, notice_key

    call_command("migrate", verbosity=0)
    ledger_key()
    notice_key()


def serve(
    data: DataOption = DATA,
    database: DatabaseOption = "",
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen. Only this machine by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N")] = 8000,
    address: Annotated[str, typer.Option("--address", metavar="URL", help="The public address, as it is printed on notices.")] = "",
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The name of the office.")] = "",
    proxy: Annotated[str, typer.Option("--proxy", metavar="ADDRESS", help="The proxy with TLS before it, whose word for addresses and TLS is taken.")] = "",
    threads: Annotated[int, typer.Option("--threads", metavar="N", help="Requests at once.")] = 8,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Also do the jobs.")] = True,
) -> None:
    """Serve the office, and work for it. Ctrl-C ends both.

    By default on SQLite and for this machine only; put a proxy with TLS before it to open it to others.
    """
    public = address or f"http://localhost:{port}"
    settings = {"RIGHTCALL_ADDRESS": public, "RIGHTCALL_HOSTS": _hosts(public)}
    _open(data, database, **settings, **({"RIGHTCALL_NAME": name} if name else {}))
    import waitress
    from django.conf import settings as django_settings

    django_settings.PLACE.keep("address", public)
    _migrate()

    from rightcall.office.wsgi import application

    stop = threading.Event()
    if worker:
        threading.Thread(target=_keep_working, args=(stop,), name="worker", daemon=True).start()
    print_plain(f"The office is open at {public} (data in {django_settings.PLACE.root}). Ctrl-C closes it.")
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        waitress.serve(application, host=host, port=port, threads=threads, ident="", max_request_body_size=1 << 30, **_trusted(proxy))
    finally:
        stop.set()


def _trusted(proxy: str) -> dict[str, object]:
    """Headers of a proxy count only where they come from it: else anybody could give himself another address."""
    headers = {"trusted_proxy": proxy, "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}, "trusted_proxy_count": 1} if proxy else {}
    return {"clear_untrusted_proxy_headers": True, **headers}


def _hosts(public: str) -> str:
    from urllib.parse import urlsplit

    return ",".join(dict.fromkeys([urlsplit(public).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]))


def _keep_working(stop: threading.Event) -> None:
    """The worker is a process of its own; one that dies is followed by another."""
    while not stop.is_set():
        command = [sys.executable, "-m", "rightcall", "office", "worker", "--data", os.environ["RIGHTCALL_OFFICE"]]
        process = subprocess.Popen(command)  # noqa: S603 - our own program, our own arguments
        while process.poll() is None and not stop.wait(0.2):
            pass
        if process.poll() is None:
            process.terminate()
            process.wait(_WAIT)


@app.command("worker", epilog="**Example:** `rightcall office worker --data /srv/office`")
def worker(data: DataOption = DATA, database: DatabaseOption = "") -> None:
    """Do the jobs of an office: read, freeze and check rolls, issue and print notices. Several may work at once."""
    _open(data, database)
    from rightcall.office.jobs.worker import work_forever

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    parent = os.getppid()

    def watch() -> None:
        while not stop.wait(1):
            if os.getppid() != parent:
                stop.set()

    threading.Thread(target=watch, daemon=True).start()
    work_forever(stop=stop)


@app.command("verify", epilog="**Example:** `rightcall office verify --data /srv/office`")
def verify(data: DataOption = DATA, database: DatabaseOption = "") -> None:
    """Look at the office's own log from within: open what every event says, and hold the tree and the checkpoints against it. Exit status 1 when something is wrong.

    What an outsider can verify without the office: `rightcall ledger verify`.
    """
    _open(data, database)
    from rightcall.office.journal.verifying import verify as verified

    found = verified()
    for fault in found.faults:
        print_plain(fault)
    if found.count > len(found.faults):
        print_plain(f"... and {found.count - len(found.faults):,} more; {found.count:,} in all")
    print_plain(f"{found.events:,} events, {found.opened:,} of them opened; the first {found.proven:,} are as they were signed")
    raise typer.Exit(1 if found.count else 0)


@app.command("begin", epilog="**Example:** `rightcall office begin --data /srv/office --unit 'Ministry of Defence'`")
def begin(
    unit: Annotated[str, typer.Option("--unit", metavar="NAME", help="The unit at the top of the tree.")],
    data: DataOption = DATA,
    database: DatabaseOption = "",
) -> None:
    """Begin a real office: the unit at the top, and two administrators, who grant everything else.

    Their first passwords and the secrets of their codes are printed once; both are replaced at the first sign-in.
    """
    _open(data, database)
    _migrate()
    from rightcall.office.beginning import begin as begun

    for made in begun(unit):
        print_plain(f"{made.account.username:20} password {made.password}   secret for codes {made.secret}")
    print_plain("Give each to another person, who replaces both at the first sign-in. Then: rightcall serve")


@app.command("town", epilog="**Example:** `rightcall office town --people 20000 --data office-data`")
def town(
    data: DataOption = DATA,
    database: DatabaseOption = "",
    people: Annotated[
        int, typer.Option("--people", metavar="N", min=0, help="How many people are on the two rolls. With 0 there is no campaign yet.")
    ] = 20_000,
    seed: Annotated[int, typer.Option("--seed", metavar="N")] = 7,
) -> None:
    """Fill an empty office with a synthetic town: two call-up offices, three sites, a campaign with screened rolls, an account for each role.

    The accounts are printed, and kept in `town.txt` in the folder.
    """
    if data.exists() and any(data.iterdir()):
        raise refuse("this folder is not empty", data, "name another with --data, or remove it")
    aside = data if database else data.with_name(f".{data.name}.filling")
    if aside != data and aside.exists():
        shutil.rmtree(aside)
    _open(aside, database)
    _migrate()
    from django.db import connection

    from rightcall.office.town import fill

    told = _told(fill(people, seed, lambda words: err.print(words, highlight=False, soft_wrap=True)))
    connection.close()
    (aside / "town.txt").write_text(told, "utf-8")
    (aside / "town.txt").chmod(0o600)
    if aside != data:
        aside.rename(data)
    print_plain(told)


def _told(made: Town) -> str:
    lines = [f"All accounts of this rehearsal have the password  {made.password}", "", f"{'account':18}{'role':16}{'over':34}secret for codes (TOTP)"]
    lines += [f"{one.username:18}{one.role:16}{one.unit:34}{one.totp}" for one in made.accounts]
    return "\n".join([*lines, "", "The code of the moment for one of them: rightcall office code SECRET"])


@app.command("code", epilog="**Example:** `rightcall office code JBSWY3DPEHPK3PXP`")
def code(secret: Annotated[str, typer.Argument(metavar="SECRET", help="The secret for codes of an account.")]) -> None:
    """The code of six digits that an app on a phone would show now, for trying out a town."""
    _check_secret(secret)
    import base64
    import time

    from django_otp.oath import totp

    print_plain(f"{totp(base64.b32decode(secret.strip().upper()), t0=0, step=30):06d}  (for {30 - int(time.time()) % 30} more seconds)")


def _check_secret(secret: str) -> None:
    import base64
    import binascii

    try:
        base64.b32decode(secret.strip().upper())
    except (binascii.Error, ValueError):
        raise refuse("this is not a secret for codes", help="32 letters and digits, as `rightcall office town` prints them") from None
