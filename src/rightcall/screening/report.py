"""The report of a run: one HTML file that asks nothing of any other place, to be looked at, printed and handed on.

Everything in it is made here from the figures of the run (``summary``) and the pages of the pack: the verdicts, the grounds, the
questions of law, a questionnaire, and the law itself. The page forbids itself every request, and every style and script but its
own (by their hash), so that a hostile name on a roll stays a name.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

import rightcall
from rightcall.law.pack import Pack
from rightcall.law.provision import Provision
from rightcall.law.question import Question
from rightcall.law.reason import CAUSES, VERDICTS, Verdict
from rightcall.law.vocabulary import FactType
from rightcall.law.words import fact_label
from rightcall.screening.explanation import CAUSE_WORDS, VERDICT_WORDS

SHOWN = 12
"""So many rows of a long list are shown at once; the others fold away."""

_NARROW = "\u202f"
_ALL_OF_THEM: Mapping[Verdict, str] = {
    "barred": "may not be called up at all",
    "deferred": "may not be called up while a ground of deferment lasts",
    "open": "must not get a notice until what is open about them is settled",
    "clear": "have no ground in this law that protects them, on the facts given",
}
_EFFECTS = {"bars": "bars a call-up", "defers": "defers a call-up", "requires": "procedure", "promises": "promise"}
_ACCENTS = {"bars": "barred", "defers": "deferred", "requires": "plain", "promises": "plain"}
_GRADES = {"A": "the text of the act was read", "B": "two secondary sources", "C": "one secondary source", "D": "general knowledge"}


def write_report(target: Path, summary: dict[str, Any], pack: Pack) -> None:
    """Write the report of a run. ``summary`` as ``summarise`` makes it, for the same pack."""
    templates = _templates()
    style, script = _inlined("report.css"), _inlined("report.js")
    page = templates.get_template("report.html.j2").render(
        summary=summary,
        policy=_policy(style, script),
        style=style,
        script=script,
        headline=headline(summary),
        pages=law_pages(summary, pack),
        questionnaire=questionnaire(summary, pack),
        sides={row["id"]: tuple(_cited(pack, pack.questions[row["id"]].sources)) for row in summary["questions"]},
        version=rightcall.__version__,
    )
    target.write_text(page, "utf-8")


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("rightcall.screening"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    templates.filters |= {"number": number, "people": people, "share": share, "values": _values}
    templates.globals |= {"segments": segments, "longest": longest, "parts": parts, "in_words": in_words, "shown": SHOWN}
    templates.globals |= {"verdicts": VERDICTS, "causes": CAUSES}
    templates.globals |= {"verdict_words": _after_colon(VERDICT_WORDS), "cause_words": CAUSE_WORDS}
    templates.globals |= {"effects": _EFFECTS, "accents": _ACCENTS, "grades": _GRADES}
    return templates


def _after_colon(words: Mapping[Any, str]) -> dict[str, str]:
    """What a verdict means, without its name."""
    return {name: text.partition(": ")[2] for name, text in words.items()}


def _inlined(name: str) -> Markup:
    text = (files("rightcall.screening") / "templates" / name).read_text("utf-8")
    return Markup(text)  # noqa: S704  our own file, nothing of the run in it


def _policy(style: str, script: str) -> str:
    """Content Security Policy: no request at all; no style and no script but ours."""
    return f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# Numbers and words


def number(count: int) -> str:
    """A count, with commas."""
    return f"{count:,}"


def people(count: int) -> str:
    """A count of people, in words that agree with it."""
    return "1 person" if count == 1 else f"{count:,} people"


def share(count: int, whole: int) -> str:
    """A percentage. What is not nothing never reads as 0, what is not all never as 100."""
    percent = 100 * count / whole if whole else 0.0
    if percent in (0, 100):
        return f"{percent:.0f}{_NARROW}%"
    words = "under 0.1" if percent < 0.05 else "over 99.9" if percent >= 99.95 else f"{percent:.1f}"
    return f"{words}{_NARROW}%"


def _values(value: Any) -> str:
    """What a case expected or we found: a word, or a list of words."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return str(value)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of the headline: a verdict, the number it stands for, and what it means."""

    verdict: Verdict
    count: int
    words: str


def headline(summary: Mapping[str, Any]) -> list[Clause]:
    """The run in one sentence, clause by clause; verdicts that nobody has are left out."""
    counts = summary["verdicts"]
    clauses = [Clause(verdict, counts[verdict], _ALL_OF_THEM[verdict]) for verdict in VERDICTS if counts[verdict]]
    return [Clause(clause.verdict, 1, _of_one(clause.words)) if clause.count == 1 else clause for clause in clauses]


def _of_one(words: str) -> str:
    for many, one in (("have ", "has "), (" about them ", " about this person "), (" them,", " the person,")):
        words = words.replace(many, one)
    return words


# Charts


def parts(row: Mapping[str, int]) -> list[tuple[str, int]]:
    """The people of a row by verdict, in order of the verdicts."""
    return [(verdict, row[verdict]) for verdict in VERDICTS]


def in_words(row: Mapping[str, int], between: str = ", ") -> str:
    """The people of a row by verdict: *1 barred, 8 open*."""
    return between.join(f"{count:,} {verdict}" for verdict, count in parts(row) if count)


def longest(rows: Iterable[Mapping[str, int]]) -> int:
    """How many people the longest bar of a chart stands for."""
    return max((row["people"] + row.get("unknown", 0) for row in rows), default=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a bar, in per cent of its length."""

    fill: str
    start: float
    length: float


def segments(counts: Iterable[tuple[str, int]], whole: int) -> list[Segment]:
    """The stretches of a bar: each count in turn, where a full bar is ``whole``. A count of nobody has none."""
    found: list[Segment] = []
    start = 0
    for fill, count in counts:
        if count > 0:
            found.append(Segment(fill, round(100 * start / whole, 3), round(100 * count / whole, 3)))
            start += count
    return found


# The law


@dataclass(frozen=True, slots=True)
class Cited:
    """A source of a page of law. ``address`` is empty where there is none that may be followed."""

    key: str
    says: str
    address: str


@dataclass(frozen=True, slots=True)
class LawPage:
    """A provision as the report shows it: its text as HTML, its rules as they stand in the pack."""

    provision: Provision
    grade: str
    text: Markup
    rules: str
    sources: tuple[Cited, ...]
    disputed: tuple[Question, ...]
    counted: int
    unknown: int


def law_pages(summary: Mapping[str, Any], pack: Pack) -> list[LawPage]:
    """The page of every provision that the report names, each once, grounds first."""
    rows: dict[str, Mapping[str, Any]] = {}
    for row in (*summary["grounds"], *summary["breaches"], *summary["promises"]):
        rows.setdefault(row["id"], row)
    writer = _markdown()
    return [_law_page(pack, pack.provisions[id], row, writer) for id, row in rows.items()]


def _markdown() -> MarkdownIt:
    """Markdown that can neither carry HTML nor load a picture, and links only to the web."""
    writer = MarkdownIt("commonmark", {"html": False}).disable("image")
    writer.validateLink = _followed  # type: ignore[assignment, method-assign]
    return writer


def _followed(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def _law_page(pack: Pack, provision: Provision, row: Mapping[str, Any], writer: MarkdownIt) -> LawPage:
    text = Markup(writer.render(provision.text))  # noqa: S704  html is off in the writer
    rules = "\n".join(_rules(pack.folder / provision.file, writer))
    sources, disputed = tuple(_cited(pack, provision.sources)), tuple(_disputed(pack, provision, rules))
    return LawPage(provision, row["grade"], text, rules, sources, disputed, row["people"], row.get("unknown", 0))


def _rules(page: Path, writer: MarkdownIt) -> Iterator[str]:
    """The rules of a page, word for word."""
    for token in writer.parse(page.read_text("utf-8")):
        if token.type == "fence" and token.info.split() == ["toml", "rule"]:
            yield token.content


def _disputed(pack: Pack, provision: Provision, rules: str) -> Iterator[Question]:
    """The questions of law that a page or its rules name."""
    named = set(re.findall(r"\w+", f"{provision.text} {rules}"))
    return (question for question in pack.questions.values() if question.id in named)


def _cited(pack: Pack, keys: Iterable[str]) -> Iterator[Cited]:
    for key in keys:
        says, address = pack.sources.get(key, ("", ""))
        yield Cited(key, says, address if _followed(address) else "")


# The questionnaire


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to put: its words, what can be answered, the proof that settles it, and how many wait for it."""

    ask: str
    proof: str
    note: str
    choices: tuple[str, ...]
    line: str
    each: str
    people: int


@dataclass(frozen=True, slots=True)
class Topic:
    """Questions about one matter, in the order of the pack."""

    name: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Half:
    """One half of the questionnaire: what is asked of the person, or what is looked up."""

    told_by: str
    topics: tuple[Topic, ...]

    @property
    def count(self) -> int:
        return sum(len(topic.asked) for topic in self.topics)


def questionnaire(summary: Mapping[str, Any], pack: Pack) -> tuple[Half, Half]:
    """What to ask, in two halves; topics that most people wait for come first, within a topic the order of the pack."""
    rows = summary["to_ask"]
    return _half("person", rows, pack), _half("record", rows, pack)


def _half(told_by: str, rows: Iterable[Mapping[str, Any]], pack: Pack) -> Half:
    waiting = {row["fact"]: row["people"] for row in rows if row["told_by"] == told_by}
    topics: dict[str, list[str]] = {}
    for fact in pack.vocabulary:
        if fact.name in waiting:
            topics.setdefault(_topic(fact.name), []).append(fact.name)
    ranked = sorted(topics.items(), key=lambda topic: -max(waiting[name] for name in topic[1]))
    return Half(told_by, tuple(Topic(name, tuple(_asked(pack.vocabulary[fact], waiting[fact]) for fact in facts)) for name, facts in ranked))


def _topic(name: str) -> str:
    return name.partition(".")[0].removesuffix("[]").replace("_", " ").capitalize()


def _asked(fact: FactType, waiting: int) -> Asked:
    listed, is_row, _ = fact.name.partition("[].")
    each = fact_label(listed) if is_row else ""
    return Asked(fact.ask or fact_label(fact.name), fact.proof, fact.note, tuple(_choices(fact)), _line(fact), each, waiting)


def _choices(fact: FactType) -> Iterator[str]:
    """The boxes to tick; *not known* is always one, since silence is no answer."""
    if fact.kind == "bool":
        yield from ("yes", "no")
    yield from (value.replace("_", " ") for value in fact.values)
    if fact.none:
        yield "no end" if fact.none == "forever" else "none"
    yield "not known"


def _line(fact: FactType) -> str:
    """What to write on the line, where there is one."""
    if fact.kind in ("bool", "one_of"):
        return ""
    return {"date": "day", "integer": fact.unit or "number"}.get(fact.kind, "answer")
