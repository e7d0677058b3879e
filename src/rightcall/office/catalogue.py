"""The catalogues of the office's words: what is marked in its templates and its code, and the files that hold its translations (gettext, ``locale/``).

``python -m rightcall.office.catalogue`` takes new words over into the ``.po`` files and compiles them; it needs Babel, and nothing of the system. Words are
read as Django reads them: templates are parsed by its own engine, code by ``ast``. The office itself needs only the ``.mo`` files, which are kept beside them.
"""

from __future__ import annotations

import ast
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template import engines
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from rightcall.office.place import VARIABLE

HERE = Path(__file__).parent
LOCALE = HERE / "locale"
LANGUAGES = ("ru", "uk")
"""Those that are translated into; the words themselves are English."""
_CALLS: Mapping[str, tuple[str, ...]] = {
    "gettext": ("id",),
    "gettext_lazy": ("id",),
    "gettext_noop": ("id",),
    "ngettext": ("id", "plural"),
    "ngettext_lazy": ("id", "plural"),
    "pgettext": ("context", "id"),
    "pgettext_lazy": ("context", "id"),
    "npgettext": ("context", "id", "plural"),
    "npgettext_lazy": ("context", "id", "plural"),
}


@dataclass(frozen=True, slots=True)
class Marked:
    """A message that is to be translated: where it stands, what tells it from another of the same words (``context``), and its plural."""

    where: str
    id: str
    plural: str = ""
    context: str = ""


class Unmarkable(Exception):
    """A call that asks for the translation of something that is not written there: nobody can translate it beforehand."""


def marked() -> Iterator[Marked]:
    """Every message of the office, templates first."""
    for path in sorted((HERE / "templates").rglob("*.html")):
        yield from in_template(path.read_text("utf-8"), str(path.relative_to(HERE)))
    for path in sorted(HERE.rglob("*.py")):
        yield from in_code(path.read_text("utf-8"), str(path.relative_to(HERE)))


def in_template(text: str, where: str) -> Iterator[Marked]:
    """The messages of a template, as its nodes will look them up."""
    nodes = engines["django"].from_string(text).template.nodelist  # type: ignore[attr-defined]
    for kind in (TranslateNode, BlockTranslateNode):
        yield from (_of_node(node, where) for node in nodes.get_nodes_by_type(kind))


def _of_node(node: Node, where: str) -> Marked:
    context = node.message_context.var if node.message_context else ""  # type: ignore[attr-defined]
    if isinstance(node, BlockTranslateNode):
        plural = node.render_token_list(node.plural)[0] if node.plural else ""
        return Marked(where, node.render_token_list(node.singular)[0], plural, str(context))
    said = node.filter_expression.var  # type: ignore[attr-defined]
    literal = getattr(said, "literal", said)
    if not isinstance(literal, str):
        raise Unmarkable(f"{where}: {literal!r} is translated, and is no text that stands there")
    return Marked(where, literal.replace("%", "%%"), "", str(context))


def in_code(text: str, where: str) -> Iterator[Marked]:
    """The messages of a module: calls of Django's functions under whatever names it has imported them."""
    tree = ast.parse(text)
    names = dict(_imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield _of_call(node, names[node.func.id], where)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            yield from ((name.asname or name.name, name.name) for name in node.names if name.name in _CALLS)


def _of_call(node: ast.Call, function: str, where: str) -> Marked:
    given = {}
    for part, argument in zip(_CALLS[function], node.args, strict=False):
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise Unmarkable(f"{where}, line {node.lineno}: `{ast.unparse(argument)}` is translated, and is no text that stands there")
        given[part] = argument.value
    return Marked(where, **given)


# --- the files ----------------------------------------------------------------------------------------------------


def path_of(language: str, suffix: str = "po") -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def read(language: str) -> Catalog:
    """The catalogue as it is kept."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def renewed(kept: Catalog, messages: Iterable[Marked]) -> Catalog:
    """The catalogue of these messages, with the translations that are there; what is not marked any more is gone."""
    new = Catalog(kept.locale, domain="django", header_comment="# The words of Rightcall's office.", project="Rightcall", version="1", fuzzy=False)
    new.mime_headers = kept.mime_headers
    for message in messages:
        key = (message.id, message.plural) if message.plural else message.id
        there = kept.get(message.id, message.context or None)
        said = there.string if there and isinstance(there.string, tuple) == bool(message.plural) else ""
        flags = there.flags & {"fuzzy"} if there else set()
        new.add(key, said, locations=[(message.where, None)], flags=flags, context=message.context or None)  # type: ignore[list-item]
    return new


def written(catalogue: Catalog, file: IO[bytes]) -> None:
    """The ``.po`` of a catalogue: in the order of its sources, without numbers of lines, so that two who add words do not meet."""
    write_po(file, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)


def compiled(catalogue: Catalog) -> bytes:
    """The ``.mo`` of a catalogue: what the office reads."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def renew() -> None:
    """Take the marked words over into every catalogue, and compile it; what has to be translated is told."""
    messages = list(marked())
    for language in LANGUAGES:
        catalogue = renewed(read(language), messages)
        with path_of(language).open("wb") as file:
            written(catalogue, file)
        path_of(language, "mo").write_bytes(compiled(catalogue))
        left = [message for message in catalogue if message.id and (message.fuzzy or not all(_texts(message.string or "")))]
        print(f"{language}: {len(catalogue)} messages, {len(left)} to be translated")  # noqa: T201 - what it is run for


def _texts(string: str | tuple[str, ...] | list[str]) -> Iterator[str]:
    yield from (string,) if isinstance(string, str) else string


def main() -> None:
    """As a command: with the settings of an office that is gone afterwards, since they open its folder."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {VARIABLE: folder, "DJANGO_SETTINGS_MODULE": "rightcall.office.settings"}
        django.setup()
        renew()


if __name__ == "__main__":
    main()
