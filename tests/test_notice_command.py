"""The commands for notices."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from conftest import Run
from rightcall.notice.code import Code, sign, text_of
from rightcall.notice.key import PrivateKey, keys_of, keys_text, load_private, new_key
from rightcall.notice.number import Number
from rightcall.notice.status import Status, build

NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PrivateKey:
    """A key that may sign this year, in a list beside the reader."""
    made = new_key("tarn", "Call-up office of Tarn", TODAY - timedelta(days=100), TODAY + timedelta(days=100))
    monkeypatch.chdir(tmp_path)
    Path("keys.toml").write_text(keys_text([made.public]), "utf-8")
    return made


def _written(key: PrivateKey, reports: date | None = TODAY + timedelta(days=9)) -> str:
    return text_of(sign(Code(Number(bytes(16)), 5, TODAY - timedelta(days=10), reports, "TARN-2"), key), "https://check.example/n")


def test_a_notice_without_a_list(key: PrivateKey, run: Run) -> None:
    said = run("notice", "check", _written(key), "--keys", "keys.toml")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "signed: signed by Call-up office of Tarn; whether it was revoked since is not known without that office's list"
    assert lines[1:6] == [
        "  office    Call-up office of Tarn",
        "  number    0000-0000-0000-0000-0000-0000-0000",
        f"  issued on {TODAY - timedelta(days=10)}",
        f"  report on {TODAY + timedelta(days=9)}",
        "  place     TARN-2",
    ]


@pytest.mark.parametrize(
    ("status", "word", "code"),
    [(Status.IN_FORCE, "genuine", 0), (Status.REVOKED, "revoked", 1), (Status.REPLACED, "replaced", 1), (Status.UNUSED, "unknown", 1)],
)
def test_a_notice_with_a_list(key: PrivateKey, run: Run, status: Status, word: str, code: int) -> None:
    made = NOW - timedelta(days=3)
    Path("status.jwt").write_text(build([(5, status)], 100, key, "https://check.example/status.jwt", made, made + timedelta(days=1)), "utf-8")
    said = run("notice", "check", _written(key), "--keys", "keys.toml", "--status", "status.jwt")
    assert (said.code, said.out.split(":")[0]) == (code, word)
    assert "age in days: 3; a newer one was promised by" in said.out.splitlines()[-1]


def test_what_is_no_notice(key: PrivateKey, run: Run) -> None:
    said = run("notice", "check", "hello", "--keys", "keys.toml")
    assert (said.code, said.out) == (1, "foreign: this is not a code of a notice\n")
    assert "report on no day is named" in run("notice", "check", _written(key, None), "--keys", "keys.toml").out
    assert "(this day is over)" in run("notice", "check", _written(key, TODAY - timedelta(days=1)), "--keys", "keys.toml").out


def test_files_that_are_not_there_are_refused(key: PrivateKey, run: Run) -> None:
    for words in (("--keys", "none.toml"), ("--keys", "keys.toml", "--status", "none.jwt")):
        said = run("notice", "check", _written(key), *words)
        assert (said.code, said.out) == (2, "")
        assert "cannot be read" in said.err


NEW = ("lume", "--name", "Відділ Люме", "--from", "2026-01-01", "--until", "2026-12-31", "--out", "lume.pem")


def test_a_key_is_made_for_its_owner_alone(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("notice", "key", *NEW)
    (public,) = keys_of(said.out)
    assert (said.code, public.issuer, public.name, public.first, public.last) == (0, "lume", "Відділ Люме", date(2026, 1, 1), date(2026, 12, 31))
    assert load_private(Path("lume.pem"), [public]).public == public
    assert run("notice", "key", *NEW).code == 2
    assert run("notice", "key", *NEW[:4], "2027-01-01", *NEW[5:-1], "other.pem").code == 2
    assert not Path("other.pem").exists()


@pytest.mark.usefixtures("key")
def test_the_page_is_made(run: Run) -> None:
    said = run("notice", "checker", "--keys", "keys.toml", "--out", "page.html", "--address", "https://check.example/n", "--language", "uk")
    page = Path("page.html").read_text("utf-8")
    assert (said.code, said.out) == (0, f"page.html: {len(page.encode()):,} bytes, keys: 1\n")
    assert ("Call-up office of Tarn" in page, "https://check.example/n" in page, '"ru":{' in page) == (True, True, False)
    assert run("notice", "checker", "--keys", "keys.toml", "--out", "none/page.html").code == 2
    assert run("notice", "checker", "--keys", "keys.toml", "--out", "page.html", "--language", "xx").code == 2


def test_a_heavy_page_says_so(key: PrivateKey, run: Run) -> None:
    keys = [key.public, *(new_key("x", f"Office {number}", TODAY, TODAY).public for number in range(60))]
    Path("keys.toml").write_text(keys_text(keys), "utf-8")
    assert "more than the 50,000" in run("notice", "checker", "--keys", "keys.toml", "--out", "page.html").out


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("words", [("check", "x", "--keys", "keys.toml"), ("checker", "--out", "page.html", "--keys", "keys.toml"), ("key", *NEW)])
def test_without_the_extra_the_remedy_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    for name in ("key", "verdict", "checker"):
        monkeypatch.setitem(sys.modules, f"rightcall.notice.{name}", None)
    said = run("notice", *words)
    assert (said.code, said.out) == (2, "")
    assert "pip install 'rightcall[notice]'" in said.err
