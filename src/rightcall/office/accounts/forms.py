"""Signing in, and giving grants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from rightcall.office.accounts.models import Account, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor
from rightcall.office.accounts.signing import device_of, shows
from rightcall.office.clock import today
from rightcall.office.forms import Form


class SignInForm(Form):
    """Password and code at once; which of them was wrong is not told."""

    username = forms.CharField(
        label=_("Name of the account"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    )
    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    code = forms.CharField(
        label=_("Code"), max_length=12, help_text=_("Six digits from the app on your phone."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip
    device: Any = None

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        account = authenticate(self.request, username=given.get("username", ""), password=given.get("password", ""))
        self.device = device_of(self.request, account, given.get("code", "")) if isinstance(account, Account) else None
        if self.device is None:
            raise forms.ValidationError(
                _("The name, the password or the code is wrong. Try again with the next code; after five failures the account rests for a quarter of an hour.")
            )
        return given


class CodeForm(Form):
    """The second factor alone."""

    code = forms.CharField(label=_("Code"), max_length=12, help_text=_("Six digits from the app on your phone."))
    device: Any = None

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        account = self.request.user
        allowed = isinstance(account, Account) and AxesProxyHandler.is_allowed(self.request, {"username": account.username})
        self.device = device_of(self.request, account, code) if allowed else None  # type: ignore[arg-type]
        if self.device is None:
            raise forms.ValidationError(_("The code is wrong. Try again with the next one."))
        return code


class TakeOverForm(Form):
    """A password of one's own, and a code of the new secret: so that nobody is left outside his own account."""

    new = forms.CharField(
        label=_("New password"), strip=False, help_text=_("At least twelve signs."), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    code = forms.CharField(
        label=_("Code of the new secret"), max_length=12, help_text=_("Six digits from the app on your phone."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, account: Account, fresh: TOTPDevice, *args: Any, **kwargs: Any) -> None:
        self.account, self.fresh = account, fresh
        super().__init__(*args, **kwargs)

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.account)
        if self.account.check_password(new):
            raise forms.ValidationError(_("This is the password that was handed out. Choose another."))
        return new

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not shows(self.fresh, code):
            raise forms.ValidationError(_("The code is wrong. Try again with the next one."))
        return code


class GrantForm(Form):
    """A grant to be proposed. Only units that the proposer may grant in can be chosen."""

    account = forms.ModelChoiceField(Account.objects.filter(is_active=True), label=_("Account"))
    role = forms.ChoiceField(choices=Role.choices, label=_("Role"))
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit, and all beneath it"))
    since = forms.DateField(label=_("From"), widget=forms.DateInput)
    until = forms.DateField(label=_("Until (that day not included)"), widget=forms.DateInput)
    reason = forms.CharField(label=_("Why"), max_length=200, help_text=_("The order by which it is given."))

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"since": today(), "until": today() + timedelta(days=180)})
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(actor).filter(pk__in=actor.reach("grant.propose").units)  # type: ignore[attr-defined]


class AccountForm(Form):
    """A new account. It has no rights until somebody grants them."""

    username = forms.RegexField(r"^[a-z0-9][a-z0-9.-]*$", label=_("Name of the account"), max_length=60, help_text=_("Small letters, digits, dots and dashes."))
    name = forms.CharField(label=_("Name"), max_length=120)
    post = forms.CharField(label=_("Post"), max_length=120, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.OIDC_ISSUER:
            self.fields["subject"] = forms.CharField(
                label=_("Subject at the provider"), max_length=255, required=False, help_text=_("As the provider knows this person: its claim `sub`.")
            )

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        if subject and Account.objects.filter(subject=subject).exists():
            raise forms.ValidationError(_("There is an account of this subject."))
        return subject

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if Account.objects.filter(username=username).exists():
            raise forms.ValidationError(_("There is an account of this name. Choose another."))
        return username


class PasswordForm(Form):
    """A new password of one's own: by who knows the one that counts, not by whoever finds a page open."""

    old = forms.CharField(label=_("Password that counts now"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    new = forms.CharField(
        label=_("New password"), strip=False, help_text=_("At least twelve signs."), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if authenticate(self.request, username=self.request.user.get_username(), password=old) is None:
            raise forms.ValidationError(_("This is not your password. Type it again; after five failures the account rests for a quarter of an hour."))
        return old

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.request.user)  # type: ignore[arg-type]
        return new
