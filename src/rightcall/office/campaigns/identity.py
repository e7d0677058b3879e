"""Who stands on a roll, looked at before it is frozen: a person twice, and what cannot be kept as it is written.

INVARIANT: what an office keeps of a name is what the list says, whole; what it could not keep whole is refused, never cut.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from rightcall.law.problem import Problem, Refused
from rightcall.office.campaigns.models import CallUp, Person
from rightcall.records.roll import ID, Roll
from rightcall.records.sheet import ROW

MOST_SHOWN = 200
MOST_NOTED = 20
LONGEST = {field.name: int(field.max_length or 0) for field in Person._meta.fields if field.name not in ("id", "birth")}
_NAME = ("~surname", "~given", "~birth")
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_LONGEST_ID = int(CallUp._meta.get_field("row_id").max_length or 0)


def checked_identity(roll: Roll) -> list[str]:
    """What is to be noted of who is on it. Raises ``Refused`` with the rows that are wrong."""
    frame = who(roll)
    columns = frame.collect_schema().names()
    problems = [*_unkept(roll, frame, columns), *_twice(roll, frame, columns)]
    if problems:
        raise Refused(problems[:MOST_SHOWN], len(problems))
    return list(_alike(frame, columns))


def who(roll: Roll) -> pl.LazyFrame:
    """``~row``, ``id``, and the parts of the identity that the roll has, as ``~surname`` and so on."""
    frame = roll.people if roll.identity is None else roll.identity
    return frame.select(ROW, ID, *(name for name in frame.collect_schema().names() if name == "~birth" or name.removeprefix("~") in LONGEST))


def _unkept(roll: Roll, frame: pl.LazyFrame, columns: list[str]) -> Iterator[Problem]:
    """Texts that are too long, or hold what is no text."""
    file = roll.files[0].name
    for column, longest in ((ID, _LONGEST_ID), *((f"~{part}", longest) for part, longest in LONGEST.items())):
        if column not in columns:
            continue
        text, name = pl.col(column), column.removeprefix("~")
        for row, length in frame.filter(text.str.len_chars() > longest).select(ROW, text.str.len_chars()).collect().iter_rows():
            yield Problem(f"`{name}` has {length} signs, and at most {longest} are kept", file, None, name, "shorten it; nothing is cut without a word", row)
        for (row,) in frame.filter(text.str.contains(_CONTROL)).select(ROW).collect().iter_rows():
            yield Problem(f"`{name}` holds a control character", file, None, name, "write it without; a program has put it there", row)


def _twice(roll: Roll, frame: pl.LazyFrame, columns: list[str]) -> Iterator[Problem]:
    """One personal number in several rows."""
    if "~number" not in columns:
        return
    for rows in _rows_of_same(frame.filter(pl.col("~number").is_not_null()), ["~number"]):
        others = ", ".join(str(row) for row in rows[1:6])
        file, remedy = roll.files[0].name, "keep one of them; if they are different people, one of the numbers is wrong"
        yield Problem(f"the same person stands in {len(rows)} rows: the number of this row is also in row {others}", file, None, "number", remedy, rows[0])


def _alike(frame: pl.LazyFrame, columns: list[str]) -> Iterator[str]:
    """The same name and day of birth, where no number tells people apart: it may be one person, so it is said, and nothing is merged."""
    if not set(_NAME) <= set(columns):
        return
    named = frame.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in _NAME))
    nobody_known = named.filter(pl.col("~number").is_null()) if "~number" in columns else named
    found = _rows_of_same(nobody_known, list(_NAME))
    for rows in found[:MOST_NOTED]:
        yield f"rows {', '.join(str(row) for row in rows[:6])} have the same name and day of birth: see whether it is one person"
    if len(found) > MOST_NOTED:
        yield f"so have those of {len(found) - MOST_NOTED} more people"


def _rows_of_same(frame: pl.LazyFrame, columns: list[str]) -> list[list[int]]:
    """The rows of each value that is there more than once, in the order of the first."""
    rows = frame.group_by(columns, maintain_order=True).agg(pl.col(ROW)).filter(pl.col(ROW).list.len() > 1).collect()
    return [list(each) for each in rows[ROW].to_list()]
