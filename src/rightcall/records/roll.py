"""A roll: the people proposed for call-up, and the rows of their lists, as columns of facts.

Whatever the file was (CSV, XLSX, Parquet, YAML, JSON, or a folder with one file for people and one for each list), a roll is the
same: lazy frames with the columns that ``law.bulk`` describes, beside ``id``, ``~row`` (the row in the file) and ``~region``.
It is refused whole, with every fault of every file, or read whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from rightcall.law.compiler import Layout
from rightcall.law.pack import Pack
from rightcall.law.person import Known, Person, Rows
from rightcall.law.problem import SHOWN, Problem, Refused, did_you_mean, refuse
from rightcall.law.value import ABSENT, UNBOUNDED, Span
from rightcall.law.vocabulary import FactType, Vocabulary
from rightcall.records.column import ENDS, read_fact
from rightcall.records.descriptor import FILE, PARTS, Descriptor, read_descriptors
from rightcall.records.nested import Record, read_records
from rightcall.records.sheet import ROW, SUFFIXES, Faults, Sheet, read_sheet, suggested, words

ID = "id"
REGION = "~region"
OWNERS = ("id", "person", "person_id", "person.id")
NOTE = "note"
PEOPLE = "people"
BIRTH = "person.birth_date"
NESTED = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll that was read. ``files`` are what it was read from; ``records`` the reports of a case file, by id; ``identity`` what links people
    to registers: ``id``, ``~row`` and the parts that the roll has, as ``~surname`` and so on (texts; ``~birth`` a day number)."""

    files: tuple[Path, ...]
    people: pl.LazyFrame
    lists: Mapping[str, pl.LazyFrame]
    layout: Layout
    count: int
    notes: tuple[str, ...] = ()
    records: Mapping[str, Record] = field(default_factory=dict)
    identity: pl.LazyFrame | None = None


def read_roll(path: Path, pack: Pack, workdir: Path, encoding: str = "utf-8") -> Roll:
    """Read a roll from a file or a folder. Raises ``Refused`` with all its faults (the first shown, all counted)."""
    if path.is_dir():
        return _folder(path, pack, workdir, encoding)
    try:
        if path.suffix.lower() in NESTED and path.is_file():
            return _records(path, pack)
        sheet = read_sheet(path, workdir, encoding)
    except OSError as error:
        raise _unreadable(error, path, workdir) from error
    return _assemble([path], sheet, {}, pack, Faults())


def _unreadable(error: OSError, path: Path, workdir: Path) -> Refused | OSError:
    """A file of the roll that cannot be read is refused; a fault of the work folder is the business of who made it."""
    ours = error.filename is None or Path(str(error.filename)).is_relative_to(workdir)
    return error if ours else refuse(f"the file cannot be read: {error.strerror}", path)


def _folder(path: Path, pack: Pack, workdir: Path, encoding: str) -> Roll:
    faults, notes = Faults(), []
    found: dict[str, Path] = {}
    lists = [fact.name for fact in pack.vocabulary.lists]
    for file in sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith((".", "~$")) and file.name != FILE):
        if file.suffix.lower() not in SUFFIXES and file.stem not in (PEOPLE, *lists):
            notes.append(f"{file.name} was not read")
        elif file.suffix.lower() not in SUFFIXES:
            faults.add([Problem(f"`{file.suffix}` files are not read", file.name, help=f"known in a folder are {', '.join(SUFFIXES)}")])
        elif file.stem in found:
            faults.add([Problem(f"there are two files for `{file.stem}`", file.name, help=f"keep this one or {found[file.stem].name}")])
        elif file.stem not in (PEOPLE, *lists):
            near = did_you_mean(file.stem, (PEOPLE, *lists))
            faults.add([Problem(f"`{file.stem}` is not a list of the law", file.name, help=near or f"lists are {', '.join(lists)}")])
        else:
            found[file.stem] = file
    if PEOPLE not in found:
        faults.add([Problem("the folder has no `people` file", str(path), help="name it people.csv, people.xlsx or people.parquet")])
    ordered = sorted(found, key=lambda stem: (stem != PEOPLE, stem))
    sheets = {stem: sheet for stem in ordered if (sheet := _opened(found[stem], workdir, encoding, faults))}
    for descriptor in read_descriptors(path) if (path / FILE).is_file() else ():
        stem = descriptor.file.stem if descriptor.file else descriptor.name
        if descriptor.kind == "roll" and stem in sheets:
            sheets[stem] = _as_described(sheets[stem], descriptor)
    if PEOPLE not in sheets:
        raise faults.refused()
    return _assemble([found[stem] for stem in ordered], sheets.pop(PEOPLE), sheets, pack, faults, notes)


def _as_described(sheet: Sheet, descriptor: Descriptor) -> Sheet:
    """The columns under the names of the facts and of the parts of the identity that the descriptor gives them; the others are context."""
    kinds = sheet.frame.collect_schema()
    named = {part: column for part, column in descriptor.identity.items() if column in sheet.columns}
    values = {part: pl.col(column) for part, column in named.items()}
    for name, saying in descriptor.facts.items():
        text = words(saying.column, kinds[saying.column]) if saying.words and saying.column in sheet.columns else None
        if text is not None:
            values[name] = text.replace(list(saying.words), list(saying.words.values()))
        elif saying.column in sheet.columns:
            values[name] = pl.col(saying.column)
    return replace(sheet, frame=sheet.frame.select(ROW, **values), columns=tuple(values))


def _opened(file: Path, workdir: Path, encoding: str, faults: Faults) -> Sheet | None:
    """A file of a folder; where it cannot be read the others are still looked at."""
    try:
        return read_sheet(file, workdir, encoding)
    except Refused as refused:
        faults.add(refused.problems, refused.count)
    except OSError as error:
        refused_or_ours = _unreadable(error, file, workdir)
        if isinstance(refused_or_ours, OSError):
            raise
        faults.add(refused_or_ours.problems)
    return None


def _assemble(files: list[Path], people: Sheet, lists: Mapping[str, Sheet], pack: Pack, faults: Faults, notes: Iterable[str] = ()) -> Roll:
    said = list(notes)
    try:
        values = _people(people, pack, faults, said)
        frame = people.frame.select(values)
        owned = {name: _rows(sheet, pack.vocabulary[name], faults, said) for name, sheet in lists.items()}
        identified = ID in people.columns
        if identified:
            _check_ids(people, frame, faults)
        for name, sheet in lists.items():
            if identified and first_of(OWNERS, sheet.columns):
                _check_owners(sheet, owned[name], frame, faults)
        count = frame.select(pl.len()).collect(engine="streaming").item()
    except pl.exceptions.PolarsError as error:
        raise refuse(f"the file cannot be read: {next(iter(str(error).splitlines()), 'it is damaged')}", people.path.parent if lists else people.path) from None
    if not count:
        faults.add([people.problem("the roll has no people", help="it needs one row for each person")])
    if faults.count:
        raise faults.refused()
    return Roll(tuple(files), frame, owned, layout_of(frame, owned), count, tuple(said), identity=_identity(people, values, faults))


def layout_of(people: pl.LazyFrame, lists: Mapping[str, pl.LazyFrame]) -> Layout:
    columns = {name: frozenset(column.partition("[].")[2] for column in frame.collect_schema().names() if "[]." in column) for name, frame in lists.items()}
    return Layout(frozenset(people.collect_schema().names()), columns)


def _identity(sheet: Sheet, people: Sequence[pl.Expr], faults: Faults) -> pl.LazyFrame:
    """Who the people are, for linking: texts as written, and the birth date, from a column of its own or from the fact."""
    texts = [value for part in PARTS if part in sheet.columns and part != "birth" for value in _texts(sheet, part, f"~{part}", faults)]
    both = sheet.frame.select(*people, *texts)
    return both.select(ROW, ID, *_birth_of(both), *(value.meta.output_name() for value in texts))


def _birth_of(people: pl.LazyFrame) -> list[pl.Expr]:
    """The birth date where it is known to the day."""
    columns = people.collect_schema().names()
    if f"{BIRTH}.min" in columns:
        low = pl.col(f"{BIRTH}.min")
        return [pl.when(low == pl.col(f"{BIRTH}.max")).then(low).alias("~birth")]
    return [pl.col(BIRTH).alias("~birth")] if BIRTH in columns else []


def _people(sheet: Sheet, pack: Pack, faults: Faults, notes: list[str]) -> list[pl.Expr]:
    """The columns of the people, as expressions over the sheet."""
    values = [pl.col(ROW)]
    if ID in sheet.columns:
        values += _texts(sheet, ID, ID, faults)
    else:
        near = did_you_mean(ID, [column.lower() for column in sheet.columns])
        faults.add([sheet.problem("the roll has no column `id`", help=near or "give every person an id of his own")])
    facts = {fact.name: (fact, fact.name) for fact in pack.vocabulary.plain}
    facts |= {"birth": facts[BIRTH]} if BIRTH in facts else {}
    values += _facts(sheet, (ID, "region", *(part for part in PARTS if part not in facts)), facts, pack.vocabulary, faults, notes)
    region = "region" if "region" in sheet.columns else pack.region if pack.region in sheet.columns else None
    values += _texts(sheet, region, REGION, faults) if region else [pl.lit(None, pl.String).alias(REGION)]
    return values


def _texts(sheet: Sheet, column: str, name: str, faults: Faults) -> list[pl.Expr]:
    """A column of ids or regions: any kind of single value, as a text."""
    kind = sheet.frame.collect_schema()[column]
    text = words(column, kind)
    if text is None:
        faults.add([sheet.problem(f"`{column}` holds {kind}, not text", None, column, f"`{column}` is text")])
        return [pl.lit(None, pl.String).alias(name)]
    if kind == pl.String and not sheet.frame.select(((text != pl.col(column)) | (text == "")).any()).collect(engine="streaming").item():
        return [pl.col(column).alias(name)]
    return [pl.when(text != "").then(text).alias(name)]


def _facts(
    sheet: Sheet, beside: Iterable[str], facts: Mapping[str, tuple[FactType, str]], vocabulary: Vocabulary, faults: Faults, notes: list[str]
) -> list[pl.Expr]:
    """The expressions of all columns. ``facts``: the fact of each way to write it, and the name of what it becomes. Unknown columns are faults."""
    columns: dict[str, dict[str, str]] = {}
    for column in sheet.columns:
        if column in beside or column.startswith(NOTE):
            continue
        stem, end = _stem(column, facts)
        fact, name = facts.get(stem, (None, ""))
        if fact is None or (end in ("min", "max") and not fact.bounded):
            faults.add([_unknown(sheet, column, facts, vocabulary)])
        elif end in columns.setdefault(name, {}):
            faults.add([sheet.problem(f"the column `{column}` is there twice", None, column, f"the other is `{columns[name][end]}`")])
        else:
            columns[name][end] = column
    kinds = {name: fact for fact, name in facts.values()}
    said: list[str] = []
    values = [value for name, ends in columns.items() for value in read_fact(sheet, ends, kinds[name], name, faults, said)]
    notes += [f"{sheet.path.name}: {note}" for note in (*sheet.notes, *said)]
    return values


def _stem(column: str, facts: Mapping[str, object]) -> tuple[str, str]:
    """The fact that a column names, and which end of it."""
    stem, _, end = column.rpartition(".")
    return (stem, end) if column not in facts and end in ENDS else (column, "")


def _unknown(sheet: Sheet, column: str, facts: Iterable[str], vocabulary: Vocabulary) -> Problem:
    if column in vocabulary and vocabulary[column].kind == "list":
        return sheet.problem(f"`{column}` is a list", None, column, f"give a folder with people.csv and {column}.csv")
    help = suggested(column, [*facts, ID]) or "columns are facts of the law (rightcall pack show), id, region, or begin with `note`"
    return sheet.problem(f"unknown column `{column}`", None, column, help)


def _rows(sheet: Sheet, fact: FactType, faults: Faults, notes: list[str]) -> pl.LazyFrame:
    owner = first_of(OWNERS, sheet.columns)
    values = [pl.col(ROW)]
    if owner:
        values += _texts(sheet, owner, ID, faults)
    else:
        faults.add([sheet.problem("the list has no column `id`", help="each row names the person it belongs to, by the id of people")])
    fields = {f"{prefix}{name}": (kind, f"{fact.name}[].{name}") for name, kind in fact.row.items() for prefix in ("", f"{fact.name}.", f"{fact.name}[].")}
    values += _facts(sheet, (owner,) if owner else (), fields, Vocabulary({}), faults, notes)
    return sheet.frame.select(values)


def _check_ids(sheet: Sheet, people: pl.LazyFrame, faults: Faults) -> None:
    id = pl.col(ID)
    frame = people.select(ROW, ID)
    _report(sheet, frame.filter(id.is_null()), ID, faults, lambda _: "the person has no id", "give every person an id of his own")
    if frame.select((id > id.shift(1)).fill_null(pl.first(ROW) == pl.col(ROW)).all()).collect().item():
        return
    often = frame.filter(id.is_not_null()).group_by(ID).agg(pl.col(ROW), pl.len()).filter(pl.col("len") > 1)
    double = often.explode(ROW).select(ROW, ID).sort(ROW)
    _report(sheet, double, ID, faults, lambda id: f"the id `{id}` is there more than once", "give every person an id of his own")


def _check_owners(sheet: Sheet, rows: pl.LazyFrame, people: pl.LazyFrame, faults: Faults) -> None:
    nobody = rows.join(people.select(ID), on=ID, how="anti").select(ROW, ID).sort(ROW)

    def message(id: str | None) -> str:
        return "the row does not say whose it is" if id is None else f"the row is for `{id}`, who is not on the roll"

    _report(sheet, nobody, first_of(OWNERS, sheet.columns), faults, message, "remove the row, or add the person")


def _report(sheet: Sheet, bad: pl.LazyFrame, column: str | None, faults: Faults, message: Callable[[str | None], str], help: str) -> None:
    count = bad.select(pl.len()).collect(engine="streaming").item()
    if count:
        first = bad.head(SHOWN).collect()
        faults.add([sheet.problem(message(id), row, column, help) for row, id in first.iter_rows()], count)


def first_of(names: Iterable[str], columns: Iterable[str]) -> str | None:
    """The first of several names that is a column."""
    present = set(columns)
    return next((name for name in names if name in present), None)


def _records(path: Path, pack: Pack) -> Roll:
    records, problems = read_records(path, pack.vocabulary)
    if problems:
        raise Refused(problems)
    people = pl.DataFrame(_columns([record.person for record in records], records, pack)).lazy()
    lists = {fact.name: _list_frame(fact, records) for fact in pack.vocabulary.lists if any(fact.name in record.person.lists for record in records)}
    owned = {name: frame for name, frame in lists.items() if frame is not None}
    by_id = {record.id: record for record in records}
    return Roll((path,), people, owned, layout_of(people, owned), len(records), (), by_id)


def _columns(people: list[Person], records: list[Record], pack: Pack) -> dict[str, pl.Series]:
    columns = {ROW: pl.Series([record.number for record in records], dtype=pl.UInt32), ID: pl.Series([record.id for record in records], dtype=pl.String)}
    for fact in pack.vocabulary.plain:
        values = [_known(person, fact.name) for person in people]
        columns |= dict(columns_of(fact, fact.name, values))
    regions = [record.region or _text(record.person.facts.get(pack.region)) for record in records]
    return columns | {REGION: pl.Series(regions, dtype=pl.String)}


def _known(person: Person, name: str) -> Known:
    listed = name.removesuffix(".complete")
    if listed != name and listed in person.lists:
        return person.lists[listed].complete
    return person.facts.get(name)


def _text(value: Known) -> str | None:
    return value if isinstance(value, str) else None


def columns_of(fact: FactType, name: str, values: list[Known]) -> Iterator[tuple[str, pl.Series]]:
    """The columns that known values of a fact become; none where nobody has one."""
    if all(value is None for value in values):
        return
    if any(value is ABSENT for value in values):
        yield f"{name}.none", pl.Series([value is ABSENT for value in values], dtype=pl.Boolean)
    if not fact.bounded:
        yield name, pl.Series([None if value is ABSENT else value for value in values], dtype=pl.Boolean if fact.kind == "bool" else pl.String)
        return
    spans = [value if isinstance(value, Span) else None for value in values]
    if all(span is None or span.exact for span in spans):
        yield name, pl.Series([span and span.low for span in spans], dtype=pl.Int32)
    else:
        yield f"{name}.min", pl.Series([span.low if span and span.low > -UNBOUNDED else None for span in spans], dtype=pl.Int32)
        yield f"{name}.max", pl.Series([span.high if span and span.high < UNBOUNDED else None for span in spans], dtype=pl.Int32)


def _list_frame(fact: FactType, records: list[Record]) -> pl.LazyFrame | None:
    rows = [(record.id, row) for record in records for row in record.person.lists.get(fact.name, Rows()).rows]
    if not rows:
        return None
    columns = {ROW: pl.Series(range(1, len(rows) + 1), dtype=pl.UInt32), ID: pl.Series([id for id, _ in rows], dtype=pl.String)}
    for field_name, kind in fact.row.items():
        columns |= dict(columns_of(kind, f"{fact.name}[].{field_name}", [row.get(field_name) for _, row in rows]))
    return pl.DataFrame(columns).lazy()
