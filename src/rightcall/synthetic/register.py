"""The registers of the country: what each authority keeps, of whom, how it writes it, and what it does not know.

Eight authorities, twelve tables. A register that is *complete* says by its silence that there is nothing; so it is one only where an authority
would answer for that. Bookings change daily and come late, so their table is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from rightcall.synthetic.draw import Draw, where
from rightcall.synthetic.population import Population
from rightcall.synthetic.romanisation import romanised

PARTS = ("number", "surname", "given", "patronymic", "birth", "place")
NAMES = ("surname", "given", "patronymic")
WHO, PERSON, KEY = "who", "~person", "~key"
_PLAIN: Mapping[str, str] = MappingProxyType({part: part for part in PARTS})
_LICENCE = "synthetic data, free for any use"


@dataclass(frozen=True, slots=True)
class Register:
    """A table of an authority. ``columns``: fact -> column. ``holds``: of whom it speaks. ``numbered``: the share of rows with a personal number.

    ``words``: how it writes a fact's words. ``knows``: the share of rows in which it knows a fact, where not all; ``only_yes``: facts that it
    states only where they hold; ``key``: the column of the number under which each entry stands once. A row that is *stale* shows ``before`` (fact -> what stood there earlier), or is not there yet where ``later``
    holds. ``disputes``: a fact that another register states too, and what a contradicting row says of it.
    """

    name: str
    title: str
    authority: str
    as_of: date
    valid_days: int
    columns: Mapping[str, str]
    holds: pl.Expr
    later: pl.Expr
    before: Mapping[str, Any] = field(default_factory=dict)
    disputes: tuple[str, Mapping[Any, Any]] | None = None
    identity: Mapping[str, str] = field(default_factory=lambda: _PLAIN)
    numbered: float = 0.95
    listed: str = ""
    complete: bool = False
    absent: Mapping[str, Any] = field(default_factory=dict)
    latin: bool = False
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    knows: Mapping[str, float] = field(default_factory=dict)
    only_yes: tuple[str, ...] = ()
    key: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.identity)


def _named(*facts: str) -> dict[str, str]:
    """Facts in columns called by the last word of their name."""
    return {fact: fact.rpartition(".")[2] for fact in facts}


_ALWAYS, _NEVER = pl.col(WHO) >= 0, pl.col(WHO) < 0
_CIVIL, _INTERIOR, _LABOUR = "Civil registry", "Ministry of the Interior", "Ministry of Labour"
_NO_NUMBER = {part: part for part in PARTS if part != "number"}

REGISTERS = (
    Register(
        name="civil_status",
        title="Deaths and marriages",
        authority=_CIVIL,
        as_of=date(2022, 9, 15),
        valid_days=90,
        columns={"person.alive": "alive", "spouse.married": "married"},
        holds=~pl.col("person.alive") | pl.col("spouse.married"),
        before={"person.alive": True},
        later=pl.col("person.alive"),
        numbered=0.85,
        complete=True,
        absent={"person.alive": True, "spouse.married": False},
    ),
    Register(
        name="children",
        title="Births and adoptions, by parent",
        authority=_CIVIL,
        as_of=date(2022, 9, 15),
        valid_days=90,
        columns=_named("birth_date", "relation", "dependent", "disabled", "palliative", "incurable", "raised_by_person", "mother_state"),
        holds=_ALWAYS,
        later=_ALWAYS,
        numbered=0.80,
        listed="children",
        key="certificate",
        complete=True,
        knows={"dependent": 0.9, "raised_by_person": 0.9},
    ),
    Register(
        name="siblings",
        title="Other children of the mother",
        authority=_CIVIL,
        as_of=date(2022, 9, 15),
        valid_days=90,
        columns={"birth_date": "sibling_born"},
        holds=_ALWAYS,
        later=_ALWAYS,
        numbered=0.80,
        listed="mother.other_children",
        key="certificate",
        complete=True,
    ),
    Register(
        name="wards",
        title="Guardianships",
        authority="Guardianship authorities",
        as_of=date(2022, 9, 20),
        valid_days=60,
        columns={"birth_date": "ward_born", "relation": "relation", "appointed": "appointed", "other_obliged": "other_obliged"},
        holds=_ALWAYS,
        later=_ALWAYS,
        numbered=0.7,
        listed="wards",
        complete=True,
    ),
    Register(
        name="education",
        title="Students of all institutions",
        authority="Ministry of Science and Higher Education",
        as_of=date(2022, 9, 10),
        valid_days=60,
        columns={f"study.{name}": name for name in ("form", "level", "org_type", "accredited", "first_at_level", "academic_leave", "since", "until")},
        holds=pl.col("study.form") != "other",
        before={"study.until": "none"},
        later=pl.col("study.until") == "none",
        identity={"surname": "last_name", "given": "first_name", "patronymic": "middle_name", "birth": "born", "place": "town"},
        numbered=0.0,
        complete=True,
        absent={"study.form": "other"},
        words={"study.form": {"full_time": "очная", "part_time_evening": "очно-заочная", "correspondence": "заочная"}},
        knows={"study.first_at_level": 0.95},
    ),
    Register(
        name="health",
        title="Fitness decisions and disability",
        authority="Ministry of Health",
        as_of=date(2022, 9, 12),
        valid_days=90,
        columns={
            "health.category": "category",
            "health.g_from": "unfit_from",
            "health.g_until": "unfit_until",
            "health.disability_group": "disability",
            "health.illness": "unseen_illness",
        },
        holds=(pl.col("health.category") != "A") | pl.col("health.illness"),
        before={"health.category": "B", "health.g_from": None, "health.g_until": None, "health.disability_group": "none"},
        later=_NEVER,
        disputes=("health.category", {"A": "B", "B": "V", "V": "B", "G": "B", "D": "V"}),
        numbered=0.95,
        knows={"health.illness": 0.4},
        only_yes=("health.illness",),
    ),
    Register(
        name="reservations",
        title="Bookings by employers, defence industry, lists of four sectors",
        authority="Ministry of Industry and Trade",
        as_of=date(2022, 9, 18),
        valid_days=45,
        columns=_named("booking.granted", "booking.annulled", "job.opk_org_listed", "job.defence_order_work", "job.opk_category", "job.on_commission_list")
        | _named("job.sector", "job.accredited_it", "job.telecom_licence", "job.media_backbone", "job.fin_critical_org", "job.on_general_staff_list")
        | {"booking.since": "booked_from", "booking.until": "booked_until", "job.since": "employed_from", "job.until": "employed_until"},
        holds=pl.col("booking.granted") | pl.col("job.on_commission_list") | pl.col("job.on_general_staff_list"),
        before={"booking.annulled": False, "job.until": "none"},
        later=~pl.col("booking.annulled").fill_null(False) & (pl.col("job.until").fill_null("none") == "none"),
        numbered=0.7,
    ),
    Register(
        name="military_record",
        title="Military record",
        authority="Ministry of Defence",
        as_of=date(2022, 9, 1),
        valid_days=120,
        columns=_named("military.status", "military.rank_group", "military.reserve_class", "military.served", "military.discharged")
        | _named("military.training_programme", "military.exempted_from_conscription", "military.acs_completed", "military.released_from_duty")
        | _named("military.vus_present", "military.vus_priority", "military.combat_experience", "military.on_register", "health.category"),
        holds=(pl.col("person.sex") == "M") | pl.col("military.vus_present"),
        before={"military.status": "in_reserve", "military.released_from_duty": False, "military.on_register": True},
        later=_NEVER,
        disputes=("health.category", {"A": "B", "B": "A", "V": "B", "G": "V", "D": "V"}),
        numbered=0.97,
        knows={"military.combat_experience": 0.8, "health.category": 0.9},
    ),
    Register(
        name="courts",
        title="Convictions",
        authority=_INTERIOR,
        as_of=date(2022, 9, 5),
        valid_days=120,
        columns={"article": "article", "gravity": "gravity", "final": "in_force", "spent": "spent", "expunged": "lifted", "minor_sexual": "against_minor"},
        holds=_ALWAYS,
        before={"spent": False, "expunged": False},
        later=~(pl.col("spent") | pl.col("expunged")),
        identity=_NO_NUMBER,
        numbered=0.0,
        listed="convictions",
        key="case",
        complete=True,
    ),
    Register(
        name="prisons",
        title="People serving a prison sentence",
        authority=_INTERIOR,
        as_of=date(2022, 9, 20),
        valid_days=60,
        columns={"prison.serving": "serving"},
        holds=pl.col("prison.serving"),
        later=_ALWAYS,
        identity={part: part for part in ("surname", "given", "patronymic", "birth")},
        numbered=0.0,
        complete=True,
        absent={"prison.serving": False},
    ),
    Register(
        name="residence",
        title="Citizenship and residence",
        authority=_INTERIOR,
        as_of=date(2022, 9, 10),
        valid_days=90,
        columns={"person.citizen_ru": "citizen", "person.residence": "residence", "person.alive": "alive"},
        holds=_ALWAYS,
        before={"person.residence": "russia", "person.citizen_ru": True, "person.alive": True},
        later=_NEVER,
        disputes=("person.alive", {True: False, False: True}),
        numbered=0.98,
        latin=True,
        knows={"person.alive": 0.6},
    ),
    Register(
        name="conscience",
        title="Alternative service granted, and elected office",
        authority=_LABOUR,
        as_of=date(2022, 9, 1),
        valid_days=120,
        columns={"belief.prior_acs_granted": "alternative_service", "office.title": "office", "office.since": "elected", "office.until": "ended"},
        holds=pl.col("belief.prior_acs_granted") | (pl.col("office.title") != "other"),
        later=_ALWAYS,
        numbered=0.6,
        complete=True,
        absent={"belief.prior_acs_granted": False, "office.title": "other"},
    ),
)


def rows_of(register: Register, country: Population, draw: Draw) -> pl.DataFrame:
    """The rows of a register without any fault: ``who``, ``~person`` (the id on the roll, if any), ``~key``, the parts of the identity, and the facts by name."""
    people = country.people
    source = country.lists[register.listed] if register.listed else people
    owners = people.select(
        WHO, pl.col("id").alias(PERSON), *(pl.col("person.birth_date" if part == "birth" else part).alias(f"~{part}") for part in register.parts)
    )
    facts = [_as_written(fact, source, register) for fact in register.columns]
    key = pl.format("{}-{}", pl.lit(country.crowd.chunk + 1), pl.int_range(pl.len()) + 1).alias(KEY)
    rows = source.filter(register.holds).select(WHO, key, *facts).join(owners, on=WHO, maintain_order="left")
    return _known(_numbered(_written_names(rows, register), register, draw), register, draw)


def _as_written(fact: str, source: pl.DataFrame, register: Register) -> pl.Expr:
    """A fact as a cell: where it may be none, as a text with the word."""
    cell = pl.col(fact)
    if f"{fact}.none" in source.columns:
        cell = pl.when(pl.col(f"{fact}.none")).then(pl.lit("none")).otherwise(cell.cast(pl.String) if fact in source.columns else None)
    words = register.words.get(fact)
    return (cell.replace(words) if words else cell).alias(fact)


def _written_names(rows: pl.DataFrame, register: Register) -> pl.DataFrame:
    return rows.with_columns(romanised(pl.col(f"~{part}"), "passport") for part in NAMES) if register.latin else rows


def _numbered(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    if "number" not in register.parts:
        return rows
    return rows.with_columns(where(draw.chance(rows.height, register.numbered), rows["~number"]).alias("~number"))


def _known(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    """Empty cells where the register does not know."""
    known = [where(draw.chance(rows.height, share), rows[fact]).alias(fact) for fact, share in register.knows.items()]
    return rows.with_columns(known).with_columns(pl.when(pl.col(fact)).then(pl.col(fact)).alias(fact) for fact in register.only_yes)
