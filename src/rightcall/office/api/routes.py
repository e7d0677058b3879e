"""The interface for programs (OpenAPI 3.1 at ``/api/v1/openapi.json``). Whoever is signed in may use it, within his grants; writing needs the token against
forged requests that the pages use too.
"""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Query, Schema, Status
from ninja.security import APIKeyCookie
from pydantic import Field, create_model

from rightcall.office.accounts.models import Account
from rightcall.office.campaigns.dossier import explained
from rightcall.office.campaigns.models import CallUp, Roll
from rightcall.office.campaigns.screening import screen
from rightcall.office.jobs.models import Job
from rightcall.office.listing import Listing
from rightcall.office.lists import LISTS, number_of
from rightcall.office.middleware import refused
from rightcall.office.notices import check, issuing
from rightcall.office.notices.models import Notice, Site
from rightcall.office.pages import actor_of, found
from rightcall.office.person.looking import look
from rightcall.office.refusal import Refusal


class SignedIn(APIKeyCookie):
    """The session of the pages, with both factors; a request that writes carries the token against forged requests."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Account | None:
        return actor_of(request).account


api = NinjaAPI(title="Rightcall office", version="1", auth=SignedIn(), docs_url=None, urls_namespace="api", description=__doc__.split("\n\n")[0])
_LARGEST = 2**53


class Refused(Schema):
    """Why something was not done."""

    code: str
    says: str
    help: str = ""


class Refusals(Schema):
    reasons: list[Refused]


class Page(Schema):
    """Rows of a list, and the key behind which the next page begins."""

    rows: list[dict[str, Any]]
    next: str


class Appointment(Schema):
    """Where and when to report."""

    site: int = Field(ge=0, le=_LARGEST)
    day: date
    hour: time = time(9)
    language: str = Field("en", pattern="^(en|ru|uk)$")


class Batch(Appointment):
    number: int = Field(ge=1, le=1_000_000)


class Why(Schema):
    why: str = Field(min_length=1, max_length=300)


class NumberTyped(Schema):
    number: str = Field(max_length=80)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal | type[Refusal]) -> HttpResponse:
    assert isinstance(refusal, Refusal)
    return refused(request, refusal)


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: Any) -> HttpResponse:
    return JsonResponse({"reasons": [{"code": "not-allowed", "says": "Your grants do not allow this.", "help": ""}]}, status=403)


def _list(request: HttpRequest, listing: Listing, given: dict[str, str], limit: int) -> dict[str, Any]:
    rows, after = listing.page(actor_of(request), given, limit)
    return {"rows": [{column.name: _plain(column.value(row)) for column in listing.columns} for row in rows], "next": after}


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, bool)) or value is None else str(value)


def _add(listing: Listing) -> None:
    """One list: the filters of its page, and ``after``."""
    fields: dict[str, Any] = {filter.name: (str, Field("", max_length=80, description=str(filter.label))) for filter in listing.filters}
    fields |= {"after": (str, Field("", max_length=18, description="The key behind which the page begins.")), "limit": (int, Field(50, ge=1, le=500))}
    schema: Any = create_model(f"{listing.name.capitalize()}Query", __base__=Schema, **fields)

    def rows(request: HttpRequest, given: Any) -> dict[str, Any]:
        asked = given.dict()
        return _list(request, listing, asked, asked.pop("limit"))

    rows.__annotations__["given"] = Query[schema]  # type: ignore[misc]
    api.get(f"/{listing.name}", response={200: Page, 403: Refusals, 409: Refusals}, summary=str(listing.title), operation_id=f"list_{listing.name}")(rows)


for _listing in LISTS.values():
    _add(_listing)


@api.get("/people/{pk}/finding", response={200: dict[str, Any], 403: Refusals, 404: Refusals}, summary="A finding explained", operation_id="finding")
def finding(request: HttpRequest, pk: int) -> dict[str, Any]:
    actor = actor_of(request)
    if not actor.sees("finding"):
        raise PermissionDenied
    one = found(CallUp.objects.visible_to(actor).select_related("unit"), pk=pk)
    look(request, one, "finding")
    return explained(one)


@api.get("/jobs/{pk}", response={200: dict[str, Any], 404: Refusals}, summary="How far a job is", operation_id="job")
def job(request: HttpRequest, pk: int) -> dict[str, Any]:
    one: Job = found(Job.objects.visible_to(actor_of(request)), pk=pk)
    return {"id": one.pk, "kind": one.kind, "state": one.state, "doing": one.doing, "done": one.done, "of": one.of, "problems": one.problems}


@api.post(
    "/rolls/{pk}/screen",
    response={202: dict[str, Any], 403: Refusals, 404: Refusals, 409: Refusals},
    summary="Have a signed roll checked",
    operation_id="screen",
)
def screen_roll(request: HttpRequest, pk: int) -> Status[dict[str, Any]]:
    found(Roll.objects.visible_to(actor_of(request)), pk=pk)
    return Status(202, {"job": screen(actor_of(request), pk).pk})


@api.post(
    "/rolls/{pk}/notices",
    response={202: dict[str, Any], 403: Refusals, 404: Refusals, 409: Refusals},
    summary="Issue notices to the clear",
    operation_id="issue_batch",
)
def issue_batch(request: HttpRequest, pk: int, wanted: Batch) -> Status[dict[str, Any]]:
    actor = actor_of(request)
    found(Roll.objects.visible_to(actor), pk=pk)
    site = found(Site.objects.visible_to(actor), pk=wanted.site)
    batch = issuing.order(actor, pk, site, wanted.day, wanted.hour, wanted.number, wanted.language)
    return Status(202, {"batch": batch.pk})


@api.post(
    "/people/{pk}/notice", response={201: dict[str, Any], 403: Refusals, 404: Refusals, 409: Refusals}, summary="A notice to one person", operation_id="issue"
)
def issue(request: HttpRequest, pk: int, wanted: Appointment) -> Status[dict[str, Any]]:
    actor = actor_of(request)
    found(CallUp.objects.visible_to(actor), pk=pk)
    site = found(Site.objects.visible_to(actor), pk=wanted.site)
    notice = issuing.issue(actor, pk, site, wanted.day, wanted.hour, wanted.language)
    return Status(201, {"notice": notice.pk, "number": number_of(notice)})


@api.post("/notices/{pk}/revoke", response={200: dict[str, Any], 403: Refusals, 404: Refusals, 409: Refusals}, summary="Revoke a notice", operation_id="revoke")
def revoke(request: HttpRequest, pk: int, why: Why) -> dict[str, Any]:
    found(Notice.objects.visible_to(actor_of(request)), pk=pk)
    return {"state": issuing.revoke(actor_of(request), pk, why.why).state}


@api.post("/check", response=dict[str, str], auth=None, summary="Is a notice genuine? Nothing about the person", operation_id="check")
def check_number(request: HttpRequest, typed: NumberTyped) -> dict[str, str]:
    return {"answer": check.answer_of(typed.number)}
