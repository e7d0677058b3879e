"""A new pack is right as it stands, appears whole or not at all, and breaks into sentences only, wherever one touches it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from rightcall.law.blank import new_pack
from rightcall.law.case import pack_cases, run_case
from rightcall.law.check import check
from rightcall.law.pack import load_pack
from rightcall.law.problem import Problem, Refused

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "src/rightcall/law/template"
TITLES = ["A law", 'The "new" law', "Закон про військовий обов’язок", "back\\slash $title ${id} 100 %"]


@pytest.mark.parametrize("title", TITLES)
def test_a_new_pack_loads_passes_and_has_no_fault(title: str, tmp_path: Path) -> None:
    written = new_pack(tmp_path / "My law", "QQ", title)
    pack = load_pack(tmp_path / "My law")
    assert (pack.id, pack.country, pack.title) == ("my_law", "QQ", title)
    assert [str(remark) for remark in check(pack)] == []
    outcomes = [run_case(case, pack) for case in pack_cases(pack)]
    assert len(outcomes) >= 9
    assert [outcome.case.name for outcome in outcomes if outcome.mismatches] == []
    assert pack.readings("practice").answers
    assert {path.name for path in written} == {path.name for path in TEMPLATE.rglob("*") if path.is_file()}
    assert {provision.effect for provision in pack.provisions.values()} == {"bars", "defers"}


def test_every_file_of_the_template_speaks_to_its_author(tmp_path: Path) -> None:
    for path in new_pack(tmp_path / "x", "QQ", "t"):
        assert path.read_text("utf-8").startswith("# "), path
        assert path.stat().st_mode & 0o044, path


def test_an_empty_folder_is_filled_and_any_other_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    new_pack(tmp_path / "empty", "QQ", "t")
    assert (tmp_path / "empty/pack.toml").is_file()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/.hidden").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("full", "file", "empty"):
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        with pytest.raises(Refused, match="is there and not empty"):
            new_pack(tmp_path / name, "QQ", "t")
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("country", "title", "says"),
    [("qq", "t", "is not a country"), ("QQQ", "t", "is not a country"), ("Q1", "t", "is not a country"), ("QQ", " ", "the title is"), ("QQ", "a\nb", "the title is"),
     ("QQ", "\udcff", "the title is")],
)  # fmt: skip
def test_what_cannot_name_a_pack_is_refused(country: str, title: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=says):
        new_pack(tmp_path / "x", country, title)
    assert list(tmp_path.iterdir()) == []


def test_a_fault_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    write = Path.write_text

    def full_disk(path: Path, *words: str) -> int:
        written.append(path)
        if len(written) > 3:
            raise OSError(28, os.strerror(28))
        return write(path, *words)

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(Refused, match="the pack cannot be written: no space left"):
        new_pack(tmp_path / "x", "QQ", "t")
    assert len(written) == 4
    assert list(tmp_path.iterdir()) == []


def test_the_folder_one_stands_in_is_not_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="you are in the folder"):
        new_pack(Path(), "QQ", "t")


PACKS = {path.name: path for path in (ROOT / "examples/packs/valmora", ROOT / "src/rightcall/packs/de", ROOT / "src/rightcall/packs/us_sss")}
LINES = [
    (name, path.relative_to(pack), number)
    for name, pack in PACKS.items()
    for path in sorted(pack.rglob("*"))
    if path.suffix == ".toml" or path.parent.name == "provisions"
    for number, line in enumerate(path.read_text("utf-8").splitlines())
    if "=" in line or line.startswith("[")
]
CHANGES = {
    "left out": lambda line: "",
    "misspelt": lambda line: line.replace("e", "ee", 1),
    "without a value": lambda line: line.partition("=")[0] + "=",
    "another value": lambda line: line.partition("=")[0] + "= 7",
    "an empty text": lambda line: line.partition("=")[0] + '= ""',
    "a list": lambda line: line.partition("=")[0] + "= [true]",
    "a table": lambda line: line.partition("=")[0] + "= { a = 1 }",
    "a day that is none": lambda line: line.partition("=")[0] + "= 2022-02-30",
    "a time": lambda line: line.partition("=")[0] + "= 2022-02-03T10:00:00",
    "twice": lambda line: f"{line}\n{line}",
}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: Path(shutil.copytree(pack, tmp_path_factory.mktemp("changed") / name)) for name, pack in PACKS.items()}


@given(where=st.sampled_from(LINES), how=st.sampled_from(sorted(CHANGES)))
@settings(max_examples=examples(150), deadline=None)
def test_a_pack_with_one_line_changed_loads_or_is_refused(where: tuple[str, Path, int], how: str, copies: dict[str, Path]) -> None:
    """Whatever an author does to a line: never anything but a pack or a list of problems, each with its file."""
    name, file, number = where
    right = (PACKS[name] / file).read_text("utf-8")
    lines = right.splitlines()
    lines[number] = CHANGES[how](lines[number])
    (copies[name] / file).write_text("\n".join(lines), "utf-8")
    try:
        found = problems_of(copies[name])
    finally:
        (copies[name] / file).write_text(right, "utf-8")
    assert all(problem.file and problem.message for problem in found), found


def problems_of(folder: Path) -> tuple[Problem, ...]:
    try:
        pack = load_pack(folder)
        pack_cases(pack)
        check(pack)
        for name in pack.readings_names:
            pack.readings(name)
    except Refused as refused:
        return tuple(refused.problems)
    return ()
