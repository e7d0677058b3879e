"""The expression language: text in, a checked tree out, or a refusal with line, column and a useful sentence.

The surface is a strict subset of Python's expressions, read by the standard library's ``ast`` and never evaluated. What is
not listed in docs/reference/packs.md is refused. Types are checked here, so that no comparison can fail at run time, and
nothing downstream knows of ``ast``.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Literal, NoReturn, cast

from rightcall.law import expression as x
from rightcall.law.problem import did_you_mean
from rightcall.law.value import day_number, in_units
from rightcall.law.vocabulary import MOST_DECIMALS, FactType, Vocabulary

LONGEST = 4000
DEEPEST = 40
LARGEST = 1_000_000
YEARS = range(1800, 2200)
MOST_PARTS = 20_000
OLDEST = 150
_TEXT = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Type = Literal["statement", "bool", "integer", "date", "text", "one_of", "count"]
_OPERATORS: Mapping[type[ast.cmpop], x.Comparison] = {
    ast.Eq: "==", ast.NotEq: "==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_MIRROR: Mapping[x.Comparison, x.Comparison] = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
FUNCTIONS = ("any", "count", "under", "reached", "add", "days_between", "date", "reading")


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows satisfy the body: an intermediate, gone once it is compared."""

    list: str
    body: x.Statement


@dataclass(frozen=True, slots=True)
class Typed:
    """A node with its type, the values that a one-of type has, and the decimals of a number."""

    node: x.Node | Count
    type: Type
    values: tuple[str, ...] = ()
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class ParameterType:
    """What an expression must know of a parameter: its type, the fact that it is a table over, whether the law may give none, its values, its decimals."""

    type: Literal["integer", "date"]
    by: str = ""
    none: bool = False
    values: tuple[int, ...] = ()
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """The names an expression may use."""

    vocabulary: Vocabulary
    parameters: Mapping[str, ParameterType]
    terms: Mapping[str, Typed]
    questions: frozenset[str]
    part: str = ""
    row: tuple[str, str] | None = None

    def names(self) -> list[str]:
        return [fact.name for fact in self.vocabulary if "[]." not in fact.name] + [*self.parameters, *self.terms, "on"]


class Unreadable(Exception):
    """An expression that is refused: a sentence, the line and column within its text (from 1), and help."""

    def __init__(self, message: str, line: int = 1, column: int = 1, help: str = "") -> None:
        self.message, self.line, self.column, self.help = message, line, column, help
        super().__init__(message)


def read_statement(text: str, scope: Scope) -> x.Statement:
    """Read a condition. Raises ``Unreadable``."""
    typed = read(text, scope)
    if typed.type not in ("statement", "bool"):
        raise Unreadable(f"a condition must be true or false; this is {_article(typed.type)}", help="compare it with something")
    return cast(x.Statement, typed.node)


def read(text: str, scope: Scope) -> Typed:
    """Read an expression of any type (terms may be counts). Raises ``Unreadable``."""
    _check_size(text)
    source = f"({text}\n)"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        raise _syntax(error, text) from None
    except (ValueError, MemoryError, RecursionError):
        raise Unreadable("this cannot be read", help="split it into terms") from None
    try:
        typed = _Reader(scope, source.split("\n")).read(tree)
    except RecursionError:
        raise Unreadable("this cannot be read", help="split it into terms") from None
    _check_brackets(text)
    _check_parts(typed.node)
    return typed


def _check_brackets(text: str) -> None:
    """``a) or (b`` is an expression only by grace of the brackets put around it; within others it is none."""
    try:
        ast.parse(f"[{text}\n]", mode="eval")
    except SyntaxError as error:
        raise _syntax(error, text) from None


def _check_parts(node: x.Node | Count) -> None:
    tree = node.body if isinstance(node, Count) else node
    if sum(1 for _ in islice(x.walk(tree), MOST_PARTS + 1)) > MOST_PARTS:
        raise Unreadable(f"with its terms written out it has more than {MOST_PARTS} parts", help="terms within terms multiply; say less in each")


def _check_size(text: str) -> None:
    if not text.strip():
        raise Unreadable("the expression is empty")
    if len(text) > LONGEST:
        raise Unreadable(f"the expression is longer than {LONGEST} characters", help="split it into terms")
    for number, character in enumerate(text):
        if ord(character) < 32 and character not in "\n\t":
            line = text.count("\n", 0, number)
            raise Unreadable("there is a control character in the expression", line + 1, number - text.rfind("\n", 0, number))
    bare = _TEXT.sub(lambda found: " " * len(found[0]), text)
    depth = deepest = 0
    for character in bare:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise Unreadable(f"brackets are nested more than {DEEPEST} deep", help="split it into terms")
    if "#" in bare:
        place = bare.index("#")
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        raise Unreadable("comments do not belong in an expression", line, column, "write it in the text of the page")


_SIGNS = {
    r"&": "write `and`",
    r"\|": "write `or`",
    r"!(?!=)": "write `not`",
    r"(?<![=!<>])=(?!=)": "two things are compared with `==`",
    r"\b(AND|OR|NOT)\b": "write `and`, `or` and `not` in small letters",
}
"""What people write who come from another language, and what is written here."""


def _syntax(error: SyntaxError, text: str) -> Unreadable:
    line = min(error.lineno or 1, text.count("\n") + 1)
    column = max(1, (error.offset or 1) - (1 if line == 1 else 0))
    bare = _TEXT.sub(" ", text)
    help = next((help for sign, help in _SIGNS.items() if re.search(sign, bare)), "check brackets, quotes and operators; see docs/reference/packs.md")
    return Unreadable("this is not an expression", line, column, help)


def _article(type: str) -> str:
    words = {"integer": "an integer", "one_of": "one of several words", "statement": "a condition", "bool": "a yes or no"}
    return words.get(type, f"a {type}")


class _Reader:
    """Reads one expression. Holds the scope, the lines read and the depth; every method returns a typed node or refuses."""

    def __init__(self, scope: Scope, lines: list[str], depth: int = 0) -> None:
        self.scope, self.lines, self.depth = scope, lines, depth

    def refuse(self, at: ast.AST, message: str, help: str = "") -> NoReturn:
        """Refuse at a node; ``ast`` counts bytes of UTF-8, people count characters."""
        line = getattr(at, "lineno", 1)
        offset = len(self.lines[line - 1].encode()[: getattr(at, "col_offset", 0)].decode(errors="ignore"))
        raise Unreadable(message, line, max(1, offset if line == 1 else offset + 1), help)

    def read(self, tree: ast.expr) -> Typed:
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(tree, f"the expression is nested more than {DEEPEST} deep", "split it into terms")
        result = self._node(tree)
        self.depth -= 1
        return result

    def _node(self, tree: ast.expr) -> Typed:
        match tree:
            case ast.BoolOp():
                return self._boolop(tree)
            case ast.UnaryOp():
                return self._unaryop(tree)
            case ast.Constant():
                return self._constant(tree)
            case ast.Name():
                return self._name(tree)
            case ast.Attribute():
                return self._attribute(tree)
            case ast.Subscript():
                return self._subscript(tree)
            case ast.BinOp():
                return self._binop(tree)
            case ast.Compare():
                return self._compare(tree)
            case ast.Call():
                return self._call(tree)
            case _:
                self.refuse(tree, f"{_python_name(tree)} is not part of the expression language", "see docs/reference/packs.md")

    def statement(self, tree: ast.expr) -> x.Statement:
        typed = self.read(tree)
        if typed.type not in ("statement", "bool"):
            self.refuse(tree, f"this must be true or false, but is {_article(typed.type)}", "compare it with something")
        return cast(x.Statement, typed.node)

    def _boolop(self, tree: ast.BoolOp) -> Typed:
        items = tuple(self.statement(value) for value in tree.values)
        return Typed(x.And(items) if isinstance(tree.op, ast.And) else x.Or(items), "statement")

    def _unaryop(self, tree: ast.UnaryOp) -> Typed:
        if isinstance(tree.op, ast.Not):
            return Typed(x.Not(self.statement(tree.operand)), "statement")
        inner = self.read(tree.operand)
        if isinstance(tree.op, ast.USub) and isinstance(inner.node, x.Number):
            return _number(-inner.node.value, inner.decimals)
        self.refuse(tree, "only `not` and a minus before a number stand before something")

    def _constant(self, tree: ast.Constant) -> Typed:
        value = tree.value
        if value is None:
            self.refuse(tree, "an expression cannot look at ignorance (`None`)", "doubt protects by itself; leave it out")
        if isinstance(value, bool):
            self.refuse(tree, f"`{value}` is not needed", "a yes-or-no fact stands alone: `x`, or `not x`")
        if isinstance(value, int):
            if abs(value) > LARGEST:
                self.refuse(tree, f"the number is larger than {LARGEST}")
            return _number(value, 0)
        if isinstance(value, float):
            return self._decimal(tree, value)
        if isinstance(value, str):
            return Typed(x.Text(value), "text")
        self.refuse(tree, f"a {type(value).__name__} literal is not part of the expression language", "use integers, texts and date(...)")

    def _decimal(self, tree: ast.Constant, value: float) -> Typed:
        """A literal with a point. It is read as it is written, so that no digit is lost on the way."""
        written = ast.get_source_segment("\n".join(self.lines), tree) or ""
        decimals = len(written.partition(".")[2].rstrip("0"))
        units = in_units(written, decimals) if decimals <= MOST_DECIMALS else None
        if units is None:
            self.refuse(tree, f"`{written[:40]}` is not a number of the expression language", f"write it as 0.75, with at most {MOST_DECIMALS} decimals")
        if abs(value) > LARGEST:
            self.refuse(tree, f"the number is larger than {LARGEST}")
        return _number(units, decimals)

    def _name(self, tree: ast.Name) -> Typed:
        name = tree.id
        if name == "on":
            return Typed(x.On(), "date")
        if name in self.scope.terms:
            return self._term(tree, self.scope.terms[name])
        if name in self.scope.parameters:
            return self._parameter(tree, name, None)
        if self.scope.row and name == self.scope.row[0]:
            self.refuse(tree, f"`{name}` is a row; name one of its fields", f"as in `{name}.birth_date`")
        return self._fact(tree, name)

    def _term(self, tree: ast.expr, term: Typed) -> Typed:
        counts = isinstance(term.node, Count) or any(isinstance(part, x.AtLeast) for part in x.walk(term.node))
        if self.scope.row and counts:
            self.refuse(tree, "a quantifier cannot stand inside another", "this term holds one")
        return term

    def _fact(self, tree: ast.expr, name: str) -> Typed:
        if name.endswith(".complete"):
            self.refuse(tree, "an expression cannot look at ignorance (`.complete`)", "an incomplete list is unknown by itself")
        if name not in self.scope.vocabulary or "[]." in name:
            self.refuse(tree, f"unknown fact `{name}`", self._remedy(name))
        fact = self.scope.vocabulary[name]
        if fact.kind == "list":
            self.refuse(tree, f"`{name}` is a list", f"use any(... for row in {name}) or count(...)")
        return _typed(x.Fact(name), fact)

    def _remedy(self, name: str) -> str:
        if name in ("true", "false"):
            return "a yes-or-no fact stands alone: `x`, or `not x`"
        return did_you_mean(name, self.scope.names()) or "describe it in facts.toml of this pack; the facts of other packs are not known here"

    def _attribute(self, tree: ast.Attribute) -> Typed:
        dotted = _dotted(tree)
        if dotted is None:
            self.refuse(tree, "only names may have a dot", "facts are written like `person.birth_date`")
        head, _, field = dotted.partition(".")
        if self.scope.row and head == self.scope.row[0]:
            return self._field(tree, self.scope.row[1], field)
        return self._fact(tree, dotted)

    def _field(self, tree: ast.Attribute, list_name: str, field: str) -> Typed:
        row = self.scope.vocabulary[list_name].row
        if field not in row:
            self.refuse(tree, f"`{list_name}` has no field `{field}`", did_you_mean(field, row) or f"it has {', '.join(row)}")
        return _typed(x.Field(list_name, field), row[field])

    def _subscript(self, tree: ast.Subscript) -> Typed:
        name = tree.value.id if isinstance(tree.value, ast.Name) else ""
        if name not in self.scope.parameters:
            self.refuse(tree, "only a parameter table has a subscript", did_you_mean(name, self.scope.parameters))
        return self._parameter(tree, name, self.read(tree.slice))

    def _parameter(self, tree: ast.expr, name: str, index: Typed | None) -> Typed:
        parameter = self.scope.parameters[name]
        given = index.node.name if index and isinstance(index.node, x.Fact) else ""
        if parameter.by != given:
            need = f"`{name}[{parameter.by}]`" if parameter.by else f"`{name}` alone"
            self.refuse(tree, f"the parameter `{name}` is used as {need}")
        return Typed(x.Parameter(name, x.Fact(given) if given else None), parameter.type, decimals=parameter.decimals)

    def _binop(self, tree: ast.BinOp) -> Typed:
        if not isinstance(tree.op, (ast.Add, ast.Sub)):
            self.refuse(tree, "only `+` and `-` are part of the expression language")
        left, right, minus = self.read(tree.left), self.read(tree.right), isinstance(tree.op, ast.Sub)
        if right.type != "integer" or left.type not in ("integer", "date"):
            what = f"{_article(left.type)} and {_article(right.type)}"
            self.refuse(tree, f"cannot add or subtract {what}", "integers, or a date and whole days; see days_between(a, b)")
        left, right = self._in_one_unit(tree, left, right)
        return Typed(x.Sum(cast(x.Operand, left.node), cast(x.Operand, right.node), minus), left.type, decimals=left.decimals)

    def _in_one_unit(self, tree: ast.expr, left: Typed, right: Typed) -> tuple[Typed, Typed]:
        """INVARIANT: what is compared or added has the same unit. A literal takes the decimals of the other side, if it has no more."""
        if isinstance(right.node, x.Number) and right.decimals < left.decimals:
            right = _rescaled(right.node, left.decimals)
        elif isinstance(left.node, x.Number) and left.decimals < right.decimals and right.type == "integer":
            left = _rescaled(left.node, right.decimals)
        if left.decimals != right.decimals:
            what = f"numbers with {left.decimals} and with {right.decimals} decimals do not go together"
            self.refuse(tree, what, "give the fact and the parameter the same `decimals`; a literal has no more than they")
        return left, right

    def _compare(self, tree: ast.Compare) -> Typed:
        items = []
        left = tree.left
        for operator, right in zip(tree.ops, tree.comparators, strict=True):
            items.append(self._comparison(tree, operator, left, right))
            left = right
        return Typed(items[0] if len(items) == 1 else x.And(tuple(items)), "statement")

    def _comparison(self, tree: ast.Compare, operator: ast.cmpop, left: ast.expr, right: ast.expr) -> x.Statement:
        if isinstance(operator, (ast.In, ast.NotIn)):
            member = self._membership(left, right)
            return x.Not(member) if isinstance(operator, ast.NotIn) else member
        if type(operator) not in _OPERATORS:
            self.refuse(tree, "`is` is not part of the expression language", "an expression cannot look at ignorance")
        compared = self._compared(tree, _OPERATORS[type(operator)], self.read(left), self.read(right))
        return x.Not(compared) if isinstance(operator, ast.NotEq) else compared

    def _compared(self, tree: ast.expr, operator: x.Comparison, left: Typed, right: Typed) -> x.Statement:
        if isinstance(right.node, Count):
            left, right, operator = right, left, _MIRROR[operator]
        if isinstance(left.node, Count):
            return self._counted(tree, left.node, operator, right)
        if _literal(left) and _literal(right):
            self.refuse(tree, "this compares two literals", "every comparison names a fact, a parameter or `on`")
        self._check_comparable(tree, operator, left, right)
        left, right = self._in_one_unit(tree, left, right)
        if _literal(left) and right.type in ("one_of", "text"):
            left, right = right, left
        if isinstance(right.node, x.Text):
            return x.OneOf(cast("x.Fact | x.Field", left.node), (right.node.value,))
        return x.Compare(operator, cast(x.Operand, left.node), cast(x.Operand, right.node))

    def _check_comparable(self, tree: ast.expr, operator: x.Comparison, left: Typed, right: Typed) -> None:
        for side in (left, right):
            if side.type in ("statement", "bool"):
                self.refuse(tree, "a yes or no is not compared", "it stands alone: `x`, or `not x`")
        words = {"one_of", "text"}
        if left.type != right.type and not {left.type, right.type} <= words:
            self.refuse(tree, f"cannot compare {_article(left.type)} with {_article(right.type)}")
        if left.type in words:
            if operator != "==":
                self.refuse(tree, f"`{operator}` needs numbers or dates; words are compared with == or in")
            if not (_literal(left) or _literal(right)):
                self.refuse(tree, "two facts of words are not compared", "compare each with a literal")
        for fact, word in ((left, right), (right, left)):
            if fact.type == "one_of" and isinstance(word.node, x.Text):
                self._check_value(tree, fact, word.node.value)

    def _check_value(self, tree: ast.expr, fact: Typed, word: str) -> None:
        if word not in fact.values:
            name = getattr(fact.node, "name", "this")
            self.refuse(tree, f"`{name}` is never `{word}`", did_you_mean(word, fact.values) or f"it is {', '.join(fact.values)}")

    def _counted(self, tree: ast.expr, count: Count, operator: x.Comparison, right: Typed) -> x.Statement:
        if right.type != "integer" or right.decimals or not isinstance(right.node, (x.Number, x.Parameter)):
            self.refuse(tree, "a count is compared with an integer or a parameter")
        if operator in ("<", "<=") and isinstance(right.node, x.Parameter) and self.scope.parameters[right.node.name].none:
            self.refuse(tree, f"`{right.node.name}` may be none, and no count is below that", "write `not count(...) >= p`, or give it a value")

        def at_least(plus: int) -> x.Statement:
            return x.AtLeast(cast("x.Number | x.Parameter", right.node), plus, count.list, count.body)

        match operator:
            case ">=":
                return at_least(0)
            case ">":
                return at_least(1)
            case "<":
                return x.Not(at_least(0))
            case "<=":
                return x.Not(at_least(1))
            case "==":
                return x.And((at_least(0), x.Not(at_least(1))))

    def _membership(self, left: ast.expr, right: ast.expr) -> x.Statement:
        subject = self.read(left)
        if not isinstance(subject.node, (x.Fact, x.Field)) or subject.type not in ("one_of", "text", "integer"):
            self.refuse(left, "`in` needs a fact of words or an integer fact on its left")
        if not isinstance(right, ast.Set):
            self.refuse(right, "`in` needs literals in braces", 'as in `x in {"a", "b"}`')
        values = []
        for element in right.elts:
            value = self.read(element)
            wanted = x.Number if subject.type == "integer" else x.Text
            if not isinstance(value.node, wanted):
                self.refuse(element, f"`{subject.node.name}` cannot be {_article(value.type)}")
            if subject.type == "one_of":
                self._check_value(element, subject, cast(x.Text, value.node).value)
            value = self._in_one_unit(element, subject, value)[1]
            values.append(cast("x.Number | x.Text", value.node).value)
        return x.OneOf(subject.node, tuple(dict.fromkeys(values)))

    def _call(self, tree: ast.Call) -> Typed:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        if name not in FUNCTIONS:
            written = ast.unparse(tree.func)[:40]
            self.refuse(tree, f"unknown function `{written}`", did_you_mean(name, FUNCTIONS) or f"there are {', '.join(FUNCTIONS)}")
        if tree.keywords and name != "add":
            self.refuse(tree, f"`{name}` takes no named arguments")
        return cast("Callable[[ast.Call], Typed]", getattr(self, f"call_{name}"))(tree)

    def arguments(self, tree: ast.Call, number: int, shape: str) -> list[ast.expr]:
        if len(tree.args) != number or any(isinstance(argument, ast.Starred) for argument in tree.args):
            self.refuse(tree, f"it is written `{shape}`")
        return tree.args

    def text(self, tree: ast.Call, shape: str) -> str:
        (argument,) = self.arguments(tree, 1, shape)
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            self.refuse(argument, f"it is written `{shape}`")
        return argument.value

    def call_date(self, tree: ast.Call) -> Typed:
        written = self.text(tree, 'date("2022-10-05")')
        try:
            day = date.fromisoformat(written) if _DATE.fullmatch(written) else None
        except ValueError:
            day = None
        if day is None or day.year not in YEARS:
            self.refuse(tree, f"`{written}` is not a date", 'write year-month-day, as in date("2022-10-05")')
        return Typed(x.Day(day_number(day)), "date")

    def call_reading(self, tree: ast.Call) -> Typed:
        question = self.text(tree, 'reading("QUESTION")')
        if question not in self.scope.questions:
            near = did_you_mean(question, self.scope.questions)
            self.refuse(tree, f"unknown question `{question}`", near or "write it with both sides into questions.toml, or name one that stands there")
        return Typed(x.Reading(question, self.scope.part), "statement")

    def call_under(self, tree: ast.Call) -> Typed:
        return Typed(x.Under(*self._age(tree, "under")), "statement")

    def call_reached(self, tree: ast.Call) -> Typed:
        return Typed(x.Reached(*self._age(tree, "reached")), "statement")

    def _age(self, tree: ast.Call, name: str) -> tuple[x.Fact | x.Field, x.Number | x.Parameter]:
        birth, years = (self.read(argument) for argument in self.arguments(tree, 2, f"{name}(person.birth_date, 18)"))
        if birth.type != "date" or not isinstance(birth.node, (x.Fact, x.Field)):
            self.refuse(tree, f"`{name}` needs a date of birth: a fact or a field of a row")
        if years.type != "integer" or years.decimals or not isinstance(years.node, (x.Number, x.Parameter)):
            self.refuse(tree, f"`{name}` needs a number of years: an integer or a parameter")
        for value in (years.node.value,) if isinstance(years.node, x.Number) else self.scope.parameters[years.node.name].values:
            if not 0 <= value <= OLDEST:
                self.refuse(tree, f"an age of {value} years is not possible")
        return birth.node, years.node

    def call_days_between(self, tree: ast.Call) -> Typed:
        start, end = (self.read(argument) for argument in self.arguments(tree, 2, "days_between(a, b)"))
        for side, argument in ((start, tree.args[0]), (end, tree.args[1])):
            if side.type != "date":
                self.refuse(argument, f"`days_between` needs two dates; this is {_article(side.type)}")
        return Typed(x.DaysBetween(cast(x.Operand, start.node), cast(x.Operand, end.node)), "integer")

    def call_add(self, tree: ast.Call) -> Typed:
        shape = "add(d, months=6)"
        (argument,) = self.arguments(tree, 1, shape)
        day = self.read(argument)
        if day.type != "date" or not isinstance(day.node, (x.Fact, x.Field)):
            self.refuse(argument, "`add` needs a date: a fact or a field of a row")
        amounts: dict[str, int] = {}
        for given in tree.keywords:
            amount = self.read(given.value)
            if given.arg not in ("years", "months", "days") or not isinstance(amount.node, x.Number) or amount.decimals:
                self.refuse(given.value, f"it is written `{shape}`, with whole years, months or days")
            if not 0 <= amount.node.value <= 2400:
                self.refuse(given.value, "a term is at most 2400 years, months or days, and not negative")
            if given.arg in amounts:
                self.refuse(given.value, f"`{given.arg}` is there twice")
            amounts[given.arg] = amount.node.value
        if not amounts:
            self.refuse(tree, f"it is written `{shape}`, with whole years, months or days")
        return Typed(x.Later(day.node, **amounts), "date")

    def call_any(self, tree: ast.Call) -> Typed:
        count = self._quantified(tree, "any")
        return Typed(x.AtLeast(x.Number(1), 0, count.list, count.body), "statement")

    def call_count(self, tree: ast.Call) -> Typed:
        return Typed(self._quantified(tree, "count"), "count")

    def _quantified(self, tree: ast.Call, name: str) -> Count:
        shape = f"{name}(CONDITION for c in children)"
        (argument,) = self.arguments(tree, 1, shape)
        if not isinstance(argument, ast.GeneratorExp) or len(argument.generators) != 1:
            self.refuse(tree, f"it is written `{shape}`")
        loop = argument.generators[0]
        if not isinstance(loop.target, ast.Name) or loop.ifs or loop.is_async:
            self.refuse(tree, f"it is written `{shape}`", "put every condition before `for`")
        if self.scope.row:
            self.refuse(tree, "a quantifier cannot stand inside another")
        return Count(self._list_named(loop.iter), self._body(loop, argument.elt))

    def _list_named(self, tree: ast.expr) -> str:
        name = _dotted(tree) or ""
        lists = [fact.name for fact in self.scope.vocabulary.lists]
        if name not in lists:
            self.refuse(tree, f"`{name or ast.unparse(tree)[:40]}` is not a list", did_you_mean(name, lists) or f"lists are {', '.join(lists)}")
        return name

    def _body(self, loop: ast.comprehension, element: ast.expr) -> x.Statement:
        variable = cast(ast.Name, loop.target).id
        heads = {fact.name.partition(".")[0] for fact in self.scope.vocabulary}
        if variable == "on" or variable in self.scope.terms or variable in self.scope.parameters or variable in heads:
            self.refuse(loop.target, f"`{variable}` already means something else", "use a letter, as in `c`")
        inner = replace(self.scope, row=(variable, self._list_named(loop.iter)))
        return _Reader(inner, self.lines, self.depth).statement(element)


def _typed(node: x.Fact | x.Field, fact: FactType) -> Typed:
    return Typed(node, cast(Type, fact.kind), fact.values, fact.decimals)


def _number(units: int, decimals: int) -> Typed:
    return Typed(x.Number(units, decimals), "integer", decimals=decimals)


def _rescaled(number: x.Number, decimals: int) -> Typed:
    return _number(number.value * 10 ** (decimals - number.decimals), decimals)


def _literal(typed: Typed) -> bool:
    return isinstance(typed.node, (x.Number, x.Day, x.Text))


def _dotted(tree: ast.expr) -> str | None:
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute):
        head = _dotted(tree.value)
        return f"{head}.{tree.attr}" if head else None
    return None


def _python_name(tree: ast.AST) -> str:
    names = {
        "Lambda": "`lambda`", "IfExp": "`if ... else`", "ListComp": "a list comprehension", "JoinedStr": "an f-string",
        "GeneratorExp": "a bare `for`", "NamedExpr": "`:=`", "Await": "`await`", "Starred": "`*`", "Dict": "a dictionary",
        "List": "a list", "Tuple": "a tuple", "Set": "a set outside `in`", "DictComp": "a dictionary comprehension",
        "SetComp": "a set comprehension", "Slice": "a slice", "Yield": "`yield`", "YieldFrom": "`yield from`",
    }  # fmt: skip
    return names.get(type(tree).__name__, f"`{type(tree).__name__}`")
