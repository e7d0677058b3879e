"""Whom only the question holds up whether a record is his: where taking every uncertain link for true settles him, and for false too.

Such a finding waits for nobody's record and for no question of law. It waits for somebody to look at two names.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from rightcall.law.pack import Pack
from rightcall.law.question import Readings
from rightcall.records.evidence import Evidence
from rightcall.records.roll import ID
from rightcall.screening.run import DayChosen, Screening, verdicts


def held_by_identity(evidence: Evidence, pack: Pack, readings: Readings, day: DayChosen, workdir: Path) -> pl.Series:
    """The ids of people whom both worlds settle, each in its way."""
    if evidence.doubted.is_empty():
        return pl.Series(ID, [], dtype=pl.String)
    with tempfile.TemporaryDirectory(dir=workdir, prefix="worlds-") as folder:
        roll, _ = evidence.of(evidence.doubted).in_both_worlds().gathered(Path(folder))
        settled = verdicts(Screening(pack, readings, roll, day), workdir).filter(pl.col("verdict") != "open")
    whose = settled[ID].str.splitn(":", 2).struct.field("field_1").alias(ID).value_counts()
    return whose.filter(pl.col("count") == 2)[ID]
