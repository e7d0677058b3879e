"""What is wrong with an input, where, and what to do about it.

Every refusal in Rightcall is a list of problems: all that a file has, not the first one met. A message is a lower-case
sentence with what the user wrote in backticks; the help says what would be right.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: a sentence, its place (file, line and column, or row and column name), and help."""

    message: str
    file: str = ""
    line: int | None = None
    column: int | str | None = None
    help: str = ""
    row: int | None = None

    def __str__(self) -> str:
        place = ", ".join(self._place())
        text = f"{place}: {self.message}" if place else self.message
        return f"{text}\n    help: {self.help}" if self.help else text

    def _place(self) -> Iterable[str]:
        if self.file:
            yield self.file
        if self.line is not None:
            yield f"line {self.line}"
        if self.row is not None:
            yield f"row {self.row}"
        if self.column is not None:
            yield f"column {self.column}" if isinstance(self.column, int) else f"column `{self.column}`"


class Refused(Exception):
    """An input that cannot be used. ``problems`` holds all that is wrong with it; ``count`` may be higher than shown."""

    def __init__(self, problems: Problem | Sequence[Problem], count: int | None = None) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.count = len(self.problems) if count is None else count
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if self.count > len(lines):
            lines.append(f"... and {self.count - len(lines)} more; {self.count} in all")
        return "\n".join(lines)


def refuse(message: str, file: Path | str = "", help: str = "") -> Refused:
    """A refusal with one problem, ready to be raised."""
    return Refused(Problem(message, file=str(file), help=help))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion such as ``did you mean `study.form`?``, or nothing when no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""
