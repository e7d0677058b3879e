"""What is not in the reference is refused, with its place and a useful sentence; and a pack is refused whole."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from small import FACTS, FILES, PACK, page, small_pack, write_pack

from rightcall.law import expression as x
from rightcall.law.grammar import DEEPEST, LARGEST, LONGEST, Scope, Unreadable, read_statement
from rightcall.law.pack import find_pack, load_pack, pack_names
from rightcall.law.problem import Problem, Refused

REFUSED: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "hostile.toml").read_text("utf-8"))["refused"]


@pytest.fixture(scope="module")
def scope(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    pack = small_pack(tmp_path_factory.mktemp("pack"), page("when = 'person.alive'"))
    types = {name: parameter.type for name, parameter in pack.parameters.items()}
    return Scope(pack.vocabulary, types, pack.terms, frozenset(pack.questions))


def refusal(text: str, scope: Scope) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_statement(text, scope)
    return caught.value


# --- expressions --------------------------------------------------------------------------------------------------


def test_there_are_enough_hostile_expressions() -> None:
    assert len(REFUSED) >= 180
    assert len({case["text"] for case in REFUSED}) == len(REFUSED)
    assert sum("at" in case for case in REFUSED) >= 140


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["text"][:50])
def test_a_hostile_or_wrong_expression_is_refused(case: dict[str, Any], scope: Scope) -> None:
    error = refusal(case["text"], scope)
    assert case["says"] in error.message
    assert case.get("help", "") in error.help
    if "at" in case:
        assert [error.line, error.column] == case["at"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(" * 41 + "person.alive" + ")" * 41, "brackets are nested more than"),
        ("(" * 900 + "person.alive" + ")" * 900, "brackets are nested more than"),
        ("[" * 1900 + "]" * 1900, "brackets are nested more than"),
        ("not " * 60 + "person.alive", "the expression is nested more than"),
        ("not " * 990 + "person.alive", ""),
        ("-" * 3900 + "1 < health.grade", ""),
        ("health.grade" + " + 1" * 60 + " > 3", "the expression is nested more than"),
        ("health.grade" + " + 1" * 950 + " > 3", ""),
        ("person.alive and " * 300 + "person.alive", "the expression is longer than 4000"),
        ("person.alive" + " " * LONGEST, "the expression is longer than 4000"),
        ("9" * 3990 + " > 1", "the number is larger than"),
        ("health.grade == " + "9" * 3900, "the number is larger than"),
        ("(" + "x:=" * 1200 + "1)", ""),
        ("lambda:" * 500 + "1", ""),
        ("person.alive if " * 100 + "person.alive", ""),
        ('"' + "a" * 3990, "this is not an expression"),
        ("health.category[" * 39 + "0" + "]" * 39, ""),
        ("{" * 39 + "}" * 39, ""),
        ("a" * 3999, "unknown fact"),
    ],
    ids=lambda value: value[:20],
)
def test_size_and_depth_are_limited_and_quick(text: str, says: str, scope: Scope) -> None:
    began = time.perf_counter()
    assert says in refusal(text, scope).message
    assert time.perf_counter() - began < 2


def test_limits_are_no_tighter_than_said(scope: Scope) -> None:
    assert read_statement("(" * (DEEPEST - 1) + "person.alive" + ")" * (DEEPEST - 1), scope) == x.Fact("person.alive")
    assert read_statement("person.alive" + " " * (LONGEST - 12), scope) == x.Fact("person.alive")
    assert read_statement(f"health.grade == {LARGEST}", scope) == x.Compare("==", x.Fact("health.grade"), x.Number(LARGEST))
    wide = read_statement(" or ".join(["person.alive"] * 200), scope)
    assert isinstance(wide, x.Or)
    assert len(wide.items) == 200


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("person.alive", x.Fact("person.alive")),
        ("not person.alive or care.permanent", x.Or((x.Not(x.Fact("person.alive")), x.Fact("care.permanent")))),
        (
            "person.alive or care.permanent and person.alive",
            x.Or((x.Fact("person.alive"), x.And((x.Fact("care.permanent"), x.Fact("person.alive"))))),
        ),
        ("health.grade != 2", x.Not(x.Compare("==", x.Fact("health.grade"), x.Number(2)))),
        ('"A" == health.category', x.OneOf(x.Fact("health.category"), ("A",))),
        ('health.category != "A"', x.Not(x.OneOf(x.Fact("health.category"), ("A",)))),
        ('health.category not in {"A", "B", "A"}', x.Not(x.OneOf(x.Fact("health.category"), ("A", "B")))),
        ("health.grade in {-1, 2}", x.OneOf(x.Fact("health.grade"), (-1, 2))),
        ("study.since <= on < study.until", x.And((x.Compare("<=", x.Fact("study.since"), x.On()), x.Compare("<", x.On(), x.Fact("study.until"))))),
        ("age_limit[military.rank_group] > 3", x.Compare(">", x.Parameter("age_limit", x.Fact("military.rank_group")), x.Number(3))),
        ("any(c.dependent for c in children)", x.AtLeast(x.Number(1), 0, "children", x.Field("children", "dependent"))),
        ("count(c.dependent for c in children) > 2", x.AtLeast(x.Number(2), 1, "children", x.Field("children", "dependent"))),
        ("count(c.dependent for c in children) <= 2", x.Not(x.AtLeast(x.Number(2), 1, "children", x.Field("children", "dependent")))),
        ("2 < count(c.dependent for c in children)", x.AtLeast(x.Number(2), 1, "children", x.Field("children", "dependent"))),
        ("2 >= count(c.dependent for c in children)", x.Not(x.AtLeast(x.Number(2), 1, "children", x.Field("children", "dependent")))),
        ("children_needed <= number_of_children", x.AtLeast(x.Parameter("children_needed"), 0, "children", x.Field("children", "dependent"))),
        ("add(study.since, years=1, days=2) <= on", x.Compare("<=", x.Later(x.Fact("study.since"), 1, 0, 2), x.On())),
        ("on - 3 > study.since", x.Compare(">", x.Sum(x.On(), x.Number(3), minus=True), x.Fact("study.since"))),
        ("days_between(study.since, on) >= 154", x.Compare(">=", x.DaysBetween(x.Fact("study.since"), x.On()), x.Number(154))),
        ("days_studied >= 154", x.Compare(">=", x.DaysBetween(x.Fact("study.since"), x.On()), x.Number(154))),
        ('on == date("1970-01-02")', x.Compare("==", x.On(), x.Day(1))),
        ('reading("STEP")', x.Reading("STEP")),
        ("under(person.birth_date, 18)", x.Under(x.Fact("person.birth_date"), x.Number(18))),
        ("person.alive and\n\tcare.permanent\n", x.And((x.Fact("person.alive"), x.Fact("care.permanent")))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_reference_lists_is_read(text: str, tree: x.Statement, scope: Scope) -> None:
    assert read_statement(text, scope) == tree


def test_a_term_keeps_its_name(scope: Scope) -> None:
    named = read_statement("many_children", scope)
    assert isinstance(named, x.Named)
    assert (named.name, named.says) == ("many_children", "many children")
    assert x.facts_of(named) == {"children", "children.complete", "children[].birth_date", "children[].dependent"}


# --- packs --------------------------------------------------------------------------------------------------------


def problems(folder: Path, pages: Any = None, **files: str) -> tuple[Problem, ...]:
    write_pack(folder, pages or page("when = 'person.alive'"), **files)
    with pytest.raises(Refused) as caught:
        load_pack(folder)
    return caught.value.problems


def shown(problem: Problem) -> tuple[str, int | None, int | str | None, str]:
    return problem.file, problem.line, problem.column, problem.message


def place_of(needle: str, text: str) -> tuple[int, int]:
    """Line and column of the last place where a text stands."""
    before = text[: text.rindex(needle)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_the_small_pack_loads(tmp_path: Path) -> None:
    pack = small_pack(tmp_path, page("when = 'person.alive'"))
    assert (pack.id, pack.provisions["G"].title, pack.provisions["G"].text) == ("small", "A ground", "What it says.")


@pytest.mark.parametrize(
    "when",
    [
        "when = 'foo.bar'",
        'when = "foo.bar"',
        "when   =   'person.alive and foo.bar'",
        "when = '''foo.bar'''",
        "when = '''\nperson.alive\n  and foo.bar'''",
        'when = """\nperson.alive and (care.permanent or\n    not foo.bar)\n"""',
        "when = '''person.alive and\n    foo.bar'''",
        "part = 'one'\nproof = ['when = it']\nwhen = '''\n\n\n   foo.bar'''",
        "when = 'person.alive'\nunless = 'foo.bar'",
    ],
)
def test_a_bad_expression_is_shown_where_it_stands_in_the_file(when: str, tmp_path: Path) -> None:
    text = page("ZZ").replace("ZZ", when)
    (found,) = problems(tmp_path, text)
    assert shown(found) == ("provisions/G.md", *place_of("foo.bar", text), "unknown fact `foo.bar`")


def test_a_bad_expression_in_the_second_rule_is_shown_there(tmp_path: Path) -> None:
    one, two = page("part = 'x'\nwhen = 'person.alive'"), page("part = 'y'\nwhen = 'foo.bar'")
    text = one + two.partition("What it says.\n")[2]
    (found,) = problems(tmp_path, text)
    assert shown(found)[:3] == ("provisions/G.md", *place_of("foo.bar", text))


def test_a_bad_term_is_shown_where_it_stands(tmp_path: Path) -> None:
    terms = "+[one]\nis = 'person.alive'\n\n[two]\nis = '''\nperson.alive\nor foo.bar\n'''\n"
    (found,) = problems(tmp_path, terms=terms)
    assert shown(found)[:3] == ("terms.toml", *place_of("foo.bar", FILES["terms.toml"] + terms[1:]))


@pytest.mark.parametrize(
    "terms",
    ["+[a]\nis = 'b'\n[b]\nis = 'a'\n", "+[a]\nis = 'a and person.alive'\n", "+[a]\nis = 'later or person.alive'\n[later]\nis = 'person.alive'\n"],
    ids=["cycle", "itself", "later"],
)
def test_a_term_uses_only_earlier_terms(terms: str, tmp_path: Path) -> None:
    found = problems(tmp_path, terms=terms)
    assert found
    assert all("is not yet known here" in problem.message and "top to bottom" in problem.help for problem in found)


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    pages = {"A": page("when = 'foo.bar'", id="A"), "B": page("when = 'foo.baz'\nwhne = 'x'", id="B"), "C": "# C\n"}
    found = problems(
        tmp_path, pages,
        facts="+[x]\ntype = 'bol'\n", parameters="+[[y]]\nvalue = 'z'\ncite = 'c'\n", questions="+[Z]\nasks = 'why'\n",
        terms="+[w]\nis = 'foo.qux'\n", pack="+[birthdays]\n", defaults="x = \n",
    )  # fmt: skip
    files = {problem.file for problem in found}
    assert files == {
        "facts.toml",
        "parameters.toml",
        "questions.toml",
        "terms.toml",
        "pack.toml",
        "defaults.toml",
        "provisions/A.md",
        "provisions/B.md",
        "provisions/C.md",
    }
    assert all(problem.line is not None for problem in found)
    text = str(Refused(found))
    assert "provisions/A.md, line 11, column 9: unknown fact `foo.bar`" in text


FAULTS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # name: files, file of the problem, part of its message, text at its place
    "unknown key in a rule": ({"pages": page("when = 'person.alive'\nwhne = 'x'")}, "provisions/G.md", "unknown key `whne`", "x'\n```"),
    "unknown key in a fact": ({"facts": "+[x]\ntype = 'bool'\nasks = 'huh'\n"}, "facts.toml", "unknown key `asks`", "huh'"),
    "unknown key in pack.toml": ({"pack": '+[extra]\nx = 1\n'}, "pack.toml", "unknown key `extra`", ""),
    "unknown key in reference": ({"pack": PACK.replace("same_day", "same_days")}, "pack.toml", "unknown key `same_days`", '["date.notice"]\n[birthday'),
    "unknown key of a parameter": ({"parameters": "+[[x]]\nvalue = 1\ncite = 'c'\nform = 2022-01-01\n"}, "parameters.toml", "unknown key `form`", "2022-01-01"),
    "unknown key of a term": ({"terms": "+[x]\nis = 'person.alive'\nsay = 'y'\n"}, "terms.toml", "unknown key `say`", "y'\n"),
    "unknown key of a question": ({"questions": "+[X]\nasks='a'\nyes='b'\nno='c'\nnoo='d'\n"}, "questions.toml", "unknown key `noo`", "d'\n"),
    "missing act": ({"pages": page("when = 'person.alive'").replace('act = "An act"\n', "")}, "provisions/G.md", "lacks `act`", ""),
    "missing effect": ({"pages": page("when = 'person.alive'").replace('effect = "defers"\n', "")}, "provisions/G.md", "lacks `effect`", ""),
    "missing when": ({"pages": page("proof = []")}, "provisions/G.md", "`G` has no `when`", ""),
    "missing sides of a question": ({"questions": "+[X]\nasks = 'a'\nyes = 'b'\n"}, "questions.toml", "`X` lacks `no`", "[X]"),
    "missing cite of a parameter": ({"parameters": "+[[x]]\nvalue = 1\n"}, "parameters.toml", "`x` lacks `cite`", "[[x]]"),
    "missing type": ({"facts": "+[x]\nask = 'y'\n"}, "facts.toml", "`x` lacks `type`", "[x]"),
    "missing reference": ({"pack": 'id = "a"\ntitle = "b"\ncountry = "XX"\n'}, "pack.toml", "lacks `reference`", ""),
    "bad TOML in facts": ({"facts": "+[x\n"}, "facts.toml", "this is not TOML", ""),
    "bad TOML in a rule": ({"pages": page("when = 'person.alive")}, "provisions/G.md", "this is not TOML", ""),
    "one key twice": ({"pages": page("when = 'person.alive'\nwhen = 'person.alive'")}, "provisions/G.md", "this is not TOML", ""),
    "wrong type": ({"pages": page("when = ['person.alive']")}, "provisions/G.md", "`when` must be a text, not a list", "['person.alive']"),
    "a date as text": ({"pages": page("when = 'person.alive'\nfrom = '2022-01-01'")}, "provisions/G.md", "`from` must be a date, not a text", "2022-01-01"),
    "a time": ({"pages": page("when = 'person.alive'\nfrom = 2022-01-01T00:00:00")}, "provisions/G.md", "`from` must be a date, not a time", "2022-01-01"),
    "unknown effect": ({"pages": page("when = 'person.alive'", effect="defer")}, "provisions/G.md", "`effect` cannot be `defer`", 'defer"'),
    "unknown grade": ({"pages": page("when = 'person.alive'").replace('grade = "A"', 'grade = "E"')}, "provisions/G.md", "`grade` cannot be `E`", 'E"'),
    "until before from": ({"pages": page("when = 'person.alive'\nfrom = 2023-01-01\nuntil = 2022-01-01")}, "provisions/G.md", "`until` is not after `from`", "2022-01-01"),
    "until is from": ({"pages": page("when = 'person.alive'\nfrom = 2023-01-01\nuntil = 2023-01-01")}, "provisions/G.md", "`until` is not after `from`", ""),
    "unless alone": ({"pages": page("unless = 'person.alive'")}, "provisions/G.md", "`unless` needs a `when`", "person.alive"),
    "hinges on an unknown question": ({"pages": page("when = 'person.alive'\nhinges_on = 'GSAKT'")}, "provisions/G.md", "`hinges_on` cannot be `GSAKT`", "GSAKT"),
    "a breach that hinges": ({"pages": page("when = 'person.alive'\nhinges_on = 'GSACT'", effect="requires")}, "provisions/G.md", "can hinge on a question", "GSACT"),
    "no letter of a breach": ({"pages": page("when = 'person.alive'\nletter = false", effect="requires")}, "provisions/G.md", "is a letter sent", "false"),
    "before on a ground": ({"pages": page("when = 'person.alive'\nbefore = 'notice'")}, "provisions/G.md", "are for what `requires`", ""),
    "before something else": ({"pages": page("when = 'person.alive'\nbefore = 'noon'", effect="requires")}, "provisions/G.md", "`before` cannot be `noon`", "noon"),
    "an unknown flag": ({"pages": page('when = "person.alive"\nflags = [{ point = "STOP" }]')}, "provisions/G.md", "`point` cannot be `STOP`", ""),
    "two rules without parts": ({"pages": page("when = 'person.alive'") + page("when = 'person.alive'")}, "provisions/G.md", "each needs a `part`", ""),
    "one part twice": ({"pages": page("part = 'x'\nwhen = 'person.alive'") + page("part = 'x'\nwhen = 'person.alive'")}, "provisions/G.md", "the part `G/x` is there twice", ""),
    "another id on the page": (
        {"pages": page("part = 'x'\nwhen = 'person.alive'") + page("part = 'y'\nwhen = 'person.alive'", id="H")}, "provisions/G.md", "this block has another id", "",
    ),
    "no rule": ({"pages": "# A page\n\nText.\n"}, "provisions/G.md", "the page has no rule", ""),
    "no heading": ({"pages": page("when = 'person.alive'").replace("# A ground", "A ground")}, "provisions/G.md", "the page has no heading", ""),
    "an unknown block": ({"pages": page("when = 'person.alive'") + "```toml case\n```\n"}, "provisions/G.md", "a page has no `toml case` block", ""),
    "overlapping parameters": (
        {"parameters": "+[[x]]\nvalue = 1\nuntil = 2022-01-02\ncite = 'c'\n[[x]]\nvalue = 2\nfrom = 2022-01-01\ncite = 'c'\n"},
        "parameters.toml", "two values of `x` are in force on one day", "",
    ),
    "two open parameters": ({"parameters": "+[[x]]\nvalue = 1\ncite = 'c'\n[[x]]\nvalue = 2\ncite = 'c'\n"}, "parameters.toml", "are in force on one day", ""),
    "a parameter that ends before it begins": (
        {"parameters": "+[[x]]\nvalue = 1\nfrom = 2022-01-02\nuntil = 2022-01-01\ncite = 'c'\n"}, "parameters.toml", "`until` is not after `from`", "2022-01-01",
    ),
    "a table that lacks a value": (
        {"parameters": "+[[x]]\nby = 'health.category'\nvalue = { A = 1, B = 2 }\ncite = 'c'\n"}, "parameters.toml", "the table has no value for `D`", "{ A = 1, B = 2 }",
    ),
    "a table with an unknown value": (
        {"parameters": "+[[x]]\nby = 'health.category'\nvalue = { A = 1, B = 2, D = 3, E = 4 }\ncite = 'c'\n"},
        "parameters.toml", "`health.category` is never `E`", "{ A = 1, B = 2, D",
    ),
    "a table over no words": ({"parameters": "+[[x]]\nby = 'health.grade'\nvalue = { A = 1 }\ncite = 'c'\n"}, "parameters.toml", "`by` must name a one_of fact", "health.grade"),
    "a float parameter": ({"parameters": "+[[x]]\nvalue = 1.5\ncite = 'c'\n"}, "parameters.toml", "a parameter is an integer or a date", "1.5"),
    "a bool parameter": ({"parameters": "+[[x]]\nvalue = true\ncite = 'c'\n"}, "parameters.toml", "a parameter is an integer or a date", "true"),
    "a parameter not in a list": ({"parameters": "+[x]\nvalue = 1\n"}, "parameters.toml", "must be written `[[x]]`", ""),
    "a fact by a Python word": ({"facts": '+["study.from"]\ntype = "date"\n'}, "facts.toml", "`study.from` cannot name a fact", '["study.from"]'),
    "a fact of an unknown type": ({"facts": "+[x]\ntype = 'boolean'\n"}, "facts.toml", "`type` cannot be `boolean`", "boolean"),
    "words without values": ({"facts": "+[x]\ntype = 'one_of'\n"}, "facts.toml", "`x` lacks its `values`", ""),
    "values of a bool": ({"facts": "+[x]\ntype = 'bool'\nvalues = ['a']\n"}, "facts.toml", "only a `one_of` fact lists values", "['a']"),
    "a value twice": ({"facts": "+[x]\ntype = 'one_of'\nvalues = ['a', 'a']\n"}, "facts.toml", "a value is listed twice", ""),
    "a bool that may be none": ({"facts": "+[x]\ntype = 'bool'\nnone = 'absent'\n"}, "facts.toml", "a bool fact cannot be none", "absent"),
    "a number that never comes": ({"facts": "+[x]\ntype = 'integer'\nnone = 'forever'\n"}, "facts.toml", "is for dates", "forever"),
    "a list in a row": ({"facts": "+[x]\ntype = 'list'\n[x.row.y]\ntype = 'list'\nrow = {}\n"}, "facts.toml", "a row cannot hold a list", "list'\nrow"),
    "a list without rows": ({"facts": "+[x]\ntype = 'list'\n"}, "facts.toml", "`x` lacks `row`", "[x]"),
    "an assumed date": ({"facts": "+[x]\ntype = 'date'\nunless_told = 2022-01-01\n"}, "facts.toml", "a date fact has no `unless_told`", "2022-01-01"),
    "an assumed field": ({"facts": "+[x]\ntype = 'list'\n[x.row.y]\ntype = 'bool'\nunless_told = false\n"}, "facts.toml", "a field of a row has no `unless_told`", "false"),
    "an assumption of a wrong word": (
        {"facts": "+[x]\ntype = 'one_of'\nvalues = ['a']\nunless_told = 'b'\n"}, "facts.toml", "`b` is not a value of `x`", "b'",
    ),
    "an unknown point": ({"facts": "+[x]\ntype = 'bool'\npoint = 'STEPP'\n"}, "facts.toml", "unknown question `STEPP`", ""),
    "a fact that is no table": ({"facts": "x = 3\n" + FACTS}, "facts.toml", "`x` must be a table", ""),
    "a term and a fact of one name": ({"facts": "+[many_children]\ntype = 'bool'\n"}, "terms.toml", "`many_children` means two things", ""),
    "a parameter named on": ({"parameters": "+[[on]]\nvalue = 1\ncite = 'c'\n"}, "parameters.toml", "`on` means two things", ""),
    "the day is no date": ({"pack": PACK.replace('on = "date.decision"', 'on = "person.alive"')}, "pack.toml", "`person.alive` is not a date fact", "person.alive"),
    "an unknown other day": ({"pack": PACK.replace('"date.dispatch"]', '"date.despatch"]')}, "pack.toml", "`date.despatch` is not a date fact", ""),
    "other days without a question": ({"pack": PACK.replace('question = "REFDATE"\n', "")}, "pack.toml", "other days need the question", ""),
    "an unknown leap day": ({"pack": PACK.replace("1 March", "2 March")}, "pack.toml", "`leap_day` cannot be `2 March`", "2 March"),
    "an unknown birthday question": ({"pack": PACK.replace('"BDAY"', '"BDYA"')}, "pack.toml", "`question` cannot be `BDYA`", "BDYA"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_pack_is_refused(name: str, tmp_path: Path) -> None:
    files, file, message, at = FAULTS[name]
    found = [problem for problem in problems(tmp_path, **files) if message in problem.message]
    assert found, f"nobody said: {message}"
    assert found[0].file == file
    if at:
        text = (tmp_path / file).read_text("utf-8")
        assert (found[0].line, found[0].column) == place_of(at, text), str(found[0])


def test_two_provisions_with_one_id_are_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, {"A": page("when = 'person.alive'", id="A"), "B": page("when = 'person.alive'", id="A")})
    assert [problem.message for problem in found] == ["two provisions have the id `A`"]
    assert "provisions/A.md" in found[0].help


@pytest.mark.parametrize(
    ("facts", "when", "refused"),
    [
        ("unless_told = true", "x", True),
        ("unless_told = false", "not x", True),
        ("unless_told = true", "person.alive and not (care.permanent and not x)", True),
        ("unless_told = true", "person.alive or x", True),
        ("unless_told = true", "not x", False),
        ("unless_told = false", "x", False),
        ("unless_told = false", "person.alive and x", False),
        ("unless_told = false", "any(c.dependent and not x for c in children)", True),
        ("unless_told = false", "any(c.dependent and x for c in children)", False),
    ],
)
def test_an_assumption_never_protects(facts: str, when: str, refused: bool, tmp_path: Path) -> None:
    text = page(f"when = '{when}'")
    files = {"facts": f"+[x]\ntype = 'bool'\n{facts}\n"}
    write_pack(tmp_path, text, **files)
    facts_file = (
        (tmp_path / "facts.toml").read_text("utf-8").replace('["care.permanent"]\ntype = "bool"\nunless_told = false', '["care.permanent"]\ntype = "bool"')
    )
    (tmp_path / "facts.toml").write_text(facts_file, "utf-8")
    if not refused:
        load_pack(tmp_path)
        return
    with pytest.raises(Refused) as caught:
        load_pack(tmp_path)
    assert [problem.message for problem in caught.value.problems] == ["`unless_told` of `x` could make `G` true"]


def test_a_list_assumed_complete_never_protects(tmp_path: Path) -> None:
    facts = FACTS.replace('ask = "Are these all?"', "unless_told = true")
    small_pack(tmp_path / "a", page("when = 'any(c.dependent for c in children)'"), facts=facts)
    found = problems(tmp_path / "b", page("when = 'not any(c.dependent for c in children)'"), facts=facts)
    assert [problem.message for problem in found] == ["`unless_told` of `children.complete` could make `G` true"]


def test_a_breach_or_a_promise_may_rest_on_an_assumption(tmp_path: Path) -> None:
    facts = FACTS.replace("unless_told = false", "unless_told = true")
    small_pack(tmp_path / "a", page("when = 'care.permanent'", effect="requires"), facts=facts)
    small_pack(tmp_path / "b", page("when = 'care.permanent'", effect="promises"), facts=facts)


READING_FAULTS = {
    "[[reading]]\nquestion = 'STEP'\nanswer = true\n[[reading]]\nquestion = 'STEP'\nanswer = false\n": "`STEP` is answered twice for the same days",
    "[[reading]]\nquestion = 'STEP'\nanswer = true\nuntil = 2022-01-02\n[[reading]]\nquestion = 'STEP'\nanswer = true\nfrom = 2022-01-01\n": "answered twice",
    "[[reading]]\nquestion = 'STEP'\nanswer = true\nparts = ['G']\n[[reading]]\nquestion = 'STEP'\nanswer = true\n": "answered twice",
    "[[reading]]\nquestion = 'STEPP'\nanswer = true\n": "unknown question `STEPP`",
    "[[reading]]\nquestion = 'STEP'\n": "lacks `answer`",
    "[[reading]]\nquestion = 'STEP'\nanswer = 'yes'\n": "`answer` must be true or false, not a text",
    "[[reading]]\nquestion = 'STEP'\nanswer = true\nparts = ['H']\n": "no provision has the part `H`",
    "[[reading]]\nquestion = 'STEP'\nanswer = true\nbecause = 'x'\n": "unknown key `because`",
    "[[readings]]\nquestion = 'STEP'\nanswer = true\n": "unknown key `readings`",
    "[[reading]\n": "this is not TOML",
}


@pytest.mark.parametrize("text", READING_FAULTS, ids=list(READING_FAULTS.values()))
def test_faulty_readings_are_refused(text: str, tmp_path: Path) -> None:
    pack = small_pack(tmp_path, page("when = 'person.alive'"))
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(Refused) as caught:
        pack.readings(str(tmp_path / "mine.toml"))
    found = [problem for problem in caught.value.problems if READING_FAULTS[text] in problem.message]
    assert found
    assert found[0].line is not None


def test_readings_that_follow_each_other_are_accepted(tmp_path: Path) -> None:
    pack = small_pack(tmp_path, page("when = 'person.alive'"))
    text = "[[reading]]\nquestion = 'STEP'\nanswer = true\nuntil = 2022-01-01\n[[reading]]\nquestion = 'STEP'\nanswer = false\nfrom = 2022-01-01\n"
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    assert [answer.answer for answer in pack.readings(str(tmp_path / "mine.toml")).answers] == [True, False]
    assert pack.readings(None).answers == ()


def test_unknown_packs_and_readings_are_refused_with_what_there_is(tmp_path: Path) -> None:
    name = max(pack_names(), key=len)
    with pytest.raises(Refused, match="did you mean"):
        find_pack(name[:-1] + "x")
    with pytest.raises(Refused, match="there are no readings `nobody`"):
        small_pack(tmp_path, page("when = 'person.alive'")).readings("nobody")


@pytest.mark.parametrize("name", ["facts.toml", "parameters.toml", "questions.toml", "terms.toml", "pack.toml", "defaults.toml"])
def test_a_missing_file_is_a_problem(name: str, tmp_path: Path) -> None:
    write_pack(tmp_path, page("when = 'person.alive'"))
    (tmp_path / name).unlink()
    with pytest.raises(Refused) as caught:
        load_pack(tmp_path)
    assert f"`{name}` is missing" in [problem.message for problem in caught.value.problems]


def test_a_pack_in_another_encoding_is_a_problem(tmp_path: Path) -> None:
    write_pack(tmp_path, page("when = 'person.alive'"))
    (tmp_path / "provisions" / "G.md").write_bytes("# Отсрочка\n".encode("cp1251"))
    with pytest.raises(Refused, match="not UTF-8"):
        load_pack(tmp_path)


def test_line_ends_of_another_system_change_nothing(tmp_path: Path) -> None:
    text = page("when = '''\nperson.alive\nand foo.bar'''").replace("\n", "\r\n")
    write_pack(tmp_path, page("when = 'person.alive'"))
    (tmp_path / "provisions" / "G.md").write_bytes(text.encode())
    with pytest.raises(Refused) as caught:
        load_pack(tmp_path)
    assert shown(caught.value.problems[0])[:3] == ("provisions/G.md", 13, 5)


def test_the_hash_is_of_names_and_contents(tmp_path: Path) -> None:
    one = small_pack(tmp_path / "a", page("when = 'person.alive'"))
    two = small_pack(tmp_path / "b", page("when = 'person.alive'"))
    three = small_pack(tmp_path / "c", page("when = 'person.alive  '"))
    four = small_pack(tmp_path / "d", {"H": page("when = 'person.alive'")})
    assert one.hash == two.hash
    assert len({one.hash, three.hash, four.hash}) == 3
