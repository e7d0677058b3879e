"""Which record says what of one person: for each fact the rows behind it, whether they count, and if not, why.

This is what a finding cites. It is made for one person at a time, from the same links and the same registers as the finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from rightcall.law.value import UNBOUNDED, Span, as_date
from rightcall.law.vocabulary import FactType
from rightcall.law.words import value_words
from rightcall.records.evidence import CERTAIN, REGISTER, Evidence
from rightcall.records.matching import agreement_of
from rightcall.records.register import FROM, PROVEN, UNTIL, Register
from rightcall.records.roll import ID
from rightcall.records.row import value_in
from rightcall.records.sheet import ROW


@dataclass(frozen=True, slots=True)
class Record:
    """One row that says something: of which fact, what, who keeps it, and whether it counts (``standing``)."""

    fact: str
    says: str
    register: str
    authority: str
    row: int
    standing: str
    linked_by: str = ""
    agreement: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"{self.register} ({self.authority})" if self.authority else self.register
        row = f", row {self.row}" if self.row else ""
        linked = f"; linked by {self.linked_by}: {', '.join(self.agreement)}" if self.linked_by else ""
        return f"{place}{row}: {self.says}; {self.standing}{linked}"


def records_of(evidence: Evidence, id: str, day: Span) -> tuple[Record, ...]:
    """Every row of every register that may speak of a person, fact by fact; and what silence means where it means something."""
    return tuple(record for register in evidence.registers for record in _of_register(evidence, register, id, day))


def _of_register(evidence: Evidence, register: Register, id: str, day: Span) -> Iterator[Record]:
    rows = _rows(evidence, register, id).to_dicts()
    for row in rows:
        for name in register.facts:
            value = value_in(row, evidence.pack.vocabulary[name], name)
            if value is not None:
                yield _record(register, name, value_words(evidence.pack.vocabulary[name], value), row, day)
    if not rows:
        yield from _silences(evidence, register, day)


def _rows(evidence: Evidence, register: Register, id: str) -> pl.DataFrame:
    if ID in register.frame.collect_schema():
        return register.frame.filter(pl.col(ID) == id).with_columns(pl.lit(True).alias(CERTAIN)).collect()
    links = evidence.links.filter((pl.col(ID) == id) & (pl.col(REGISTER) == register.descriptor.name))
    return register.frame.join(links.lazy(), on=ROW, how="inner").collect()


def _record(register: Register, name: str, says: str, row: dict[str, Any], day: Span) -> Record:
    descriptor = register.descriptor
    return Record(
        fact=name, says=says, register=descriptor.title, authority=descriptor.authority, row=row[ROW], standing=_standing(register, row, day),
        linked_by=row.get("how") or "", agreement=tuple(_agreement(agreement_of(row))),
    )  # fmt: skip


def _agreement(parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each part of the identity, what is said of it, and how much that weighs in bits where it was weighed."""
    for part in parts:
        weight = f" ({part['weight']:+.1f} bits)" if part["weight"] is not None else ""
        yield f"{part['field']} {part['says']}{weight}"


def _standing(register: Register, row: dict[str, Any], day: Span) -> str:
    descriptor = register.descriptor
    if descriptor.kind == "answers":
        return "proven by the person" if row[PROVEN] else "said by the person, without proof"
    if not _counts(row[FROM], row[UNTIL], day):
        return _days_words(row[FROM], descriptor.valid_days) + ", so not on the day judged"
    if not row[CERTAIN]:
        chance = f", probability {row['probability']:.2f}" if row["probability"] is not None else ""
        return f"may speak of somebody else{chance}"
    return "counts"


def _counts(start: int | None, last: int | None, day: Span) -> bool:
    return start is not None and last is not None and start <= day.low and day.high <= last


def _days_words(start: int | None, days: int | None) -> str:
    if start is None:
        return "its day is not known"
    since = as_date(start).isoformat() if start > -UNBOUNDED else "any day"
    return f"of {since}, counts {'for good' if days is None else f'for {days} days'} from then"


def _silences(evidence: Evidence, register: Register, day: Span) -> Iterator[Record]:
    """What it means that a person is not in a complete register."""
    descriptor = register.descriptor
    if not descriptor.complete or descriptor.as_of is None:
        return
    last = UNBOUNDED if descriptor.valid_days is None else descriptor.as_of + descriptor.valid_days
    standing = "counts" if _counts(descriptor.as_of, last, day) else _days_words(descriptor.as_of, descriptor.valid_days) + ", so not on the day judged"
    said = {f"{descriptor.listed}.complete": "none"} if descriptor.listed else {name: _word(value) for name, value in descriptor.absent.items()}
    for name, word in said.items():
        if name in evidence.pack.vocabulary:
            yield Record(name, f"no row, which means {word}", descriptor.title, descriptor.authority, 0, standing)


def _word(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def bears_on(record: Record, fact: FactType) -> bool:
    """Whether a record is about a fact, or about the list that a fact is of."""
    listed = fact.name.partition("[].")[0].removesuffix(".complete")
    return record.fact == fact.name or record.fact.partition("[].")[0].removesuffix(".complete") == listed != fact.name
