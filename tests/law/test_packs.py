"""The packs that come with Rightcall: every case of every page, the vignettes, and the reported cases; and the reference."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import narwhals as nw
import pytest
from frames import differences, frames_of, in_bulk, one_by_one

from rightcall.law import expression as x
from rightcall.law.bulk import judged
from rightcall.law.case import Case, Outcome, pack_cases, run_case, vignettes
from rightcall.law.grammar import FUNCTIONS
from rightcall.law.pack import find_pack, pack_names
from rightcall.law.provision import CONCERNS, EFFECTS, Rule
from rightcall.law.question import UNANSWERED
from rightcall.law.reason import days_of, judge
from rightcall.law.vocabulary import KINDS
from rightcall.records.roll import read_roll

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
SOURCES = ROOT / "src/rightcall/law"
REFERENCE = (ROOT / "docs/reference/packs.md").read_text("utf-8")

pack_of = cache(find_pack)


@cache
def outcomes_of(name: str) -> tuple[Outcome, ...]:
    pack = pack_of(name)
    return tuple(run_case(case, pack) for case in pack_cases(pack))


def told(outcome: Outcome) -> str:
    wrong = "; ".join(f"{one.key}: expected {one.expected}, found {one.found}" for one in outcome.mismatches)
    return f"{outcome.case.place} {outcome.case.name}: {wrong}"


@pytest.mark.parametrize("name", pack_names())
def test_every_case_of_every_page_comes_out_as_written(name: str) -> None:
    assert outcomes_of(name)
    assert [told(outcome) for outcome in outcomes_of(name) if outcome.mismatches] == []


@pytest.mark.parametrize("name", pack_names())
def test_every_ground_has_a_case_true_one_false_and_one_unknown(name: str) -> None:
    lacking = []
    for id, provision in pack_of(name).provisions.items():
        mine = [outcome for outcome in outcomes_of(name) if outcome.case.provision == id]
        stated = {outcome.case.expected["ground"] for outcome in mine if "ground" in outcome.case.expected}
        wanted = {True, False, "unknown"} if provision.ground is not None else set()
        if provision.effect == "promises":
            stated |= {outcome.case.expected["promise"] for outcome in mine if "promise" in outcome.case.expected}
        if not wanted <= stated:
            lacking.append((id, wanted - stated))
    assert lacking == []


@pytest.mark.parametrize("name", pack_names())
def test_every_case_expects_something(name: str) -> None:
    assert [outcome.case.name for outcome in outcomes_of(name) if not outcome.case.expected] == []


@pytest.mark.parametrize("name", pack_names())
def test_every_readings_file_loads_and_moves_no_settled_ground(name: str) -> None:
    pack = pack_of(name)
    for readings in (pack.readings(one) for one in pack.readings_names):
        for outcome in outcomes_of(name):
            if outcome.case.readings is not UNANSWERED:
                continue
            person, days = days_of(outcome.case.person, pack, outcome.case.on)
            after = judge(person, pack, readings, days)
            moved = [id for id, truth in outcome.finding.truths.items() if truth is not None and after.truths[id] != truth]
            assert moved == [], outcome.case.name


@pytest.mark.parametrize("name", pack_names())
def test_every_source_that_is_cited_is_listed(name: str) -> None:
    pack = pack_of(name)
    cited = {key for provision in pack.provisions.values() for key in provision.sources} | {
        key for question in pack.questions.values() for key in question.sources
    }
    assert cited - pack.sources.keys() == set()


@pytest.mark.parametrize("name", pack_names())
def test_no_quantifier_stands_inside_another(name: str) -> None:
    for rule in pack_of(name).rules:
        for node in x.walk(rule.condition) if rule.condition else ():
            if isinstance(node, x.AtLeast):
                assert not [below for below in x.walk(node.body) if isinstance(below, x.AtLeast)], rule.name


def _shared(path: str) -> Path:
    found = SHARED / path
    if not found.is_file():
        pytest.skip(f"{path} is not beside this repository; it belongs to the shared folder of the project")
    return found


@pytest.mark.parametrize("name", pack_names())
def test_the_vignettes_of_the_sheet_come_out_as_written(name: str) -> None:
    pack = pack_of(name)
    cases: list[Case] = vignettes(_shared(f"law/{name.replace('_', '-')}-vignettes.yaml"), pack)
    assert cases
    assert [told(outcome) for outcome in (run_case(case, pack) for case in cases) if outcome.mismatches] == []


def test_a_country_adds_no_line_of_python() -> None:
    """A pack is Markdown and TOML. No module knows a pack by name, save the makers of the synthetic country and town, whose law has to be one.

    (PDF/UA is a standard, and no country.)
    """
    folder = ROOT / "src/rightcall/packs"
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".md", ".toml"}
    countries = {re.split(r"[,:]", pack_of(name).title)[0] for name in pack_names()}
    names = re.compile(rf"\b({'|'.join(map(re.escape, (*pack_names(), *countries)))})\b", re.I)
    named = {
        (path.relative_to(SOURCES.parent).as_posix(), found[0])
        for path in SOURCES.parent.rglob("*.py")
        for text in spoken(path)
        for found in names.finditer(text)
    }
    made_up = {("cli/synthetic.py", "ru_2022"), ("office/town.py", "ru_2022"), ("synthetic/register.py", "russia"), ("synthetic/standing.py", "russia")}
    assert named - made_up - {("notice/letter.py", "ua"), ("notice/letter.py", "UA")} == set()


def spoken(path: Path) -> Iterator[str]:
    """The texts of a module that it works with: neither what explains it nor the examples of the command line."""
    tree = ast.parse(path.read_text("utf-8"))
    explaining = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining and "**Example:**" not in node.value:
            yield node.value


def test_the_known_gaps_name_what_there_is() -> None:
    text = (ROOT / "docs/reference/known-gaps.md").read_text("utf-8")
    sections = {section.split()[0]: section for section in re.split(r"^## ", text, flags=re.M)[1:]}
    assert sections.keys() == set(pack_names())
    for name, section in sections.items():
        pack = pack_of(name)
        rows = [row for row in section.splitlines() if row.startswith("|")][2:]
        for row in rows:
            names = re.findall(r"`([^`]+)`", row.split("|")[3])
            assert names, row
            assert [one for one in names if one not in pack.vocabulary and one not in pack.questions and one not in pack.provisions] == []
            how = row.split("|")[2]
            if "escalation" in how:
                assert any(pack.provisions[one].escalations for one in names if one in pack.provisions), row
            if "question" in how and "asked" not in how:
                assert any(one in pack.questions for one in names), row


@pytest.mark.parametrize("answers", [None, "practice"])
def test_the_reported_cases_are_judged_alike_one_by_one_and_in_bulk(answers: str | None, tmp_path: Path) -> None:
    pack = pack_of("ru_2022")
    roll = read_roll(_shared("cases/reported-cases.yaml"), pack, tmp_path)
    readings = pack.readings(answers) if answers in pack.readings_names else UNANSWERED
    found = judged(nw.from_native(roll.people), roll.layout, pack, None, "date.notice")
    bulk = found.bulk(pack, readings)
    lists = {name: nw.from_native(frame) for name, frame in roll.lists.items()}
    rows: dict[str, dict[str, object]] = {}
    for plan in (bulk.findings(), bulk.reasons()):
        for row in plan.apply(found.people, lists).collect().to_native().to_dicts():
            rows.setdefault(row["id"], {}).update(row)
    assert len(rows) == roll.count
    different = {}
    for id, row in rows.items():
        person, days = days_of(roll.records[id].person, pack, None, "date.notice")
        if wrong := differences(judge(person, pack, readings, days), row, pack):
            different[id] = wrong
    assert different == {}


# --- the reference ------------------------------------------------------------------------------------------------

KEY = re.compile(r'\b(?:take|texts|choice|statement)\((?:table, |inner, )?"(\w+)"')


def keys_of(module: str) -> set[str]:
    """Every key that a module takes from TOML."""
    found = set(KEY.findall((SOURCES / f"{module}.py").read_text("utf-8")))
    assert found, module
    return found


@pytest.mark.parametrize("module", ["pack", "provision", "question", "parameter", "vocabulary", "label", "deadline"])
def test_every_key_is_in_the_reference(module: str) -> None:
    missing = [key for key in sorted(keys_of(module)) if not re.search(rf"`{key}`|^\[*{key}\b|^{key} *=|\b{key} *=|\.{key}[\].]", REFERENCE, re.M)]
    assert missing == []


def test_the_reference_knows_every_keyword_of_a_rule() -> None:
    table = REFERENCE.partition("| keyword | meaning |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if line.count("|") > 2)))
    assert keys_of("provision") - {"case", "point"} <= named
    assert {field for field in Rule.__dataclass_fields__ if field not in ("start", "end", "condition")} <= named
    for word in (*EFFECTS, *CONCERNS):
        assert f"`{word}`" in table, word


def test_the_reference_knows_every_function_and_every_type() -> None:
    forms = REFERENCE.partition("## Expressions")[2]
    for function in FUNCTIONS:
        assert f"{function}(" in forms, function
    for kind in KINDS:
        assert re.search(rf"\b{kind}\b", REFERENCE.partition("## facts.toml")[2]), kind
    for sign in ("==", "!=", "<", "<=", ">", ">=", "and", "or", "not", "in {", "not in {", "+", "-", "on"):
        assert sign in forms, sign


def test_the_reference_names_every_file_of_a_pack() -> None:
    for name in ("pack.toml", "facts.toml", "terms.toml", "parameters.toml", "questions.toml", "defaults.toml", "readings/", "provisions/", "sources.md"):
        assert name in REFERENCE


@pytest.mark.parametrize("name", pack_names())
def test_the_people_of_all_cases_are_judged_alike_one_by_one_and_in_bulk(name: str) -> None:
    """Each on the day of his case; with the labels of the pack, where it has any."""
    pack = pack_of(name)
    plain = [case for case in pack_cases(pack) if not case.readings.answers]
    people = [case.person.told(pack.reference.on, case.on) for case in plain]
    rows = in_bulk(frames_of(people, pack), pack, UNANSWERED, None)
    findings = one_by_one(people, pack, UNANSWERED, None)
    assert [(case.name, found) for case, finding, row in zip(plain, findings, rows, strict=True) if (found := differences(finding, row, pack))] == []
    assert len({row["label"] for row in rows}) > 4 if pack.labels else all("label" not in row for row in rows)
