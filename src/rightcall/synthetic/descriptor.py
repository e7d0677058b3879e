"""The descriptors of the country's roll and registers: Data Packages, as docs/reference/registers.md describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from rightcall.synthetic.population import IDENTITY, ON_ROLL
from rightcall.synthetic.register import Register

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_LICENCE = "synthetic: nobody in it is real; free for any use"


def package(name: str, resources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A data package of these tables."""
    return {"$schema": _PROFILE, "name": name, "resources": list(resources)}


def resource(name: str, title: str, schema: pl.Schema, own: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    """A table in the Parquet file of its name; ``key``: the column that is different in every entry."""
    fields = {"fields": [{"name": column, "type": _word(kind)} for column, kind in schema.items()]}
    return {"name": name, "title": title, "path": f"{name}.parquet", "schema": fields | ({"primaryKey": key} if key else {}), "rightcall": dict(own)}


def _word(kind: pl.DataType) -> str:
    if kind == pl.Date:
        return "date"
    if kind == pl.Boolean:
        return "boolean"
    return "integer" if kind.is_integer() else "string"


def roll_resource(schema: pl.Schema) -> dict[str, Any]:
    """The roll: everybody by his own id and identity, and the facts under their own names; the birth date is both, and is named once."""
    identity = {"id": "id", **{("birth" if column == "person.birth_date" else column): column for column in IDENTITY}}
    facts = {column: column for column in ON_ROLL if "." in column and column not in IDENTITY}
    return resource("people", "People proposed for call-up", schema, {"kind": "roll", "identity": identity, "facts": facts})


def register_resource(register: Register, schema: pl.Schema) -> dict[str, Any]:
    """One register."""
    own = {
        "kind": "register",
        "authority": register.authority,
        "licence": _LICENCE,
        "asOf": register.as_of.isoformat(),
        "validDays": register.valid_days,
        "complete": register.complete,
        "identity": {part: column for part, column in register.identity.items() if part != "number" or register.numbered},
        **({"list": register.listed} if register.listed else {}),
        "facts": {fact: _saying(register, fact, column) for fact, column in register.columns.items()},
        **({"absent": dict(register.absent)} if register.absent else {}),
    }
    return resource(register.name, register.title, schema, own, register.key)


def _saying(register: Register, fact: str, column: str) -> Any:
    words = register.words.get(fact)
    return {"column": column, "values": {written: word for word, written in words.items()}} if words else column
