"""Worked cases as data: facts, a day, and what is expected. They are the tests that a lawyer writes.

A case stands in a page of a pack (TOML) or in a file of vignettes (YAML 1.2 or JSON): ``defaults`` and a list of
``vignettes``, each with ``facts``, ``on`` and ``expect``. A mismatch names what was expected, what came out, and the proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rightcall.law.account import Unfit, read_day, read_person
from rightcall.law.document import read_document
from rightcall.law.label import VERDICTS
from rightcall.law.pack import Pack
from rightcall.law.person import Person
from rightcall.law.problem import Problem, Refused, did_you_mean, refuse
from rightcall.law.question import UNANSWERED, Readings, answered
from rightcall.law.reason import Finding, days_of, judge
from rightcall.law.value import Span
from rightcall.law.vocabulary import FactType

LISTS = ("grounds", "missing", "questions", "flags", "promises", "defects")
EXPECTED = ("verdict", "class", "ground", "promise", *LISTS)
_CASE_KEYS = ("name", "id", "about", "on", "facts", "without", "readings", "line")
_PARTS: Mapping[str, tuple[type, str]] = {
    "facts": (Mapping, "a table"),
    "readings": (Mapping, "a table"),
    "expect": (Mapping, "a table"),
    "without": (list, "a list"),
}
_WORDS: Mapping[str, tuple[Any, ...]] = {"ground": (True, False, "unknown"), "promise": (True, False), "verdict": VERDICTS}
_OF_PROVISIONS = ("grounds", "promises", "defects")
_DAY = FactType("on", "date")


@dataclass(frozen=True, slots=True)
class Case:
    """One case, ready to be judged. ``provision`` is the page it stands in."""

    name: str
    person: Person
    on: Span
    readings: Readings
    expected: Mapping[str, Any]
    provision: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What a case expected of one key, and what came out."""

    key: str
    expected: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case that was judged."""

    case: Case
    finding: Finding
    mismatches: tuple[Mismatch, ...]


def run_case(case: Case, pack: Pack) -> Outcome:
    """Judge a case and compare it with what it expects."""
    person, days = days_of(case.person, pack, case.on)
    finding = judge(person, pack, case.readings, days)
    return Outcome(case, finding, tuple(_mismatches(case, finding)))


def _mismatches(case: Case, finding: Finding) -> Iterator[Mismatch]:
    for key, wanted in case.expected.items():
        found = _found(key, case, finding)
        if key in LISTS:
            if sorted(wanted) != sorted(found):
                yield Mismatch(key, sorted(wanted), sorted(found))
        elif wanted != found:
            yield Mismatch(key, wanted, found)


def _found(key: str, case: Case, finding: Finding) -> Any:
    if key == "ground":
        truth = finding.truths[case.provision]
        return "unknown" if truth is None else truth
    if key == "promise":
        return case.provision in finding.promises
    if key == "class":
        return finding.label or None
    return getattr(finding, key)


def pack_cases(pack: Pack) -> list[Case]:
    """All cases in the pages of a pack. Raises ``Refused`` with every case that cannot be read."""
    problems: list[Problem] = []
    cases = []
    for provision in pack.provisions.values():
        for raw in provision.cases:
            place = f"{provision.file}:{raw.get('line', '')}"
            cases.append(_case(raw, pack, pack.defaults, ("date.decision", "date.notice"), provision.id, place, problems, toml=True))
    if problems:
        raise Refused(problems)
    return cases


def vignettes(path: Path, pack: Pack) -> list[Case]:
    """The cases of a file of vignettes. Raises ``Refused``."""
    document = read_document(path)
    if not isinstance(document, Mapping) or not isinstance(document.get("vignettes"), list):
        raise refuse("this is not a file of vignettes", path, "it has `defaults` and a list `vignettes`")
    problems: list[Problem] = []
    defaults = _shaped(document.get("defaults") or {}, "defaults", path.name, problems)
    same = tuple(defaults.get("same_as_on") or ())
    cases = [_case(raw, pack, defaults.get("facts") or {}, same, "", path.name, problems) for raw in document["vignettes"]]
    if problems:
        raise Refused(problems)
    return cases


def _shaped(raw: Any, name: str, place: str, problems: list[Problem]) -> Mapping[str, Any]:
    """A case with only those parts that have the shape they must have; of the others a problem each."""
    if not isinstance(raw, Mapping):
        problems.append(Problem(f"`{name}`: this is no table but `{str(raw)[:40]}`", place, help="a case has an `id`, `on`, `facts` and what it expects"))
        return {}
    wrong = {key: words for key, (kind, words) in _PARTS.items() if raw.get(key) is not None and not isinstance(raw[key], kind)}
    for key, words in wrong.items():
        problems.append(Problem(f"`{name}`: `{key}` must be {words}", place))
    return {key: value for key, value in raw.items() if key not in wrong}


def _case(
    raw: Mapping[str, Any],
    pack: Pack,
    defaults: Mapping[str, Any],
    same_as_on: tuple[str, ...],
    provision: str,
    place: str,
    problems: list[Problem],
    toml: bool = False,
) -> Case:
    name = str((raw.get("id") or raw.get("name") if isinstance(raw, Mapping) else "") or "case without a name")
    raw = _shaped(raw, name, place, problems)
    expected = (raw["expect"] or {}) if "expect" in raw else {key: raw[key] for key in EXPECTED if key in raw}
    for key in expected.keys() & {*LISTS}:
        if not isinstance(expected[key], list) or not all(isinstance(one, str) for one in expected[key]):
            problems.append(Problem(f"`{name}`: `{key}` must be a list of names", f"{place}: expect", help="an empty list is []"))
    for key in [key for key in raw if key not in (*_CASE_KEYS, *EXPECTED, "expect")]:
        problems.append(Problem(f"`{name}`: unknown key `{key}`", place, help=did_you_mean(key, (*_CASE_KEYS, *EXPECTED))))
    for key in [key for key in expected if key not in (*EXPECTED, "why")]:
        problems.append(Problem(f"`{name}`: unknown key `{key}`", f"{place}: expect", help=did_you_mean(key, EXPECTED)))
    problems += [Problem(f"`{name}`: {message}", place, help=help) for message, help in _never(expected, pack)]
    told = len(problems)
    on = _day(raw, name, place, problems, provision)
    written = raw["on"] if len(problems) == told else date(2022, 10, 10)
    without = set(raw.get("without") or ())
    account = {key: value for key, value in defaults.items() if key not in without} | dict(raw.get("facts") or {})
    for fact in same_as_on:
        if fact not in without and fact in pack.vocabulary:
            account.setdefault(fact, written)
    person, misfits = read_person(account, pack.vocabulary)
    problems += [Problem(f"`{name}`: {misfit.message}", place, column=misfit.name, help=misfit.help) for misfit in misfits]
    return Case(name, person, on, _readings(raw, pack, name, place, problems), _expected(expected, pack, toml), provision, place)


def _never(expected: Mapping[str, Any], pack: Pack) -> Iterator[tuple[str, str]]:
    """What is expected and can never come out: a word or a name that there is not."""
    for key, words in _WORDS.items():
        if key in expected and not any(type(word) is type(expected[key]) and word == expected[key] for word in words):
            yield f"`{key}` is never `{expected[key]}`", f"it is one of {', '.join(str(word).lower() for word in words)}"
    names = {"questions": pack.questions, "flags": pack.questions, "missing": pack.vocabulary.facts} | dict.fromkeys(_OF_PROVISIONS, pack.provisions)
    for key, known in names.items():
        listed = expected.get(key)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, str) and one not in known:
                yield f"`{key}` never names `{one}`", did_you_mean(one, known) or "it is not in the pack"


def _day(raw: Mapping[str, Any], name: str, place: str, problems: list[Problem], provision: str) -> Span:
    from rightcall.law.account import read_value

    if raw.get("on") is None:
        problems.append(Problem(f"`{name}`: the case has no day", place, column="on", help="write `on`, the day judged"))
        return read_day(_DAY, date(2022, 10, 10))
    try:
        day = read_value(_DAY, raw.get("on"))
    except Unfit as unfit:
        problems.append(Problem(f"`{name}`: {unfit.message}", place, column="on", help=unfit.help or "every case has its day"))
        day = None
    return day if isinstance(day, Span) else read_day(_DAY, date(2022, 10, 10))


def _readings(raw: Mapping[str, Any], pack: Pack, name: str, place: str, problems: list[Problem]) -> Readings:
    answers = {question: answer for question, answer in (raw.get("readings") or {}).items() if answer is not None}
    for question in answers.keys() - pack.questions.keys():
        near = did_you_mean(question, pack.questions)
        problems.append(Problem(f"`{name}`: unknown question `{question}`", place, help=near or "it is not in questions.toml"))
    for question, answer in answers.items():
        if not isinstance(answer, bool):
            problems.append(Problem(f"`{name}`: the answer to `{question}` is true or false, not `{answer}`", place))
    return answered(answers) if answers else UNANSWERED


def _expected(expected: Mapping[str, Any], pack: Pack, toml: bool) -> Mapping[str, Any]:
    return {key: value for key, value in expected.items() if key in EXPECTED}
