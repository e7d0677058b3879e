"""One person of a roll: the finding explained, with the records behind it, and what is known of him."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rightcall.law.person import Person
from rightcall.law.reason import Days, days_of
from rightcall.records.dossier import open_file_of
from rightcall.records.evidence import Day
from rightcall.records.matching import Linking, open_tables
from rightcall.records.provenance import Record, records_of
from rightcall.records.roll import Roll, read_roll
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
    roll = read_roll(order.roll, order.law, work, order.encoding)
    return _file(order, id, roll, choose_day(roll, order.law, order.on), work, watch)


def _file(order: Order, id: str, roll: Roll, day: DayChosen, work: Path, watch: Watch) -> File:
    law = order.law
    person = person_of(roll, id, law.vocabulary)
    if not order.registers:
        person, days = days_of(person, law, day.on, day.fact)
        return File(id, person, days)
    tables, _ = open_tables(order.registers, work)
    begun = beginning(law, order.readings, order.readings_name, roll, day, tables)
    past = read_earlier(order.since).past(begun) if order.since else None
    dossier = open_file_of(id, roll, tables, law, Day(day.on, day.fact), work, Linking(progress=watch.doing), past)
    by_identity = id in held_by_identity(dossier.evidence, law, order.readings, day, work)
    person, days = days_of(person_of(dossier.roll, id, law.vocabulary), law, day.on, day.fact)
    return File(id, person, days, records_of(dossier.evidence, id, days.on), by_identity)
