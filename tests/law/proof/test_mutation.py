"""Mutants: which there are, which of them a pack's cases notice, and which mean the same for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_settling import law

from rightcall.law.case import pack_cases, run_case
from rightcall.law.pack import Pack, find_pack, load_pack
from rightcall.law.problem import Refused
from rightcall.law.proof.mutation import KINDS, changes, grown, mutants_of
from rightcall.law.proof.seeded import SHARE, _seed, seeded_faults, try_seeded
from rightcall.law.proof.trial import BAR, Court, Trial, share_alive
from rightcall.law.proof.witness import finding_of


def test_every_kind_of_change_of_an_expression() -> None:
    found = {(change.kind, change.was, change.now): change.whole for change in changes('a <= 3\nand b in {"x", "y"} and not c')}
    assert found == {
        ("and for or", "a <= 3 and b in {'x', 'y'} and (not c)", "a <= 3 or b in {'x', 'y'} or (not c)"): "a <= 3 or b in {'x', 'y'} or (not c)",
        ("term dropped", "a <= 3", ""): "b in {'x', 'y'} and (not c)",
        ("term dropped", "b in {'x', 'y'}", ""): "a <= 3 and (not c)",
        ("term dropped", "not c", ""): "a <= 3 and b in {'x', 'y'}",
        ("comparison turned", "a <= 3", "a >= 3"): "a >= 3 and b in {'x', 'y'} and (not c)",
        ("boundary moved", "a <= 3", "a < 3"): "a < 3 and b in {'x', 'y'} and (not c)",
        ("comparison turned", "b in {'x', 'y'}", "b not in {'x', 'y'}"): "a <= 3 and b not in {'x', 'y'} and (not c)",
        ("not dropped", "not c", "c"): "a <= 3 and b in {'x', 'y'} and c",
        ("number off by one", "3", "4"): "a <= 4 and b in {'x', 'y'} and (not c)",
        ("number off by one", "3", "2"): "a <= 2 and b in {'x', 'y'} and (not c)",
        ("value dropped", "'x'", ""): "a <= 3 and b in {'y'} and (not c)",
        ("value dropped", "'y'", ""): "a <= 3 and b in {'x'} and (not c)",
    }


def test_a_change_knows_its_line() -> None:
    lines = {change.was: change.line for change in changes("a\nand (b\n     or on < date('2022-10-05'))") if change.kind != "and for or"}
    assert lines["a"] == 0
    assert lines["b"] == 1
    assert lines["date('2022-10-05')"] == 2


CASES = """
```toml cases
[[case]]
name = "both"
on = 2022-01-01
ground = true
facts.a = true
facts.b = false
facts.kind = "x"

[[case]]
name = "neither"
on = 2022-01-01
ground = false
facts.a = false
facts.b = false
facts.kind = "y"
```
"""


def pack_with_cases(folder: Path, when: str) -> Pack:
    pack = law(folder / "law", [("defers", when)])
    page = pack.folder / "provisions/P0.md"
    page.write_text(page.read_text("utf-8") + CASES, "utf-8")
    return load_pack(pack.folder)


def trials(pack: Pack) -> dict[str, Trial]:
    return {f"{trial.mutant.kind}: {trial.mutant.was}": trial for trial in Court(pack, seconds=60).try_all(mutants_of(pack))}


def test_a_mutant_is_caught_by_a_case_or_lives_and_somebody_shows_it(tmp_path: Path) -> None:
    pack = pack_with_cases(tmp_path, 'a and kind == "x"')
    fates = trials(pack)
    assert {what: trial.fate for what, trial in fates.items()} == {
        "and for or: a and kind == 'x'": "alive",
        "term dropped: a": "alive",
        "term dropped: kind == 'x'": "alive",
        "comparison turned: kind == 'x'": "case",
    }
    assert fates["comparison turned: kind == 'x'"].by.endswith("both")
    for what, trial in fates.items():
        if trial.fate == "alive":
            assert trial.someone is not None, what
            other = grown(trial.mutant, pack)
            assert other is not None
            assert finding_of(trial.someone, pack).truths["P0"] != finding_of(trial.someone, other).truths["P0"], what
    assert share_alive(fates.values()) == 0.75


def test_a_mutant_that_means_the_same_does_not_count(tmp_path: Path) -> None:
    """Whether `a and not a` is dropped from an *or* makes no difference to anybody."""
    fates = trials(pack_with_cases(tmp_path, "a or (b and not b)"))
    assert fates["term dropped: b and (not b)"].fate == "same"
    assert fates["term dropped: a"].fate in ("case", "check")


def test_a_mutant_in_a_term_is_read_by_the_pages_that_use_it(tmp_path: Path) -> None:
    pack = pack_with_cases(tmp_path, "a")
    (pack.folder / "terms.toml").write_text("[old]\nis = 'a and on >= date(\"2020-01-01\")'\n", "utf-8")
    page = pack.folder / "provisions/P0.md"
    page.write_text(page.read_text("utf-8").replace("when   = 'a'", "when   = 'old'"), "utf-8")
    fates = trials(load_pack(pack.folder))
    assert fates["comparison turned: on >= date('2020-01-01')"].fate == "case"
    assert fates["boundary moved: on >= date('2020-01-01')"].fate == "alive"


def test_every_mutant_that_grows_is_another_law(tmp_path: Path) -> None:
    pack = find_pack("de")
    mutants = [mutant for mutant in mutants_of(pack) if "DE-5" in mutant.file or mutant.file == "terms.toml"][:60]
    for mutant in mutants:
        line = (pack.folder / mutant.file).read_text("utf-8").splitlines()[mutant.line - 1]
        assert mutant.kind in KINDS
        assert mutant.was.split()[0].strip("('\")") in line or mutant.kind in ("and for or", "exception dropped"), (mutant, line)
    assert any(grown(mutant, pack) for mutant in mutants)


def test_the_seeded_faults_are_thirty_and_have_their_place(tmp_path: Path) -> None:
    pack = find_pack("ru_2022")
    faults = seeded_faults(pack)
    assert len(faults) == 30
    for fault in faults:
        assert fault.was in (pack.folder / fault.file).read_text("utf-8"), fault
        assert fault.was != fault.now
    (tmp_path / "terms.toml").write_text("", "utf-8")
    with pytest.raises(Refused, match="there is no place for the seeded fault"):
        _seed(next(fault for fault in faults if fault.file == "terms.toml"), tmp_path)


def test_a_pack_without_seeded_faults_is_refused() -> None:
    with pytest.raises(Refused, match="`de` has no seeded faults"):
        list(try_seeded(find_pack("de"), 1))


@pytest.mark.slow
def test_at_most_three_in_a_hundred_mutants_of_ru_2022_live() -> None:
    pack = find_pack("ru_2022")
    assert not any(run_case(case, pack).mismatches for case in pack_cases(pack))
    every_other = list(mutants_of(pack))[::2]  # `rightcall pack mutate` tries all of them
    found = list(Court(pack).try_all(every_other))
    assert len(found) > 350
    assert share_alive(found) <= BAR, [str(trial.mutant) for trial in found if trial.fate == "alive"]


@pytest.mark.slow
def test_the_seeded_faults_are_caught() -> None:
    caught = list(try_seeded(find_pack("ru_2022"), 5))
    assert sum(bool(one.by) for one in caught) >= SHARE * len(caught), [one.fault for one in caught if not one.by]
