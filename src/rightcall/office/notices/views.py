"""The pages of notices, for the staff."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rightcall.office.accounts.roles import Act
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.models import CallUp, Roll
from rightcall.office.forms import Form
from rightcall.office.jobs.models import Job
from rightcall.office.journal.writing import record
from rightcall.office.lists import number_of
from rightcall.office.notices import improper, issuing, mailing, serving
from rightcall.office.notices.forms import AnswerForm, BatchForm, MailingForm, NoticeForm, ReplaceForm, RevokeForm, ServiceForm
from rightcall.office.notices.models import ImproperReport, Mailing, Notice, ServiceAttempt
from rightcall.office.notices.printing import file_of
from rightcall.office.pages import actor_of, pdf, require_sight, seen, staff
from rightcall.office.person.looking import look
from rightcall.office.refusal import Refusal


@staff
@require_http_methods(["GET", "POST"])
def issue_batch(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor, roll = actor_of(request), seen(request, Roll.objects.select_related("campaign", "unit"), pk)
    _require(actor, "notice.issue", roll.unit_id)
    form = BatchForm(actor, roll, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            batch = issuing.order(actor, pk, given["site"], given["day"], given["hour"], given["number"], given["language"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            messages.success(request, _("%(number)s notices are being issued and printed.") % {"number": batch.number})
            return redirect("roll", pk)
    return render(request, "notices/batch.html", {"form": form, "roll": roll}, status=422 if form.errors else 200)


@staff
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor, callup = actor_of(request), seen(request, CallUp.objects.select_related("person", "unit", "roll__campaign", "roll__unit"), pk)
    _require(actor, "notice.issue", callup.unit_id)
    form = NoticeForm(actor, callup.roll, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            notice = issuing.issue(actor, pk, given["site"], given["day"], given["hour"], given["language"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            return redirect("notice", notice.pk)
    return render(request, "notices/issue.html", {"form": form, "callup": callup}, status=422 if form.errors else 200)


def _require(actor: Actor, act: Act, unit: int) -> None:
    """Who may not do it is not shown its form, nor told what is wrong with what he sent."""
    if not actor.may(act, unit):
        raise PermissionDenied


def _notice(request: HttpRequest, pk: int, act: Act | None = None) -> Notice:
    related = ("callup__person", "callup__roll__campaign", "callup__roll__unit", "callup__unit", "unit", "site", "issued_by", "ended_by", "replaced_by")
    one: Notice = seen(request, Notice.objects.select_related(*related), pk)
    if act:
        _require(actor_of(request), act, one.unit_id)
    return one


def _page(request: HttpRequest, notice: Notice, **forms: Form) -> HttpResponseBase:
    actor = actor_of(request)
    context = {
        "notice": notice,
        "number": number_of(notice),
        "attempts": ServiceAttempt.objects.visible_to(actor).filter(notice=notice).select_related("by"),
        "revoke_form": RevokeForm(auto_id="revoke-%s"),
        "replace_form": ReplaceForm(actor, notice.callup.roll, auto_id="replace-%s"),
        "service_form": ServiceForm(auto_id="service-%s"),
        "may_end": actor.may("notice.revoke", notice.unit),
        "may_replace": actor.may("notice.revoke", notice.unit) and actor.may("notice.issue", notice.unit),
        "may_serve": actor.may("notice.serve", notice.unit),
        "form": next(iter(forms.values()), None),
        "job": _printing(actor, notice),
        **forms,
    }
    return render(request, "notices/one.html", context, status=422 if forms else 200)


def _printing(actor: Actor, notice: Notice) -> Job | None:
    """The job that prints it, alone or with its batch."""
    if notice.printed_at:
        return None
    keys = [f"notice-{notice.pk}", *([str(notice.batch_id)] if notice.batch_id else [])]
    return Job.objects.visible_to(actor).filter(kind="notices.print", key__in=keys).first()


@staff
@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponseBase:
    one = _notice(request, pk)
    look(request, one.callup, "notice")
    return _page(request, one)


@staff
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    one = _notice(request, pk)
    path = file_of(one)
    if one.printed_at is None or not path.is_file():
        raise Http404
    look(request, one.callup, "paper")
    return pdf(path.read_bytes(), f"notice-{one.pk}")


@staff
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponseBase:
    one, form = _notice(request, pk, "notice.revoke"), RevokeForm(request.POST, auto_id="revoke-%s")
    if form.is_valid():
        try:
            issuing.revoke(actor_of(request), pk, form.cleaned_data["why"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            messages.success(request, _("The notice is revoked. Whoever checks it is told so from now on."))
            return redirect("notice", pk)
    return _page(request, one, revoke_form=form)


@staff
@require_POST
def replace(request: HttpRequest, pk: int) -> HttpResponseBase:
    one = _notice(request, pk, "notice.revoke")
    _require(actor_of(request), "notice.issue", one.unit_id)
    form = ReplaceForm(actor_of(request), one.callup.roll, request.POST, auto_id="replace-%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            new = issuing.replace(actor_of(request), pk, given["site"], given["day"], given["hour"], given["why"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            return redirect("notice", new.pk)
    return _page(request, one, replace_form=form)


@staff
@require_POST
def serve(request: HttpRequest, pk: int) -> HttpResponseBase:
    one, form = _notice(request, pk, "notice.serve"), ServiceForm(request.POST, auto_id="service-%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            serving.attempt(actor_of(request), pk, given["how"], given["outcome"], given["on"], given["proof"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            return redirect("notice", pk)
    return _page(request, one, service_form=form)


@staff
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor, one = actor_of(request), seen(request, ImproperReport.objects.select_related("handled_by"), pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        improper.handle(actor, pk, form.cleaned_data["answer"])
        messages.success(request, _("The answer is kept. Whoever reported it can read it."))
        return redirect("report", pk)
    context = {"report": one, "form": form, "may": actor.may("report.handle", one.unit_id or 0)}
    return render(request, "notices/report.html", context, status=422 if form.errors else 200)


@staff
@require_http_methods(["GET", "POST"])
def mailings(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Letters to many of a roll: ordered, made, and fetched to be printed and posted."""
    actor, roll = require_sight(request, "questionnaire"), seen(request, Roll.objects.select_related("campaign", "unit"), pk)
    form = MailingForm(request.POST or None)
    if request.method == "POST":
        _require(actor, "callup.ask", roll.unit_id)
    if request.method == "POST" and form.is_valid():
        try:
            mailing.order(actor, pk, form.cleaned_data["kind"], form.cleaned_data["language"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            messages.success(request, _("The letters are being written."))
            return redirect("mailings", pk)
    written = Mailing.objects.visible_to(actor).filter(roll=roll)
    job = Job.objects.visible_to(actor).filter(kind="letters.make", key__in=[str(one.pk) for one in written if one.made_at is None]).first()
    context = {"form": form, "roll": roll, "mailings": written, "job": job, "unread": mailing.unread(actor, roll), "may": actor.may("callup.ask", roll.unit)}
    return render(request, "notices/mailings.html", context, status=422 if form.errors else 200)


@staff
@require_GET
def mailing_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The letters, for whoever may write them: a questionnaire's link is as good as a key."""
    one = seen(request, Mailing.objects.select_related("roll__unit"), pk)
    account = actor_of(request).require("callup.ask", one.roll.unit)
    path = mailing.file_of(one)
    if one.made_at is None or not path.is_file():
        raise Http404
    record("mailing.fetched", one, account)
    return FileResponse(path.open("rb"), content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="letters-{one.pk}.zip"'})
