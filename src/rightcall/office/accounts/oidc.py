"""Signing in through an OpenID Connect provider: only accounts that an administrator made, found by their subject, never by a mail address.

The provider is trusted with the first factor alone, and asked for nothing but who it is; the second factor is asked for here.
"""

from __future__ import annotations

import logging
from typing import Any

import jwt
import requests
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

from rightcall.office.accounts.models import Account
from rightcall.office.accounts.signing import write_down

log = logging.getLogger(__name__)


class KnownAccounts(OIDCAuthenticationBackend):  # type: ignore[misc]
    """INVARIANT: a token counts that this provider made for this office (OpenID Connect Core 1.0, 3.1.3.7); the library looks at its signature and nonce alone."""

    def verify_token(self, token: str, **given: Any) -> dict[str, Any]:
        payload: dict[str, Any] = super().verify_token(token, **given)
        audience = payload.get("aud", "")
        if str(payload.get("iss", "")).rstrip("/") != settings.OIDC_ISSUER:
            raise SuspiciousOperation("the token is of another provider")
        if settings.OIDC_RP_CLIENT_ID not in ([audience] if isinstance(audience, str) else audience):
            raise SuspiciousOperation("the token was made for somebody else")
        return payload

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The token says who it is; nothing more is wanted."""
        return payload

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        return bool(claims.get("sub"))

    def filter_users_by_claims(self, claims: dict[str, Any]) -> QuerySet[Account]:
        return Account.objects.filter(subject=claims["sub"], is_active=True)


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]
    """Where the provider sends people back to: their sign-in is listed as any other, and ``staff`` leads them on to the second factor."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            return super().get(request)  # type: ignore[no-any-return]
        except (requests.RequestException, jwt.PyJWTError, SuspiciousOperation) as error:
            log.warning("signing in through the provider failed: %s", type(error).__name__)
            return self.login_failure()

    def login_success(self) -> HttpResponse:
        response: HttpResponse = super().login_success()
        write_down(self.request, self.user)
        return response

    def login_failure(self) -> HttpResponse:
        messages.error(self.request, _("Nobody was signed in: the provider did not vouch for you, or no account here is yours. Ask an administrator."))
        return redirect("sign-in")
