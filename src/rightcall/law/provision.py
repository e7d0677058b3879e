"""A provision: one page of a pack, its text, its rules, and the cases that prove our reading of it.

Several rules with one id are alternatives. A provision may protect (``bars``, ``defers``), state a breach of procedure
(``requires``) or a promise (``promises``); its *ground* is what protects, each rule in force on the day and its condition true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from rightcall.law import expression as x
from rightcall.law.grammar import Scope, Unreadable, read_statement
from rightcall.law.problem import Problem, did_you_mean
from rightcall.law.source import Source, Table, read_source
from rightcall.law.value import day_number

Effect = Literal["bars", "defers", "requires", "promises"]
EFFECTS: tuple[Effect, ...] = ("bars", "defers", "requires", "promises")
PROTECTIVE: tuple[Effect, ...] = ("bars", "defers")
CONCERNS = ("call-up", "campaign", "claim")
GRADES = "ABCD"
_LINE = "line"
"""Where a case stands; beside the keys that its author wrote."""
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*toml\b.*$", re.M | re.I)
_BLOCK = re.compile(r"^```toml (\w+)[ \t]*\n(.*?)^```[ \t]*$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Flag:
    """A point shown beside a true ground or a breach. Display only."""

    point: str
    when: x.Statement | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule block. ``condition`` holds its days in force; ``hinges_on`` is the question its whole force hangs on."""

    id: str
    part: str
    effect: Effect
    start: int | None
    end: int | None
    condition: x.Statement | None
    hinges_on: str = ""
    flags: tuple[Flag, ...] = ()
    before: str = ""
    concerns: str = "call-up"
    escalation: str = ""

    @property
    def name(self) -> str:
        return f"{self.id}/{self.part}" if self.part else self.id

    @property
    def ground(self) -> x.Statement | None:
        """The condition, joined with the question it hinges on."""
        if self.condition is None or not self.hinges_on:
            return self.condition
        return x.And((self.condition, x.Reading(self.hinges_on, self.name)))


@dataclass(frozen=True, eq=False)
class Provision:
    """A page of law: all rules of one id. ``letter`` is false where its ground leaves nobody to write to."""

    id: str
    title: str
    text: str
    act: str
    cite: str
    grade: str
    sources: tuple[str, ...]
    proof: tuple[str, ...]
    rules: tuple[Rule, ...]
    cases: tuple[Mapping[str, Any], ...] = ()
    file: str = ""
    letter: bool = True

    @cached_property
    def effect(self) -> Effect:
        """The strongest effect of its rules."""
        return min((rule.effect for rule in self.rules), key=EFFECTS.index)

    @property
    def place(self) -> str:
        """The act and the place in it; a ground that needs no act has none."""
        return self.act if self.cite == "-" else f"{self.act}, {self.cite}"

    @cached_property
    def protects(self) -> bool:
        return self.effect in PROTECTIVE

    @cached_property
    def ground(self) -> x.Statement | None:
        """What its strongest effect rests on: a ground, a breach or a promise."""
        return _either([rule.ground for rule in self.rules if rule.effect == self.effect])

    @cached_property
    def promise(self) -> x.Statement | None:
        """What is promised: promises as such, and grounds that hinge on a question, without the question."""
        return _either([rule.condition for rule in self.rules if rule.effect == "promises" or rule.hinges_on])

    @cached_property
    def escalations(self) -> tuple[str, ...]:
        return tuple(rule.escalation for rule in self.rules if rule.escalation)


def _either(statements: list[x.Statement | None]) -> x.Statement | None:
    found = tuple(statement for statement in statements if statement is not None)
    return None if not found else found[0] if len(found) == 1 else x.Or(found)


def read_provision(path: Path, scope: Scope) -> tuple[Provision | None, list[Problem]]:
    """Read one page: its provision, and the problems it has."""
    return read_page(read_source(path), scope)


def read_page(page: Source, scope: Scope) -> tuple[Provision | None, list[Problem]]:
    """Read the text of a page: its provision, and the problems it has."""
    blocks = list(_BLOCK.finditer(page.text))
    sources = [(block[1], _block_source(page, block)) for block in blocks]
    rules = [source for kind, source in sources if kind == "rule"]
    for kind, source in sources:
        if kind not in ("rule", "cases"):
            source.report(f"a page has no `toml {kind}` block", source.first_line - 1, None, did_you_mean(kind, ("rule", "cases")))
    _check_fences(page, blocks)
    if not rules:
        page.report("the page has no rule", 1, None, "write a block between ```toml rule and ```, each on a line of its own")
    tables = [source.table(source.parse()) for source in rules]
    cases = [case for kind, source in sources if kind == "cases" for case in _cases(source)]
    provision = _provision(page, tables, tuple(cases), scope) if rules and not _problems(page, sources) else None
    return provision, _problems(page, sources)


def _check_fences(page: Source, blocks: list[re.Match[str]]) -> None:
    """INVARIANT: no block of TOML is passed over as if it were text."""
    for fence in _FENCE.finditer(page.text):
        if not any(block.start() <= fence.start() < block.end() for block in blocks):
            line = page.text.count("\n", 0, fence.start()) + 1
            page.report(
                f"the block `{fence[0].strip()}` is not read", line, 1, "begin it with ```toml rule or ```toml cases, and end it with ``` on a line of its own"
            )


def _problems(page: Source, sources: list[tuple[str, Source]]) -> list[Problem]:
    return page.problems + [problem for _, source in sources for problem in source.problems]


def _block_source(page: Source, block: re.Match[str]) -> Source:
    return Source(page.file, block[2], page.text.count("\n", 0, block.start(2)) + 1)


def _cases(source: Source) -> list[Mapping[str, Any]]:
    document = source.table(source.parse())
    cases = document.take("case", list, [])
    document.finish()
    if not all(isinstance(case, dict) for case in cases):
        document.report("a case is a table", "case", "write each under a `[[case]]` of its own")
        return []
    for number, case in enumerate(cases):
        if _LINE in case:
            source.table(case, "case", number).report(f"unknown key `{_LINE}`", _LINE, "where a case stands is seen by itself")
    return [{**case, _LINE: source.place("name", "case", number)[0]} for number, case in enumerate(cases)]


def _provision(page: Source, tables: list[Table], cases: tuple[Mapping[str, Any], ...], scope: Scope) -> Provision:
    heading = re.search(r"^# +(.+)$", page.text, re.M)
    if heading is None:
        page.report("the page has no heading", 1, None, "begin it with `# Title`")
    first = tables[0]
    common = {key: first.take(key, str, "", required=True) for key in ("id", "act", "cite")}
    grade = first.choice("grade", GRADES, required=True)
    sources, proof, letter = first.texts("sources"), first.texts("proof"), first.take("letter", bool, True)
    for table in tables[1:]:
        for key in ("act", "cite", "grade", "sources", "proof", "letter"):
            table.taken.add(key)
        if table.take("id", str, "", required=True) != common["id"]:
            table.report("a page holds one provision; this block has another id", "id")
    rules = tuple(_rule(table, common["id"], scope) for table in tables)
    _check_parts(tables, rules)
    if not letter and not any(rule.effect in PROTECTIVE for rule in rules):
        first.report("only of what bars or defers is a letter sent", "letter")
    text = _BLOCK.sub("", page.text).split("\n", 1)[-1].strip() if heading else page.text
    title = heading[1].strip() if heading else ""
    return Provision(common["id"], title, text, common["act"], common["cite"], grade, sources, proof, rules, cases, page.file, letter)


def _check_parts(tables: list[Table], rules: tuple[Rule, ...]) -> None:
    for number, rule in enumerate(rules):
        if len(rules) > 1 and not rule.part:
            tables[number].report("where an id has several rules each needs a `part`", "id")
        if rule.name in [earlier.name for earlier in rules[:number]]:
            tables[number].report(f"the part `{rule.name}` is there twice", "part")


def _rule(table: Table, id: str, scope: Scope) -> Rule:
    part = table.take("part", str, "")
    scope = Scope(scope.vocabulary, scope.parameters, scope.terms, scope.questions, f"{id}/{part}" if part else id)
    start, end = table.take("from", date), table.take("until", date)
    rule = Rule(
        id=id,
        part=part,
        effect=table.choice("effect", EFFECTS, required=True) or "promises",  # type: ignore[arg-type]
        start=_number(start),
        end=_number(end),
        condition=_condition(table, scope, start, end),
        hinges_on=table.choice("hinges_on", scope.questions),
        flags=_flags(table, scope),
        before=table.choice("before", ("notice",)),
        concerns=table.choice("concerns", CONCERNS, "call-up"),
        escalation=table.take("escalation", str, ""),
    )
    _check_rule(table, rule)
    table.finish()
    return rule


def _number(day: date | None) -> int | None:
    return None if day is None else day_number(day)


def _check_rule(table: Table, rule: Rule) -> None:
    if rule.condition is None and not rule.escalation and not table.source.problems:
        table.report(f"`{rule.name}` has no `when`", help="where the language cannot say it, write an `escalation`")
    if rule.start is not None and rule.end is not None and rule.end <= rule.start:
        table.report("`until` is not after `from`", "until", "days in force are half-open")
    if rule.hinges_on and rule.effect not in PROTECTIVE:
        table.report("only what bars or defers can hinge on a question", "hinges_on")
    if rule.effect != "requires" and (rule.before or rule.concerns != "call-up"):
        table.report("`before` and `concerns` are for what `requires`", "effect")


def _condition(table: Table, scope: Scope, start: date | None, end: date | None) -> x.Statement | None:
    when, unless = statement(table, "when", scope), statement(table, "unless", scope)
    if when is None:
        if unless is not None:
            table.report("`unless` needs a `when`", "unless")
        return None
    items: list[x.Statement] = [when] if unless is None else [when, x.Not(unless)]
    if start is not None or end is not None:
        items.insert(0, x.InForce(_number(start), _number(end)))
    return items[0] if len(items) == 1 else x.And(tuple(items))


def _flags(table: Table, scope: Scope) -> tuple[Flag, ...]:
    flags = []
    for entry in table.take("flags", list, []):
        inner = table.source.table(entry if isinstance(entry, dict) else {}, table.header)
        point = inner.choice("point", scope.questions, required=True)
        flags.append(Flag(point, statement(inner, "when", scope, within="flags")))
        inner.finish()
    return tuple(flags)


def statement(table: Table, key: str, scope: Scope, within: str = "") -> x.Statement | None:
    """Read the condition under a key; on a bad one nothing, and a problem at its very place (or at the key it is within)."""
    text = table.take(key, str)
    if text is None:
        return None
    try:
        return read_statement(text, scope)
    except Unreadable as error:
        if within:
            table.report(f"in `{within}`: {error.message}", within, error.help)
        else:
            report_unreadable(table, key, error)
        return None


def report_unreadable(table: Table, key: str, error: Unreadable) -> None:
    """Turn a place within an expression into a place within the file."""
    line, column = table.source.place(key, table.header, table.nth)
    column = error.column + (column - 1 if error.line == 1 else 0)
    table.source.report(error.message, line + error.line - 1, column, error.help)
