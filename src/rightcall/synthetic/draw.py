"""Chance that can be repeated: every chunk of people and every topic has a stream of random numbers of its own.

So a chunk is the same whatever came before it, and a new topic changes no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Draw:
    """The stream of one topic of one chunk. Every method draws for ``size`` rows, in order."""

    stream: np.random.Generator

    @classmethod
    def of(cls, seed: int, chunk: int, topic: str) -> Draw:
        return cls(np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, chunk, crc32(topic.encode()))))))

    def chance(self, size: int, rate: float | Floats) -> Flags:
        """True with the rate given, one for all or each row's own."""
        return np.asarray(self.stream.random(size) < rate)

    def place(self, size: int, weights: Sequence[float] | Floats) -> Ints:
        """An index into the weights, in proportion to them."""
        sums = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.asarray(np.searchsorted(sums, self.stream.random(size) * sums[-1], side="right"), dtype=np.int64)

    def pick(self, size: int, shares: dict[str, float]) -> pl.Series:
        """One of the words, in proportion to their shares."""
        return pl.Series(list(shares), dtype=pl.String).gather(self.place(size, list(shares.values())))

    def between(self, size: int, low: int | Ints, high: int | Ints) -> Ints:
        """A whole number, both ends included."""
        return np.asarray(np.floor(low + self.stream.random(size) * (np.asarray(high) - low + 1)), dtype=np.int64)

    def order(self, size: int) -> Ints:
        """A shuffled order of rows."""
        return np.asarray(self.stream.permutation(size), dtype=np.int64)


def days(numbers: Ints) -> pl.Series:
    """Day numbers (days since 1 January 1970) as dates."""
    return pl.Series(numbers.astype(np.int32), dtype=pl.Int32).cast(pl.Date)


def where(mask: Flags, values: pl.Series) -> pl.Series:
    """The values where the mask holds, else empty."""
    return values.zip_with(pl.Series(mask), pl.Series([None], dtype=values.dtype).new_from_index(0, len(values)))
