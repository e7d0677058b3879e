"""Somebody for every kind of flip between two laws, or the proof that there is nobody: nobody is named who does not flip, nobody is missed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("z3")

from rightcall.law.case import pack_cases
from rightcall.law.compare import side_named
from rightcall.law.proof.flip import Flip, changed_grounds, comparable, flips_between, told
from rightcall.law.reason import days_of, judge

PAIRS = {
    "before and after a new procedure": ("ua@2024-05-17", "ua@2024-05-18"),
    "two readings": ("ua@2024-06-01", "ua+highest_court@2024-06-01"),
}


@cache
def kinds(pair: str) -> dict[tuple[str, str], Flip]:
    before, after = (side_named(name) for name in PAIRS[pair])
    return {(flip.before, flip.after): flip for flip in flips_between(before, after)}


@pytest.mark.parametrize("pair", PAIRS)
def test_whoever_is_named_flips(pair: str) -> None:
    found = kinds(pair)
    assert len(found) == 12
    assert "undecided" not in {flip.found for flip in found.values()}
    named = [flip for flip in found.values() if flip.someone]
    assert named
    sides = tuple(side_named(name) for name in PAIRS[pair])
    for flip in named:
        assert flip.findings is not None
        assert (flip.findings[0].verdict, flip.findings[1].verdict) == (flip.before, flip.after)
        assert changed_grounds(flip)
        assert told(flip, sides[0], sides[1])


@pytest.mark.parametrize("pair", PAIRS)
def test_nobody_flips_who_was_proven_not_to(pair: str) -> None:
    """The people of all cases of the pack: what is settled of them, though much is unknown, is so of somebody known in full."""
    before, after = (side_named(name) for name in PAIRS[pair])
    seen = set()
    for case in pack_cases(before.pack):
        verdicts = []
        for side in (before, after):
            person, days = days_of(case.person, side.pack, side.on)
            verdicts.append(judge(person, side.pack, side.readings, days).verdict)
        if "open" not in verdicts and verdicts[0] != verdicts[1]:
            seen.add((verdicts[0], verdicts[1]))
    assert {pair for pair in seen if kinds(pair_name(before.name))[pair].found == "no"} == set()


def pair_name(before: str) -> str:
    return next(name for name, (first, _) in PAIRS.items() if first == before)


def test_a_law_flips_nobody_against_itself() -> None:
    side = side_named("ua@2024-05-18")
    assert {flip.found for flip in flips_between(side, replace(side, name="again"))} == {"no"}


def test_a_page_that_is_gone_flips_only_those_whom_it_protected(tmp_path: Path) -> None:
    """Of a draft without the bar for the unfit: whom it alone barred or held open may come out in any other way, and nobody else flips."""
    law = side_named("ua@2024-06-01")
    shutil.copytree(law.pack.folder, tmp_path / "draft")
    (tmp_path / "draft" / law.pack.provisions["UA-UNFIT"].file).unlink()
    found = {(flip.before, flip.after): flip for flip in flips_between(law, side_named(f"{tmp_path / 'draft'}@2024-06-01"))}
    assert {pair for pair, flip in found.items() if flip.found == "yes"} == {("barred", "deferred"), ("barred", "open"), ("barred", "clear"), ("open", "clear")}
    assert {changed_grounds(flip) for flip in found.values() if flip.someone} == {("UA-UNFIT",)}


def test_a_draft_with_a_value_of_its_own_can_be_compared(tmp_path: Path) -> None:
    law = side_named("ua@2024-06-01")
    shutil.copytree(law.pack.folder, tmp_path / "draft")
    parameters, page = tmp_path / "draft/parameters.toml", tmp_path / "draft" / law.pack.provisions["UA-23-1-3"].file
    parameters.write_text(parameters.read_text("utf-8") + '\n[[few]]\nvalue = 2\ncite = "the draft"\nsays = "children"\ngrade = "A"\n', "utf-8")
    page.write_text(page.read_text("utf-8").replace(">= children_min", ">= few"), "utf-8")
    draft = side_named(f"{tmp_path / 'draft'}@2024-06-01")
    for sides in ((law, draft), (draft, law)):
        named = [flip for flip in flips_between(*sides) if flip.someone]
        assert named
        assert {changed_grounds(flip) for flip in named} == {("UA-23-1-3",)}


def test_packs_with_other_facts_cannot_be_compared() -> None:
    assert comparable(side_named("ua"), side_named("ua@2024-05-18"))
    assert not comparable(side_named("ua"), side_named("de"))
