"""Signing in through an OpenID Connect provider: only accounts that an administrator made, found by their subject, never by a mail address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

from rightcall.office.accounts.models import Account
from rightcall.office.accounts.signing import write_down


class KnownAccounts(OIDCAuthenticationBackend):  # type: ignore[misc]
    """The provider is trusted with the first factor; the second is asked for here."""

    def filter_users_by_claims(self, claims: dict[str, Any]) -> QuerySet[Account]:
        subject = claims.get("sub") or ""
        return Account.objects.filter(subject=subject, is_active=True) if subject else Account.objects.none()


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]
    """Where the provider sends people back to: their sign-in is listed as any other, and ``staff`` leads them on to the second factor."""

    def login_success(self) -> HttpResponse:
        response: HttpResponse = super().login_success()
        write_down(self.request, self.user)
        return response
