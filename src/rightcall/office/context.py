"""What every page knows: the name of the office, who is here, and which lists are his."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from rightcall.office.accounts.scope import NOBODY, Actor
from rightcall.office.lists import LISTS

_MENU = ("campaigns", "rolls", "people", "notices", "cases", "reports", "events", "grants")


def office(request: HttpRequest) -> dict[str, Any]:
    actor: Actor = getattr(request, "actor", NOBODY)
    menu = [(name, LISTS[name].title) for name in _MENU if actor.sees(LISTS[name].kind)]
    return {"office_name": settings.OFFICE_NAME, "actor": actor, "menu": menu, "figures": actor.sees("figure")}
