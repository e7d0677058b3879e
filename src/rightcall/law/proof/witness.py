"""A person whom the prover names, as people read him: told in a line, judged by ``reason``, and written down as a case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.account import read_person
from rightcall.law.evaluate import World, evaluate
from rightcall.law.pack import Pack
from rightcall.law.person import NO_ROWS, Known, Row
from rightcall.law.proof.prover import Someone
from rightcall.law.question import answered
from rightcall.law.reason import Finding, days_of, judge
from rightcall.law.value import FOREVER, Span, as_date, exactly, unit_words
from rightcall.law.vocabulary import FactType


def world_of(someone: Someone, pack: Pack) -> World:
    return World(someone.person, exactly(someone.on), "", pack.parameters, answered(someone.answers), pack.birthday)


def truth_of(statement: x.Statement, someone: Someone, pack: Pack) -> t.Truth:
    """What the reference reader says of a statement: every witness is asked before anything is said of him."""
    return evaluate(statement, world_of(someone, pack)).truth


def finding_of(someone: Someone, pack: Pack) -> Finding:
    person, days = days_of(someone.person, pack, exactly(someone.on))
    return judge(person, pack, answered(someone.answers), days)


def told(someone: Someone, pack: Pack) -> str:
    """The person in a line: the day, and the facts in which he is not like the person whom the cases vary."""
    facts = [f"{name} = {value}" for name, value in differences(someone, pack).items()]
    answers = [f"{question} answered {'yes' if answer else 'no'}" for question, answer in someone.answers.items()]
    open = unknown(someone, pack)
    return "; ".join([f"on {as_date(someone.on)}", *facts, *answers, *([f"not known: {', '.join(open)}"] if open else [])])


def unknown(someone: Someone, pack: Pack) -> list[str]:
    """What the defaults say and the person leaves open."""
    ordinary, _ = read_person(pack.defaults, pack.vocabulary)
    facts = [name for name in ordinary.facts if name not in someone.person.facts]
    lists = [name for name, rows in ordinary.lists.items() if rows.complete is not None and someone.person.lists.get(name, NO_ROWS).complete is None]
    return [*facts, *(f"{name}.complete" for name in lists)]


def differences(someone: Someone, pack: Pack) -> dict[str, str]:
    """Facts as a case writes them, of all that the defaults do not say already; days like the day judged go without saying."""
    ordinary, _ = read_person(pack.defaults, pack.vocabulary)
    on = exactly(someone.on)
    said = {**dict.fromkeys(pack.reference.days, on), **ordinary.facts}
    found = {name: written(value, pack.vocabulary[name]) for name, value in someone.person.facts.items() if said.get(name) != value}
    for name, rows in someone.person.lists.items():
        if rows != ordinary.lists.get(name, NO_ROWS):
            found[name] = f"[{', '.join(_row(row, pack.vocabulary[name].row) for row in rows.rows)}]"
            if rows.complete is not None and ordinary.lists.get(name, NO_ROWS).complete != rows.complete:
                found[f"{name}.complete"] = str(rows.complete).lower()
    return found


def written(value: Known, fact: FactType) -> str:
    """An exact value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Span) and value.low != FOREVER:
        return str(as_date(value.low)) if fact.kind == "date" else unit_words(value.low, fact.decimals)
    return '"none"'


def _row(row: Row, fields: Mapping[str, FactType]) -> str:
    return "{ " + ", ".join(f"{name} = {written(value, fields[name])}" for name, value in row.items()) + " }"


def case_text(name: str, someone: Someone, pack: Pack, expected: Mapping[str, str]) -> str:
    """The person as a case of a page: what differs from the defaults, and what is expected (keys and values as TOML)."""
    return "\n".join(_lines(name, someone, pack, expected)) + "\n"


def _lines(name: str, someone: Someone, pack: Pack, expected: Mapping[str, str]) -> Iterator[str]:
    yield "[[case]]"
    yield f"name = {json.dumps(name, ensure_ascii=False)}"
    yield f"on = {as_date(someone.on)}"
    if someone.answers:
        yield f"readings = {{ {', '.join(f'{question} = {str(answer).lower()}' for question, answer in someone.answers.items())} }}"
    yield from (f"{key} = {value}" for key, value in expected.items())
    if open := unknown(someone, pack):
        yield f"without = {json.dumps(open)}"
    for fact, value in differences(someone, pack).items():
        yield f"facts.{fact if fact.isidentifier() else json.dumps(fact)} = {value}"


def expectation(finding: Finding, provision: str = "") -> dict[str, str]:
    """What a case of somebody would expect, as the pack stands: the ground of a provision, or the verdict and its grounds."""
    if provision:
        truth = finding.truths[provision]
        return {"ground": '"unknown"' if truth is None else str(truth).lower()}
    return {"verdict": f'"{finding.verdict}"', "grounds": json.dumps(list(finding.grounds))}
