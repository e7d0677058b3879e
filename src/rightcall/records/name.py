"""A person's name as it is compared: one skeleton for all the ways it is written, and the readings that tell apart what meets in it.

A name that was Cyrillic comes back from a passport, a bank or a border as one of a dozen romanisations, and some letters of theirs
mean two sounds: ``j`` is й in one table and ж in another, ``ch`` is ч or the French ш. The *skeleton* gives such sounds one letter:
all spellings of a name meet in it, and now and then two names. The *readings* follow one habit of writing each; two names are the
same only where they share a skeleton and a reading, so that Bojko may be either of two Cyrillic names that stay two.

Sources: ICAO Doc 9303 part 3; GOST 16876-71, 7.79-2000, R 52535.1-2006, R 7.0.34-2014; BGN/PCGN 1947; orders 310 (1997, French) and
782 (2000) of the Russian ministry of the interior; ISO 9; Ukrainian letters after resolution 55 of 2010.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

_CYRILLIC = {
    **dict(zip("абвгдезийклмнопрстуфыэіїєґўѓќ", "abvgdeziiklmnoprstufyeiiegugk", strict=True)),
    **{"ё": "e", "ж": "Z", "х": "X", "ц": "T", "ч": "C", "ш": "S", "щ": "Q", "ъ": "", "ь": "", "ю": "iu", "я": "ia"},
    **{"ђ": "d", "ј": "i", "љ": "li", "њ": "ni", "ћ": "C", "џ": "Z", "қ": "k", "ғ": "g", "ҳ": "X", "ә": "a", "ө": "o", "ү": "u", "ұ": "u", "ң": "n"},
}
_MARKED = {"ž": "Z", "š": "S", "č": "C", "ŝ": "Q", "šč": "Q", "û": "iu", "â": "ia", "ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"}
_ENGLISH = {
    **{"shch": "Q", "shh": "Q", "sch": "Q", "zh": "Z", "sh": "S", "ch": "C", "tch": "C", "kh": "X", "h": "X", "x": "X"},
    **{"ts": "T", "tc": "T", "cz": "T", "c": "T"},
}
_FRENCH = {
    **{"chtch": "Q", "shh": "Q", "sc": "Q", "tch": "C", "ch": "S", "zh": "Z", "j": "Z", "kh": "X", "h": "X", "x": "ks"},
    **{"ts": "T", "tc": "T", "cz": "T", "c": "T", "oou": "ou", "ou": "u", "gue": "ge", "gui": "gi", "guy": "gi"},
}
_EITHER = {
    **dict.fromkeys(("chtch", "shch", "sch", "shh", "tch", "sh", "ch", "sc", "C", "S", "Q"), "S"),
    **dict.fromkeys(("zh", "Z", "j", "jj", "y"), "i"),
    **dict.fromkeys(("kh", "ks", "h", "x"), "X"),
    **dict.fromkeys(("ts", "tc", "cz", "c"), "T"),
    **{"oou": "u", "ou": "u", "gue": "ge", "gui": "gi", "guy": "gi"},
}
_DOUBLED = {letter * 2: letter for letter in "abcdefghijklmnopqrstuvwxyzCQSTXZ"}


@dataclass(frozen=True, slots=True)
class Habit:
    """One way to read Latin letters: ``sounds`` by spelling, the longest first; ``ending``, a pattern that loses its silent e."""

    name: str
    sounds: dict[str, str]
    ending: str = ""


SKELETON = Habit("skeleton", _EITHER, "ine$")
READINGS = (Habit("english", _ENGLISH), Habit("french", _FRENCH, "ine$"))
HABITS = (SKELETON, *READINGS)


def plain(text: pl.Expr) -> pl.Expr:
    """Lower-case letters and digits alone: without accents, spaces, hyphens, apostrophes. Null where nothing is left."""
    return _emptied(_letters(text.str.to_lowercase().str.normalize("NFKD")))


def read(text: pl.Expr, habit: Habit) -> pl.Expr:
    """A name read after one habit. Letters of no known script are kept as they are."""
    return _emptied(_smoothed(_sounded(_marked(text), habit)))


def skeleton(text: pl.Expr) -> pl.Expr:
    """The key in which all spellings of a name meet."""
    return read(text, SKELETON)


def spellings(names: pl.Series) -> pl.DataFrame:
    """Every distinct name once: ``name`` and one column for each habit. Shape: (distinct names, 4)."""
    distinct = pl.DataFrame({"name": names.drop_nulls().unique().sort()}, schema={"name": pl.String})
    return distinct.with_columns(read(pl.col("name"), habit).alias(habit.name) for habit in HABITS)


def shared(left: Iterable[pl.Expr], right: Iterable[pl.Expr]) -> pl.Expr:
    """Whether two names have a reading in common. Null where one of them is missing."""
    right = tuple(right)
    return pl.any_horizontal(one == other for one in left for other in right)


def _marked(text: pl.Expr) -> pl.Expr:
    """The letters, with those accents that carry a sound turned into it."""
    composed = text.str.to_lowercase().str.normalize("NFC").str.replace_many(_longest_first(_MARKED | _CYRILLIC), leftmost=True)
    return _letters(composed.str.normalize("NFKD"))


def _letters(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[^\p{Lu}\p{Ll}\p{Lo}\p{N}]", "")


def _sounded(text: pl.Expr, habit: Habit) -> pl.Expr:
    """The sounds of a name; before that ``eh``, as GOST 16876 writes э, where no х can stand."""
    text = text.str.replace_all("(^|[aiou])eh", "${1}e")
    text = text.str.replace(habit.ending, "in") if habit.ending else text
    return text.str.replace_many(_longest_first(habit.sounds), leftmost=True)


def _longest_first(sounds: dict[str, str]) -> dict[str, str]:
    """INVARIANT: of two spellings that begin alike the longer one is found, because the leftmost search takes the first of the list."""
    return dict(sorted(sounds.items(), key=lambda item: -len(item[0])))


def _smoothed(text: pl.Expr) -> pl.Expr:
    """й, и, ы and their romanisations as one ``i``; ё and a softened е as ``e``; no letter twice."""
    return text.str.replace_all("[ijy]+", "i").str.replace_all("i[eo]", "e").str.replace_many(_DOUBLED, leftmost=True)


def _emptied(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)
