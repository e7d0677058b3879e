"""A look at a person's file is written down when the page is made."""

from __future__ import annotations

from django.http import HttpRequest

from rightcall.office.accounts.roles import SEES
from rightcall.office.campaigns.models import CallUp
from rightcall.office.clock import now
from rightcall.office.pages import actor_of
from rightcall.office.person.models import Look


def look(request: HttpRequest, callup: CallUp, what: str) -> None:
    """By which account, in which role and for which unit."""
    actor = actor_of(request)
    path = callup.unit.path
    grant = next((grant for grant in actor.grants if grant.role in SEES["callup"] and path.startswith(grant.path)), None)
    role, unit = (str(grant.role), grant.unit) if grant else ("", None)
    Look.objects.create(callup=callup, account=actor.account, role=role, unit_id=unit, what=what, at=now())
