"""A letter on paper: what it says is data, how it looks is ``letter.typ``.

Used for the notice, for "you are protected and were struck from the list, because ...", and for the printed questionnaire. The PDF is tagged
for people who cannot see it (PDF/UA-1), and the same letter has the same bytes. Texts reach the layout as data: no sign in a name is ever read as markup.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal

import typst

from rightcall.law.problem import refuse

_LAYOUT = Path(__file__).with_name("letter.typ")
_NO_GLYPH = re.compile(r"PDF/UA-1 error: the text `(\".*\")` could not be displayed", re.DOTALL)
_STEERING = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
_HARMLESS = "\u00ad\u200c\u200d"
"""Hyphenation, and joiners that some scripts are spelled with."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Points:
    """A list; its ``mark`` is a dot, a number, or a box to tick."""

    items: tuple[str, ...]
    mark: Literal["dot", "number", "box"] = "dot"
    kind: Literal["points"] = "points"


@dataclass(frozen=True, slots=True)
class Facts:
    """What has to be found at a glance, each with its label: when, where, until when."""

    rows: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Lines:
    """Empty lines to write on."""

    count: int
    kind: Literal["lines"] = "lines"


Block = Paragraph | Points | Facts | Lines


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (may be empty) and what stands below it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """What is cut off and kept: the number, and how to check the notice with a phone and without one. ``qr`` is an SVG, or empty; ``alt`` says what it is to those
    who cannot see it."""

    heading: str
    number: str
    lines: tuple[str, ...]
    qr: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """All that stands on it. ``language`` is English, Russian or Ukrainian (``en``, ``ru``, ``uk``); ``lead`` is the one sentence that has to be read."""

    language: str
    title: str
    office: str
    office_lines: tuple[str, ...]
    addressee: tuple[str, ...]
    dated: date
    sections: tuple[Section, ...]
    officer: tuple[str, ...]
    lead: str = ""
    strip: Strip | None = None
    footer: str = ""


_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
}
_DAY = {"en": "{} {} {}", "ru": "{} {} {} г.", "uk": "{} {} {} р."}
_WORDS = {
    "en": {"page": "Page {page} of {pages}", "cut": "Cut here and keep this part"},
    "ru": {"page": "Страница {page} из {pages}", "cut": "Отрежьте и сохраните эту часть"},
    "uk": {"page": "Сторінка {page} з {pages}", "cut": "Відріжте і збережіть цю частину"},
}
LANGUAGES = tuple(_WORDS)


def day_words(day: date, language: str) -> str:
    """A day as a letter writes it: 5 October 2026. Raises ``Refused`` for a language without words."""
    _known(language)
    return _DAY[language].format(day.day, _MONTHS[language].split()[day.month - 1], day.year).replace(" ", "\u00a0")


def _known(language: str) -> None:
    if language not in LANGUAGES:
        raise refuse(f"a letter has no words in the language `{language}`", help=f"letters are written in {', '.join(LANGUAGES)}")


class Press:
    """Prints letters. One is kept for many: it reads its fonts and its layout once. Not for two threads at a time."""

    def __init__(self) -> None:
        self._compiler = typst.Compiler(_LAYOUT, root=_LAYOUT.parent, ignore_system_fonts=True)

    def pdf(self, letter: Letter) -> bytes:
        """A PDF of A4 pages. Raises ``Refused`` for a language without words and for signs that the font cannot print."""
        made = datetime.combine(letter.dated, time(), UTC)
        try:
            printed = self._compiler.compile(format="pdf", sys_inputs={"letter": _data(letter)}, pdf_standards=["ua-1"], timestamp=made)
        except typst.TypstError as error:
            if missing := _NO_GLYPH.match(error.message):
                raise refuse(f"the font of letters has no signs for {missing[1]}", help="write it in Latin, Cyrillic or Greek letters") from None
            raise
        assert isinstance(printed, bytes)
        return printed


def _data(letter: Letter) -> str:
    """What the layout reads. Signs that steer a text (turning it from right to left, say) would show another text than was approved."""
    data = asdict(letter) | {"dated": day_words(letter.dated, letter.language), "words": _WORDS[letter.language]}
    text = json.dumps(data, ensure_ascii=False)
    steering = next((sign for value in _texts(data) for sign in value if unicodedata.category(sign) in _STEERING and sign not in _HARMLESS), None)
    if steering is not None:
        raise refuse(f"a letter has no place for the sign U+{ord(steering):04X}, which steers text instead of being read", help="take it out")
    return text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _texts(inner)
