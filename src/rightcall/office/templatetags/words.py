"""Words for what templates are given as names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware, localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rightcall.law import words
from rightcall.office.accounts.roles import Kind, Role
from rightcall.office.accounts.scope import Actor

register = template.Library()
_DEEPEST = 6
_SHORT = 24
_LETTER = re.compile(r"[^\W\d_]")
_JOBS = {
    "roll.read": gettext_lazy("Reading a roll"),
    "roll.take": gettext_lazy("Freezing a roll"),
    "roll.screen": gettext_lazy("Checking a roll against the law"),
    "notices.issue": gettext_lazy("Issuing notices"),
    "notices.print": gettext_lazy("Printing notices"),
    "letters.make": gettext_lazy("Writing letters"),
}
_STAGES = {
    "reading the roll": gettext_lazy("reading the roll"),
    "taking the people over": gettext_lazy("taking the people over"),
    "asking whose records they are": gettext_lazy("asking whose records they are"),
    "checking": gettext_lazy("checking"),
    "writing the results": gettext_lazy("writing the results"),
    "taking the findings over": gettext_lazy("taking the findings over"),
    "issuing notices": gettext_lazy("issuing notices"),
    "printing notices": gettext_lazy("printing notices"),
    "writing letters": gettext_lazy("writing letters"),
}
_EVENTS = {
    "callup.asked": gettext_lazy("questions were put to you"),
    "callup.answered": gettext_lazy("you answered"),
    "callup.proven": gettext_lazy("a proof was seen"),
    "callup.struck": gettext_lazy("you were struck from the list: the law protects you"),
    "callup.listed_again": gettext_lazy("you are on the list again: nothing was found that protects you"),
    "notice.issued": gettext_lazy("a notice was issued"),
    "notice.replaced": gettext_lazy("a notice was replaced"),
    "notice.revoked": gettext_lazy("a notice was revoked"),
    "case.received": gettext_lazy("a case was opened; it holds your call-up"),
}
_VERDICTS = {
    "barred": gettext_lazy("may not be called up"),
    "deferred": gettext_lazy("may not be called up while the ground lasts"),
    "open": gettext_lazy("no notice until this is settled"),
    "clear": gettext_lazy("no ground of this law protects on these facts"),
}
_LOOKS = {
    "file": gettext_lazy("the file"),
    "finding": gettext_lazy("the finding and its records"),
    "letter": gettext_lazy("the letter"),
    "notice": gettext_lazy("the notice"),
    "paper": gettext_lazy("the notice on paper"),
}


@register.filter
def fact_label(name: str) -> str:
    return words.fact_label(name)


@register.filter
def said(value: Any) -> str:
    """What somebody said or can choose, as words: yes, no and days in the language of the page, what the law calls something in that of the law."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _of_law("; ".join(_row_words(row) for row in value))
    text = str(value)
    own = {"yes": _("yes"), "no": _("no"), "not yet": _("not yet"), "none": _("none")}.get(text, "") or day(text)
    return own if own != text or not _LETTER.search(text) else _of_law(text.replace("_", " "))


def _row_words(row: Mapping[str, Any]) -> str:
    told = {name: {True: "yes", False: "no"}.get(one, one) if isinstance(one, bool) else one for name, one in row.items() if one is not None}
    return ", ".join(f"{name} {one}".replace("_", " ") for name, one in told.items())


def _of_law(words: str) -> str:
    return format_html("<span{}>{}</span>", english(), words) if english() else words


@register.filter
def verdict_words(verdict: str) -> str:
    return str(_VERDICTS.get(verdict, ""))


@register.filter
def role_words(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role


@register.filter
def look_words(what: str) -> str:
    return str(_LOOKS.get(what, what))


@register.filter
def event_words(kind: str) -> str:
    return str(_EVENTS.get(kind, kind))


@register.filter
def job_words(kind: str) -> str:
    return str(_JOBS.get(kind, kind))


@register.filter
def stage_words(stage: str) -> str:
    return str(_STAGES.get(stage, stage))


# --- days and places on a page ------------------------------------------------------------------------------------


@register.filter
def day(value: Any) -> str:
    """A day as people of this language write it; what is no day (bounds, *never*) stays as it is."""
    if isinstance(value, str):
        written: str = value
        try:
            value = date.fromisoformat(written)
        except ValueError:
            return written
    return _unbroken(date_format(_here(value), "j E Y")) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """A day and the time on it."""
    return _unbroken(date_format(_here(value), "j E Y, H:i")) if value else ""


@register.filter
def weekday(value: date) -> str:
    return _unbroken(date_format(value, "l, j E Y"))


@register.filter
def hour(value: time) -> str:
    return f"{value:%H:%M}"


def _here(value: Any) -> Any:
    return localtime(value) if isinstance(value, datetime) and is_aware(value) else value


def _unbroken(words: str) -> str:
    return words.replace(" ", "\u00a0")


@register.filter
def depth(deep: int) -> int:
    """How far a line of a proof is set in: at most so far that it can be read on a telephone."""
    return min(deep, _DEEPEST)


@register.filter
def target(field: BoundField) -> str:
    """The id to which an error leads: the control itself; of several, the first."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label or field.auto_id


@register.filter
def short(value: Any) -> bool:
    """Whether a cell is read best on one line: a day, a number, a state."""
    return len(str(value)) <= _SHORT


# --- languages within a page --------------------------------------------------------------------------------------


@register.simple_tag
def english() -> SafeString:
    """Marks what is written in English alone, on a page in another language: the law packs, and what services say of them."""
    return SafeString("") if get_language() == "en" else format_html(' lang="{}"', "en")


@register.simple_tag
def ours() -> SafeString:
    """Marks our own words within such a part."""
    language = get_language()
    return SafeString("") if language == "en" else format_html(' lang="{}"', language)


@register.filter
def sees(actor: Actor, kind: Kind) -> bool:
    """Whether something is offered at all; what is allowed is asked where it is done."""
    return actor.sees(kind)
