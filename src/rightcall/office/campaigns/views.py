"""The pages of a campaign, of its rolls, and of one person on them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rightcall.office.campaigns import acts, asking, queues, registers, rolls, screening
from rightcall.office.campaigns.dossier import explained, latest
from rightcall.office.campaigns.forms import CampaignForm, DeliveryForm, ProofForm, RollForm, SignForm, TasksForm
from rightcall.office.campaigns.models import CallUp, Campaign, Claim, Roll, Tally, Task
from rightcall.office.cases.models import Case
from rightcall.office.jobs.models import Job
from rightcall.office.notices import letters
from rightcall.office.notices.models import Batch, Notice
from rightcall.office.pages import actor_of, pdf, require_sight, seen, staff
from rightcall.office.person.looking import look
from rightcall.office.refusal import Refusal, refuse
from rightcall.office.uploading import check_files

_SHOWN = 50
"""So many tasks and rolls stand on the page of a campaign; the lists have all."""


@staff
@require_http_methods(["GET", "POST"])
def new_campaign(request: HttpRequest) -> HttpResponseBase:
    actor = require_sight(request, "campaign")
    if not actor.can("campaign.draft"):
        raise PermissionDenied
    form = CampaignForm(actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        unit = given.pop("unit")
        try:
            campaign = acts.draft(actor, unit, acts.Draft(**given))
        except Refusal as refusal:
            form.refused(refusal)
        else:
            return redirect("campaign", campaign.pk)
    return render(request, "campaigns/new.html", {"form": form}, status=422 if form.errors else 200)


@staff
@require_GET
def campaign(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor = actor_of(request)
    one = seen(request, Campaign.objects.select_related("unit", "drafted_by", "authorised_by"), pk)
    rolls = Roll.objects.visible_to(actor).filter(campaign=one).select_related("unit").only("state", "count", "uploaded_at", "unit__name")
    context = {
        "campaign": one,
        "tasks": Task.objects.visible_to(actor).filter(campaign=one).select_related("unit").order_by("pk")[:_SHOWN],
        "rolls": rolls[:_SHOWN],
        "shown": _SHOWN,
        "delivery": registers.latest_of(one),
        "may": {act: actor.may(f"campaign.{act}", one.unit) for act in ("draft", "authorise", "end")},  # type: ignore[arg-type]
        "may_deliver": actor.may("registers.deliver", one.unit),
        "may_upload": actor.can("roll.upload"),
    }
    return render(request, "campaigns/one.html", context)


@staff
@require_http_methods(["GET", "POST"])
def tasks(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor, one = actor_of(request), seen(request, Campaign.objects.select_related("unit"), pk)
    if not actor.may("campaign.draft", one.unit):
        raise PermissionDenied
    form = TasksForm(one, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            acts.set_tasks(actor, pk, form.numbers)
        except Refusal as refusal:
            form.refused(refusal)
        else:
            return redirect("campaign", pk)
    return render(request, "campaigns/tasks.html", {"form": form, "campaign": one}, status=422 if form.errors else 200)


@staff
@require_POST
def authorise(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Campaign.objects, pk)
    acts.authorise(actor_of(request), pk)
    messages.success(request, _("The campaign is authorised."))
    return redirect("campaign", pk)


@staff
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Campaign.objects, pk)
    acts.end(actor_of(request), pk, annulled="annul" in request.POST)
    messages.success(request, _("The campaign has ended. No notice is issued any more."))
    return redirect("campaign", pk)


@staff
@require_http_methods(["GET", "POST"])
def deliver(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor, one = actor_of(request), seen(request, Campaign.objects.select_related("unit"), pk)
    if not actor.may("registers.deliver", one.unit):
        raise PermissionDenied
    form = DeliveryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            check_files(form.cleaned_data["chosen"])
            registers.deliver(actor, one, form.cleaned_data["chosen"], form.cleaned_data["says"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            messages.success(request, _("The registers are delivered. Whom they touch is checked again."))
            return redirect("campaign", pk)
    return render(request, "campaigns/deliver.html", {"form": form, "campaign": one}, status=422 if form.errors else 200)


# --- rolls --------------------------------------------------------------------------------------------------------


@staff
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor, one = actor_of(request), seen(request, Campaign.objects.select_related("unit"), pk)
    if not actor.can("roll.upload"):
        raise PermissionDenied
    form = RollForm(actor, one, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            check_files(form.cleaned_data["chosen"])
            roll = rolls.upload(actor, one, form.cleaned_data["unit"], form.cleaned_data["chosen"])
        except Refusal as refusal:
            form.refused(refusal)
        else:
            return redirect("roll", roll.pk)
    return render(request, "campaigns/upload.html", {"form": form, "campaign": one}, status=422 if form.errors else 200)


def _roll(request: HttpRequest, pk: int) -> Roll:
    one: Roll = seen(request, Roll.objects.select_related("campaign", "unit", "uploaded_by", "frozen_by", "signed_by"), pk)
    return one


@staff
@require_GET
def roll(request: HttpRequest, pk: int) -> HttpResponseBase:
    one = _roll(request, pk)
    return _roll_page(request, one, SignForm(initial={"sha256": one.sha256}))


def _shown_queues(one: Roll, tallies: QuerySet[Tally]) -> list[tuple[queues.Queue, int]]:
    """Those that somebody is in; of a roll that was checked also those that show what came of it, where nobody is in them."""
    if one.state not in (Roll.State.FROZEN, Roll.State.SIGNED):
        return []
    told = ("clear", "protected", "ask") if one.is_screened else ()
    return [(queue, number) for queue, number in queues.counts(tallies) if number or queue.name in told]


def _roll_page(request: HttpRequest, one: Roll, form: SignForm) -> HttpResponseBase:
    actor = actor_of(request)
    context = {
        "roll": one,
        "job": Job.objects.visible_to(actor).filter(kind__startswith="roll.", key=str(one.pk)).first(),
        "queues": _shown_queues(one, Tally.objects.visible_to(actor).filter(roll=one)),
        "sign_form": form,
        "form": form,
        "may": {act: actor.may(f"roll.{act}", one.unit) for act in ("upload", "freeze", "sign", "screen")},  # type: ignore[arg-type]
        "may_ask": actor.may("callup.ask", one.unit),
        "may_notice": actor.may("notice.issue", one.unit),
        "batches": Batch.objects.visible_to(actor).filter(roll=one).select_related("site"),
    }
    return render(request, "campaigns/roll.html", context, status=422 if form.errors else 200)


@staff
@require_POST
def freeze(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Roll.objects, pk)
    rolls.freeze(actor_of(request), pk)
    return redirect("roll", pk)


@staff
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Roll.objects, pk)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _roll_page(request, _roll(request, pk), form)
    seen(request, Roll.objects, pk)
    rolls.sign(actor_of(request), pk, form.cleaned_data["sha256"])
    messages.success(request, _("The roll is signed."))
    return redirect("roll", pk)


@staff
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Roll.objects, pk)
    rolls.withdraw(actor_of(request), pk)
    messages.success(request, _("The roll is withdrawn."))
    return redirect("roll", pk)


@staff
@require_POST
def screen(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Roll.objects, pk)
    screening.screen(actor_of(request), pk)
    return redirect("roll", pk)


# --- one person ---------------------------------------------------------------------------------------------------


def _callup(request: HttpRequest, pk: int) -> CallUp:
    one: CallUp = seen(request, CallUp.objects.select_related("person", "unit", "roll__campaign"), pk)
    return one


@staff
@require_GET
def callup(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor, one = actor_of(request), _callup(request, pk)
    look(request, one, "file")
    context = {
        "callup": one,
        "finding": latest(one),
        "claims": Claim.objects.visible_to(actor).filter(callup=one).order_by("-pk"),
        "notices": Notice.objects.visible_to(actor).filter(callup=one).select_related("site"),
        "cases": Case.objects.visible_to(actor).filter(callup=one),
        "may_ask": actor.may("callup.ask", one.unit),
        "may_notice": actor.may("notice.issue", one.unit),
    }
    return render(request, "campaigns/person.html", context)


@staff
@require_GET
def explanation(request: HttpRequest, pk: int) -> HttpResponseBase:
    one = _callup(request, pk)
    if not actor_of(request).sees("finding"):
        raise PermissionDenied
    look(request, one, "finding")
    return render(request, "campaigns/explanation.html", {"callup": one, "explanation": explained(one)})


@staff
@require_GET
def struck_letter(request: HttpRequest, pk: int) -> HttpResponseBase:
    one = _callup(request, pk)
    if one.verdict not in screening.PROTECTED:
        raise refuse("not-protected", _("Only somebody whom the law protects is sent this letter."))
    if one.because == CallUp.NO_READER:
        raise refuse("nobody-to-write-to", _("There is nobody to write to: the ground is that this person is dead."))
    look(request, one, "letter")
    account = actor_of(request).account
    assert account is not None
    letter = letters.struck_letter(one, explained(one), letters.unit_officer(one.unit, account.name, account.post), get_language() or "en")
    return pdf(letters.printed(letter), f"letter-{one.pk}")


@staff
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponseBase:
    one = _callup(request, pk)
    (_questionnaire, secret) = asking.send(actor_of(request), [one])[0]
    link = asking.link_of(secret)
    if "paper" not in request.POST:
        return render(request, "campaigns/asked.html", {"callup": one, "link": link})
    account, finding = actor_of(request).account, latest(one)
    assert account is not None
    assert finding is not None
    officer = letters.unit_officer(one.unit, account.name, account.post)
    return pdf(letters.printed(letters.questionnaire_letter(one, finding.missing, secret, officer, get_language() or "en")), f"questions-{one.pk}")


@staff
@require_POST
def proof(request: HttpRequest, pk: int) -> HttpResponseBase:
    one, form = _callup(request, pk), ProofForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write down which paper was seen."))
        return redirect("callup", pk)
    asking.take_proof(actor_of(request), one, form.cleaned_data["fact"], form.cleaned_data["proof"])
    messages.success(request, _("The proof is written down. The person is checked again."))
    return redirect("callup", pk)
