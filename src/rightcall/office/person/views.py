"""The pages of a person: his file, and the questions he is asked. They work without scripts and weigh little."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rightcall.law.account import Unfit
from rightcall.notice.number import Number
from rightcall.office.accounts import signing
from rightcall.office.campaigns import asking
from rightcall.office.campaigns.asking import Sitting
from rightcall.office.campaigns.dossier import explained
from rightcall.office.campaigns.models import Claim, Questionnaire
from rightcall.office.cases.models import Case
from rightcall.office.cases.opening import open_case
from rightcall.office.journal.checkpoints import receipt_of
from rightcall.office.lists import number_of
from rightcall.office.notices.models import Notice
from rightcall.office.pages import found, limited
from rightcall.office.person.forms import OpenForm, SecretForm, WordsForm
from rightcall.office.person.models import Look
from rightcall.office.person.own import events_of, open_own, own
from rightcall.office.person.questions import Asked, asked, given
from rightcall.office.refusal import Refusal

_KEY = "own"


@limited("mine", 20, 300)
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        notice = open_own(form.cleaned_data["number"], form.cleaned_data["code"])
        if notice is not None:
            signing.leave(request)
            request.session[_KEY] = notice.pk
            return redirect("own-file")
        form.add_error(None, _("Number and code do not belong together. Compare them with the paper, group by group."))
    return render(request, "person/enter.html", {"form": form}, status=422 if form.errors else 200)


def _own(request: HttpRequest) -> Notice | None:
    pk = request.session.get(_KEY)
    return own(pk) if isinstance(pk, int) else None


@require_GET
def file(request: HttpRequest) -> HttpResponseBase:
    """What is held about him, from where, who looked, what was decided."""
    notice = _own(request)
    if notice is None:
        return redirect("own-enter")
    callup = notice.callup
    cases = list(Case.objects.filter(callup=callup))
    context = {
        "notice": notice,
        "number": number_of(notice),
        "callup": callup,
        "explanation": explained(callup),
        "claims": Claim.objects.filter(callup=callup),
        "looks": Look.objects.filter(callup=callup).select_related("unit")[:200],
        "events": events_of(callup).defer("content", "salt")[:200],
        "cases": cases,
        "contested": any(case.holds and case.kind == Case.Kind.CONTEST and case.origin == Case.Origin.PERSON for case in cases),
    }
    return render(request, "person/file.html", context)


@limited("receipt", 60, 300)
@require_GET
def receipt(request: HttpRequest, index: int) -> HttpResponseBase:
    """Proof that something about him was logged, for himself to keep: the receipt, or with ``?content`` what it was made for."""
    notice = _own(request)
    if notice is None:
        return redirect("own-enter")
    event = found(events_of(notice.callup), index=index)
    if "content" not in request.GET:
        return _download(receipt_of(event).to_bytes(), f"receipt-{index}.rcr", "application/octet-stream")
    if event.opening is None:
        raise Http404
    return _download(event.opening.text().encode(), f"content-{index}.json", "application/json")


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@limited("correct", 10, 3600)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest) -> HttpResponseBase:
    """A contest or a correction, in his own words. A contest holds the call-up from this moment."""
    notice = _own(request)
    if notice is None:
        return redirect("own-enter")
    kind = Case.Kind.CONTEST if "contest" in request.GET else Case.Kind.CORRECTION
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        open_case(notice.callup, kind, Case.Origin.PERSON, form.cleaned_data["words"])
        messages.success(request, _("It is received. Your call-up is held until it is decided: you need not come."))
        return redirect("own-file")
    return render(request, "person/correct.html", {"form": form, "kind": kind}, status=422 if form.errors else 200)


@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    signing.leave(request)
    return redirect("start")


# --- questions ----------------------------------------------------------------------------------------------------


def _questionnaire(secret: str) -> Questionnaire:
    one = asking.by_secret(secret)
    if one is None:
        raise Http404
    return one


@limited("answer-enter", 30, 300)
@require_http_methods(["GET", "POST"])
def enter_answers(request: HttpRequest) -> HttpResponseBase:
    """For somebody who has a letter and types its number."""
    form = SecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if asking.by_secret(form.cleaned_data["number"]) is not None:
            return redirect("answer", str(Number.read(form.cleaned_data["number"])))
        form.add_error(
            "number", _("There are no questions with this number, or newer ones have taken their place. Compare it with the letter, group by group.")
        )
    return render(request, "person/enter_answers.html", {"form": form}, status=422 if form.errors else 200)


@limited("answer", 120, 300)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, secret: str) -> HttpResponseBase:
    """One question a page; the last page shows what was said, to be sent off or taken back."""
    questionnaire = _questionnaire(secret)
    if questionnaire.state == Questionnaire.State.ANSWERED:
        return render(request, "person/answered.html", {"questionnaire": questionnaire})
    if request.method == "POST":
        return _answered(request, questionnaire, secret)
    return _put(request, asking.sit_down(questionnaire), secret)


def _answered(request: HttpRequest, questionnaire: Questionnaire, secret: str) -> HttpResponseBase:
    try:
        if "back" in request.POST:
            asking.undo(questionnaire)
        elif "send" in request.POST:
            asking.send_off(questionnaire)
        else:
            question, place = asked(asking.sit_down(questionnaire)), len(questionnaire.replies)
            if question is not None and str(place) == request.POST.get("place", ""):
                asking.reply(questionnaire, given(question, request.POST), place)
    except Unfit as unfit:
        return _put(request, asking.sit_down(questionnaire), secret, f"{unfit.message}. {unfit.help}".strip())
    except Refusal:
        return redirect("answer", secret)
    return redirect("answer", secret)


def _put(request: HttpRequest, sitting: Sitting, secret: str, error: str = "") -> HttpResponseBase:
    question: Asked | None = asked(sitting)
    context: dict[str, Any] = {
        "question": question,
        "error": error,
        "place": len(sitting.questionnaire.replies),
        "secret": secret,
        "unit": sitting.questionnaire.callup.unit,
    }
    if question is None:
        context["claims"] = asking.summary(sitting)
        return render(request, "person/check_answers.html", context)
    return render(request, "person/question.html", context, status=422 if error else 200)
