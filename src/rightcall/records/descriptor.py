"""What a table of another authority is: whose, as of when, for how long its word counts, and which column carries which fact.

Descriptors are Data Packages (``datapackage.json``, Frictionless Data v2) with a Table Schema for each table; what the standard has no
word for stands under ``rightcall``. All that is wrong with a descriptor is said at once. See docs/reference/registers.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from rightcall.law.account import Unfit, read_day
from rightcall.law.document import read_document
from rightcall.law.problem import Problem, Refused, did_you_mean, refuse
from rightcall.law.vocabulary import FactType

FILE = "datapackage.json"
KINDS = ("roll", "register", "answers")
TYPES = ("string", "integer", "number", "boolean", "date", "datetime", "year", "any")
PARTS = ("number", "surname", "given", "patronymic", "birth", "place")
OWN_ID = "id"
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_KEYS = ("kind", "authority", "licence", "asOf", "validDays", "complete", "identity", "list", "facts", "absent", "url", "table", "proven")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Saying:
    """Where a fact comes from: a column, perhaps with a map of its words; or one value that holds for every row."""

    column: str = ""
    words: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    value: Any = None


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One table as its authority describes it. ``as_of``: a day number; ``valid_days``: nothing where its word counts for good."""

    name: str
    title: str
    kind: Literal["roll", "register", "answers"]
    authority: str
    licence: str
    file: Path | None
    url: str
    table: str
    encoding: str
    fields: Mapping[str, str]
    missing: tuple[str, ...]
    key: tuple[str, ...]
    as_of: int | None
    as_of_column: str
    valid_days: int | None
    complete: bool
    identity: Mapping[str, str]
    listed: str
    facts: Mapping[str, Saying]
    absent: Mapping[str, Any]
    proven: bool | str

    @property
    def named_columns(self) -> frozenset[str]:
        """The columns that the descriptor speaks of outside its schema."""
        found = {*self.identity.values(), *self.key, self.as_of_column, *(saying.column for saying in self.facts.values())}
        return frozenset(found | ({self.proven} if isinstance(self.proven, str) else set())) - {""}


def read_descriptors(folder: Path) -> tuple[Descriptor, ...]:
    """All tables that a folder's descriptor names. Raises ``Refused`` with everything that is wrong with it."""
    path = folder / FILE
    if not path.is_file():
        raise refuse(f"the folder has no `{FILE}`", folder, "describe its tables: docs/reference/registers.md")
    document = read_document(path)
    resources = document.get("resources") if isinstance(document, Mapping) else None
    if not isinstance(resources, list) or not resources:
        raise refuse("the descriptor names no tables", path, "list them under `resources`")
    problems: list[Problem] = []
    found = [_Reader(raw, number, folder, problems).descriptor() for number, raw in enumerate(resources, 1)]
    names = [descriptor.name for descriptor in found]
    problems += [Problem(f"two tables are called `{name}`", FILE) for name in sorted({name for name in names if names.count(name) > 1})]
    if problems:
        raise Refused(problems)
    return tuple(found)


class _Reader:
    """Reads one resource; collects what is wrong with it."""

    def __init__(self, raw: Any, number: int, folder: Path, problems: list[Problem]) -> None:
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        self.folder, self.problems = folder, problems
        self.name = str(self.raw.get("name") or f"resource {number}")
        own = self.raw.get("rightcall")
        self.own: Mapping[str, Any] = own if isinstance(own, Mapping) else {}
        if not isinstance(raw, Mapping) or not isinstance(own, Mapping):
            self.report("the table has no `rightcall` section", "say there who keeps it, as of when, and which column carries which fact")

    def report(self, message: str, help: str = "") -> None:
        self.problems.append(Problem(message, f"{FILE}, {self.name}", help=help))

    def take(self, key: str, kind: type, default: Any, required: bool = False) -> Any:
        value = self.own.get(key)
        if value is None:
            if required and self.own:
                self.report(f"`{self.name}` lacks `{key}`", f"see `{key}` in docs/reference/registers.md")
            return default
        if type(value) is not kind:
            self.report(f"`{key}` must be {_KIND_WORDS[kind]}, not `{value}`")
            return default
        return value

    def descriptor(self) -> Descriptor:
        kind = self.take("kind", str, "register")
        if kind not in KINDS:
            self.report(f"`kind` cannot be `{kind}`", did_you_mean(kind, KINDS) or f"one of {', '.join(KINDS)}")
        is_register = kind == "register"
        as_of, column = self._as_of(required=is_register)
        proven = self.own.get("proven", False)
        descriptor = Descriptor(
            name=self.name,
            title=str(self.raw.get("title") or self.name),
            kind=kind,
            authority=self.take("authority", str, "", required=is_register),
            licence=self.take("licence", str, "", required=is_register),
            file=self._file(),
            url=_with_secrets(self.take("url", str, ""), self),
            table=self.take("table", str, ""),
            encoding=str(self.raw.get("encoding") or "utf-8"),
            fields=MappingProxyType(dict(self._fields())),
            missing=self._missing(),
            key=self._key(),
            as_of=as_of,
            as_of_column=column,
            valid_days=self._valid_days(required=is_register),
            complete=self.take("complete", bool, False, required=is_register),
            identity=MappingProxyType(self._identity()),
            listed=self.take("list", str, ""),
            facts=MappingProxyType(dict(self._facts())),
            absent=MappingProxyType(self.take("absent", dict, {})),
            proven=proven if isinstance(proven, (bool, str)) else False,
        )
        self._check(descriptor)
        return descriptor

    def _file(self) -> Path | None:
        path = self.raw.get("path")
        if path is None:
            return None
        name = Path(str(path))
        if name.is_absolute() or ".." in name.parts:
            self.report(f"`path` leads out of the folder: `{path}`", "tables stand beside their descriptor")
            return None
        return self.folder / name

    def _as_of(self, required: bool) -> tuple[int | None, str]:
        raw = self.own.get("asOf")
        if isinstance(raw, Mapping) and isinstance(raw.get("column"), str):
            return None, str(raw["column"])
        if raw is None:
            self.take("asOf", str, "", required)
            return None, ""
        try:
            return read_day(FactType("asOf", "date"), raw).low, ""
        except Unfit as unfit:
            self.report(unfit.message, unfit.help)
            return None, ""

    def _valid_days(self, required: bool) -> int | None:
        if required and self.own and "validDays" not in self.own:
            self.report(f"`{self.name}` lacks `validDays`", "for how many days its word counts; null where it counts for good")
        days = self.take("validDays", int, None)
        if days is not None and days < 0:
            self.report(f"`validDays` cannot be {days}")
        return None if days is None else int(days)

    def _fields(self) -> Iterator[tuple[str, str]]:
        schema = self.raw.get("schema")
        fields = schema.get("fields") if isinstance(schema, Mapping) else None
        if not isinstance(fields, list) or not fields:
            self.report("the table has no `schema.fields`", "list every column with its name and type")
            return
        for entry in fields:
            name, type = (entry.get("name"), entry.get("type", "any")) if isinstance(entry, Mapping) else (None, "any")
            if not isinstance(name, str):
                self.report("a field has no name", 'as in {"name": "surname", "type": "string"}')
            elif type not in TYPES:
                self.report(f"the column `{name}` cannot be of type `{type}`", did_you_mean(str(type), TYPES) or f"one of {', '.join(TYPES)}")
            else:
                yield name, type

    def _missing(self) -> tuple[str, ...]:
        schema = self.raw.get("schema")
        texts = schema.get("missingValues", [""]) if isinstance(schema, Mapping) else [""]
        return tuple(str(text) for text in texts) if isinstance(texts, list) else ("",)

    def _key(self) -> tuple[str, ...]:
        """The primary key of the Table Schema: one column or several."""
        schema = self.raw.get("schema")
        key = schema.get("primaryKey", []) if isinstance(schema, Mapping) else []
        return (key,) if isinstance(key, str) else tuple(str(column) for column in key)

    def _identity(self) -> dict[str, str]:
        given = self.take("identity", dict, {}, required=True)
        for part in given.keys() - {*PARTS, OWN_ID}:
            self.report(f"an identity has no `{part}`", did_you_mean(part, PARTS) or f"its parts are {', '.join(PARTS)}, or id")
        return {part: str(column) for part, column in given.items() if part in (*PARTS, OWN_ID)}

    def _facts(self) -> Iterator[tuple[str, Saying]]:
        for name, raw in self.take("facts", dict, {}).items():
            if isinstance(raw, str):
                yield name, Saying(raw)
            elif isinstance(raw, Mapping) and isinstance(raw.get("column"), str) and isinstance(raw.get("values", {}), Mapping):
                yield name, Saying(raw["column"], MappingProxyType({str(key): _word(value) for key, value in raw.get("values", {}).items()}))
            elif isinstance(raw, Mapping) and "value" in raw:
                yield name, Saying(value=raw["value"])
            else:
                self.report(f"it is not said where `{name}` comes from", 'a column, {"column": ..., "values": {...}} or {"value": ...}')

    def _check(self, descriptor: Descriptor) -> None:
        for key in self.own.keys() - set(_KEYS):
            self.report(f"unknown key `{key}`", did_you_mean(key, _KEYS))
        for column in sorted(descriptor.named_columns - descriptor.fields.keys()) if descriptor.fields else ():
            self.report(f"the column `{column}` is not in `schema.fields`", did_you_mean(column, descriptor.fields))
        if (descriptor.file is None) == (not descriptor.url):
            self.report("a table has a `path`, or a `url` and a `table`")
        if descriptor.url and not descriptor.table:
            self.report(f"`{self.name}` lacks `table`", "name the table of the database")
        if descriptor.absent and not descriptor.complete:
            self.report("`absent` needs a complete register", "only where everybody is in it does no row mean anything")
        if descriptor.absent and descriptor.listed:
            self.report("a list has no `absent`", "no row in a complete register means that there is none")
        if descriptor.proven and descriptor.kind != "answers":
            self.report("only answers are `proven`")


_KIND_WORDS: Mapping[type, str] = {str: "a text", int: "a whole number", bool: "true or false", dict: "a table"}


def _word(value: Any) -> str:
    """A word of the law as it stands in a table: JSON's true and false are words too."""
    return str(value).lower() if isinstance(value, bool) else "none" if value is None else str(value)


def _with_secrets(url: str, reader: _Reader) -> str:
    """The URL with its variables taken from the environment."""
    for name in _VARIABLE.findall(url):
        if name not in os.environ:
            reader.report(f"the environment has no `{name}`", "set it before the run; the descriptor names it so that no secret stands in a file")
    return _VARIABLE.sub(lambda found: os.environ.get(found[1], ""), url)
