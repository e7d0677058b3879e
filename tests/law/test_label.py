"""What a country calls a result: the first label that fits, none where it is unknown whether one does, and never a change of the verdict."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import find, page, small_pack

from conftest import examples
from rightcall.law import truth as t
from rightcall.law.case import pack_cases, run_case
from rightcall.law.expression import Fact
from rightcall.law.label import VERDICTS, Label, label_of
from rightcall.law.pack import Pack
from rightcall.law.problem import Refused

ON = date(2022, 10, 10)
PAGES = {
    "G": page("when = 'not person.alive'", effect="bars"),
    "H": page("when = 'care.permanent'", id="H"),
    "R": page("when = 'person.alive'", id="R", effect="requires"),
}
LABELS = """+
[[label]]
name = "gone"
says = "no longer alive"
grounds = ["G"]
[[label]]
name = "carer"
grounds = ["H", "G"]
[[label]]
name = "student"
verdict = "clear"
when = 'study.form == "full_time"'
[[label]]
name = ""
verdict = "clear"
when = 'study.form == "part_time"'
[[label]]
name = "free"
verdict = "clear"
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"), PAGES, pack=LABELS)


@pytest.mark.parametrize(
    ("facts", "verdict", "label"),
    [
        ({"person__alive": False, "care__permanent": True}, "barred", "gone"),
        ({"person__alive": True, "care__permanent": True}, "deferred", "carer"),
        ({"person__alive": True, "care__permanent": True, "study__form": "full_time"}, "deferred", "carer"),
        ({"person__alive": True, "care__permanent": False, "study__form": "full_time"}, "clear", "student"),
        ({"person__alive": True, "care__permanent": False, "study__form": "none"}, "clear", "free"),
        ({"person__alive": True, "care__permanent": False, "study__form": "part_time"}, "clear", ""),
        ({"person__alive": True, "care__permanent": False}, "clear", ""),
        ({"person__alive": True}, "open", ""),
        ({"care__permanent": True}, "deferred", "carer"),
    ],
)
def test_the_first_label_that_fits(facts: dict[str, Any], verdict: str, label: str, pack: Pack) -> None:
    finding = find(pack, ON, **facts)
    assert (finding.verdict, finding.label) == (verdict, label)


def test_a_pack_without_labels_gives_none(tmp_path: Path) -> None:
    assert find(small_pack(tmp_path, PAGES), ON, person__alive=False).label == ""


truths = st.sampled_from([t.TRUE, t.FALSE, t.UNKNOWN, t.QUESTION])
labels = st.builds(
    Label,
    name=st.sampled_from(["a", "b", "c"]),
    grounds=st.lists(st.sampled_from(["G", "H"]), max_size=2).map(tuple),
    verdict=st.sampled_from(["", *VERDICTS]),
    when=st.sampled_from([None, Fact("x"), Fact("y")]),
)


@settings(max_examples=examples(300))
@given(given=st.lists(labels, max_size=5), verdict=st.sampled_from(VERDICTS), grounds=st.sets(st.sampled_from(["G", "H"])), x=truths, y=truths)
def test_it_is_the_first_in_every_completion_or_none(given: list[Label], verdict: Any, grounds: set[str], x: t.Truth, y: t.Truth) -> None:
    """Whatever is unknown turns out to be: the label given is the first that fits."""
    found = label_of(given, verdict, grounds, lambda when: {"x": x, "y": y}[when.name])  # type: ignore[union-attr]
    settled = {t.TRUE: [True], t.FALSE: [False]}
    outcomes = set()
    for x_is in settled.get(x, [True, False]):
        for y_is in settled.get(y, [True, False]):
            world = {"x": x_is, "y": y_is}
            fits = (
                one.name
                for one in given
                if one.verdict in ("", verdict) and (not one.grounds or grounds & set(one.grounds)) and (one.when is None or world[one.when.name])  # type: ignore[union-attr]
            )
            outcomes.add(next(fits, ""))
    assert found == "" or outcomes == {found}
    if x in settled and y in settled:
        assert outcomes == {found}


def test_a_case_expects_a_class(tmp_path: Path) -> None:
    block = """
```toml cases
[[case]]
name = "gone"
on = 2022-10-10
class = "gone"
facts = { "person.alive" = false }
[[case]]
name = "wrong"
on = 2022-10-10
class = "free"
facts = { "person.alive" = false }
```
"""
    pack = small_pack(tmp_path, PAGES | {"G": PAGES["G"] + block}, pack=LABELS)
    right, wrong = (run_case(case, pack) for case in pack_cases(pack))
    assert right.mismatches == ()
    assert [(one.key, one.expected, one.found) for one in wrong.mismatches] == [("class", "free", "gone")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "a"', "nothing says when the label `a` fits"),
        ('verdict = "clear"', "lacks `name`"),
        ('name = "a"\ngrounds = ["R"]', "`R` is not a provision that protects"),
        ('name = "a"\ngrounds = ["Q"]', "`Q` is not a provision that protects"),
        ('name = "a"\nverdict = "cleer"', "`verdict` cannot be `cleer`"),
        ('name = "a"\nwhen = "person.aliv"', "unknown fact `person.aliv`"),
        ('name = "a"\nverdict = "clear"\nrank = 1', "unknown key `rank`"),
    ],
)
def test_a_label_that_cannot_fit_is_refused_at_its_place(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        small_pack(tmp_path, PAGES, pack=f"+[[label]]\n{text}\n")
    problem = next(problem for problem in refused.value.problems if says in problem.message)
    assert problem.file == "pack.toml"
    assert (problem.line or 0) >= 13


def test_labels_that_are_no_array_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"`label` must be written `\[\[label\]\]`"):
        small_pack(tmp_path, PAGES, pack="label = [1]\n" + PACK_TEXT)


PACK_TEXT = """id = "small"
title = "A small pack"
country = "XX"
[reference]
on = "date.decision"
[birthday]
question = "BDAY"
"""
