"""Words for what templates are given as names."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rightcall.law import words
from rightcall.office.accounts.roles import Role
from rightcall.screening.explanation import VERDICT_WORDS

register = template.Library()
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
    """What somebody said, as words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(", ".join(f"{name.replace('_', ' ')}: {said(one)}" for name, one in row.items() if one is not None) for row in value)
    return str(value).replace("_", " ")


@register.filter
def choice_words(label: str) -> str:
    return {"yes": _("yes"), "no": _("no"), "not yet": _("not yet"), "none": _("none")}.get(label, label)


@register.filter
def verdict_words(verdict: str) -> str:
    return next((words for name, words in VERDICT_WORDS.items() if name == verdict), "")


@register.filter
def role_words(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role


@register.filter
def look_words(what: str) -> str:
    return str(_LOOKS.get(what, what))


@register.filter
def event_words(kind: str) -> str:
    return str(_EVENTS.get(kind, kind))
