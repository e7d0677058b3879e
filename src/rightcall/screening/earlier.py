"""An earlier run, and a later one built on it: whose findings stand, whose were made anew, who flipped, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import rightcall
from rightcall.law.document import read_document
from rightcall.law.problem import refuse
from rightcall.records.baseline import FOLDER, Baseline
from rightcall.records.delta import OFF_ROLL
from rightcall.records.dossier import Past
from rightcall.records.roll import ID
from rightcall.screening.names import LIST
from rightcall.screening.receipt import file_hash

FINDINGS, PROMISED, CHANGES = "findings.parquet", "promised.parquet", "changes.parquet"
_RECEIPT = "receipt.json"
CHANGED = {"id": pl.String, "before": pl.String, "after": pl.String, "because": LIST, "gained": LIST, "lost": LIST}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run whose results are in ``folder``: its receipt, and what it saw."""

    folder: Path
    receipt: Mapping[str, Any]
    baseline: Baseline

    def same_registers(self, registers: Sequence[Mapping[str, Any]]) -> frozenset[str]:
        """The registers whose files are the same to the byte."""
        before = {row["name"]: row["sha256"] for row in self.receipt["registers"]}
        return frozenset(row["name"] for row in registers if row["sha256"] and before.get(row["name"]) == row["sha256"])

    def describes(self, registers: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the registers are described as they were: else no link of then says anything now."""
        return [_described(row) for row in self.receipt["registers"]] == [_described(row) for row in registers]

    def past(self, receipt: Mapping[str, Any]) -> Past:
        """What a later run may build on. ``receipt``: of the later run, as far as it is known before it begins."""
        registers = receipt["registers"]
        if not self.describes(registers):
            return Past(None, all_because=("the description of the registers",))
        return Past(self.baseline, self.same_registers(registers), tuple(self.reasons_for_all(receipt)))

    def reasons_for_all(self, receipt: Mapping[str, Any]) -> Iterator[str]:
        """Why everybody has to be looked at anew."""
        if self.receipt["pack"] != receipt["pack"]:
            yield "the law"
        if self.receipt["readings"] != receipt["readings"]:
            yield "the readings"
        if self.receipt["day"] != receipt["day"]:
            yield "the day judged"


def _described(register: Mapping[str, Any]) -> tuple[str, str]:
    return register["name"], register["descriptor"]


def read_earlier(path: Path) -> Earlier:
    """The run of a receipt, or of the folder it stands in. Raises ``Refused`` where it is none, or nothing can be built on it."""
    folder = path if path.is_dir() else path.parent
    if not (folder / _RECEIPT).is_file() or (not path.is_dir() and path.name != _RECEIPT):
        raise refuse(f"`{path}` is not the receipt of a run", "--since", "name the receipt.json in the results of an earlier run")
    receipt = read_document(folder / _RECEIPT)
    if receipt["rightcall"] != rightcall.__version__:
        raise refuse("the earlier run was made with another version of Rightcall", path, "make a whole run once, without --since")
    if file_hash(folder / FINDINGS) != receipt["findings"]["sha256"]:
        raise refuse("the findings of the earlier run are not those of its receipt", path, "make a whole run once, without --since")
    return Earlier(folder, receipt, Baseline.read(folder / FOLDER))


def merged(earlier: Path, anew: Path, looked_at: pl.Series, order: pl.Series, size: int) -> Iterator[pl.DataFrame]:
    """One row for everybody of the roll, in its order, slice by slice: made anew for those looked at, the earlier one for the others.

    Memory is bounded where the roll stands in the order it had. INVARIANT: everybody has one row; who has none in either is an error here,
    not a gap in the results.
    """
    ids = {path: pl.read_parquet(path, columns=[ID]).with_row_index("place").with_columns(anew=pl.lit(path == anew)) for path in (earlier, anew)}
    stand = ids[earlier].filter(~pl.col(ID).is_in(looked_at.implode()))
    places = order.to_frame(ID).join(pl.concat([stand, ids[anew]]), on=ID, how="left", maintain_order="left").select("place", "anew")
    if places["place"].null_count():
        raise AssertionError(f"{places['place'].null_count()} people have no finding")
    for start in range(0, places.height, size):
        part = places.slice(start, size)
        stands, found = (_around(path, part.filter(pl.col("anew") == (path == anew))["place"]) for path in (earlier, anew))
        at = pl.when("anew").then(pl.col("place").cast(pl.Int64) + stands.rows.height - found.first).otherwise(pl.col("place").cast(pl.Int64) - stands.first)
        # In one piece: rows are taken from it four times as fast.
        # Where everybody is looked at anew the earlier findings may have the columns of another law.
        both = pl.concat([side.rows for side in (stands, found) if side.rows.height or side is found], rechunk=True)
        yield both[part.select(at)["place"]]


@dataclass(frozen=True, slots=True)
class _Window:
    """Rows of a file from the place ``first`` on."""

    first: int
    rows: pl.DataFrame


def _around(path: Path, places: pl.Series) -> _Window:
    """The rows of a file from the first of some places to the last."""
    first, last = (int(places.min()), int(places.max())) if places.len() else (0, -1)  # type: ignore[arg-type]
    return _Window(first, pl.scan_parquet(path).slice(first, last + 1 - first).collect())


def merged_promises(earlier: Path, anew: Path, looked_at: pl.Series, order: pl.Series, target: Path) -> None:
    """The promises beside the findings; most people have none."""
    stand = pl.read_parquet(earlier).filter(~pl.col(ID).is_in(looked_at.implode()) & pl.col(ID).is_in(order.implode()))
    pl.concat([stand, pl.read_parquet(anew)]).write_parquet(target)


def flips(earlier: Path, anew: Path, because: pl.DataFrame) -> pl.DataFrame:
    """Whose verdict or grounds are others now, of those looked at anew: ``id``, ``before``, ``after``, ``because``, and the grounds ``gained`` and ``lost``.

    Who left the roll has nothing after, who is new on it nothing before.
    """
    reasons = because.group_by(ID, maintain_order=True).agg(pl.col("because").unique(maintain_order=True))
    was, now = (_looked_at(path, reasons[ID]) for path in (earlier, anew))
    both = reasons.join(was, on=ID, how="left").join(now, on=ID, how="left", suffix="_now")
    gone = pl.col("because").list.contains(OFF_ROLL)
    before, then = pl.col("grounds").fill_null([]), pl.when(gone).then(pl.lit([], dtype=LIST)).otherwise(pl.col("grounds_now").fill_null([]))
    found = both.select(
        "id", before=pl.col("verdict"), after=pl.when(~gone).then("verdict_now"), because="because",
        gained=then.list.set_difference(before), lost=before.list.set_difference(then),
    )  # fmt: skip
    differs = pl.col("before").ne_missing(pl.col("after")) | (pl.col("gained").list.len() > 0) | (pl.col("lost").list.len() > 0)
    return found.filter(differs).cast(CHANGED)  # type: ignore[arg-type]


def _looked_at(findings: Path, ids: pl.Series) -> pl.DataFrame:
    protected = pl.col("verdict").is_in(["barred", "deferred"])
    grounds = pl.when(protected).then("reasons").otherwise(pl.lit([], dtype=LIST)).alias("grounds")
    return pl.scan_parquet(findings).filter(pl.col(ID).is_in(ids.implode())).select(ID, "verdict", grounds).collect()
