"""What a run rested on, so that anybody can make it again: version, hashes of law, readings and roll, the day, the counts."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rightcall
from rightcall.screening.run import Screening

_CHUNK = 1 << 20


def receipt(screening: Screening, findings: Path, readings_file: Path | None) -> dict[str, Any]:
    """The receipt of a run."""
    pack, roll = screening.pack, screening.roll
    return {
        "rightcall": rightcall.__version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "pack": {"id": pack.id, "sha256": pack.hash},
        "readings": {"title": screening.readings.title, "sha256": file_hash(readings_file) if readings_file else None},
        "roll": [{"file": path.name, "sha256": file_hash(path)} for path in roll.files],
        "day": screening.day.says,
        "people": screening.tally.people,
        "verdicts": dict(sorted(screening.tally.verdicts.items())),
        "notes": list(roll.notes),
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
