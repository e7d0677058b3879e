"""How long it takes to load every pack that comes with Rightcall, in one process. Exit status 1 where the bar is missed.

Run: ``python bench/packs.py``. Times are of the wall clock, the best of five loads, and of the whole process from its start.
"""

from __future__ import annotations

import sys
import time

import psutil

from rightcall.law.pack import find_pack, pack_names

BAR = 1.0
LOADS = 5


def seconds(name: str) -> float:
    began = time.perf_counter()
    find_pack(name)
    return time.perf_counter() - began


def main() -> int:
    first = {name: seconds(name) for name in pack_names()}
    process = time.time() - psutil.Process().create_time()
    for name, took in first.items():
        best = min(seconds(name) for _ in range(LOADS))
        print(f"{name:<10} {took:6.3f} s the first time, {best:6.3f} s at best")
    print(f"{'together':<10} {sum(first.values()):6.3f} s; from the start of the process {process:.3f} s; the bar is {BAR:.0f} s")
    return 0 if sum(first.values()) < BAR else 1


if __name__ == "__main__":
    sys.exit(main())
