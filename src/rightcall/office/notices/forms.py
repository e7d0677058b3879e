"""Issuing, ending and serving notices; reporting improper ones."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import Roll
from rightcall.office.clock import today
from rightcall.office.forms import Form
from rightcall.office.notices.models import ImproperReport, Mailing, ServiceAttempt, Site

_HOUR = time(9)


class AppointmentForm(Form):
    """Where and when to report."""

    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"))
    day = forms.DateField(label=_("Day of reporting"), widget=forms.DateInput)
    hour = forms.TimeField(label=_("Hour"), widget=forms.TimeInput, initial=_HOUR)

    def __init__(self, actor: Actor, roll: Roll, *args: Any, **kwargs: Any) -> None:
        first = today() + timedelta(days=roll.campaign.contest_days + 7)
        kwargs.setdefault("initial", {"day": first, "language": settings.LANGUAGE_CODE})
        super().__init__(*args, **kwargs)
        above = [int(step) for step in roll.unit.path.strip("/").split("/")]
        self.fields["site"].queryset = Site.objects.visible_to(actor).filter(unit__in=above)  # type: ignore[attr-defined]


class NoticeForm(AppointmentForm):
    """A notice to one person."""

    language = forms.ChoiceField(label=_("Language of the notice"), choices=settings.LANGUAGES)


class BatchForm(NoticeForm):
    """Notices to many."""

    number = forms.IntegerField(label=_("How many notices"), min_value=1, max_value=1_000_000)
    field_order = ("number", "site", "day", "hour", "language")


class MailingForm(Form):
    """Letters to many."""

    kind = forms.ChoiceField(label=_("Which letters"), choices=Mailing.Kind.choices, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language of the letters"), choices=settings.LANGUAGES)


class RevokeForm(Form):
    """Why a notice is revoked."""

    why = forms.CharField(label=_("Why"), max_length=300, help_text=_("The person reads it."))


class ReplaceForm(AppointmentForm):
    """Another day or place."""

    why = forms.CharField(label=_("Why"), max_length=300, help_text=_("The person reads it."))


class ServiceForm(Form):
    """An attempt to serve a notice."""

    how = forms.ChoiceField(label=_("How"), choices=ServiceAttempt.How.choices)
    outcome = forms.ChoiceField(label=_("What came of it"), choices=ServiceAttempt.Outcome.choices)
    on = forms.DateField(label=_("On which day"), widget=forms.DateInput)
    proof = forms.CharField(label=_("Proof"), max_length=300, help_text=_("The number of the registered letter, or who signed for it."))


class CheckForm(Form):
    """A number to be checked."""

    number = forms.CharField(
        label=_("Number of the notice"), max_length=80, help_text=_("Seven groups of four, as in 2QD8-6JTW-…. Capitals, spaces and dashes do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip


class ImproperForm(Form):
    """What happened. No name is asked for."""

    how = forms.ChoiceField(label=_("How were you or others called?"), choices=ImproperReport.How.choices, widget=forms.RadioSelect)
    place = forms.CharField(label=_("Where?"), max_length=200, help_text=_("A town and a street are enough."))
    on = forms.DateField(label=_("On which day?"), required=False, widget=forms.DateInput)
    words = forms.CharField(
        label=_("What happened?"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Write no name, neither yours nor another's."),
    )


class AnswerForm(Form):
    """What an overseer found."""

    answer = forms.CharField(label=_("What was found"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))


class FollowForm(Form):
    """The reference of a report."""

    reference = forms.CharField(label=_("Reference"), max_length=20)
