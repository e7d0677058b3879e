"""What a person writes at a question, read as a reply to it. Values are written as in a roll."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from rightcall.law.account import Unfit
from rightcall.law.interview import Checklist, Count, HowMany
from rightcall.law.person import Known
from rightcall.law.problem import did_you_mean
from rightcall.law.value import ABSENT, UNBOUNDED, Span, day_number, exactly
from rightcall.law.vocabulary import FactType
from rightcall.records.cell import read_cell

NOT_KNOWN = ("-", "don't know", "dont know", "i don't know", "do not know", "not known", "unknown")
_BOOLS: Mapping[str, bool] = {"y": True, "yes": True, "true": True, "да": True, "так": True, "n": False, "no": False, "false": False, "нет": False, "ні": False}
_COUNT = re.compile(r"(\d{1,3})(\+?)", re.ASCII)
_LINE = re.compile(r"(\d{1,2})(\??)", re.ASCII)
MOST_ROWS = 30


def is_not_known(text: str) -> bool:
    return text.strip().lower().replace("’", "'") in NOT_KNOWN


def read_value(fact: FactType, text: str, today: date) -> Known:
    """One value of a fact. Raises ``Unfit`` with what may be written."""
    word = text.strip()
    if fact.kind == "bool":
        if word.lower() not in _BOOLS:
            raise Unfit(f"`{word[:40]}` is not yes or no", "write yes, no, or - where you do not know")
        return _BOOLS[word.lower()]
    if fact.kind == "date" and word.lower() == "today":
        return exactly(day_number(today))
    if fact.kind == "one_of":
        return _one_of(fact, word)
    cell = read_cell(fact, word)
    if cell.fault:
        raise Unfit(cell.fault, cell.help or f"{how_to_write(fact)}; - where you do not know")
    if cell.none:
        return ABSENT
    if fact.bounded:
        return Span(-UNBOUNDED if cell.low is None else cell.low, UNBOUNDED if cell.high is None else cell.high)
    return cell.value


def _one_of(fact: FactType, word: str) -> Known:
    """A value by its number or its word; `none` where the fact can be none."""
    if word.isdecimal() and 0 < int(word) <= len(fact.values):
        return fact.values[int(word) - 1]
    if word.lower() == "none" and "none" not in fact.values and fact.none:
        return ABSENT
    spoken = {value.replace("_", " ").lower(): value for value in fact.values}
    written = word.replace("_", " ").lower()
    if written not in spoken:
        raise Unfit(
            f"`{word[:40]}` is not one of the answers",
            did_you_mean(written, spoken) or f"write a number from 1 to {len(fact.values)}, or - where you do not know",
        )
    return spoken[written]


def read_lines(question: Checklist, text: str) -> tuple[bool | None, ...]:
    """The lines that are so, by number; `2?` is one he is not sure of, `none` denies all. Raises ``Unfit``."""
    number, word = len(question.lines), text.strip().lower()
    if word in ("none", "none of these", "no", "0"):
        return (False,) * number
    if word in ("all", "all of these"):
        return (True,) * number
    said: list[bool | None] = [False] * number
    for part in word.replace(",", " ").replace(" and ", " ").split():
        found = _LINE.fullmatch(part)
        if found is None or not 0 < int(found[1]) <= number:
            raise Unfit(
                f"`{part[:40]}` is not the number of a line", f"write the numbers of all that is so, 1 to {number}, or none; 2? where you are not sure of 2"
            )
        said[int(found[1]) - 1] = None if found[2] else True
    return tuple(said)


def read_count(question: HowMany, text: str) -> Count:
    """How many rows: `2`, `2+` for at least two, `none`. Raises ``Unfit``."""
    word = text.strip().lower()
    found = _COUNT.fullmatch("0" if word in ("none", "no") else word)
    if found is None or int(found[1]) > MOST_ROWS:
        raise Unfit(f"`{word[:40]}` is not a number of rows", f"write 0 to {MOST_ROWS}; 2+ where there may be more than two; - where you do not know")
    return Count(int(found[1]), bool(found[2]))


def how_to_write(fact: FactType) -> str:
    """How a value of a fact is written."""
    none = ", or none" if fact.none else ""
    return {
        "bool": "yes or no",
        "date": f"a day as in 2022-09-25, or a month or a year alone{none}",
        "integer": f"a whole number{f' ({fact.unit})' if fact.unit else ''}{none}",
        "one_of": f"a number from 1 to {len(fact.values)}{none}",
    }.get(fact.kind, f"a few words{none}")
