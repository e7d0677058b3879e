"""What an interview tells the person: where he stands and why, what to bring, what is uncertain, and what would change it.

``advise`` makes it as data; ``as_text`` and ``as_data`` write it for people and programs. Nothing is stored anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rightcall.law.evaluate import World
from rightcall.law.interview import Interview
from rightcall.law.pack import Pack
from rightcall.law.person import NO_ROWS, Known, Person
from rightcall.law.reason import Verdict, ground_of, verdict_of
from rightcall.law.value import ABSENT, ANY, FOREVER, UNBOUNDED, Span, as_date
from rightcall.law.vocabulary import COMPLETE, FactType
from rightcall.law.words import day_words, fact_label, span_words, value_words
from rightcall.screening.explanation import CAUSE_WORDS, VERDICT_WORDS, Explanation, Ground, explain
from rightcall.screening.explanation import as_data as explanation_as_data

GRADE_WORDS = {"A": "A: the text of the law was read", "B": "B: two secondary sources", "C": "C: one secondary source", "D": "D: general knowledge"}
PROTECTED: tuple[Verdict, ...] = ("barred", "deferred")
OPEN_WORDS = {"ask": "not everything was answered", "evidence": "something that decides was not answered, or is not known"}
MOST_GROUNDS = 8
"""Where more may hold, the interview has hardly begun: their names say enough."""
UNSURE = "somebody who knows this law should look at it"


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing told: had it been told otherwise, the person would be protected."""

    fact: str
    told: str
    instead: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Advice:
    """The explanation of what was said, and beside it what only an interview can know.

    ``not_known``: the facts that were asked and not known, of those that could still matter. ``turns``: of somebody whom nothing protects.
    ``bars_left``: a deferment ended the interview while a bar could still hold.
    """

    explanation: Explanation
    person: Person
    asked: int
    not_known: tuple[str, ...]
    turns: tuple[Turn, ...]
    bars_left: bool


def advise(interview: Interview) -> Advice:
    """What can be said after the interview, also where it ended early."""
    person = interview.person
    explanation = explain("you", person, interview.pack, interview.readings, interview.days)
    finding = explanation.finding
    not_known = tuple(name for name in (*finding.missing, *_days_not_known(interview, finding.verdict)) if _was_asked(interview, name))
    turns = tuple(_turns(interview)) if finding.verdict == "clear" else ()
    bars = [id for id in finding.unknown if interview.pack.provisions[id].effect == "bars"]
    return Advice(explanation, person, interview.asked, not_known, turns, finding.verdict == "deferred" and bool(bars))


def _days_not_known(interview: Interview, verdict: Verdict) -> Iterator[str]:
    """Other days that may count, asked and not known: what already protects does not hang on them."""
    known = {*interview.person.facts, *interview.not_come}
    return (name for name in interview.pack.reference.also if name not in known and verdict not in PROTECTED)


def _was_asked(interview: Interview, name: str) -> bool:
    listed, _, field = name.partition("[].")
    return name in interview.done or any(cell.startswith(f"{listed}[") and cell.endswith(f"].{field}") for cell in interview.done if field)


def _turns(interview: Interview) -> Iterator[Turn]:
    """Single answers that would have protected: of what is yes or no, or one of some words."""
    pack, days = interview.pack, interview.days
    for fact in pack.vocabulary.plain:
        told = interview.person.facts.get(fact.name)
        for value in _others(fact, told):
            person = interview.person.told(fact.name, value)
            world = World(person, days.on, days.fact, pack.parameters, interview.readings, pack.birthday)
            truths = {provision.id: ground_of(provision, world, days, pack).truth for provision in pack.protective if provision.ground}
            verdict = verdict_of(pack, truths)
            if verdict in PROTECTED:
                yield Turn(fact.name, value_words(fact, told), value_words(fact, value), verdict)


def _others(fact: FactType, told: Known) -> Iterator[Known]:
    if fact.kind == "bool" and isinstance(told, bool):
        yield not told
    if fact.kind == "one_of" and isinstance(told, str):
        yield from (value for value in fact.values if value != told)


# --- in words -----------------------------------------------------------------------------------------------------


def as_text(advice: Advice) -> str:
    """The advice for a reader at a terminal, a paragraph or an item a line."""
    return "\n".join(_text(advice))


def _text(advice: Advice) -> Iterator[str]:
    explanation, finding, pack = advice.explanation, advice.explanation.finding, advice.explanation.pack
    yield f"Result: {VERDICT_WORDS[finding.verdict]}."
    day = "a day that is not known" if explanation.days.on == ANY else span_words(explanation.days.on, True)
    yield f"Judged on {day}, by: {pack.title}."
    yield f"It rests on evidence of grade {GRADE_WORDS[finding.grade]}{'' if finding.grade == 'A' else f'; {UNSURE}'}."
    if finding.verdict in PROTECTED:
        yield from _section("Why", (line for ground in explanation.grounds for line in _holding(ground, pack)))
        yield from _section("Bring", (f"- {paper}" for paper in _papers(explanation)))
    yield from _section("What is uncertain", _uncertain(advice))
    yield from _section("What would change it", _changes(advice))
    yield from _section("Promised in public or inside the administration, without force of law", (_cited(pack, id) for id in finding.promises))
    yield from _section("Breaches of procedure", (_cited(pack, id) for id in finding.defects))
    yield from _section("Times to keep", (f"- {name.replace('_', ' ')}: {words}" for name, words in pack.deadlines.items()))
    yield ""
    yield "This is no legal advice. Whether the notice and the procedure were in order was not asked."
    if finding.verdict == "clear":
        yield "Clear does not mean that a call-up would be lawful in every respect."


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def _holding(ground: Ground, pack: Pack) -> Iterator[str]:
    provision = ground.provision
    yield f"- {provision.title} ({provision.effect}, grade {ground.grade})"
    yield f"  {provision.place} [{provision.id}]"
    if ground.rests_on:
        yield f"  It rests on what you said of: {'; '.join(fact_label(name) for name in ground.rests_on)}."
    if ground.until is not None:
        yield f"  On these facts it holds until {day_words(ground.until)}, no longer on that day."


def _papers(explanation: Explanation) -> tuple[str, ...]:
    """The papers of the provisions, then those of the facts they rest on; each once."""
    facts = (explanation.pack.vocabulary[name].proof for ground in explanation.grounds for name in ground.rests_on)
    found = dict.fromkeys([paper for ground in explanation.grounds for paper in ground.provision.proof])
    return (*found, *(paper for paper in dict.fromkeys(facts) if paper and paper not in found))


def _uncertain(advice: Advice) -> Iterator[str]:
    explanation, finding, pack = advice.explanation, advice.explanation.finding, advice.explanation.pack
    if finding.cause:
        yield f"- It is open because {OPEN_WORDS.get(finding.cause, CAUSE_WORDS[finding.cause])}."
    grounds = [ground for ground in explanation.grounds if ground.truth is None]
    if len(grounds) > MOST_GROUNDS:
        yield f"- {len(grounds)} grounds may still hold: {'; '.join(ground.provision.title for ground in grounds)}."
    for ground in grounds if len(grounds) <= MOST_GROUNDS else ():
        yield f"- {ground.provision.title}: {ground.provision.place} [{ground.provision.id}]"
        yield f"  hangs on: {'; '.join((*map(fact_label, ground.missing), *(f'question {name}' for name in ground.questions)))}"
    for name in advice.not_known:
        fact = pack.vocabulary[name]
        yield f"- Not known: {fact.ask or fact_label(name)}{f' It is proven by: {fact.proof}.' if fact.proof else ''}"
    for name in (*finding.questions, *finding.flags):
        question = pack.questions[name]
        yield f"- Disputed ({name}): {question.asks}"
        yield f"  yes: {question.yes}"
        yield f"  no: {question.no}"


def _changes(advice: Advice) -> Iterator[str]:
    explanation, finding = advice.explanation, advice.explanation.finding
    if advice.bars_left:
        yield "- A bar, which protects for longer, may hold as well: the questions ended with the first ground that protects."
    if finding.verdict in PROTECTED:
        yield "- Each fact a ground rests on has to be shown; if one is not so, the ground falls, and the rest has to be asked."
    for change in explanation.changes:
        if change.verdict != finding.verdict:
            yield f"- {change.answer.replace('_', ' ')}: then {change.verdict}"
    for (fact, told, verdict), turns in groupby(advice.turns, lambda turn: (turn.fact, turn.told, turn.verdict)):
        instead = " or ".join(turn.instead.replace("_", " ") for turn in turns)
        yield f"- {fact_label(fact)}: {instead}, and not {told.replace('_', ' ')}: then {verdict}"


def _cited(pack: Pack, id: str) -> str:
    provision = pack.provisions[id]
    return f"- {provision.title} ({provision.place}) [{id}]"


# --- as data ------------------------------------------------------------------------------------------------------


def as_data(advice: Advice) -> dict[str, Any]:
    """The advice for programs (JSON): the explanation, and what was told as an account that can be given as prepared answers."""
    pack = advice.explanation.pack
    return {
        **{key: value for key, value in explanation_as_data(advice.explanation).items() if key != "id"},
        "asked": advice.asked,
        "not_known": list(advice.not_known),
        "bring": list(_papers(advice.explanation)),
        "would_protect": [{"fact": turn.fact, "instead": turn.instead, "verdict": turn.verdict} for turn in advice.turns],
        "answers": account_of(advice.person, pack),
    }


def account_of(person: Person, pack: Pack) -> Mapping[str, Any]:
    """What is known of a person, as ``read_person`` reads it."""
    account: dict[str, Any] = {name: _raw(pack.vocabulary[name], value) for name, value in person.facts.items()}
    for fact in pack.vocabulary.lists:
        rows = person.lists.get(fact.name, NO_ROWS)
        if rows.rows or rows.complete:
            account[fact.name] = [{field: _raw(fact.row[field], value) for field, value in row.items()} for row in rows.rows]
        if rows.complete is not None:
            account[f"{fact.name}.{COMPLETE}"] = rows.complete
    return account


def _raw(fact: FactType, value: Known) -> Any:
    if value is ABSENT:
        return None
    if not isinstance(value, Span):
        return value
    low, high = _end(fact, value.low), _end(fact, value.high)
    return low if value.low == value.high else [low, high]


def _end(fact: FactType, number: int) -> Any:
    if abs(number) >= UNBOUNDED or number == FOREVER:
        return None
    return as_date(number).isoformat() if fact.kind == "date" else number
