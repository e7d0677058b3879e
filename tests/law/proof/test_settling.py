"""The fewest facts that settle a standing, against trying every set of facts and every way of completing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, product
from pathlib import Path
from types import MappingProxyType

import pytest

from rightcall.law.pack import Pack, find_pack, load_pack
from rightcall.law.person import Person, Rows
from rightcall.law.proof.settling import facts_named, fewest_facts, implicants
from rightcall.law.question import UNANSWERED, Readings, answered
from rightcall.law.reason import Days, Verdict, judge
from rightcall.law.value import exactly

FACTS = """
[a]
type = "bool"
ask = "?"
[b]
type = "bool"
ask = "?"
[kind]
type = "one_of"
values = ["x", "y", "z"]
ask = "?"
[kids]
type = "list"
ask = "?"
[kids.complete]
ask = "?"
[kids.row.own]
type = "bool"
ask = "?"
["date.decision"]
type = "date"
ask = "?"
"""
RULE = """# {id}

```toml rule
id     = "{id}"
act    = "An act"
cite   = "art. 1"
effect = "{effect}"
grade  = "A"
when   = '{when}'
```
"""
LAWS = {
    "one or the other": [("defers", "a or b"), ("bars", 'kind == "x"')],
    "both at once": [("defers", "a and b"), ("defers", "a and not b")],
    "counted": [("defers", "count(c.own for c in kids) >= 2"), ("bars", "a and any(not c.own for c in kids)")],
    "disputed": [("defers", 'a and reading("Q")'), ("bars", 'b and kind in {"x", "y"}')],
    "exactly one": [("defers", 'count(c.own for c in kids) == 1 or kind == "z"')],
}
DAYS = Days(exactly(19000), "date.decision")


def law(folder: Path, rules: Iterable[tuple[str, str]]) -> Pack:
    (folder / "provisions").mkdir(parents=True)
    (folder / "facts.toml").write_text(FACTS, "utf-8")
    (folder / "pack.toml").write_text('id = "p"\ncountry = "XX"\ntitle = "P"\n[reference]\non = "date.decision"\n[birthday]\nleap_day = "1 March"\n', "utf-8")
    (folder / "questions.toml").write_text('[Q]\nasks = "?"\nyes = "y"\nno = "n"\n', "utf-8")
    for name in ("terms.toml", "parameters.toml", "defaults.toml", "sources.md"):
        (folder / name).write_text("", "utf-8")
    for number, (effect, when) in enumerate(rules):
        (folder / "provisions" / f"P{number}.md").write_text(RULE.format(id=f"P{number}", effect=effect, when=when), "utf-8")
    return load_pack(folder)


def person(a: bool, b: bool, kind: str, kids: Iterable[bool]) -> Person:
    rows = Rows(tuple(MappingProxyType({"own": own}) for own in kids), True)
    return Person(MappingProxyType({"a": a, "b": b, "kind": kind}), MappingProxyType({"kids": rows}))


def everybody(most: int) -> Iterator[Person]:
    """All full people with so many rows at most."""
    for a, b, kind in product((True, False), (True, False), ("x", "y", "z")):
        for number in range(most + 1):
            yield from (person(a, b, kind, kids) for kids in product((True, False), repeat=number))


def agrees(other: Person, known: Person) -> bool:
    """Another full person has all that is known of one; rows whose fields are known are the first of his."""
    if any(other.facts[name] != value for name, value in known.facts.items()):
        return False
    for name, rows in known.lists.items():
        theirs = other.lists[name].rows
        if (rows.complete and len(theirs) != len(rows.rows)) or len(theirs) < len(rows.rows):
            return False
        if any(theirs[place][field] != value for place, row in enumerate(rows.rows) for field, value in row.items()):
            return False
    return True


NAMES = ("a", "b", "kind", "kids[].own", "kids.complete")


def by_trying(full: Person, verdicts: list[tuple[Person, Verdict]], mine: Verdict) -> int:
    """The size of the smallest set that settles the verdict, found by trying them all."""
    for size in range(len(NAMES) + 1):
        for names in combinations(NAMES, size):
            if all(verdict == mine for other, verdict in verdicts if agrees(other, facts_named(full, names))):
                return size
    raise AssertionError("all that is known settles it")


@pytest.mark.parametrize("readings", [UNANSWERED, answered({"Q": True})], ids=["unanswered", "answered"])
@pytest.mark.parametrize("name", LAWS)
def test_no_smaller_set_settles_it(name: str, readings: Readings, tmp_path: Path) -> None:
    pack = law(tmp_path / "law", LAWS[name])
    verdicts = [(other, judge(other, pack, readings, DAYS).verdict) for other in everybody(4)]
    for full in list(everybody(2))[::5]:
        found = fewest_facts(full, pack, readings, DAYS, seconds=60)
        assert found is not None
        assert len(found) == by_trying(full, verdicts, judge(full, pack, readings, DAYS).verdict), (full, found)


def test_what_is_not_known_settles_nothing(tmp_path: Path) -> None:
    pack = law(tmp_path / "law", LAWS["one or the other"])
    assert fewest_facts(Person(MappingProxyType({"b": False, "kind": "y"})), pack, UNANSWERED, DAYS) is None


def test_somebody_of_a_real_pack() -> None:
    """A woman without a military specialty: two facts, and no interview could do with fewer."""
    pack = find_pack("ru_2022")
    woman = Person(MappingProxyType({"person.sex": "F", "military.vus_present": False, "person.alive": True, "health.category": "A"}))
    assert fewest_facts(woman, pack, UNANSWERED, Days(exactly(19275), "date.decision")) == {"person.sex", "military.vus_present"}


def test_an_implicant_has_nothing_to_spare(tmp_path: Path) -> None:
    pack = law(tmp_path / "law", [("defers", "a and (b or not b)")])
    ground = pack.provisions["P0"].ground
    assert ground is not None
    (way,) = implicants(ground, pack, 60, 5)
    assert dict(way.person.facts) == {"a": True}
