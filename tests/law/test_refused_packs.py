"""Packs that load nowhere: each with what is wrong in it, what is said, and the very place."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from small import FACTS, PACK, page, write_pack

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
