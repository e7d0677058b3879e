"""Am I rightly called? The interview in the terminal, or over a pipe: one answer a line. Nothing is stored."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, TextIO, TypeVar

import typer

from rightcall.cli.console import PackOption, ReadingsOption, print_plain
from rightcall.law.account import Unfit, read_day, read_person
from rightcall.law.document import read_document
from rightcall.law.interview import (
    Checklist,
    Column,
    HowMany,
    Interview,
    Question,
    Reply,
    Single,
    answer,
    at_most,
    begin,
    concerned,
    if_denied,
    next_question,
)
from rightcall.law.pack import Pack, find_pack
from rightcall.law.person import NO_ROWS, Known, Person
from rightcall.law.problem import Problem, Refused, refuse
from rightcall.law.value import ABSENT, ANY, Span
from rightcall.law.vocabulary import FactType
from rightcall.law.words import fact_label, value_words
from rightcall.screening.advice import advise, as_data, as_text
from rightcall.screening.reply import how_to_write, is_not_known, read_count, read_lines, read_value

EXAMPLES = (
    "**Example:** `rightcall ask --pack ru_2022`  \n"
    "**Example:** `rightcall ask --pack ru_2022 --on 2022-10-10 --every-ground`  \n"
    "**Example:** `rightcall ask --pack ua --on today --answers answers.yaml --json < /dev/null`"
)
_BEGINNING = "Nothing you answer is stored: no file, no log. It goes when this ends."
_KEYS = "At any question: ? why it is asked, - you do not know, back undoes the last answer, stop ends with what can be said so far. Ctrl-C leaves."
_ENDING = "Nothing was stored."
_WIDEST = 80
_DAY = FactType("--on", "date")
Read = TypeVar("Read")


class _Back(Exception):
    """The last answer is to be undone."""


class _Stop(Exception):
    """No more answers: said so, or the pipe has ended."""


@dataclass(frozen=True, slots=True)
class _Talk:
    """Where questions go and answers come from. What comes over a pipe is echoed, so that what is printed reads as it would at a terminal."""

    source: TextIO
    target: TextIO

    def say(self, text: str = "", indent: str = "", hang: str = "") -> None:
        width = min(shutil.get_terminal_size().columns, _WIDEST)
        for line in text.splitlines() or [""]:
            start = len(line) - len(line.lstrip())
            inner = hang or indent + " " * (start + (2 if line.lstrip().startswith("- ") else 0))
            filled = textwrap.fill(
                line.lstrip(), width, initial_indent=indent + " " * start, subsequent_indent=inner, break_long_words=False, break_on_hyphens=False
            )
            self.target.write(filled + "\n")

    def hear(self) -> str:
        """The next answer. Raises ``_Back`` and ``_Stop``."""
        self.target.write("> ")
        self.target.flush()
        line = self.source.readline()
        if not line:
            self.target.write("\n")
            raise _Stop
        if not self.source.isatty():
            self.target.write(line if line.endswith("\n") else line + "\n")
        word = line.strip()
        if word.lower() == "back":
            raise _Back
        if word.lower() in ("stop", "quit", "exit"):
            raise _Stop
        return word


def ask(
    pack: PackOption,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="The day judged, or `today`. By default it is asked.")] = None,
    readings: ReadingsOption = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="Answers prepared, .yaml or .json: facts as in a roll. Only the rest is asked.")
    ] = None,
    every_ground: Annotated[bool, typer.Option("--every-ground", help="Go on after the first ground that protects, until each is settled.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result for programs; the questions go to standard error.")] = False,
) -> None:
    """Am I rightly called? Asks the fewest questions that settle where you stand, and says why, what to bring, and what is uncertain.

    Nothing is stored. Works by pipe too: one answer a line.
    """
    law = find_pack(pack)
    interview = begin(law, law.readings(readings), _day(on), _prepared(answers, law) if answers else None, every_ground)
    talk = _Talk(sys.stdin, sys.stderr if as_json else sys.stdout)
    try:
        interview = _conduct(interview, talk)
    except KeyboardInterrupt:
        talk.say(f"\nEnded. {_ENDING}")
        raise typer.Exit(130) from None
    found = advise(interview)
    if as_json:
        print_plain(json.dumps(as_data(found), ensure_ascii=False, indent=2))
    else:
        talk.say("\n" + "-" * 40 + "\n" + as_text(found))
    talk.say(f"\nQuestions answered: {interview.asked}. {_ENDING}")


def _day(on: str | None) -> Span | None:
    if on is None:
        return None
    try:
        return read_day(_DAY, date.today() if on.lower() == "today" else on)
    except Unfit as unfit:
        raise refuse(unfit.message, help=unfit.help) from None


def _prepared(path: Path, law: Pack) -> Person:
    """The answers prepared. Raises ``Refused`` with all that does not fit."""
    account = read_document(path)
    if not isinstance(account, dict):
        raise refuse("answers are facts with their values", path, "write one a line, as in `person.birth_date: 1990-05-20`")
    person, misfits = read_person(account, law.vocabulary)
    if misfits:
        raise Refused([Problem(misfit.message, str(path), column=misfit.name, help=misfit.help) for misfit in misfits])
    return person


# --- the talk -----------------------------------------------------------------------------------------------------


def _conduct(interview: Interview, talk: _Talk) -> Interview:
    """The interview to its end, or to where it was stopped."""
    talk.say(f"{interview.pack.title}\n{_BEGINNING}\n{_KEYS}")
    while True:
        question = next_question(interview)
        try:
            if question is None:
                _confirm(interview, talk)
                return interview
            talk.say("\n" + _progress(interview))
            interview = answer(interview, question, _reply(interview, question, talk))
        except _Back:
            talk.say("This is the first question." if interview.before is None else "The last answer is undone.")
            interview = interview.before or interview
        except _Stop:
            talk.say("Stopped here; what was not asked stays unknown." if question else "")
            return interview


def _confirm(interview: Interview, talk: _Talk) -> None:
    """A slip in the last answer can still be put right. Raises ``_Back``, and ``_Stop`` where a pipe has ended."""
    if interview.before is not None:
        talk.say("\nThat settles it." if interview.settled else "\nNothing you could still say would settle it.")
        talk.say("[Enter for the result; back to correct the last answer]", "  ")
        talk.hear()


def _progress(interview: Interview) -> str:
    most, usual = at_most(interview) - 1, if_denied(interview) - 1
    if most <= 0:
        return f"Question {interview.asked + 1}, the last."
    nothing = f"; {usual} if nothing more concerns you" if usual < most else ""
    return f"Question {interview.asked + 1}. At most {most} more{nothing}."


def _reply(interview: Interview, question: Question, talk: _Talk) -> Reply:
    match question:
        case Checklist(gate, lines):
            talk.say(gate.ask)
            for number, line in enumerate(lines, 1):
                talk.say(f"{number} {line.says}", "  ", "    ")
            talk.say(f"[the numbers of all that is so, as in `1 {len(lines)}`; none denies each of them; 1? where you are not sure of 1]", "  ")
            return _heard(interview, question, talk, lambda text: read_lines(question, text))
        case HowMany(fact):
            talk.say(fact.ask or fact_label(fact.name))
            talk.say("[how many? 0 if none; 2+ where there may be more than two]", "  ")
            return _heard(interview, question, talk, lambda text: read_count(question, text))
        case Single(fact):
            _put(fact, talk, _not_yet(interview, fact))
            return _heard(interview, question, talk, lambda text: _single(interview, fact, text))
        case Column():
            return _column(interview, question, talk)


def _not_yet(interview: Interview, fact: FactType) -> str:
    reference = interview.pack.reference
    return "; not yet" if fact.name in (*reference.same_day, *reference.also) and interview.days.on != ANY else ""


def _single(interview: Interview, fact: FactType, text: str) -> Known:
    """A value; a day that has not come stands, as the pack says, for the day judged, or for nothing."""
    if text.lower() == "not yet" and _not_yet(interview, fact):
        return interview.days.on if fact.name in interview.pack.reference.same_day else ABSENT
    return read_value(fact, text, date.today())


def _put(fact: FactType, talk: _Talk, more: str = "") -> None:
    talk.say(fact.ask or fact_label(fact.name))
    for number, value in enumerate(fact.values, 1):
        talk.say(f"{number} {value.replace('_', ' ')}", "  ", "    ")
    if fact.note:
        talk.say(f"({fact.note})", "  ")
    talk.say(f"[{how_to_write(fact)}{more}]", "  ")


def _heard(interview: Interview, question: Question, talk: _Talk, read: Callable[[str], Read]) -> Read | None:
    """The answer, asked for until it can be read."""
    while True:
        text = talk.hear()
        if text == "?":
            for line in _why(interview, question):
                talk.say(line, "  ")
        elif is_not_known(text):
            return None
        elif not text:
            talk.say("Nothing was written. Write - where you do not know.", "  ")
        else:
            try:
                return read(text)
            except Unfit as unfit:
                talk.say(f"{unfit.message}; {unfit.help}." if unfit.help else f"{unfit.message}.", "  ")


def _column(interview: Interview, question: Column, talk: _Talk) -> Reply:
    """A field row by row; `back` goes to the row before."""
    values: list[Known] = []
    while len(values) < len(question.rows):
        talk.say(_row_label(interview, question, question.rows[len(values)]))
        _put(question.fact, talk)
        try:
            values.append(_heard(interview, question, talk, lambda text: read_value(question.fact, text, date.today())))
        except _Back:
            if not values:
                raise
            values.pop()
    return tuple(values)


def _row_label(interview: Interview, question: Column, row: int) -> str:
    """Which row it is about, by what is known of it."""
    rows = interview.person.lists.get(question.list, NO_ROWS).rows
    fields = interview.pack.vocabulary[question.list].row
    known = ", ".join(f"{name.replace('_', ' ')} {value_words(fields[name], value).replace('_', ' ')}" for name, value in rows[row].items())
    return f"{fact_label(question.list)}, {row + 1} of {len(rows)}{f' ({known})' if known else ''}:"


def _why(interview: Interview, question: Question) -> Iterator[str]:
    """The grounds for which a question is asked."""
    grounds = concerned(interview, question)
    if not grounds:
        yield "The law is that of a day; which day counts decides what holds."
        return
    yield "It is asked because it can decide:"
    for id in grounds:
        provision = interview.pack.provisions[id]
        yield f"- {provision.title}: {provision.place} [{id}, {provision.effect}]"
