"""A roll of records: YAML 1.2 or JSON, each person with his facts and the rows of his lists in place.

A record is flat (facts beside ``id``) or holds them under ``facts``; then the rest is the report it comes from, and
``expected`` is what somebody thinks the law says, to be compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rightcall.law.account import read_person
from rightcall.law.document import read_document
from rightcall.law.person import Person
from rightcall.law.problem import Problem, refuse
from rightcall.law.vocabulary import Vocabulary
from rightcall.records.sheet import printable

HOLDERS = ("people", "cases", "roll", "records")
_BESIDE = ("id", "region", "expected")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: who, what is known of him, and what the report says beside it. ``number`` counts from 1."""

    id: str
    number: int
    person: Person
    region: str | None
    report: Mapping[str, Any]
    expected: Mapping[str, Any] | None


def read_records(path: Path, vocabulary: Vocabulary) -> tuple[list[Record], list[Problem]]:
    """All records of a document, and all that does not fit. Raises ``Refused`` when it is no document of records."""
    document = read_document(path)
    if isinstance(document, Mapping):
        document = next((document[key] for key in HOLDERS if isinstance(document.get(key), list)), document)
    if not isinstance(document, list) or not document:
        raise refuse("the file holds no records", path, "write a list of records, each with an `id` and `facts`")
    problems: list[Problem] = []
    records = [_record(raw, number, path, vocabulary, problems) for number, raw in enumerate(document, 1)]
    often = Counter(record.id for record in records)
    for record in records:
        if record.id and often[record.id] > 1:
            problems.append(problem("the id is there more than once", path, record.number, record.id, "id", "give every person an id of his own"))
    return records, problems


def problem(message: str, path: Path, number: int, id: str, column: str | None = None, help: str = "") -> Problem:
    """A fault of a record: the how manieth, and whose."""
    place = f"{path.name}, record {number}" + (f" (`{printable(id)}`)" if id else "")
    return Problem(printable(message), place, None, column, printable(help))


def _record(raw: Any, number: int, path: Path, vocabulary: Vocabulary, problems: list[Problem]) -> Record:
    if not isinstance(raw, Mapping):
        problems.append(problem("the record is not a table of facts", path, number, "", None, "write `id:` and `facts:`"))
        return Record("", number, Person(), None, {}, None)
    id = _id(raw.get("id"))
    if not id:
        problems.append(problem("the person has no id", path, number, "", "id", "give every person an id of his own: a text or a whole number"))
    report = {key: value for key, value in raw.items() if key not in ("facts", "expected")} if "facts" in raw else {}
    account = raw.get("facts", {key: value for key, value in raw.items() if not _is_beside(str(key))})
    if not isinstance(account, Mapping):
        problems.append(problem("`facts` is not a table of facts", path, number, id, "facts"))
        account = {}
    person, misfits = read_person({str(key): value for key, value in account.items()}, vocabulary)
    problems += [problem(misfit.message, path, number, id, misfit.name, misfit.help) for misfit in misfits]
    expected = raw.get("expected")
    if expected is not None and not isinstance(expected, Mapping):
        problems.append(problem("`expected` is not a table", path, number, id, "expected", "write verdict, grounds ... below it, or leave it out"))
        expected = None
    region = raw.get("region")
    return Record(id, number, person, None if region is None else str(region), report, expected)


def _id(raw: Any) -> str:
    return str(raw).strip() if isinstance(raw, (str, int)) and not isinstance(raw, bool) else ""


def _is_beside(key: str) -> bool:
    return key in _BESIDE or key.startswith("note")
