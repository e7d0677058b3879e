"""What every page knows: the name of the office, and who is here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def office(request: HttpRequest) -> dict[str, Any]:
    return {"office_name": settings.OFFICE_NAME, "actor": getattr(request, "actor", None), "languages": settings.LANGUAGES}
