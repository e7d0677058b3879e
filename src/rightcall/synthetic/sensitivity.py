"""How the figures fall as faults become more frequent: one small country for each fault doubled, checked, asked and scored."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from rightcall.law.pack import Pack
from rightcall.law.question import Readings
from rightcall.records.linkage import Thresholds
from rightcall.synthetic.country import SOWN, Country, write_country
from rightcall.synthetic.fault import FAULTS, Faults
from rightcall.synthetic.inquiry import Inquiry, ask_everybody, true_findings
from rightcall.synthetic.score import Score, score


@dataclass(frozen=True, slots=True)
class Trial:
    """A country with the faults named, and its score."""

    name: str
    score: Score


def score_country(folder: Path, law: Pack, readings: Readings, before: pl.DataFrame | None = None, thresholds: Thresholds | None = None) -> Score:
    """The score of a country: of the findings given, or of its roll checked here."""
    sown = pl.read_parquet(folder / f"{SOWN}.parquet")
    with tempfile.TemporaryDirectory(prefix="rightcall-") as work:
        inquiry = Inquiry.into(folder, law, readings, Path(work), thresholds or Thresholds())
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


def as_table(found: Sequence[Trial]) -> str:
    """The trials as a table: the share of the protected that was stopped, and of the callable that was cleared, after asking."""
    head = f"{'doubled':<18}{'stopped before':>16}{'stopped':>12}{'cleared':>12}{'misses':>9}"
    return "\n".join([head, *(_row(trial) for trial in found)])


def _row(trial: Trial) -> str:
    shares = (trial.score.stopped_before.share, trial.score.stopped.share, trial.score.cleared.share)
    before, stopped, cleared = (f"{100 * share:.3f} %" for share in shares)
    return f"{trial.name:<18}{before:>16}{stopped:>12}{cleared:>12}{trial.score.misses['id'].n_unique():>9}"
