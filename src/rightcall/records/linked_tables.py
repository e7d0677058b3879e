"""Two tables linked, or one rid of its duplicates: files read as texts, columns chosen, the result written beside and renamed.

Whoever links tables names the columns that tell people apart, or leaves the choice here: every column that both tables have and that
varies, except the id. The kind of each is found from its values.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from rightcall.law.problem import did_you_mean, refuse
from rightcall.records.column_kind import is_patronymic, kind_of
from rightcall.records.identity import KINDS, ROW, Field
from rightcall.records.linkage import Progress, Thresholds, deduplicate, link
from rightcall.records.model import Model, dumped, loaded
from rightcall.records.sheet import read_sheet

IDS = ("rec_id", "unique_id", "id")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user chose. ``on``: ``column`` or ``column:kind``, by commas; ``without``: columns to leave out; ``id``: of the id column."""

    on: str = ""
    without: str = ""
    id: str = ""
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Table:
    """A file as texts. ``rows``: its columns and ``row``; ``ids``: the id of each row, its number where the file has none."""

    path: Path
    rows: pl.DataFrame
    id: str

    @property
    def columns(self) -> list[str]:
        return [name for name in self.rows.columns if name != ROW]

    @property
    def ids(self) -> pl.Series:
        return (self.rows[self.id] if self.id else self.rows[ROW].cast(pl.String)).alias("id")


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """What was linked: how many links are certain and uncertain, how many rows of the right table have a certain one; by which fields."""

    left: int
    right: int
    certain: int
    uncertain: int
    linked: int
    fields: tuple[Field, ...]
    notes: tuple[str, ...]

    def lines(self) -> list[str]:
        """The summary, line by line."""
        links = f"{self.certain} certain links and {self.uncertain} uncertain ones, between {self.left} rows and {self.right}"
        return [_compared(self.fields), links, f"{self.linked} of the {self.right} rows speak for certain of somebody", *self.notes]


@dataclass(frozen=True, slots=True)
class ClusterCounts:
    """What was put together: rows, clusters, and how many clusters have more than one row; by which fields."""

    rows: int
    clusters: int
    shared: int
    fields: tuple[Field, ...]
    notes: tuple[str, ...]

    def lines(self) -> list[str]:
        """The summary, line by line."""
        return [_compared(self.fields), f"{self.rows} rows are {self.clusters} people; {self.shared} of them have more than one row", *self.notes]


def _compared(fields: Sequence[Field]) -> str:
    return f"compared: {', '.join(f'{field.name} ({field.kind})' for field in fields)}"


def link_tables(
    left: Path,
    right: Path,
    out: Path,
    choice: Choice,
    thresholds: Thresholds,
    progress: Progress = lambda doing: None,
    model: Path | None = None,
    save_model: Path | None = None,
) -> LinkCounts:
    """Write the links of two files to ``out`` (Parquet: left_id, right_id, probability, how, certain, agreement). Raises ``Refused``."""
    _check_out(out)
    one, other = read_table(left, choice), read_table(right, choice)
    fields = chosen_fields([one, other], choice)
    known = read_model(model) if model else None
    links = link(one.rows.lazy(), other.rows.lazy(), known.fields if known else fields, thresholds, progress, known)
    ids = [table.rows.select(ROW).with_columns(table.ids) for table in (one, other)]
    pairs = links.pairs.join(ids[0].rename({ROW: "left", "id": "left_id"}), on="left").join(ids[1].rename({ROW: "right", "id": "right_id"}), on="right")
    with _aside(out) as aside:
        pairs.sort("left", "right").select("left_id", "right_id", "probability", "how", "certain", "agreement").write_parquet(aside)
    _save(links.model, save_model)
    certain = pairs.filter("certain")
    uncertain = pairs.height - certain.height
    return LinkCounts(one.rows.height, other.rows.height, certain.height, uncertain, certain["right"].n_unique(), tuple(fields), links.notes)


def find_duplicates(
    path: Path,
    out: Path,
    choice: Choice,
    thresholds: Thresholds,
    progress: Progress = lambda doing: None,
    model: Path | None = None,
    save_model: Path | None = None,
) -> ClusterCounts:
    """Write which rows of a file speak of the same person to ``out`` (Parquet: id, cluster). Raises ``Refused``."""
    _check_out(out)
    table = read_table(path, choice)
    fields = chosen_fields([table], choice)
    known = read_model(model) if model else None
    found = deduplicate(table.rows.lazy(), known.fields if known else fields, thresholds, progress, known)
    rows = table.rows.select(ROW).with_columns(table.ids).join(found.rows, on=ROW, maintain_order="left")
    with _aside(out) as aside:
        rows.select("id", "cluster").write_parquet(aside)
    _save(found.model, save_model)
    sizes = rows.group_by("cluster").len()["len"]
    return ClusterCounts(rows.height, sizes.len(), int((sizes > 1).sum()), tuple(fields), found.notes)


def read_table(path: Path, choice: Choice) -> Table:
    """A file as texts without spaces around them; an empty cell is null. Raises ``Refused``."""
    with tempfile.TemporaryDirectory() as work:
        sheet = read_sheet(path, Path(work), choice.encoding)
        texts = [pl.col(name).cast(pl.String).str.strip_chars().replace("", None) for name in sheet.columns]
        rows = sheet.frame.select(texts).collect()
    if ROW in rows.columns:
        rows = rows.rename({ROW: f"{ROW} of the table"})
    return Table(path, rows.with_row_index(ROW), _id_column(path, rows, choice.id))


def _id_column(path: Path, rows: pl.DataFrame, asked: str) -> str:
    if asked:
        if asked not in rows.columns:
            raise refuse(f"there is no column `{asked}` to take ids from", path.name, did_you_mean(asked, rows.columns))
        if rows[asked].null_count() or rows[asked].is_duplicated().any():
            raise refuse(f"the ids in `{asked}` are not all there and different", path.name, "name another column with --id")
        return asked
    different = [name for name in rows.columns if not rows[name].null_count() and rows[name].n_unique() == rows.height]
    named = [name for name in IDS if name in different]
    return next(iter([*named, *different]), "")


def chosen_fields(tables: Sequence[Table], choice: Choice) -> tuple[Field, ...]:
    """The columns to compare, with the kind of each. Raises ``Refused`` for an unknown column or kind, and where none is left."""
    left_out = {name.strip() for name in choice.without.split(",") if name.strip()}
    _check_known(tables, left_out)
    asked = dict(_asked(word) for word in choice.on.split(",") if word.strip())
    _check_known(tables, asked)
    names = [name for name in asked or _shared(tables) if name not in left_out]
    if not names:
        raise refuse("there is no column to compare", help="name those that tell people apart: --on surname,given_name,date_of_birth")
    fields = [Field(name, asked.get(name) or _kind(name, tables)) for name in names]  # type: ignore[arg-type]
    return tuple(sorted(fields, key=lambda field: field.kind == "name" and is_patronymic(field.name)))


def _asked(word: str) -> tuple[str, str]:
    name, _, kind = word.strip().partition(":")
    if kind and kind not in KINDS:
        raise refuse(f"there is no kind `{kind}`", "--on", did_you_mean(kind, KINDS) or f"known are {', '.join(KINDS)}")
    return name.strip(), kind


def _check_known(tables: Sequence[Table], names: Sequence[str] | set[str] | dict[str, str]) -> None:
    for table in tables:
        for name in names:
            if name not in table.columns:
                raise refuse(f"there is no column `{name}` to compare", table.path.name, did_you_mean(name, table.columns))


def _shared(tables: Sequence[Table]) -> list[str]:
    """Columns that all tables have and that vary, less the ids."""
    first = tables[0]
    common = [name for name in first.columns if all(name in table.columns and name != table.id for table in tables)]
    return [name for name in common if all(table.rows[name].drop_nulls().n_unique() > 1 for table in tables)]


def _kind(name: str, tables: Sequence[Table]) -> str:
    return kind_of(name, pl.concat([table.rows[name] for table in tables]))


def read_model(path: Path) -> Model:
    """A model that an earlier run has written. Raises ``Refused``."""
    try:
        return loaded(path.read_text("utf-8"))
    except (OSError, UnicodeError) as error:
        raise refuse("the linking model cannot be read", path, str(error)) from None


def _save(model: Model | None, path: Path | None) -> None:
    if path and model:
        with _aside(path) as aside:
            aside.write_text(dumped(model), "utf-8")


def _check_out(out: Path) -> None:
    if out.suffix != ".parquet":
        raise refuse("the result is written as Parquet", "--out", "name a file that ends in .parquet")


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """A file to write; it becomes ``out`` when the block ends well."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.partial-", dir=out.parent)
        os.close(handle)
    except OSError as error:
        raise refuse(f"the results cannot be written: {error.strerror}", out, "name another file") from None
    try:
        yield Path(name)
        Path(name).replace(out)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise refuse(f"the results cannot be written: {error}", out, "nothing was changed; make room, or name another file") from None
    finally:
        Path(name).unlink(missing_ok=True)
