"""How often each fact is true in the country: a share of the people concerned unless said otherwise, each with its reason and source.

Where a figure was published it is taken over; where none was found the rate is an assumption and says so. The roll is made from the papers of an
office, so it holds people whom a good roll would not: the dead, the old, the released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_CENSUS = "census of 2002, families with children under 18 (Rosstat); later tables were not found"
_FUND = "Social Fund figures of 2022-23 as reported by the press"
_ASSUMED = "assumption"


def rate(value: float, why: str, source: str = _ASSUMED) -> Any:
    return field(default=value, metadata={"why": why, "source": source})


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of facts. Every one is a share from 0 to 1."""

    # who is on the roll
    women: float = rate(0.015, "the ministry wanted few women, mostly medics")
    dead: float = rate(0.010, "papers were brought to dead men; offices learn of a death late")
    foreign: float = rate(0.003, "people who gave up citizenship, or never had it, stay in old files")
    abroad: float = rate(0.010, "lives abroad for good")
    struck_abroad: float = rate(0.6, "of those abroad for good, struck off the military register")
    away: float = rate(0.015, "abroad for a time")

    # service
    officers: float = rate(0.06, "of reservists under 45")
    old_officers: float = rate(0.25, "of those past 45: soldiers drop out of the reserve first")
    served: float = rate(0.88, "of men on the roll past 27: the office looks for men who have served")
    young_served: float = rate(0.75, "of men on the roll under 27")
    trained_at_university: float = rate(0.15, "of those who never served, a reserve programme instead")
    exempted: float = rate(0.35, "of those who never served, exempted for limited fitness")
    contract: float = rate(0.012, "already under contract; offices wrote to serving soldiers")
    conscript: float = rate(0.02, "of men under 24, doing conscript service")
    never_enlisted: float = rate(0.006, "entered as a reservist without being one")
    retired_when_old: float = rate(0.5, "of those past the age of their rank, the share whose file says so")
    released: float = rate(0.003, "released from military duty altogether")
    specialty: float = rate(0.9, "has a military specialty on record")
    priority_specialty: float = rate(0.35, "the specialty is one of those named first")
    combat: float = rate(0.06, "took part in combat")

    # health
    fit_a: float = rate(0.40, "category A", "head of the Central Military Medical Commission, 2000s: 40 % of conscripts")
    fit_b: float = rate(0.38, "category B", "the same source: 28 % of conscripts; more among reservists, who were found fit once")
    unfit: float = rate(0.018, "category D, of people whom the office still lists")
    unfit_for_now: float = rate(0.012, "category G")
    unseen_illness: float = rate(0.02, "an illness that no decision reflects")
    disabled_young: float = rate(0.027, "registered disability, men 18 to 30; half of it is struck from rolls", _FUND)
    disabled: float = rate(0.057, "registered disability, men 31 to 59; half of it is struck from rolls", _FUND)

    # family
    children_1: float = rate(0.677, "of fathers, one child under 18", _CENSUS)
    children_2: float = rate(0.2686, "two", _CENSUS)
    children_3: float = rate(0.0408, "three", _CENSUS)
    children_4: float = rate(0.0094, "four", _CENSUS)
    children_5: float = rate(0.0042, "five or more", _CENSUS)
    child_disabled: float = rate(0.021, "of children", "about 0.65 of 30 million children, from the share of children among the disabled (Demoscope 2023)")
    child_gravely_ill: float = rate(0.0007, "of children, palliative care; as many an incurable illness")
    child_away: float = rate(0.15, "of families, the mother lives elsewhere after a divorce")
    mother_gone: float = rate(0.02, "of families, the mother is dead, missing, without rights or not entered")
    wife_pregnant: float = rate(0.045, "of married men under 45")
    carer: float = rate(0.012, "cares for a relative all the time")
    guardian: float = rate(0.001, "guardian of a brother or sister")
    big_family_of_mother: float = rate(0.02, "of men under 27, the mother has four or more small children")
    mother_alone: float = rate(0.2, "the mother raised her children without a husband")

    # work, study
    booked: float = rate(0.05, "booked by the employer", "press reports of booked staff in large firms; total secret")
    booking_annulled: float = rate(0.04, "of bookings, taken back")
    defence_industry: float = rate(
        0.055, "works for a listed organisation of the defence industry", "some 2 million people work in it, by officials' statements"
    )
    defence_listed: float = rate(0.9, "of those, named on the employer's list")
    special_sector: float = rate(0.06, "works in IT, telecommunications, media or finance")
    student_of_20: float = rate(0.30, "of men on the roll under 23, in any form of study", "4.43 million students in 2023, 62 % of them full time")
    student_of_25: float = rate(0.12, "of men of 23 to 29")
    student_older: float = rate(0.012, "of men from 30")

    # standing
    convicted: float = rate(0.07, "has at least one conviction")
    prisoner: float = rate(0.004, "serves a prison sentence", "some 430,000 prisoners in 2022")
    objector: float = rate(0.004, "conscience forbids service")
    objector_before: float = rate(0.3, "of objectors, alternative service was granted before")
    office_holder: float = rate(0.005, "holds an elected office; nearly all are municipal")


def reasons(rates: Any) -> Mapping[str, Mapping[str, Any]]:
    """Every rate with its value, reason and source, for the descriptor of a country."""
    return {entry.name: {"rate": getattr(rates, entry.name), **entry.metadata} for entry in fields(rates)}
