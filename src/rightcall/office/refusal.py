"""What the office refuses to do, in words for the one who asked. No act is half done: a refusal rolls its transaction back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from rightcall.law.problem import Problem

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not, and what to do about it, in the language of whoever asked; ``code`` is for programs and tests. ``language``: where it is another one."""

    code: str
    says: str
    help: str = ""
    language: str = ""


class Refusal(Exception):
    """An act that is not done. ``reasons``: all of them, not the first."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("; ".join(reason.code for reason in reasons))
        self.reasons = reasons


class ClockSetBack(Refusal):
    """The clock of the machine stands before what was recorded already. What waits is done once it is right."""


def tell(refusal: Refusal, where: str = "a page") -> None:
    """A line in the log. INVARIANT: the codes alone; what was asked, and about whom, is not in it."""
    log.warning("refused on %s: %s", where, ", ".join(dict.fromkeys(reason.code for reason in refusal.reasons)))


def refuse(code: str, says: str, help: str = "") -> Refusal:
    return Refusal(Reason(code, says, help))


def of_problem(code: str, problem: Problem) -> Reason:
    """What a file or a law pack was refused for: told as they tell it, in English."""
    return Reason(code, problem.message, problem.help or "", "en")


def refuse_any(reasons: Sequence[Reason]) -> None:
    """Raises ``Refusal`` with all the reasons, where there are any."""
    if reasons:
        raise Refusal(*reasons)
