"""A respondent: somebody of whom everything is known, and who answers an interview truly; what is not recorded of him he does not know."""

from __future__ import annotations

from dataclasses import dataclass

from rightcall.law.gate import Line
from rightcall.law.interview import Checklist, Column, Count, HowMany, Interview, Question, Reply, Single, answer, next_question
from rightcall.law.person import NO_ROWS, Known, Person
from rightcall.law.value import ABSENT, ANY
from rightcall.law.vocabulary import COMPLETE


@dataclass(frozen=True, slots=True)
class Respondent:
    """The truth about him."""

    truth: Person

    def reply(self, interview: Interview, question: Question) -> Reply:
        """His true answer. Where a day stands for the day judged until it is recorded, he says that it has not come."""
        match question:
            case Single(fact):
                value = self._value(fact.name)
                return _not_come(interview, fact.name) if value is None else value
            case HowMany(fact):
                rows = self.truth.lists.get(fact.name, NO_ROWS)
                return None if rows.complete is not True and not rows.rows else Count(len(rows.rows), rows.complete is not True)
            case Column(_, rows):
                listed = self.truth.lists.get(question.list, NO_ROWS).rows
                return tuple(listed[row].get(question.field) for row in rows)
            case Checklist(_, lines):
                return tuple(self._said(line) for line in lines)

    def _value(self, name: str) -> Known:
        if name.endswith(f".{COMPLETE}"):
            return self.truth.lists.get(name.removesuffix(f".{COMPLETE}"), NO_ROWS).complete
        return self.truth.facts.get(name)

    def _said(self, line: Line) -> Known:
        """Whether a line concerns him: not where everything is as its denial says."""
        verdicts = [self._denies(name, value) for name, value in line.no.items()]
        return None if None in verdicts else not all(verdicts)

    def _denies(self, name: str, value: Known) -> bool | None:
        listed, _, field = name.partition("[].")
        if field:
            told = [row.get(field) for row in self.truth.lists.get(listed, NO_ROWS).rows]
            return False if any(one not in (None, value) for one in told) else None if None in told else True
        if name.endswith(f".{COMPLETE}"):
            rows = self.truth.lists.get(name.removesuffix(f".{COMPLETE}"), NO_ROWS)
            return False if rows.rows else rows.complete is True or None
        known = self.truth.facts.get(name)
        return None if known is None else known == value


def _not_come(interview: Interview, name: str) -> Known:
    """What an unrecorded fact is: a day that has not come stands for the day judged, or for nothing; all else is not known."""
    reference = interview.pack.reference
    if name in (reference.on, reference.fallback) and interview.on is None and interview.days.on == ANY:
        return None
    return interview.days.on if name in reference.same_day else ABSENT if name in reference.also else None


def conduct(interview: Interview, respondent: Respondent) -> Interview:
    """The interview to its end."""
    while (question := next_question(interview)) is not None:
        interview = answer(interview, question, respondent.reply(interview, question))
    return interview
