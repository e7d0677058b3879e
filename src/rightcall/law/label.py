"""What a country calls a result: a class such as 4-F, or one word. Data of a pack, for people; it never changes a verdict.

Labels stand in their order of rank, and a finding has the first that fits. Where it is not known whether one fits, no later one
is given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rightcall.law import expression as x
from rightcall.law import truth as t
from rightcall.law.grammar import Scope
from rightcall.law.problem import did_you_mean
from rightcall.law.provision import Provision, statement
from rightcall.law.source import Table

Verdict = Literal["barred", "deferred", "open", "clear"]
VERDICTS: tuple[Verdict, ...] = ("barred", "deferred", "open", "clear")


@dataclass(frozen=True, slots=True)
class Label:
    """A label and when it fits: one of the grounds holds, the verdict is that, the condition is true; what is left out asks for nothing.

    An empty name: the law gives no label then.
    """

    name: str
    says: str = ""
    grounds: tuple[str, ...] = ()
    verdict: str = ""
    when: x.Statement | None = None


def label_of(labels: Iterable[Label], verdict: Verdict, grounds: Collection[str], truth: Callable[[x.Statement], t.Truth]) -> str:
    """The name of the first label that fits, or nothing."""
    for label in labels:
        if (label.verdict and label.verdict != verdict) or (label.grounds and not set(label.grounds) & set(grounds)):
            continue
        fits = t.TRUE if label.when is None else truth(label.when)
        if fits != t.FALSE:
            return label.name if fits == t.TRUE else ""
    return ""


def read_labels(tables: Sequence[Table], scope: Scope, provisions: Iterable[Provision]) -> tuple[Label, ...]:
    """Read the ``[[label]]`` tables of ``pack.toml``. Problems are left in the source."""
    protective = [provision.id for provision in provisions if provision.protects]
    return tuple(_label(table, scope, protective) for table in tables)


def _label(table: Table, scope: Scope, protective: list[str]) -> Label:
    label = Label(
        name=table.take("name", str, "", required=True),
        says=table.take("says", str, ""),
        grounds=table.texts("grounds"),
        verdict=table.choice("verdict", VERDICTS),
        when=statement(table, "when", scope),
    )
    for id in label.grounds:
        if id not in protective:
            table.report(f"`{id}` is not a provision that protects", "grounds", did_you_mean(id, protective))
    if not (label.grounds or label.verdict or "when" in table.values):
        table.report(f"nothing says when the label `{label.name}` fits", "name", "give it `grounds`, a `verdict` or a `when`")
    table.finish()
    return label
