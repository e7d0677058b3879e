"""A small folder of registers to be varied by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

STUDENTS: Mapping[str, Any] = {
    "name": "students",
    "title": "Students of the state university",
    "path": "students.csv",
    "schema": {
        "fields": [
            {"name": "card", "type": "string"},
            {"name": "last_name", "type": "string"},
            {"name": "first_name", "type": "string"},
            {"name": "born", "type": "date"},
            {"name": "form", "type": "string"},
            {"name": "enrolled", "type": "date"},
        ],
        "missingValues": ["", "-"],
    },
    "rightcall": {
        "kind": "register",
        "authority": "State university",
        "licence": "an agreement",
        "asOf": "2022-09-01",
        "validDays": 60,
        "complete": True,
        "identity": {"number": "card", "surname": "last_name", "given": "first_name", "birth": "born"},
        "facts": {"study.form": {"column": "form", "values": {"day": "full_time", "evening": "part_time_evening"}}, "study.since": "enrolled"},
        "absent": {"study.form": "other"},
    },
}
TABLE = """\
card,last_name,first_name,born,form,enrolled
a1,Иванов,Иван,2001-05-04,day,2020-09-01
a2,Петров,Пётр,1999-02-28,evening,2019-09
a3,Сидоров,Сидор,-,day,-
"""


def changed(resource: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A resource with other keys: of ``rightcall``, or, where they are the standard's, of itself. ``None`` takes a key out; dots are underscores doubled."""
    found = deepcopy(dict(resource))
    for key, value in changes.items():
        place = found if key in ("name", "title", "path", "schema", "encoding", "rightcall") else found["rightcall"]
        if value is ...:
            place.pop(key, None)
        else:
            place[key] = value
    return found


def write(folder: Path, resources: list[Mapping[str, Any]] | None = None, **files: str) -> Path:
    """A folder with a descriptor and its tables (by stem, as CSV)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "datapackage.json").write_text(json.dumps({"name": "registers", "resources": resources or [STUDENTS]}, ensure_ascii=False), "utf-8")
    for stem, text in ({"students": TABLE} | files).items():
        (folder / f"{stem}.csv").write_text(text, "utf-8")
    return folder
