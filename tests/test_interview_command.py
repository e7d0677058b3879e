"""`rightcall ask` as somebody uses it: answers come over a pipe, one a line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rightcall.cli import app, main
from rightcall.law.pack import pack_names

RUN = (sys.executable, "-c", "from rightcall.cli import main; main()", "ask")
PLAIN = ["1", "1992-06-15", "none", "none", "none", "none", "not yet", "not yet"]
"""A man of thirty, fit, whom nothing concerns, in October 2022."""


def ask(*options: str, answers: list[str], columns: str = "80") -> str:
    ended = CliRunner(env={"COLUMNS": columns}).invoke(app, ["ask", *options], input="".join(f"{line}\n" for line in answers))
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended.output


def test_somebody_whom_nothing_concerns_is_clear_after_eight_questions() -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=PLAIN)
    assert "Result: clear" in said
    assert "Questions answered: 8." in said
    assert said.count("Nothing") >= 2
    assert "Question 8, the last." in said
    assert "prison: serving: yes, and not no: then barred" in said


def test_it_is_readable_in_eighty_columns() -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=["?", *PLAIN])
    assert max(len(line) for line in said.splitlines()) <= 80
    assert max(len(line) for line in ask("--pack", "ru_2022", "--on", "2022-10-10", answers=["?", *PLAIN], columns="60").splitlines()) <= 64


def test_why_a_question_is_asked_names_the_ground_and_where_it_stands() -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=["1992-06-15", "?", "D"])
    assert "Unfit (category D): Federal Law 53-FZ of 28 March 1998, art. 53(3)" in " ".join(said.split())
    assert "Result: barred" in said
    assert "- entry in the military ID" in said


WRONG = {
    "a day that is none": ("31.02.1992", "`person.birth_date` is not a date"),
    "nothing": ("", "Nothing was written"),
    "a word": ("long ago", "is not a date"),
    "a day nobody remembers": ("1066-10-14", "living memory"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_gets_a_sentence_and_the_question_again(name: str) -> None:
    wrong, sentence = WRONG[name]
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=[PLAIN[0], wrong, *PLAIN[1:]])
    assert sentence in " ".join(said.split())
    assert "Result: clear" in said


@pytest.mark.parametrize("wrong", ["8", "1 9", "x", "0 1", "1;2"])
def test_a_line_that_is_not_there_is_said_so(wrong: str) -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=[*PLAIN[:2], wrong, *PLAIN[2:]])
    assert "is not the number of a line" in said
    assert "Result: clear" in said


@pytest.mark.parametrize("word", ["maybe", "6", "0", "E"])
def test_a_word_that_is_no_answer_is_said_so(word: str) -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=[word, *PLAIN])
    assert "is not one of the answers" in said
    assert "Result: clear" in said


def test_back_undoes_the_last_answer() -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=["back", "D", "stop"])
    assert "This is the first question." in said
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=["2", "back", *PLAIN])
    assert "The last answer is undone." in said
    assert "Result: clear" in said


def test_the_answer_that_settled_it_can_be_undone() -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=["D", "back", *PLAIN])
    assert "That settles it." in said
    assert "Result: clear" in said
    assert "Result: barred" in ask("--pack", "ru_2022", "--on", "2022-10-10", answers=["D", ""])


def test_back_within_rows_goes_to_the_row_before() -> None:
    rows = ["1", "2", "4", "2012-05-05", "back", "2013-05-05", "2014-06-06", "stop"]
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", "--json", answers=[*PLAIN[:4], *rows])
    told = json.loads(said[said.index("{\n") :].rpartition("}")[0] + "}")["answers"]
    assert [row["birth_date"] for row in told["children"]] == ["2013-05-05", "2014-06-06"]


def test_who_does_not_know_stays_open_and_is_told_so() -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=[*PLAIN[:2], "4?", *["-"] * 30])
    assert "Result: open" in said
    assert "Not known: Are you serving a prison sentence?" in " ".join(said.split())


def test_what_is_not_answered_stays_open() -> None:
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=PLAIN[:2])
    assert "Stopped here; what was not asked stays unknown." in said
    assert "Result: open" in said


def test_a_day_not_known_may_be_any_day() -> None:
    """Whoever does not know when he was sent off may have been protected on that day."""
    said = ask("--pack", "ru_2022", "--on", "2022-10-10", answers=[*PLAIN[:-1], "-"])
    assert "Result: open" in said
    assert "REFDATE" in said


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_asks_for_the_day_first(name: str) -> None:
    said = ask("--pack", name, answers=["today", "stop"])
    assert "Question 2." in said
    assert "Result: open" in said


def test_prepared_answers_are_not_asked_and_a_result_can_be_given_again(tmp_path: Path) -> None:
    prepared = tmp_path / "answers.yaml"
    prepared.write_text("person:\n  birth_date: 1992-06-15\nhealth.category: A\n", "utf-8")
    options = ("--pack", "ru_2022", "--on", "2022-10-10", "--json")
    runner = CliRunner()
    first = runner.invoke(app, ["ask", *options, "--answers", str(prepared)], input="".join(f"{line}\n" for line in PLAIN[2:]))
    found = json.loads(first.stdout)
    assert (found["verdict"], found["asked"], found["not_known"]) == ("clear", 6, [])
    assert "When were you born?" not in first.stderr
    prepared.write_text(json.dumps(found["answers"]), "utf-8")
    again = json.loads(runner.invoke(app, ["ask", *options, "--answers", str(prepared)], input="not yet\n").stdout)
    assert (again["verdict"], again["answers"]) == ("clear", found["answers"])


REFUSED = {
    "an unknown fact": ("person.birthday: 1992-06-15\n", "unknown fact `person.birthday`"),
    "a bad value": ("person.alive: 7\n", "`person.alive` is true or false"),
    "a list": ("- 1\n", "answers are facts with their values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_prepared_answers_that_do_not_fit_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text, sentence = REFUSED[name]
    (tmp_path / "answers.yaml").write_text(text, "utf-8")
    monkeypatch.setattr(sys, "argv", ["rightcall", "ask", "--pack", "ru_2022", "--on", "2022-10-10", "--answers", str(tmp_path / "answers.yaml")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_every_ground_goes_on_after_the_first() -> None:
    options = ("--pack", "ru_2022", "--on", "2022-10-10")
    first = ask(*options, answers=["D"])
    assert "Question 2" not in first
    every = ask(*options, "--every-ground", answers=["D", "1932-06-15", "stop"])
    assert "Question 3." in every
    assert "Result: barred" in every
    assert "[RU22-53FZ-53-D]" in first
    assert "[RU22-53FZ-53-AGE]" not in first
    assert "[RU22-53FZ-53-AGE]" in every
    assert "[RU22-53FZ-53-D]" in every


def test_it_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "COLUMNS": "80"}
    ended = subprocess.run(
        [*RUN, "--pack", "ru_2022", "--on", "2022-10-10"],
        input="\n".join(PLAIN) + "\n",
        text=True,
        capture_output=True,
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    assert "Result: clear" in ended.stdout
    assert list(tmp_path.rglob("*")) == []


def test_an_interrupt_ends_it_politely() -> None:
    process = subprocess.Popen(
        [*RUN, "--pack", "ru_2022", "--on", "2022-10-10"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while process.stdout.read(1) != ">":
        pass
    process.send_signal(signal.SIGINT)
    out, faults = process.communicate(timeout=20)
    assert "Ended. Nothing was stored." in out
    assert (process.returncode, faults) == (130, "")
