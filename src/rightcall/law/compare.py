"""Comparing two states of law: two packs, two days of one pack, or two readings of it; what differs, provision by provision.

Whom the difference touches is counted over a roll by ``screening.reform``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.evaluate import in_force
from rightcall.law.pack import Pack, find_pack
from rightcall.law.parameter import SINGLE, DatedParameter
from rightcall.law.problem import refuse
from rightcall.law.provision import Provision, Rule
from rightcall.law.question import Readings
from rightcall.law.value import ABSENT, Absent, Span, as_date, day_number, exactly
from rightcall.law.words import day_words, span_words
from rightcall.law.writing import written

_DAY = re.compile(r"(?P<law>.+)@(?P<day>[^@/\\]+)$")
_FORCE: Mapping[t.Truth, str] = {t.TRUE: "in force", t.FALSE: "not in force"}


@dataclass(frozen=True, slots=True)
class Side:
    """A state of law: a pack, its readings, and the day it is looked at on, where there is one for all."""

    name: str
    pack: Pack
    readings: Readings
    readings_name: str | None = None
    on: Span | None = None

    @property
    def day(self) -> str | None:
        """The day as it is written; nothing where everybody has his own."""
        return as_date(self.on.low).isoformat() if self.on else None


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one provision: ``what`` it is, and how it stands on both sides."""

    id: str
    title: str
    what: str
    before: str
    after: str


def side_named(text: str) -> Side:
    """A side as it is written: ``PACK``, ``PACK@2022-10-05``, ``PACK+READINGS`` or ``PACK+READINGS@2022-10-05``. Raises ``Refused``."""
    dated = _DAY.match(text)
    law, _, readings = (dated["law"] if dated else text).partition("+")
    pack = find_pack(law)
    return Side(text, pack, pack.readings(readings or None), readings or None, _read_day(dated["day"]) if dated else None)


def _read_day(text: str) -> Span:
    try:
        return exactly(day_number(date.fromisoformat(text)))
    except ValueError:
        raise refuse(f"`{text}` is not a day", help="write the day after the @ as year-month-day, as in PACK@2022-10-05") from None


def differences(before: Side, after: Side) -> list[Difference]:
    """All that differs, in the order of the pages; provisions of one side only come where they stand there."""
    ids = dict.fromkeys([*before.pack.provisions, *after.pack.provisions])
    return [found for id in ids for found in _of_provision(id, before, after)]


def _of_provision(id: str, before: Side, after: Side) -> Iterator[Difference]:
    one, other = before.pack.provisions.get(id), after.pack.provisions.get(id)
    either = other or one
    assert either is not None
    if one is None or other is None:
        yield Difference(id, either.title, "provision", _there(one), _there(other))
        return
    for what, was, now in (*_page(one, other), *_rules(one, other, before, after), *_values(one, other, before, after), *_answers(one, other, before, after)):
        if was != now:
            yield Difference(id, other.title, what, was, now)


def _there(provision: Provision | None) -> str:
    return "none" if provision is None else f"{provision.effect}: {provision.act}, {provision.cite}"


Stands = tuple[str, str, str]
"""What it is, and how it stands before and after."""


def _page(one: Provision, other: Provision) -> Iterator[Stands]:
    yield "effect", one.effect, other.effect
    yield "citation", f"{one.act}, {one.cite}", f"{other.act}, {other.cite}"


def _rules(one: Provision, other: Provision, before: Side, after: Side) -> Iterator[Stands]:
    was, now = ({rule.part: rule for rule in provision.rules} for provision in (one, other))
    for part in dict.fromkeys([*was, *now]):
        name = f"rule `{part}`" if part else "rule"
        yield name, _force(was.get(part), before.on), _force(now.get(part), after.on)
        if part in was and part in now and was[part].condition != now[part].condition and was[part].condition and now[part].condition:
            yield f"condition of {name}", *_apart(_text(was[part].condition), _text(now[part].condition))


def _force(rule: Rule | None, on: Span | None) -> str:
    if rule is None:
        return "none"
    if rule.condition is None:
        return "escalated: not said as a rule"
    times = f"{f'from {day_words(rule.start)}' if rule.start is not None else ''}{f' until {day_words(rule.end)}' if rule.end is not None else ''}".strip()
    if on is None:
        return times or "at all times"
    return f"{_FORCE.get(in_force(rule.start, rule.end, on), 'perhaps in force')}{f' ({times})' if times else ''}"


def _text(node: x.Statement | None) -> str:
    """A condition in the pack's own language, without the days in force, which are told apart."""
    return "" if node is None else written(node)


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two texts from the word where they part to the word where they meet again, with a little around."""
    left, right = one.split(), other.split()
    start = next((place for place, (word, twin) in enumerate(zip(left, right, strict=False)) if word != twin), min(len(left), len(right)))
    most = min(len(left), len(right)) - start
    end = next((place for place in range(most) if left[-1 - place] != right[-1 - place]), most)
    return tuple(_excerpt(words, start, len(words) - end) for words in (left, right))  # type: ignore[return-value]


def _excerpt(words: list[str], start: int, end: int, around: int = 6) -> str:
    first, last = max(start - around, 0), min(end + around, len(words))
    return f"{'… ' if first else ''}{' '.join(words[first:last])}{' …' if last < len(words) else ''}"


def _values(one: Provision, other: Provision, before: Side, after: Side) -> Iterator[Stands]:
    """The dated values that a provision uses, as they are on the days of both sides, where it is in force on both."""
    if not (_is_in_force(one, before.on) and _is_in_force(other, after.on)):
        return
    for name in dict.fromkeys([*_parameters_of(one), *_parameters_of(other)]):
        was, now = before.pack.parameters.get(name), after.pack.parameters.get(name)
        for key in _keys(was, now):
            label = f"{name}[{key}]" if key else name
            yield f"value `{label}`", _value(was, key, before), _value(now, key, after)


def _is_in_force(provision: Provision, on: Span | None) -> bool:
    return on is None or any(in_force(rule.start, rule.end, on) != t.FALSE for rule in provision.rules)


def _parameters_of(provision: Provision) -> list[str]:
    nodes = (node for rule in provision.rules if rule.condition for node in x.walk(rule.condition))
    return list(dict.fromkeys(node.name for node in nodes if isinstance(node, x.Parameter)))


def _keys(*parameters: DatedParameter | None) -> list[str]:
    return list(dict.fromkeys(key for parameter in parameters if parameter for entry in parameter.entries for key in entry.values))


def _value(parameter: DatedParameter | None, key: str, side: Side) -> str:
    if parameter is None:
        return "none"
    if side.on is None:
        return "; ".join(
            f"{_said(entry.values.get(key, ABSENT), parameter)}{f' from {day_words(entry.start)}' if entry.start is not None else ''}"
            for entry in parameter.entries
        )
    return _said(parameter.on(side.on, key or SINGLE), parameter) if parameter.covers(side.on) else "no value"


def _said(value: Span | Absent, parameter: DatedParameter) -> str:
    return span_words(value, parameter.type.type == "date", parameter.type.decimals) if isinstance(value, Span) else "none"


def _answers(one: Provision, other: Provision, before: Side, after: Side) -> Iterator[Stands]:
    asked = [(node.question, node.part) for provision in (one, other) for node in _readings_of(provision)]
    stands = {(question, _answer(question, part, before), _answer(question, part, after)): None for question, part in asked}
    yield from ((f"answer to {question}", was, now) for question, was, now in stands)


def _readings_of(provision: Provision) -> Iterator[x.Reading]:
    return (node for rule in provision.rules if rule.ground for node in x.walk(rule.ground) if isinstance(node, x.Reading))


def _answer(question: str, part: str, side: Side) -> str:
    if side.on is not None:
        return {t.TRUE: "yes", t.FALSE: "no"}.get(side.readings.read(question, part, side.on), "open")
    answers = [answer for answer in side.readings.answers if answer.question == question and (not answer.parts or part in answer.parts)]
    return (
        "; ".join(("yes" if answer.answer else "no") + (f" from {day_words(answer.start)}" if answer.start is not None else "") for answer in answers) or "open"
    )
