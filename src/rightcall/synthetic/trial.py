"""A trial: a country checked against its registers, everybody asked, and the result scored; of one run, or of many small countries.

A small country for each fault doubled shows how the figures fall as registers get worse.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from rightcall.law.document import read_document
from rightcall.law.pack import Pack, find_pack
from rightcall.law.problem import refuse
from rightcall.law.question import Readings
from rightcall.records.linkage import Thresholds
from rightcall.screening.output import RECEIPT
from rightcall.synthetic.country import DESCRIPTOR, ROLL, SOWN, Country, write_country
from rightcall.synthetic.fault import FAULTS, Faults
from rightcall.synthetic.inquiry import FOUND, Inquiry, ask_everybody, true_findings
from rightcall.synthetic.score import Score, score

FINDINGS = "findings.parquet"


@dataclass(frozen=True, slots=True)
class Trial:
    """A country with the faults named, and its score."""

    name: str
    score: Score


def score_run(folder: Path, out: Path, readings: str | None = None) -> Score:
    """The score of ``rightcall screen FOLDER --registers FOLDER/registers --out OUT``, by the law and the readings of its receipt.

    ``readings``: where they are not of the pack. Raises ``Refused`` where the one is no country, or the other no run over it.
    """
    if not (folder / DESCRIPTOR).is_file():
        raise refuse(f"`{folder}` is not a synthetic country", help="make one with rightcall synth --people 30000 --seed 7 --out country")
    if not (out / RECEIPT).is_file():
        raise refuse(f"`{out}` holds no results of a run", help="name the --out of rightcall screen")
    receipt = read_document(out / RECEIPT)
    law = find_pack(receipt["pack"]["id"])
    if law.hash != receipt["pack"]["sha256"]:
        raise refuse(f"the law has changed since the run in `{out}`", help="run rightcall screen again")
    before = pl.read_parquet(out / FINDINGS, columns=list(FOUND))
    if not before["id"].equals(pl.read_parquet(folder / f"{ROLL}.parquet", columns=["id"])["id"]):
        raise refuse(f"the run in `{out}` is over another roll", help=f"run rightcall screen {folder} --registers {folder}/registers")
    return score_country(folder, law, _readings(receipt, law, readings), before)


def _readings(receipt: Mapping[str, Any], law: Pack, named: str | None) -> Readings:
    """The readings of a run, known by their title."""
    title = receipt["readings"]["title"]
    for name in (named,) if named else (None, *law.readings_names):
        found = law.readings(name)
        if found.title == title:
            return found
    raise refuse(f"the run was made with the readings `{title}`", help="name their file with --readings")


def score_country(folder: Path, law: Pack, readings: Readings, before: pl.DataFrame | None = None) -> Score:
    """The score of a country: of the findings given, or of its roll checked here."""
    sown = pl.read_parquet(folder / f"{SOWN}.parquet")
    with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
        inquiry = Inquiry.into(folder, law, readings, Path(work), Thresholds())
        early = inquiry.found() if before is None else before
        asked = ask_everybody(inquiry, early)
    return score(true_findings(folder, law, readings), early, asked.found, sown, law)


def trials(seed: int, people: int, law: Pack, readings: Readings, advance: Callable[[str], None] = lambda name: None) -> Iterator[Trial]:
    """Score countries with no fault, the usual ones, each of them doubled, and all of them doubled. Raises ``Refused`` as ``write_country``."""
    usual = Faults()
    variants = {"none": usual.scaled(0), "usual": usual} | {name: usual.scaled(2, name) for name in FAULTS} | {"all": usual.scaled(2)}
    for name, faults in variants.items():
        advance(name)
        with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
            folder = Path(work) / "country"
            write_country(Country(seed, people, faults), folder)
            yield Trial(name, score_country(folder, law, readings))


_HEAD = ("faults doubled", "stopped before", "stopped after", "cleared after", "misses")


def as_table(found: Sequence[Trial]) -> str:
    """The trials as a table: the share of the protected that was stopped, and of the callable that was cleared."""
    rows = [_HEAD, *(_row(trial) for trial in found)]
    return "\n".join(f"{row[0]:<18}" + "".join(f"{cell:>16}" for cell in row[1:]) for row in rows)


def _row(trial: Trial) -> tuple[str, ...]:
    shares = (trial.score.stopped_before.share, trial.score.stopped.share, trial.score.cleared.share)
    return (trial.name, *(f"{100 * share:.3f} %" for share in shares), f"{trial.score.misses['id'].n_unique():,}")
