"""Cyrillic names in Latin letters, by three habits of writing: passports, libraries and geographers, older French-style passports.

After ICAO Doc 9303 (2013 and later), BGN/PCGN 1947 in its plain form, and the rules of Russian passports before 1997.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_WORDS = {
    "passport": "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia",
    "plain": "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya",
    "french": "a b v g d e e j z i i k l m n o p r s t ou f kh ts tch ch chtch - y - e iou ia",
}
STYLES = tuple(_WORDS)


def _table(words: str) -> Mapping[str, str]:
    pairs = {letter: "" if word == "-" else word for letter, word in zip(_LETTERS, words.split(), strict=True)}
    return pairs | {letter.upper(): word.capitalize() for letter, word in pairs.items()}


_TABLES = {style: _table(words) for style, words in _WORDS.items()}


def romanised(name: pl.Expr, style: str) -> pl.Expr:
    """The name in Latin letters."""
    table = _TABLES[style]
    return name.str.replace_many(list(table), list(table.values()))
