"""A law pack, loaded whole or refused with everything that is wrong with it.

Loading is the only door: what passed it is typed, dated, named and cited. The pack's hash goes into every receipt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rightcall.law import expression as x
from rightcall.law.account import read_person
from rightcall.law.assumption import assumptions_that_protect
from rightcall.law.deadline import Deadline, read_deadlines
from rightcall.law.evaluate import Birthday
from rightcall.law.gate import Gate, read_gates
from rightcall.law.grammar import ParameterType, Scope, Typed, Unreadable, read
from rightcall.law.invariant import Invariant, read_invariants
from rightcall.law.label import Label, read_labels
from rightcall.law.parameter import DatedParameter, read_parameters
from rightcall.law.problem import Problem, Refused, did_you_mean, refuse
from rightcall.law.provision import Provision, Rule, read_provision, report_unreadable
from rightcall.law.question import UNANSWERED, Question, Readings, read_questions, read_readings
from rightcall.law.source import Source, read_source
from rightcall.law.vocabulary import Vocabulary, read_vocabulary

_SHARED = ("facts.toml", "parameters.toml", "questions.toml", "terms.toml")
_SOURCE_LINE = re.compile(r"^\* (?P<key>[A-Z]+\d+) - (?P<says>.*?): (?P<address>\S+)\s*")


@dataclass(frozen=True, slots=True)
class Reference:
    """Which day counts: the fact it comes from, the one that stands in, and other days that may count by a question."""

    on: str
    fallback: str = ""
    also: tuple[str, ...] = ()
    question: str = ""
    same_day: tuple[str, ...] = ()

    @property
    def days(self) -> tuple[str, ...]:
        """The date facts that are the day judged where nothing else is said of them."""
        return tuple(dict.fromkeys(name for name in (self.on, self.fallback, *self.same_day) if name))


@dataclass(frozen=True, eq=False)
class Pack:
    """The law of one call-up, as data."""

    id: str
    title: str
    country: str
    languages: tuple[str, ...]
    about: str
    decided_by: str
    calendar: str
    deadlines: Mapping[str, Deadline]
    region: str
    folder: Path
    hash: str
    reference: Reference
    birthday: Birthday
    vocabulary: Vocabulary
    parameters: Mapping[str, DatedParameter]
    terms: Mapping[str, Typed]
    questions: Mapping[str, Question]
    provisions: Mapping[str, Provision]
    defaults: Mapping[str, Any]
    sources: Mapping[str, tuple[str, str]]
    gates: Mapping[str, Gate]
    labels: tuple[Label, ...] = ()
    invariants: tuple[Invariant, ...] = ()

    @cached_property
    def protective(self) -> tuple[Provision, ...]:
        return tuple(provision for provision in self.provisions.values() if provision.protects)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for provision in self.provisions.values() for rule in provision.rules)

    @cached_property
    def flagged(self) -> tuple[Rule, ...]:
        """The rules beside which a point may be shown."""
        return tuple(rule for rule in self.rules if rule.flags)

    @cached_property
    def scope(self) -> Scope:
        """The names that an expression of the pack may use."""
        types = {name: parameter.type for name, parameter in self.parameters.items()}
        return Scope(self.vocabulary, types, self.terms, frozenset(self.questions))

    @property
    def readings_names(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in (self.folder / "readings").glob("*.toml")))

    def readings_file(self, name: str) -> Path:
        """The file of readings of the pack by name, or of any."""
        return self.folder / "readings" / f"{name}.toml" if name in self.readings_names else Path(name)

    def readings(self, name: str | None) -> Readings:
        """A readings file of the pack by name, or any by path. Raises ``Refused``."""
        if name is None:
            return UNANSWERED
        path = self.readings_file(name)
        if not path.is_file():
            known = self.readings_names
            raise refuse(f"there are no readings `{name}`", help=did_you_mean(name, known) or f"the pack has {', '.join(known) or 'none'}; or name a file")
        return read_readings(path, self.questions, frozenset(rule.name for rule in self.rules))


def pack_names() -> tuple[str, ...]:
    """The packs that come with Rightcall."""
    return tuple(sorted(path.name for path in _home().iterdir() if (path / "pack.toml").is_file()))


def _home() -> Path:
    return Path(str(files("rightcall") / "packs"))


def find_pack(name: str) -> Pack:
    """Load a pack by name, or from a folder. Raises ``Refused``."""
    return load_pack(pack_folder(name))


def pack_folder(name: str) -> Path:
    """Where a pack is, by its name or as a folder. Raises ``Refused``."""
    folder = _home() / name if name in pack_names() else Path(name)
    if not (folder / "pack.toml").is_file():
        known = pack_names()
        raise refuse(f"there is no pack `{name}`", help=did_you_mean(name, known) or f"there are {', '.join(known)}; or name a folder with a pack.toml")
    return folder


def load_pack(folder: Path) -> Pack:
    """Read, check and freeze a pack. Raises ``Refused`` with every problem of every file."""
    loader = _Loader(folder)
    pack = loader.load()
    if loader.problems:
        raise Refused(loader.unreadable or loader.problems)
    return pack


class _Loader:
    """Collects the problems of all files while the parts are read in the order they need each other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources: list[Source] = []
        self.found: list[Problem] = []

    @property
    def problems(self) -> list[Problem]:
        return [problem for source in self.sources for problem in source.problems] + self.found

    @property
    def unreadable(self) -> list[Problem]:
        """What cannot be read at all, where others build on it. All else that is said then may only follow from it."""
        lost = [problem for source in self.sources if not source.is_read and source.file in _SHARED for problem in source.problems]
        return lost and lost + [problem for problem in self.found if problem.message.startswith("this is not TOML")]

    def source(self, name: str) -> Source:
        try:
            source = read_source(self.folder / name)
        except Refused as refused:
            source = Source(name, "", problems=list(refused.problems), is_read=False)
        self.sources.append(source)
        return source

    def load(self) -> Pack:
        vocabulary = read_vocabulary(self.source("facts.toml"))
        parameters = read_parameters(self.source("parameters.toml"), vocabulary)
        questions = read_questions(self.source("questions.toml"))
        types = {name: parameter.type for name, parameter in parameters.items()}
        scope = Scope(vocabulary, types, {}, frozenset(questions))
        terms = read_terms(self.source("terms.toml"), scope)
        scope = Scope(vocabulary, types, terms, frozenset(questions))
        self._check_names(vocabulary, types, terms)
        provisions = self._provisions(scope)
        self._check_points(vocabulary, questions)
        pack = self._assemble(scope, parameters, questions, provisions)
        self._check_assumptions(pack)
        return pack

    def _provisions(self, scope: Scope) -> dict[str, Provision]:
        provisions: dict[str, Provision] = {}
        pages = sorted((self.folder / "provisions").glob("*.md"))
        if not pages:
            self.found.append(Problem("the pack has no provisions", str(self.folder), help="write provisions/ID.md"))
        for path in pages:
            provision, problems = self._page(path, scope)
            self.found += problems
            if provision and provision.id in provisions:
                line, column = read_source(path).place("id")
                other = provisions[provision.id].file
                self.found.append(Problem(f"two provisions have the id `{provision.id}`", provision.file, line, column, f"the other is {other}"))
            elif provision:
                provisions[provision.id] = provision
        return provisions

    def _page(self, path: Path, scope: Scope) -> tuple[Provision | None, list[Problem]]:
        try:
            return read_provision(path, scope)
        except Refused as refused:
            return None, list(refused.problems)

    def _check_names(self, vocabulary: Vocabulary, types: Mapping[str, ParameterType], terms: Mapping[str, Typed]) -> None:
        names = [fact.name for fact in vocabulary if "[]." not in fact.name] + [*types, *terms]
        for name in sorted({name for name in names if names.count(name) > 1} | ({"on"} & set(names))):
            help = "facts, parameters and terms share one space of names; `on` is the day judged"
            self.found.append(Problem(f"`{name}` means two things", *self._last_place(name), help))

    def _last_place(self, name: str) -> tuple[str, int, int]:
        """The last table with a name, in the order in which the files are read."""
        found = [(source.file, *source.place("", name)) for source in self.sources if name in source.parse()]
        return found[-1] if found else ("facts.toml", 1, 1)

    def _check_points(self, vocabulary: Vocabulary, questions: Mapping[str, Question]) -> None:
        for fact in vocabulary:
            if fact.point and fact.point not in questions:
                self.found.append(Problem(f"`{fact.name}` names the unknown question `{fact.point}`", "facts.toml", help=did_you_mean(fact.point, questions)))

    def _assemble(
        self,
        scope: Scope,
        parameters: Mapping[str, DatedParameter],
        questions: Mapping[str, Question],
        provisions: Mapping[str, Provision],
    ) -> Pack:
        source, vocabulary = self.source("pack.toml"), scope.vocabulary
        top = source.table(source.parse())
        reference = _reference(source, top.take("reference", dict, {}, required=True), vocabulary, questions)
        birthday = _birthday(source, top.take("birthday", dict, {}, required=True), questions)
        report = source.table(top.take("report", dict, {}), "report")
        region = report.choice("region", (fact.name for fact in vocabulary.plain))
        calendar = top.take("calendar", str, "")
        pack = Pack(
            id=top.take("id", str, "", required=True),
            title=top.take("title", str, "", required=True),
            country=top.take("country", str, "", required=True),
            languages=top.texts("languages"),
            about=top.take("about", str, ""),
            decided_by=top.take("decided_by", str, ""),
            calendar=calendar,
            deadlines=MappingProxyType(read_deadlines(source, top.take("deadlines", dict, {}), calendar, scope)),
            region=region,
            folder=self.folder,
            hash=folder_hash(self.folder),
            reference=reference,
            birthday=birthday,
            vocabulary=vocabulary,
            parameters=MappingProxyType(dict(parameters)),
            terms=MappingProxyType(dict(scope.terms)),
            questions=MappingProxyType(dict(questions)),
            provisions=MappingProxyType(dict(provisions)),
            defaults=MappingProxyType(self._defaults(vocabulary)),
            sources=MappingProxyType(self._sources()),
            gates=MappingProxyType(self._gates(vocabulary)),
            labels=read_labels(top.tables("label"), scope, provisions.values()),
            invariants=read_invariants(source, top.take("invariant", list, []), scope),
        )
        report.finish()
        top.finish()
        return pack

    def _defaults(self, vocabulary: Vocabulary) -> dict[str, Any]:
        source = self.source("defaults.toml")
        defaults = source.parse()
        for misfit in read_person(defaults, vocabulary)[1]:
            source.report(misfit.message, *source.place(misfit.name), help=misfit.help)
        return defaults

    def _gates(self, vocabulary: Vocabulary) -> dict[str, Gate]:
        return read_gates(self.source("gates.toml"), vocabulary) if (self.folder / "gates.toml").is_file() else {}

    def _sources(self) -> dict[str, tuple[str, str]]:
        path = self.folder / "sources.md"
        text = path.read_text("utf-8") if path.is_file() else ""
        sources: dict[str, tuple[str, str]] = {}
        for number, line in enumerate(text.splitlines(), 1):
            found = _SOURCE_LINE.fullmatch(line)
            if found and found["key"] not in sources:
                sources[found["key"]] = (found["says"], found["address"])
            elif line.startswith("* "):
                message = f"the source `{found['key']}` is there twice" if found else "this is not a source"
                self.found.append(Problem(message, path.name, number, help="write `* S01 - what it is: address`"))
        return sources

    def _check_assumptions(self, pack: Pack) -> None:
        if self.problems:
            return
        for fact, provision in assumptions_that_protect(pack.vocabulary, pack.protective, pack.parameters, pack.birthday):
            self.found.append(Problem(
                f"`unless_told` of `{fact}` could make `{provision}` true", "facts.toml",
                help="what nobody said may settle against a ground, never for one",
            ))  # fmt: skip


def _reference(source: Source, values: Mapping[str, Any], vocabulary: Vocabulary, questions: Mapping[str, Question]) -> Reference:
    table = source.table(values, "reference")
    reference = Reference(
        on=table.take("on", str, "", required=True),
        fallback=table.take("fallback", str, ""),
        also=table.texts("also"),
        question=table.choice("question", questions),
        same_day=table.texts("same_day"),
    )
    for name in (reference.on, reference.fallback, *reference.also, *reference.same_day):
        if name and (name not in vocabulary or vocabulary[name].kind != "date"):
            table.report(f"`{name}` is not a date fact", "on", vocabulary.suggest(name))
    if reference.also and not reference.question:
        table.report("other days need the question by which they count", "also")
    table.finish()
    return reference


def _birthday(source: Source, values: Mapping[str, Any], questions: Mapping[str, Question]) -> Birthday:
    table = source.table(values, "birthday")
    question = table.choice("question", questions)
    leap = table.choice("leap_day", ("1 March", "28 February"), "1 March")
    table.finish()
    return Birthday(question, leap == "1 March")


def read_terms(source: Source, scope: Scope) -> dict[str, Typed]:
    """Read ``terms.toml``, from top to bottom. Problems are left in the source."""
    terms: dict[str, Typed] = {}
    tables = source.parse()
    for name, values in tables.items():
        if not isinstance(values, dict):
            source.report(f"`{name}` must be a table", *source.place(name), help=f"write `[{name}]`, and below it `is` and `says`")
            continue
        table = source.table(values, name)
        text, says = table.take("is", str, "", required=True), table.take("says", str, "")
        table.finish()
        known = Scope(scope.vocabulary, scope.parameters, terms, scope.questions)
        try:
            typed = read(text, known) if text else None
        except Unreadable as error:
            report_unreadable(table, "is", _in_order(error, tables))
            typed = None
        if typed is not None:
            terms[name] = _named(name, says, typed)
    return terms


def _in_order(error: Unreadable, terms: Iterable[str]) -> Unreadable:
    """What a term does not know may be a term that stands further down."""
    later = next((term for term in terms if error.message == f"unknown fact `{term}`"), None)
    if later is None:
        return error
    help = "terms are read from top to bottom; a term cannot use itself or a later one"
    return Unreadable(f"the term `{later}` is not yet known here", error.line, error.column, help)


def _named(name: str, says: str, typed: Typed) -> Typed:
    """A condition keeps its name, for the words of a proof; a number is only its expression."""
    if typed.type not in ("statement", "bool"):
        return typed
    return Typed(x.Named(name, says or name.replace("_", " "), typed.node), "statement")  # type: ignore[arg-type]


def folder_hash(folder: Path) -> str:
    """SHA-256 over the names and contents of all files of a pack, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".toml", ".md")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def facts_used(pack: Pack) -> frozenset[str]:
    """Every fact that some condition, flag or day of reference looks at."""
    nodes = [rule.condition for rule in pack.rules] + [flag.when for rule in pack.rules for flag in rule.flags]
    used: Iterable[str] = (name for node in nodes if node is not None for name in x.facts_of(node))
    reference = pack.reference
    return frozenset(used) | {reference.on, reference.fallback, *reference.also, *reference.same_day, pack.region}
