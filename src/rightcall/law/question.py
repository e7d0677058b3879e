"""Disputed points of law, and who has answered them.

Until somebody answers, a question is an unknown like any other. A readings file holds answers with their citation and the
days of call-up they hold for; outside those days, or in other parts of a provision, the question is unanswered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rightcall.law.problem import Refused, did_you_mean
from rightcall.law.source import Source, Table, read_source
from rightcall.law.truth import QUESTION, Truth, of
from rightcall.law.value import Span, day_number


@dataclass(frozen=True, slots=True)
class Question:
    """A disputed point: what it asks, and both sides."""

    id: str
    asks: str
    yes: str
    no: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, for the days from ``start`` until ``end`` (half-open, day numbers) and for some parts or all."""

    question: str
    answer: bool
    cite: str = ""
    start: int | None = None
    end: int | None = None
    parts: tuple[str, ...] = ()

    def holds_throughout(self, on: Span) -> bool:
        return (self.start is None or on.low >= self.start) and (self.end is None or on.high < self.end)

    def overlaps(self, other: Answer) -> bool:
        """Both could be asked for on one day in one part."""
        apart = (self.end is not None and other.start is not None and self.end <= other.start) or (
            other.end is not None and self.start is not None and other.end <= self.start
        )
        return not apart and (not self.parts or not other.parts or bool(set(self.parts) & set(other.parts)))


@dataclass(frozen=True, slots=True)
class Readings:
    """The answers in force for a run. ``title`` names them in the receipt."""

    title: str = "no question answered"
    answers: tuple[Answer, ...] = ()

    def read(self, question: str, part: str, on: Span) -> Truth:
        """The answer on a day (which may be bounded), or the open question. A pack that has no question answers no."""
        if not question:
            return of(False)
        for answer in self.answers:
            if answer.question == question and (not answer.parts or part in answer.parts) and answer.holds_throughout(on):
                return of(answer.answer)
        return QUESTION

    @property
    def edges(self) -> tuple[int, ...]:
        """Days on which an answer begins or ends to hold."""
        return tuple(sorted({day for answer in self.answers for day in (answer.start, answer.end) if day is not None}))


UNANSWERED = Readings()


def answered(answers: Mapping[str, bool], title: str = "answers given") -> Readings:
    """Readings that answer some questions for every day."""
    return Readings(title, tuple(Answer(question, bool(answer)) for question, answer in answers.items()))


def read_questions(source: Source) -> dict[str, Question]:
    """Read ``questions.toml``. Problems are left in the source."""
    questions = {}
    for name, values in source.parse().items():
        if isinstance(values, dict):
            questions[name] = _question(source.table(values, name), name)
        else:
            source.report(f"`{name}` must be a table", *source.place(name), help=f"write `[{name}]`, and below it `asks`, `yes` and `no`")
    return questions


def _question(table: Table, name: str) -> Question:
    question = Question(
        id=name,
        asks=table.take("asks", str, "", required=True),
        yes=table.take("yes", str, "", required=True),
        no=table.take("no", str, "", required=True),
        sources=table.texts("sources"),
    )
    table.finish()
    return question


def read_readings(path: Path, questions: Mapping[str, Question], parts: frozenset[str]) -> Readings:
    """Read a readings file. Raises ``Refused`` with every problem."""
    source = read_source(path)
    values = source.parse()
    top = source.table(values)
    title = top.take("title", str, path.stem)
    top.take("cite", str, "")
    entries = top.take("reading", list, [])
    top.finish()
    answers = [_answer(source.table(entry, "reading", n), questions, parts) for n, entry in enumerate(entries)]
    _check_agreement(source, answers)
    if source.problems:
        raise Refused(source.problems)
    return Readings(title, tuple(answers))


def _answer(table: Table, questions: Mapping[str, Question], parts: frozenset[str]) -> Answer:
    question = table.take("question", str, "", required=True)
    if question and question not in questions:
        table.report(f"unknown question `{question}`", "question", did_you_mean(question, questions))
    named = table.texts("parts")
    for part in named:
        if part not in parts:
            table.report(f"no provision has the part `{part}`", "parts", did_you_mean(part, parts))
    start, end = table.take("from", date), table.take("until", date)
    answer = Answer(
        question=question,
        answer=table.take("answer", bool, False, required=True),
        cite=table.take("cite", str, ""),
        start=None if start is None else day_number(start),
        end=None if end is None else day_number(end),
        parts=named,
    )
    if answer.start is not None and answer.end is not None and answer.end <= answer.start:
        table.report("`until` is not after `from`", "until")
    table.finish()
    return answer


def _check_agreement(source: Source, answers: list[Answer]) -> None:
    for number, later in enumerate(answers):
        for earlier in answers[:number]:
            if earlier.question == later.question and earlier.overlaps(later):
                line, column = source.place("question", "reading", number)
                source.report(f"`{later.question}` is answered twice for the same days", line, column, "give each answer its own days or parts")
