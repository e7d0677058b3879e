"""Signing in and out, one's own sign-ins, and the pages of the administrator."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login, logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as otp_login

from rightcall.office.accounts import grants, staffing
from rightcall.office.accounts.forms import AccountForm, CodeForm, GrantForm, PasswordForm, SignInForm
from rightcall.office.accounts.models import Grant, SignIn
from rightcall.office.accounts.roles import Role
from rightcall.office.clock import now
from rightcall.office.pages import actor_of, found, limited, require_sight, staff


@limited("sign-in", 30, 300)
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = form.device.user
        login(request, account, backend="django.contrib.auth.backends.ModelBackend")
        otp_login(request, form.device)
        request.session.save()
        SignIn.objects.create(account=account, session=request.session.session_key or "", device=_device(request), at=now(), last=now())
        return redirect(_next(request))
    return render(request, "accounts/sign_in.html", {"form": form, "next": request.GET.get("next", "")}, status=200 if request.method == "GET" else 422)


def _device(request: HttpRequest) -> str:
    """A word for the device, so that one knows one's own; no more than that is kept."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    return next((name for name in ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux") if name in agent), "?")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()) else "work"


@limited("code", 30, 300)
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The code alone, for who has come through an OpenID Connect provider."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    form = CodeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        otp_login(request, form.device)
        return redirect("work")
    return render(request, "accounts/code.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    SignIn.objects.filter(session=request.session.session_key or "").delete()
    logout(request)
    return redirect("start")


@staff
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponseBase:
    """One's own account: grants, where one is signed in, a new password."""
    account = actor_of(request).account
    assert account is not None
    form = PasswordForm(account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        staffing.change_password(request, account, form.cleaned_data["new"])
        messages.success(request, _("The password is changed. You are signed out everywhere else."))
        return redirect("own")
    context = {"form": form, "sign_ins": staffing.devices_of(account), "here": request.session.session_key, "grants": actor_of(request).grants}
    return render(request, "accounts/own.html", context, status=422 if form.errors else 200)


@staff
@require_POST
def end_sign_in(request: HttpRequest, pk: int) -> HttpResponseBase:
    account = actor_of(request).account
    assert account is not None
    staffing.end_sign_in(account, pk)
    return redirect("own")


@staff
@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest) -> HttpResponseBase:
    actor = require_sight(request, "account")
    if not actor.can("grant.propose"):
        raise PermissionDenied
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = staffing.make(actor, form.cleaned_data["username"], form.cleaned_data["name"], form.cleaned_data["post"])
        return render(request, "accounts/made.html", {"made": made})
    return render(request, "accounts/new.html", {"form": form}, status=422 if form.errors else 200)


@staff
@require_http_methods(["GET", "POST"])
def new_grant(request: HttpRequest) -> HttpResponseBase:
    actor = require_sight(request, "grant")
    if not actor.can("grant.propose"):
        raise PermissionDenied
    form = GrantForm(actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        grants.propose(actor, given["account"], Role(given["role"]), given["unit"], given["since"], given["until"], given["reason"])
        messages.success(request, _("The grant is proposed. Another administrator has to confirm it."))
        return redirect("list", "grants")
    return render(request, "accounts/grant.html", {"form": form}, status=422 if form.errors else 200)


@staff
@require_GET
def grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor = require_sight(request, "grant")
    one = found(Grant.objects.visible_to(actor).select_related("account", "unit", "proposed_by", "confirmed_by", "ended_by"), pk=pk)
    assert actor.account is not None
    mine = actor.account.pk in (one.proposed_by_id, one.account_id)
    may = {"may_confirm": actor.may("grant.confirm", one.unit) and not mine, "may_end": actor.may("grant.end", one.unit)}
    return render(request, "accounts/one_grant.html", {"grant": one, **may})


@staff
@require_POST
def confirm_grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    found(Grant.objects.visible_to(actor_of(request)), pk=pk)
    grants.confirm(actor_of(request), pk)
    messages.success(request, _("The grant is confirmed."))
    return redirect("grant", pk)


@staff
@require_POST
def end_grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    found(Grant.objects.visible_to(actor_of(request)), pk=pk)
    grants.end(actor_of(request), pk)
    messages.success(request, _("The grant has ended."))
    return redirect("grant", pk)
