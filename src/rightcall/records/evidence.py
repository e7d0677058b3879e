"""Evidence: what the roll, the registers and the people themselves say, as one value a person and fact.

The result is a roll again, so the law is applied to it as to any other; but where a register is silent, stale, contradicted or may speak of
a namesake, the fact is unknown or within bounds: the hull of two worlds, where every uncertain link is taken for true and where for false.
See docs/reference/registers.md for the rules. People are read in slices, so memory is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from rightcall.law.assumption import could_protect
from rightcall.law.pack import Pack
from rightcall.law.value import UNBOUNDED, Span, as_date
from rightcall.law.vocabulary import COMPLETE, FactType
from rightcall.records.reconciliation import ANYTHING, Code, Ends, Said, contradict, hull, reconciled
from rightcall.records.register import ENTRY, FROM, PROVEN, UNTIL, Register, constant
from rightcall.records.roll import ID, Roll, layout_of
from rightcall.records.sheet import ROW

ACCEPTED, REFUSED = "accepted", "refused"
SLICE = 500_000
REGISTER, CERTAIN = "register", "certain"
LOW, HIGH = "~day.low", "~day.high"
_COUNTS, _DOUBTS, _STALE = "~counts", "~doubts", "~stale"


@dataclass(frozen=True, slots=True)
class Day:
    """The day that a register must count for: one for all, or each person's own from a fact."""

    on: Span | None
    fact: str

    def ends(self, columns: Sequence[str]) -> tuple[pl.Expr, pl.Expr]:
        if self.on is not None:
            return pl.lit(self.on.low, pl.Int32), pl.lit(self.on.high, pl.Int32)
        low, high = (f"{self.fact}.min", f"{self.fact}.max") if f"{self.fact}.min" in columns else (self.fact, self.fact)
        return pl.col(low).fill_null(-UNBOUNDED), pl.col(high).fill_null(UNBOUNDED)


@dataclass(slots=True)
class Counts:
    """How many people: ``rows`` by register and standing; ``contradicted`` by fact; ``claimed`` by fact."""

    linked: Counter[str] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    contradicted: Counter[str] = field(default_factory=Counter)
    claimed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Evidence:
    """All that is said: the roll, the registers, and which of their rows speak of whom (``links``: ``id``, ``register``, ``~row``, ``certain``)."""

    roll: Roll
    registers: tuple[Register, ...]
    links: pl.DataFrame
    pack: Pack
    day: Day

    def gathered(self, workdir: Path) -> tuple[Roll, Counts]:
        """The roll with what is known from everywhere, written aside in ``workdir``."""
        gathering = _Gathering(self)
        return gathering.roll(workdir), gathering.counts

    def in_both_worlds(self) -> Evidence:
        """Everybody twice, the name of a world and a colon before the id: every uncertain link is taken for true in one, for false in the other."""
        roll, links = self.roll, self.links
        accepted, refused = links.with_columns(pl.lit(True).alias(CERTAIN)), links.filter(CERTAIN)
        lists = {name: _twice(rows) for name, rows in roll.lists.items()}
        registers = (register if ID not in register.frame.collect_schema() else replace(register, frame=_twice(register.frame)) for register in self.registers)
        return replace(
            self, roll=replace(roll, people=_twice(roll.people), lists=lists, count=2 * roll.count), registers=tuple(registers),
            links=pl.concat([accepted.with_columns(_in_world(ACCEPTED)), refused.with_columns(_in_world(REFUSED))]),
        )  # fmt: skip

    def out_of_time(self) -> Iterator[str]:
        """Of each register whose word does not count on somebody's day: from when to when it does, and for how many it does not."""
        low, high = self.day.ends(self.roll.people.collect_schema().names())
        for register in self.registers:
            descriptor = register.descriptor
            if descriptor.as_of is not None and descriptor.kind == "register":
                last = UNBOUNDED if descriptor.valid_days is None else descriptor.as_of + descriptor.valid_days
                counts = (pl.lit(descriptor.as_of) <= low) & (high <= pl.lit(last))
                others = self.roll.people.select((~counts).sum()).collect(engine="streaming").item()
                if others:
                    span = f"from {as_date(descriptor.as_of)}" + ("" if last == UNBOUNDED else f" to {as_date(last)}")
                    yield f"{descriptor.name}: its word counts {span}; that is not the day judged of {others:,} people, so it says nothing of them"

    @cached_property
    def doubted(self) -> pl.Series:
        """The ids of people of whom a row may speak that may be somebody else's."""
        return self.links.filter(~pl.col(CERTAIN))[ID].unique(maintain_order=True)

    def of(self, ids: pl.Series) -> Evidence:
        """What is said of some people only, in memory."""
        his = pl.col(ID).is_in(ids.implode())
        links = self.links.filter(his)
        registers = tuple(replace(register, frame=_rows_of(register, links, his).collect(engine="streaming").lazy()) for register in self.registers)
        people = self.roll.people.filter(his).collect()
        lists = {name: rows.filter(his).collect().lazy() for name, rows in self.roll.lists.items()}
        roll = replace(self.roll, people=people.lazy(), lists=lists, count=people.height)
        return replace(self, roll=roll, registers=registers, links=links)

    @cached_property
    def codes(self) -> Mapping[str, Code]:
        """How the values of each fact are counted. The words of a text are those that some source has."""
        return {fact.name: Code(fact, fact.values or tuple(self._words(fact))) for fact in self.pack.vocabulary if fact.kind != "list"}

    def _words(self, fact: FactType) -> list[str]:
        if fact.kind != "text":
            return []
        listed = fact.name.partition("[].")[0]
        frames = [self.roll.lists[listed]] if listed != fact.name and listed in self.roll.lists else [self.roll.people]
        frames += [register.frame for register in self.registers]
        found = [frame.select(pl.col(fact.name).unique()).collect().to_series() for frame in frames if fact.name in frame.collect_schema()]
        return sorted({word for words in found for word in words.drop_nulls()})


def _rows_of(register: Register, links: pl.DataFrame, his: pl.Expr) -> pl.LazyFrame:
    if ID in register.frame.collect_schema():
        return register.frame.filter(his)
    rows = links.filter(pl.col(REGISTER) == register.descriptor.name)[ROW]
    return register.frame.filter(pl.col(ROW).is_in(rows.implode()))


class _Gathering:
    """One pass over the people."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence, self.counts = evidence, Counts()
        self.pack, self.codes = evidence.pack, evidence.codes
        self.plain = [register for register in evidence.registers if not register.descriptor.listed and register.descriptor.kind == "register"]
        self.answers = [register for register in evidence.registers if not register.descriptor.listed and register.descriptor.kind == "answers"]
        self.lists: dict[str, list[Register]] = {}
        for register in evidence.registers:
            if register.descriptor.listed in {fact.name for fact in self.pack.vocabulary.lists}:
                self.lists.setdefault(register.descriptor.listed, []).append(register)
        self.columns = tuple(evidence.roll.people.collect_schema().names())
        self.listed = tuple(sorted({*self.lists, *evidence.roll.lists}))

    def roll(self, workdir: Path) -> Roll:
        roll = self.evidence.roll
        files: dict[str, list[Path]] = {}
        for number, start in enumerate(range(0, max(roll.count, 1), SLICE)):
            people = roll.people.slice(start, SLICE).collect()
            for name, frame in self._slice(people).items():
                file = workdir / f"{name}.{number}.parquet"
                frame.write_parquet(file)
                files.setdefault(name, []).append(file)
        known = _narrowed(pl.scan_parquet(files.pop("~people")))
        lists = {name: _narrowed(pl.scan_parquet(parts)) for name, parts in files.items()}
        return replace(roll, people=known, lists=lists, layout=layout_of(known, lists))

    def _slice(self, people: pl.DataFrame) -> dict[str, pl.DataFrame]:
        low, high = self.evidence.day.ends(self.columns)
        base = people.with_columns(low.alias(LOW), high.alias(HIGH))
        days = base.select(ID, LOW, HIGH)
        lists = {name: self._list(name, days) for name in self.listed}
        for register in (*self.plain, *self.answers):
            base = base.join(self._aggregated(register, days), on=ID, how="left", maintain_order="left")
        known = self._known(base, {name: complete for name, (_, complete) in lists.items()})
        return {"~people": known} | {name: rows for name, (rows, _) in lists.items()}

    # the rows of one register

    def _rows(self, register: Register, days: pl.DataFrame) -> pl.DataFrame:
        """The rows that speak of the people at hand, each with its standing: it counts, it may be somebody else's, or it is stale."""
        name = register.descriptor.name
        if ID in register.frame.collect_schema():
            rows = register.frame.with_columns(pl.lit(True).alias(CERTAIN)).collect().join(days, on=ID, how="inner")
        else:
            links = self.evidence.links.filter(pl.col(REGISTER) == name).join(days, on=ID, how="inner")
            rows = register.frame.join(links.lazy(), on=ROW, how="inner").collect()
        valid = (pl.col(FROM) <= pl.col(LOW)) & (pl.col(HIGH) <= pl.col(UNTIL))
        valid = pl.lit(True) if register.descriptor.kind == "answers" else valid.fill_null(False)
        rows = rows.with_columns(valid.alias("~valid"))
        counts, doubts = pl.col(CERTAIN) & pl.col("~valid"), ~pl.col(CERTAIN) & pl.col("~valid")
        rows = _entered_once(rows.with_columns(counts.alias(_COUNTS), doubts.alias(_DOUBTS), (~pl.col("~valid")).alias(_STALE)))
        for counter, standing in ((self.counts.linked, _COUNTS), (self.counts.doubtful, _DOUBTS), (self.counts.stale, _STALE)):
            counter[name] += rows.filter(standing)[ID].n_unique()
        return rows

    def _aggregated(self, register: Register, days: pl.DataFrame) -> pl.DataFrame:
        """One row a person: whether the register has a row of him, and of each fact what its rows say together."""
        rows, name = self._rows(register, days), register.descriptor.name
        found = [pl.col(CERTAIN).any().alias(f"{name}|firm"), (~pl.col(CERTAIN)).any().alias(f"{name}|doubt")]
        counted = pl.col(_COUNTS) if register.descriptor.kind == "register" else pl.col(PROVEN)
        for fact in register.facts:
            ends = self.codes[fact].encoded(fact, rows.columns)
            if ends is None:
                continue
            counts, doubts = ends.where(counted), ends.where(pl.col(_DOUBTS) if register.descriptor.kind == "register" else ~pl.col(PROVEN))
            silent = (~pl.col(CERTAIN) & (pl.col(_STALE) | ends.low.is_null())).any()
            ways = {"low": counts.low.max(), "high": counts.high.min(), "least": counts.low.min(), "most": counts.high.max()}
            ways |= {"doubt.low": doubts.low.min(), "doubt.high": doubts.high.max(), "silent": silent}
            found += [value.alias(f"{name}|{fact}|{way}") for way, value in ways.items()]
        return rows.group_by(ID).agg(found)

    # one value a person and fact

    def _known(self, base: pl.DataFrame, complete: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        for name, said in complete.items():
            base = base.join(said.rename({"complete": f"~complete.{name}", "claimed": f"~claimed.{name}"}), on=ID, how="left", maintain_order="left")
        facts = [fact for fact in self.codes if "[]." not in fact and self._is_stated(fact)]
        ends = base.select(ID, *(column for fact in facts for column in self._settled(fact, base)))
        columns = {name: column for fact in facts for name, column in self._columns(fact).items()}
        self._count(ends, facts)
        kept = [column for column in self.columns if not any(column in (fact, f"{fact}.min", f"{fact}.max", f"{fact}.none") for fact in facts)]
        return base.select(kept).hstack(ends.select(**columns))

    def _is_stated(self, fact: str) -> bool:
        listed = fact.removesuffix(f".{COMPLETE}")
        in_roll = any(column in self.columns for column in (fact, f"{fact}.min", f"{fact}.none"))
        in_registers = any(fact in register.facts or fact in register.descriptor.absent for register in (*self.plain, *self.answers))
        return in_roll or in_registers or (listed != fact and listed in self.lists)

    def _settled(self, fact: str, base: pl.DataFrame) -> Iterator[pl.Expr]:
        """Ends of what is known of a fact, whether sources contradict each other, and whether he claims it."""
        code, columns = self.codes[fact], base.columns
        own = code.encoded(fact, self.columns)
        sources = [Said.once(own)] if own is not None else []
        sources += [Said(*(pl.col(f"{name}|{fact}|{way}") for way in ("low", "high", "least", "most"))) for name in self._saying(fact, columns, self.plain)]
        absences = [absence for register in self.plain if (absence := self._absence(fact, register, columns)) is not None]
        sources += [Said.once(certain) for certain, _ in absences]
        if f"~complete.{fact.removesuffix(f'.{COMPLETE}')}" in columns:
            said = pl.col(f"~complete.{fact.removesuffix(f'.{COMPLETE}')}").cast(pl.Int32)
            sources = [Said.once(Ends(said, said))]
        doubts = [self._doubtful(fact, name) for name in self._saying(fact, columns, self.plain)]
        known = hull(reconciled(sources), [*doubts, *(doubtful for _, doubtful in absences)])
        known, claimed = self._with_answers(fact, known, columns)
        of_list = f"~claimed.{fact.removesuffix(f'.{COMPLETE}')}"
        claimed = pl.col(of_list).fill_null(False) if of_list in columns else claimed
        yield from (known.low.alias(f"{fact}|low"), known.high.alias(f"{fact}|high"))
        yield from (contradict(sources).alias(f"{fact}|contradicted"), claimed.alias(f"{fact}|claimed"))

    def _saying(self, fact: str, columns: Sequence[str], registers: Sequence[Register]) -> list[str]:
        return [register.descriptor.name for register in registers if f"{register.descriptor.name}|{fact}|low" in columns]

    def _doubtful(self, fact: str, name: str) -> Ends:
        return Ends(pl.col(f"{name}|{fact}|doubt.low"), pl.col(f"{name}|{fact}|doubt.high"))

    def _absence(self, fact: str, register: Register, columns: Sequence[str]) -> tuple[Ends, Ends] | None:
        """What no row in a complete register says: for sure, and where a doubtful row that says nothing may be his after all."""
        descriptor = register.descriptor
        if fact not in descriptor.absent or not descriptor.complete or descriptor.as_of is None:
            return None
        until = UNBOUNDED if descriptor.valid_days is None else descriptor.as_of + descriptor.valid_days
        valid = (pl.lit(descriptor.as_of) <= pl.col(LOW)) & (pl.col(HIGH) <= pl.lit(until))
        silent = f"{descriptor.name}|{fact}|silent"
        doubt = pl.col(silent).fill_null(False) if silent in columns else pl.col(f"{descriptor.name}|doubt").fill_null(False)
        absent = valid & ~pl.col(f"{descriptor.name}|firm").fill_null(False)
        given = pl.DataFrame().select(constant(self.pack.vocabulary[fact], descriptor.absent[fact]))
        ends = self.codes[fact].encoded(fact, given.columns)
        assert ends is not None
        low, high = given.select(low=ends.low, high=ends.high).row(0)
        said = Ends(pl.lit(low, pl.Int32), pl.lit(high, pl.Int32))
        return said.where(absent & ~doubt), said.where(absent & doubt)

    # what the people themselves say

    def _with_answers(self, fact: str, known: Ends, columns: Sequence[str]) -> tuple[Ends, pl.Expr]:
        """Answers over records: with proof the answer; a denial where nothing is known; a claim makes doubt, but not of a record that protects.

        INVARIANT: no denial, proven or not, takes away what a record says that protects: with proof it leaves the two side by side.
        """
        claimed: pl.Expr = pl.lit(False)
        for name in self._saying(fact, columns, self.answers):
            proven = Ends(pl.col(f"{name}|{fact}|least"), pl.col(f"{name}|{fact}|most"))
            said, protected = self._doubtful(fact, name), known.exact & self._protects(fact, known)
            against = proven.low.is_not_null() & protected & ~self._protects(fact, proven)
            proven = hull(known, [proven]).where(against).otherwise(proven)
            denies = ~self._protects(fact, said) & self._is_assumed(fact, said)
            claims = said.low.is_not_null() & self._protects(fact, said) & ~protected & (known.low != said.low).fill_null(True)
            doubted = hull(known.otherwise(ANYTHING), [said])
            answered = said.where(denies & known.low.is_null())
            known = proven.otherwise(doubted.where(claims)).otherwise(known).otherwise(answered)
            claimed = claimed | against | (claims & proven.low.is_null())
        return known, claimed.fill_null(False)

    def _protects(self, fact: str, ends: Ends) -> pl.Expr:
        """Whether a value could make a ground true: of words and yes or no by the law's own polarity; of numbers and days always supposed."""
        kind = self.pack.vocabulary[fact]
        if kind.bounded or kind.kind == "text":
            return ends.low.is_not_null()
        values: tuple[bool | str, ...] = (True, False) if kind.kind == "bool" else kind.values
        numbers = [self.codes[fact].code(value) for value in values if self._could_protect(fact, value)]
        return ends.low.is_in(numbers).fill_null(False)

    def _could_protect(self, fact: str, value: bool | str) -> bool:
        return could_protect(fact, value, self.pack.protective, self.pack.parameters, self.pack.birthday)

    def _is_assumed(self, fact: str, ends: Ends) -> pl.Expr:
        """A denial settles only what is asked of the person, and only as the law would assume it."""
        value = self.pack.vocabulary[fact].unless_told
        if value is None:
            return pl.lit(False)
        number = value if isinstance(value, int) and not isinstance(value, bool) else self.codes[fact].code(value)
        return (ends.low == number) & (ends.high == number)

    def _columns(self, fact: str) -> dict[str, pl.Expr]:
        ends = Ends(pl.col(f"{fact}|low"), pl.col(f"{fact}|high"))
        claimable = any(fact in register.facts for register in self.answers) or self._is_claimable(fact.removesuffix(f".{COMPLETE}"))
        claimed = {f"{fact}.claimed": pl.col(f"{fact}|claimed")} if claimable else {}
        return {**self.codes[fact].decoded(fact, ends), **claimed}

    def _is_claimable(self, listed: str) -> bool:
        return any(register.descriptor.kind == "answers" for register in self.lists.get(listed, ()))

    def _count(self, ends: pl.DataFrame, facts: Sequence[str]) -> None:
        sums = ends.select(pl.col(f"{fact}|{what}").sum().cast(pl.Int64) for fact in facts for what in ("contradicted", "claimed")).row(0) if facts else ()
        for fact, contradicted, claimed in zip(facts, sums[::2], sums[1::2], strict=True):
            self.counts.contradicted[fact] += contradicted
            self.counts.claimed[fact] += claimed

    # lists

    def _list(self, name: str, days: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows of a list that are certain, and for whom they are all (``id``, ``complete``)."""
        spoken = [self._spoken(register, name, days, number) for number, register in enumerate(self.lists.get(name, ()), 1)]
        own = self._own_list(name, days)
        spoken = [*([own] if own else []), *spoken]
        fields = [f"{name}[].{column}" for column in self.pack.vocabulary[name].row]
        rows = pl.concat([one.rows for one in spoken], how="diagonal_relaxed")
        standing = pl.concat([one.standing for one in spoken])
        rows, standing = _overridden(rows, standing)
        present = [column for column in rows.columns if any(column == field or column.startswith(f"{field}.") for field in fields)]
        twin = pl.int_range(pl.len()).over([ID, "~source", *present])
        sources = pl.col("~source").n_unique().over([ID, "~twin", *present])
        people = standing.group_by(ID).agg(
            pl.len().alias("~speaking"), pl.col("covers").any(), (~pl.col("disturbed")).all().alias("~calm"),
        )  # fmt: skip
        kept = rows.with_columns(twin.alias("~twin")).with_columns(sources.alias("~sources")).join(people.select(ID, "~speaking"), on=ID, how="left")
        agreed = kept.filter(pl.col("~sources") == pl.col("~speaking"))
        dropped = kept.filter(pl.col("~sources") != pl.col("~speaking")).select(ID).unique()
        first = agreed.unique([ID, "~twin", *present], maintain_order=True)
        claimed = self._claimed_rows(name, days, first, fields)
        self.counts.claimed[f"{name}.{COMPLETE}"] += claimed.len()
        every = pl.concat([people, pl.DataFrame({ID: claimed})], how="diagonal")
        whole = every.unique(ID, keep="first", maintain_order=True).with_columns(
            pl.col(ID).is_in(dropped[ID].implode()).alias("~dropped"), pl.col(ID).is_in(claimed.implode()).alias("claimed")
        )
        settled = pl.col("covers") & pl.col("~calm") & ~pl.col("~dropped") & ~pl.col("claimed")
        complete = whole.select(ID, pl.when(settled).then(True).alias("complete"), "claimed")
        return first.select(ID, *present).with_row_index(ROW, offset=1), complete

    def _claimed_rows(self, name: str, days: pl.DataFrame, known: pl.DataFrame, fields: Sequence[str]) -> pl.Series:
        """Who claims an entry of a list without proof that is not there already. He may have it, so the list may not be all."""
        found = [pl.Series(ID, [], dtype=pl.String)]
        for register in self.lists.get(name, ()):
            if register.descriptor.kind == "answers":
                rows = self._rows(register, days).filter(~pl.col(PROVEN))
                same = [
                    column for column in rows.columns if column in known.columns and any(column == field or column.startswith(f"{field}.") for field in fields)
                ]
                found.append(rows.join(known, on=[ID, *same], how="anti", nulls_equal=True)[ID] if same else rows[ID])
        return pl.concat(found).unique(maintain_order=True)

    def _own_list(self, name: str, days: pl.DataFrame) -> _Spoken | None:
        """What the roll itself says of a list."""
        roll = self.evidence.roll
        column = f"{name}.{COMPLETE}"
        if name not in roll.lists and column not in self.columns:
            return None
        rows = (
            roll.lists[name].drop(ROW).join(days.select(ID).lazy(), on=ID, how="semi").collect() if name in roll.lists else pl.DataFrame(schema={ID: pl.String})
        )
        said = pl.col(column) if column in self.columns else pl.lit(None, pl.Boolean)
        standing = roll.people.select(ID, covers=said.fill_null(False)).join(days.select(ID).lazy(), on=ID, how="semi").collect()
        speaking = standing.filter(pl.col("covers") | pl.col(ID).is_in(rows[ID].unique().implode()))
        return _Spoken.of(rows, speaking.with_columns(pl.lit(False).alias("disturbed")), 0)

    def _spoken(self, register: Register, name: str, days: pl.DataFrame, number: int) -> _Spoken:
        """What one register says of a list: its rows that count, and of whom it says that they are all."""
        descriptor, all_rows = register.descriptor, self._rows(register, days)
        if descriptor.kind == "answers":
            rows = all_rows.filter(PROVEN)
            standing = rows.select(ID).unique().with_columns(pl.lit(descriptor.complete).alias("covers"), pl.lit(False).alias("disturbed"))
            return _Spoken.of(rows, standing, -number)
        rows = all_rows.filter(_COUNTS)
        disturbed = all_rows.filter(pl.col(_DOUBTS) | pl.col(_STALE))[ID].unique()
        standing = days.select(ID, self._covers(register).alias("covers"), pl.col(ID).is_in(disturbed.implode()).alias("disturbed"))
        speaking = standing.filter(pl.col("covers") | pl.col("disturbed") | pl.col(ID).is_in(rows[ID].unique().implode()))
        return _Spoken.of(rows, speaking, number)

    def _covers(self, register: Register) -> pl.Expr:
        """The people of whom a complete register speaks on their day, whether it has a row of them or not."""
        descriptor = register.descriptor
        if not descriptor.complete or descriptor.as_of is None:
            return pl.lit(False)
        until = UNBOUNDED if descriptor.valid_days is None else descriptor.as_of + descriptor.valid_days
        return (pl.lit(descriptor.as_of) <= pl.col(LOW)) & (pl.col(HIGH) <= pl.lit(until))


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Rows of a list from one source, and the people of whom it speaks: ``covers`` (these are all), ``disturbed`` (a row is stale or doubtful)."""

    rows: pl.DataFrame
    standing: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame, standing: pl.DataFrame, source: int) -> _Spoken:
        fields = [column for column in rows.columns if "[]." in column]
        number = pl.lit(source, pl.Int32).alias("~source")
        return cls(rows.select(ID, number, *fields), standing.select(ID, number, "covers", "disturbed"))


def _entered_once(rows: pl.DataFrame) -> pl.DataFrame:
    """Of an entry that a person has twice the row that counts: a child who was entered twice is one child."""
    if ENTRY not in rows.columns:
        return rows
    unnumbered = pl.when(pl.col(ENTRY).is_null()).then(ROW).alias("~unnumbered")
    first = rows.with_columns(unnumbered).sort(_COUNTS, ROW, descending=[True, False]).unique([ID, ENTRY, "~unnumbered"], keep="first", maintain_order=True)
    return first.sort(ROW).drop("~unnumbered")


def _overridden(rows: pl.DataFrame, standing: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Where somebody proved his list, only that counts; but it is not all where a record has an entry that it lacks. Sources of answers have numbers below nought."""
    proven = standing.filter(pl.col("~source") < 0)[ID].unique()
    if proven.is_empty():
        return rows, standing
    lacking = _lacking(rows.filter(pl.col(ID).is_in(proven.implode())))
    counts = (pl.col("~source") < 0) | ~pl.col(ID).is_in(proven.implode())
    disturbed = pl.col("disturbed") | pl.col(ID).is_in(lacking.implode())
    return rows.filter(counts), standing.filter(counts).with_columns(disturbed.alias("disturbed"))


def _lacking(rows: pl.DataFrame) -> pl.Series:
    """Whose records have an entry that his proven list lacks, or more of them. An entry is that of a record where all that the record says of it is the same."""
    fields = [column for column in rows.columns if "[]." in column]
    numbered = rows.with_row_index("~entry")
    proven, recorded = numbered.filter(pl.col("~source") < 0), numbered.filter(pl.col("~source") >= 0)
    same = [pl.col(field).is_null() | pl.col(field).eq_missing(pl.col(f"{field}|proven")) for field in fields]
    pairs = recorded.join(proven, on=ID, suffix="|proven").filter(*same)
    alone = recorded.join(pairs, on="~entry", how="anti")[ID]
    most = recorded.group_by(ID, "~source").len().join(proven.group_by(ID).len("~proven"), on=ID, how="left")
    return pl.concat([alone, most.filter(pl.col("len") > pl.col("~proven").fill_null(0))[ID]]).unique(maintain_order=True)


def _in_world(world: str) -> pl.Expr:
    return pl.format("{}:{}", pl.lit(world), ID).alias(ID)


def _twice(frame: pl.LazyFrame) -> pl.LazyFrame:
    return pl.concat([frame.with_columns(_in_world(world)) for world in (ACCEPTED, REFUSED)])


def _narrowed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Bounds that are exact everywhere are values: the law is applied faster to them. Columns with nothing in them are left out."""
    columns = frame.collect_schema().names()
    stems = [column.removesuffix(".min") for column in columns if column.endswith(".min")]
    inexact = [((pl.col(f"{stem}.min") != pl.col(f"{stem}.max")) | (pl.col(f"{stem}.min").is_null() ^ pl.col(f"{stem}.max").is_null())).any() for stem in stems]
    if not stems:
        return frame
    flags = frame.select(flag.fill_null(False).alias(stem) for stem, flag in zip(stems, inexact, strict=True)).collect(engine="streaming").row(0)
    exact = [stem for stem, flag in zip(stems, flags, strict=True) if not flag]
    ends = {f"{stem}.{end}" for stem in exact for end in ("min", "max")}
    return frame.select(*(column for column in columns if column not in ends), *(pl.col(f"{stem}.min").alias(stem) for stem in exact))
