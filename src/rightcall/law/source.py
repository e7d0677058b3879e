"""TOML as people wrote it: parsed by the standard library, with the line and column of every key.

``tomllib`` gives values without places; a pack's author needs the place. ``Table`` is one table with its text; reading from
it checks types, refuses keys nobody asked for, and collects every problem instead of stopping at the first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rightcall.law.problem import Problem, did_you_mean, refuse

_KINDS = {str: "a text", bool: "true or false", int: "an integer", list: "a list", dict: "a table", date: "a date", object: "a value"}
_HOW = {
    str: "a text stands in quotes",
    bool: "write true or false, without quotes",
    int: "write digits, without quotes",
    list: 'a list stands in brackets, as in ["S01"]',
    date: "write year-month-day without quotes or time of day, as in 2022-10-05",
}
_SYNTAX_HELP = {
    "Invalid date": "a day has to be one of the calendar, and is written year-month-day, as in 2022-10-05",
    "Invalid value": "a text stands in quotes; numbers, dates, true and false do not",
    "Cannot overwrite": "the key is there twice",
    "Cannot declare": "the table is there twice; where several are meant write `[[name]]`",
    "Illegal character": "a text of several lines stands between three quotes",
    "Expected newline": "one key a line; a text with quotes in it stands between quotes of the other kind",
}
_SYNTAX = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


_LONG_TEXT = re.compile(r"(\"\"\"|''\')(.*?)\1", re.S)


@dataclass(slots=True)
class Source:
    """A stretch of TOML text in a file, and the problems found in it so far."""

    file: str
    text: str
    first_line: int = 1
    problems: list[Problem] = field(default_factory=list)
    is_read: bool = True
    _starts: dict[str, list[int]] = field(default_factory=dict, repr=False)
    _bare: str = field(default="", repr=False)

    def parse(self) -> dict[str, Any]:
        """The document; on bad TOML an empty one, and a problem."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            self._syntax(str(error))
        except RecursionError:
            self.report("the tables are nested too deeply", None, None)
            self.is_read = False
        return {}

    def _syntax(self, said: str) -> None:
        found = _SYNTAX.match(said)
        line = int(found["line"]) if found and found["line"] else self.text.count("\n") + 1
        column = int(found["column"]) if found and found["column"] else None
        what = found["what"] if found else said
        help = next((words for beginning, words in _SYNTAX_HELP.items() if what.startswith(beginning)), "")
        self.report(f"this is not TOML: {what[:1].lower()}{what[1:]}", self.first_line + line - 1, column, help)
        self.is_read = False

    def report(self, message: str, line: int | None, column: int | None, help: str = "") -> None:
        self.problems.append(Problem(message, self.file, line, column, help))

    def place(self, key: str, header: str = "", nth: int = 0) -> tuple[int, int]:
        """Line and column of the value of ``key`` (in the nth table headed so); of the header when the key is elsewhere."""
        start = self._header(header, nth) if header else 0
        pattern = re.compile(rf'^[ \t]*["\']?{re.escape(key)}["\']?[ \t]*=[ \t]*("""\n?|\'\'\'\n?|"|\')?', re.M)
        self._bare = self._bare or _without_long_texts(self.text)
        found = pattern.search(self._bare, start)
        return self._line_column(found.end() if found else start)

    def _header(self, header: str, nth: int) -> int:
        if header not in self._starts:
            self._starts[header] = self._headers(header)
        starts = self._starts[header]
        return starts[min(nth, len(starts) - 1)] if starts else 0

    def _headers(self, header: str) -> list[int]:
        bare = re.escape(header)
        quoted = r"\.".join(rf'["\']?{re.escape(part)}["\']?' for part in header.split("."))
        pattern = re.compile(rf'^[ \t]*\[+[ \t]*(?:{quoted}|["\']{bare}["\'])[ \t]*\]+', re.M)
        return [found.start() for found in pattern.finditer(self.text)]

    def _line_column(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        return self.first_line + before.count("\n"), offset - before.rfind("\n")

    def table(self, values: Mapping[str, Any], header: str = "", nth: int = 0) -> Table:
        return Table(self, dict(values), header, nth)


def _without_long_texts(text: str) -> str:
    """The text with what stands in its multi-line texts blanked, so that a line of prose is not taken for a key."""
    return _LONG_TEXT.sub(lambda found: found[1] + re.sub(r"[^\n]", " ", found[2]) + found[1], text)


def read_source(path: Path) -> Source:
    """The text of a TOML or Markdown file. Raises ``Refused`` when it is missing or not UTF-8."""
    try:
        return Source(path.name if path.parent.name != "provisions" else f"provisions/{path.name}", path.read_text("utf-8"))
    except FileNotFoundError:
        raise refuse(f"`{path.name}` is missing", path.parent, "every pack has this file; see docs/reference/packs.md") from None
    except UnicodeDecodeError as error:
        raise refuse(f"`{path.name}` is not UTF-8 (byte {error.start})", path, "save it as UTF-8") from None


@dataclass(slots=True)
class Table:
    """One TOML table. ``take`` reads a key; ``finish`` reports the keys that nobody took."""

    source: Source
    values: dict[str, Any]
    header: str
    nth: int = 0
    taken: set[str] = field(default_factory=set)

    def report(self, message: str, key: str = "", help: str = "") -> None:
        line, column = self.source.place(key, self.header, self.nth)
        self.source.report(message, line, column, help)

    def take(self, key: str, kind: type, default: Any = None, required: bool = False) -> Any:
        """The value of a key if it is of the kind asked for, else the default and a problem."""
        self.taken.add(key)
        if key not in self.values:
            if required:
                self.report(f"`{self.header or self.source.file}` lacks `{key}`", help=f"`{key}` is {_KINDS[kind]}")
            return default
        value = self.values[key]
        wrong = type(value) is not kind if kind in (bool, int, date) else not isinstance(value, kind)
        if wrong:
            self.report(f"`{key}` must be {_KINDS[kind]}, not {describe(value)}", key, _HOW.get(kind, ""))
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when left out."""
        items = self.take(key, list, [])
        wrong = [item for item in items if not isinstance(item, str)]
        if wrong:
            self.report(f"`{key}` must be a list of texts; `{wrong[0]}` is {describe(wrong[0])}", key)
        return tuple(item for item in items if isinstance(item, str))

    def tables(self, key: str) -> list[Table]:
        """An array of tables; empty when left out."""
        entries = self.take(key, list, [])
        if not all(isinstance(entry, dict) for entry in entries):
            self.report(f"`{key}` must be written `[[{key}]]`", key)
            return []
        return [self.source.table(entry, key, number) for number, entry in enumerate(entries)]

    def choice(self, key: str, allowed: Iterable[str], default: str = "", required: bool = False) -> str:
        """One of the allowed words."""
        word = self.take(key, str, default, required)
        options = sorted(allowed) if isinstance(allowed, Set) else list(allowed)
        if word != default and word not in options:
            self.report(f"`{key}` cannot be `{word}`", key, did_you_mean(word, options) or f"one of {', '.join(options)}")
            return default
        return str(word)

    def finish(self) -> None:
        """INVARIANT: no key of a pack is ever ignored."""
        for key in [key for key in self.values if key not in self.taken]:
            known = f"there are {', '.join(sorted(self.taken))}"
            self.report(f"unknown key `{key}`", key, did_you_mean(key, self.taken) or known)


def describe(value: object) -> str:
    """The kind of a TOML value, in words."""
    if isinstance(value, datetime):
        return "a time"
    return next((words for kind, words in _KINDS.items() if type(value) is kind), f"`{value}`")
