"""Family: wife and children, the mother's other children, wards, and relatives who need care.

Each list is a table with ``who``, the place of the person in the crowd; whoever has no row in it has none.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rightcall.synthetic.crowd import LONG_AGO, YEAR, Crowd
from rightcall.synthetic.draw import Draw, Flags, Floats, Ints, days, where
from rightcall.synthetic.rates import Rates

FATHERS_AT = ((18, 0.0), (20, 0.02), (25, 0.22), (30, 0.50), (35, 0.66), (40, 0.64), (45, 0.48), (50, 0.25), (60, 0.04), (72, 0.0))
"""The share of men with a child under 18 at an age: an assumption, in line with mean ages of fathers."""
MARRIED_AT = ((18, 0.01), (22, 0.12), (27, 0.45), (35, 0.66), (50, 0.72), (72, 0.72))
_STATES = {"present": 0.0, "divorced_elsewhere": 0.0, "dead": 0.45, "rights_terminated": 0.15, "declared_missing": 0.05, "unknown_in_register": 0.35}
_AWAY = {"abroad": 0.25, "imprisoned": 0.1, "ill": 0.65}
_RELATIVES = {"mother": 0.34, "father": 0.16, "wife": 0.1, "grandmother": 0.18, "grandfather": 0.06, "full_brother": 0.04, "other": 0.12}
_MANY = (5, 6, 7)


def family(crowd: Crowd, rates: Rates) -> dict[str, pl.Series]:
    """Marriage, pregnancies, the mother's marital state, care."""
    draw, size = crowd.draw("family"), crowd.size
    married = draw.chance(size, at_age(crowd.age, MARRIED_AT))
    expecting = married & ~crowd.women & (crowd.age < 45) & draw.chance(size, rates.wife_pregnant)
    own = crowd.women & (crowd.age < 42) & draw.chance(size, rates.wife_pregnant)
    cares = draw.chance(size, rates.carer)
    return {
        "spouse.married": pl.Series(married),
        "spouse.pregnant": pl.Series(expecting),
        "spouse.twins": where(expecting, pl.Series(draw.chance(size, 0.015))),
        **_term(crowd, draw, expecting, "spouse", expecting),
        **_term(crowd, draw, own, "pregnancy", crowd.women),
        "mother.without_husband": pl.Series(draw.chance(size, rates.mother_alone)),
        "care.permanent": pl.Series(cares),
        "care.relative": where(cares, draw.pick(size, _RELATIVES)),
        "care.mse_constant_care": where(cares, pl.Series(draw.chance(size, 0.5))),
        "care.group_one": where(cares, pl.Series(draw.chance(size, 0.35))),
        "care.other_obliged": where(cares, pl.Series(draw.chance(size, 0.35))),
    }


def at_age(age: Floats, points: tuple[tuple[float, float], ...]) -> Floats:
    """A share that runs in straight lines between points (age, share)."""
    table = np.array(points)
    return np.asarray(np.interp(age, table[:, 0], table[:, 1]))


def _term(crowd: Crowd, draw: Draw, expecting: Flags, name: str, asked: Flags) -> dict[str, pl.Series]:
    """The certificate of a pregnancy: the term on its day. A woman certified not pregnant has a term of 0, on the day judged."""
    size = crowd.size
    since = draw.between(size, 2, 30) * expecting
    term = draw.between(size, 40, 240) * expecting
    return {f"{name}.ga_days_at_cert": where(asked, pl.Series(term, dtype=pl.Int32)), f"{name}.cert_date": where(asked, days(crowd.on - since))}


def children(crowd: Crowd, rates: Rates) -> pl.DataFrame:
    """Children under 18 by the census, some grown ones, and what the law looks at. One state of the mother for each family."""
    draw = crowd.draw("children")
    who, age = _children_of(draw, crowd, rates)
    size = len(who)
    state = _mothers(draw, crowd.size, rates).gather(who)
    present = (state == "present").to_numpy()
    gone = state.is_in(list(_STATES)[2:]).to_numpy()
    raised = draw.chance(size, np.select([present, gone], [0.96, 0.93], 0.07))
    return pl.DataFrame(
        {
            "who": who,
            "birth_date": days(np.asarray(crowd.on[who] - age * YEAR, dtype=np.int64)),
            "relation": draw.pick(size, {"biological": 0.955, "adopted": 0.012, "ward": 0.005, "step": 0.028}),
            "dependent": raised | draw.chance(size, 0.7),
            "disabled": draw.chance(size, rates.child_disabled),
            "palliative": draw.chance(size, rates.child_gravely_ill),
            "incurable": draw.chance(size, rates.child_gravely_ill),
            "raised_by_person": raised,
            "mother_state": state,
        }
    )


def _children_of(draw: Draw, crowd: Crowd, rates: Rates) -> tuple[Ints, Floats]:
    """The parent of each child and its age in years: a parent is at least 18 years older."""
    fathers = np.flatnonzero(draw.chance(crowd.size, at_age(crowd.age, FATHERS_AT)))
    counts = 1 + draw.place(len(fathers), (rates.children_1, rates.children_2, rates.children_3, rates.children_4, rates.children_5))
    counts = np.where(counts >= _MANY[0], counts + draw.place(len(fathers), (0.7, 0.2, 0.1)), counts)
    small = np.repeat(fathers, counts)
    grown = np.flatnonzero((crowd.age > 40) & draw.chance(crowd.size, 0.35))
    ages = LONG_AGO[0] / YEAR + draw.stream.random(len(small)) * np.clip(crowd.age[small] - 18.2, 0.1, 17.85)
    older = 18 + draw.stream.random(len(grown)) * (crowd.age[grown] - 37)
    return np.concatenate([small, grown]), np.concatenate([ages, older])


def _mothers(draw: Draw, size: int, rates: Rates) -> pl.Series:
    gone = {word: share * rates.mother_gone for word, share in _STATES.items() if share}
    away = {word: share * 0.01 for word, share in _AWAY.items()}
    present = 1 - rates.child_away - sum(gone.values()) - sum(away.values())
    return draw.pick(size, {"present": present, "divorced_elsewhere": rates.child_away, **gone, **away})


def siblings(crowd: Crowd, rates: Rates) -> pl.DataFrame:
    """The mother's other children: some of about the same age, and in few families four or more small ones."""
    draw, size = crowd.draw("siblings"), crowd.size
    plain = np.repeat(np.arange(size), draw.place(size, (0.42, 0.42, 0.12, 0.04)))
    big = np.flatnonzero((crowd.age < 27) & draw.chance(size, rates.big_family_of_mother))
    small = np.repeat(big, 4 + draw.place(len(big), (0.7, 0.3)))
    ages = np.maximum(crowd.age[plain] + draw.between(len(plain), -12, 12) + draw.stream.random(len(plain)), 0.5)
    return _born(crowd, np.concatenate([plain, small]), np.concatenate([ages, 0.3 + 8.2 * draw.stream.random(len(small))]))


def wards(crowd: Crowd, rates: Rates) -> pl.DataFrame:
    """Brothers and sisters of whom the person is the guardian."""
    draw = crowd.draw("wards")
    who = np.flatnonzero((crowd.age < 45) & draw.chance(crowd.size, rates.guardian))
    size = len(who)
    relation = {"full_brother": 0.42, "full_sister": 0.42, "half_brother": 0.08, "half_sister": 0.08}
    return _born(crowd, who, 4 + 14 * draw.stream.random(size)).with_columns(
        draw.pick(size, relation).alias("relation"),
        pl.Series("appointed", draw.chance(size, 0.85)),
        pl.Series("other_obliged", draw.chance(size, 0.15)),
    )


def _born(crowd: Crowd, who: Ints, age: Floats) -> pl.DataFrame:
    return pl.DataFrame({"who": who, "birth_date": days(np.asarray(crowd.on[who] - age * YEAR, dtype=np.int64))})
