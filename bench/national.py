"""A whole country: the people of a general mobilisation screened by one command on one machine, with its minutes and its peak memory.

The people are synthetic (``people.py``), and taken away in the end. What is timed is ``rightcall screen`` itself, in a process of its own,
from reading the roll to the receipt, on as many threads as ``--threads`` says.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEOPLE = 25_000_000
GIB = 1 << 30
BYTES_OF_ONE = 300
"""Disk that one person takes, on the roll and in the results; what was seen, rounded up."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a command took: seconds of wall and of processor, and its peak memory in bytes."""

    wall: float
    cpu: float
    rss: int


def timed(command: Sequence[str | Path], threads: int) -> Taken:
    """Run a command and wait for it. Exits where it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, env={**os.environ, "POLARS_MAX_THREADS": str(threads)}) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit status {running.returncode}")
    return Taken(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def screened(work: Path, people: int, threads: int) -> None:
    """Make the people, screen them, and print the figures."""
    roll, out = work / "people", work / "out"
    made = timed([sys.executable, HERE / "people.py", roll, "--people", str(people)], threads)
    print(f"{people:,} synthetic people made in {made.wall / 60:.1f} minutes, {size_of(roll) / GIB:.1f} GiB", flush=True)
    taken = timed([Path(sys.executable).parent / "rightcall", "screen", roll, "--pack", "ru_2022", "--out", out, "--quiet"], threads)
    verdicts = json.loads((out / "receipt.json").read_text("utf-8"))["verdicts"]
    if sum(verdicts.values()) != people:
        sys.exit(f"{people:,} people on the roll, {sum(verdicts.values()):,} findings")
    print(f"screened in {taken.wall / 60:.1f} minutes on {threads} threads: {people / taken.wall:,.0f} people a second, processor {taken.cpu / 60:.1f} minutes")
    print(f"peak memory {taken.rss / GIB:.2f} GiB; results {size_of(out) / GIB:.1f} GiB")
    print(", ".join(f"{verdict} {count:,} ({100 * count / people:.0f} %)" for verdict, count in verdicts.items()))


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=PEOPLE, metavar="N")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    parser.add_argument("--work", type=Path, default=HERE / ".work" / "national", metavar="DIR", help="where people and results go, until they are taken away")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(asked.work).free < asked.people * BYTES_OF_ONE:
        parser.error(f"{asked.people:,} people need {asked.people * BYTES_OF_ONE / GIB:.0f} GiB of disk in {asked.work}")
    try:
        screened(asked.work, asked.people, asked.threads)
    finally:
        shutil.rmtree(asked.work)


if __name__ == "__main__":
    main()
