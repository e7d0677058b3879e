"""Bytes as text that stands in an address (RFC 4648, section 5, without padding). INVARIANT: each value has one spelling."""

from __future__ import annotations

import base64
import binascii


def written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read(text: str) -> bytes | None:
    """The bytes; nothing where the text is not the one spelling of any."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if written(raw) == text else None
