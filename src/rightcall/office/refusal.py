"""What the office refuses to do, in words for the one who asked. No act is half done: a refusal rolls its transaction back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not, and what to do about it; ``code`` is for programs and tests."""

    code: str
    says: str
    help: str = ""


class Refusal(Exception):
    """An act that is not done. ``reasons``: all of them, not the first."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("; ".join(reason.code for reason in reasons))
        self.reasons = reasons


class ClockSetBack(Refusal):
    """The clock of the machine stands before what was recorded already. What waits is done once it is right."""


def refuse(code: str, says: str, help: str = "") -> Refusal:
    return Refusal(Reason(code, says, help))


def refuse_any(reasons: Sequence[Reason]) -> None:
    """Raises ``Refusal`` with all the reasons, where there are any."""
    if reasons:
        raise Refusal(*reasons)
