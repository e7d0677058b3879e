"""A roll with everything that registers and answers say of its people: read, linked, and merged into evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rightcall.law.pack import Pack
from rightcall.records.evidence import Counts, Day, Evidence
from rightcall.records.linkage import Model, Thresholds
from rightcall.records.matching import Matched, match, read_registers
from rightcall.records.roll import Roll

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Dossier:
    """``roll``: the people with what is known of them; ``evidence``: where it comes from; ``counts``: how many rows counted, and how many did not."""

    roll: Roll
    evidence: Evidence
    matched: Matched
    counts: Counts


def open_dossier(roll: Roll, folder: Path, pack: Pack, day: Day, workdir: Path, progress: Progress = lambda doing: None, model: Model | None = None) -> Dossier:
    """Read the registers of a folder, link them to a roll and gather what they say. Raises ``Refused``."""
    progress("reading registers")
    registers, notes = read_registers(folder, pack.vocabulary, workdir)
    matched = match(roll, registers, Thresholds(), progress, model)
    evidence = Evidence(roll, registers, matched.links, pack, day)
    progress("gathering evidence")
    gathered, counts = evidence.gathered(workdir)
    return Dossier(replace(gathered, notes=(*roll.notes, *notes, *matched.notes)), evidence, matched, counts)
