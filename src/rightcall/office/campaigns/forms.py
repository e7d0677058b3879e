"""Drafting a campaign, giving tasks, sending files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rightcall.law.pack import pack_names
from rightcall.office.accounts.models import Unit
from rightcall.office.accounts.roles import Act
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import Campaign
from rightcall.office.forms import FilesField, Form


def _units(actor: Actor, act: Act) -> Any:
    """The units in which the actor may do something."""
    scope = actor.reach(act)
    return Unit.objects.filter(pk__in=scope.units)


class CampaignForm(Form):
    """A campaign as a draft."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"))
    name = forms.CharField(label=_("Name of the campaign"), max_length=200)
    act = forms.CharField(label=_("Legal act"), max_length=300, help_text=_("Its name, date and number, as the notice will cite it."))
    cite = forms.CharField(label=_("Place in the act"), max_length=200)
    pack = forms.ChoiceField(label=_("Law pack"), choices=lambda: [(name, name) for name in pack_names()])
    readings = forms.CharField(
        label=_("Readings in force"),
        required=False,
        max_length=300,
        help_text=_("A readings file of the pack by name. Without one every question of law stays open."),
    )
    on = forms.CharField(
        label=_("Day judged"),
        required=False,
        max_length=60,
        help_text=_("A date such as 2026-10-10, or nothing: then each person's own day, as the pack says."),
    )
    starts = forms.DateField(label=_("First day"), widget=forms.DateInput, help_text=_("Nobody is noticed before it."))
    ends = forms.DateField(label=_("Last day"), widget=forms.DateInput, help_text=_("Nobody is noticed, or has to report, after it."))
    most = forms.IntegerField(label=_("How many people the act allows to be called"), min_value=1, max_value=100_000_000)
    contest_days = forms.IntegerField(label=_("Days in which a notice can be contested"), min_value=1, max_value=365, initial=10)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = _units(actor, "campaign.draft")  # type: ignore[attr-defined]


class TasksForm(Form):
    """One number for each office beneath the campaign's unit; nothing where it has no task."""

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = {task.unit_id: task.number for task in campaign.tasks.all()}
        for unit in Unit.objects.filter(path__startswith=campaign.unit.path, kind=Unit.Kind.OFFICE):
            self.fields[f"unit-{unit.pk}"] = forms.IntegerField(label=unit.name, min_value=0, max_value=100_000_000, required=False, initial=given.get(unit.pk))

    @property
    def numbers(self) -> dict[int, int]:
        return {int(name.removeprefix("unit-")): number for name, number in self.cleaned_data.items() if number}


class RollForm(Form):
    """The file of a roll, and whose it is."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Office"))
    chosen = FilesField(
        label=_("Files"), help_text=_("One .csv, .xlsx or .parquet; or people.csv with one file for each list, and datapackage.json where there is one.")
    )

    def __init__(self, actor: Actor, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = _units(actor, "roll.upload").filter(tasks__campaign=campaign)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        if len(units) == 1:
            self.fields["unit"].initial = units[0]


class DeliveryForm(Form):
    """New files of registers."""

    says = forms.CharField(label=_("What is delivered"), max_length=200)
    chosen = FilesField(
        label=_("Files"), help_text=_("The tables that changed; with their datapackage.json where it is the first delivery, or describes them anew.")
    )


class SignForm(Form):
    """What is signed is what is seen."""

    sha256 = forms.CharField(label="SHA-256", widget=forms.HiddenInput)
    sure = forms.BooleanField(
        label=_("I have looked at this roll, and I answer for it with my name."),
        error_messages={"required": _("Tick the box to sign: you answer for this roll.")},
    )


class ProofForm(Form):
    """A paper that was seen for something a person said."""

    fact = forms.CharField(widget=forms.HiddenInput, max_length=120)
    proof = forms.CharField(label=_("Which paper was seen"), max_length=200)
