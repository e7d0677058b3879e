"""Each request gets its actor: the account that signed in with both factors, and the grants in force at this moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from rightcall.office.accounts import signing
from rightcall.office.accounts.grants import actor_of
from rightcall.office.accounts.scope import NOBODY, Actor


def is_verified(user: Any) -> bool:
    """Whether the second factor was shown in this session."""
    return bool(user.is_verified())


class ActorMiddleware:
    """INVARIANT: who has not shown the second factor is nobody; nor is who came with what whoever made his account knows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._ended_elsewhere(request)
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def _ended_elsewhere(self, request: HttpRequest) -> None:
        """A sign-in that was ended from another device, or has lasted too long, ends here."""
        if not request.session.session_key or not request.user.is_authenticated:
            return
        if signing.ends_now(request):
            signing.leave(request)


def _actor(request: HttpRequest) -> Actor:
    user = request.user
    if not user.is_authenticated or not user.is_active or not is_verified(user) or user.handed_out:
        return NOBODY
    return actor_of(user)
