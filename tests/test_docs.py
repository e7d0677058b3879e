"""The documentation is true: every refusal stands in it, every command and option, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from refusals import messages
from rightcall.cli import app
from rightcall.law.case import pack_cases, run_case
from rightcall.law.check import check
from rightcall.law.pack import load_pack
from rightcall.law.problem import Refused

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
REFUSALS = (ROOT / "docs/reference/refusals.md").read_text("utf-8")


@pytest.mark.parametrize("message", sorted({text for _, text in messages()}))
def test_every_refusal_is_in_the_docs(message: str) -> None:
    assert message.replace("|", "\\|") in REFUSALS, f"add to docs/reference/refusals.md: {message}"


def test_the_refusals_of_the_office_are_all_that_stand_there() -> None:
    listed = re.findall(r"^\* (.+)$", REFUSALS.partition("\n## In the office\n")[2], re.MULTILINE)
    assert len(listed) > 50
    assert set(listed) <= {text for _, text in messages()}


def test_there_are_refusals_to_look_for() -> None:
    assert len(list(messages())) > 100


def _commands() -> list[tuple[str, list[str]]]:
    root = typer.main.get_command(app)
    found = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        for inner, sub in {"": command, **getattr(command, "commands", {})}.items():
            found.append((f"rightcall {name} {inner}".strip(), [option for param in sub.params for option in param.opts if option.startswith("--")]))
    return found


@pytest.mark.parametrize(("command", "options"), _commands())
def test_every_command_and_option_is_in_the_reference(command: str, options: list[str]) -> None:
    text = (ROOT / "docs/reference/command-line.md").read_text("utf-8")
    assert command in text
    for option in options:
        assert option in text


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page}: {target}"


FEWER = {"30000": "150"}
"""So many people are enough to see that a command runs."""


@pytest.fixture
def beside_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where the examples are and somebody's own list."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "roll.csv").write_text("id,person.birth_date,person.alive\n4711,1971-05-04,true\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.mark.usefixtures("beside_examples")
@pytest.mark.parametrize(("page", "least"), [("README.md", 9), ("docs/tutorial/first-roll.md", 3), ("docs/tutorial/write-a-pack.md", 8)])
def test_the_commands_of_a_page_run_and_say_what_it_shows(page: str, least: int) -> None:
    """In their order; what sets up the project itself is left to it. A line shown below a command is one of those that it prints."""
    commands = [(words, shown) for words, shown in _shown(ROOT / page) if words[0] == ".venv/bin/rightcall"]
    assert len(commands) >= least
    for (_, *words), shown in commands:
        ended = CliRunner().invoke(app, [FEWER.get(word, word) for word in words])
        assert ended.exit_code in ((0, 1) if words[:2] == ["synth", "score"] else (0,)), (words, ended.output, ended.exception)
        printed = [line.rstrip() for line in ended.output.splitlines()]
        assert [line for line in shown if line not in printed] == [], (words, ended.output)


def _shown(page: Path) -> list[tuple[list[str], list[str]]]:
    """The commands of a page's console blocks, in words, each with the lines that stand below it."""
    found: list[tuple[list[str], list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((shlex.split(line[2:], comments=True), []))
            elif line:
                found[-1][1].append(line)
    return found


# --- the worked example of the tutorial ---------------------------------------------------------------------------

TUTORIAL = (ROOT / "docs/tutorial/write-a-pack.md").read_text("utf-8")
VALMORA = ROOT / "examples/packs/valmora"
EXCERPTS = re.findall(r"```toml (\S+)\n(.*?)```", TUTORIAL, re.DOTALL)
MISTAKES = re.findall(r"```diff (\S+)\n(.*?)```\n+```text\n(.*?)```", TUTORIAL, re.DOTALL)


@pytest.mark.parametrize(("file", "text"), EXCERPTS, ids=[f"{number} {file}" for number, (file, _) in enumerate(EXCERPTS)])
def test_what_the_tutorial_shows_stands_in_the_pack(file: str, text: str) -> None:
    assert text in (VALMORA / file).read_text("utf-8")


def test_the_worked_example_is_finished() -> None:
    pack = load_pack(VALMORA)
    assert [str(remark) for remark in check(pack)] == []
    outcomes = [run_case(case, pack) for case in pack_cases(pack)]
    assert len(outcomes) > 20
    assert [outcome.case.name for outcome in outcomes if outcome.mismatches] == []
    assert pack.readings("court").answers
    linked = set(re.findall(r"packs/valmora/(provisions/[\w-]+\.md)", TUTORIAL))
    assert linked == {provision.file for provision in pack.provisions.values()}


@pytest.mark.parametrize(("file", "change", "said"), MISTAKES, ids=[file for file, _, _ in MISTAKES])
def test_the_mistakes_of_the_tutorial_are_told_as_it_shows(file: str, change: str, said: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(VALMORA, tmp_path / "valmora"))
    removed, added = ("".join(f"{line[1:]}\n" for line in change.splitlines() if line[0] == sign) for sign in "-+")
    text = (folder / file).read_text("utf-8")
    assert text.count(removed) == 1
    (folder / file).write_text(text.replace(removed, added), "utf-8")
    with pytest.raises(Refused) as refused:
        load_pack(folder)
    assert str(refused.value) == said.rstrip("\n")


def test_the_tutorial_shows_what_it_promises() -> None:
    assert (len(EXCERPTS) > 10, len(MISTAKES)) == (True, 3)
