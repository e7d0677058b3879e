"""A pack compiled for many people: the same findings as ``reason``, as columns.

People have the columns ``id``, perhaps ``~row`` (a number of their own, which joins faster), and, for each fact that the roll holds, one named like the fact: bools and texts nullable,
integers and dates as nullable whole numbers (day numbers), or ``.min`` and ``.max`` beside each other where values may
be bounds; ``.none`` is true where a value is known to be none. Lists have ``id`` and their fields, named ``list[].field``.

The same plan runs on Polars, Spark and DuckDB, through Narwhals. It is compiled once and applied to a roll or to slices of it, so that
memory is bounded. Inside a plan no column has a dot in its name; frames of Spark come so (``column.spelled``). Lists are joined with the days and facts their rules look at, counted by person, and joined back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from rightcall.law import column as c
from rightcall.law import expression as x
from rightcall.law.calendar import Calendar
from rightcall.law.column import Flag, Pair, all_of, any_of, as_formula, both, either, no
from rightcall.law.compiler import Compiler, Layout, Mode, Term
from rightcall.law.formula import Formula, Frame, Words, value, when
from rightcall.law.pack import Pack
from rightcall.law.provision import Provision
from rightcall.law.question import Readings
from rightcall.law.value import ANY, UNBOUNDED, Span
from rightcall.law.why import Why, WhyCompiler, conjunction, disjunction

ID = "id"
ROW = "~row"
PERSON = "~person"
DAY_KEY = 4_000_000_000
"""Makes one number of the two ends of a day."""
MISSING = "missing "
QUESTION = "question "
PROMISE = "promise "
LABEL = "label"


@dataclass(frozen=True, slots=True)
class Plan:
    """Columns to compute for people, and how. Apply it to any slice of the roll that it was compiled for, on any engine."""

    outputs: Mapping[str, Formula]
    compilers: tuple[Compiler, ...]

    def apply(self, people: Frame, lists: Mapping[str, Frame], beside: Sequence[str] = (ID,)) -> Frame:
        """The outputs beside ``id``, one row a person, for people and the rows of their lists, all of one engine."""
        people, lists = plainly(people), {name: plainly(rows) for name, rows in lists.items()}
        for compiler in self.compilers:
            people = _with_calendar(people, compiler.day)
        words = Words(people)
        for compiler in self.compilers:
            people = _with_counts(people, lists, compiler, words)
            people = _with_layers(people, compiler, "", words)
        return words.select(people, beside, self.outputs)


def plainly(frame: Frame) -> Frame:
    """The same frame, its columns named as plans name them."""
    dotted = {name: c.spelled(name) for name in frame.collect_schema().names() if "." in name}
    return frame.rename(dotted) if dotted else frame


def _with_calendar(people: Frame, day: Calendar) -> Frame:
    """Join what the days bring. A person without the day has the whole number line."""
    if not day.columns:
        return people
    low, high = ends_of(day.fact, frozenset(people.collect_schema().names()))
    key = low.cast(nw.Int64) * DAY_KEY + high
    return people.with_columns(key.alias(day.key)).join(_table_beside(people, day), on=day.key, how="left")


def _table_beside(people: Frame, day: Calendar) -> Frame:
    """The calendar as a frame of the engine that holds the people."""
    table = nw.from_dict(day.table(DAY_KEY), backend="polars")
    numbers = [name for name, values in day.columns.items() if not isinstance(values[0], bool)]
    table = table.with_columns(nw.col(day.key).cast(nw.Int64), *(nw.col(name).cast(nw.Int32) for name in numbers))
    engine = people.implementation
    session = people.to_native().sparkSession if engine.is_spark_like() else None
    return table.lazy(None if engine.is_polars() else engine, session=session)


def ends_of(name: str, columns: frozenset[str]) -> tuple[nw.Expr, nw.Expr]:
    """Low and high end of a date of the people, unknown being the whole number line. ``columns``: those of a frame."""
    name = c.spelled(name)
    if f"{name}/min" in columns:
        low, high = nw.col(f"{name}/min"), nw.col(f"{name}/max")
    elif name in columns:
        low = high = nw.col(name)
    else:
        low = high = nw.lit(None, nw.Int32)
    return low.fill_null(-UNBOUNDED).cast(nw.Int32), high.fill_null(UNBOUNDED).cast(nw.Int32)


def _with_counts(people: Frame, lists: Mapping[str, Frame], compiler: Compiler, words: Words) -> Frame:
    """Count the rows of all lists by person. They are put under each other first: one grouping, one join."""
    columns = [column for counted in compiler.counted.values() for column in counted.flags]
    if not columns:
        return people
    number = ROW if ROW in people.collect_schema().names() else ID
    people = people.with_columns(nw.col(number).alias(PERSON))
    rows = [_flagged_rows(people, lists[name], compiler, name, words) for name in compiler.counted]
    counts = nw.concat(rows).group_by(PERSON).agg(*(nw.col(column).sum() for column in columns))
    return people.join(counts, on=PERSON, how="left").with_columns(*(nw.col(column).fill_null(0) for column in columns)).drop(PERSON)


def _flagged_rows(people: Frame, rows: Frame, compiler: Compiler, name: str, words: Words) -> Frame:
    """The rows of a list with what the law counts of them, and nothing of what it counts of other lists."""
    lent, flags = sorted(compiler.lent.get(name, ())), compiler.counted[name].flags
    rows = rows.join(people.select(ID, PERSON, *lent), on=ID, how="inner")
    rows = _with_layers(rows, compiler, name, words)
    columns = [column for counted in compiler.counted.values() for column in counted.flags]
    nothing = value(0, "Int32")
    return words.select(rows, [PERSON], {column: as_formula(flags[column]).cast("Int32") if column in flags else nothing for column in columns})


def _with_layers(frame: Frame, compiler: Compiler, row: str, words: Words) -> Frame:
    for name, term in compiler.terms.get(row, {}).items():
        frame = _with_term(frame, name, term, words)
    for layer in compiler.layers.get(row, ()):
        frame = words.with_columns(frame, layer) if layer else frame
    return frame


def _with_term(frame: Frame, name: str, term: Term, words: Words) -> Frame:
    """The end of a term as a column, in steps, so that no step is computed twice."""
    names = set()
    for step in c.steps_of_term(term.column, name, term.years, term.months, term.days):
        names |= step.keys() - {name}
        frame = words.with_columns(frame, step)
    return frame.drop(*sorted(names))


class Bulk:
    """A pack, its readings and the days of a roll, ready to compile plans. ``also`` are the other days that may count."""

    def __init__(self, pack: Pack, readings: Readings, layout: Layout, day: Calendar, also: Sequence[Calendar] = ()) -> None:
        self.pack, self.readings, self.layout, self.day, self.also = pack, readings, layout, day, tuple(also)

    def _compilers(self) -> tuple[WhyCompiler, ...]:
        return tuple(WhyCompiler(self.pack, self.readings, self.layout, day) for day in (self.day, *self.also))

    def findings(self) -> Plan:
        """Verdict, a nullable bool for every provision, and for each ground that hinges on a question its promise."""
        compilers = self._compilers()
        grounds = {provision.id: self._ground(provision, compilers) for provision in self.pack.protective if provision.ground is not None}
        outputs = {"verdict": _verdict(self.pack, grounds)}
        for provision in self.pack.provisions.values():
            outputs[provision.id] = _nullable(grounds.get(provision.id) or _beside(provision.ground, compilers[0]))
        if self.pack.labels:
            outputs[LABEL] = self._label(grounds, compilers[0])
        for provision in self.pack.protective:
            if provision.promise is not None:
                outputs[f"{PROMISE}{provision.id}"] = as_formula(compilers[0].pair(provision.promise).must)
        return Plan(outputs, compilers)

    def reasons(self) -> Plan:
        """For open findings: the cause, and a bool for every fact and question that the finding waits for."""
        compilers = self._compilers()
        whys = [self._why(provision, compilers) for provision in self.pack.protective if provision.ground is not None]
        outputs = {"cause": self._cause(compilers)}
        for prefix, maps in ((MISSING, [why.facts for why in whys]), (QUESTION, [why.questions for why in whys])):
            for name in sorted({name for flags in maps for name in flags}):
                outputs[f"{prefix}{name}"] = as_formula(any_of(flags.get(name, False) for flags in maps))
        return Plan(outputs, compilers)

    def _label(self, grounds: Mapping[str, Pair], compiler: Compiler) -> Formula:
        """The first label that fits; nothing where it is not known whether one does. The counterpart of ``label_of``."""
        compiler.mode, chosen = "known", value("")
        for label in reversed(self.pack.labels):
            here = all_of((_is_verdict(label.verdict, self.pack, grounds), _holds_any(label.grounds, grounds)))
            fits = _beside(label.when, compiler) if label.when else Pair(True, True)
            unknown = when(as_formula(all_of((here, fits.may))), value(""), chosen) if label.when else chosen
            chosen = when(as_formula(all_of((here, fits.must))), value(label.name), unknown)
        return chosen

    def _ground(self, provision: Provision, compilers: tuple[WhyCompiler, ...], mode: Mode = "known") -> Pair:
        if provision.ground is None:
            return Pair(False, False)
        for compiler in compilers:
            compiler.mode = mode
        today = compilers[0].pair(provision.ground)
        if len(compilers) == 1:
            return today
        counts = compilers[0].pair(x.Reading(self.pack.reference.question, provision.id))
        others = [_where(compiler.pair(provision.ground), _is_known(compiler)) for compiler in compilers[1:]]
        return either([today, both([counts, either(others)])])

    def _why(self, provision: Provision, compilers: tuple[WhyCompiler, ...]) -> Why:
        assert provision.ground is not None
        for compiler in compilers:
            compiler.mode = "known"
        today = compilers[0].why(provision.ground)
        if len(compilers) == 1:
            return today
        counts = compilers[0].why(x.Reading(self.pack.reference.question, provision.id))
        others = [compiler.why(provision.ground) for compiler in compilers[1:]]
        others = [other.where(all_of((_is_known(compiler), no(other.same_as(today))))) for other, compiler in zip(others, compilers[1:], strict=True)]
        elsewhere = disjunction(others).gated()
        return disjunction([today, conjunction([counts, elsewhere]).gated()]).gated()

    def _cause(self, compilers: tuple[WhyCompiler, ...]) -> Formula:
        asked = any_of(self._ground(provision, compilers, "asked").may for provision in self.pack.protective)
        against = any_of(self._ground(provision, compilers, "against").may for provision in self.pack.protective)
        law = when(as_formula(against), value("evidence"), value("law"))
        return when(as_formula(asked), law, value("ask"))


def _is_known(compiler: Compiler) -> Flag:
    """Whether the person has this other day at all."""
    known: Flag = compiler.of_day("known", lambda day: day != ANY)
    return known


def _where(pair: Pair, flag: Flag) -> Pair:
    return Pair(all_of((pair.must, flag)), all_of((pair.may, flag)))


def _beside(statement: x.Statement | None, compiler: Compiler) -> Pair:
    return Pair(False, True) if statement is None else compiler.pair(statement)


def _nullable(pair: Pair) -> Formula:
    """True, false, or empty for unknown."""
    settled = any_of((pair.must, no(pair.may)))
    if isinstance(settled, bool):
        return as_formula(pair.must) if settled else value(None, "Boolean")
    return when(settled, as_formula(pair.must))


def _is_verdict(verdict: str, pack: Pack, grounds: Mapping[str, Pair]) -> Flag:
    """That the verdict comes out; always true of no verdict."""
    bars, defers = (any_of(pair.must for id, pair in grounds.items() if pack.provisions[id].effect == effect) for effect in ("bars", "defers"))
    may = any_of(pair.may for pair in grounds.values())
    of: Mapping[str, Flag] = {
        "": True,
        "barred": bars,
        "deferred": all_of((no(bars), defers)),
        "open": all_of((no(bars), no(defers), may)),
        "clear": no(may),
    }
    return of[verdict]


def _holds_any(ids: Sequence[str], grounds: Mapping[str, Pair]) -> Flag:
    return any_of(grounds[id].must for id in ids if id in grounds) if ids else True


def _verdict(pack: Pack, grounds: Mapping[str, Pair]) -> Formula:
    bars = any_of(pair.must for id, pair in grounds.items() if pack.provisions[id].effect == "bars")
    defers = any_of(pair.must for id, pair in grounds.items() if pack.provisions[id].effect == "defers")
    may = any_of(pair.may for pair in grounds.values())
    unless = when(as_formula(may), value("open"), value("clear"))
    return when(as_formula(bars), value("barred"), when(as_formula(defers), value("deferred"), unless))


@dataclass(frozen=True, slots=True)
class Judged:
    """People with the days they are judged on: facts that stand for the day filled in, and the calendars of the roll."""

    people: Frame
    layout: Layout
    day: Calendar
    also: tuple[Calendar, ...]

    def bulk(self, pack: Pack, readings: Readings) -> Bulk:
        return Bulk(pack, readings, self.layout, self.day, self.also)


def judged(people: Frame, layout: Layout, pack: Pack, on: Span | None, fact: str = "") -> Judged:
    """Find the distinct days of a roll. ``on``: one day for all; else each person's own, from ``fact`` or the pack's day.

    The counterpart of ``reason.days_of``: the same days, and the same facts filled in, for many.
    """
    people, fact = plainly(people), fact or pack.reference.on
    day = Calendar("~day", fact, (on,) if on is not None else _distinct(people, fact))
    for same in pack.reference.same_day:
        if on is not None or same != fact:
            people, layout = _filled(people, layout, same, day)
    others = [name for name in pack.reference.also if (on is not None or name != fact) and ends_in(layout, name)]
    also = tuple(Calendar(f"~also/{number}", name, _distinct(people, name)) for number, name in enumerate(others))
    also = tuple(other for other in also if not (day.single and other.days == day.days) and other.days != (ANY,))
    return Judged(people, layout, day, also)


def ends_in(layout: Layout, name: str) -> bool:
    return name in layout.people or f"{name}.min" in layout.people


def _distinct(people: Frame, fact: str) -> tuple[Span, ...]:
    low, high = ends_of(fact, frozenset(people.collect_schema().names()))
    days = people.select(low=low, high=high).unique().collect()
    return tuple(Span(int(row[0]), int(row[1])) for row in sorted(days.iter_rows()))


def _filled(people: Frame, layout: Layout, name: str, day: Calendar) -> tuple[Frame, Layout]:
    """Where nothing is known of a date that stands for the day judged, it is that day."""
    columns, column = frozenset(people.collect_schema().names()), c.spelled(name)
    low, high = (nw.lit(day.days[0][end], nw.Int32) for end in (0, 1)) if day.single else ends_of(day.fact, columns)
    none = f"{column}/none" in columns
    own_low, own_high = ends_of(name, columns)
    nothing = (own_low == -UNBOUNDED) & (own_high == UNBOUNDED)
    nothing = nothing & ~nw.col(f"{column}/none").fill_null(False) if none else nothing
    if all(span.exact for span in day.days) and f"{column}/min" not in columns:
        exact = nw.when(nothing).then(low).otherwise(own_low)
        people = people.with_columns(nw.when((exact > -UNBOUNDED) & (exact < UNBOUNDED)).then(exact).alias(column))
        return people, Layout(layout.people | {name}, layout.lists)
    ends = {f"{column}/min": nw.when(nothing).then(low).otherwise(own_low), f"{column}/max": nw.when(nothing).then(high).otherwise(own_high)}
    return people.with_columns(**ends), Layout(layout.people | {f"{name}.min", f"{name}.max"}, layout.lists)
