"""Files of vignettes: what they may hold, and every mistake told with its place, never a trace of Python and never a silent pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small import page, small_pack

from rightcall.law.case import run_case, vignettes
from rightcall.law.pack import Pack
from rightcall.law.problem import Refused


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"), page("when = 'person.alive and reading(\"STEP\")'"))


def file(folder: Path, case: Any, **top: Any) -> Path:
    path = folder / "cases.json"
    path.write_text(json.dumps({"vignettes": [case], **top}), "utf-8")
    return path


def mismatches(folder: Path, pack: Pack, **case: Any) -> list[tuple[str, Any, Any]]:
    (read,) = vignettes(file(folder, {"id": "a", "on": "2022-10-10", **case}), pack)
    return [(one.key, one.expected, one.found) for one in run_case(read, pack).mismatches]


@pytest.mark.parametrize(
    ("case", "found"),
    [
        ({"facts": {"person.alive": False}, "expect": {"verdict": "clear", "class": None}}, []),
        ({"facts": {"person.alive": False}, "expect": {"class": "1-A"}}, [("class", "1-A", None)]),
        ({"facts": {"person.alive": True}, "expect": {"verdict": "open", "questions": ["STEP"]}}, []),
        ({"facts": {"person.alive": True}, "readings": {"STEP": None}, "expect": {"verdict": "open"}}, []),
        ({"facts": {"person.alive": True}, "readings": {"STEP": False}, "expect": {"verdict": "clear"}}, []),
        ({"facts": {"person.alive": True}, "readings": {"STEP": True}, "expect": {"grounds": ["G"]}}, []),
        ({"facts": {"person.alive": True}, "expect": {"missing": ["person.alive"]}}, [("missing", ["person.alive"], [])]),
        ({"facts": None, "readings": None, "without": None, "expect": {"verdict": "open"}}, []),
    ],
)
def test_what_is_expected_is_compared(case: dict[str, Any], found: list[Any], pack: Pack, tmp_path: Path) -> None:
    assert mismatches(tmp_path, pack, **case) == found


WRONG: list[tuple[Any, str]] = [
    (3, "this is no table but `3`"),
    ({}, "the case has no day"),
    ({"on": "yesterday"}, "`on` is not a date"),
    ({"facts": [1]}, "`facts` must be a table"),
    ({"facts": {"person.aliv": True}}, "unknown fact `person.aliv`"),
    ({"readings": ["STEP"]}, "`readings` must be a table"),
    ({"readings": {"STEP": "no"}}, "the answer to `STEP` is true or false, not `no`"),
    ({"readings": {"STAP": True}}, "unknown question `STAP`"),
    ({"without": "person.alive"}, "`without` must be a list"),
    ({"expect": ["open"]}, "`expect` must be a table"),
    ({"expect": {"grounds": "G"}}, "`grounds` must be a list of names"),
    ({"expect": {"missing": None}}, "`missing` must be a list of names"),
    ({"expect": {"verdikt": "open"}}, "unknown key `verdikt`"),
    ({"expects": {"verdict": "open"}}, "unknown key `expects`"),
]


@pytest.mark.parametrize(("case", "says"), WRONG, ids=lambda value: str(value)[:50])
def test_a_wrong_case_is_refused(case: Any, says: str, pack: Pack, tmp_path: Path) -> None:
    whole = {"id": "a", "on": "2022-10-10", "expect": {}, **case} if isinstance(case, dict) and case else case
    with pytest.raises(Refused) as refused:
        vignettes(file(tmp_path, whole), pack)
    assert any(says in problem.message for problem in refused.value.problems), refused.value
    assert all("cases.json" in problem.file for problem in refused.value.problems)


@pytest.mark.parametrize("content", ["3", "[]", "{}", '{"vignettes": 3}', '{"vignettes": {}}'])
def test_what_is_no_file_of_vignettes_is_refused(content: str, pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "cases.json").write_text(content, "utf-8")
    with pytest.raises(Refused, match="this is not a file of vignettes"):
        vignettes(tmp_path / "cases.json", pack)


def test_defaults_that_are_no_table_are_refused(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="`defaults`: this is no table"):
        vignettes(file(tmp_path, {"id": "a", "on": "2022-10-10"}, defaults=[1]), pack)
