"""What is proven against a pack: each kind of finding in a small pack that has it, and in none that has not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from test_settling import law

from rightcall.law.case import pack_cases, run_case
from rightcall.law.pack import Pack, find_pack, load_pack, pack_names
from rightcall.law.problem import Refused
from rightcall.law.proof.scrutiny import Finding, scrutinise
from rightcall.law.proof.witness import case_text, expectation, finding_of, told

INVARIANT = """
[[invariant]]
id   = "one"
says = "nobody of kind x is clear"
when = 'kind == "x"'
"""


def found(folder: Path, rules: Iterable[tuple[str, str]], more: str = "") -> list[Finding]:
    return scrutinise(_with(law(folder / "law", rules), more), seconds=60)


def _with(pack: Pack, more: str) -> Pack:
    path = pack.folder / "pack.toml"
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    return load_pack(pack.folder)


SOUND = [("defers", "a"), ("defers", "b"), ("bars", 'kind == "x"')]
FAULTY = {
    "dead": ([("defers", "a and not a"), ("defers", "b")], "P0: is true of nobody on any day on which it is in force", True),
    "dead by its dates": ([("defers", 'on < date("2020-01-01") and on > date("2021-01-01") and a')], "P0: is true of nobody", True),
    "total": ([("defers", "a or not a")], "P0: is true of everybody on every day on which it is in force", False),
    "swallowed": ([("defers", "a and b"), ("defers", "a")], "P0: is never true without `P1`, which has the same effect", False),
    "swallowed count": (
        [("defers", "count(c.own for c in kids) >= 3"), ("defers", "count(c.own for c in kids) >= 2")],
        "P0: is never true without `P1`",
        False,
    ),
    "contradictory duties": ([("requires", "a"), ("requires", "not a"), ("requires", "b")], "P0: nobody can keep `P0` and `P1` together", True),
    "weaker": ([("defers", "(a and b) or (a and not b)")], "P0: is left open where it could only be true", False),
    "nobody clear": ([("defers", "a"), ("bars", "not a")], "p: nobody is clear on any day", False),
}


def test_a_sound_pack_has_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path, SOUND, INVARIANT) == []


@pytest.mark.parametrize("name", FAULTY)
def test_each_kind_is_found(name: str, tmp_path: Path) -> None:
    rules, says, is_fault = FAULTY[name]
    remarks = [finding.remark for finding in found(tmp_path, rules)]
    assert [remark.is_fault for remark in remarks if str(remark).partition(": ")[2].startswith(says)] == [is_fault], remarks


def test_an_invariant_that_is_broken_names_somebody_who_breaks_it(tmp_path: Path) -> None:
    pack = _with(law(tmp_path / "law", [("defers", "a"), ("bars", 'kind == "x" and not b')]), INVARIANT)
    (broken,) = scrutinise(pack, seconds=60)
    assert str(broken.remark) == "fault: invariant one: is broken: nobody of kind x is clear"
    assert broken.someone is not None
    assert finding_of(broken.someone, pack).verdict == "clear"
    assert {name: broken.someone.person.facts[name] for name in ("a", "b", "kind")} == {"a": False, "b": True, "kind": "x"}


def test_alternatives_that_add_nothing_are_a_fault(tmp_path: Path) -> None:
    pack = law(tmp_path / "law", [("defers", "a")])
    page = pack.folder / "provisions/P0.md"
    text = page.read_text("utf-8").replace("effect =", 'part   = "one"\neffect =')
    page.write_text(text + '\n```toml rule\nid = "P0"\npart = "two"\neffect = "defers"\nwhen = "a and b"\n```\n', "utf-8")
    findings = scrutinise(load_pack(pack.folder), seconds=60)
    assert [str(finding.remark) for finding in findings] == ["fault: P0/two: is never true without `P0/one`, which has the same effect"]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('id = "one"\nsays = "never"\nwhen = "kund == 1"', "unknown fact `kund`"),
        ('id = "one"\nsays = "never"', "lacks `when`"),
        ('id = "one"\nsays = "never"\nwhen = "a"\nwenn = "b"', "unknown key `wenn`"),
        ('id = "one"\nsays = "never"\nwhen = "a"\n[[invariant]]\nid = "one"\nsays = "again"\nwhen = "b"', "the invariant `one` is there twice"),
    ],
)
def test_an_invariant_is_read_like_a_rule(entry: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        _with(law(tmp_path / "law", SOUND), f"[[invariant]]\n{entry}\n")
    assert says in str(refused.value)
    assert "pack.toml" in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", pack_names())
def test_nothing_is_proven_against_the_packs_that_come_with_it(name: str) -> None:
    pack = find_pack(name)
    assert pack.invariants
    assert [str(finding.remark) for finding in scrutinise(pack) if finding.remark.is_fault] == []


def test_a_rule_left_open_is_shown_by_a_case_in_which_it_is(tmp_path: Path) -> None:
    """The defaults know everything; the case has to take away what nobody need know."""
    pack = law(tmp_path / "law", [("defers", "(a and b) or (a and not b)")])
    (pack.folder / "defaults.toml").write_text('a = false\nb = true\nkind = "x"\nkids = []\n"kids.complete" = true\n', "utf-8")
    pack = load_pack(pack.folder)
    (finding,) = [finding for finding in scrutinise(pack, seconds=60) if finding.name.startswith("weaker")]
    assert finding.someone is not None
    assert "not known: b" in told(finding.someone, pack)
    text = case_text("left open", finding.someone, pack, expectation(finding_of(finding.someone, pack), "P0"))
    page = pack.folder / "provisions/P0.md"
    page.write_text(f"{page.read_text('utf-8')}\n```toml cases\n{text}```\n", "utf-8")
    (case,) = pack_cases(load_pack(pack.folder))
    assert case.expected == {"ground": "unknown"}
    assert not run_case(case, pack).mismatches
