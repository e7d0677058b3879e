"""What may stand in each TOML file and block of a pack, as JSON Schema, so that an editor completes it and marks a wrong key.

The words that a key may have are those of the loader; that the keys themselves are exactly those which the loader takes is
held by a test. A schema sees one file: whether a fact exists, or a condition can be read, only `pack check` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from rightcall.law.case import EXPECTED, LISTS
from rightcall.law.deadline import UNITS
from rightcall.law.label import VERDICTS
from rightcall.law.problem import did_you_mean, refuse
from rightcall.law.provision import CONCERNS, EFFECTS, GRADES
from rightcall.law.vocabulary import KINDS, MOST_DECIMALS

Schema = dict[str, Any]

_DRAFT = "http://json-schema.org/draft-07/schema#"
"""The draft that Taplo and other editors for TOML read."""


def schema_of(part: str) -> Schema:
    """The schema of a part of a pack. Raises ``Refused`` for a part that has none."""
    if part not in PARTS:
        raise refuse(f"there is no schema `{part}`", help=did_you_mean(part, PARTS) or f"there are {', '.join(PARTS)}")
    return {"$schema": _DRAFT, **PARTS[part]()}


def _text(says: str) -> Schema:
    return {"type": "string", "description": says}


def _texts(says: str) -> Schema:
    return {"type": "array", "items": {"type": "string"}, "description": says}


def _yes_or_no(says: str) -> Schema:
    return {"type": "boolean", "description": says}


def _day(says: str) -> Schema:
    return {"type": "string", "format": "date", "description": f"{says} (a TOML date, without quotes: 2022-10-05)"}


def _word(words: Iterable[str], says: str) -> Schema:
    return {"type": "string", "enum": list(words), "description": says}


def _condition(says: str) -> Schema:
    return _text(f"{says} An expression in quotes: docs/reference/packs.md#expressions")


def _table(says: str, keys: Mapping[str, Schema], required: Iterable[str] = (), **more: Any) -> Schema:
    """A table with these keys and no others."""
    return {"type": "object", "description": says, "properties": dict(keys), "required": list(required), "additionalProperties": False, **more}


def _named(says: str, inner: Schema) -> Schema:
    """A table of tables with names that the author gives."""
    return {"type": "object", "description": says, "additionalProperties": inner}


def _list(inner: Schema) -> Schema:
    return {"type": "array", "items": inner, "description": inner["description"]}


def _only_where(kinds: Iterable[str], keys: Iterable[str]) -> Schema:
    """Keys that only some types of facts have."""
    return {"if": {"not": {"properties": {"type": {"enum": list(kinds)}}}}, "then": {"properties": dict.fromkeys(keys, False)}}


_GRADE = _word(GRADES, "of the source: A text read, B two secondary sources, C one, D general knowledge")
_FROM, _UNTIL = _day("first day in force; left out, always"), _day("first day no longer in force; left out, for ever")
_SOURCES = _texts("keys of sources.md")
_DECIMALS = {"type": "integer", "minimum": 0, "maximum": MOST_DECIMALS, "description": "digits after the point"}


def _pack() -> Schema:
    keys = {
        "id": _text("the name of the pack"),
        "country": _text("ISO 3166, two letters"),
        "title": _text("what law this is"),
        "languages": _texts("languages of the pages"),
        "calendar": _text("whose working days count: a country, or one region of it, country-region"),
        "decided_by": _text("who decides about one person"),
        "about": _text("which acts were read, of which day, and what is not held"),
        "reference": _reference(),
        "birthday": _birthday(),
        "report": _table("for the report", {"region": _text("the fact that names a person's region")}),
        "deadlines": _named("terms of the law; display only", {"anyOf": [_text("told in words only"), _deadline()]}),
        "label": _list(_label()),
        "invariant": _list(_invariant()),
    }
    return _table("pack.toml: what law this is, and whose day counts", keys, ("id", "country", "title", "reference", "birthday"))


def _reference() -> Schema:
    keys = {
        "on": _text("the date fact of the day that counts"),
        "fallback": _text("the date fact that stands in where the first is not known"),
        "also": _texts("date facts of other days that count if the question is answered yes"),
        "question": _text("the question by which other days count"),
        "same_day": _texts("date facts that stand for the day judged when nobody has recorded them"),
    }
    return _table("which day counts", keys, ("on",))


def _birthday() -> Schema:
    keys = {
        "question": _text("the question whether an age is reached only on the day after the birthday"),
        "leap_day": _word(("1 March", "28 February"), "where 29 February falls in a common year"),
    }
    return _table("when an age is reached", keys)


def _deadline() -> Schema:
    term: Schema = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}], "description": "how many: a number, or a parameter"}
    keys: dict[str, Schema] = {
        "says": _text("what has to be done"),
        "after": _text("the date fact after which the term runs"),
        **dict.fromkeys(UNITS, term),
        "moves": _yes_or_no("a last day that is no working day gives way to the next one"),
        "when": _condition("Whom it concerns; left out, everybody."),
        "cite": _text("the place in the act"),
        "grade": _GRADE,
    }
    return _table("a computed term", keys, ("says", "after", "cite", "grade"), oneOf=[{"required": [unit]} for unit in UNITS])


def _label() -> Schema:
    keys = {
        "name": _text("what the country calls it; empty, the law gives no label then"),
        "says": _text("in words"),
        "grounds": _texts("provisions, one of which holds"),
        "verdict": _word(VERDICTS, "the verdict"),
        "when": _condition("A condition that is true."),
    }
    return _table("what the country calls a result; the first that fits is given", keys, ("name",))


def _invariant() -> Schema:
    keys = {
        "id": _text("a short name"),
        "says": _text("what must never happen, in words"),
        "from": _day("first day judged for which it is claimed; left out, always"),
        "until": _day("first day judged for which it is no longer claimed; left out, for ever"),
        "when": _condition("Of whom it is true, he is never clear."),
    }
    return _table("what must never happen; `pack check` proves it of everybody", keys, ("id", "says", "when"))


def _about_a_fact() -> dict[str, Schema]:
    """The keys of every fact, also of `complete`, which has no type of its own."""
    return {
        "ask": _text("the question put to the person"),
        "proof": _text("the paper that usually settles it"),
        "values": _texts("the words of a one_of fact"),
        "unit": _text("of a number"),
        "none": _word(("forever", "absent"), "may be none: `forever` is a day that never comes, `absent` makes every comparison false"),
        "unless_told": {"type": ["boolean", "number", "string"], "description": "assumed in the asking pass only; never makes a ground true"},
        "point": _text("the fact is a legal evaluation: while it is missing this question is shown"),
        "note": _text("context for people"),
        "decimals": _DECIMALS,
        "least": {"type": "number", "description": "no value is smaller"},
        "most": {"type": "number", "description": "no value is greater"},
        "unknown": _texts("words of its own that load as unknown"),
    }


_KINDS_OF = (
    (("one_of",), ("values",)),
    (("integer",), ("decimals", "least", "most")),
    (("bool", "one_of"), ("unknown",)),
    (("bool", "one_of", "integer", "text"), ("unless_told",)),
    (("date", "integer", "one_of", "text"), ("none",)),
    (("list",), ("row", "complete")),
)


def _typed(says: str, keys: Mapping[str, Schema], kinds: Iterable[str]) -> Schema:
    kind = {"type": _word(kinds, "what values it has")}
    rules = [_only_where(only, found) for only, names in _KINDS_OF if (found := [name for name in names if name in keys])]
    needs = [{"if": {"properties": {"type": {"const": const}}}, "then": {"required": [key]}} for const, key in (("one_of", "values"), ("list", "row"))]
    return _table(says, kind | dict(keys), ("type",), allOf=rules + needs)


def _facts() -> Schema:
    fields = _typed("a field of the row", {key: value for key, value in _about_a_fact().items() if key != "unless_told"}, [k for k in KINDS if k != "list"])
    lists = {
        "row": _named("the fields of a row", fields),
        "complete": _table("are these all of them?", {key: _about_a_fact()[key] for key in _COMPLETE}),
    }
    return _named('facts.toml: a table for each fact, as in ["person.alive"]', _typed("a fact", _about_a_fact() | lists, KINDS))


_COMPLETE = ("ask", "proof", "unless_told", "point", "note", "unknown")


def _terms() -> Schema:
    keys = {"is": _condition("What it means."), "says": _text("in words, for an explanation")}
    return _named("terms.toml: a table for each named expression", _table("a term", keys, ("is",)))


def _parameters() -> Schema:
    single: list[Schema] = [{"type": "number"}, {"type": "string", "format": "date"}, {"const": "none"}]
    value = {"anyOf": [*single, {"type": "object", "additionalProperties": {"anyOf": single}}]}
    keys = {
        "by": _text("the one_of fact that the table is over"),
        "from": _FROM,
        "until": _UNTIL,
        "value": {**value, "description": "an integer, a decimal, a date, `none`, or with `by` a table of them"},
        "decimals": _DECIMALS,
        "unit": _text("of the number"),
        "says": _text("in words"),
        "cite": _text("the place in the act"),
        "grade": _GRADE,
    }
    return _named("parameters.toml: [[name]] for each dated value", _list(_table("a value while it is in force", keys, ("value", "cite"))))


def _questions() -> Schema:
    keys = {
        "asks": _text("the disputed point, as a question of yes or no"),
        "yes": _text("what speaks for yes, and what it would mean"),
        "no": _text("what speaks for no, and what it would mean"),
        "sources": _SOURCES,
    }
    return _named("questions.toml: a table for each disputed point of law", _table("a question", keys, ("asks", "yes", "no")))


def _gates() -> Schema:
    told: Schema = {"type": "object"}
    keys = {
        "says": _text("the line, as the person reads it"),
        "fact": _text("the yes-or-no fact that the line is: yes where it is named, no where not"),
        "yes": {**told, "description": "what single facts are where the line is named, as in { pregnant = true }"},
        "no": {**told, "description": "what each fact of the line is where it is not named; a list is denied as []"},
    }
    gate = {"ask": _text("the question over the checklist"), "line": _list(_table("a line of the checklist", keys, ("says",)))}
    return _named("gates.toml: a table for each question that asks several facts at once", _table("a gate", gate, ("ask", "line")))


def _seeded() -> Schema:
    keys = {
        "kind": _text("what kind of fault"),
        "file": _text("the file of the pack that it is in"),
        "was": _text("what stands there"),
        "now": _text("what the author writes instead"),
    }
    return _table("seeded.toml: faults that try the cases", {"fault": _list(_table("a fault", keys, ("kind", "file", "was")))})


def _readings() -> Schema:
    answer = {
        "question": _text("which question"),
        "answer": _yes_or_no("the answer"),
        "cite": _text("who says so, and where"),
        "from": _day("first day of call-up it holds for"),
        "until": _day("first day of call-up it no longer holds for"),
        "parts": _texts("only in these parts of provisions; left out, everywhere"),
    }
    keys = {"title": _text("whose answers"), "cite": _text("where they stand"), "reading": _list(_table("an answer", answer, ("question", "answer")))}
    return _table("readings/NAME.toml: answers to questions of law", keys)


def _rule() -> Schema:
    flag = {"point": _text("a question shown beside the result"), "when": _condition("When it is shown; left out, always.")}
    keys = {
        "id": _text("the name of the provision, a column of the findings"),
        "part": _text("the name of this block, where one id has several"),
        "act": _text("the act; needed in the first block of an id"),
        "cite": _text("the place in the act; needed in the first block of an id"),
        "effect": _word(EFFECTS, "bars and defers protect; of requires `when` is the breach; promises never change a verdict"),
        "from": _FROM,
        "until": _UNTIL,
        "when": _condition("The condition."),
        "unless": _condition("The exception: the ground is `when and not unless`."),
        "hinges_on": _text("the question on which the whole ground hangs"),
        "flags": _list(_table("points shown beside a true ground; display only", flag, ("point",))),
        "before": _word(("notice",), "a breach shuts the gate before the notice"),
        "concerns": _word(CONCERNS, "whose duty it is that is required"),
        "proof": _texts("the papers that prove it"),
        "letter": _yes_or_no("false where the ground leaves nobody to write to"),
        "grade": _GRADE,
        "sources": _SOURCES,
        "escalation": _text("what the language cannot say, for a person to look at"),
    }
    return _table("a `toml rule` block", keys, ("id", "effect"))


def _expected() -> dict[str, Schema]:
    own = {
        "verdict": _word(VERDICTS, "the result for the person"),
        "class": {"type": ["string", "null"], "description": "the label"},
        "ground": {"enum": [True, False, "unknown"], "description": "whether this provision holds"},
        "promise": _yes_or_no("whether this provision is shown among the promises"),
    }
    lists = {name: _texts("names, all of them, in any order") for name in LISTS}
    return {name: {**own, **lists}[name] for name in EXPECTED}


def _cases() -> Schema:
    keys = {
        "name": _text("what the case shows"),
        "id": _text("a short name"),
        "about": _text("more words"),
        "on": {"description": "the day judged, or [first, last]"},
        "facts": {"type": "object", "description": 'what is known of the person, as in facts."person.alive" = true'},
        "without": _texts("defaults taken away"),
        "readings": {"type": "object", "additionalProperties": {"type": "boolean"}, "description": "questions answered, as in { BDAY = true }"},
        **_expected(),
        "expect": _table("what is expected, in a table of its own", {**_expected(), "why": _text("in words")}),
    }
    return _table("a `toml cases` block", {"case": _list(_table("a case", keys, ("on",)))})


PARTS: Mapping[str, Callable[[], Schema]] = MappingProxyType({
    "pack": _pack, "facts": _facts, "terms": _terms, "parameters": _parameters, "questions": _questions, "readings": _readings, "gates": _gates,
    "seeded": _seeded, "rule": _rule, "cases": _cases,
})  # fmt: skip
