"""Work and study: bookings, the defence industry, the four special sectors, students."""

from __future__ import annotations

import numpy as np
import polars as pl

from rightcall.synthetic.crowd import LONG_AGO, Crowd
from rightcall.synthetic.draw import Draw, Flags, Ints, days, where
from rightcall.synthetic.rates import Rates

_SECTORS = {"it": 0.45, "telecom": 0.2, "media": 0.08, "finance": 0.27}
_MARKS = {"it": "job.accredited_it", "telecom": "job.telecom_licence", "media": "job.media_backbone", "finance": "job.fin_critical_org"}
_FORMS = {"full_time": 0.58, "part_time_evening": 0.08, "correspondence": 0.34}
_LEVELS = {"secondary_vocational": 0.3, "bachelor": 0.38, "specialist": 0.12, "master": 0.13, "residency": 0.02, "postgraduate": 0.05}
_SCHOOLS = {"state_educational": 0.865, "private_educational": 0.11, "scientific": 0.01, "religious": 0.003, "foreign": 0.012}
_ENROLLED = 18_506
"""1 September 2020: the middle of the days of enrolment."""


def work(crowd: Crowd, rates: Rates) -> dict[str, pl.Series]:
    """Bookings and jobs. What does not concern a person stays empty."""
    draw, size = crowd.draw("work"), crowd.size
    booked = draw.chance(size, rates.booked)
    defence = ~booked & draw.chance(size, rates.defence_industry)
    special = ~booked & ~defence & (crowd.age > 20) & draw.chance(size, rates.special_sector)
    employed = days(crowd.on - draw.between(size, 30, 3000))
    left = draw.chance(size, 0.02)
    return {
        **_booking(crowd, draw, booked, rates),
        **_defence(draw, defence, rates),
        **_special(draw, special),
        "job.since": where(defence | special, employed),
        "job.until": where((defence | special) & left, days(crowd.on - draw.between(size, *LONG_AGO))),
        "job.until.none": pl.Series((defence | special) & ~left),
    }


def _booking(crowd: Crowd, draw: Draw, booked: Flags, rates: Rates) -> dict[str, pl.Series]:
    """One booking in twenty has run out; one in seven has no end."""
    size = crowd.size
    over = draw.chance(size, 0.05)
    endless = booked & ~over & draw.chance(size, 0.15)
    until = crowd.on + np.where(over, -draw.between(size, 1, 90), draw.between(size, 20, 365))
    return {
        "booking.granted": pl.Series(booked),
        "booking.since": where(booked, days(crowd.on - draw.between(size, 100, 500))),
        "booking.until": where(booked & ~endless, days(until)),
        "booking.until.none": pl.Series(endless),
        "booking.annulled": where(booked, pl.Series(draw.chance(size, rates.booking_annulled))),
    }


def _defence(draw: Draw, defence: Flags, rates: Rates) -> dict[str, pl.Series]:
    size = len(defence)
    return {
        "job.opk_org_listed": pl.Series(defence),
        "job.defence_order_work": where(defence, pl.Series(draw.chance(size, 0.8))),
        "job.opk_category": where(defence, draw.pick(size, {"manager": 0.06, "specialist": 0.34, "worker": 0.6})),
        "job.on_commission_list": where(defence, pl.Series(draw.chance(size, rates.defence_listed))),
    }


def _special(draw: Draw, special: Flags) -> dict[str, pl.Series]:
    size = len(special)
    sector = draw.pick(size, _SECTORS)
    marks = {mark: where(special & (sector == name).to_numpy(), pl.Series(draw.chance(size, 0.55))) for name, mark in _MARKS.items()}
    facts = {"job.higher_education": 0.7, "job.speciality_listed": 0.6, "job.role_critical": 0.35, "job.full_time": 0.95, "job.on_general_staff_list": 0.3}
    told = {name: where(special, pl.Series(draw.chance(size, share))) for name, share in facts.items()}
    return {"job.sector": sector.zip_with(pl.Series(special), pl.Series(["other"]).new_from_index(0, size)), **marks, **told}


def study(crowd: Crowd, rates: Rates) -> dict[str, pl.Series]:
    """Students; everybody else studies in no form."""
    draw, size, age = crowd.draw("study"), crowd.size, crowd.age
    share = np.select([age < 23, age < 30], [rates.student_of_20, rates.student_of_25], rates.student_older)
    student = draw.chance(size, share)
    left = draw.chance(size, 0.03)
    return {
        "study.form": draw.pick(size, _FORMS).zip_with(pl.Series(student), pl.Series(["other"]).new_from_index(0, size)),
        "study.level": where(student, _level(draw, crowd)),
        "study.org_type": where(student, draw.pick(size, _SCHOOLS)),
        "study.accredited": where(student, pl.Series(draw.chance(size, 0.95))),
        "study.first_at_level": where(student, pl.Series(draw.chance(size, 0.92))),
        "study.academic_leave": where(student, pl.Series(draw.chance(size, 0.03))),
        "study.since": where(student, days(_ENROLLED + _years(draw, size))),
        "study.until": where(student & left, days(crowd.on - draw.between(size, *LONG_AGO))),
        "study.until.none": pl.Series(student & ~left),
    }


def _years(draw: Draw, size: int) -> Ints:
    return np.asarray(draw.between(size, -2, 2) * 365)


def _level(draw: Draw, crowd: Crowd) -> pl.Series:
    """Nobody is a master's student before he could be a bachelor."""
    early = pl.Series(crowd.age < 21.5)
    first = draw.pick(crowd.size, {"secondary_vocational": 0.45, "bachelor": 0.45, "specialist": 0.1})
    return first.zip_with(early, draw.pick(crowd.size, _LEVELS))
