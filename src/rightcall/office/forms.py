"""Forms that look and read alike: a label, a hint, the error in the same words beside the field and at the top of the page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.html import format_html
from django.utils.translation import gettext as _

from rightcall.office.refusal import Reason, Refusal, tell


class Renderer(TemplatesSetting):
    """Fields and their errors as this office writes them."""

    form_template_name = "form.html"
    field_template_name = "field.html"


class Form(forms.Form):
    """Forms for a given actor set their choices after this; so nothing may be checked here yet.

    INVARIANT: no placeholder, no colour alone, no error without its remedy; a name may be as long as it is."""

    default_renderer = Renderer
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = field.error_messages["required"] if _is_own(field) else _required(field)
            if isinstance(field.widget, forms.DateInput):
                field.widget.input_type = "date"
                field.widget.format = "%Y-%m-%d"
            if isinstance(field.widget, forms.TimeInput):
                field.widget.input_type = "time"
                field.widget.format = "%H:%M"

    def refused(self, refusal: Refusal) -> None:
        """What a service refused stands at the top of the form."""
        tell(refusal)
        for reason in refusal.reasons:
            self.add_error(None, _in_its_language(reason))


def _in_its_language(reason: Reason) -> str:
    says = f"{reason.says} {reason.help}".strip()
    return format_html('<span lang="{}">{}</span>', reason.language, says) if reason.language else says


def _is_own(field: forms.Field) -> bool:
    """Whether the form says in words of its own that something is missing."""
    return field.error_messages["required"] != forms.Field.default_error_messages["required"]


def _required(field: forms.Field) -> str:
    if isinstance(field, forms.FileField):
        return _("Choose a file.")
    return _("Choose one of these.") if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)) else _("Fill this in.")


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        single = super().clean
        return [single(one, initial) for one in data] if isinstance(data, (list, tuple)) and data else [single(data, initial)]
