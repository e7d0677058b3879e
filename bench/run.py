"""The benchmark: one table of speed and memory, as ratios within one run, and exit status 1 if a bar is missed.

Each job runs in a fresh process, in turn with the job it is compared with, several times over; the fastest run of each counts.
This process stays small, because a child's peak memory begins with that of its parent.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OPENFISCA = HERE.parent / ".venv-bench"
REQUIREMENTS = HERE / "requirements-openfisca.txt"
GIB = 1 << 30
MOST_MEMORY = 2 * GIB
MOST_IN_MEMORY = 10_000_000
SUITE = "abcde"
PAUSE = 3_600


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: a job, and where it has one, its figure against its bar."""

    says: str
    people: int = 0
    seconds: float = 0.0
    rss: int = 0
    figure: str = ""
    met: bool | None = None


@dataclass(slots=True)
class Bench:
    """A run of the benchmark."""

    work: Path
    people: int
    runs: int
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def job(self, name: str, people: int = 0) -> dict[str, Any]:
        """One run of a job in a process of its own."""
        out = self.work / "out"
        command = [sys.executable, str(HERE / "jobs.py"), name, "--roll", str(self.roll), "--out", str(out), "--people", str(people or self.people)]
        return _json_of(command)

    def in_turn(self, *names: str) -> list[dict[str, Any]]:
        """Several jobs in turn, the fastest run of each with the largest memory of any."""
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for _ in range(self.runs):
            for name in names:
                found[name].append(self.job(name))
        return [min(runs, key=lambda run: run["wall"]) | {"rss": max(run["rss"] for run in runs)} for runs in found.values()]

    @property
    def roll(self) -> Path:
        return self.work / f"people-{self.people}"

    def prepare(self) -> None:
        """Make the people, or use those made before by the same generator from the same pack."""
        pack = HERE.parent / "src" / "rightcall" / "packs" / "ru_2022"
        sources = [HERE / "people.py", *sorted(path for path in pack.rglob("*") if path.suffix == ".toml" or path.parent.name == "provisions")]
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
        made = self.roll / "made.txt"
        if made.is_file() and made.read_text() == digest:
            return
        _say(f"making {self.people:,} people in {self.roll}")
        made.unlink(missing_ok=True)
        _run([sys.executable, str(HERE / "people.py"), str(self.roll), "--people", str(self.people)])
        made.write_text(digest)

    def compare(self, title: str, base: str, judge: str, screen: str, bar: float) -> None:
        """Judging against its bar of reading, and without a bar the whole of ``screen``."""
        read, judged = self.in_turn(base, judge)
        whole = self.job(screen)
        ratio = judged["wall"] / read["wall"]
        cpu = judged["cpu"] / read["cpu"]
        self.add(f"{title}: {base} ({read['columns']} columns, {read['way']})", read)
        self.add(
            f"{title}: {judge} ({judged['provisions']} provisions, written)",
            judged,
            f"x {ratio:.2f} of {base} (processor x {cpu:.2f}), bar {bar}",
            ratio <= bar,
        )
        self.lines.append(_memory(judged))
        self.add(f"{title}: {screen} (with reasons)", whole, f"x {whole['wall'] / read['wall']:.2f}, no bar")
        phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in judged["phases"].items())
        self.notes.append(f"{title}: seconds of {judge}: {phases}; checking the roll before that {judged['checked']:.1f}; {_verdicts(judged)}")

    def add(self, says: str, found: dict[str, Any], figure: str = "", met: bool | None = None) -> None:
        self.lines.append(Line(says, found["people"], found["wall"], found["rss"], figure, met))

    def a(self) -> None:
        self.compare("a", "read-plain", "judge-plain", "screen-plain", 3.0)

    def b(self) -> None:
        self.compare("b", "join-lists", "judge-whole", "screen-whole", 1.8)

    def c(self) -> None:
        people = min(self.people, MOST_IN_MEMORY)
        ours = self.job("booleans", people)
        theirs = _json_of([str(_openfisca()), str(HERE / "openfisca_side.py"), str(self.work / "out")])
        times = theirs["wall"] / ours["wall"]
        alone = f"its formulas alone {theirs['calculating']:.3f} s"
        self.add(f"c: openfisca-core ({ours['provisions']} boolean provisions, columns in memory to answers, unknown taken as false)", theirs, alone)
        self.add(
            f"c: rightcall ({ours['provisions']} boolean provisions, columns in memory to answers, unknown kept)",
            ours,
            f"x {times:.2f} as fast, bar 5",
            times >= 5,
        )
        equal = theirs["differ"] == 0 and theirs["compared"] > 0
        self.lines.append(Line("c: equal where all is known", theirs["compared"], figure=f"{theirs['differ']} answers differ", met=equal))

    def d(self) -> None:
        theirs, ours = self.job("zen"), self.job("booleans", min(self.people, MOST_IN_MEMORY))
        each = theirs["wall"] / theirs["timed"] / (ours["wall"] / ours["people"])
        self.lines.append(
            Line(f"d: zen-engine ({theirs['provisions']} boolean provisions, one person at a time)", theirs["timed"], theirs["wall"], theirs["rss"])
        )
        self.add(f"d: rightcall ({ours['provisions']} boolean provisions, in memory)", ours, f"x {each:,.0f} as fast, bar 500", each >= 500)
        self.lines.append(Line("d: equal where all is known", theirs["timed"], figure="equal" if theirs["equal"] else "answers differ", met=theirs["equal"]))

    def e(self) -> None:
        found = self.job("explaining")
        for name, taken in found["ms"].items():
            self.lines.append(Line(f"e: explaining one person ({name})", figure=f"{taken:.1f} ms (median), bar 10", met=taken < 10))


def _memory(found: dict[str, Any]) -> Line:
    return Line("   its peak memory", rss=found["rss"], figure=f"{found['rss'] / GIB:.2f} GiB, bar 2", met=found["rss"] <= MOST_MEMORY)


def _verdicts(found: dict[str, Any]) -> str:
    total = sum(found["verdicts"].values())
    return ", ".join(f"{verdict} {100 * count / total:.0f} %" for verdict, count in sorted(found["verdicts"].items()))


def _openfisca() -> Path:
    """The Python of OpenFisca's environment, made if it is missing."""
    python = OPENFISCA / "bin" / "python"
    if not python.is_file():
        _say(f"making {OPENFISCA.name} for openfisca-core (AGPL-3.0, for this comparison only)")
        venv.create(OPENFISCA, with_pip=True)
    if subprocess.run([python, "-c", "import openfisca_core"], capture_output=True, check=False).returncode:
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS)])
    return python


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PAUSE, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def _json_of(command: Sequence[str]) -> dict[str, Any]:
    _say(f"  {Path(command[1]).name} {command[2] if not command[2].startswith('/') else ''}")
    found: dict[str, Any] = json.loads(_run(command).strip().splitlines()[-1])
    return found


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _table(lines: Sequence[Line]) -> str:
    rows = [("job", "people", "seconds", "people/s", "peak GiB", "figure", "")]
    rows += [(line.says, *_figures(line), line.figure, {None: "", True: "ok", False: "MISSED"}[line.met]) for line in lines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(_cell(text, width, number) for number, (text, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows)


def _cell(text: str, width: int, number: int) -> str:
    return text.rjust(width) if 1 <= number <= 4 else text.ljust(width)


def _figures(line: Line) -> tuple[str, str, str, str]:
    speed = f"{line.people / line.seconds:,.0f}" if line.seconds else ""
    return f"{line.people:,}" if line.people else "", f"{line.seconds:,.3f}" if line.seconds else "", speed, f"{line.rss / GIB:.2f}" if line.rss else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000_000, metavar="N")
    parser.add_argument("--work", type=Path, default=HERE / ".work", metavar="DIR", help="where people and findings go")
    parser.add_argument("--only", default=SUITE.replace("", ",").strip(","), metavar="a,b", help="which of a,b,c,d,e")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of (a) and (b); the fastest counts")
    asked = parser.parse_args()
    parts = [part.strip() for part in asked.only.split(",")]
    if unknown := [part for part in parts if part not in SUITE or len(part) != 1]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(SUITE)}")
    bench = Bench(asked.work, asked.people, asked.runs)
    bench.work.mkdir(parents=True, exist_ok=True)
    bench.prepare()
    for part in parts:
        getattr(bench, part)()
    print(f"{os.cpu_count()} processors, {asked.people:,} synthetic people, best of {asked.runs}\n")
    print(_table(bench.lines))
    print("\n" + "\n".join(bench.notes))
    return int(any(line.met is False for line in bench.lines))


if __name__ == "__main__":
    sys.exit(main())
