"""The faults of registers, and how they are sown: which row, of whom, what is wrong with it.

Each fault strikes a row with its own rate. What was sown is kept, so that every person who slips through can be led back to the row that did it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from rightcall.law.problem import did_you_mean, refuse
from rightcall.synthetic.crowd import eleven_digits
from rightcall.synthetic.draw import Draw, Flags, where
from rightcall.synthetic.rates import rate
from rightcall.synthetic.register import KEY, NAMES, PERSON, Register
from rightcall.synthetic.romanisation import STYLES, romanised

_LINKAGE = "order of magnitude of published studies of record linkage; no figure for these registers was found"
_OLDEST, _YOUNGEST = date(1930, 1, 1), date(2022, 9, 1)
_LETTERS = "абвгдежзийклмнопрстуфхцчшщыэюя"
_LATIN = "abcdefghijklmnoprstuvwxyz"
_FEMININE = "(а|ая|a|aia)$"


@dataclass(frozen=True, slots=True)
class Faults:
    """The rate of each fault: the share of a register's rows that have it."""

    missing: float = rate(
        0.004, "the row was never entered, or was lost; in a complete register its absence speaks", "under-registration of events, a few in a thousand"
    )
    stale: float = rate(
        0.003, "something changed after the as-of day: the row shows what was before, or is not there yet", "weekly change of a yearly turnover of about 15 %"
    )
    contradiction: float = rate(0.003, "two registers say different things of the same person")
    romanised: float = rate(0.015, "the name stands in Latin letters, by one of three habits of writing", _LINKAGE)
    typo: float = rate(0.010, "a letter of a name is wrong, missing, doubled or swapped with the next", _LINKAGE)
    date_digit: float = rate(0.004, "one digit of the birth date is wrong", _LINKAGE)
    swapped: float = rate(0.003, "surname and given name stand in each other's place", _LINKAGE)
    missing_part: float = rate(0.020, "the patronymic or the place is not there", _LINKAGE)
    changed_surname: float = rate(0.003, "the row bears an earlier surname", "some 1 in 300 men change their surname")
    missing_number: float = rate(0.020, "the personal number was not entered", _LINKAGE)
    wrong_number: float = rate(0.003, "one digit of the personal number is wrong", _LINKAGE)
    duplicate: float = rate(0.005, "the row is there a second time, with a typing error", _LINKAGE)
    namesake: float = rate(0.0005, "a row of somebody else with the same name and birth date")

    def scaled(self, factor: float, *names: str) -> Faults:
        """Some rates, or all, times a factor."""
        return replace(self, **{name: min(1.0, factor * value) for name, value in asdict(self).items() if not names or name in names})


FAULTS = tuple(entry.name for entry in fields(Faults))


def read_faults(asked: str | None) -> Faults:
    """The rates of a run: by default the usual ones; ``none``, ``double``, ``double:typo``, or a TOML file of names and rates.

    Raises ``Refused`` for a fault that does not exist or a rate that is none.
    """
    if asked is None:
        return Faults()
    word, _, name = asked.partition(":")
    if word == "none" and not name:
        return Faults().scaled(0)
    if word == "double":
        return Faults().scaled(2, *(_fault(part) for part in name.split(",") if part))
    return _of_file(Path(asked))


def _of_file(path: Path) -> Faults:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise refuse(f"`{path}` is not a file of fault rates", help="give none, double, double:typo, or a TOML file with lines such as typo = 0.02") from None
    return replace(Faults(), **{_fault(name): _rate(name, value) for name, value in table.items()})


def _fault(name: str) -> str:
    if name not in FAULTS:
        raise refuse(f"there is no fault `{name}`", help=did_you_mean(name, FAULTS) or f"faults are {', '.join(FAULTS)}")
    return name


def _rate(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise refuse(f"the rate of `{name}` cannot be `{value}`", help="a rate is a share from 0 to 1")
    return float(value)


@dataclass(frozen=True, slots=True)
class Sown:
    """A register's rows with their faults (the columns of ``rows_of``), and what was sown: ``row`` (from 0, none where there is no row), ``id``, ``fault``."""

    rows: pl.DataFrame
    log: pl.DataFrame


def sow(register: Register, rows: pl.DataFrame, faults: Faults, draw: Draw) -> Sown:
    """Rows with faults, in a new order. Who is struck by one fault does not change with the rate of another."""
    struck = {name: draw.chance(rows.height, getattr(faults, name)) for name in FAULTS}
    marked = rows.with_columns(pl.lit(None, pl.String).alias("~fault"))
    for name, change in _CHANGES.items():
        marked = _struck(marked, name, struck[name], change, register, draw)
    later = rows.select(register.later.fill_null(False)).to_series().to_numpy()
    not_there = struck["missing"] | (struck["stale"] & later)
    marked = marked.with_columns(_staled(register, struck["stale"]))
    lost = marked.filter(pl.Series(not_there)).select(pl.lit(None, pl.Int64).alias("row"), PERSON, _lost(struck, not_there))
    extra = [_copies(marked, struck["duplicate"] & ~not_there, draw), _namesakes(marked, struck["namesake"] & ~not_there, draw)]
    there = pl.concat([marked.filter(pl.Series(~not_there)), *extra])
    there = there[draw.order(there.height)].with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    log = pl.concat([lost.rename({PERSON: "id"}), there.select("row", pl.col(PERSON).alias("id"), pl.col("~fault").alias("fault"))])
    return Sown(there.drop("row", "~fault"), log.drop_nulls(["id", "fault"]).with_columns(pl.col("fault").str.split(" ")).explode("fault", empty_as_null=False))


def _lost(struck: Mapping[str, Flags], not_there: Flags) -> pl.Series:
    words = np.where(struck["missing"][not_there], "missing", "stale")
    return pl.Series("fault", words.astype(object), dtype=pl.String)


Change = Callable[[pl.DataFrame, Register, Draw], pl.DataFrame]


def _struck(rows: pl.DataFrame, name: str, struck: Flags, change: Change, register: Register, draw: Draw) -> pl.DataFrame:
    """The rows with those that were struck changed, and marked where something did change."""
    chosen = rows.filter(pl.Series(struck))
    changed = change(chosen, register, draw)
    differs = pl.Series([before != after for before, after in zip(chosen.iter_rows(), changed.iter_rows(), strict=True)], dtype=pl.Boolean)
    mark = pl.when(differs).then(pl.concat_str(["~fault", pl.lit(name)], separator=" ", ignore_nulls=True)).otherwise("~fault")
    changed = changed.with_columns(mark.alias("~fault"))
    return _put_back(rows, changed, struck)


def _put_back(rows: pl.DataFrame, changed: pl.DataFrame, struck: Flags) -> pl.DataFrame:
    """Changed rows in the places from which they were taken."""
    order = np.empty(rows.height, dtype=np.int64)
    order[np.concatenate([np.flatnonzero(~struck), np.flatnonzero(struck)])] = np.arange(rows.height)
    return pl.concat([rows.filter(pl.Series(~struck)), changed.cast(rows.schema)])[order]


def _staled(register: Register, struck: Flags) -> list[pl.Expr]:
    """What a stale row says: what stood there before."""
    stale = pl.lit(pl.Series(struck))
    changes = pl.any_horizontal([pl.col(fact).ne_missing(pl.lit(value)) for fact, value in register.before.items()]) if register.before else pl.lit(False)
    mark = pl.when(stale & changes).then(pl.concat_str(["~fault", pl.lit("stale")], separator=" ", ignore_nulls=True)).otherwise("~fault")
    return [*(pl.when(stale).then(pl.lit(value)).otherwise(pl.col(fact)).alias(fact) for fact, value in register.before.items()), mark.alias("~fault")]


def _disputed(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    if register.disputes is None:
        return rows
    fact, says = register.disputes
    return rows.with_columns(pl.col(fact).replace(says))


def _romanised(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    style = pl.Series(STYLES, dtype=pl.String).gather(draw.place(rows.height, [1.0] * len(STYLES)))
    return rows.with_columns(_in_style(pl.col(f"~{part}"), style).alias(f"~{part}") for part in NAMES)


def _in_style(name: pl.Expr, style: pl.Series) -> pl.Expr:
    return pl.coalesce(pl.when(pl.lit(style) == word).then(romanised(name, word)) for word in STYLES)


def _mistyped(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    """One letter of one name. The first letter is the one that people type most carefully; it stays."""
    part = np.array(NAMES)[draw.place(rows.height, (0.55, 0.3, 0.15))]
    chances = draw.stream.random((rows.height, 3))
    columns = {}
    for name in NAMES:
        words = rows[f"~{name}"].to_list()
        columns[f"~{name}"] = [
            mistyped(word, *chance) if word and chosen == name else word for word, chosen, chance in zip(words, part, chances.tolist(), strict=True)
        ]
    return rows.with_columns(pl.Series(name, words, dtype=pl.String) for name, words in columns.items())


def mistyped(word: str, where_at: float, kind: float, letter: float) -> str:
    """The word with one letter wrong, missing, doubled or swapped with the next; the three numbers, from 0 to 1, choose."""
    if len(word) < 3:
        return word
    at = 1 + int(where_at * (len(word) - 2))
    letters = _LETTERS if word[at].lower() in _LETTERS + "ёьъ" else _LATIN
    choices = (word[at + 1] + word[at], "", 2 * word[at], letters[int(letter * len(letters))])
    chosen = int(kind * 4)
    return word[:at] + choices[chosen] + word[at + (2 if chosen == 0 else 1) :]


def _misdated(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    chances = draw.stream.random(rows.height).tolist()
    return rows.with_columns(pl.Series("~birth", [misdated(day, chance) for day, chance in zip(rows["~birth"].to_list(), chances, strict=True)], dtype=pl.Date))


def misdated(day: date, chance: float) -> date:
    """The date with one digit wrong that still makes a date of a person's birth."""
    text = day.isoformat()
    texts = [text[:place] + digit + text[place + 1 :] for place in (2, 3, 5, 6, 8, 9) for digit in "0123456789" if digit != text[place]]
    found = [wrong for wrong in map(_date, texts) if wrong and _OLDEST <= wrong < _YOUNGEST]
    return found[int(chance * len(found))]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _swapped(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    return rows.with_columns(pl.col("~given").alias("~surname"), pl.col("~surname").alias("~given"))


def _cut(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    """The patronymic is not there; in six cases of ten the place instead, where the register has one."""
    place = draw.chance(rows.height, 0.6 if "place" in register.parts else 0.0)
    gone = {"patronymic": ~place} | ({"place": place} if "place" in register.parts else {})
    return rows.with_columns(where(~mask, rows[f"~{part}"]).alias(f"~{part}") for part, mask in gone.items())


def _renamed(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    """The surname of somebody else in the register, where its ending shows the same gender."""
    own, other = rows["~surname"], rows["~surname"][draw.order(rows.height)]
    same = own.str.contains(_FEMININE) == other.str.contains(_FEMININE)
    return rows.with_columns(other.zip_with(same.fill_null(False), own).alias("~surname"))


def _unnumbered(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, pl.String).alias("~number")) if "number" in register.parts else rows


def _misnumbered(rows: pl.DataFrame, register: Register, draw: Draw) -> pl.DataFrame:
    if "number" not in register.parts:
        return rows
    place, step = draw.between(rows.height, 0, 8).tolist(), draw.between(rows.height, 1, 9).tolist()
    wrong = [number and _other_digit(number, *how) for number, *how in zip(rows["~number"].to_list(), place, step, strict=True)]
    return rows.with_columns(pl.Series("~number", wrong, dtype=pl.String))


def _other_digit(number: str, place: int, step: int) -> str:
    return number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]


_CHANGES: Mapping[str, Change] = {
    "contradiction": _disputed,
    "changed_surname": _renamed,
    "romanised": _romanised,
    "typo": _mistyped,
    "date_digit": _misdated,
    "swapped": _swapped,
    "missing_part": _cut,
    "missing_number": _unnumbered,
    "wrong_number": _misnumbered,
}


def _copies(rows: pl.DataFrame, struck: Flags, draw: Draw) -> pl.DataFrame:
    """The same row a second time, typed anew."""
    copies = rows.filter(pl.Series(struck))
    chances = draw.stream.random((copies.height, 3)).tolist()
    names = [name and mistyped(name, *chance) for name, chance in zip(copies["~surname"].to_list(), chances, strict=True)]
    return copies.with_columns(pl.Series("~surname", names, dtype=pl.String), pl.lit("duplicate").alias("~fault"))


def _namesakes(rows: pl.DataFrame, struck: Flags, draw: Draw) -> pl.DataFrame:
    """Rows of other people who have the name and the birth date of somebody on the roll, in a town and with numbers of their own."""
    other = rows.filter(pl.Series(struck))
    listed = rows.filter(pl.col(PERSON).is_not_null()).select(PERSON, *(f"~{part}" for part in (*NAMES, "birth")))
    if listed.is_empty() or other.is_empty():
        return other.clear()
    models = listed[draw.place(other.height, [1.0] * listed.height)]
    own = [eleven_digits(draw.between(other.height, 1, 10**9 - 1)).alias("~number")] if "~number" in rows.columns else []
    return other.with_columns(*models.get_columns(), *own, pl.format("{}/2", KEY).alias(KEY), pl.lit("namesake").alias("~fault"))
