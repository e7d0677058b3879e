"""What views share: who has to be signed in, and how a row is found that the actor may see."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import quote

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from rightcall.office.accounts.roles import Kind
from rightcall.office.accounts.scope import Actor

P = ParamSpec("P")
Row = TypeVar("Row")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
"""Its first argument is the request, whatever it is called."""


def staff(view: View[P]) -> View[P]:
    """A page for who has signed in; others are led to the door, and back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if actor_of(request).account is None:
            if request.method != "GET":
                raise PermissionDenied
            return redirect(f"{reverse(_door(request.user))}?next={quote(request.get_full_path())}")
        return view(request, *args, **kwargs)

    return cast("View[P]", guarded)


def _door(user: Any) -> str:
    """What somebody has to do next before he is anybody."""
    if not user.is_authenticated:
        return "sign-in"
    return "take-over" if user.is_verified() and user.handed_out else "second-factor"


def limited(name: str, most: int, seconds: int) -> Callable[[View[P]], View[P]]:
    """At most so many requests in so many seconds from one address; nothing about who asks is kept longer."""

    def limit(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if too_many(request, name, most, seconds):
                return render(request, "public/slow_down.html", {"minutes": max(1, seconds // 60)}, status=429)
            return view(request, *args, **kwargs)

        return cast("View[P]", guarded)

    return limit


def way_back(request: HttpRequest, wanted: str, otherwise: str) -> str:
    """A path of this office that somebody asked to be led to, and no other address: else ``otherwise``."""
    here = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if here else otherwise


def too_many(request: HttpRequest, name: str, most: int, seconds: int) -> bool:
    """Whether this request is beyond ``most`` from its address in so many seconds. Counts it."""
    key = f"limit:{name}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, seconds)
    try:
        return bool(cache.incr(key) > most)
    except ValueError:
        return False


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def found(rows: QuerySet[Any], **key: Any) -> Any:
    """The row, or the answer that there is none: also where there is one that this actor may not see."""
    row = rows.filter(**key).first()
    if row is None:
        raise Http404
    return row


def seen(request: HttpRequest, rows: Any, pk: int) -> Any:
    """The row, through the one door: 403 where the actor sees nothing of its kind, 404 where there is none that he sees."""
    actor = require_sight(request, rows.model.KIND)
    return found(rows.visible_to(actor), pk=pk)


def require_sight(request: HttpRequest, kind: Kind) -> Actor:
    actor = actor_of(request)
    if not actor.sees(kind):
        raise PermissionDenied
    return actor


def pdf(content: bytes, name: str) -> HttpResponse:
    """INVARIANT: a file's name says nothing about anybody."""
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})
