"""A person's own file, opened with what stands on his notice. No account; the session forgets it after half an hour."""

from __future__ import annotations

import hmac

from rightcall.law.problem import Refused
from rightcall.notice.number import Number
from rightcall.office.keys import person_code
from rightcall.office.notices.models import Notice

_WITH = ("callup__person", "callup__unit", "callup__roll__campaign", "site", "unit")
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def open_own(number: str, code: str) -> Notice | None:
    """The notice, where number and code belong together; nothing otherwise, after the same work."""
    try:
        typed = Number.read(number).raw.hex()
    except Refused:
        typed = "00" * 16
    right = person_code(typed).translate(_MEANT)
    fits = hmac.compare_digest(right.encode(), code.upper().translate(_MEANT).encode())
    notice = Notice.objects.filter(number=typed).select_related(*_WITH).first()
    return notice if fits else None


def own(pk: int) -> Notice | None:
    return Notice.objects.filter(pk=pk).select_related(*_WITH).first()
