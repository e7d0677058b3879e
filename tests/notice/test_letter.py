"""Letters: what is in them stands on the page as it is, whatever it looks like; one page for a usual notice; the same bytes for the same letter."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tarn import CODE, PROTECTED, QUESTIONNAIRE, notice

from conftest import examples
from rightcall.law.problem import Refused
from rightcall.notice.letter import LANGUAGES, Facts, Letter, Lines, Paragraph, Points, Press, Section, day_words

PRESS = Press()


def _read(letter: Letter) -> PdfReader:
    return PdfReader(io.BytesIO(PRESS.pdf(letter)))


def _text(letter: Letter) -> str:
    """All that stands on it, spaces and line ends as one space."""
    return " ".join("\n".join(page.extract_text() for page in _read(letter).pages).split())


def _texts(letter: Letter) -> list[str]:
    found = [letter.title, letter.office, *letter.office_lines, *letter.addressee, *letter.officer, letter.lead]
    for section in letter.sections:
        found.append(section.heading)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                found.append(block.text)
            elif isinstance(block, Points):
                found += block.items
            elif isinstance(block, Facts):
                found += [word for row in block.rows for word in row]
    return [*found, *([letter.strip.heading, letter.strip.number, *letter.strip.lines] if letter.strip else [])]


@pytest.mark.parametrize("letter", [notice(), QUESTIONNAIRE, PROTECTED], ids=["notice", "questionnaire", "protected"])
def test_all_that_is_in_a_letter_stands_on_its_page(letter: Letter) -> None:
    found = _text(letter)
    assert [said for said in _texts(letter) if " ".join(said.split()) not in found] == []
    assert len(_read(letter).pages) == 1
    assert day_words(letter.dated, letter.language).replace("\u00a0", " ") in found


def test_a_letter_is_made_for_those_who_cannot_see_it() -> None:
    reader = _read(notice())
    root = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author, root["/Lang"]) == ("Notice of call-up", "Call-up office of Tarn", "en")
    assert str(reader.metadata.creation_date)[:19] == "2026-10-05 00:00:00"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert "QR code that opens the page" in str(_alternatives(root["/StructTreeRoot"]))
    assert _read(QUESTIONNAIRE).trailer["/Root"]["/Lang"] == "uk"


def _alternatives(node: object) -> list[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [found for inner in node for found in _alternatives(inner)]
    if not isinstance(node, dict):
        return []
    return [*([str(node["/Alt"])] if "/Alt" in node else []), *(_alternatives(node["/K"]) if "/K" in node else [])]


def test_the_same_letter_has_the_same_bytes() -> None:
    assert PRESS.pdf(notice()) == PRESS.pdf(notice()) == Press().pdf(notice())
    assert PRESS.pdf(notice()) != PRESS.pdf(notice("Another"))


def test_a_press_keeps_nothing_of_the_letter_before() -> None:
    PRESS.pdf(notice("Somebody Else"))
    assert "Somebody" not in _text(PROTECTED)


HOSTILE = [
    '#panic("x")', "*bold* _it_ `raw`", "$ x^2 $", "<b>fat</b>", "= heading", "- item", "// comment", "/* comment */", "@ref <label>", "\\u{41} \\n", "#read(\"/etc/passwd\")",
    "#import \"@preview/x:1\": *", "~--- ... 'quoted' \"quoted\"", "https://evil.example/", "{page} {pages} {office}", "] #[ [", "&lt;&amp;",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_read_as_markup(name: str) -> None:
    letter = notice(name)
    sections = (Section(name, (Paragraph(name), Points((name,), "number"), Facts(((name, name),)))),)
    everywhere = replace(letter, title=name, office=name, lead=name, sections=sections, officer=(name,), footer=name)
    found = _text(everywhere)
    assert found.count(name) >= 10
    assert all("/Annots" not in page for page in _read(everywhere).pages)


@given(st.text(st.characters(codec="cp1251", categories=("L", "N", "P", "S")), min_size=1, max_size=30))
@settings(max_examples=examples(40))
def test_every_name_prints_as_it_is_or_is_refused(name: str) -> None:
    try:
        found = _text(replace(PROTECTED, addressee=(name,)))
    except Refused:
        return
    assert name in found.replace("ﬁ", "fi").replace("ﬂ", "fl") or "".join(name.split()) in "".join(found.split())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("漢字", "the font of letters has no signs for"),
        ("😀", "the font of letters has no signs for"),
        ("Ivan\u202egro.live", r"U\+202E"),
        ("Ivan\u200bov", r"U\+200B"),
        ("Ivan\x00", r"U\+0000"),
        ("Ivan\nov", r"U\+000A"),
        ("\ue000", r"U\+E000"),
    ],
)
def test_what_cannot_be_printed_as_it_is_is_refused(name: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        PRESS.pdf(notice(name))
    assert "Ilya" in _text(notice())


def test_a_letter_in_no_known_language_is_refused() -> None:
    for ask in (lambda: PRESS.pdf(replace(PROTECTED, language="xx")), lambda: day_words(date(2026, 1, 1), "xx")):
        with pytest.raises(Refused, match="no words in the language `xx`"):
            ask()


def test_days_are_written_as_people_write_them() -> None:
    days = [day_words(date(2026, 5, 3), language).replace("\u00a0", " ") for language in LANGUAGES]
    assert days == ["3 May 2026", "3 мая 2026 г.", "3 травня 2026 р."]


@pytest.mark.parametrize("count", [*range(1, 9), 30])
def test_a_long_letter_numbers_its_pages_and_keeps_the_strip_whole(count: int) -> None:
    long = replace(notice(), sections=(*notice().sections, Section("More", tuple(Paragraph(f"Paragraph {number}. " * 8) for number in range(count)))))
    pages = [" ".join(page.extract_text().split()) for page in _read(long).pages]
    assert len(pages) > 1
    assert [f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    for part in ("Cut here", "Check that this notice", f"{CODE.number} With a phone", "No one may ask you"):
        assert [part in page for page in pages] == [False] * (len(pages) - 1) + [True]
    assert "Page" not in _text(notice())


def test_a_box_and_a_line_take_room_and_no_words() -> None:
    boxed = replace(PROTECTED, sections=(Section("A", (Points(("one", "two"), "box"), Lines(2))),))
    assert "A one two" in _text(boxed)


def test_the_qr_code_is_drawn_as_shapes_that_stay_sharp() -> None:
    drawn = PRESS.pdf(notice())
    assert re.search(rb"/Subtype\s*/Image", drawn) is None
