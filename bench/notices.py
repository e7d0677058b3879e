"""How long ten thousand notices take to sign and print, and how small codes, lists and the checking page are. Exit status 1 where a bar is missed.

Run: ``python bench/notices.py [--notices 10000] [--processes 2]``. Each notice has a number, a signature, a QR code and a page of its own, and is written to a file. Time is of the wall clock.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests/notice"))

import segno
import tarn

from rightcall.notice.checker import checker_page
from rightcall.notice.code import SIZE
from rightcall.notice.key import Keys, new_key
from rightcall.notice.letter import Press
from rightcall.notice.number import Number
from rightcall.notice.status import Status, build

MINUTES, PAGE, PAYLOAD, LIST = 10, 50_000, 200, 1_000_000


def print_some(indices: range, folder: Path) -> int:
    """Sign and print the notices with these indices; bytes written."""
    press, size = Press(), 0
    for index in indices:
        code = replace(tarn.CODE, number=Number.random(), index=index)
        size += (folder / f"{code.number}.pdf").write_bytes(press.pdf(tarn.notice(f"Person {index}", code)))
    return size


def notices(count: int, processes: int) -> bool:
    began = time.perf_counter()
    shares = [range(first, count, processes) for first in range(processes)]
    with tempfile.TemporaryDirectory(prefix="rightcall-") as work, ProcessPoolExecutor(processes) as pool:
        size = sum(pool.map(print_some, shares, [Path(work)] * processes))
        written = len(list(Path(work).iterdir()))
    minutes = (time.perf_counter() - began) / 60
    bar = MINUTES * count / 10_000
    print(
        f"{written:,} notices signed and printed by {processes} processes: {minutes:.2f} minutes, {size / written / 1000:.0f} kB each; the bar is {bar:g} minutes"
    )
    return minutes <= bar and written == count


def code() -> bool:
    text = tarn.text()
    print(
        f"code: {SIZE} bytes signed, {len(text)} bytes as text with its address, QR {segno.make(text, error='m', boost_error=False).designator}; the bar is {PAYLOAD} bytes"
    )
    return len(text) <= PAYLOAD


def page() -> bool:
    """Keys with names in Cyrillic, which take two bytes a letter; every language."""
    sizes = {}
    for count in (1, 20):
        day = tarn.NOW.date()
        keys = Keys(tuple(new_key(f"r{number}", f"Отдел призыва, область {number}", day, day).public for number in range(count)))
        sizes[count] = len(checker_page(keys, day, address=tarn.ADDRESS, phone="020 555 0199", list_address="status.jwt").encode())
    print(f"checking page: {sizes[1]:,} bytes with one key, {sizes[20]:,} with twenty; the bar is {PAGE:,}")
    return max(sizes.values()) <= PAGE


def lists() -> bool:
    """A million notices at random places of a list a little longer; and the worst that there can be, where all four statuses are equally frequent."""
    rng, made = random.Random(7), datetime(2026, 10, 1, tzinfo=UTC)
    usual = [(index, rng.choices((Status.IN_FORCE, Status.REVOKED), (95, 5))[0]) for index in rng.sample(range(1 << 20), 1_000_000)]
    worst = [(index, Status(rng.randrange(4))) for index in range(1_000_000)]
    sizes = [len(build(told, size, tarn.TARN, tarn.ADDRESS, made, made + timedelta(days=1))) for told, size in ((usual, 1 << 20), (worst, 1_000_000))]
    print(f"list of a million notices, 5 % revoked: {sizes[0]:,} bytes; at worst {sizes[1]:,}; the bar is {LIST:,}")
    return max(sizes) <= LIST


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--notices", type=int, default=10_000)
    arguments.add_argument("--processes", type=int, default=2)
    given = arguments.parse_args()
    return 0 if all([code(), page(), lists(), notices(given.notices, given.processes)]) else 1


if __name__ == "__main__":
    sys.exit(main())
