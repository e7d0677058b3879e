"""Single people of a roll: the finding explained, with the records behind it, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from rightcall.law.person import Person
from rightcall.law.reason import Days, days_of
from rightcall.records.dossier import Dossier, open_files_of
from rightcall.records.evidence import Day
from rightcall.records.matching import Linking, open_tables
from rightcall.records.provenance import Record, records_of
from rightcall.records.roll import ID, Roll, read_roll
from rightcall.records.row import person_of
from rightcall.screening.earlier import read_earlier
from rightcall.screening.explanation import Explanation, explain
from rightcall.screening.job import Order, Watch
from rightcall.screening.namesake import held_by_identity
from rightcall.screening.receipt import beginning
from rightcall.screening.run import DayChosen, choose_day


@dataclass(frozen=True, slots=True)
class File:
    """What is known of one person, on his days; ``records``: every row of a register that may speak of him."""

    id: str
    person: Person
    days: Days
    records: tuple[Record, ...] = ()
    by_identity: bool = False

    def explained(self, order: Order) -> Explanation:
        return explain(self.id, self.person, order.law, order.readings, self.days, self.records, self.by_identity)


def open_single(order: Order, id: str, work: Path, watch: Watch) -> File:
    """One person by the roll and, where there are any, by the registers. Raises ``Refused``."""
    return next(open_several(order, [id], work, watch))


def open_several(order: Order, ids: Sequence[str], work: Path, watch: Watch) -> Iterator[File]:
    """Several people, what is read being read once. Raises ``Refused``, also where nobody on the roll has an id."""
    law = order.law
    roll = read_roll(order.roll, law, work, order.encoding)
    day = choose_day(roll, law, order.on)
    dossier = _dossier(order, ids, roll, day, work, watch) if order.registers else None
    doubted = set(held_by_identity(dossier.evidence, law, order.readings, day, work)) if dossier else set()
    for id in ids:
        person, days = days_of(person_of(dossier.roll if dossier else roll, id, law.vocabulary), law, day.on, day.fact)
        yield File(id, person, days, records_of(dossier.evidence, id, days.on) if dossier else (), id in doubted)


def _dossier(order: Order, ids: Sequence[str], roll: Roll, day: DayChosen, work: Path, watch: Watch) -> Dossier:
    assert order.registers is not None
    there = set(roll.people.filter(pl.col(ID).is_in(list(ids))).select(ID).collect()[ID])
    for id in ids:
        if id not in there:
            person_of(roll, id, order.law.vocabulary)
    tables, _ = open_tables(order.registers, work)
    begun = beginning(order.law, order.readings, order.readings_name, roll, day, tables)
    past = read_earlier(order.since).past(begun) if order.since else None
    return open_files_of(ids, roll, tables, order.law, Day(day.on, day.fact), work, Linking(progress=watch.doing), past)
