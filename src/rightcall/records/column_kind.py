"""What kind of thing a column of a foreign table holds, found from its name and its values.

The name says what the column is meant to be, the values whether it is. A wrong kind costs accuracy and nothing else: a column of text
is compared as text.
"""

from __future__ import annotations

import re

import polars as pl

from rightcall.records.identity import Kind, digits

LOOKED_AT = 5_000
_NAMES = re.compile(
    r"name|surname|given|first|last|family|patronym|middle|forename|vorname|prenom|prénom|nom\b|имя|фамил|отчеств|прізвищ|ім.?я|по.?батькові|фио", re.I
)
_PATRONYMS = re.compile(r"patronym|middle|отчеств|по.?батькові", re.I)
_PLACES = re.compile(r"city|town|suburb|village|place|locality|settlement|район|город|місто|село|населен", re.I)
_BIRTHS = re.compile(r"birth|born|dob|year|рожд|народж", re.I)
_MOSTLY = 0.9
_NUMBER_LENGTH = 5


def kind_of(name: str, values: pl.Series) -> Kind:
    """The kind of a column of texts. Empty cells count for nothing; a column without any is text."""
    sample = values.drop_nulls().unique(maintain_order=True).head(LOOKED_AT)
    if sample.is_empty():
        return "text"
    if _share(sample, pl.col("value").str.contains(r"^\S+@\S+\.\S+$")) >= 0.7:
        return "email"
    if _is_date(name, sample):
        return "date"
    if _is_number(sample, values):
        return "number"
    if _NAMES.search(name) and _share(sample, ~pl.col("value").str.contains(r"\d")) >= _MOSTLY:
        return "name"
    return "place" if _PLACES.search(name) else "text"


def is_patronymic(name: str) -> bool:
    """Whether a column of names holds the ones that are left out most easily."""
    return bool(_PATRONYMS.search(name))


def _share(sample: pl.Series, holds: pl.Expr) -> float:
    return float(sample.to_frame("value").select(holds.fill_null(False).mean()).item())


def _is_date(name: str, sample: pl.Series) -> bool:
    """Dates, a few of them impossible. Four digits are a year only where the name of the column says so."""
    whole = digits(pl.col("value"), pl.String())
    year, month, day = (whole.str.slice(start, length).cast(pl.Int32, strict=False) for start, length in ((0, 4), (4, 2), (6, 2)))
    possible = year.is_between(1850, 2100) & (month <= 12) & (day <= 31)
    dated = possible & ((month > 0) | pl.lit(bool(_BIRTHS.search(name))))
    return _share(sample, dated) >= _MOSTLY


def _is_number(sample: pl.Series, values: pl.Series) -> bool:
    """Numbers of people: long, of digits for the most part, and hardly two alike."""
    numeric = pl.col("value").str.contains(r"^\W*\p{L}{0,3}\W*\d[\d\W]*\p{L}?$")
    length = sample.str.replace_all(r"[^\p{L}\p{N}]", "").str.len_chars().median()
    alike = values.n_unique() / max(values.len() - values.null_count(), 1)
    return _share(sample, numeric) >= _MOSTLY and float(length or 0) >= _NUMBER_LENGTH and alike > 0.3  # type: ignore[arg-type]
