"""Nothing that answers a request reads a row past the one door: ``visible_to``, or ``seen``, which goes through it. Read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

import rightcall.office

OFFICE = Path(rightcall.office.__file__).parent
MODELS = {model.__name__: model._meta.label for model in apps.get_models() if hasattr(model, "KIND")}
SCOPED = set(MODELS)
UNSCOPED_BUT_PERSONAL = {"Person"}
"""It has no unit of its own: it is reached through its call-up, and nowhere else."""
DOORS = {"visible_to", "of_units"}
READ_HERE = sorted(
    path
    for path in OFFICE.rglob("*.py")
    if path.stem in ("views", "public", "routes", "forms", "words", "context", "pages", "listing", "lists", "figures", "looking", "own", "questions")
)
ALLOWED = {
    ("notices/public.py", "ImproperReport", "follow"): "by its reference, which whoever reported was given and nobody else has",
    ("notices/public.py", "ImproperReport", "ready"): "whether the database answers; no row is read",
    ("notices/public.py", "Unit", "_telephone"): "the telephone of the office, for anybody",
    ("person/views.py", "Claim", "file"): "a person's own file",
    ("person/views.py", "Look", "file"): "a person's own file",
    ("person/views.py", "Case", "file"): "a person's own file",
    ("person/own.py", "Event", "events_of"): "a person's own file",
    ("person/own.py", "Notice", "events_of"): "a person's own file",
    ("person/own.py", "Case", "events_of"): "a person's own file",
    ("person/own.py", "Notice", "open_own"): "a person's own file, by number and code",
    ("person/own.py", "Notice", "own"): "a person's own file, by what his session opened",
    ("lists.py", "Person", "_named"): "keys that narrow rows which came through the door",
    ("lists.py", "CallUp", "_named"): "keys that narrow rows which came through the door",
    ("lists.py", "Batch", "_of_batch"): "the unit of a batch, by which rows are narrowed that came through the door",
    ("person/looking.py", "Look", "look"): "a look is written, none is read",
    ("campaigns/forms.py", "Unit", "_units"): "narrowed to where the actor may act",
    ("campaigns/forms.py", "Unit", "__init__"): "the units beneath a campaign that came through the door, for who may give them tasks",
}
"""Where a scoped model is read otherwise, and why that is right: file, model, function."""


def reads(path: Path) -> Iterator[tuple[str, str, str, int]]:
    """Every ``Model.objects`` that does not end in a door: file, model, function, line."""
    tree = ast.parse(path.read_text("utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        model = node.value.id if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name) else ""
        if model in SCOPED | UNSCOPED_BUT_PERSONAL and not _through_the_door(node, parents):
            yield str(path.relative_to(OFFICE)), model, _function(node, parents), node.lineno


def _through_the_door(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """A chain of calls on it has a door in it, is empty, is what ``seen`` is given, or makes the rows of a list (``Listing.visible`` is the door)."""
    while isinstance(parent := parents[node], (ast.Attribute, ast.Call)):
        if isinstance(parent, ast.Call) and node is not parent.func:
            return isinstance(parent.func, ast.Name) and parent.func.id == "seen" and node is parent.args[1]
        if isinstance(parent, ast.Attribute) and parent.attr in DOORS | {"none"}:
            return True
        node = parent
    return isinstance(parent, ast.Lambda) and _is_rows_of_a_list(parent, parents)


def _is_rows_of_a_list(node: ast.Lambda, parents: dict[ast.AST, ast.AST]) -> bool:
    call = parents[node]
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Listing" and call.args[3] is node


def _function(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    while not isinstance(node, (ast.FunctionDef, ast.Module)):
        node = parents[node]
    return node.name if isinstance(node, ast.FunctionDef) else ""


def test_everything_that_answers_reads_through_the_door() -> None:
    found = [read for path in READ_HERE for read in reads(path)]
    past = [f"{file}:{line}: {model}.objects in {function}" for file, model, function, line in found if (file, model, function) not in ALLOWED]
    assert not past
    assert {read[:3] for read in found} == set(ALLOWED), "what is allowed is there"


RELATED = {relation.get_accessor_name() for name in SCOPED for relation in apps.get_model(MODELS[name])._meta.related_objects} - {None}
"""Names by which rows lead to those that belong to them: they go past the door."""


def test_who_follows_a_row_to_what_belongs_to_it_is_known() -> None:
    """From a row that was seen, to rows that are seen by whoever sees it."""
    inside = re.compile(r"\{[{%].*?[%}]\}")
    pages = {
        (path.name, name)
        for path in OFFICE.rglob("*.html")
        for tag in inside.findall(path.read_text("utf-8"))
        for name in re.findall(r"\w(?<!\bactor)\.(\w+)", tag)
        if name in RELATED
    }
    assert pages == {("one.html", "tasks")}
    followed = {
        (str(path.relative_to(OFFICE)), node.attr)
        for path in READ_HERE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in RELATED and ast.unparse(node.value) not in ("actor", "actor_of(request)")
    }
    assert followed == {("campaigns/forms.py", "tasks")}


@pytest.mark.parametrize(
    ("source", "passes"),
    [
        ("def view(request): return Roll.objects.get(pk=1)", False),
        ("def view(request): return Roll.objects.filter(pk=1).visible_to(actor)", True),
        ("def view(request): return seen(request, Roll.objects.select_related('unit'), 1)", True),
        ("def view(request): return found(Roll.objects, 1)", False),
        ("def view(request): return list(Roll.objects.all())", False),
        ("def view(request): return Person.objects.first()", False),
        ("LIST = Listing('a', 'A', 'roll', lambda: Roll.objects.all())", True),
    ],
)
def test_this_reading_finds_what_goes_past(source: str, passes: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(f"{__name__}.OFFICE", tmp_path)
    (tmp_path / "views.py").write_text(source)
    assert (not list(reads(tmp_path / "views.py"))) is passes
