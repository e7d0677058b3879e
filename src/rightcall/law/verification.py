"""What a lawyer of the country still has to check in a pack: whatever was not read in the text itself, is not said, or is disputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rightcall.law.pack import Pack
from rightcall.law.parameter import Dated, DatedParameter
from rightcall.law.provision import GRADES
from rightcall.law.words import day_words

BEST = GRADES[0]
UNGRADED = "none"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to check: what it is, where the law says it, on what evidence we have it, and where that is to be found."""

    kind: str
    name: str
    says: str
    cite: str = ""
    grade: str = ""
    sources: tuple[str, ...] = ()


def to_verify(pack: Pack) -> tuple[Item, ...]:
    """All of them: provisions, parameters and deadlines below the best grade, escalations, questions that nobody has answered for every case."""
    return (*_provisions(pack), *_parameters(pack), *_deadlines(pack), *_escalations(pack), *_questions(pack))


def _provisions(pack: Pack) -> Iterator[Item]:
    for provision in pack.provisions.values():
        if provision.grade != BEST:
            cite = f"{provision.act}, {provision.cite}"
            yield Item("provision", provision.id, provision.title, cite, provision.grade, _addresses(pack, provision.sources))


def _parameters(pack: Pack) -> Iterator[Item]:
    """Values of one name with one citation and one grade are one thing to check."""
    for parameter in pack.parameters.values():
        alike: dict[tuple[str, str], list[Dated]] = {}
        for entry in parameter.entries:
            alike.setdefault((entry.cite, entry.grade), []).append(entry)
        for (cite, grade), entries in alike.items():
            if grade != BEST:
                yield Item("parameter", parameter.name, f"{parameter.says}{_times(parameter, entries)}", cite, grade or UNGRADED)


def _times(parameter: DatedParameter, entries: list[Dated]) -> str:
    if len(entries) == len(parameter.entries):
        return ""
    since = "" if entries[0].start is None else f"from {day_words(entries[0].start)}"
    until = "" if entries[-1].end is None else f"until {day_words(entries[-1].end)}"
    return f" ({' '.join(filter(None, (since, until)))})"


def _deadlines(pack: Pack) -> Iterator[Item]:
    for deadline in pack.deadlines.values():
        if deadline.grade != BEST:
            yield Item("deadline", deadline.name, deadline.says, deadline.cite, deadline.grade or UNGRADED)


def _escalations(pack: Pack) -> Iterator[Item]:
    for provision in pack.provisions.values():
        for rule in provision.rules:
            if rule.escalation:
                cite = f"{provision.act}, {provision.cite}"
                yield Item("escalation", rule.name, rule.escalation, cite, provision.grade, _addresses(pack, provision.sources))


def _questions(pack: Pack) -> Iterator[Item]:
    answers = {name: {answer.question for answer in pack.readings(name).answers} for name in pack.readings_names}
    for question in pack.questions.values():
        readings = [name for name, answered in answers.items() if question.id in answered]
        told = f" (answered in the readings {', '.join(readings)})" if readings else ""
        yield Item("question", question.id, f"{question.asks}{told}", sources=_addresses(pack, question.sources))


def _addresses(pack: Pack, keys: Iterable[str]) -> tuple[str, ...]:
    """INVARIANT: a key that sources.md lacks is shown as it is, never left out."""
    return tuple(" ".join((key, *pack.sources.get(key, ()))) for key in keys)
