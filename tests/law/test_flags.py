"""Points shown beside a result: which rules bring them, and that a point changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small import find, page, small_pack

from rightcall.law.pack import Pack, find_pack, load_pack, pack_names
from rightcall.law.question import answered

ON = date(2022, 10, 10)


def flagged(when: str, effect: str = "defers", flags: str = '{ point = "STEP" }', **keys: str) -> str:
    more = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    return page(f"when = '{when}'\nflags = [{flags}]\n{more}", effect=effect)


def point(name: str, when: str = "") -> str:
    condition = f", when = '{when}'" if when else ""
    return f'{{ point = "{name}"{condition} }}'


OPEN = 'study.form == "full_time" and reading("GSACT")'
GRADE = "health.grade >= 2"
CASES: Mapping[str, tuple[str, dict[str, Any], str, list[str]]] = {
    # the page, facts, verdict, flags
    "a ground that holds": (flagged("person.alive"), {"person__alive": True}, "deferred", ["STEP"]),
    "a ground that does not": (flagged("person.alive"), {"person__alive": False}, "clear", []),
    "an open ground whose point is raised by a fact": (
        flagged(OPEN, flags=point("STEP", GRADE)), {"study__form": "full_time", "health__grade": 2}, "open", ["STEP"],
    ),
    "an open ground whose point is not raised": (
        flagged(OPEN, flags=point("STEP", GRADE)), {"study__form": "full_time", "health__grade": 1}, "open", [],
    ),
    "an open ground whose point may be raised": (flagged(OPEN, flags=point("STEP", GRADE)), {"study__form": "full_time"}, "open", []),
    "an open ground with a point for everybody": (flagged(OPEN), {"study__form": "full_time"}, "open", []),
    "an open ground with a point of the day": (
        flagged(OPEN, flags=point("STEP", 'on > date("2022-01-01")')), {"study__form": "full_time"}, "open", [],
    ),
    "a ground that waits for a fact": (flagged("person.alive", flags=point("STEP", GRADE)), {"health__grade": 2}, "open", ["STEP"]),
    "a ground that fails, its point raised": (
        flagged(OPEN, flags=point("STEP", GRADE)), {"study__form": "none", "health__grade": 2}, "clear", [],
    ),
    "the point itself is asked already": (
        flagged(OPEN, flags=point("GSACT", GRADE)), {"study__form": "full_time", "health__grade": 2}, "open", [],
    ),
    "a breach": (flagged("person.alive", "requires"), {"person__alive": True}, "clear", ["STEP"]),
    "a breach of the campaign": (flagged("person.alive", "requires", concerns="campaign"), {"person__alive": True}, "clear", ["STEP"]),
    "a breach of the person": (flagged("person.alive", "requires", concerns="claim"), {"person__alive": True}, "clear", ["STEP"]),
    "a breach that is not known": (flagged("person.alive", "requires", flags=point("STEP", GRADE)), {"health__grade": 2}, "clear", []),
    "no breach": (flagged("person.alive", "requires"), {"person__alive": False}, "clear", []),
    "a breach without its point": (
        flagged("person.alive", "requires", flags=point("STEP", GRADE)), {"person__alive": True, "health__grade": 1}, "clear", [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_which_points_are_shown(name: str, tmp_path: Path) -> None:
    text, facts, verdict, flags = CASES[name]
    finding = find(small_pack(tmp_path, text), ON, **facts)
    assert (finding.verdict, list(finding.flags)) == (verdict, flags)


def test_a_point_that_is_answered_is_not_shown(tmp_path: Path) -> None:
    pack = small_pack(tmp_path, flagged("person.alive"))
    assert find(pack, ON, answered({"STEP": True}), person__alive=True).flags == ()


def test_another_ground_that_holds_ends_the_points_of_open_ones(tmp_path: Path) -> None:
    pages = {"G": flagged(OPEN, flags=point("STEP", GRADE)), "H": page("when = 'care.permanent'", id="H")}
    pack = small_pack(tmp_path, pages)
    facts: dict[str, Any] = {"study__form": "full_time", "health__grade": 2}
    assert find(pack, ON, **facts, care__permanent=False).flags == ("STEP",)
    assert find(pack, ON, **facts, care__permanent=True).flags == ()


def test_an_open_alternative_of_a_ground_that_holds_shows_nothing(tmp_path: Path) -> None:
    second = f'\n```toml rule\nid = "G"\npart = "b"\neffect = "defers"\nwhen = \'{OPEN}\'\nflags = [{point("STEP", GRADE)}]\n```\n'
    pack = small_pack(tmp_path, page('part = "a"\nwhen = "person.alive"') + second)
    facts: dict[str, Any] = {"study__form": "full_time", "health__grade": 2}
    assert find(pack, ON, **facts, person__alive=True).flags == ()
    assert find(pack, ON, **facts, person__alive=False).flags == ("STEP",)


def test_a_requirement_on_a_page_that_protects_shows_its_point(tmp_path: Path) -> None:
    second = '\n```toml rule\nid = "G"\npart = "b"\neffect = "requires"\nconcerns = "campaign"\nwhen = "person.alive"\nflags = [{ point = "STEP" }]\n```\n'
    pack = small_pack(tmp_path, page('part = "a"\nwhen = "care.permanent"') + second)
    finding = find(pack, ON, care__permanent=False, person__alive=True)
    assert (finding.verdict, finding.flags, finding.defects) == ("clear", ("STEP",), ())


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_without_its_flags_finds_the_same(name: str) -> None:
    """Display only: whoever a case speaks of, taking every flag away changes the flags and nothing else."""
    from rightcall.law.case import pack_cases, run_case

    pack = find_pack(name)
    bare: Pack = load_pack(pack.folder)
    object.__setattr__(
        bare, "provisions", {id: replace(one, rules=tuple(replace(rule, flags=()) for rule in one.rules)) for id, one in bare.provisions.items()}
    )
    assert not bare.flagged
    shown = 0
    for case in pack_cases(pack):
        with_flags, without = run_case(case, pack).finding, run_case(case, bare).finding
        shown += with_flags.flags != without.flags
        assert replace(with_flags, flags=(), proofs={}) == replace(without, flags=(), proofs={})
    assert shown
