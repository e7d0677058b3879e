"""Every message with which Rightcall refuses something, read from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "rightcall"
MESSAGE_AT = {"refuse": 0, "Unreadable": 0, "Unfit": 0, "Problem": 0, "report": 0, "problem": 0, "unproven": 0, "Reason": 0, "_told": 0}
_PLACE = re.compile(r"%\(\w+\)s")


def messages() -> Iterator[tuple[str, str]]:
    """Module and message, with `…` for what the user wrote."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield from ((f"{path.parent.name}.{path.stem}", text) for text in _messages_of(node))


def _messages_of(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in MESSAGE_AT:
        return
    for argument in call.args[:2]:
        text = _text(argument)
        if text and " " in text and text[0] != "<":
            yield text
            return


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _text(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "gettext"):
        return _PLACE.sub("…", _text(node.args[0]))
    return ""
