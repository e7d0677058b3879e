"""Whom a change of law touches, among a million people: the time of ``rightcall pack compare --roll`` against that of one screening of them.

The people are synthetic (``people.py``). Each is a command in a process of its own, in turn, the faster of two runs. Exit status 1 if the bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from national import GIB, Taken, timed

HERE = Path(__file__).resolve().parent
RIGHTCALL = Path(sys.executable).parent / "rightcall"
BAR = 2.5
BEFORE, AFTER = "ru_2022@2022-10-04", "ru_2022@2022-10-05"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".work-") as work:
        sys.exit(0 if _measured(Path(work), asked.people, asked.threads) else 1)


def _measured(work: Path, people: int, threads: int) -> bool:
    roll = work / "people"
    timed([sys.executable, HERE / "people.py", roll, "--people", str(people)], threads)
    screening = [RIGHTCALL, "screen", roll, "--pack", "ru_2022", "--on", "2022-10-05", "--out", work / "screened", "--quiet"]
    comparing = [RIGHTCALL, "pack", "compare", BEFORE, AFTER, "--roll", roll, "--out", work / "compared", "--quiet"]
    one, two = (min((timed(command, threads) for _ in range(2)), key=lambda taken: taken.wall) for command in (screening, comparing))
    print(f"{people:,} people screened: {_said(one)}")
    print(f"{people:,} people compared: {_said(two)}, {two.wall / one.wall:.2f} times one screening (bar {BAR})")
    return two.wall <= BAR * one.wall


def _said(taken: Taken) -> str:
    return f"{taken.wall:.1f} s, {taken.rss / GIB:.2f} GiB"


if __name__ == "__main__":
    main()
