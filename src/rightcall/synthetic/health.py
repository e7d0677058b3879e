"""Health: the fitness decided, terms of unfitness, disability, and what no decision has seen."""

from __future__ import annotations

import numpy as np
import polars as pl

from rightcall.synthetic.crowd import LONG_AGO, Crowd
from rightcall.synthetic.draw import Draw, Flags, days, where
from rightcall.synthetic.rates import Rates

_CATEGORIES = ("A", "B", "V", "G", "D")
_STRUCK = 0.5
_GROUPS = (0.03, 0.32, 0.65)
_TERM = 183


def health(crowd: Crowd, rates: Rates) -> dict[str, pl.Series]:
    """The facts of health. Disability goes with a category: group 1 means D, group 2 mostly V or D."""
    draw, size = crowd.draw("health"), crowd.size
    disabled = draw.chance(size, _STRUCK * np.where(crowd.age < 31, rates.disabled_young, rates.disabled))
    group = 1 + draw.place(size, _GROUPS)
    category = draw.place(size, _shares(rates))
    category = np.where(disabled & (category < 2), 2, category)
    category = np.where(disabled & ((group == 1) | ((group == 2) & draw.chance(size, 0.4))), 4, category)
    return {
        "health.category": pl.Series(_CATEGORIES, dtype=pl.String).gather(category),
        **_unfit_for_now(crowd, draw, category == 3),
        "health.illness": pl.Series(draw.chance(size, rates.unseen_illness)),
        "health.disability_group": where(disabled, pl.Series(group, dtype=pl.Int32)),
        "health.disability_group.none": pl.Series(~disabled),
        "health.exam_at_callup": pl.Series(draw.chance(size, 0.6)),
        "health.complaint_made": pl.Series(draw.chance(size, 0.03)),
        "health.documents_submitted": pl.Series(draw.chance(size, 0.03)),
    }


def _shares(rates: Rates) -> tuple[float, ...]:
    rest = 1 - rates.fit_a - rates.fit_b - rates.unfit_for_now - rates.unfit
    return rates.fit_a, rates.fit_b, rest, rates.unfit_for_now, rates.unfit


def _unfit_for_now(crowd: Crowd, draw: Draw, unfit: Flags) -> dict[str, pl.Series]:
    """One in ten terms has run out already; one in five decisions names no end."""
    size = crowd.size
    since = crowd.on - np.where(draw.chance(size, 0.1), draw.between(size, 200, 500), draw.between(size, *LONG_AGO))
    endless = unfit & draw.chance(size, 0.2)
    return {
        "health.g_from": where(unfit, days(since)),
        "health.g_until": where(unfit & ~endless, days(since + draw.between(size, 130, _TERM))),
        "health.g_until.none": pl.Series(endless),
    }
