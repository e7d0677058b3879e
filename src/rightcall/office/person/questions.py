"""A question of the interview as a page of a form, and what a person chose on it as a reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rightcall.law.account import Unfit
from rightcall.law.interview import Checklist, Column, HowMany, Interview, Question, Reply, Single, concerned
from rightcall.law.person import NO_ROWS, Known
from rightcall.law.value import ABSENT, ANY
from rightcall.law.vocabulary import FactType
from rightcall.law.words import fact_label, value_words
from rightcall.office.campaigns.asking import Sitting
from rightcall.office.clock import today
from rightcall.screening.reply import MOST_ROWS, read_count, read_value

DO_NOT_KNOW = "?"
NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to answer on a page: by choosing (``choices``: value and words) or by writing. ``name`` is that of its field."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    day: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A page: what is asked, its parts, and why it is asked. ``boxes``: all parts are lines to tick; ``alone``: the one part is the question itself."""

    question: Question
    interview: Interview
    title: str
    parts: tuple[Part, ...]
    why: tuple[str, ...]
    note: str = ""
    boxes: bool = False
    alone: bool = False

    @property
    def counts(self) -> bool:
        return isinstance(self.question, HowMany)

    @property
    def first(self) -> str:
        """The id of the first control: where an error leads to."""
        return self.parts[0].name


def asked(sitting: Sitting) -> Asked | None:
    """The page of the next question; none when nothing is left to ask."""
    question, interview = sitting.question, sitting.interview
    if question is None:
        return None
    why = tuple(interview.pack.provisions[id].title for id in concerned(interview, question))[:8]
    match question:
        case Checklist(gate, lines):
            parts = tuple(Part(f"line-{place}", line.says) for place, line in enumerate(lines))
            return Asked(question, interview, gate.ask, parts, why, boxes=True)
        case HowMany(fact):
            return Asked(question, interview, _title(fact), (Part("count", "", hint="0, 1, 2 …"),), why, alone=True)
        case Single(fact):
            return Asked(question, interview, _title(fact), (_part("value", "", fact, _may_be_to_come(interview, fact)),), why, fact.note, alone=True)
        case Column():
            parts = tuple(_part(f"row-{row}", _row_label(interview, question, row), question.fact, False) for row in question.rows)
            return Asked(question, interview, _title(question.fact), parts, why, question.fact.note)


def _title(fact: FactType) -> str:
    return fact.ask or fact_label(fact.name)


def _part(name: str, label: str, fact: FactType, to_come: bool) -> Part:
    if fact.kind == "bool":
        return Part(name, label, (("yes", "yes"), ("no", "no")))
    if fact.kind == "one_of":
        none = (("none", "none"),) if fact.none and "none" not in fact.values else ()
        return Part(name, label, (*((value, value.replace("_", " ")) for value in fact.values), *none))
    more = ((NOT_YET, "not yet"),) if to_come else ()
    return Part(name, label, more, _how_to_write(fact), fact.kind == "date")


def _how_to_write(fact: FactType) -> str:
    """What can be written, as ``screening.reply.how_to_write`` says it at a terminal."""
    how = {"date": _("A day as in 2022-09-25, or a month or a year alone."), "integer": _("A whole number.")}.get(fact.kind, _("A few words."))
    unit = f" ({fact.unit})" if fact.unit else ""
    return f"{how[:-1]}{unit}{how[-1]}"


def _may_be_to_come(interview: Interview, fact: FactType) -> bool:
    reference = interview.pack.reference
    return fact.name in (*reference.same_day, *reference.also) and interview.days.on != ANY


def _row_label(interview: Interview, question: Column, row: int) -> str:
    rows = interview.person.lists.get(question.list, NO_ROWS).rows
    fields = interview.pack.vocabulary[question.list].row
    known = ", ".join(f"{name.replace('_', ' ')} {value_words(fields[name], value).replace('_', ' ')}" for name, value in rows[row].items())
    return f"{fact_label(question.list)}, {row + 1} / {len(rows)}{f' ({known})' if known else ''}"


# --- what was chosen ----------------------------------------------------------------------------------------------


def given(page: Asked, form: Mapping[str, str]) -> Reply:
    """The reply on a page that was sent. Raises ``Unfit`` where nothing was chosen: silence is no answer."""
    match page.question:
        case Checklist(_, lines):
            return _ticked(len(lines), form)
        case HowMany() as question:
            text = form.get("count", "").strip()
            return None if form.get("count-unknown") else _count(question, text)
        case Single(fact):
            return _said(page.interview, fact, "value", form)
        case Column(fact, rows):
            return tuple(_said(page.interview, fact, f"row-{row}", form) for row in rows)


def _ticked(number: int, form: Mapping[str, str]) -> tuple[bool | None, ...] | None:
    """Ticked lines are so, the others are denied: only where he says expressly that no other concerns him."""
    said = [form.get(f"line-{place}", "") for place in range(number)]
    if form.get("unsure"):
        return tuple(True if one else None for one in said)
    if not any(said) and not form.get("none"):
        raise Unfit(_("Nothing was chosen"), _("Tick what is so, or tick that none of these is."))
    if any(said) and form.get("none"):
        raise Unfit(_("A line is ticked, and also that none is"), _("Take one of them away."))
    return tuple(bool(one) for one in said)


def _said(interview: Interview, fact: FactType, name: str, form: Mapping[str, str]) -> Known:
    text = _day(name, form) if fact.kind == "date" else form.get(name, "").strip()
    if form.get(f"{name}-unknown") or text == DO_NOT_KNOW:
        return None
    if form.get(f"{name}-none") and fact.none:
        return ABSENT
    if NOT_YET in (text, form.get(f"{name}-choice", "")) and _may_be_to_come(interview, fact):
        return interview.days.on if fact.name in interview.pack.reference.same_day else ABSENT
    if not text:
        raise Unfit(_("Nothing was chosen or written"), _("If you do not know, choose that."))
    try:
        return read_value(fact, text, today())
    except Unfit:
        raise Unfit(_("`%(written)s` is not an answer that can be read") % {"written": text[:40]}, _how_to_write(fact)) from None


def _count(question: HowMany, text: str) -> Reply:
    if not text:
        raise Unfit(_("Nothing was chosen or written"), _("If you do not know, choose that."))
    try:
        return read_count(question, text)
    except Unfit:
        raise Unfit(_("`%(written)s` is not a number") % {"written": text[:40]}, _("Write a number from 0 to %(most)s.") % {"most": MOST_ROWS}) from None


def _day(name: str, form: Mapping[str, str]) -> str:
    """A day in its three boxes as it is written elsewhere: 2022-09-25, or 2022-09, or 2022. Raises ``Unfit`` where a box is left out between."""
    year, month, day = (form.get(f"{name}-{part}", "").strip() for part in ("year", "month", "day"))
    if not (year or month or day):
        return ""
    if not year or (day and not month):
        raise Unfit(_("Part of the date is missing"), _("Write day, month and year; or month and year, or the year alone."))
    return "-".join([year, *(part.zfill(2) for part in (month, day) if part)])
