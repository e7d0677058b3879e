"""How a person opens his own file, and asks for a correction."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from rightcall.office.forms import Form

_PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class OpenForm(Form):
    """The number of the notice and the code on it."""

    number = forms.CharField(label=_("Number of the notice"), max_length=80, widget=forms.TextInput(attrs=_PLAIN))
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Three groups of four, in the last lines of the notice."), widget=forms.TextInput(attrs=_PLAIN)
    )


class SecretForm(Form):
    """The number on a letter with questions."""

    number = forms.CharField(label=_("Number on the letter"), max_length=80, help_text=_("Seven groups of four."), widget=forms.TextInput(attrs=_PLAIN))


class WordsForm(Form):
    """What is wrong, in his own words."""

    words = forms.CharField(label=_("What is wrong, and what is right?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))
