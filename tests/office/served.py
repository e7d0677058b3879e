"""An office served by a process of its own, for a browser: on a free port, on a folder that is gone with it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

HERE = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@contextmanager
def running(words: list[str], folder: Path, port: int, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process of the office, ended with the block and waited for."""
    known: Mapping[str, str] = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "rightcall.office.settings",
        "RIGHTCALL_OFFICE": str(folder),
        "RIGHTCALL_DATABASE": "",
        "RIGHTCALL_ADDRESS": f"http://127.0.0.1:{port}",
        **environment,
    }
    with (folder.parent / "server.log").open("w") as log:
        process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=log, text=True, env=dict(known))
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()


def wait_for(address: str, seconds: float = 30) -> None:
    """Until it answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(f"{address}/health").close()
        except URLError:
            assert time.monotonic() < end, f"nothing answers at {address}"
            time.sleep(0.05)
        else:
            return
