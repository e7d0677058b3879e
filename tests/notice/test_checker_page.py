"""The page that checks notices, in a real browser: offline, without a request, for everybody, and light."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tarn import ADDRESS, CODE, KEYS, NOW, OTHER, STRANGER, listed, notice, text

import chromium
from rightcall.law.problem import Refused
from rightcall.notice.checker import LANGUAGES, LARGEST, checker_page
from rightcall.notice.key import Keys, new_key
from rightcall.notice.letter import Press
from rightcall.notice.status import Status

CHECKER = Path(__file__).parents[2] / "src/rightcall/notice/checker"
PAGE = checker_page(KEYS, NOW.date(), address=ADDRESS, phone="020 555 0199", list_address="status.jwt")


# --- the text of the page -----------------------------------------------------------------------------------------


def test_a_page_with_twenty_keys_is_light() -> None:
    keys = Keys(tuple(new_key(f"r{number}", f"Отдел призыва, область {number}", date(2026, 1, 1), date(2026, 12, 31)).public for number in range(20)))
    assert len(checker_page(keys, NOW.date(), address=ADDRESS, phone="020 555 0199").encode()) <= LARGEST == 50_000


def test_the_program_is_made_of_what_stands_beside_it() -> None:
    """Whoever changes a source has to build again: `npm install && npm run build` in checker/program."""
    sources = ["build.js", "ed25519.js", "package.json", "page.js", "sha512.js", "verdict.js"]
    mark = hashlib.sha256("\0".join((CHECKER / "program" / name).read_text("utf-8") for name in sources).encode()).hexdigest()[:16]
    assert (CHECKER / "program.min.js").read_text("utf-8").startswith(f"/* {mark} ")
    assert {file.name for file in (CHECKER / "program").glob("*.js*")} == set(sources)


def test_nothing_on_the_page_leads_elsewhere() -> None:
    assert re.findall(r"(?:src|href|action)\s*=", PAGE.split("<script")[0]) == []
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', PAGE)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert ("unsafe" not in policy[1], policy[1].endswith("connect-src 'self'")) == (True, True)
    assert "connect-src" not in checker_page(KEYS, NOW.date())


def test_the_program_is_the_same_on_every_page() -> None:
    other = checker_page(Keys((OTHER.public,)), date(2026, 1, 2), phone="1", languages=("uk",))
    assert PAGE.split("<script>")[1] == other.split("<script>")[1]


def test_every_language_says_everything() -> None:
    words = json.loads((CHECKER / "words.json").read_text("utf-8"))
    assert {language: set(said) for language, said in words.items()} == {language: set(words["en"]) for language in LANGUAGES}
    for language in LANGUAGES:
        for name, said in words[language].items():
            assert type(said) is type(words["en"][name])
            assert sorted(re.findall(r"{\w+}", str(said))) == sorted(re.findall(r"{\w+}", str(words["en"][name]))), (language, name)


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(Refused, match="no words in the language `xx`"):
        checker_page(KEYS, NOW.date(), languages=("en", "xx"))


# --- in a browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.browser() as opened:
        yield opened


Opened = Callable[..., Any]


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    """Open the saved page on the day of the tests; whatever it asks of a network, and every error, fails the test."""
    file = tmp_path / "page.html"
    file.write_text(PAGE, "utf-8")
    contexts, troubles = [], []

    def opened(fragment: str = "", locale: str = "en-GB", **options: Any) -> Any:
        context = browser.new_context(offline=True, locale=locale, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: troubles.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
        tab.on("console", lambda message: troubles.append(message.text))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        if options.get("java_script_enabled", True):
            tab.clock.set_fixed_time(NOW)
        tab.goto(file.as_uri() + fragment)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def _fragment(written: str) -> str:
    return f"#{written.split('#')[1]}"


@pytest.mark.browser
def test_a_camera_opens_the_page_with_the_answer(page: Opened) -> None:
    tab = page(_fragment(text()))
    assert tab.inner_text("#verdict") == "The signature is genuine"
    shown = dict(zip(tab.locator("dt").all_inner_texts(), tab.locator("dd").all_inner_texts(), strict=True))
    assert shown == {
        "Office": "Call-up office of Tarn",
        "Number": str(CODE.number),
        "Issued on": "5 October 2026",
        "Report on": "20 October 2026",
        "Place": "TARN-2",
    }
    assert tab.evaluate("document.activeElement.id") == "verdict"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (Status.IN_FORCE, "This notice is genuine"),
        (Status.REVOKED, "This notice was revoked"),
        (Status.REPLACED, "This notice was replaced"),
        (Status.UNUSED, "The office does not know this notice"),
    ],
)
def test_a_list_from_a_file_says_what_became_of_it(page: Opened, tmp_path: Path, status: Status, heading: str) -> None:
    (tmp_path / "status.jwt").write_text(listed((CODE.index, status)), "utf-8")
    tab = page(_fragment(text()))
    tab.set_input_files("#listed", tmp_path / "status.jwt")
    tab.get_by_role("heading", name=heading).wait_for()
    assert tab.inner_text("#age") == "List of Call-up office of Tarn, made on 11 October 2026, age in days: 1."


@pytest.mark.browser
def test_an_old_list_says_so(page: Opened, tmp_path: Path) -> None:
    (tmp_path / "status.jwt").write_text(listed((CODE.index, Status.IN_FORCE), made=NOW - timedelta(days=6)), "utf-8")
    tab = page(_fragment(text()))
    tab.clock.set_fixed_time(NOW + timedelta(days=30))
    tab.set_input_files("#listed", tmp_path / "status.jwt")
    tab.get_by_role("heading", name="This notice is genuine").wait_for()
    assert "age in days: 36. A newer one was promised by 13 October 2026" in tab.inner_text("#age")
    assert "20 October 2026 (this day is over)" in tab.inner_text("dl")


@pytest.mark.browser
@pytest.mark.parametrize("content", ["rubbish", listed(by=STRANGER), listed()[:-9] + "AAAAAAAAA"])
def test_a_list_that_is_none_changes_nothing(page: Opened, tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.jwt").write_text(content, "utf-8")
    tab = page(_fragment(text()))
    tab.set_input_files("#listed", tmp_path / "bad.jwt")
    tab.get_by_text("This is not a list that an office on this page has signed").wait_for()
    assert tab.inner_text("#verdict") == "The signature is genuine"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("written", "heading"),
    [
        (text(), "The signature is genuine"),
        (text()[:60] + "\n" + text()[60:], "The signature is genuine"),
        (text()[:-2] + ("AA" if text()[-2:] != "AA" else "AQ"), "This is forged"),
        (text(by=STRANGER), "Not a code of these offices"),
        ("hello", "Not a code of these offices"),
    ],
)
def test_pasted_text_is_checked_with_the_keyboard_alone(page: Opened, written: str, heading: str) -> None:
    tab = page()
    tab.focus("#text")
    tab.keyboard.insert_text(written)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#verdict") == heading


@pytest.mark.browser
def test_a_name_of_an_office_is_never_markup(page: Opened) -> None:
    tab = page(_fragment(text(by=OTHER)))
    assert tab.locator("dd").first.inner_text() == "Відділ призову Люме </script><b>"
    assert tab.locator("#page b b").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("dots", [75, 100, 150, 300])
def test_a_photograph_of_the_printed_notice_is_read(page: Opened, tmp_path: Path, dots: int) -> None:
    (tmp_path / "notice.pdf").write_bytes(Press().pdf(notice()))
    tab = page()
    tab.set_input_files("#photo", chromium.photograph(tmp_path / "notice.pdf", dots))
    tab.get_by_role("heading", name="The signature is genuine").wait_for(timeout=60_000)
    assert tab.input_value("#text") == text()


@pytest.mark.browser
def test_a_turned_and_dim_photograph_is_read(page: Opened, tmp_path: Path) -> None:
    _photograph(tmp_path / "photo.png")
    tab = page()
    tab.set_input_files("#photo", tmp_path / "photo.png")
    tab.get_by_role("heading", name="The signature is genuine").wait_for(timeout=60_000)


def _photograph(file: Path) -> None:
    """The code as a hand holds it: turned by eleven degrees, small in the picture, in dim yellow light, out of focus."""
    import segno
    from PIL import Image, ImageFilter

    drawn = file.with_name("drawn.png")
    segno.make(text(), error="m", boost_error=False, micro=False).save(drawn, scale=9, border=4)
    code = Image.open(drawn).convert("RGB").rotate(11, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))
    table = Image.new("RGB", (1500, 2000), (255, 255, 255))
    table.paste(code, (500, 900))
    dim = table.point([int(40 + level * share) for share in (0.55, 0.5, 0.35) for level in range(256)])
    dim.filter(ImageFilter.GaussianBlur(2)).save(file)


@pytest.mark.browser
def test_a_photograph_without_a_code_says_what_to_do(page: Opened, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (300, 200), "white").save(tmp_path / "white.png")
    (tmp_path / "no.png").write_bytes(b"no picture")
    for name in ("white.png", "no.png"):
        tab = page()
        tab.set_input_files("#photo", tmp_path / name)
        tab.get_by_role("heading", name="No code was found").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "heading"), [("ru-RU", "Подпись настоящая"), ("uk-UA", "Підпис справжній"), ("de-DE", "The signature is genuine")])
def test_it_speaks_the_language_of_the_device_and_can_be_switched(page: Opened, locale: str, heading: str) -> None:
    tab = page(_fragment(text()), locale=locale)
    assert tab.inner_text("#verdict") == heading
    tab.click("nav button[lang=uk]")
    assert (tab.inner_text("#verdict"), tab.get_attribute("html", "lang"), tab.title()) == ("Підпис справжній", "uk", "Чи справжня ця повістка?")
    assert "{" not in tab.inner_text("body")
    assert "undefined" not in tab.inner_text("body")


@pytest.mark.browser
def test_without_javascript_it_names_the_phone(page: Opened) -> None:
    tab = page(java_script_enabled=False)
    shown = tab.inner_text("body")
    assert shown.count("020 555 0199") == 3
    assert "Is this notice genuine" not in shown


@pytest.mark.browser
def test_it_fits_a_narrow_screen(page: Opened) -> None:
    tab = page(_fragment(text()), viewport={"width": 320, "height": 640})
    for language in LANGUAGES:
        tab.click(f"nav button[lang={language}]")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    assert tab.is_hidden("#fetch")


STATES = {"empty": "", "signed": _fragment(text()), "forged": _fragment(text()[:-2] + "AA"), "foreign": "#x"}


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(page: Opened, state: str, language: str) -> None:
    from axe_playwright_python.base import AXE_FILE_PATH

    tab = page(STATES[state], bypass_csp=True)
    tab.click(f"nav button[lang={language}]")
    tab.evaluate(AXE_FILE_PATH.read_text("utf-8"))
    found = tab.evaluate("axe.run()")["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.browser
def test_a_list_is_fetched_from_the_same_site_when_asked_for(browser: Any) -> None:
    """Nothing is asked of the site but the page, and the list once somebody presses the button."""
    context = browser.new_context(locale="en-GB")
    tab = context.new_page()
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        if route.request.url.endswith("status.jwt"):
            route.fulfill(body=listed((CODE.index, Status.REVOKED)))
        else:
            route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

    tab.route("**/*", answer)
    tab.goto(text())
    assert tab.inner_text("#verdict") == "The signature is genuine"
    assert asked == [ADDRESS]
    tab.click("#fetch")
    tab.get_by_role("heading", name="This notice was revoked").wait_for()
    assert asked == [ADDRESS, "https://check.valmora.example/status.jwt"]
    context.close()
