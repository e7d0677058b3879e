"""Gates: plain questions that a pack puts for several facts at once, as a questionnaire does.

A gate is a checklist. Whoever names none of its lines has expressly said no to each, and every line says what that *no* means. So a person
whom nothing concerns clears a dozen facts with one answer, and nobody is cleared on silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rightcall.law.account import Unfit, read_value
from rightcall.law.person import Known
from rightcall.law.source import Source, Table
from rightcall.law.vocabulary import COMPLETE, FactType, Vocabulary


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a checklist: what each of its facts is where the line is named (``yes``, perhaps nothing) and where it is not (``no``).

    A list is under its ``.complete``: denied, it has no rows. A field of rows is denied for every row.
    """

    says: str
    yes: Mapping[str, Known]
    no: Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Gate:
    """A checklist, and the question over it."""

    name: str
    ask: str
    lines: tuple[Line, ...]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(name for line in self.lines for name in line.no)


def read_gates(source: Source, vocabulary: Vocabulary) -> dict[str, Gate]:
    """Read ``gates.toml``. Problems are left in the source."""
    gates = {}
    for name, values in source.parse().items():
        gates[name] = _gate(source.table(values if isinstance(values, dict) else {}, name), name, vocabulary)
    _check_once(source, gates)
    return gates


def _gate(table: Table, name: str, vocabulary: Vocabulary) -> Gate:
    ask, entries = table.take("ask", str, "", required=True), table.take("line", list, [], required=True)
    lines = tuple(_line(table.source.table(entry if isinstance(entry, dict) else {}, f"{name}.line", nth), vocabulary) for nth, entry in enumerate(entries))
    table.finish()
    return Gate(name, ask, lines)


def _line(table: Table, vocabulary: Vocabulary) -> Line:
    says, fact = table.take("says", str, "", required=True), table.take("fact", str, "")
    yes = {fact: True} if fact else table.take("yes", dict, {})
    no = {fact: False} if fact else table.take("no", dict, {}, required=True)
    line = Line(says, _values(table, "fact" if fact else "yes", yes, vocabulary), _values(table, "fact" if fact else "no", no, vocabulary))
    for name in line.yes:
        if name not in line.no or "[]." in name or name.endswith(f".{COMPLETE}"):
            table.report(f"`yes` cannot tell `{name}`", "yes", "it tells single facts, and only such as `no` tells too")
    table.finish()
    return line


def _values(table: Table, key: str, told: Mapping[str, Any], vocabulary: Vocabulary) -> Mapping[str, Known]:
    found: dict[str, Known] = {}
    for name, raw in told.items():
        if name not in vocabulary:
            table.report(f"unknown fact `{name}`", key, vocabulary.suggest(name))
        elif vocabulary[name].kind != "list":
            found |= _value(table, key, vocabulary[name], raw)
        elif raw != []:
            table.report(f"`{name}` is a list", key, f"a line can only deny it: `no = {{ {name} = [] }}`")
        else:
            found[f"{name}.{COMPLETE}"] = True
    return MappingProxyType(found)


def _value(table: Table, key: str, fact: FactType, raw: Any) -> Mapping[str, Known]:
    try:
        value = read_value(fact, raw)
    except Unfit as unfit:
        table.report(unfit.message, key, unfit.help)
        return {}
    if value is None:
        table.report(f"a line has to tell `{fact.name}` a value", key)
    return {fact.name: value}


def _check_once(source: Source, gates: Mapping[str, Gate]) -> None:
    seen: set[str] = set()
    for gate in gates.values():
        for nth, line in enumerate(gate.lines):
            for name in sorted(line.no.keys() & seen):
                source.report(f"`{name}` is told by two lines", *source.place("says", f"{gate.name}.line", nth), help="a fact stands in one line only")
            seen |= line.no.keys()
