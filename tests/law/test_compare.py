"""What differs between two states of law is told, provision by provision, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rightcall.law.compare import differences, side_named
from rightcall.law.pack import find_pack
from rightcall.law.problem import Refused

RU = find_pack("ru_2022")


def told(before: str, after: str) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one.id, one.what): (one.before, one.after) for one in differences(side_named(before), side_named(after))}


@pytest.mark.parametrize("side", ["ru_2022", "ru_2022@2022-10-05", "ru_2022+practice", "ua@2024-05-18"])
def test_nothing_differs_from_itself(side: str) -> None:
    assert told(side, side) == {}


def test_the_students_decree_of_september_ends_with_that_of_october() -> None:
    found = told("ru_2022@2022-10-04", "ru_2022@2022-10-05")
    assert found[("RU22-664", "rule")] == (
        "in force (from 2022-09-21 until 2022-10-05)",
        "not in force (from 2022-09-21 until 2022-10-05)",
    )
    assert {id for id, _ in found} == {"RU22-664"}


def test_answers_differ_where_they_are_read() -> None:
    found = told("ru_2022", "ru_2022+practice")
    assert found[("RU22-MOD-3351", "answer to MODACT")] == ("open", "yes")
    assert all(what.startswith("answer to ") for _, what in found)


def test_the_law_of_may_2024() -> None:
    found = told("ua@2024-05-17", "ua@2024-05-18")
    assert found[("UA-23-1-1", "rule `reserved`")] == ("not in force (from 2024-05-18)", "in force (from 2024-05-18)")


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A draft of a law: ru_2022 as a folder that can be changed."""
    return Path(shutil.copytree(RU.folder, tmp_path / "draft"))


def edited(draft: Path, id: str, old: str, new: str) -> str:
    page = draft / RU.provisions[id].file
    text = page.read_text("utf-8")
    assert old in text
    page.write_text(text.replace(old, new), "utf-8")
    return str(draft)


def test_a_changed_condition_is_shown_where_it_parts(draft: Path) -> None:
    found = told("ru_2022", edited(draft, "RU22-664", "on < study.until", "on <= study.until"))
    ((key, (before, after)),) = found.items()
    assert key == ("RU22-664", "condition of rule")
    assert before.endswith("on < study.until")
    assert after.endswith("on <= study.until")
    assert before.startswith("… ")


def test_a_changed_citation_and_a_page_that_is_gone(draft: Path) -> None:
    edited(draft, "RU22-664", 'effect  = "defers"', 'effect  = "bars"')
    (draft / RU.provisions["RU22-18-1-4a"].file).unlink()
    found = told("ru_2022", str(draft))
    assert found[("RU22-664", "effect")] == ("defers", "bars")
    assert found[("RU22-18-1-4a", "provision")][1] == "none"
    assert set(found) == {("RU22-664", "effect"), ("RU22-18-1-4a", "provision")}


def test_a_value_that_changed(draft: Path) -> None:
    parameters = draft / "parameters.toml"
    text = parameters.read_text("utf-8")
    assert "[[wife_term_days]]" in text
    head, tail = text.split("[[wife_term_days]]", 1)
    parameters.write_text(f"{head}[[wife_term_days]]{tail.replace('154', '160', 1)}", "utf-8")
    assert ("154", "160") in told("ru_2022@2022-10-10", f"{draft}@2022-10-10").values()


@pytest.mark.parametrize(
    ("side", "says"),
    [
        ("ru_2023", "there is no pack `ru_2023`"),
        ("ru_2022@october", "`october` is not a day"),
        ("ru_2022@2022-02-30", "`2022-02-30` is not a day"),
        ("ru_2022+court", "there are no readings `court`"),
    ],
)
def test_a_side_that_is_none_is_refused(side: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        side_named(side)
