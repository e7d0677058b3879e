"""People and rows for tests of linking: small ones by hand, and many that are made up."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from rightcall.law.value import day_number

SCHEMA = {"row": pl.UInt32, "number": pl.String, "surname": pl.String, "given": pl.String, "patronymic": pl.String, "birth": pl.Int32, "place": pl.String}
IVAN: Mapping[str, Any] = {"number": "112-233", "surname": "Иванов", "given": "Иван", "patronymic": "Петрович", "birth": "1980-05-06", "place": "Омск"}
OLEG: Mapping[str, Any] = {"number": "998-877", "surname": "Жуков", "given": "Олег", "patronymic": "Юрьевич", "birth": "1975-11-30", "place": "Томск"}

_SOUNDS = ("ба", "во", "гри", "де", "жу", "зо", "ки", "ло", "ма", "не", "по", "ру", "са", "ти", "фе", "хо", "ча", "ше")


def table(*rows: Mapping[str, Any]) -> pl.LazyFrame:
    """Rows in the order given, numbered from 0; birth dates are written as texts."""
    numbered = [{"row": number, **row, "birth": _day(row.get("birth"))} for number, row in enumerate(rows)]
    return pl.LazyFrame(numbered, schema=SCHEMA)


def _day(birth: str | None) -> int | None:
    return day_number(date.fromisoformat(birth)) if birth else None


def crowd(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """People that are all different, with names of which some are frequent."""
    chance = random.Random(seed)
    surnames, given = _words(chance, count // 3, "ов"), _words(chance, 40, "")
    return [_person(chance, number, surnames, given) for number in range(count)]


def _words(chance: random.Random, count: int, ending: str) -> list[str]:
    return [chance.choice(_SOUNDS) + chance.choice(_SOUNDS) + chance.choice(_SOUNDS) + ending for _ in range(count)]


def _person(chance: random.Random, number: int, surnames: Sequence[str], given: Sequence[str]) -> dict[str, Any]:
    birth = date.fromordinal(date(1960, 1, 1).toordinal() + chance.randrange(16_000)).isoformat()
    frequent = int(len(given) * chance.random() ** 2)
    return {
        "number": f"{chance.randrange(10**9):09}{number:04}",
        "surname": chance.choice(surnames),
        "given": given[frequent],
        "patronymic": chance.choice(given) + "вич",
        "birth": birth,
        "place": chance.choice(["Омск", "Томск", "Тула", "Орёл", "Псков"]),
    }


def spoiled(person: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same person in another register: without a number, and with a slip here and there."""
    row = dict(person, number=None)
    slip = chance.choice(["surname", "given", "birth", "swapped", "patronymic", "place", "nothing", "nothing"])
    if slip in ("surname", "given"):
        row[slip] = row[slip][:2] + row[slip][3:]
    elif slip == "birth":
        row["birth"] = row["birth"][:8] + f"{chance.randrange(1, 29):02}"
    elif slip == "swapped":
        row["surname"], row["given"] = row["given"], row["surname"]
    elif slip in ("patronymic", "place"):
        row[slip] = None
    return row
