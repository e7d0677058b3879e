"""The interface for programs (OpenAPI 3.1 at ``/api/v1/openapi.json``). Whoever is signed in may use it, within his grants; writing needs the token against
forged requests that the pages use too.
"""

from __future__ import annotations

from datetime import date, time
from functools import cached_property
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from ninja import NinjaAPI, Path, Query, Schema, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
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
from rightcall.office.pages import actor_of, require_sight, seen, too_many
from rightcall.office.person.looking import look
from rightcall.office.refusal import Refusal


class SignedIn(APIKeyCookie):
    """The session of the pages, with both factors; a request that writes carries the token against forged requests."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Account | None:
        return actor_of(request).account


class Api(NinjaAPI):
    """The description is made once: it is public, and takes a third of a second."""

    @cached_property
    def described(self) -> Any:
        return super().get_openapi_schema()

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        return self.described


api = Api(
    title="Rightcall office",
    version="1",
    auth=SignedIn(),
    docs_url=None,
    docs_decorator=require_GET,
    urls_namespace="api",
    description=__doc__.split("\n\n")[0],
)
_LARGEST = 2**53
_CHECK = "Is a notice genuine? Nothing about the person"


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


_REFUSED: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422), Refusals)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal | type[Refusal]) -> HttpResponse:
    assert isinstance(refusal, Refusal)
    return refused(request, refusal)


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: Any) -> HttpResponse:
    return _told("not-allowed", _("Your grants do not allow this."), 403)


@api.exception_handler(Http404)
def _not_there(request: HttpRequest, error: Any) -> HttpResponse:
    return _told("not-there", _("There is nothing with this number that you may see."), 404)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: Any) -> HttpResponse:
    return _told("not-signed-in", _("Nobody is signed in with both factors."), 401)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: Any) -> HttpResponse:
    """What the framework refuses: a body that is none (400), a request without the token against forged ones (403)."""
    return _told("forged" if error.status_code == 403 else "request", str(error), error.status_code)


@api.exception_handler(ValidationError)
def _unfit(request: HttpRequest, error: Any) -> HttpResponse:
    """INVARIANT: what was sent is not sent back; only where it is wrong, and why."""
    reasons = [{"code": "unfit", "says": f"{'.'.join(map(str, one['loc']))}: {one['msg']}", "help": ""} for one in error.errors]
    return JsonResponse({"reasons": reasons}, status=422)


def _told(code: str, says: str, status: int) -> HttpResponse:
    return JsonResponse({"reasons": [{"code": code, "says": says, "help": ""}]}, status=status)


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
    rows.__name__ = f"list_{listing.name}"
    api.get(f"/{listing.name}", response={200: Page, **_REFUSED}, summary=str(listing.title), operation_id=rows.__name__)(rows)


for _listing in LISTS.values():
    _add(_listing)


Pk = Annotated[int, Path(ge=1, le=_LARGEST)]


@api.get("/people/{pk}/finding", response={200: dict[str, Any], **_REFUSED}, summary="A finding explained", operation_id="finding")
def finding(request: HttpRequest, pk: Pk) -> dict[str, Any]:
    require_sight(request, "finding")
    one = seen(request, CallUp.objects.select_related("unit"), pk)
    look(request, one, "finding")
    return explained(one)


@api.get("/jobs/{pk}", response={200: dict[str, Any], **_REFUSED}, summary="How far a job is", operation_id="job")
def job(request: HttpRequest, pk: Pk) -> dict[str, Any]:
    one: Job = seen(request, Job.objects, pk)
    return {"id": one.pk, "kind": one.kind, "state": one.state, "doing": one.doing, "done": one.done, "of": one.of, "problems": one.problems}


@api.post("/rolls/{pk}/screen", response={202: dict[str, Any], **_REFUSED}, summary="Have a signed roll checked", operation_id="screen")
def screen_roll(request: HttpRequest, pk: Pk) -> Status[dict[str, Any]]:
    seen(request, Roll.objects, pk)
    return Status(202, {"job": screen(actor_of(request), pk).pk})


@api.post("/rolls/{pk}/notices", response={202: dict[str, Any], **_REFUSED}, summary="Issue notices to the clear", operation_id="issue_batch")
def issue_batch(request: HttpRequest, pk: Pk, wanted: Batch) -> Status[dict[str, Any]]:
    seen(request, Roll.objects, pk)
    batch = issuing.order(actor_of(request), pk, seen(request, Site.objects, wanted.site), wanted.day, wanted.hour, wanted.number, wanted.language)
    return Status(202, {"batch": batch.pk})


@api.post("/people/{pk}/notice", response={201: dict[str, Any], **_REFUSED}, summary="A notice to one person", operation_id="issue")
def issue(request: HttpRequest, pk: Pk, wanted: Appointment) -> Status[dict[str, Any]]:
    seen(request, CallUp.objects, pk)
    notice = issuing.issue(actor_of(request), pk, seen(request, Site.objects, wanted.site), wanted.day, wanted.hour, wanted.language)
    return Status(201, {"notice": notice.pk, "number": number_of(notice)})


@api.post("/notices/{pk}/revoke", response={200: dict[str, Any], **_REFUSED}, summary="Revoke a notice", operation_id="revoke")
def revoke(request: HttpRequest, pk: Pk, why: Why) -> dict[str, Any]:
    seen(request, Notice.objects, pk)
    return {"state": issuing.revoke(actor_of(request), pk, why.why).state}


@api.post("/check", response={200: dict[str, str], 400: Refusals, 422: Refusals, 429: Refusals}, auth=None, summary=_CHECK, operation_id="check")
def check_number(request: HttpRequest, typed: NumberTyped) -> HttpResponse | dict[str, str]:
    if too_many(request, "check", 60, 60):
        return _told("slow-down", _("There were very many requests from there. Try again in a minute."), 429)
    return {"answer": check.answer_of(typed.number)}
