"""The commands for packs from outside: to begin, show, test, check, prove and watch one."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from threading import Timer
from typing import IO

import pytest

from conftest import COMMAND, Run, inside

ROOT = Path(__file__).parent.parent
PACKS = ROOT / "src/rightcall/packs"


def test_pack_test_ends_with_a_count(run: Run) -> None:
    said = run("pack", "test", "ru_2022")
    assert said.code == 0
    passed, word, failed, other = said.out.split()[-4:]
    assert (word, failed, other) == ("passed,", "0", "failed")
    assert int(passed) > 50


def test_pack_test_fails_with_1(run: Run, tmp_path: Path) -> None:
    case = {"vignettes": [{"id": "v1", "on": "2022-10-10", "facts": {"person.alive": False}, "expect": {"verdict": "clear"}}]}
    (tmp_path / "cases.json").write_text(json.dumps(case))
    said = run("pack", "test", "ru_2022", "--cases", tmp_path / "cases.json")
    assert said.code == 1
    assert "FAILED" in said.out
    assert "expected clear, found barred" in said.out
    assert said.out.endswith("0 passed, 1 failed\n")


def test_pack_check(run: Run) -> None:
    said = run("pack", "check", "ru_2022")
    assert said.code == 0
    assert said.out.splitlines()[-1].startswith("0 faults, ")


def test_pack_check_names_people_and_writes_them_as_cases(run: Run, tmp_path: Path) -> None:
    said = run("pack", "check", "ru_2022", "--save-cases", tmp_path / "found")
    assert "remark: RU22-53FZ-8b: is never true without `RU22-31FZ-17-2`" in said.out
    assert "    for instance: on " in said.out
    assert "invariants put to proof in" in said.out
    case = tomllib.loads((tmp_path / "found/swallowed-RU22-53FZ-8b-RU22-31FZ-17-2.toml").read_text("utf-8"))["case"][0]
    assert case["ground"] is True
    assert case["facts"]["military.status"] in ("serving_conscript", "serving_contract")


def test_pack_check_prints_who_breaks_an_invariant(run: Run, tmp_path: Path) -> None:
    shutil.copytree(PACKS / "ru_2022", tmp_path / "pack")
    page = tmp_path / "pack/provisions/RU22-MINOR.md"
    page.write_text(page.read_text("utf-8").replace("'under(person.birth_date, 18)'", "'under(person.birth_date, 17)'"), "utf-8")
    never = tmp_path / "pack/provisions/RU22-53FZ-52.md"
    never.write_text(never.read_text("utf-8").replace("until   = 2024-01-01", "until   = 2010-01-01"), "utf-8")
    said = run("pack", "check", tmp_path / "pack")
    assert said.code == 1
    assert "fault: invariant minor: is broken: nobody under eighteen is ever clear" in said.out
    assert "  | he   clear: no ground of this law protects on these facts" in said.out
    assert "  | [[case]]" in said.out


def test_without_z3_nothing_is_proven_and_it_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("rightcall.law.")]:
        if "z3" in vars(sys.modules[name]) or name.endswith((".scrutiny", ".standing", ".witness", ".trial", ".seeded", ".settling")):
            monkeypatch.delitem(sys.modules, name)
    for name in ("scrutiny", "witness", "trial", "seeded"):
        monkeypatch.delattr(f"rightcall.law.proof.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "z3", None)
    said = run("pack", "check", "ru_2022")
    assert said.code == 0
    assert "note: the proofs were not made" in said.out
    assert "help: pip install 'rightcall[check]'" in said.out
    for words in (("check", "ru_2022", "--save-cases", tmp_path / "x"), ("mutate", "ru_2022")):
        refused = run("pack", *words)
        assert refused.code == 2
        assert "need Z3" in refused.err
        assert "pip install 'rightcall[check]'" in refused.err
    assert not (tmp_path / "x").exists()


def test_pack_mutate(run: Run, tmp_path: Path) -> None:
    said = run("pack", "mutate", "ru_2022", "--only", "RU22-18-1-6")
    assert said.code == 0
    assert re.search(r"^0 of \d+ mutants alive, 0.0%, in ", said.out, re.M)
    shutil.copytree(PACKS / "ru_2022", tmp_path / "pack")
    page = tmp_path / "pack/provisions/RU22-18-1-6.md"
    text, _, cases = page.read_text("utf-8").partition("```toml cases")
    page.write_text(text + "```toml cases" + cases.split('[[case]]\nname    = "the first day of the act"')[0] + "```\n", "utf-8")
    said = run("pack", "mutate", tmp_path / "pack", "--only", "RU22-18-1-6", "--save-cases", tmp_path / "found")
    assert said.code == 1
    assert "alive: provisions/RU22-18-1-6.md:11: date off by a day: 1997-02-26 -> 1997-02-27" in said.out
    assert "    RU22-18-1-6 tells it apart: on 1997-02-26; office.title = " in said.out
    killers = "".join(f"\n```toml cases\n{path.read_text('utf-8')}```\n" for path in sorted((tmp_path / "found").iterdir()))
    page.write_text(page.read_text("utf-8") + killers, "utf-8")
    assert run("pack", "test", tmp_path / "pack").code == 0
    assert run("pack", "mutate", tmp_path / "pack", "--only", "RU22-18-1-6").code == 0


def test_pack_mutate_refuses_a_pack_whose_cases_fail(run: Run, tmp_path: Path) -> None:
    shutil.copytree(PACKS / "ru_2022", tmp_path / "pack")
    page = tmp_path / "pack/provisions/RU22-18-1-6.md"
    page.write_text(page.read_text("utf-8").replace("ground  = true", "ground  = false"), "utf-8")
    said = run("pack", "mutate", tmp_path / "pack")
    assert said.code == 2
    assert "cases of the pack fail as it is" in said.err
    assert "has `nothing` in its name" in run("pack", "mutate", "ru_2022", "--only", "nothing").err


def test_pack_new_makes_one_that_passes(run: Run, tmp_path: Path) -> None:
    said = run("pack", "new", tmp_path / "law", "--country", "QQ", "--title", "A law")
    assert said.code == 0
    assert str(tmp_path / "law/provisions/AGE.md") in said.out
    assert run("pack", "check", tmp_path / "law").out.splitlines()[-1] == "0 faults, 0 remarks"
    assert run("pack", "test", tmp_path / "law").code == 0
    before = inside(tmp_path)
    again = run("pack", "new", tmp_path / "law")
    assert (again.code, "is there and not empty" in again.err, inside(tmp_path)) == (2, True, before)


def test_pack_schema_is_json(run: Run) -> None:
    assert json.loads(run("pack", "schema", "rule").out)["properties"]["effect"]["enum"] == ["bars", "defers", "requires", "promises"]
    said = run("pack", "schema", "rules")
    assert (said.code, said.out, "did you mean `rule`?" in said.err) == (2, "", True)


def test_pack_check_watches_until_it_is_told_to_end(run: Run, tmp_path: Path) -> None:
    """A draft is looked at again when a file changes: sound, not to be read, sound but a case fails; and Ctrl-C ends it well."""
    run("pack", "new", tmp_path / "law", "--country", "QQ")
    numbers = tmp_path / "law/parameters.toml"
    sound = numbers.read_text("utf-8")
    with subprocess.Popen([*COMMAND, "pack", "check", str(tmp_path / "law"), "--watch"], stdout=subprocess.PIPE, text=True) as watching:
        patience = Timer(90, watching.kill)
        patience.start()
        try:
            assert watching.stdout
            until(watching.stdout, "0 faults, 0 remarks; 10 passed, 0 failed")
            numbers.write_text(sound.replace("value = 45", "valu = 45"), "utf-8")
            until(watching.stdout, "    help: did you mean `value`?")
            numbers.write_text(sound.replace("value = 45", "value = 46"), "utf-8")
            assert any(line.startswith("FAILED provisions/AGE.md") for line in until(watching.stdout, "0 faults, 0 remarks; 8 passed, 2 failed"))
            watching.send_signal(signal.SIGINT)
            until(watching.stdout, "no longer watching")
            assert watching.wait(20) == 0
        finally:
            patience.cancel()
            watching.kill()


def until(lines: IO[str], wanted: str) -> list[str]:
    """The lines up to one that has to come."""
    read = []
    for line in lines:
        read.append(line.rstrip("\n"))
        if read[-1] == wanted:
            return read
    raise AssertionError(f"never said: {wanted}; but {read}")


def test_pack_check_watch_needs_a_pack(run: Run, tmp_path: Path) -> None:
    assert run("pack", "check", tmp_path / "nothing", "--watch").code == 2


def test_pack_list_and_show(run: Run) -> None:
    assert "ru_2022" in run("pack", "list").out
    whole = run("pack", "show", "ru_2022").out
    for name in ("RU22-18-1-4a", "children[].birth_date", "REFDATE"):
        assert name in whole
    assert "Four or more children" in run("pack", "show", "ru_2022", "RU22-18-1-4a").out
    assert "person.sex: one_of of M, F" in run("pack", "show", "ru_2022", "person.sex").out
    assert "yes:" in run("pack", "show", "ru_2022", "REFDATE").out
    said = run("pack", "show", "ru_2022", "RU22-18-1-4aa")
    assert (said.code, "did you mean `RU22-18-1-4a`?" in said.err) == (2, True)


def test_pack_show_lists_what_a_lawyer_has_to_check(run: Run) -> None:
    said = run("pack", "show", "ua", "--to-verify")
    assert said.code == 0
    for text in ("UA-23-1-15   grade D", "law: Constitution of Ukraine", "source: S40 ", "CONSC\n", "reservation_wage   grade C"):
        assert text in said.out
    assert run("pack", "show", "ua", "UA-CO", "--to-verify").code == 2


def test_pack_show_names_classes_deadlines_and_decimals(run: Run) -> None:
    whole = run("pack", "show", "us_sss").out
    assert "4-G    lost a close relative to service; US-4G" in whole
    assert "appeal_district: 15 (appeal_days_district) days after decision_mailed_date" in whole
    assert "support_share: number with up to 4 decimals, at least 0 and at most 1" in run("pack", "show", "us_sss", "support_share").out
