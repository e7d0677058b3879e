"""Findings beside what somebody expected: the cases of a case file, one by one.

A case states the verdict, the grounds that are true and those that are unknown, for a law with all questions open (``strict``) and
for an office's practice. It speaks only of what its report raises (``pertinent``): a finding that is open for facts that
nobody mentioned agrees with *clear*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_LISTED = 6
"""A case lists at most so many unknown grounds; a full list may be cut."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a finding and a case disagree: of what, the case's word, and ours."""

    id: str
    of: str
    expected: Any
    found: Any


def mode_of(expected: Mapping[str, Any], readings: str | None) -> Mapping[str, Any]:
    """The expectation for the readings in force: by their name, or ``strict`` without any; or the only one there is."""
    chosen = expected.get(readings or "strict")
    return chosen if isinstance(chosen, Mapping) else expected


def compare(
    id: str, expected: Mapping[str, Any], readings: str | None, verdict: str, truths: Mapping[str, bool | None], grounds: list[str]
) -> Iterator[Difference]:
    """All differences of one case. ``truths`` of the protective provisions; ``grounds`` those that are true."""
    wanted, pertinent = mode_of(expected, readings), expected.get("pertinent")
    unknown = {name for name, truth in truths.items() if truth is None}
    raised = unknown if pertinent is None else unknown & set(pertinent)
    agreed = "clear" if verdict == "open" and not raised else verdict
    if "verdict" in wanted and agreed != wanted["verdict"]:
        yield Difference(id, "verdict", wanted["verdict"], agreed)
    if "grounds" in wanted and set(wanted["grounds"]) != set(grounds):
        yield Difference(id, "grounds", sorted(wanted["grounds"]), sorted(grounds))
    if "unknown_grounds" in wanted:
        listed = set(wanted["unknown_grounds"])
        if not listed <= raised or (len(listed) < MOST_LISTED and listed != raised):
            yield Difference(id, "unknown grounds", sorted(listed), sorted(raised))
