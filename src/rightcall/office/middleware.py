"""What every request needs: a refusal becomes a page that says what to do; a fault is written down without what was in it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.translation import gettext as _

from rightcall.law.problem import Refused
from rightcall.office.jobs.worker import where_of
from rightcall.office.pages import way_back
from rightcall.office.refusal import Refusal, of_problem, refuse, tell

log = logging.getLogger(__name__)
STATUS = {"not-allowed": 403, "forged": 403, "request": 400, "upload-too-large": 413}


class RefusalMiddleware:
    """Refusals of services reach the one who asked, in words; with 403 where he may not, else 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            exception = Refusal(*(of_problem("refused", problem) for problem in exception.problems[:20]))
        if isinstance(exception, (BadRequest, MultiPartParserError)):
            exception = refuse("request", _("What was sent cannot be read."), _("Send it again, whole."))
        if isinstance(exception, Refusal):
            return refused(request, exception)
        if not isinstance(exception, (Http404, PermissionDenied)):
            route = request.resolver_match.route if request.resolver_match else "?"
            log.error("%s %s failed: %s at %s", request.method, route, type(exception).__name__, where_of(exception))
        return None


def _back(request: HttpRequest) -> str:
    """The page one came from, where it is one of this office."""
    came = urlsplit(request.META.get("HTTP_REFERER", ""))
    return way_back(request, came._replace(scheme="", netloc="").geturl(), "") if came.netloc == request.get_host() else ""


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page, or the answer to a program."""
    tell(refusal)
    status = next((STATUS[reason.code] for reason in refusal.reasons if reason.code in STATUS), 409)
    if request.path.startswith("/api/"):
        reasons = [{"code": reason.code, "says": str(reason.says), "help": str(reason.help)} for reason in refusal.reasons]
        return JsonResponse({"reasons": reasons}, status=status)
    return render(request, "refused.html", {"reasons": refusal.reasons, "back": _back(request)}, status=status)
