"""The documentation is true: every refusal stands in it, every command and option, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

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
