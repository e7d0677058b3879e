"""The score of a run over a synthetic country: how many wrong call-ups it stopped, how many right ones it cleared, and why it missed the rest.

Truth is the law applied to the facts as they are. A protected person is *stopped* while he is not clear; a callable one should be *clear* once he was
asked. Where the law itself is open nobody can be right or wrong, so these people are counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from rightcall.law import expression as x
from rightcall.law.pack import Pack
from rightcall.synthetic.register import REGISTERS

STOPPED_BAR, CLEARED_BAR = 0.995, 0.97
"""The shares a release must reach: of the protected not clear, before and after asking; of the callable clear after it."""
PROTECTED = ("barred", "deferred")
NO_FAULT = "no fault in a row of his"
MISS = ("id", "ground", "cause", "register", "row")


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    are: int
    of: int

    @property
    def share(self) -> float:
        return self.are / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """What a run is worth.

    ``stopped``: of the truly protected those not clear. ``cleared``: of the truly callable those clear. ``open_cleared``: of those whose case hangs on
    an open question of law those clear all the same. ``misses`` names every protected person who is clear, with the ground that protects him and the
    fault that hid it (``id``, ``ground``, ``cause``, ``register``, ``row``); ``held`` every callable one who is not, with the finding as his ground.
    """

    stopped_before: Share
    stopped: Share
    cleared_before: Share
    cleared: Share
    open_cleared: Share
    misses: pl.DataFrame
    held: pl.DataFrame

    @property
    def passes(self) -> bool:
        """Whether every bar is reached."""
        return min(self.stopped_before.share, self.stopped.share) >= STOPPED_BAR and self.cleared.share >= CLEARED_BAR


def score(truth: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, sown: pl.DataFrame, law: Pack) -> Score:
    """The score of findings (``id``, ``verdict``, ``reasons``) against the true ones. ``sown``: the faults (``register``, ``row``, ``id``, ``fault``)."""
    told = truth.select("id", pl.col("verdict").alias("truly"), pl.col("reasons").alias("grounds"))
    early, late = (told.join(found.select("id", "verdict", "reasons"), on="id", how="left", maintain_order="left") for found in (before, after))
    protected, callable_, clear = pl.col("truly").is_in(PROTECTED), pl.col("truly") == "clear", pl.col("verdict") == "clear"
    misses = late.filter(protected & clear).select("id", ground=pl.col("grounds").list.first())
    held = late.filter(callable_ & ~clear).select("id", ground=pl.col("reasons").list.first())
    return Score(
        stopped_before=_share(early, protected, ~clear),
        stopped=_share(late, protected, ~clear),
        cleared_before=_share(early, callable_, clear),
        cleared=_share(late, callable_, clear),
        open_cleared=_share(late, pl.col("truly") == "open", clear),
        misses=_explained(misses, sown, {id: registers_of(law, id) for id in law.provisions}),
        held=_explained(held, sown, {}),
    )


def _share(found: pl.DataFrame, of: pl.Expr, are: pl.Expr) -> Share:
    return Share(*found.select(are=(of & are).sum(), of=of.sum()).row(0))


def registers_of(law: Pack, provision: str) -> tuple[str, ...]:
    """The registers that speak of a fact at which a provision looks."""
    ground = law.provisions[provision].ground
    facts = {name.partition("[].")[0] for name in x.facts_of(ground)} if ground else set()
    return tuple(register.name for register in REGISTERS if facts & ({register.listed} if register.listed else {*register.columns}))


def _explained(people: pl.DataFrame, sown: pl.DataFrame, bearing: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """Each person with every fault in a row of his that bears on his ground; without one, said so. Where no register is named, all of them bear."""
    pairs = [(ground, register) for ground, registers in bearing.items() for register in registers]
    table = pl.DataFrame(pairs, schema={"ground": pl.String, "register": pl.String}, orient="row")
    faults = people.join(sown, on="id")
    bears = faults.join(table, on=["ground", "register"], how="semi") if bearing else faults
    every = people.join(bears.select("id", "register", "row", cause="fault"), on="id", how="left", maintain_order="left")
    return every.with_columns(pl.col("cause").fill_null(NO_FAULT)).select(*MISS)


def as_data(score: Score) -> dict[str, Any]:
    """The score for programs."""
    shares = {name: getattr(score, name) for name in ("stopped_before", "stopped", "cleared_before", "cleared", "open_cleared")}
    return {
        **{name: {"are": share.are, "of": share.of, "share": round(share.share, 6)} for name, share in shares.items()},
        "bars": {"stopped": STOPPED_BAR, "cleared": CLEARED_BAR},
        "passes": score.passes,
        "misses": score.misses.to_dicts(),
        "held": causes(score.held),
    }


def causes(people: pl.DataFrame) -> dict[str, int]:
    """How many people have each cause, the most frequent first. Who has two is counted with both."""
    where = pl.when(pl.col("register").is_null()).then("cause").otherwise(pl.format("{} in {}", "cause", "register"))
    counted = people.group_by(where.alias("cause")).agg(pl.col("id").n_unique()).sort("id", "cause", descending=[True, False])
    return dict(counted.iter_rows())


def as_text(score: Score) -> str:
    """The score to read: the figures against their bars, why people were missed, and every protected person who came out clear."""
    rows = [
        ("protected, not clear before asking", score.stopped_before, STOPPED_BAR),
        ("protected, not clear after asking", score.stopped, STOPPED_BAR),
        ("callable, clear before asking", score.cleared_before, None),
        ("callable, clear after asking", score.cleared, CLEARED_BAR),
        ("law open, clear all the same", score.open_cleared, None),
    ]
    lines = [_line(*row) for row in rows]
    lines += ["", f"callable but not clear: {score.held['id'].n_unique():,}", *_counted(score.held)]
    lines += ["", f"protected but clear: {score.misses['id'].n_unique():,}", *_counted(score.misses), *(f"  {line}" for line in _missed(score.misses))]
    return "\n".join(lines)


def _counted(people: pl.DataFrame) -> list[str]:
    return [f"  {count:>7,}  {cause}" for cause, count in causes(people).items()]


def _line(title: str, share: Share, bar: float | None) -> str:
    judged = "" if bar is None else f"  bar {100 * bar:.1f} %: {'reached' if share.share >= bar else 'NOT REACHED'}"
    return f"{title:<36} {share.are:>10,} of {share.of:>10,}  {100 * share.share:7.3f} %{judged}"


def _missed(misses: pl.DataFrame) -> list[str]:
    return [f"{id}  {ground}: {cause}{_place(register, row)}" for id, ground, cause, register, row in misses.iter_rows()]


def _place(register: str | None, row: int | None) -> str:
    if register is None:
        return ""
    return f" ({register}, no row)" if row is None else f" ({register}, row {row})"
