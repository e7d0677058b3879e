"""A person's own file, opened with what stands on his notice. No account; the session forgets it after half an hour."""

from __future__ import annotations

import hmac

from django.db.models import QuerySet

from rightcall.law.problem import Refused
from rightcall.notice.number import Number
from rightcall.office.campaigns.models import CallUp
from rightcall.office.cases.models import Case
from rightcall.office.journal.models import Event
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


def events_of(callup: CallUp) -> QuerySet[Event]:
    """What the log holds about his call-up, his notices and his cases, in order."""
    subjects = [
        f"callup:{callup.pk}",
        *(f"notice:{pk}" for pk in Notice.objects.filter(callup=callup).values_list("pk", flat=True)),
        *(f"case:{pk}" for pk in Case.objects.filter(callup=callup).values_list("pk", flat=True)),
    ]
    return Event.objects.filter(subject__in=subjects).order_by("index")


def own(pk: int) -> Notice | None:
    return Notice.objects.filter(pk=pk).select_related(*_WITH).first()
