"""Pages of the whole office: the work at hand, all lists, jobs, figures."""

from __future__ import annotations

from collections import defaultdict

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rightcall.office.accounts.models import Unit
from rightcall.office.campaigns import queues
from rightcall.office.campaigns.models import CallUp, Campaign, Roll
from rightcall.office.jobs.models import Job
from rightcall.office.listing import respond
from rightcall.office.lists import LISTS
from rightcall.office.pages import actor_of, found, require_sight, staff

SMALLEST = 5
"""Figures about fewer people than this are not shown: they could point at somebody."""


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
    if name not in LISTS:
        raise Http404
    return respond(request, LISTS[name], format)


@staff
@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponseBase:
    actor = require_sight(request, "job")
    return render(request, "jobs/one.html", {"job": found(Job.objects.visible_to(actor).select_related("unit", "asked_by"), pk=pk)})


@staff
@require_GET
def figures(request: HttpRequest) -> HttpResponseBase:
    """How many are in each queue, office by office. No row, no name."""
    actor = actor_of(request)
    if not actor.sees("figure"):
        raise PermissionDenied
    scope = actor.scope("figure")
    people = CallUp.objects.all() if scope.everywhere else CallUp.objects.filter(unit__in=scope.units)
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for row in queues.counted_by(people, "unit_id"):
        counted[row["unit_id"]][row["queue"]] = row["number"]
    names = Unit.objects.visible_to(actor).values_list("pk", "name").order_by("path")
    rows = [(name, [*(_shown(counted[pk].get(queue, 0)) for queue in queues.QUEUES), f"{sum(counted[pk].values()):,}"]) for pk, name in names if pk in counted]
    return render(request, "figures.html", {"rows": rows, "queues": queues.QUEUES.values(), "smallest": SMALLEST})


def _shown(number: int) -> str:
    return f"<{SMALLEST}" if 0 < number < SMALLEST else f"{number:,}"


# --- where something is not as asked ------------------------------------------------------------------------------


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return render(request, "404.html", status=404)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return render(request, "403.html", status=403)


def broken(request: HttpRequest) -> HttpResponseBase:
    return render(request, "500.html", status=500)
