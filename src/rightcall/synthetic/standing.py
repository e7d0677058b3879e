"""Standing: alive, citizen, at home or abroad, convicted, in office, of conscience; and how the notice was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from rightcall.synthetic.crowd import YEAR, Crowd
from rightcall.synthetic.draw import Draw, Flags, Ints, days, where
from rightcall.synthetic.rates import Rates

_ARTICLES = {
    "minor": ("116.1", "119", "158", "264.1"),
    "medium": ("112", "158", "159", "228"),
    "grave": ("111", "158", "161", "228"),
    "especially_grave": ("105", "162", "205.2", "228.1"),
}
_GRAVITIES = {"minor": 0.47, "medium": 0.29, "grave": 0.19, "especially_grave": 0.05}
_TITLES = {"municipal_deputy": 0.86, "regional_deputy": 0.1, "state_duma_deputy": 0.03, "senator": 0.01}
_ELECTED = 18_889
"""19 September 2021: the last general elections before the call-up."""
_PROPER = ("summons.issued_by_commissariat", "summons.names_person", "summons.states_date_place", "summons.delivered_personally", "summons.signed")


@dataclass(frozen=True, slots=True)
class Conscience:
    """Who objects, and to whom alternative service was granted before."""

    contrary: Flags
    granted: Flags


def conscience(crowd: Crowd, rates: Rates) -> Conscience:
    draw = crowd.draw("conscience")
    contrary = draw.chance(crowd.size, rates.objector)
    return Conscience(contrary, contrary & (crowd.age > 21) & draw.chance(crowd.size, rates.objector_before))


def standing(crowd: Crowd, rates: Rates, belief: Conscience) -> dict[str, pl.Series]:
    """What a person is to the state, apart from service. The old are dead more often."""
    draw, size = crowd.draw("standing"), crowd.size
    abroad = draw.chance(size, rates.abroad)
    residence = np.select([abroad, draw.chance(size, rates.away)], ["abroad_permanent", "abroad_temporary"], "russia")
    held = draw.chance(size, rates.office_holder)
    return {
        "person.alive": pl.Series(~draw.chance(size, rates.dead * (crowd.age / 38) ** 2)),
        "person.sex": pl.Series(np.where(crowd.women, "F", "M").astype(object), dtype=pl.String),
        "person.citizen_ru": pl.Series(~draw.chance(size, rates.foreign)),
        "person.residence": pl.Series(residence.astype(object), dtype=pl.String),
        "person.protected_person_gc4": pl.Series(np.zeros(size, dtype=bool)),
        "military.on_register": pl.Series(~(abroad & draw.chance(size, rates.struck_abroad))),
        "prison.serving": pl.Series(draw.chance(size, rates.prisoner)),
        "belief.contrary": pl.Series(belief.contrary),
        "belief.claimed_before_dispatch": where(belief.contrary, pl.Series(draw.chance(size, 0.75))),
        "belief.prior_acs_granted": pl.Series(belief.granted),
        "office.title": draw.pick(size, _TITLES).zip_with(pl.Series(held), pl.Series(["other"]).new_from_index(0, size)),
        "office.since": where(held, days(np.full(size, _ELECTED))),
        "office.until.none": pl.Series(held),
    }


def callup(crowd: Crowd) -> dict[str, pl.Series]:
    """The call-up itself, and whether it was done as it should be. The day judged is that of the decision."""
    draw, size = crowd.draw("callup"), crowd.size
    return {
        "callup.force": pl.Series(["armed_forces"]).new_from_index(0, size),
        "date.decision": days(crowd.on),
        **{name: pl.Series(draw.chance(size, 0.95)) for name in _PROPER},
        "commission.decision_exists": pl.Series(draw.chance(size, 0.97)),
        "commission.checked_grounds": pl.Series(draw.chance(size, 0.9)),
        "commission.documents_refused": pl.Series(draw.chance(size, 0.02)),
    }


def convictions(crowd: Crowd, rates: Rates) -> pl.DataFrame:
    """Rows of convictions, with ``who``: the place of the person in the crowd. Most old ones have lapsed."""
    draw = crowd.draw("convictions")
    who = _owners(draw, crowd, rates)
    size = len(who)
    gravity = draw.pick(size, _GRAVITIES)
    years = draw.stream.random(size) * np.minimum(crowd.age[who] - 17.5, 16) + 0.2
    spent = draw.chance(size, np.select([years > 10, years > 5], [0.92, 0.7], 0.1))
    return pl.DataFrame(
        {
            "who": who,
            "article": _article(draw, gravity),
            "gravity": gravity,
            "final": days(np.asarray(crowd.on[who] - years * YEAR, dtype=np.int64)),
            "spent": spent,
            "expunged": draw.chance(size, 0.02),
            "minor_sexual": draw.chance(size, 0.004),
        }
    )


def _owners(draw: Draw, crowd: Crowd, rates: Rates) -> Ints:
    convicted = np.flatnonzero(draw.chance(crowd.size, rates.convicted) & (crowd.age > 19) & ~crowd.women)
    return np.repeat(convicted, 1 + draw.place(len(convicted), (0.7, 0.2, 0.1)))


def _article(draw: Draw, gravity: pl.Series) -> pl.Series:
    table = pl.Series([article for articles in _ARTICLES.values() for article in articles], dtype=pl.String)
    first = gravity.replace_strict({word: 4 * place for place, word in enumerate(_ARTICLES)}, return_dtype=pl.Int64)
    return table.gather(first.to_numpy() + draw.place(len(gravity), (0.3, 0.3, 0.3, 0.1)))
