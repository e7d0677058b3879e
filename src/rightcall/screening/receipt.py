"""What a run rested on, so that anybody can make it again: version, hashes of law, readings and roll, the day, the counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rightcall
from rightcall.law.pack import Pack
from rightcall.law.question import Readings
from rightcall.law.value import as_date
from rightcall.records.descriptor import Descriptor
from rightcall.records.matching import Table
from rightcall.records.roll import Roll
from rightcall.screening.run import DayChosen, Screening

_CHUNK = 1 << 20


def beginning(pack: Pack, readings: Readings, readings_name: str | None, roll: Roll, day: DayChosen, tables: Sequence[Table]) -> dict[str, Any]:
    """What a run rests on, known before it begins. The same beginning gives the same findings."""
    readings_file = pack.readings_file(readings_name) if readings_name else None
    return {
        "rightcall": rightcall.__version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "pack": {"id": pack.id, "sha256": pack.hash},
        "readings": {"title": readings.title, "sha256": file_hash(readings_file) if readings_file else None},
        "roll": [{"file": path.name, "sha256": file_hash(path)} for path in roll.files],
        "registers": [_register(descriptor) for descriptor, _ in tables],
        "day": day.says,
    }


def _register(descriptor: Descriptor) -> dict[str, Any]:
    """A register as it was read. A table of a database has no file, so nobody can say later that it is the same."""
    return {
        "name": descriptor.name,
        "authority": descriptor.authority,
        "as_of": as_date(descriptor.as_of).isoformat() if descriptor.as_of is not None else None,
        "valid_days": descriptor.valid_days,
        "file": descriptor.file.name if descriptor.file else descriptor.table,
        "sha256": file_hash(descriptor.file) if descriptor.file else None,
        "descriptor": hashlib.sha256(repr(_said(descriptor)).encode()).hexdigest(),
    }


def _said(descriptor: Descriptor) -> list[tuple[str, object]]:
    """All that a descriptor says, but not where the table is: a URL may hold a password."""
    return [(entry.name, getattr(descriptor, entry.name)) for entry in fields(descriptor) if entry.name not in ("file", "url")]


def ending(screening: Screening, findings: Path, notes: Sequence[str], earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a run found. ``earlier``: the receipt of the run that it was built on."""
    return {
        "since": earlier and earlier["findings"]["sha256"],
        "people": screening.tally.people,
        "verdicts": dict(sorted(screening.tally.verdicts.items())),
        "notes": list(notes),
        "findings": {"file": findings.name, "sha256": file_hash(findings)},
    }


def file_hash(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        for piece in iter(lambda: source.read(_CHUNK), b""):
            digest.update(piece)
    return digest.hexdigest()


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
