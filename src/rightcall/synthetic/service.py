"""Military service: rank, place in the record, class of the reserve, specialty."""

from __future__ import annotations

import numpy as np
import polars as pl

from rightcall.synthetic.crowd import YEAR, Crowd
from rightcall.synthetic.draw import Draw, Flags, Floats, Ints, days, where
from rightcall.synthetic.rates import Rates

RANKS = ("other_ranks", "junior_officer", "major_ltcol", "colonel", "general")
_CLASS_ENDS = np.array([[35, 45, 50], [50, 55, 60], [55, 60, 65], [60, 65, 65], [65, 70, 70]])
"""The ages at which the classes of the reserve end, by rank: Federal Law 53-FZ, art. 53, edition of 2019."""
_OFFICERS = (0.9, 0.08, 0.017, 0.003)
_FORMER = 27


def service(crowd: Crowd, rates: Rates, objectors: Flags) -> dict[str, pl.Series]:
    """The military facts. ``objectors``: to whom alternative service was granted before."""
    draw, size, age = crowd.draw("service"), crowd.size, crowd.age
    ranks = _ranks(draw, age, rates)
    past = age >= _CLASS_ENDS[ranks, 2]
    served = draw.chance(size, np.where(crowd.women, 0.15, np.where(age < _FORMER, rates.young_served, rates.served))) & ~objectors
    served |= ranks > 0
    trained = ~served & ~crowd.women & ~objectors & (age > 21.5) & draw.chance(size, rates.trained_at_university)
    exempted = ~served & ~trained & ~objectors & draw.chance(size, rates.exempted)
    return {
        "military.status": _status(draw, age, past, rates),
        "military.rank_group": pl.Series(RANKS, dtype=pl.String).gather(ranks),
        "military.reserve_class": where(~past, pl.Series(_reserve_class(age, ranks, crowd.women), dtype=pl.Int32)),
        "military.served": pl.Series(served),
        "military.discharged": where(served, days(crowd.born + (np.minimum(age - 0.1, 20 + 2 * draw.stream.random(size)) * YEAR).astype(np.int64))),
        "military.training_programme": pl.Series(trained),
        "military.exempted_from_conscription": pl.Series(exempted),
        "military.acs_completed": pl.Series(objectors),
        "military.released_from_duty": pl.Series(draw.chance(size, rates.released)),
        "military.vus_present": pl.Series(draw.chance(size, np.where(crowd.women, 0.8, rates.specialty))),
        "military.vus_priority": pl.Series(draw.chance(size, rates.priority_specialty)),
        "military.combat_experience": pl.Series(served & draw.chance(size, rates.combat)),
    }


def _ranks(draw: Draw, age: Floats, rates: Rates) -> Ints:
    officer = (age > 22) & draw.chance(len(age), np.where(age < 45, rates.officers, rates.old_officers))
    ranks = officer * (1 + draw.place(len(age), _OFFICERS))
    return np.where((age < 32) & (ranks > 1), 1, ranks)


def _reserve_class(age: Floats, ranks: Ints, women: Flags) -> Ints:
    """The class by age and rank; women are always in the third."""
    return np.where(women, 3, np.minimum(1 + (age[:, None] >= _CLASS_ENDS[ranks]).sum(axis=1), 3))


def _status(draw: Draw, age: Floats, past: Flags, rates: Rates) -> pl.Series:
    size = len(age)
    chosen = np.zeros(size, dtype=np.int64)
    words = ("in_reserve", "retired", "not_in_reserve", "serving_contract", "serving_conscript")
    chosen[past & draw.chance(size, rates.retired_when_old)] = 1
    chosen[draw.chance(size, rates.never_enlisted)] = 2
    chosen[(age < 50) & draw.chance(size, rates.contract)] = 3
    chosen[(age < 24) & draw.chance(size, rates.conscript)] = 4
    return pl.Series(words, dtype=pl.String).gather(chosen)
