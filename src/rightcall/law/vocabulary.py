"""The vocabulary of a pack: every fact that a rule may look at, its type, and how it is asked and proven.

A list fact has a row of fields, and a companion bool ``<list>.complete``: are these all of them? Only then can a count come
out false. ``unless_told`` is assumed in the asking pass alone.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from rightcall.law.problem import did_you_mean
from rightcall.law.source import Source, Table
from rightcall.law.value import in_units, unit_words

Kind = Literal["bool", "integer", "date", "one_of", "text", "list"]
KINDS = ("bool", "integer", "date", "one_of", "text", "list")
COMPLETE = "complete"
MOST_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class FactType:
    """One fact. ``none`` is what a known *none* means, or empty where the fact cannot be none.

    An integer fact with ``decimals`` is held in its smallest unit, and so are ``least``, ``most`` and ``unless_told``. ``unknown``: words
    that say of the fact that nobody has found one or the other.
    """

    name: str
    kind: Kind
    ask: str = ""
    proof: str = ""
    values: tuple[str, ...] = ()
    unit: str = ""
    none: Literal["", "forever", "absent"] = ""
    unless_told: bool | int | str | None = None
    point: str = ""
    note: str = ""
    row: Mapping[str, FactType] = field(default_factory=lambda: MappingProxyType({}))
    decimals: int = 0
    least: int | None = None
    most: int | None = None
    unknown: tuple[str, ...] = ()

    def allows(self, units: int) -> bool:
        """Whether a number can be a value of the fact at all."""
        return (self.least is None or units >= self.least) and (self.most is None or units <= self.most)

    @property
    def allowed(self) -> str:
        """Between which numbers its values lie, in words."""
        least = "" if self.least is None else f"at least {unit_words(self.least, self.decimals)}"
        most = "" if self.most is None else f"at most {unit_words(self.most, self.decimals)}"
        return " and ".join(filter(None, (least, most)))

    @property
    def bounded(self) -> bool:
        """May be known within bounds only."""
        return self.kind in ("integer", "date")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All facts of a pack by name; the fields of rows stand under ``list[].field`` as well."""

    facts: Mapping[str, FactType]

    def __iter__(self) -> Iterator[FactType]:
        return iter(self.facts.values())

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    def __getitem__(self, name: str) -> FactType:
        return self.facts[name]

    @property
    def lists(self) -> tuple[FactType, ...]:
        return tuple(fact for fact in self if fact.kind == "list")

    @property
    def plain(self) -> tuple[FactType, ...]:
        """The facts a person has one value of: no lists, no fields of rows."""
        return tuple(fact for fact in self if fact.kind != "list" and "[]." not in fact.name)

    def suggest(self, name: str) -> str:
        return did_you_mean(name, self.facts)


def read_vocabulary(source: Source) -> Vocabulary:
    """Read ``facts.toml``. Problems are left in the source."""
    facts: dict[str, FactType] = {}
    for name, values in _whole_names(source, source.parse()):
        if not isinstance(values, dict):
            source.report(f"`{name}` must be a table", *source.place(name), help=f'write ["{name}"], and below it `type` and `ask`')
            continue
        fact = _fact(source.table(values, name), name)
        found = {name: fact} | (_companions(source, fact, values) if fact.kind == "list" else {})
        for twice in found.keys() & facts.keys():
            source.report(f"`{twice}` is there twice", *source.place(name), help=f"a list has a `{COMPLETE}` of its own")
        facts |= found
    return Vocabulary(MappingProxyType(facts))


def _whole_names(source: Source, tables: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The facts by name. A name written without quotes falls apart at its dots; it is told, and put together again."""
    for name, values in tables.items():
        if isinstance(values, dict) and "type" not in values and values and all(isinstance(value, dict) for value in values.values()):
            for inner, fact in _whole_names(source, {f"{name}.{inner}": value for inner, value in values.items()}):
                if isinstance(fact, dict) and "type" in fact:
                    source.report(f"`[{inner}]` needs quotes", *source.place("", inner), help=f'write ["{inner}"]: the dot is part of the name')
                yield inner, fact
        else:
            yield name, values


def _companions(source: Source, fact: FactType, values: Mapping[str, object]) -> dict[str, FactType]:
    complete = values.get(COMPLETE)
    table = source.table(complete if isinstance(complete, dict) else {}, f"{fact.name}.{COMPLETE}")
    name = f"{fact.name}.{COMPLETE}"
    found = {name: _fact(table, name, kind="bool")}
    return found | {f"{fact.name}[].{field}": kind for field, kind in fact.row.items()}


def _fact(table: Table, name: str, kind: str = "") -> FactType:
    _check_name(table, name)
    kind = kind or table.choice("type", KINDS, required=True) or "text"
    decimals = _decimals(table, kind)
    fact = FactType(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        ask=table.take("ask", str, ""),
        proof=table.take("proof", str, ""),
        values=_values(table, kind),
        unit=table.take("unit", str, ""),
        none=table.choice("none", ("forever", "absent")),  # type: ignore[arg-type]
        unless_told=_unless_told(table, kind, decimals),
        point=table.take("point", str, ""),
        note=table.take("note", str, ""),
        row=_row(table, name) if kind == "list" else MappingProxyType({}),
        decimals=decimals,
        least=_limit(table, "least", kind, decimals),
        most=_limit(table, "most", kind, decimals),
        unknown=_unknown(table, kind),
    )
    if fact.none == "forever" and kind != "date":
        table.report('`none = "forever"` is for dates', "none", 'use `none = "absent"`')
    if fact.none and kind in ("bool", "list"):
        table.report(f"a {kind} fact cannot be none", "none")
    table.finish()
    return fact


def _check_name(table: Table, name: str) -> None:
    for part in name.replace("[]", "").split("."):
        if not part.isidentifier() or keyword.iskeyword(part):
            table.report(f"`{name}` cannot name a fact", help="use letters, digits and _, and no word that Python reserves")


def _values(table: Table, kind: str) -> tuple[str, ...]:
    values = table.texts("values")
    if kind == "one_of" and not values:
        table.report(f"`{table.header}` lacks its `values`", "type")
    if kind != "one_of" and values:
        table.report("only a `one_of` fact lists values", "values")
    if len(set(values)) < len(values):
        table.report("a value is listed twice", "values")
    return tuple(value for value in values if value != "unknown")


def _words(table: Table) -> list[object]:
    """The values as they are written, also those that load as unknown; nothing where they are no list."""
    values = table.values.get("values")
    return values if isinstance(values, list) else []


def _decimals(table: Table, kind: str) -> int:
    decimals = int(table.take("decimals", int, 0))
    if decimals and kind != "integer":
        table.report("only an `integer` fact has `decimals`", "decimals")
    if not 0 <= decimals <= MOST_DECIMALS:
        table.report(f"`decimals` cannot be {decimals}", "decimals", f"a number has at most {MOST_DECIMALS}")
        return 0
    return decimals


def _unknown(table: Table, kind: str) -> tuple[str, ...]:
    words = table.texts("unknown")
    if words and kind not in ("bool", "one_of"):
        table.report("only a `bool` or `one_of` fact has words for `unknown`", "unknown")
    for word in words:
        if word in _words(table):
            table.report(f"`{word}` is a value of `{table.header}`, so it is not unknown", "unknown")
    return words


def _limit(table: Table, key: str, kind: str, decimals: int) -> int | None:
    """The least or the most that a value may be, in units of its decimals."""
    if key not in table.values:
        return None
    if kind != "integer":
        table.report(f"only an `integer` fact has a `{key}`", key)
    return take_number(table, key, decimals)


def take_number(table: Table, key: str, decimals: int) -> int | None:
    """A number under a key, in units of its decimals; nothing, and a problem, where it is none."""
    if not decimals:
        return table.take(key, int)  # type: ignore[no-any-return]
    raw = table.take(key, object)
    units = in_units(raw, decimals) if type(raw) in (int, float) else None
    if units is None:
        table.report(f"`{key}` is a number with at most {decimals} decimals, not `{raw}`", key)
    return units


def _unless_told(table: Table, kind: str, decimals: int) -> bool | int | str | None:
    if "unless_told" not in table.values:
        return None
    if kind == "integer":
        return take_number(table, "unless_told", decimals)
    if kind in ("date", "list"):
        table.report(f"a {kind} fact has no `unless_told`", "unless_told")
    wanted = {"bool": bool}.get(kind, str)
    value: bool | int | str | None = table.take("unless_told", wanted)
    if kind == "one_of" and value is not None and (value == "unknown" or value not in _words(table)):
        table.report(f"`{value}` is not a value of `{table.header}`", "unless_told")
    return value


def _row(table: Table, name: str) -> Mapping[str, FactType]:
    table.taken.add(COMPLETE)
    row = table.take("row", dict, {}, required=True)
    fields = {}
    for field_name, values in row.items():
        inner = table.source.table(values if isinstance(values, dict) else {}, f"{name}.row.{field_name}")
        fields[field_name] = _fact(inner, f"{name}[].{field_name}")
        if fields[field_name].kind == "list":
            inner.report("a row cannot hold a list", "type")
        if fields[field_name].unless_told is not None:
            inner.report("a field of a row has no `unless_told`", "unless_told")
    return MappingProxyType(fields)
