"""What a lawyer still has to check: nothing below the best grade is left out, and each item says where the law is and how we know."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import page, small_pack

from rightcall.law.pack import Pack, find_pack, pack_names
from rightcall.law.reason import weakest_grade
from rightcall.law.verification import Item, to_verify

PAGES = {
    "G": page("when = 'person.alive'"),
    "H": page('when = \'person.alive\'\nsources = ["S01", "S99"]', id="H").replace('grade = "A"', 'grade = "C"'),
    "I": page('escalation = "A person decides."', id="I"),
}
HEAD = 'id = "small"\ntitle = "A small pack"\ncountry = "XX"\n[reference]\non = "date.decision"\n[birthday]\nquestion = "BDAY"\n'
DEADLINES = (
    '[deadlines]\ntold = "in words"\n'
    '[deadlines.read]\nsays = "r"\nafter = "date.notice"\ndays = 1\ncite = "art. 7"\ngrade = "A"\n'
    '[deadlines.heard]\nsays = "h"\nafter = "date.notice"\ndays = 1\ncite = "art. 8"\ngrade = "B"\n'
)
PARAMETERS = """+[[graded]]
until = 2020-01-01
value = 1
cite = "art. 4"
grade = "A"
[[graded]]
from = 2020-01-01
until = 2021-01-01
value = 2
cite = "art. 5"
grade = "B"
[[graded]]
from = 2021-01-01
value = 3
cite = "art. 5"
grade = "B"
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"), PAGES, pack=HEAD + DEADLINES, parameters=PARAMETERS)


def items(pack: Pack, kind: str) -> dict[str, Item]:
    return {item.name: item for item in to_verify(pack) if item.kind == kind}


def test_what_is_below_the_best_grade_is_listed_with_citation_and_source(pack: Pack) -> None:
    assert items(pack, "provision") == {
        "H": Item("provision", "H", "A ground", "An act, art. 1", "C", ("S01 A source https://example.org/", "S99")),
    }
    parameters = items(pack, "parameter")
    assert parameters["graded"] == Item("parameter", "graded", "graded (from 2020-01-01)", "art. 5", "B")
    assert parameters["age_limit"] == Item("parameter", "age_limit", "age limit", "art. 2", "none")
    assert {name: item.grade for name, item in items(pack, "deadline").items()} == {"told": "none", "heard": "B"}


def test_escalations_and_questions_are_listed(pack: Pack) -> None:
    assert items(pack, "escalation")["I"].says == "A person decides."
    assert items(pack, "question").keys() == pack.questions.keys()


@pytest.mark.parametrize("name", pack_names())
def test_a_finding_never_rests_on_something_weak_that_is_not_listed(name: str) -> None:
    """The weakest grade that an explanation shows is that of a listed provision or parameter, or the best."""
    pack = find_pack(name)
    listed = {(item.kind, item.name) for item in to_verify(pack)}
    for provision in pack.provisions.values():
        if weakest_grade(pack, provision) != "A":
            names = {parameter for kind, parameter in listed if kind == "parameter"}
            text = " ".join(str(rule.condition) for rule in provision.rules)
            assert ("provision", provision.id) in listed or any(f"name='{one}'" in text for one in names)
    for item in to_verify(pack):
        assert item.says
        assert item.cite or item.kind in ("question", "deadline")


def test_readings_that_answer_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    small_pack(folder, PAGES)
    (folder / "readings").mkdir()
    (folder / "readings/court.toml").write_text('[[reading]]\nquestion = "STEP"\nanswer = true\n', "utf-8")
    found = items(find_pack(str(folder)), "question")
    assert found["STEP"].says.endswith("(answered in the readings court)")
    assert "answered" not in found["GSACT"].says
