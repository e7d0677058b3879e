"""Gates: read whole or refused with the place; and what naming a line, denying it and not being sure of it tell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from small import page, somebody, write_pack

from rightcall.law.interview import Checklist, Column, Count, HowMany, Interview, answer, begin, next_question
from rightcall.law.pack import Pack, load_pack
from rightcall.law.problem import Refused
from rightcall.law.question import UNANSWERED
from rightcall.law.value import FOREVER, day_number, exactly

ON = exactly(day_number(date(2022, 10, 10)))
GATE = """\
[life]
ask = "Which of these is so?"
[[life.line]]
says = "You care for somebody"
fact = "care.permanent"
[[life.line]]
says = "You are dead"
yes  = { "person.alive" = false }
no   = { "person.alive" = true }
[[life.line]]
says = "You study"
no   = { "study.form" = "none", "study.until" = "none" }
[[life.line]]
says = "You have children"
no   = { children = [] }
[[life.line]]
says = "One of them is not your own"
no   = { "children[].relation" = "biological" }
"""
WHEN = """care.permanent or not person.alive or study.form == "full_time" or study.until < on or any(c.relation == "step" for c in children)"""


def pack_with(folder: Path, gates: str) -> Pack:
    write_pack(folder, page(f"when = '''{WHEN}'''"))
    (folder / "gates.toml").write_text(gates, "utf-8")
    return load_pack(folder)


def begun(folder: Path) -> tuple[Interview, Checklist]:
    pack = pack_with(folder, GATE)
    interview = begin(pack, UNANSWERED, ON, somebody(pack, date__notice=date(2022, 10, 10), date__dispatch=date(2022, 10, 10)))
    question = next_question(interview)
    assert isinstance(question, Checklist)
    return interview, question


def test_only_the_lines_that_can_matter_are_shown(tmp_path: Path) -> None:
    _, question = begun(tmp_path)
    assert [line.says for line in question.lines] == ["You care for somebody", "You are dead", "You study", "You have children"]


def test_none_of_these_denies_each_line_and_clears(tmp_path: Path) -> None:
    interview, question = begun(tmp_path)
    after = answer(interview, question, (False,) * 4)
    facts = after.person.facts
    assert (facts["care.permanent"], facts["person.alive"], facts["study.form"], facts["study.until"]) == (False, True, "none", exactly(FOREVER))
    assert (after.person.lists["children"].rows, after.person.lists["children"].complete) == ((), True)
    assert next_question(after) is None
    assert after.settled


def test_a_line_that_is_named_tells_what_it_says_or_is_asked_next(tmp_path: Path) -> None:
    interview, question = begun(tmp_path)
    assert answer(interview, question, (False, True, False, False)).person.facts["person.alive"] is False
    after = answer(interview, question, (False, False, False, True))
    counting = next_question(after)
    assert isinstance(counting, HowMany)
    column = next_question(answer(after, counting, Count(2)))
    assert isinstance(column, Column)
    assert column.rows == (0, 1)


def test_of_a_line_he_is_not_sure_of_nothing_is_told_and_nothing_asked(tmp_path: Path) -> None:
    interview, question = begun(tmp_path)
    after = answer(interview, question, (None, False, False, False))
    assert "care.permanent" not in after.person.facts
    assert next_question(after) is None
    assert not after.settled
    unknown = answer(interview, question, None)
    assert unknown.person is interview.person or unknown.person == interview.person
    assert next_question(unknown) is None


def test_rows_that_are_known_cannot_be_denied(tmp_path: Path) -> None:
    pack = pack_with(tmp_path, GATE)
    question = next_question(begin(pack, UNANSWERED, ON, somebody(pack, children=[{"dependent": True}])))
    assert isinstance(question, Checklist)
    assert "You have children" not in [line.says for line in question.lines]


def test_a_field_is_denied_for_every_row_that_has_none_yet(tmp_path: Path) -> None:
    pack = pack_with(tmp_path, GATE)
    person = somebody(pack, children=[{"dependent": True}, {"relation": "adopted"}], children__complete=True)
    gate = pack.gates["life"]
    after = answer(begin(pack, UNANSWERED, ON, person), Checklist(gate, gate.lines[4:], frozenset()), (False,))
    assert [row["relation"] for row in after.person.lists["children"].rows] == ["biological", "adopted"]


LINE = '[g]\nask = "Which?"\n[[g.line]]\nsays = "It is so"\n'
REFUSED = {
    "an unknown fact": (LINE + 'fact = "person.alife"\n', "unknown fact `person.alife`", 5),
    "a value that cannot be": (LINE + 'no = { "study.form" = "evening" }\n', "`study.form` is never `evening`", 5),
    "a fact that is not true or false": (LINE + 'fact = "home.town"\n', "`home.town` is a text", 5),
    "a value that tells nothing": (LINE + 'no = { "health.category" = "unknown" }\n', "a line has to tell `health.category` a value", 5),
    "a list with rows": (LINE + "no = { children = [1] }\n", "`children` is a list", 5),
    "a yes without its no": (LINE + 'yes = { "person.alive" = true }\nno = { "care.permanent" = false }\n', "`yes` cannot tell `person.alive`", 5),
    "a yes of rows": (LINE + 'yes = { "children[].grade" = 1 }\nno = { "children[].grade" = 1 }\n', "`yes` cannot tell `children[].grade`", 5),
    "no denial": (LINE, "lacks `no`", 3),
    "a key nobody knows": (LINE + 'fact = "person.alive"\nfacts = 1\n', "unknown key `facts`", 6),
    "a fact twice": (LINE + 'fact = "person.alive"\n' + LINE.replace("g", "h", 2) + 'fact = "person.alive"\n', "is told by two lines", None),
    "no question": (LINE.replace('ask = "Which?"\n', "") + 'fact = "person.alive"\n', "lacks `ask`", 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_gate_that_is_wrong_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    text, message, line = REFUSED[name]
    with pytest.raises(Refused) as refused:
        pack_with(tmp_path, text.replace("[[h.line", "[[h.line").replace("[[g.line]]\nsays", "[[g.line]]\nsays"))
    found = [problem for problem in refused.value.problems if message in problem.message]
    assert found, refused.value
    assert found[0].file == "gates.toml"
    assert line is None or found[0].line == line
