"""A page that checks notices on anybody's own device: one file, no request, at most 50 kB with its keys.

The program is the same for every country, so that its hash can be compared; keys, words and addresses are data beside it. ``program/`` holds what it is
made of, ``program.min.js`` what ``program/build.js`` makes of it; nobody needs that step unless the program changes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from string import Template

from rightcall.law.problem import refuse
from rightcall.notice import base64url
from rightcall.notice.key import Keys, PublicKey

LARGEST = 50_000
"""Bytes of a page at most, so that it opens on a slow line and fits anywhere."""
_HERE = Path(__file__).parent
_WORDS = json.loads((_HERE / "words.json").read_text("utf-8"))
LANGUAGES = tuple(_WORDS)


def checker_page(keys: Keys, made: date, *, address: str = "", phone: str = "", list_address: str = "", languages: Sequence[str] = LANGUAGES) -> str:
    """The page with these keys as of a day. ``address`` is its true one and ``phone`` the office's number, as people are told them; ``list_address`` is where on
    the same site the list of notices lies, fetched only when somebody asks for it. The first language is for those whose own is not among them. Raises ``Refused``."""
    if unknown := [language for language in languages if language not in _WORDS]:
        raise refuse(f"the checking page has no words in the language `{unknown[0]}`", help=f"it has {', '.join(LANGUAGES)}")
    data = {"keys": [_row(key) for key in keys], "made": made.isoformat(), "address": address, "phone": phone, "list": list_address}
    program, style = (_read(name) for name in ("program.min.js", "page.css"))
    return Template(_read("page.html")).substitute(
        policy=_policy(program, style, bool(list_address)),
        style=style,
        phone=html.escape(phone),
        data=_data(data | {"words": {language: _WORDS[language] for language in languages}}),
        program=program,
    )


def _read(name: str) -> str:
    return (_HERE / name).read_text("utf-8").strip()


def _row(key: PublicKey) -> list[str]:
    row = [base64url.written(key.raw), key.issuer, key.name, key.first.isoformat(), key.last.isoformat()]
    return [*row, key.withdrawn.isoformat()] if key.withdrawn else row


def _policy(program: str, style: str, fetches: bool) -> str:
    """Nothing is loaded and nothing is sent; a list is fetched from the same site only."""
    rules = ["default-src 'none'", f"script-src {_hash(program)}", f"style-src {_hash(style)}", "base-uri 'none'", "form-action 'none'"]
    return "; ".join([*rules, *(["connect-src 'self'"] if fetches else [])])


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(data: object) -> str:
    """JSON that no name of an office can end early: ``<`` is written as an escape."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
