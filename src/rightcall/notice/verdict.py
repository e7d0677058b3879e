"""What a notice is worth: its code, held against the keys and, where there is one, the list of what became of it.

The checking page reckons the same in the browser; tests hold the two equal.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from rightcall.notice.code import NotSigned, Signed, read
from rightcall.notice.key import Keys
from rightcall.notice.status import Status, StatusList

Word = Literal["genuine", "signed", "replaced", "revoked", "unknown", "forged", "foreign", "key", "day"]


class Verdict(NamedTuple):
    """``genuine``: signed, and in force when the list was made. ``signed``: signed, and no list says whether it was revoked since. ``replaced`` and ``revoked``: by the list.
    ``unknown``: signed, but a newer list of its issuer has never heard of it. The rest as in ``NotSigned``. Only ``genuine`` and ``signed`` may be true notices."""

    word: Word
    signed: Signed | None
    says: str


def judge(text: str, keys: Keys, now: datetime, listed: StatusList | None = None) -> Verdict:
    """The verdict on a code at a moment (UTC)."""
    found = read(text, keys, now.date())
    if isinstance(found, NotSigned):
        return Verdict(found.cause, None, found.says)
    if listed is None or listed.issuer != found.key.issuer:
        return Verdict("signed", found, f"signed by {found.key.name}; whether it was revoked since is not known without that office's list")
    return Verdict(*_listed(found, listed))


def _listed(found: Signed, listed: StatusList) -> tuple[Word, Signed, str]:
    """A list made on the day after the notice may still be older than it: days are those of the office, the list's are UTC."""
    when = f"by the list of {listed.made.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    match listed.status_of(found.code.index):
        case Status.IN_FORCE:
            return "genuine", found, f"signed by {found.key.name} and in force, {when}"
        case Status.REVOKED:
            return "revoked", found, f"it was revoked, {when}: it asks nothing of anybody"
        case Status.REPLACED:
            return "replaced", found, f"it was replaced by another notice, {when}"
        case Status.UNUSED if listed.made.date() <= found.code.issued + timedelta(days=1):
            return "signed", found, f"signed by {found.key.name}; the list is older than the notice"
        case Status.UNUSED:
            return "unknown", found, f"its office has never heard of it, {when}"
