"""A crowd: who the people of a chunk are and when they are judged, before anything else is known of them.

The first ``on_roll`` people are proposed for call-up. The rest are strangers of whom the registers speak as well, so that a name found in a register
need not be that of anybody on the roll.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from rightcall.law.value import day_number
from rightcall.synthetic.draw import Draw, Flags, Floats, Ints, days
from rightcall.synthetic.name import draw_names
from rightcall.synthetic.place import PLACES
from rightcall.synthetic.rates import Rates

CHUNK = 10_000
STRANGERS = 3_500
YEAR = 365.25
FIRST, LAST = day_number(date(2022, 9, 22)), day_number(date(2022, 10, 26))
MOSCOW, LAST_IN_MOSCOW = "RU-MOW", day_number(date(2022, 10, 15))
ROLL_AGES: Mapping[int, float] = {18: 0.6, 20: 4, 25: 14, 30: 25, 35: 22, 40: 16, 45: 13, 50: 2.2, 55: 1.2, 60: 0.6, 65: 0.3}
"""Men of each five years from this age, as shares of the roll: the age structure of 2020 (United Nations, World Population Prospects 2019)
times how readily an office proposes that age; few are past 50, and those by mistake or as officers."""
STRANGER_AGES: Mapping[int, float] = {18: 3, 20: 6, 25: 9, 30: 13, 35: 12, 40: 11, 45: 10, 50: 10, 55: 11, 60: 10, 65: 7}
"""Grown-ups of both sexes, from the same tables."""
LONG_AGO = (47, 120)
"""Days before the day judged: what happened then, every register could know. What it does not know yet is sown as a fault."""
_NUMBERS = 999_999_937
_STEP = 618_033_989


@dataclass(frozen=True, slots=True)
class Crowd:
    """People of one chunk as arrays. ``born`` and ``on`` are day numbers, ``age`` is in years on the day judged."""

    seed: int
    chunk: int
    on_roll: int
    born: Ints
    on: Ints
    women: Flags
    identity: Mapping[str, pl.Series]

    @property
    def size(self) -> int:
        return len(self.born)

    @property
    def age(self) -> Floats:
        return np.asarray((self.on - self.born) / YEAR)

    def draw(self, topic: str) -> Draw:
        return Draw.of(self.seed, self.chunk, topic)


def crowd(seed: int, chunk: int, rates: Rates) -> Crowd:
    """The people of a chunk: ``CHUNK`` of the roll, then ``STRANGERS``."""
    draw = Draw.of(seed, chunk, "crowd")
    size = CHUNK + STRANGERS
    women = draw.chance(size, np.repeat([rates.women, 0.52], [CHUNK, STRANGERS]))
    on = draw.between(size, FIRST, LAST)
    born = on - np.concatenate([_ages(draw, CHUNK, ROLL_AGES), _ages(draw, STRANGERS, STRANGER_AGES)])
    region, town = PLACES.draw(draw, size)
    on = np.where((region == MOSCOW).to_numpy(), np.minimum(on, draw.between(size, FIRST, LAST_IN_MOSCOW)), on)
    identity = {
        "id": pl.Series([f"p{number:08d}" for number in range(chunk * CHUNK + 1, (chunk + 1) * CHUNK + 1)] + [None] * STRANGERS, dtype=pl.String),
        "number": numbers(chunk, size),
        **draw_names(Draw.of(seed, chunk, "names"), _years(born), women),
        "person.birth_date": days(born),
        "place": town,
        "callup.region": region,
    }
    return Crowd(seed, chunk, CHUNK, born, on, women, identity)


def _ages(draw: Draw, size: int, shares: Mapping[int, float]) -> Ints:
    """Ages in days."""
    starts = np.array(list(shares))
    ends = np.append(starts[1:], starts[-1] + 6)
    place = draw.place(size, list(shares.values()))
    return np.asarray((starts[place] + draw.stream.random(size) * (ends - starts)[place]) * YEAR + 1, dtype=np.int64)


def _years(born: Ints) -> Ints:
    return np.asarray(born.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)


def numbers(chunk: int, size: int) -> pl.Series:
    """Personal numbers of eleven digits, two of them check digits, each given once in a country and telling nothing."""
    index = np.arange(chunk * (CHUNK + STRANGERS) + 1, chunk * (CHUNK + STRANGERS) + size + 1, dtype=np.int64)
    return eleven_digits(index * _STEP % _NUMBERS)


def eleven_digits(numbers: Ints) -> pl.Series:
    """Nine digits and the check digits of the Russian insurance number: the weighted sum of the digits, modulo 101, and 100 as 00."""
    digits = (numbers[:, None] // 10 ** np.arange(8, -1, -1)) % 10
    checks = (digits * np.arange(9, 0, -1)).sum(axis=1) % 101 % 100
    return pl.Series(numbers * 100 + checks).cast(pl.String).str.zfill(11)
