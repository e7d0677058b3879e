"""Packs that load nowhere: each with what is wrong in it, what is said, and the very place."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from small import FACTS, PACK, page, write_pack

from rightcall.law.case import pack_cases
from rightcall.law.pack import load_pack
from rightcall.law.problem import Problem, Refused

ALIVE = page("when = 'person.alive'")


class Wrong(NamedTuple):
    """A pack with a fault: the page, other files, and what is said of which file (and line)."""

    says: str
    file: str
    line: int | None = None
    page: str = ALIVE
    files: dict[str, str] = {}  # noqa: RUF012


def parameter(text: str) -> dict[str, str]:
    return {"parameters": f"+\n{text}\n"}


ENTRY = '[[p]]\ncite = "c"\n'
WRONG = {
    "a table over words that may be none": Wrong(
        "may be none, so it cannot be what a table is over", "parameters.toml",
        files={"facts": '+["tie"]\ntype = "one_of"\nvalues = ["a"]\nnone = "absent"\n'} | parameter(f'{ENTRY}by = "tie"\nvalue = {{ a = 1 }}'),
    ),
    "a gap between two values": Wrong(
        "`p` has no value from 2022-01-01 until 2022-02-01", "parameters.toml",
        files=parameter(f"{ENTRY}value = 1\nuntil = 2022-01-01\n{ENTRY}value = 2\nfrom = 2022-02-01"),
    ),
    "dates and integers": Wrong(
        "the values of `p` are dates and integers", "parameters.toml",
        files=parameter(f"{ENTRY}value = 1\nuntil = 2022-01-01\n{ENTRY}value = 2022-03-01\nfrom = 2022-01-01"),
    ),
    "dates and integers in one table": Wrong(
        "the values of `p` are dates and integers", "parameters.toml",
        files=parameter(f'{ENTRY}by = "military.rank_group"\nvalue = {{ private = "none", officer = 3, general = 2022-03-01 }}'),
    ),
    "a quantifier inside another, by a term": Wrong(
        "a quantifier cannot stand inside another", "provisions/G.md", 11,
        page=page("when = 'any(c.dependent and many_children for c in children)'"),
    ),
    "a count inside another, by a term": Wrong(
        "a quantifier cannot stand inside another", "provisions/G.md",
        page=page("when = 'any(number_of_children > 2 for c in children)'"),
    ),
    "a count below what may be none": Wrong(
        "`p` may be none, and no count is below that", "provisions/G.md",
        page=page("when = 'count(c.dependent for c in children) < p[military.rank_group]'"),
        files=parameter(f'{ENTRY}by = "military.rank_group"\nvalue = {{ private = 1, officer = 3, general = "none" }}'),
    ),
    "what nobody told as the limit of a count": Wrong(
        "`unless_told` of `tie` could make `G` true", "facts.toml",
        page=page("when = 'count(c.dependent for c in children) >= p[tie]'"),
        files={"facts": '+["tie"]\ntype = "one_of"\nvalues = ["a", "b"]\nunless_told = "a"\n'} | parameter(f'{ENTRY}by = "tie"\nvalue = {{ a = 1, b = 9 }}'),
    ),
    "a row called like a fact": Wrong(
        "`person` already means something else", "provisions/G.md",
        page=page("when = 'any(person.dependent for person in children)'"),
    ),
    "an age beyond any life": Wrong(
        "an age of 250 years is not possible",
        "provisions/G.md",
        11,
        page=page("when = 'under(person.birth_date, p)'"),
        files=parameter(f"{ENTRY}value = 250"),
    ),
    "no birthday": Wrong("lacks `birthday`", "pack.toml", files={"pack": PACK.partition("[birthday]")[0]}),
    "a region that is no fact": Wrong("`region` cannot be `nowhere`", "pack.toml", 14, files={"pack": '+[report]\nregion = "nowhere"\n'}),
    "an unknown fact among the defaults": Wrong("unknown fact `person.aliv`", "defaults.toml", 1, files={"defaults": '"person.aliv" = true\n'}),
    "unknown as what is assumed": Wrong(
        "`unknown` is not a value of `tie`", "facts.toml", files={"facts": '+["tie"]\ntype = "one_of"\nvalues = ["a", "unknown"]\nunless_told = "unknown"\n'},
    ),
    "a word for unknown where there are no words": Wrong(
        "only a `bool` or `one_of` fact has words for `unknown`", "facts.toml", files={"facts": '+["tie"]\ntype = "date"\nunknown = ["?"]\n'},
    ),
    "a value that is unknown": Wrong(
        "`a` is a value of `tie`, so it is not unknown", "facts.toml", files={"facts": '+["tie"]\ntype = "one_of"\nvalues = ["a"]\nunknown = ["a"]\n'},
    ),
    "completeness twice": Wrong(
        "`children.complete` is there twice", "facts.toml", files={"facts": '["children.complete"]\ntype = "bool"\n' + FACTS},
    ),
    "a case that is no table": Wrong("a case is a table", "provisions/G.md", 15, page=f"{ALIVE}\n```toml cases\ncase = [1]\n```\n"),
    "a line of the sources that is none": Wrong("this is not a source", "sources.md", 2, files={"sources": "+* S2: forgotten dash\n"}),
    "a source that is there twice": Wrong("the source `S01` is there twice", "sources.md", 2, files={"sources": "+* S01 - Again: -\n"}),
    "a flag that cannot be read": Wrong(
        "in `flags`: unknown fact `person.aliv`", "provisions/G.md", 12,
        page=page("when = 'person.alive'\nflags = [{ point = \"STEP\", when = 'person.aliv' }]"),
    ),
    "a fact of another pack": Wrong("unknown fact `military.reserve_category`", "provisions/G.md", 11, page=page("when = 'military.reserve_category == \"1\"'")),
    "terms in a circle": Wrong("the term `b` is not yet known here", "terms.toml", 8, files={"terms": "+[a]\nis = 'b'\n[b]\nis = 'a'\n"}),
    "a term of itself": Wrong("the term `a` is not yet known here", "terms.toml", 8, files={"terms": "+[a]\nis = 'not a'\n"}),
    "a reading of no question": Wrong("unknown question `XQ`", "provisions/G.md", 11, page=page("when = 'reading(\"XQ\")'")),
    "a ground that hinges on no question": Wrong("`hinges_on` cannot be `XQ`", "provisions/G.md", 12, page=page("when = 'person.alive'\nhinges_on = \"XQ\"")),
    "a day that is none": Wrong("this is not TOML: invalid date", "provisions/G.md", 12, page=page("when = 'person.alive'\nfrom = 2022-02-30")),
    "a day that is none, in a condition": Wrong("`2022-02-30` is not a date", "provisions/G.md", 11, page=page("when = 'on > date(\"2022-02-30\")'")),
    "a day in quotes": Wrong("`from` must be a date, not a text", "provisions/G.md", 12, page=page("when = 'person.alive'\nfrom = \"2022-02-03\"")),
    "a time of day": Wrong("`from` must be a date, not a time", "provisions/G.md", 12, page=page("when = 'person.alive'\nfrom = 2022-02-03T10:00:00")),
    "a text that is no list": Wrong("`sources` must be a list, not a text", "provisions/G.md", 12, page=page("when = 'person.alive'\nsources = \"S01\"")),
    "a condition without quotes": Wrong("`when` must be a text, not true or false", "provisions/G.md", 11, page=page("when = true")),
    "a misspelt key": Wrong("unknown key `wehn`", "provisions/G.md", 11, page=page("wehn = 'person.alive'")),
    "a misspelt type": Wrong("`type` cannot be `boolean`", "facts.toml", 51, files={"facts": '+["x"]\ntype = "boolean"\n'}),
    "a name without quotes": Wrong("`[job.teacher]` needs quotes", "facts.toml", 50, files={"facts": '+[job.teacher]\ntype = "bool"\n'}),
    "a parameter without a value": Wrong("`p` lacks `value`", "parameters.toml", files=parameter('[[p]]\ncite = "c"')),
    "a term that is no table": Wrong("`x` must be a table", "terms.toml", 1, files={"terms": "x = 1\n"}),
    "a question that is no table": Wrong("`X` must be a table", "questions.toml", 1, files={"questions": "X = 1\n"}),
    "one equals sign": Wrong("this is not an expression", "provisions/G.md", 11, page=page("when = 'health.category = \"A\"'")),
    "true in small letters": Wrong("unknown fact `true`", "provisions/G.md", 11, page=page("when = 'person.alive == true'")),
    "a term and a parameter of one name": Wrong("`children_needed` means two things", "terms.toml", 7, files={"terms": "+[children_needed]\nis = 'person.alive'\n"}),
    "the place of the second of two values": Wrong(
        "two values of `p` are in force on one day", "parameters.toml", 24, files=parameter(f"{ENTRY}value = 1\nuntil = 2022-02-01\n{ENTRY}value = 2\nfrom = 2022-01-01"),
    ),
    "values that are no list, and one that is assumed": Wrong(
        "`values` must be a list, not an integer", "facts.toml", 52, files={"facts": '+["x"]\ntype = "one_of"\nvalues = 7\nunless_told = "a"\nunknown = ["b"]\n'},
    ),
    "the place of a condition below a text that looks like one": Wrong(
        "unknown fact `nobody`", "provisions/G.md", 14,
        page=page('escalation = """\nwhen = \'person.alive\'\n"""\nwhen = \'nobody\''),
    ),
}  # fmt: skip


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as refused:
        load_pack(folder)
    return tuple(refused.value.problems)


@pytest.mark.parametrize("name", WRONG)
def test_a_faulty_pack_is_refused_at_its_place(name: str, tmp_path: Path) -> None:
    wrong = WRONG[name]
    found = problems_of(write_pack(tmp_path, wrong.page, **wrong.files))
    said = [problem for problem in found if wrong.says in problem.message]
    assert said, found
    assert said[0].file == wrong.file
    assert wrong.line in (None, said[0].line)


def test_terms_that_multiply_are_refused(tmp_path: Path) -> None:
    """Each term uses the one before ten times: ten such terms would have ten thousand million parts."""
    terms = "".join(
        f"[t{n}]\nis = '{' or '.join(['person.alive' if n == 0 else f't{n - 1}'] * 10)}'\n" for n in range(10)
    )  # fmt: skip
    found = problems_of(write_pack(tmp_path, ALIVE, terms=terms))
    assert "with its terms written out it has more than" in found[0].message


def test_readings_that_end_before_they_begin_are_refused(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path / "pack", ALIVE))
    readings = tmp_path / "mine.toml"
    readings.write_text('[[reading]]\nquestion = "STEP"\nanswer = true\nfrom = 2022-10-01\nuntil = 2022-09-01\n', "utf-8")
    with pytest.raises(Refused, match="`until` is not after `from`"):
        pack.readings(str(readings))


HELP = {
    "a fact of another pack": "describe it in facts.toml",
    "terms in a circle": "read from top to bottom",
    "a reading of no question": "questions.toml",
    "a ground that hinges on no question": "one of BDAY, GSACT, REFDATE, STEP",
    "a day that is none": "one of the calendar",
    "a day in quotes": "without quotes",
    "a time of day": "without quotes or time of day",
    "a text that is no list": '["S01"]',
    "a condition without quotes": "stands in quotes",
    "a misspelt key": "did you mean `when`?",
    "a misspelt type": "did you mean `bool`?",
    "a name without quotes": 'write ["job.teacher"]',
    "a term that is no table": "write `[x]`",
    "a question that is no table": "write `[X]`",
    "one equals sign": "compared with `==`",
    "true in small letters": "stands alone",
    "the place of the second of two values": "no longer inside",
}


@pytest.mark.parametrize("name", HELP)
def test_a_refusal_says_what_would_be_right(name: str, tmp_path: Path) -> None:
    wrong = WRONG[name]
    said = [problem for problem in problems_of(write_pack(tmp_path, wrong.page, **wrong.files)) if wrong.says in problem.message]
    assert HELP[name] in said[0].help


def test_two_pages_of_one_id_are_told_with_both(tmp_path: Path) -> None:
    (problem,) = problems_of(write_pack(tmp_path, {"G": ALIVE, "H": ALIVE}))
    assert (problem.message, problem.file, problem.line) == ("two provisions have the id `G`", "provisions/H.md", 6)
    assert problem.help == "the other is provisions/G.md"


@pytest.mark.parametrize("name", ["facts", "parameters", "questions", "terms"])
def test_a_file_that_cannot_be_read_does_not_hide_behind_what_follows(name: str, tmp_path: Path) -> None:
    """Only what is no TOML is told, in all files; whether facts are known can be said once they are read."""
    pages = {"G": page("when = 'person.aliv'"), "H": page("when = ")}
    found = problems_of(write_pack(tmp_path, pages, **{name: '["x"\n'}))
    assert [(problem.file, problem.message[:16]) for problem in found] == [(f"{name}.toml", "this is not TOML"), ("provisions/H.md", "this is not TOML")]


def test_a_name_without_quotes_is_put_together_again(tmp_path: Path) -> None:
    """So that every rule that uses it is not told as well."""
    facts = FACTS + '[job.teacher]\ntype = "bool"\n'
    assert len(problems_of(write_pack(tmp_path, page("when = 'job.teacher'"), facts=facts))) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('ground = "maybe"', "`ground` is never `maybe`"),
        ("ground = 1", "`ground` is never `1`"),
        ('verdict = "bared"', "`verdict` is never `bared`"),
        ('promise = "yes"', "`promise` is never `yes`"),
        ('grounds = ["H"]', "`grounds` never names `H`"),
        ('missing = ["person.aliv"]', "`missing` never names `person.aliv`"),
        ('questions = ["NOBODY"]', "`questions` never names `NOBODY`"),
        ('flags = ["NOBODY"]', "`flags` never names `NOBODY`"),
        ('defects = ["H"]', "`defects` never names `H`"),
    ],
)
def test_a_case_that_could_never_pass_is_refused(line: str, says: str, tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path, f'{ALIVE}\n```toml cases\n[[case]]\nname = "n"\non = 2022-02-01\n{line}\n```\n'))
    with pytest.raises(Refused) as refused:
        pack_cases(pack)
    (problem,) = refused.value.problems
    assert (problem.message, problem.file) == (f"`n`: {says}", "provisions/G.md:16")
    assert problem.help


@pytest.mark.parametrize(
    "fence", ["```toml", "``` toml cases", "```toml  cases", "```toml cases of mine", "~~~toml cases", "  ```toml cases", "```TOML cases", "```toml\tcases"]
)
def test_no_block_of_toml_is_passed_over(fence: str, tmp_path: Path) -> None:
    """A case that nobody runs would be a proof that nobody made."""
    text = f'{ALIVE}\n{fence}\n[[case]]\nname = "n"\non = 2022-02-01\nground = true\n```\n'
    (problem,) = problems_of(write_pack(tmp_path, text))
    assert (problem.message, problem.line) == (f"the block `{fence.strip()}` is not read", 14)


def test_a_block_that_does_not_end_is_told(tmp_path: Path) -> None:
    found = problems_of(write_pack(tmp_path, f'{ALIVE}\n```toml cases\n[[case]]\nname = "n"\n'))
    assert [problem.message for problem in found] == [f"the block `{'`' * 3}toml cases` is not read"]


def test_a_case_with_a_bad_day_is_told_once(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path, f'{ALIVE}\n```toml cases\n[[case]]\nname = "n"\non = "2022-02-30"\nground = true\n```\n'))
    with pytest.raises(Refused) as refused:
        pack_cases(pack)
    assert [problem.message for problem in refused.value.problems] == ["`n`: `on` is not a date: `2022-02-30`"]
