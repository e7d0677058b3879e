"""Reading ahead: the next slice is read while the one at hand is judged. At most two slices are in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(readings: Iterable[Callable[[], T]]) -> Iterator[T]:
    """What the readings give, in their order, each begun when the one before it is asked for. Raises what they raise."""
    with ThreadPoolExecutor(1, "reader") as reader:
        waiting: Future[T] | None = None
        for reading in readings:
            following = reader.submit(reading)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()
