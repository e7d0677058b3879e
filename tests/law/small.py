"""A small pack to be varied by hand: write its files, replace some, load it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any

from rightcall.law.account import read_person
from rightcall.law.pack import Pack, load_pack
from rightcall.law.person import Person
from rightcall.law.question import UNANSWERED, Readings
from rightcall.law.reason import Finding, days_of, judge
from rightcall.law.value import Span, day_number, exactly

FACTS = """\
["person.birth_date"]
type = "date"
["person.alive"]
type = "bool"
["health.category"]
type = "one_of"
values = ["A", "B", "D", "unknown"]
["health.grade"]
type = "integer"
none = "absent"
["study.form"]
type = "one_of"
values = ["full_time", "part_time", "none"]
["study.since"]
type = "date"
["study.until"]
type = "date"
none = "forever"
["care.permanent"]
type = "bool"
unless_told = false
["home.town"]
type = "text"
["military.rank_group"]
type = "one_of"
values = ["private", "officer", "general"]
["date.decision"]
type = "date"
["date.notice"]
type = "date"
["date.dispatch"]
type = "date"
[children]
type = "list"
[children.complete]
ask = "Are these all?"
[children.row.birth_date]
type = "date"
[children.row.dependent]
type = "bool"
[children.row.relation]
type = "one_of"
values = ["biological", "adopted", "step"]
[children.row.grade]
type = "integer"
[wards]
type = "list"
[wards.row.permanent]
type = "bool"
"""

PARAMETERS = """\
[[children_needed]]
value = 3
until = 2022-10-05
cite = "art. 1"
[[children_needed]]
value = 4
from = 2022-10-05
cite = "art. 1"
[[age_limit]]
by = "military.rank_group"
value = { private = 35, officer = 50, general = "none" }
cite = "art. 2"
[[first_day]]
value = 2022-09-21
cite = "art. 3"
"""

QUESTIONS = """\
[BDAY]
asks = "Is an age reached only on the day after the birthday?"
yes = "y"
no = "n"
[REFDATE]
asks = "Does another day count as well?"
yes = "y"
no = "n"
[STEP]
asks = "Do stepchildren count?"
yes = "y"
no = "n"
[GSACT]
asks = "Does it bind?"
yes = "y"
no = "n"
"""

PACK = """\
id = "small"
title = "A small pack"
country = "XX"
[reference]
on = "date.decision"
fallback = "date.notice"
also = ["date.notice", "date.dispatch"]
question = "REFDATE"
same_day = ["date.notice"]
[birthday]
question = "BDAY"
leap_day = "1 March"
"""

TERMS = """\
[many_children]
is = 'count(under(c.birth_date, 16) and c.dependent for c in children) >= children_needed'
[number_of_children]
is = 'count(c.dependent for c in children)'
[days_studied]
is = 'days_between(study.since, on)'
"""

FILES: Mapping[str, str] = {
    "facts.toml": FACTS,
    "parameters.toml": PARAMETERS,
    "questions.toml": QUESTIONS,
    "pack.toml": PACK,
    "terms.toml": TERMS,
    "defaults.toml": "",
    "sources.md": "* S01 - A source: https://example.org/\n",
}


def page(rule: str, id: str = "G", effect: str = "defers", title: str = "A ground") -> str:
    """A page with one rule: the keys that are always needed, and those given."""
    head = f'id = "{id}"\neffect = "{effect}"\nact = "An act"\ncite = "art. 1"\ngrade = "A"\n'
    return f"# {title}\n\nWhat it says.\n\n```toml rule\n{head}{dedent(rule).strip()}\n```\n"


def write_pack(folder: Path, pages: Mapping[str, str] | str, **files: str) -> Path:
    """Write a small pack: pages by id (or the one page of the ground G); other files by stem, appended where they begin with +."""
    pages = {"G": pages} if isinstance(pages, str) else pages
    (folder / "provisions").mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        given = files.get(name.partition(".")[0], "+")
        (folder / name).write_text(text + given[1:] if given.startswith("+") else given, "utf-8")
    known = {name.partition(".")[0] for name in FILES}
    for name, given in files.items():
        if name not in known:
            (folder / f"{name}.toml").write_text(given, "utf-8")
    for id, text in pages.items():
        (folder / "provisions" / f"{id}.md").write_text(text, "utf-8")
    return folder


def small_pack(folder: Path, pages: Mapping[str, str] | str, **files: str) -> Pack:
    return load_pack(write_pack(folder, pages, **files))


def somebody(pack: Pack, **facts: Any) -> Person:
    """A person from facts whose dots are written as two underscores."""
    person, misfits = read_person({name.replace("__", "."): value for name, value in facts.items()}, pack.vocabulary)
    assert not misfits, misfits
    return person


def find(pack: Pack, on: date | Span, readings: Readings = UNANSWERED, **facts: Any) -> Finding:
    """The finding for somebody on a day."""
    person, days = days_of(somebody(pack, **facts), pack, exactly(day_number(on)) if isinstance(on, date) else on)
    return judge(person, pack, readings, days)


def truth(pack: Pack, on: date | Span, readings: Readings = UNANSWERED, **facts: Any) -> bool | None:
    """The truth of the ground G."""
    return find(pack, on, readings, **facts).truths["G"]
