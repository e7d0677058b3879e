"""A roll against the registers of a country: minutes and peak memory of a whole run, and of a later one in which one row in a hundred has changed.

The country is synthetic (``rightcall synth``). Every run is ``rightcall screen`` itself, in a process of its own. Ends with status 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
from national import GIB, Taken, timed

HERE = Path(__file__).resolve().parent
RIGHTCALL = Path(sys.executable).parent / "rightcall"
SECONDS_BAR, MEMORY_BAR, DELTA_BAR = 300.0, 6 * GIB, 0.05
ONE_IN = 100


def one_in_a_hundred(column: str, value: pl.Expr) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda rows: rows.with_columns(pl.when(pl.int_range(pl.len()) % ONE_IN == 0).then(value).otherwise(column).alias(column))


DELTAS: dict[str, tuple[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "1 % of the roll, another day": ("people", one_in_a_hundred("date.decision", pl.date(2022, 9, 30))),
    "1 % of a register, another category": ("registers/health", one_in_a_hundred("category", pl.lit("D"))),
    "1 % of the roll, other people": ("people", one_in_a_hundred("person.birth_date", pl.col("person.birth_date").dt.offset_by("1y"))),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=300_000, metavar="N")
    parser.add_argument("--seed", type=int, default=7, metavar="N")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".work-") as work:
        met = _measured(Path(work), asked.people, asked.seed, asked.threads)
    sys.exit(0 if met else 1)


def _measured(work: Path, people: int, seed: int, threads: int) -> bool:
    country, out = work / "country", work / "out"
    made = timed([RIGHTCALL, "synth", "--people", str(people), "--seed", str(seed), "--out", country, "--quiet"], threads)
    rows = sum(pl.scan_parquet(path).select(pl.len()).collect().item() for path in (country / "registers").glob("*.parquet"))
    print(f"{people:,} people and {rows:,} rows of registers made in {made.wall:.0f} s", flush=True)
    whole = _screened(country, out, threads)
    bars = [whole.wall <= SECONDS_BAR, whole.rss <= MEMORY_BAR]
    print(f"linked and screened in {whole.wall:.1f} s (bar {SECONDS_BAR:.0f}), peak memory {whole.rss / GIB:.2f} GiB (bar {MEMORY_BAR / GIB:.0f})", flush=True)
    for name, (table, change) in DELTAS.items():
        delta = _delta(country, out, work, table, change, threads)
        bars.append(delta.wall <= DELTA_BAR * whole.wall)
        print(f"{name}: {delta.wall:.1f} s, {100 * delta.wall / whole.wall:.1f} % of the whole run (bar {100 * DELTA_BAR:.0f} %)", flush=True)
    return all(bars)


def _delta(country: Path, out: Path, work: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame], threads: int) -> Taken:
    today, later = work / "today", work / "later"
    shutil.copytree(country, today)
    path = today / f"{table}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)
    taken = _screened(today, later, threads, "--since", out / "receipt.json")
    shutil.rmtree(today)
    shutil.rmtree(later)
    return taken


def _screened(country: Path, out: Path, threads: int, *more: str | Path) -> Taken:
    return timed([RIGHTCALL, "screen", country, "--registers", country / "registers", "--pack", "ru_2022", "--out", out, "--quiet", *more], threads)


if __name__ == "__main__":
    main()
