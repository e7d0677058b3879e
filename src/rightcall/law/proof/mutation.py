"""Packs with one small fault put in, to see whether the pack's own cases would notice: who tests the tests.

A mutant is the pack with one place changed: a comparison, a boundary, an *and*, a term left out, an exception, a day on which
a rule begins. It is read by the same loader as any pack. What the loader refuses is no mutant; what the cases or the faults
of ``pack check`` catch is dead; of the rest, what Z3 proves to mean the same for everybody does not count.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from types import MappingProxyType

from rightcall.law.pack import Pack, read_terms
from rightcall.law.parameter import read_parameters
from rightcall.law.provision import Provision, read_page
from rightcall.law.source import Source, read_source

KINDS = (
    "comparison turned", "boundary moved", "number off by one", "and for or", "term dropped", "not dropped", "value dropped", "exception dropped",
    "question dropped", "date off by a day",
)  # fmt: skip
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_MOVED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_EXPRESSION = re.compile(r"""^(when|unless|is)[ \t]*=[ \t]*(\"\"\"\n?|'''\n?|"|')(.*?)(\"\"\"|'''|\2)[ \t]*$""", re.M | re.S)
_DAY = re.compile(r"^(from|until)[ \t]*=[ \t]*(\d{4}-\d\d-\d\d)", re.M)
_HINGE = re.compile(r'^hinges_on[ \t]*=[ \t]*"(\w+)"[ \t]*\n', re.M)
_VALUE = re.compile(r"^value[ \t]*=[ \t]*(.+)$", re.M)
_RULE = re.compile(r"^```toml rule[ \t]*\n(.*?)^```[ \t]*$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: where, of which kind, what stood there and what stands there now; and the whole file with it."""

    file: str
    line: int
    kind: str
    was: str
    now: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}: {_short(self.was)} -> {_short(self.now) or '(nothing)'}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 70 else f"{text[:40]} ... {text[-25:]}"


# --- changing an expression ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an expression: its kind and line (from 0), what was and is there, and the whole expression with it."""

    kind: str
    line: int
    was: str
    now: str
    whole: str


Alteration = tuple[str, ast.AST, Callable[[ast.AST], ast.AST]]
"""A kind, the place to show (what is dropped, or the node), and what becomes of the same node in a copy of the tree."""


def changes(text: str) -> Iterator[Change]:
    """All changes of an expression."""
    tree = ast.parse(f"({text}\n)", mode="eval")
    for number, place in enumerate(ast.walk(tree)):
        for kind, shown, alter in _alterations(place):
            other = copy.deepcopy(tree)
            twin = next(islice(ast.walk(other), number, None))
            now = alter(twin)
            said = "" if shown is not place else ast.unparse(now)
            yield Change(kind, shown.lineno - 1, ast.unparse(shown), said, ast.unparse(_put(other, twin, now)))  # type: ignore[attr-defined]


def _put(tree: ast.Expression, old: ast.AST, new: ast.AST) -> ast.Expression:
    """The tree with one node in the place of another."""

    class _Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    _Swap().visit(tree)
    return tree


def _alterations(node: ast.AST) -> Iterator[Alteration]:
    """What may go wrong at a node."""
    match node:
        case ast.Compare(ops=ops):
            for number, operator in enumerate(ops):
                yield "comparison turned", node, _with_operator(number, _FLIPPED[type(operator)]())
                if type(operator) in _MOVED:
                    yield "boundary moved", node, _with_operator(number, _MOVED[type(operator)]())
        case ast.Constant(value=value) if type(value) is int:
            yield from (("number off by one", node, _constant(value + step)) for step in (1, -1))
        case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str(day))]):
            yield from (("date off by a day", node, _day(_next_day(day, step))) for step in (1, -1))
        case ast.BoolOp(op=op, values=values):
            yield "and for or", node, _with_op(ast.Or() if isinstance(op, ast.And) else ast.And())
            yield from (("term dropped", value, _without_value(number)) for number, value in enumerate(values))
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", node, lambda twin: twin.operand  # type: ignore[attr-defined]
        case ast.Set(elts=elements) if len(elements) > 1:
            yield from (("value dropped", element, _without_element(number)) for number, element in enumerate(elements))
        case _:
            return


def _with_operator(number: int, operator: ast.cmpop) -> Callable[[ast.AST], ast.AST]:
    def alter(twin: ast.AST) -> ast.AST:
        assert isinstance(twin, ast.Compare)
        return ast.Compare(twin.left, [*twin.ops[:number], operator, *twin.ops[number + 1 :]], twin.comparators)

    return alter


def _constant(value: int) -> Callable[[ast.AST], ast.AST]:
    return lambda _: ast.Constant(value)


def _day(day: str) -> Callable[[ast.AST], ast.AST]:
    return lambda twin: ast.Call(ast.Name("date", ast.Load()), [ast.Constant(day)], [])


def _with_op(op: ast.boolop) -> Callable[[ast.AST], ast.AST]:
    return lambda twin: ast.BoolOp(op, twin.values)  # type: ignore[attr-defined]


def _without_value(number: int) -> Callable[[ast.AST], ast.AST]:
    def alter(twin: ast.AST) -> ast.AST:
        assert isinstance(twin, ast.BoolOp)
        left = twin.values[:number] + twin.values[number + 1 :]
        return left[0] if len(left) == 1 else ast.BoolOp(twin.op, left)

    return alter


def _without_element(number: int) -> Callable[[ast.AST], ast.AST]:
    def alter(twin: ast.AST) -> ast.AST:
        assert isinstance(twin, ast.Set)
        return ast.Set(twin.elts[:number] + twin.elts[number + 1 :])

    return alter


def _next_day(day: str, step: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=step)).isoformat()


# --- changing a file ----------------------------------------------------------------------------------------------


def mutants_of(pack: Pack) -> Iterator[Mutant]:
    """All mutants of a pack: its pages, then its terms, then its parameters."""
    for provision in pack.provisions.values():
        page = read_source(pack.folder / provision.file)
        for block in _RULE.finditer(page.text):
            yield from _in_stretch(page, block.start(1), block.end(1))
    terms, parameters = read_source(pack.folder / "terms.toml"), read_source(pack.folder / "parameters.toml")
    yield from _in_stretch(terms, 0, len(terms.text))
    yield from _in_stretch(parameters, 0, len(parameters.text))


def _in_stretch(source: Source, start: int, end: int) -> Iterator[Mutant]:
    """The mutants of a stretch of TOML within a file."""
    text = source.text

    def mutant(kind: str, at: int, stop: int, now: str, shown: tuple[str, str] | None = None, lines: int = 0) -> Mutant:
        was = text[at:stop]
        line = text.count("\n", 0, at) + 1 + lines
        return Mutant(source.file, line, kind, *(shown or (was, now)), text[:at] + now + text[stop:])

    for found in _EXPRESSION.finditer(text, start, end):
        if found[1] == "unless":
            yield mutant("exception dropped", found.start(), found.end(), "", (found[3], ""))
        first = text.count("\n", found.start(), found.start(3))
        for one in changes(found[3]):
            yield mutant(one.kind, found.start(2), found.end(4), json.dumps(one.whole), (one.was, one.now), first + one.line)
    for found in _DAY.finditer(text, start, end):
        yield from (mutant("date off by a day", found.start(2), found.end(2), _next_day(found[2], step), None) for step in (1, -1))
    for found in _HINGE.finditer(text, start, end):
        yield mutant("question dropped", found.start(), found.end(), "")
    for found in _VALUE.finditer(text, start, end):
        for number in re.finditer(r"(?<![\w\"])\d+(?![\w\"-])", found[1]):
            at, stop = found.start(1) + number.start(), found.start(1) + number.end()
            yield from (mutant("number off by one", at, stop, str(int(number[0]) + step)) for step in (1, -1))


# --- a mutant as a pack -------------------------------------------------------------------------------------------


def grown(mutant: Mutant, pack: Pack) -> Pack | None:
    """The pack with the mutant in it; nothing where the loader refuses it, or it reads the same as before."""
    source = Source(mutant.file, mutant.text)
    match mutant.file:
        case "parameters.toml":
            parameters = read_parameters(source, pack.vocabulary)
            other = None if source.problems else replace(pack, parameters=MappingProxyType(parameters))
        case "terms.toml":
            terms = read_terms(source, pack.scope)
            other = None if source.problems else _reread(replace(pack, terms=MappingProxyType(terms)))
        case _:
            page, problems = read_page(source, pack.scope)
            other = _with_pages(pack, {page.id: page}) if page is not None and not problems else None
    return other if other is not None and touched(pack, other) else None


def _reread(pack: Pack) -> Pack | None:
    """The pack with every page read again, as its terms now are; nothing where one is refused."""
    read = [read_page(read_source(pack.folder / provision.file), pack.scope) for provision in pack.provisions.values()]
    pages = [page for page, problems in read if page is not None and not problems]
    return _with_pages(pack, {page.id: page for page in pages}) if len(pages) == len(read) else None


def _with_pages(pack: Pack, pages: dict[str, Provision]) -> Pack:
    return replace(pack, provisions=MappingProxyType({id: pages.get(id, provision) for id, provision in pack.provisions.items()}))


def touched(pack: Pack, other: Pack) -> tuple[str, ...]:
    """The provisions that do not read the same in two versions of a pack."""
    from rightcall.law import expression as x

    changed = {name for name in pack.parameters if pack.parameters[name].entries != other.parameters[name].entries}

    def differs(id: str) -> bool:
        one, two = pack.provisions[id], other.provisions[id]
        conditions = [rule.ground for rule in one.rules if rule.ground is not None]
        uses = {node.name for ground in conditions for node in x.walk(ground) if isinstance(node, x.Parameter)}
        return bool(uses & changed) or [(rule.ground, rule.condition) for rule in one.rules] != [(rule.ground, rule.condition) for rule in two.rules]

    return tuple(id for id in pack.provisions if differs(id))
