"""The schemas for editors: they accept the packs that there are, and name exactly the keys that the loader takes."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
from small import FACTS, PACK, page, write_pack

from rightcall.law.case import pack_cases
from rightcall.law.deadline import UNITS
from rightcall.law.pack import load_pack, pack_names
from rightcall.law.problem import Refused
from rightcall.law.schema import PARTS, Schema, schema_of

ROOT = Path(__file__).parents[2]
LAW = ROOT / "src/rightcall/law"
PACKS = [*(ROOT / "src/rightcall/packs" / name for name in pack_names()), ROOT / "examples/packs/valmora", LAW / "template"]
BLOCK = re.compile(r"^```toml (rule|cases)[ \t]*\n(.*?)^```", re.M | re.S)


def as_json(value: Any) -> Any:
    """What an editor makes of TOML before it looks at a schema: days are texts."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def validator(part: str) -> jsonschema.Draft7Validator:
    jsonschema.Draft7Validator.check_schema(schema_of(part))
    return jsonschema.Draft7Validator(schema_of(part), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


def wrong(part: str, text: str) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(part).iter_errors(as_json(tomllib.loads(text)))]


def documents(pack: Path) -> Iterator[tuple[str, str, str]]:
    """Part, place and text of every TOML file and block of a pack."""
    for part in ("pack", "facts", "terms", "parameters", "questions"):
        yield part, f"{part}.toml", (pack / f"{part}.toml").read_text("utf-8").replace("= $", "= '$'  # ")
    for part in ("gates", "seeded"):
        if (pack / f"{part}.toml").is_file():
            yield part, f"{part}.toml", (pack / f"{part}.toml").read_text("utf-8")
    for path in sorted((pack / "readings").glob("*.toml")):
        yield "readings", path.name, path.read_text("utf-8")
    for path in sorted((pack / "provisions").glob("*.md")):
        for number, block in enumerate(BLOCK.finditer(path.read_text("utf-8"))):
            yield block[1], f"{path.name} block {number + 1}", block[2]


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_every_file_and_block_of_every_pack_fits_its_schema(pack: Path) -> None:
    found = list(documents(pack))
    assert {part for part, _, _ in found} >= {*PARTS} - {"readings", "gates", "seeded"}
    assert [(place, fault) for part, place, text in found for fault in wrong(part, text)] == []


WRONG = {
    "a misspelt key of a rule": ("rule", "id = 'a'\neffect = 'bars'\nwenn = 'x'"),
    "an effect that there is not": ("rule", "id = 'a'\neffect = 'bar'\nwhen = 'x'"),
    "a rule without an effect": ("rule", "id = 'a'\nwhen = 'x'"),
    "a day that is none": ("rule", "id = 'a'\neffect = 'bars'\nwhen = 'x'\nfrom = 'yesterday'"),
    "a type that there is not": ("facts", "[a]\ntype = 'boolean'"),
    "a fact without a type": ("facts", "[a]\nask = 'b'"),
    "words without values": ("facts", "[a]\ntype = 'one_of'"),
    "values of a date": ("facts", "[a]\ntype = 'date'\nvalues = ['b']"),
    "decimals of a text": ("facts", "[a]\ntype = 'text'\ndecimals = 2"),
    "a list without a row": ("facts", "[a]\ntype = 'list'"),
    "a list in a row": ("facts", "[a]\ntype = 'list'\n[a.row.b]\ntype = 'list'"),
    "a bool that may be none": ("facts", "[a]\ntype = 'bool'\nnone = 'absent'"),
    "a parameter without brackets": ("parameters", "[a]\nvalue = 1\ncite = 'b'"),
    "a parameter without a value": ("parameters", "[[a]]\ncite = 'b'"),
    "a question with one side": ("questions", "[A]\nasks = 'b'\nyes = 'c'"),
    "a term without meaning": ("terms", "[a]\nsays = 'b'"),
    "a pack without a title": ("pack", "id = 'a'\ncountry = 'XX'\n[reference]\non = 'b'\n[birthday]"),
    "a deadline with two terms": ("pack", f"{PACK}[deadlines.a]\nsays = 'b'\nafter = 'c'\ncite = 'd'\ngrade = 'A'\ndays = 1\nmonths = 1"),
    "a case without a day": ("cases", "[[case]]\nground = true"),
    "a ground that is none": ("cases", "[[case]]\non = 2022-01-01\nground = 'maybe'"),
    "an answer that is none": ("readings", "[[reading]]\nquestion = 'A'\nanswer = 'yes'"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_schema_marks_what_is_wrong(name: str) -> None:
    assert wrong(*WRONG[name])


def test_a_part_that_there_is_not() -> None:
    with pytest.raises(Refused, match="there is no schema `fact`"):
        schema_of("fact")


def test_schemas_are_json_and_explain_each_key() -> None:
    for part in PARTS:
        schema = schema_of(part)
        assert json.loads(json.dumps(schema)) == schema
        assert list(_unexplained(schema)) == []


def _unexplained(schema: Schema) -> Iterator[str]:
    for key, inner in schema.get("properties", {}).items():
        if not inner.get("description"):
            yield key
        yield from _unexplained(inner)


# --- the same keys as the loader ----------------------------------------------------------------------------------


class Place(NamedTuple):
    """A table of a pack: where its keys stand in its schema, and a pack with some text in it. `has`: keys that are there already."""

    part: str
    path: tuple[str, ...]
    files: Mapping[str, str]
    has: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


ANY_TABLE = ("additionalProperties",)
RULE = "when = 'person.alive'"
FACT = ("type",)
PLACES = {
    "pack": Place("pack", (), {"pack": "HERE" + PACK}, ("id", "title", "country", "reference", "birthday")),
    "reference": Place("pack", ("properties", "reference"), {"pack": PACK.replace("[reference]\n", "[reference]\nHERE")}, ("on", "fallback", "also", "question", "same_day")),
    "birthday": Place("pack", ("properties", "birthday"), {"pack": PACK + "HERE"}, ("question", "leap_day")),
    "report": Place("pack", ("properties", "report"), {"pack": "+[report]\nHERE"}),
    "label": Place("pack", ("properties", "label", "items"), {"pack": "+[[label]]\nHERE"}),
    "invariant": Place("pack", ("properties", "invariant", "items"), {"pack": "+[[invariant]]\nHERE"}),
    "gate": Place("gates", ANY_TABLE, {"gates": "[X]\nHERE"}),
    "line": Place("gates", (*ANY_TABLE, "properties", "line", "items"), {"gates": "[X]\nask = 'a'\n[[X.line]]\nHERE"}),
    "deadline": Place("pack", ("properties", "deadlines", *ANY_TABLE, "anyOf", "1"), {"pack": "+[deadlines.a]\nHERE"}, without=UNITS),
    "fact": Place("facts", ANY_TABLE, {"facts": FACTS + "[x]\ntype = 'bool'\nHERE"}, FACT, ("row", "complete")),
    "list": Place("facts", ANY_TABLE, {"facts": FACTS + "[x]\ntype = 'list'\nHERE"}, FACT),
    "complete": Place("facts", (*ANY_TABLE, "properties", "complete"), {"facts": FACTS + "[x]\ntype = 'list'\nrow = {}\n[x.complete]\nHERE"},
                      without=("values", "unit", "none", "decimals", "least", "most")),
    "field": Place("facts", (*ANY_TABLE, "properties", "row", *ANY_TABLE), {"facts": FACTS + "[x]\ntype = 'list'\n[x.row.y]\ntype = 'bool'\nHERE"}, FACT, ("unless_told",)),
    "term": Place("terms", ANY_TABLE, {"terms": "+[x]\nHERE"}),
    "parameter": Place("parameters", (*ANY_TABLE, "items"), {"parameters": "+[[x]]\nHERE"}),
    "question": Place("questions", ANY_TABLE, {"questions": "+[X]\nHERE"}),
    "rule": Place("rule", (), {"page": page("HERE")}, ("id", "effect", "act", "cite", "grade")),
    "flag": Place("rule", ("properties", "flags", "items"), {"page": page(RULE + "\nflags = [{ INLINE }]")}),
    "cases": Place("cases", (), {"page": page(RULE) + "\n```toml cases\nHERE```\n"}),
    "case": Place("cases", ("properties", "case", "items"), {"page": page(RULE) + "\n```toml cases\n[[case]]\nHERE```\n"}, without=("line",)),
    "expect": Place("cases", ("properties", "case", "items", "properties", "expect"), {"page": page(RULE) + "\n```toml cases\n[[case]]\n[case.expect]\nHERE```\n"}),
    "readings": Place("readings", (), {"readings": "HERE"}),
    "reading": Place("readings", ("properties", "reading", "items"), {"readings": "[[reading]]\nHERE"}),
}  # fmt: skip
"""`without`: keys that the loader knows there only to say why they cannot stand there."""


def keys_in_schema(place: Place) -> set[str]:
    node: Any = schema_of(place.part)
    for step in place.path:
        node = node[int(step)] if step.isdigit() else node[step]
    assert node["additionalProperties"] is False
    return set(node["properties"])


def words_of_the_loader() -> set[str]:
    """Every word in the source of the loader that could be a key."""
    modules = ("pack", "provision", "question", "parameter", "vocabulary", "label", "deadline", "invariant", "gate", "case", "source")
    trees = [ast.parse((LAW / f"{module}.py").read_text("utf-8")) for module in modules]
    texts = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {text for text in texts if re.fullmatch(r"[a-z_]+", text)}


def refused_keys(place: Place, keys: list[str], folder: Path) -> set[str]:
    """Those of the keys that the loader says it does not know. Every one has a value that none of them can have, save by chance."""
    lines, inline = "".join(f"{key} = 1\n" for key in keys), ", ".join(f"{key} = 1" for key in keys)
    files = {name: text.replace("HERE", lines).replace("INLINE", inline) for name, text in place.files.items()}
    readings = files.pop("readings", None)
    write_pack(folder, files.pop("page", page(RULE)), **files)
    if readings is not None:
        (folder / "mine.toml").write_text(readings, "utf-8")
    with pytest.raises(Refused) as refused:
        read_all(folder)
    return {found[1] for problem in refused.value.problems for found in re.finditer(r"unknown key `(\w+)`", problem.message)}


def read_all(folder: Path) -> None:
    pack = load_pack(folder)
    if (folder / "mine.toml").is_file():
        pack.readings(str(folder / "mine.toml"))
    pack_cases(pack)


@pytest.mark.parametrize("name", PLACES)
def test_the_keys_of_a_schema_are_those_that_the_loader_takes(name: str, tmp_path: Path) -> None:
    place = PLACES[name]
    words = words_of_the_loader() | {key for other in PLACES.values() for key in keys_in_schema(other)} | {"nothing_like_it"}
    tried = sorted(words - {*place.has, *place.without})
    refused = refused_keys(place, tried, tmp_path)
    assert "nothing_like_it" in refused
    assert (set(tried) - refused) | {*place.has} == keys_in_schema(place) - {*place.without}


@pytest.mark.parametrize("unit", UNITS)
def test_each_unit_of_a_deadline_is_taken(unit: str, tmp_path: Path) -> None:
    assert unit in keys_in_schema(PLACES["deadline"])
    assert refused_keys(PLACES["deadline"], [unit], tmp_path) == set()


def test_a_case_does_not_say_where_it_stands(tmp_path: Path) -> None:
    assert refused_keys(PLACES["case"], ["line"], tmp_path) == {"line"}
