"""Killed at any moment, a run leaves no half-written result, and a rerun gives the same answer.

Each sample has a stretch of a whole run of its own and is killed at a random moment of it; every fifth is killed as the results begin to change.
``RIGHTCALL_KILLS`` is how many samples there are. A soak, which has more than five, links every register of the country and not only the short ones.
A sample that fails prints the seed of its moment; ``RIGHTCALL_KILL_SEED`` takes it again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from rightcall.screening.output import RECEIPT, RESULTS
from rightcall.screening.receipt import file_hash
from rightcall.synthetic.country import PACKAGE, REGISTER_FOLDER, Country, write_country
from rightcall.synthetic.register import REGISTERS

FEW = 5
KILLS = int(os.environ.get("RIGHTCALL_KILLS", FEW))
SEED = int(os.environ.get("RIGHTCALL_KILL_SEED") or random.SystemRandom().randrange(1_000_000))
PEOPLE, BORN = 2_000, 20_000
"""So many are checked in some seconds, and so many are made in two."""
LINKED = ("wards", "conscience") if KILLS <= FEW else tuple(register.name for register in REGISTERS)
TOWN = Path(__file__).resolve().parent.parent / "examples/town"

COMMAND = [sys.executable, "-c", "from rightcall.cli import main; main()"]
SCREEN = [*COMMAND, "screen", "--pack", "ru_2022", "--quiet"]
SYNTH = [*COMMAND, "synth", "--people", str(BORN), "--seed", "7", "--quiet"]
FINDINGS = "findings.parquet"
CHANGING = 0.002
"""In about so many seconds the results are put in their place and the earlier ones are taken away."""
Wait = Callable[[subprocess.Popen[str]], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command writes its results, and a folder elsewhere: the one it is started in, and the one for temporary files."""

    root: Path

    @property
    def out(self) -> Path:
        return self.root / "results/out"

    @property
    def elsewhere(self) -> Path:
        return self.root / "elsewhere"

    def popen(self, words: list[str]) -> subprocess.Popen[str]:
        """The command, started in a process group of its own."""
        self.out.parent.mkdir(exist_ok=True)
        self.elsewhere.mkdir(exist_ok=True)
        return subprocess.Popen(
            [*words, "--out", str(self.out)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.elsewhere,
            env=os.environ | {"TMPDIR": str(self.elsewhere)},
            start_new_session=True,
        )

    def left(self) -> set[str]:
        """What stands beside the results. All of it is hidden; nothing is elsewhere, where others could read who was found what."""
        names = {path.name for path in self.out.parent.iterdir()} - {self.out.name}
        assert [name for name in names if not name.startswith(".")] == []
        assert list(self.elsewhere.iterdir()) == []
        return names


@dataclass(frozen=True, slots=True)
class Job:
    """A command that lacks only its ``--out``, the folders it reads, and what it gives in how many seconds when nobody kills it."""

    words: list[str]
    reads: tuple[Path, ...]
    right: Path
    seconds: float


def done(words: list[str], place: Place) -> float:
    """Run to the end; returns the seconds that it took."""
    begun = time.monotonic()
    with place.popen(words) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said
    return time.monotonic() - begun


def killed(words: list[str], place: Place, wait: Wait) -> None:
    """Start, wait, and kill the whole group. By then the command may have ended well, but not otherwise."""
    with place.popen(words) as process:
        wait(process)
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        _, said = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), said


def moment(number: int, of: int, seconds: float, out: Path) -> Wait:
    """When to kill a sample: in its own stretch of a run, or as the results begin to change."""
    draw = random.Random(f"{SEED}:{number}").random()
    if number % FEW == FEW - 1:
        print(f"RIGHTCALL_KILL_SEED={SEED}: sample {number} of {of}, {draw * CHANGING:.4f} s after the results began to change")
        return lambda process: _while_changing(process, out, draw * CHANGING)
    after = (number + draw) / of * seconds
    print(f"RIGHTCALL_KILL_SEED={SEED}: sample {number} of {of}, {after:.3f} s after the start; a whole run took {seconds:.3f} s")
    return lambda process: time.sleep(after)


def _while_changing(process: subprocess.Popen[str], out: Path, after: float) -> None:
    before = _seen(out)
    while process.poll() is None and _seen(out) == before:
        time.sleep(0.0002)
    time.sleep(after)


def _seen(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def inside(*folders: Path) -> dict[str, str]:
    """Every file and folder below, with the hash of its content; nothing where there is no folder."""
    return {f"{folder.name}/{path.relative_to(folder)}": file_hash(path) if path.is_file() else "" for folder in folders for path in folder.rglob("*")}


def is_whole(out: Path, right: Path) -> bool:
    """Whether these are the results of a run that was not killed: every file, and the findings by the receipt's own word."""
    return inside(out).keys() == inside(right).keys() and json.loads((out / RECEIPT).read_text("utf-8"))["findings"]["sha256"] == file_hash(out / FINDINGS)


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A check of a synthetic country beside registers, and its results."""
    root = tmp_path_factory.mktemp("check")
    country, registers, place = root / "country", root / "registers", Place(root)
    write_country(Country(7, PEOPLE), country)
    _copy_registers(country / REGISTER_FOLDER, registers)
    words = [*SCREEN, str(country), "--registers", str(registers)]
    seconds = done(words, place)
    assert set(RESULTS) >= {path.name for path in place.out.iterdir()}
    return Job(words, (country, registers), place.out, seconds)


def _copy_registers(kept: Path, target: Path) -> None:
    """The registers to be linked, with a descriptor of these alone."""
    target.mkdir()
    package = json.loads((kept / PACKAGE).read_text("utf-8"))
    resources = [resource for resource in package["resources"] if resource["name"] in LINKED]
    for resource in resources:
        shutil.copy(kept / resource["path"], target)
    (target / PACKAGE).write_text(json.dumps(package | {"resources": resources}), "utf-8")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of another roll."""
    place = Place(tmp_path_factory.mktemp("earlier"))
    done([*SCREEN, str(TOWN)], place)
    return place.out


@pytest.fixture(scope="module")
def birth(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The making of a country, and the country."""
    place = Place(tmp_path_factory.mktemp("birth"))
    return Job(SYNTH, (), place.out, done(SYNTH, place))


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_check_leaves_whole_results_and_a_rerun_gives_the_same(number: int, check: Job, earlier: Path, tmp_path: Path) -> None:
    """Every other sample is over results of another roll: they stay whole until the new ones stand."""
    place, read = Place(tmp_path), inside(*check.reads)
    if number % 2 == 0:
        shutil.copytree(earlier, place.out)
    before = inside(place.out)
    killed(check.words, place, moment(number, KILLS, check.seconds, place.out))
    if place.out.exists():
        assert (before and inside(place.out) == before) or is_whole(place.out, check.right)
    elif before:
        assert before in [inside(folder) for folder in place.out.parent.glob(".out.before-*/out")]
    place.left()
    done(check.words, place)
    assert is_whole(place.out, check.right)
    assert pl.read_parquet(place.out / FINDINGS).equals(pl.read_parquet(check.right / FINDINGS))
    assert file_hash(place.out / FINDINGS) == file_hash(check.right / FINDINGS)
    assert place.left() == set(), "the next run clears away what a killed one left"
    assert inside(*check.reads) == read


@pytest.mark.parametrize("number", range(-(-KILLS // FEW)))
def test_a_country_is_made_whole_or_not_at_all(number: int, birth: Job, tmp_path: Path) -> None:
    place = Place(tmp_path)
    killed(birth.words, place, moment(number, -(-KILLS // FEW), birth.seconds, place.out))
    if not place.out.exists():
        place.left()
        done(birth.words, place)
        assert place.left() == set()
    assert inside(place.out) == inside(birth.right)
