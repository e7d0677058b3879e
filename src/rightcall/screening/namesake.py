"""Whom only the question holds up whether a record is his: where taking every uncertain link for true settles him, and for false too.

Such a finding waits for nobody's record and for no question of law. It waits for somebody to look at two names.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from rightcall.law.pack import Pack
from rightcall.law.question import Readings
from rightcall.records.evidence import Evidence, World
from rightcall.records.roll import ID
from rightcall.screening.run import DayChosen, Screening, verdicts


def held_by_identity(evidence: Evidence, pack: Pack, readings: Readings, day: DayChosen, workdir: Path) -> pl.Series:
    """The ids of people whom both worlds settle, each in its way."""
    if evidence.doubted.is_empty():
        return pl.Series(ID, [], dtype=pl.String)
    few = evidence.of(evidence.doubted)
    accepted, refused = (_settled(few, world, pack, readings, day, workdir) for world in WORLDS)
    return accepted.join(refused, on=ID, how="semi")[ID]


WORLDS: tuple[World, World] = ("accepted", "refused")


def _settled(evidence: Evidence, world: World, pack: Pack, readings: Readings, day: DayChosen, workdir: Path) -> pl.DataFrame:
    """The people who are settled in a world."""
    roll, _ = evidence.gathered(workdir, world)
    return verdicts(Screening(pack, readings, roll, day), workdir).filter(pl.col("verdict") != "open").select(ID)
