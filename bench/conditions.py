"""Conditions of a pack that any rule engine can say: yes-or-no facts, joined by *and*, *or*, *not*, on one day.

What is known of the day (days in force) is settled here. A condition that looks at a list, a word, a number, a date of the person
or a question of law is not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.evaluate import in_force
from rightcall.law.pack import Pack
from rightcall.law.value import Span

Tree = list[Any]
"""``["fact", name]``, ``["not", tree]``, ``["and", *trees]``, ``["or", *trees]`` or ``["is", bool]``."""


class TooMuch(Exception):
    """The condition says what a plain engine cannot."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A provision's ground as a plain tree."""

    id: str
    tree: Tree

    @property
    def key(self) -> str:
        """A name that other languages can say."""
        return "p_" + "".join(letter if letter.isalnum() else "_" for letter in self.id)


def plain_conditions(pack: Pack, on: Span) -> list[Condition]:
    """All provisions of a pack that can be said plainly and that are not settled by the day alone."""
    found = []
    for provision in pack.provisions.values():
        if provision.ground is None or any(rule.hinges_on for rule in provision.rules):
            continue
        try:
            tree = _tree(provision.ground, on)
        except TooMuch:
            continue
        if tree[0] != "is":
            found.append(Condition(provision.id, tree))
    return found


def _tree(node: x.Statement, on: Span) -> Tree:
    match node:
        case x.Fact(name):
            return ["fact", name]
        case x.Named(_, _, body):
            return _tree(body, on)
        case x.InForce(start, end):
            return ["is", in_force(start, end, on) == t.TRUE]
        case x.Compare(">=", x.On(), x.Day(day)):
            return ["is", on.low >= day]
        case x.Not(item):
            inner = _tree(item, on)
            return ["is", not inner[1]] if inner[0] == "is" else ["not", inner]
        case x.And(items):
            return _joined("and", [_tree(item, on) for item in items])
        case x.Or(items):
            return _joined("or", [_tree(item, on) for item in items])
        case _:
            raise TooMuch


def _joined(word: str, trees: Sequence[Tree]) -> Tree:
    neutral = word == "and"
    if ["is", not neutral] in trees:
        return ["is", not neutral]
    rest = [tree for tree in trees if tree != ["is", neutral]]
    return ["is", neutral] if not rest else rest[0] if len(rest) == 1 else [word, *rest]


def as_zen(conditions: Sequence[Condition]) -> dict[str, Any]:
    """A decision of GoRules ZEN: an input, one node with an expression for each condition, an output."""
    expressions = [{"id": condition.key, "key": condition.key, "value": zen_text(condition.tree)} for condition in conditions]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {"id": "law", "name": "law", "type": "expressionNode", "position": {"x": 1, "y": 0}, "content": {"expressions": expressions}},
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 2, "y": 0}},
    ]
    edges = [{"id": "1", "type": "edge", "sourceId": "in", "targetId": "law"}, {"id": "2", "type": "edge", "sourceId": "law", "targetId": "out"}]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def zen_text(tree: Tree) -> str:
    word, *rest = tree
    if word == "fact":
        return str(rest[0])
    if word == "in":
        name, values = rest
        return f"{name} == '{values[0]}'" if len(values) == 1 else f"{name} in [{', '.join(repr(value) for value in values)}]"
    if word == "not":
        return f"not ({zen_text(rest[0])})"
    return "(" + f" {word} ".join(zen_text(part) for part in rest) + ")"
