"""The documentation is true: every refusal stands in it, every command and option, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from refusals import messages
from rightcall.cli import app

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
REFUSALS = (ROOT / "docs/reference/refusals.md").read_text("utf-8")


@pytest.mark.parametrize("message", sorted({text for _, text in messages()}))
def test_every_refusal_is_in_the_docs(message: str) -> None:
    assert message.replace("|", "\\|") in REFUSALS, f"add to docs/reference/refusals.md: {message}"


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


def _console(page: Path) -> list[str]:
    """The commands of a page's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    return [line[2:].partition("#")[0].strip() for block in blocks for line in block.splitlines() if line.startswith("$ ")]


FEWER = {"30000": "150"}
"""So many people are enough to see that a command runs."""


def test_the_commands_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, in a folder where the examples are and somebody's own list; what sets up the project itself is left to it."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "roll.csv").write_text("id,person.birth_date,person.alive\n4711,1971-05-04,true\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    commands = [command.split() for command in _console(ROOT / "README.md") if command.startswith(".venv/bin/rightcall")]
    assert len(commands) >= 9
    for _, *words in commands:
        ended = CliRunner().invoke(app, [FEWER.get(word, word) for word in words])
        assert ended.exit_code in ((0, 1) if words[:2] == ["synth", "score"] else (0,)), (words, ended.output, ended.exception)
