"""What anybody may do without an account: check a notice, report an improper one, fetch the keys, the list and the page that checks offline."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rightcall.notice.checker import checker_page
from rightcall.notice.key import keys_text
from rightcall.office.accounts.models import Unit
from rightcall.office.clock import today
from rightcall.office.keys import notice_keys
from rightcall.office.notices import check, improper
from rightcall.office.notices.forms import CheckForm, FollowForm, ImproperForm
from rightcall.office.notices.models import ImproperReport
from rightcall.office.pages import limited, way_back


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "public/start.html")


@limited("check", 60, 60)
@require_http_methods(["GET", "HEAD", "POST"])
def check_notice(request: HttpRequest) -> HttpResponseBase:
    """The answer stands on the same page, whatever it is; the number is not put into any address."""
    form = CheckForm(request.POST or None)
    answer = check.answer_of(form.cleaned_data["number"]) if request.method == "POST" and form.is_valid() else ""
    return render(request, "public/check.html", {"form": form, "answer": answer}, status=422 if form.errors else 200)


@require_safe
def checker(request: HttpRequest) -> HttpResponse:
    """The page that checks offline: it brings its own policy, since its program and its style stand in it."""
    page = checker_page(notice_keys(), today(), address=f"{settings.ADDRESS}/checker.html", phone=_telephone(), list_address="/status-list")
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


def _telephone() -> str:
    return Unit.objects.exclude(telephone="").order_by("path").values_list("telephone", flat=True).first() or ""


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    return HttpResponse(keys_text(notice_keys()), content_type="application/toml; charset=utf-8")


@limited("list", 30, 60)
@require_safe
def status_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse(check.signed_list(), content_type="application/statuslist+jwt")


@limited("improper", 20, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def report_improper(request: HttpRequest) -> HttpResponseBase:
    form = ImproperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = improper.report(given["how"], given["place"], given["words"], given["on"])
        request.session["reported"] = made.reference
        return redirect("reported")
    return render(request, "public/improper.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def reported(request: HttpRequest) -> HttpResponseBase:
    reference = request.session.get("reported")
    return render(request, "public/reported.html", {"reference": reference}) if reference else redirect("improper")


@limited("follow", 30, 300)
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponseBase:
    """What became of a report."""
    form = FollowForm(request.POST or None)
    one = None
    if request.method == "POST" and form.is_valid():
        reference = form.cleaned_data["reference"].strip().upper()
        one = ImproperReport.objects.filter(reference=reference).first()
        if one is None:
            form.add_error("reference", _("There is no report with this reference. Compare it with what you wrote down."))
    return render(request, "public/follow.html", {"form": form, "report": one}, status=422 if form.errors else 200)


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """The language of pages, kept in a cookie of its own."""
    wanted, back = request.POST.get("language", ""), request.POST.get("next", "/")
    response = redirect(way_back(request, back, "/"))
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=31_536_000, samesite="Lax", secure=settings.SECURE, httponly=True)
    return response


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether database, cache and keys answer."""
    cache.set("ready", "yes", 5)
    ImproperReport.objects.exists()
    notice_keys()
    return HttpResponse("ready\n", content_type="text/plain")
