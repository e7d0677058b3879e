"""Signing in through an OpenID Connect provider: only accounts that an administrator made, found by their subject, never by a mail address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from rightcall.office.accounts.models import Account


class KnownAccounts(OIDCAuthenticationBackend):  # type: ignore[misc]
    """The provider is trusted with the first factor; the second is asked for here."""

    def filter_users_by_claims(self, claims: dict[str, Any]) -> QuerySet[Account]:
        subject = claims.get("sub") or ""
        return Account.objects.filter(subject=subject, is_active=True) if subject else Account.objects.none()
