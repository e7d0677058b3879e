"""The catalogues of the office's words: everything that is marked is translated, nothing is left over, nothing in a template is unmarked."""

from __future__ import annotations

import ast
import gettext
import io
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.template.base import Lexer, Token, TokenType

from rightcall.office import catalogue
from rightcall.office.catalogue import LANGUAGES, Marked, Unmarkable

MARKED = list(catalogue.marked())
TEMPLATES = sorted((catalogue.HERE / "templates").rglob("*.html"))
_PLACE = re.compile(r"%\((\w+)\)[sd]|%%")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENDS = ".:?!"
_TRANSLATING = {"translate", "trans", "blocktranslate", "blocktrans"}
NAMES = {"Rightcall", "English", "Русский", "Українська", "SHA", "CSV", "XLSX", "ZIP", "PDF"}
"""Words that are the same in every language, or that stand in their own."""
each_language = pytest.mark.parametrize("language", LANGUAGES)
each_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "-".join(path.parts[-2:]))


def key(marked: Marked) -> tuple[str, str]:
    return marked.context, marked.id


def texts(of: object) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of)  # type: ignore[arg-type]


# --- what is marked is translated ---------------------------------------------------------------------------------


@each_language
def test_every_message_that_is_marked_is_translated_and_nothing_else(language: str) -> None:
    kept = {(message.context or "", texts(message.id)[0]): message for message in catalogue.read(language) if message.id}
    assert kept.keys() == {key(marked) for marked in MARKED}, "run `make words`"
    assert [id for id, message in kept.items() if message.fuzzy or not all(texts(message.string))] == []


@each_language
def test_a_translation_has_the_places_of_its_message_and_the_plurals_of_its_language(language: str) -> None:
    kept = catalogue.read(language)
    for marked in MARKED:
        said = texts(kept.get(marked.id, marked.context or None).string)  # type: ignore[union-attr]
        assert len(said) == (kept.num_plurals if marked.plural else 1), marked.id
        for one in said:
            assert Counter(_PLACE.findall(one)) == Counter(_PLACE.findall(marked.plural or marked.id)), one
            assert one == one.strip()
            assert (one[-1] in _ENDS) == (marked.id[-1] in _ENDS) or marked.id == "No.", one


def test_one_message_has_one_plural_everywhere() -> None:
    plurals = {(key(marked), marked.plural) for marked in MARKED}
    assert Counter(each for each, _plural in plurals).most_common(1)[0][1] == 1


@each_language
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    """As ``gettext`` of the standard library reads it; the bytes themselves name the version of the compiler."""
    told = gettext.GNUTranslations(io.BytesIO(catalogue.compiled(catalogue.read(language))))
    with catalogue.path_of(language, "mo").open("rb") as file:
        assert gettext.GNUTranslations(file)._catalog == told._catalog, "run `make words`"  # type: ignore[attr-defined]


@each_language
def test_the_files_are_as_the_command_writes_them(language: str) -> None:
    buffer = io.BytesIO()
    catalogue.written(catalogue.renewed(catalogue.read(language), MARKED), buffer)
    assert without_version(buffer.getvalue().decode()) == without_version(catalogue.path_of(language).read_text("utf-8")), "run `make words`"


def without_version(text: str) -> str:
    return re.sub(r"Generated-By: .*", "", text)


# --- how messages are found ---------------------------------------------------------------------------------------


def tokens(path: Path) -> list[Token]:
    return Lexer(path.read_text("utf-8")).tokenize()


@each_template
def test_as_many_messages_are_found_in_a_template_as_its_tokens_mark(path: Path) -> None:
    """The nodes against the lexer: a mark of which neither knows would be an argument in a tag, or a filter's."""
    of_blocks = [token for token in tokens(path) if token.token_type == TokenType.BLOCK]
    assert sum(token.contents.split()[0] in _TRANSLATING for token in of_blocks) == len(list(catalogue.in_template(path.read_text("utf-8"), "")))
    assert not [token.contents for token in tokens(path) if re.search(r"\b_\(", token.contents) and token.token_type != TokenType.TEXT]


TEMPLATE = """{% translate "One %" %}{% if a %}{% translate "Two" context "of a house" %}{% endif %}{% block b %}{% blocktranslate count n=x %}{{ n }} three
{% plural %}{{ n }} threes{% endblocktranslate %}{% blocktranslate trimmed with a=b %}
four {{ a }}
{% endblocktranslate %}{% endblock %}"""
CODE = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy as p
def f(x): return _("One"), ngettext("%(n)s two", "%(n)s twos", x) % {"n": x}, p("of a house", "Three"), gettext("not Django's")
"""


def test_messages_of_every_form_are_found() -> None:
    assert set(catalogue.in_template(TEMPLATE, "t")) == {
        Marked("t", "One %%"),
        Marked("t", "Two", "", "of a house"),
        Marked("t", "%(n)s three\n", "%(n)s threes"),
        Marked("t", "four %(a)s"),
    }
    assert set(catalogue.in_code(CODE, "c")) == {Marked("c", "One"), Marked("c", "%(n)s two", "%(n)s twos"), Marked("c", "Three", "", "of a house")}


@pytest.mark.parametrize("call", ["_(f'{x} people')", "_(x)", "_('a' + x)"])
def test_a_message_that_is_not_written_there_is_refused(call: str) -> None:
    with pytest.raises(Unmarkable, match="line 2"):
        list(catalogue.in_code(f"from django.utils.translation import gettext as _\n{call}", "c"))
    with pytest.raises(Unmarkable):
        list(catalogue.in_template("{% translate x %}", "t"))


def test_no_module_calls_the_functions_by_another_way() -> None:
    """``translation.gettext(...)`` would be missed."""
    for path in catalogue.HERE.rglob("*.py"):
        assert not re.search(r"translation\.n?p?gettext", path.read_text("utf-8")), path


def bare(tree: ast.Module) -> Iterator[str]:
    """The words of refusals that are not marked. (Those of the command line are of another kind: they come from ``law.problem``.)"""
    if any(
        isinstance(node, ast.ImportFrom) and node.module == "rightcall.law.problem" and "refuse" in [name.name for name in node.names] for node in tree.body
    ):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("refuse", "Reason"):
            yield from (ast.unparse(words) for words in node.args[1:3] if isinstance(words, (ast.Constant, ast.JoinedStr)))


def test_every_refusal_of_the_office_is_marked() -> None:
    assert [words for path in catalogue.HERE.rglob("*.py") for words in bare(ast.parse(path.read_text("utf-8")))] == []
    assert list(bare(ast.parse("refuse('a', 'Bare.', f'{x}'), Reason('b', _('Marked.'))"))) == ["'Bare.'", "f'{x}'"]


def test_a_message_that_is_gone_goes_and_a_new_one_comes_untranslated() -> None:
    kept = Catalog("ru")
    kept.add("stays", "остаётся")
    kept.add("goes", "уходит")
    new = catalogue.renewed(kept, [Marked("a", "stays"), Marked("b", "comes"), Marked("b", "one", "many")])
    assert {message.id: bool(message.string and message.string[0]) for message in new if message.id} == {"stays": True, "comes": False, ("one", "many"): False}


# --- templates ----------------------------------------------------------------------------------------------------


class Words(HTMLParser):
    """The words that a template brings itself: its texts, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("code", "pre", "style", "script"):
            self.inside.append(tag)
        self.found += [value for name, value in attrs if value and name in ("alt", "title", "aria-label", "placeholder", "aria-description")]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def literal(tokens: list[Token]) -> str:
    """A template without its tags, and without what stands between those that translate or comment."""
    text, closing = "", ""
    for token in tokens:
        name = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
        if closing:
            closing = "" if name == closing else closing
        elif name in ("blocktranslate", "blocktrans", "comment"):
            closing = f"end{name}"
        elif token.token_type == TokenType.TEXT:
            text += token.contents
    return text


def words_in(tokens: list[Token]) -> set[str]:
    parser = Words()
    parser.feed(literal(tokens))
    parser.close()
    return {word for text in parser.found for word in _WORD.findall(text)} - NAMES


@each_template
def test_no_template_has_words_that_are_not_marked(path: Path) -> None:
    assert words_in(tokens(path)) == set()


def test_a_word_that_is_not_marked_is_seen() -> None:
    page = '<p>{% if a %}Bare{% endif %} <b title="Tip {{ x }}">{% translate "t" %}</b>{% blocktranslate %}no{% endblocktranslate %}<code>no</code></p>'
    assert words_in(Lexer(page).tokenize()) == {"Bare", "Tip"}
