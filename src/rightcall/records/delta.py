"""What is new since an earlier run: rows of the roll and of the registers that came, changed or went, and which links that leaves standing.

INVARIANT: a link stands only while its row names whom it named, its person is who he was, and no newcomer has a claim on the row. All other
rows are linked anew to the whole roll, by what was learned of all rows before, so that they are linked as they would be among all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from rightcall.law.vocabulary import Vocabulary
from rightcall.records.baseline import PRINT, SAID, WHO, Baseline, all_row_prints, people_prints
from rightcall.records.evidence import REGISTER
from rightcall.records.matching import Linking, Table, identities_in, linked, match, registers_of
from rightcall.records.roll import ID, Roll
from rightcall.records.sheet import ROW

ON_ROLL, CHANGED_ON_ROLL, OFF_ROLL = "new on the roll", "changed on the roll", "no longer on the roll"
BECAUSE = {ID: pl.String, "because": pl.String}
_WAS = "was"
_PLACE = [REGISTER, ROW]


@dataclass(frozen=True, slots=True)
class Delta:
    """``because``: whom to look at anew, and why (``id``, ``because``: one row for each reason); ``baseline``: what this run saw, all links in it."""

    because: pl.DataFrame
    baseline: Baseline
    notes: tuple[str, ...] = ()

    @property
    def people(self) -> pl.Series:
        """The ids of those to look at anew."""
        return self.because.filter(pl.col("because") != OFF_ROLL)[ID].unique(maintain_order=True)


def since(before: Baseline, roll: Roll, tables: Sequence[Table], same: Collection[str], vocabulary: Vocabulary, how: Linking) -> Delta:
    """Compare roll and registers with what an earlier run saw, and link what is new. ``same``: registers whose file is the same to the byte."""
    how.progress("looking for what is new")
    people, earlier = people_prints(roll).collect(), before.people.collect()
    newcomers, leavers = _newcomers(people, earlier), earlier.join(people, on=ID, how="anti")
    rows = _rows_of_today(before, tables, same)
    moved = _moved(*(frame.filter(~pl.col(REGISTER).is_in(list(same))) for frame in (before.rows, rows)))
    lost = pl.concat([newcomers[ID], leavers[ID]])
    carried = _carried(before.links, moved, same)
    loose = _loose(carried, lost, moved, _claimed(roll, newcomers, tables, before, how))
    again = _linked_again(roll, tables, loose, before, vocabulary, how)
    standing = carried if loose.is_empty() else carried.join(loose, on=_PLACE, how="anti")
    links = standing if again.is_empty() else pl.concat([standing, again.select(standing.columns)])
    because = [_by_roll(people, earlier), _by_registers(before, carried, again, moved, loose)]
    reasons = pl.concat(because).unique(maintain_order=True).filter(pl.col(ID).is_in(people[ID].implode()) | (pl.col("because") == OFF_ROLL))
    return Delta(reasons, Baseline(people.lazy(), rows, links, before.learned, before.origin))


# people


def _newcomers(people: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Those who were not on the roll, or not with this identity."""
    return people.join(before.select(ID, WHO), on=[ID, WHO], how="anti", maintain_order="left").select(ID)


def _by_roll(people: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Whom the roll itself brings in."""
    both = people.join(before, on=ID, how="full", coalesce=True, maintain_order="left_right")
    came, went = pl.col(f"{SAID}_right").is_null(), pl.col(SAID).is_null()
    differs = (pl.col(SAID) != pl.col(f"{SAID}_right")) | (pl.col(WHO) != pl.col(f"{WHO}_right"))
    why = pl.when(went).then(pl.lit(OFF_ROLL)).when(came).then(pl.lit(ON_ROLL)).when(differs).then(pl.lit(CHANGED_ON_ROLL))
    return both.select(ID, why.alias("because")).drop_nulls("because")


# rows of registers


def _rows_of_today(before: Baseline, tables: Sequence[Table], same: Collection[str]) -> pl.DataFrame:
    names = {descriptor.name for descriptor, _ in tables}
    if names == set(same) == set(before.rows[REGISTER].unique()):
        return before.rows
    changed = all_row_prints((descriptor, sheet) for descriptor, sheet in tables if descriptor.name not in same)
    return pl.concat([before.rows.filter(pl.col(REGISTER).is_in(list(same))), changed])


def _moved(before: pl.DataFrame, today: pl.DataFrame) -> pl.DataFrame:
    """Every row of registers: ``was`` (its number before) and ``~row`` (its number today); one of them empty where it came or went.

    A row that is gone and one that is new are the same, ``altered``, where both name somebody in the same words.
    """
    stands = _paired(before, today, PRINT)
    came, went = stands.filter(pl.col(_WAS).is_null()), stands.filter(pl.col(ROW).is_null())
    altered = _paired(before.join(went, left_on=_PLACE, right_on=[REGISTER, _WAS], how="semi"), today.join(came, on=_PLACE, how="semi"), WHO)
    kept = stands.drop_nulls([_WAS, ROW]).with_columns(altered=pl.lit(False))
    return pl.concat([kept, altered.with_columns(altered=pl.col(_WAS).is_not_null() & pl.col(ROW).is_not_null())])


def _paired(before: pl.DataFrame, today: pl.DataFrame, by: str) -> pl.DataFrame:
    """Rows of both, the first of a fingerprint with the first, the second with the second."""
    twin = pl.int_range(pl.len()).over(REGISTER, by).alias("~twin")
    was, now = (rows.select(REGISTER, by, ROW, ID).with_columns(twin) for rows in (before, today))
    both = now.join(was.rename({ROW: _WAS}), on=[REGISTER, by, "~twin"], how="full", coalesce=True)
    return both.select(REGISTER, _WAS, ROW, pl.coalesce(ID, f"{ID}_right").alias(ID))


def _came(moved: pl.DataFrame) -> pl.DataFrame:
    return moved.filter(pl.col(_WAS).is_null())


def _went(moved: pl.DataFrame) -> pl.DataFrame:
    return moved.filter(pl.col(ROW).is_null())


def _carried(links: pl.DataFrame, moved: pl.DataFrame, same: Collection[str]) -> pl.DataFrame:
    """The links of rows that are still there, under their numbers of today."""
    if moved.is_empty():
        return links
    kept = moved.drop_nulls([_WAS, ROW]).select(REGISTER, _WAS, pl.col(ROW).alias("~now"))
    there = links.filter(pl.col(REGISTER).is_in(list(same)))
    followed = links.join(kept, left_on=_PLACE, right_on=[REGISTER, _WAS], how="inner").with_columns(pl.col("~now").alias(ROW)).drop("~now")
    return pl.concat([there, followed])


def _claimed(roll: Roll, newcomers: pl.DataFrame, tables: Sequence[Table], before: Baseline, how: Linking) -> pl.DataFrame:
    """The rows that may speak of newcomers."""
    if newcomers.is_empty() or before.learned is None or roll.identity is None:
        return pl.DataFrame(schema={REGISTER: pl.String, ROW: pl.UInt32})
    few = replace(roll, identity=roll.identity.filter(pl.col(ID).is_in(newcomers[ID].implode())))
    return linked(few, identities_in(tables), how, before.learned).links.select(_PLACE).unique()


def _loose(carried: pl.DataFrame, lost: pl.Series, moved: pl.DataFrame, claimed: pl.DataFrame) -> pl.DataFrame:
    """The rows to link anew: those that came, those that spoke of somebody who went or is another now, those with a new claim."""
    came = _came(moved).select(_PLACE)
    widowed = carried.filter(pl.col(ID).is_in(lost.implode())).select(_PLACE)
    return pl.concat([came, widowed, claimed]).unique(maintain_order=True)


def _linked_again(roll: Roll, tables: Sequence[Table], loose: pl.DataFrame, before: Baseline, vocabulary: Vocabulary, how: Linking) -> pl.DataFrame:
    if before.learned is None or loose.is_empty():
        return before.links.clear()
    registers = registers_of(only(tables, loose), vocabulary)
    return match(roll, registers, how, before.learned).links


def only(tables: Sequence[Table], rows: pl.DataFrame) -> tuple[Table, ...]:
    """The tables with these of their rows (``register``, ``~row``), in memory; those without any are left out."""
    wanted: Mapping[str, pl.Series] = {name: part[ROW] for (name,), part in rows.partition_by(REGISTER, as_dict=True).items()}
    found = []
    for descriptor, sheet in tables:
        if descriptor.name in wanted:
            frame = sheet.frame.filter(pl.col(ROW).is_in(wanted[descriptor.name].implode())).collect(engine="streaming")
            found.append((descriptor, replace(sheet, frame=frame.sort(ROW).lazy(), notes=())))
    return tuple(found)


def _by_registers(before: Baseline, carried: pl.DataFrame, again: pl.DataFrame, moved: pl.DataFrame, loose: pl.DataFrame) -> pl.DataFrame:
    """Whom the registers bring in: of whom a row came, changed, went, or is linked otherwise."""
    changed = pl.concat([_went(moved), moved.filter("altered")])
    lost_rows = before.links.join(changed, left_on=_PLACE, right_on=[REGISTER, _WAS], how="semi")
    loosened = carried.join(loose, on=_PLACE, how="semi")
    answers = pl.concat([_came(moved), changed]).drop_nulls(ID)
    return pl.concat(frame.select(ID, pl.col(REGISTER).alias("because")) for frame in (lost_rows, loosened, again, answers))


def everybody(roll: Roll, reasons: Iterable[str]) -> pl.DataFrame:
    """All on the roll, for reasons that concern all."""
    ids = roll.people.select(ID).collect()
    return pl.concat([pl.DataFrame(schema=BECAUSE), *(ids.with_columns(because=pl.lit(reason)) for reason in reasons)])
