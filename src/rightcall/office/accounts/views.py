"""Signing in and out, one's own sign-ins, and the pages of the administrator."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rightcall.notice.code import qr_svg
from rightcall.office.accounts import grants, signing, staffing
from rightcall.office.accounts.forms import AccountForm, CodeForm, GrantForm, PasswordForm, SignInForm, TakeOverForm
from rightcall.office.accounts.middleware import is_verified
from rightcall.office.accounts.models import Account, Grant, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.staffing import secret_of
from rightcall.office.pages import actor_of, limited, require_sight, seen, staff, way_back
from rightcall.office.refusal import Refusal


@limited("sign-in", 30, 300)
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        signing.begin(request, form.device.user, form.device)
        return redirect(way_back(request, request.POST.get("next", ""), "work"))
    context = {"form": form, "next": request.GET.get("next", ""), "provider": settings.OIDC_ISSUER}
    return render(request, "accounts/sign_in.html", context, status=200 if request.method == "GET" else 422)


@limited("code", 30, 300)
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The code alone, for who has come through an OpenID Connect provider."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    form = CodeForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        signing.complete(request, form.device)
        return redirect(way_back(request, request.GET.get("next", ""), "work"))
    return render(request, "accounts/code.html", {"form": form}, status=422 if form.errors else 200)


@limited("code", 30, 300)
@require_http_methods(["GET", "POST"])
def take_over(request: HttpRequest) -> HttpResponse:
    """The first sign-in: a password and a secret for codes that nobody else knows."""
    account = request.user
    if not isinstance(account, Account) or not is_verified(account) or not account.handed_out:
        return redirect("work")
    fresh = signing.fresh_device(request, account)
    form = TakeOverForm(account, fresh, request.POST or None)
    if request.method == "POST" and form.is_valid():
        signing.take_over(request, account, fresh, form.cleaned_data["new"])
        messages.success(request, _("The account is yours alone now."))
        return redirect(way_back(request, request.GET.get("next", ""), "work"))
    context = {"form": form, "secret": secret_of(fresh), "address": fresh.config_url, "qr": SafeString(qr_svg(fresh.config_url))}
    return render(request, "accounts/take_over.html", context, status=422 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    signing.leave(request)
    return redirect("start")


@staff
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponseBase:
    """One's own account: grants, where one is signed in, a new password."""
    account = actor_of(request).account
    assert account is not None
    form = PasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        signing.change_password(request, account, form.cleaned_data["new"])
        messages.success(request, _("The password is changed. You are signed out everywhere else."))
        return redirect("own")
    held = actor_of(request).grants
    units = Unit.objects.visible_to(actor_of(request)).in_bulk([grant.unit for grant in held])
    roles = [(grant.role.label, units[grant.unit]) for grant in held]
    context = {"form": form, "sign_ins": signing.sign_ins_of(account), "here": request.session.session_key, "grants": roles}
    return render(request, "accounts/own.html", context, status=422 if form.errors else 200)


@staff
@require_POST
def end_sign_in(request: HttpRequest, pk: int) -> HttpResponseBase:
    account = actor_of(request).account
    assert account is not None
    signing.end(account, pk)
    return redirect("own")


@staff
@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest) -> HttpResponseBase:
    actor = require_sight(request, "account")
    if not actor.can("grant.propose"):
        raise PermissionDenied
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = staffing.make(actor, **form.cleaned_data)
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
        try:
            grants.propose(actor, given["account"], Role(given["role"]), given["unit"], given["since"], given["until"], given["reason"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            messages.success(request, _("The grant is proposed. Another administrator has to confirm it."))
            return redirect("list", "grants")
    return render(request, "accounts/grant.html", {"form": form}, status=422 if form.errors else 200)


@staff
@require_GET
def grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor, one = actor_of(request), seen(request, Grant.objects.select_related("account", "unit", "proposed_by", "confirmed_by", "ended_by"), pk)
    assert actor.account is not None
    mine = actor.account.pk in (one.proposed_by_id, one.account_id)
    may = {"may_confirm": actor.may("grant.confirm", one.unit) and not mine, "may_end": actor.may("grant.end", one.unit)}
    return render(request, "accounts/one_grant.html", {"grant": one, **may})


@staff
@require_POST
def confirm_grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Grant.objects, pk)
    grants.confirm(actor_of(request), pk)
    messages.success(request, _("The grant is confirmed."))
    return redirect("grant", pk)


@staff
@require_POST
def end_grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Grant.objects, pk)
    grants.end(actor_of(request), pk)
    messages.success(request, _("The grant has ended."))
    return redirect("grant", pk)
