"""The office in Russian and Ukrainian: no page and no letter has a word that was left in English, but for what is said to be English."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, time
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
import scenes
import world
from django.apps import apps
from django.core.cache import cache as kept
from django.db import models
from django.test import Client
from django.utils import translation
from pypdf import PdfReader
from test_catalogues import NAMES, texts
from visits import VISITS, Visit

from rightcall.law.pack import pack_names
from rightcall.notice.letter import LANGUAGES as LETTERS
from rightcall.notice.letter import day_words
from rightcall.office import catalogue
from rightcall.office.accounts.roles import Role
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.work import KINDS, Progress, ask_for
from rightcall.office.journal.models import Event
from rightcall.office.notices import gate, issuing, letters
from rightcall.office.refusal import Refusal
from rightcall.office.templatetags.words import day, job_words, stage_words

pytestmark = pytest.mark.django_db
_LATIN = re.compile(r"[A-Za-z]{2,}")
_CODE = re.compile(r"\b[a-z_]+[.:][\w.]+")
_SILENT = ("code", "pre", "style", "script", "svg")
_VOID = ("meta", "link", "input", "br", "img", "progress")
_SENT_TO = {"revoke error": "revoke", "replace error": "replace", "service error": "serve", "frozen error": "sign"}
"""Forms that stand on a page with another address."""
each_language = pytest.mark.parametrize("language", catalogue.LANGUAGES)


class Seen(HTMLParser):
    """What is read of a page: its texts, and attributes that are read out; without what is marked as being in another language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.texts = language, list[str]()
        self.open = list[tuple[str, bool]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hidden = self.open[-1][1] if self.open else False
        if spoken := given.get("lang"):
            hidden = spoken != self.language
        hidden = hidden or tag in _SILENT or bool({"mono", "secret"} & set((given.get("class") or "").split()))
        if not hidden:
            self.texts += [given[name] or "" for name in ("aria-label", "title", "alt", "placeholder") if name in given]
        if tag not in _VOID:
            self.open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.texts.append(data)


def words_of(page: str, language: str) -> set[str]:
    """The Latin words of a page, but for codes: numbers of notices, kinds of events and what they are about, names of columns."""
    seen = Seen(language)
    seen.feed(page)
    return {word for text in seen.texts for word in _LATIN.findall(_CODE.sub("", text)) if not word.isupper()}


@cache
def latin_in_translations(language: str) -> frozenset[str]:
    """What is Latin in every language: names of formats, examples of numbers."""
    return frozenset(word for message in catalogue.read(language) for text in texts(message.string or "") for word in _LATIN.findall(text) if message.id)


def written_by_people() -> set[str]:
    """The words that people brought: names, addresses, acts. Not the codes of states, nor what jobs say of themselves."""
    told: set[str] = set()
    for model in apps.get_models():
        if not model.__module__.startswith("rightcall") or model in (Job, Event):
            continue
        fields = [field.name for field in model._meta.fields if isinstance(field, (models.CharField, models.TextField)) and not field.choices]
        told |= {word for row in model._default_manager.values_list(*fields) for value in row for word in _LATIN.findall(str(value))}
    return told


def opened(visit: Visit, scene: scenes.Scene, language: str) -> Any:
    """A page as a visitor of that language gets it; where the visit is about a refused form, one that was sent empty."""
    kept.clear()
    browser = Client(raise_request_exception=False, headers={"accept-language": language})
    if visit.who:
        browser.cookies["sessionid"] = scene.sessions[visit.who]
    page = browser.get(visit.address(scene))
    if visit.status != 422:
        return page
    place = dict(re.findall(r'name="(place)" value="(\d+)"', page.content.decode()))
    given = {"sent": "1"} | place | dict.fromkeys(re.findall(r'name="(unit-\d+)"', page.content.decode()), "999999999")
    return browser.post(scene.url(_SENT_TO[visit.state], visit.key) if visit.state in _SENT_TO else visit.address(scene), given)


def test_no_page_has_a_word_that_was_left_in_english(settings: Any) -> None:
    settings.ROOT_URLCONF = "odd_urls"
    scene, left = scenes.build(), {}
    brought = written_by_people() | NAMES | set(_LATIN.findall(" ".join(pack_names())))
    for language in catalogue.LANGUAGES:
        for visit in VISITS:
            if visit.at != "checker":
                left[language, visit.name] = left_in(opened(visit, scene, language), visit, language) - brought - latin_in_translations(language)
    assert {page: words for page, words in left.items() if words} == {}


def left_in(page: Any, visit: Visit, language: str) -> set[str]:
    """The Latin words of a page; what is wrong with it where it is not the page that was meant."""
    if page.status_code != visit.status:
        return {f"status {page.status_code}"}
    text = page.content.decode()
    return words_of(text, language) if f'<html lang="{language}">' in text else {"another language"}


def test_a_word_that_was_left_is_seen() -> None:
    page = '<html lang="ru"><p title="Tip">Да <b lang="en">no, <i lang="ru">Yes</i></b><code>no</code><img alt="Alt"> Left</p>'
    assert words_of(page, "ru") == {"Tip", "Yes", "Alt", "Left"}


# --- days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LETTERS)
def test_a_day_on_a_page_is_that_of_a_letter(language: str) -> None:
    for one in (date(2026, month, 1) for month in range(1, 13)):
        with translation.override(language):
            assert day_words(one, language).startswith(day(one))


# --- letters ------------------------------------------------------------------------------------------------------


def letters_in(language: str) -> Iterator[bytes]:
    """The three letters, about people of a country whose law is in English."""
    units = world.units()
    roll = world.roll(world.campaign(units.region, [units.office]), units.office)
    clerk, site, person = world.officer(Role.CLERK, units.office), world.site(units.region), world.person(roll)
    notice = issuing.issue(clerk, person.pk, site, world.reporting_day(roll.campaign), time(9), language)
    ground = {"truth": True, "title": "Students", "act": "Call-up Act", "cite": "sec. 3", "holds_until": "2024-07-01"}
    officer = ("Anna Clerk", "Officer")
    for letter in (
        letters.notice_letter(notice),
        letters.struck_letter(world.person(roll, "deferred"), {"grounds": [ground]}, officer, language),
        letters.questionnaire_letter(world.person(roll, "open", "ask"), ["study.form"], "2QD8-6JTW", officer, language),
    ):
        yield letters.printed(letter)


_OF_THE_LAW = set(_LATIN.findall("Students Call-up Act sec. Anna Clerk Officer Do you study, and how? full part time none"))
_OF_ADDRESSES = set(_LATIN.findall("http://localhost/check /improper /mine /answer"))


@each_language
def test_no_letter_has_a_word_that_was_left_in_english(language: str) -> None:
    for pdf in letters_in(language):
        told = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
        assert len(re.findall(r"[а-яіїєґ]{2,}", told)) > 30
        assert {word for word in _LATIN.findall(told) if not word.isupper()} - written_by_people() - _OF_THE_LAW - _OF_ADDRESSES == set()


# --- jobs ---------------------------------------------------------------------------------------------------------


def test_a_job_that_is_refused_says_so_in_the_language_in_which_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(progress: Progress, argument: Any) -> None:
        raise Refusal(*gate.of_person(world.person(world.roll(world.campaign(unit, [unit]), unit), "open")))

    unit = world.units().office
    monkeypatch.setitem(KINDS, "test.refused", refused)
    for language, says in (("ru", "Вывод проверки не «без препятствий»: не выяснено."), ("en", "The finding is not clear: open.")):
        with translation.override(language):
            ask_for("test.refused", language, unit, None)
        assert world.work()[0][2][0] | {"help": ""} == {"says": says, "help": "", "language": language}


def test_every_kind_of_work_and_every_stage_of_it_has_words() -> None:
    sources = [*catalogue.HERE.rglob("*.py"), catalogue.HERE.parent / "screening" / "job.py"]
    stages = {text for path in sources for text in re.findall(r'\.doing\("([^"]+)"\)', path.read_text("utf-8"))}
    with translation.override("ru"):
        assert [name for name in KINDS if job_words(name) == name] == []
        assert [stage for stage in stages if stage_words(stage) == stage] == []
    assert len(stages) > 6
