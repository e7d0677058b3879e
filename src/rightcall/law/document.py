"""YAML 1.2 and JSON documents, read as data. YAML 1.2 is what reads ``NO`` as a text and ``010`` as ten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from rightcall.law.problem import Problem, Refused, refuse

SUFFIXES = (".yaml", ".yml", ".json")


def read_document(path: Path) -> Any:
    """The content of a YAML 1.2 or JSON file. Raises ``Refused`` with line and column."""
    text = read_text(path)
    return _json(text, path) if path.suffix == ".json" else _yaml(text, path)


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without a byte-order mark. Raises ``Refused``."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(f"the file is not UTF-8 (byte {error.start})", path, "save it as UTF-8") from None
    except OSError as error:
        raise refuse(f"the file cannot be read: {error.strerror}", path) from None


def _json(text: str, path: Path) -> Any:
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, path))
    except json.JSONDecodeError as error:
        raise Refused(Problem(f"this is not JSON: {error.msg.lower()}", str(path), error.lineno, error.colno)) from None
    except RecursionError:
        raise refuse("the document is nested too deeply", path) from None
    except ValueError:
        raise refuse("the document holds a number with thousands of digits", path) from None


def _unique(pairs: list[tuple[str, Any]], path: Path) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise refuse(f"the key `{double}` is there twice in one object", path)
    return found


def _yaml(text: str, path: Path) -> Any:
    reader = YAML(typ="safe", pure=True)
    try:
        return reader.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise Refused(Problem(f"this is not YAML: {error.problem}", str(path), *place)) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise refuse(f"this is not YAML: {str(error).splitlines()[0]}", path) from None
