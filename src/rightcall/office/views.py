"""Pages of the whole office: the work at hand, all lists, jobs, figures."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rightcall.office.campaigns import queues
from rightcall.office.campaigns.models import Campaign, Roll
from rightcall.office.figures import SMALLEST, table
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.work import again as begin_again
from rightcall.office.listing import FORMATS, respond
from rightcall.office.lists import LISTS
from rightcall.office.middleware import refused
from rightcall.office.pages import actor_of, require_sight, seen, staff
from rightcall.office.refusal import refuse


@staff
@require_GET
def work(request: HttpRequest) -> HttpResponseBase:
    """Where one begins: what waits, by role."""
    actor = actor_of(request)
    rolls = Roll.objects.visible_to(actor).select_related("unit", "campaign").exclude(state=Roll.State.WITHDRAWN)[:20]
    context = {
        "campaigns": Campaign.objects.visible_to(actor).select_related("unit")[:10],
        "rolls": rolls,
        "jobs": Job.objects.visible_to(actor).filter(state__in=(Job.State.WAITING, Job.State.RUNNING)).select_related("unit")[:10],
        "lists": [listing for listing in LISTS.values() if actor.sees(listing.kind)],
    }
    return render(request, "work.html", context)


@staff
@require_GET
def list_of(request: HttpRequest, name: str, format: str = "") -> HttpResponseBase:
    if name not in LISTS or format not in FORMATS:
        raise Http404
    return respond(request, LISTS[name], format)


@staff
@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponseBase:
    one = seen(request, Job.objects.select_related("unit", "asked_by"), pk)
    may_again = one.state == Job.State.FAILED and actor_of(request).may("job.again", one.unit)
    return render(request, "jobs/one.html", {"job": one, "may_again": may_again})


@staff
@require_POST
def job_again(request: HttpRequest, pk: int) -> HttpResponseBase:
    seen(request, Job.objects, pk)
    begin_again(actor_of(request), pk)
    messages.success(request, _("The work is begun anew."))
    return redirect("job", pk)


@staff
@require_GET
def figures(request: HttpRequest) -> HttpResponseBase:
    """How many are in each queue, unit by unit; of what is beneath one unit (``unit``). No row, no name."""
    actor, unit = require_sight(request, "figure"), request.GET.get("unit", "")
    if unit and not (unit.isdecimal() and len(unit) <= 18):
        raise Http404
    rows = list(table(actor, int(unit) if unit else None))
    return render(request, "figures.html", {"rows": rows, "queues": queues.QUEUES.values(), "smallest": SMALLEST, "unit": unit})


# --- where something is not as asked ------------------------------------------------------------------------------


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return render(request, "404.html", status=404)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return render(request, "403.html", status=403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A form without the token that its page gave it."""
    return refused(
        request,
        refuse("forged", _("This form was open for too long, or it did not come from a page of this office."), _("Open the page again, and send it anew.")),
    )


def broken(request: HttpRequest) -> HttpResponseBase:
    return render(request, "500.html", status=500)
