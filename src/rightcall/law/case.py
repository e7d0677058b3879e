"""Worked cases as data: facts, a day, and what is expected. They are the tests that a lawyer writes.

A case stands in a page of a pack (TOML) or in a file of vignettes (YAML 1.2 or JSON): ``defaults`` and a list of
``vignettes``, each with ``facts``, ``on`` and ``expect``. A mismatch names what was expected, what came out, and the proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rightcall.law.account import Unfit, read_person, read_value
from rightcall.law.document import read_document
from rightcall.law.label import VERDICTS
from rightcall.law.pack import Pack
from rightcall.law.person import Person
from rightcall.law.problem import Problem, Refused, did_you_mean, refuse
from rightcall.law.question import UNANSWERED, Readings, answered
from rightcall.law.reason import Finding, days_of, judge
from rightcall.law.value import ANY, Span
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
    reader = _CaseReader(pack, pack.defaults, pack.reference.days)
    for provision in pack.provisions.values():
        for raw in provision.cases:
            reader.read(raw, f"{provision.file}:{raw.get('line', '')}", provision.id)
    return reader.found()


def vignettes(path: Path, pack: Pack) -> list[Case]:
    """The cases of a file of vignettes. Raises ``Refused``."""
    document = read_document(path)
    if not isinstance(document, Mapping) or not isinstance(document.get("vignettes"), list):
        raise refuse("this is not a file of vignettes", path, "it has `defaults` and a list `vignettes`")
    problems: list[Problem] = []
    defaults = _shaped(document.get("defaults") or {}, "defaults", path.name, problems)
    reader = _CaseReader(pack, defaults.get("facts") or {}, tuple(defaults.get("same_as_on") or ()), problems)
    for raw in document["vignettes"]:
        reader.read(raw, path.name)
    return reader.found()


def _shaped(raw: Any, name: str, place: str, problems: list[Problem]) -> Mapping[str, Any]:
    """A case with only those parts that have the shape they must have; of the others a problem each."""
    if not isinstance(raw, Mapping):
        problems.append(Problem(f"`{name}`: this is no table but `{str(raw)[:40]}`", place, help="a case has an `id`, `on`, `facts` and what it expects"))
        return {}
    wrong = {key: words for key, (kind, words) in _PARTS.items() if raw.get(key) is not None and not isinstance(raw[key], kind)}
    for key, words in wrong.items():
        problems.append(Problem(f"`{name}`: `{key}` must be {words}", place))
    return {key: value for key, value in raw.items() if key not in wrong}


@dataclass(frozen=True, slots=True)
class _CaseReader:
    """Reads cases of a pack, and keeps what is wrong with them. ``same_as_on``: date facts that are the day of the case unless given."""

    pack: Pack
    defaults: Mapping[str, Any]
    same_as_on: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)

    def found(self) -> list[Case]:
        """The cases. Raises ``Refused`` where anything was wrong."""
        if self.problems:
            raise Refused(self.problems)
        return self.cases

    def read(self, raw: Any, place: str, provision: str = "") -> None:
        name = str((raw.get("id") or raw.get("name") if isinstance(raw, Mapping) else "") or "case without a name")
        raw = _shaped(raw, name, place, self.problems)
        expected = (raw["expect"] or {}) if "expect" in raw else {key: raw[key] for key in EXPECTED if key in raw}
        self.problems.extend(self._wrong(raw, expected, name, place))
        on, readings = self._day(raw, name, place), _readings(raw, self.pack, name, place, self.problems)
        person, misfits = read_person(self._account(raw, known=on is not None), self.pack.vocabulary)
        self.problems.extend(Problem(f"`{name}`: {misfit.message}", place, column=misfit.name, help=misfit.help) for misfit in misfits)
        if on is not None:
            self.cases.append(Case(name, person, on, readings, {key: value for key, value in expected.items() if key in EXPECTED}, provision, place))

    def _wrong(self, raw: Mapping[str, Any], expected: Mapping[str, Any], name: str, place: str) -> Iterator[Problem]:
        for key in expected.keys() & {*LISTS}:
            if not isinstance(expected[key], list) or not all(isinstance(one, str) for one in expected[key]):
                yield Problem(f"`{name}`: `{key}` must be a list of names", f"{place}: expect", help="an empty list is []")
        for key in [key for key in raw if key not in (*_CASE_KEYS, *EXPECTED, "expect")]:
            yield Problem(f"`{name}`: unknown key `{key}`", place, help=did_you_mean(key, (*_CASE_KEYS, *EXPECTED)))
        for key in [key for key in expected if key not in (*EXPECTED, "why")]:
            yield Problem(f"`{name}`: unknown key `{key}`", f"{place}: expect", help=did_you_mean(key, EXPECTED))
        yield from (Problem(f"`{name}`: {message}", place, help=help) for message, help in _never(expected, self.pack))

    def _day(self, raw: Mapping[str, Any], name: str, place: str) -> Span | None:
        """The day of a case; nothing where it has none, which is a problem."""
        if raw.get("on") is None:
            self.problems.append(Problem(f"`{name}`: the case has no day", place, column="on", help="write `on`, the day judged"))
            return None
        try:
            day = read_value(_DAY, raw["on"])
        except Unfit as unfit:
            self.problems.append(Problem(f"`{name}`: {unfit.message}", place, column="on", help=unfit.help or "every case has its day"))
            return None
        return day if isinstance(day, Span) else ANY

    def _account(self, raw: Mapping[str, Any], known: bool) -> dict[str, Any]:
        """The facts of a case over the defaults; the day of the case for those that are the same, if it is known."""
        without = set(raw.get("without") or ())
        account = {key: value for key, value in self.defaults.items() if key not in without} | dict(raw.get("facts") or {})
        for fact in self.same_as_on if known else ():
            if fact not in without and fact in self.pack.vocabulary:
                account.setdefault(fact, raw["on"])
        return account


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


def _readings(raw: Mapping[str, Any], pack: Pack, name: str, place: str, problems: list[Problem]) -> Readings:
    answers = {question: answer for question, answer in (raw.get("readings") or {}).items() if answer is not None}
    for question in answers.keys() - pack.questions.keys():
        near = did_you_mean(question, pack.questions)
        problems.append(Problem(f"`{name}`: unknown question `{question}`", place, help=near or "it is not in questions.toml"))
    for question, answer in answers.items():
        if not isinstance(answer, bool):
            problems.append(Problem(f"`{name}`: the answer to `{question}` is true or false, not `{answer}`", place))
    return answered(answers) if answers else UNANSWERED
