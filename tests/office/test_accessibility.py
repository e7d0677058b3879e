"""Every page in every state, in a real browser: for those who read with their ears, with a magnifier, with the keyboard alone, on a small telephone, without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import scenes
import served
from axe_playwright_python.base import AXE_FILE_PATH
from visits import VISITS, Visit, unvisited

import chromium

pytestmark = pytest.mark.browser
LOCALES = {"en": "en-GB", "ru": "ru-RU", "uk": "uk-UA"}
PICTURES = Path(__file__).parent / "screenshots"
NAME = "Tarn"
MOST_BYTES, MOST_REQUESTS = 100_000, 3
COLOURS = ("color-contrast", "link-in-text-block")
"""The dearest rules of axe. A word of another language has the same colours, so they are tried in one language, in light and in dark."""
NARROW = {"width": 320, "height": 640}
AXE = AXE_FILE_PATH.read_text("utf-8")
WIDE = {"width": 1100, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def guest(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    folder, port = tmp_path_factory.mktemp("scene") / "office", served.free_port()
    with served.running([str(served.HERE / "serve_scene.py"), str(port)], folder, port, RIGHTCALL_NAME=NAME) as process:
        assert process.stdout is not None
        scene = scenes.Scene(**json.loads(process.stdout.readline()))
        served.wait_for(f"http://127.0.0.1:{port}")
        yield Guest(browser, f"http://127.0.0.1:{port}", scene)


class Guest:
    """Somebody at a browser, in a language: opens pages, and remembers what they asked for."""

    def __init__(self, browser: Any, address: str, scene: scenes.Scene) -> None:
        self.browser, self.address, self.scene = browser, address, scene
        self.tabs: dict[tuple[str, str], Any] = {}
        self.loaded: list[Any] = []

    def tab(self, language: str, who: str) -> Any:
        if (language, who) not in self.tabs:
            context = self.browser.new_context(locale=LOCALES[language], viewport=WIDE, bypass_csp=True, reduced_motion="reduce")
            if who:
                context.add_cookies([{"name": "sessionid", "value": self.scene.sessions[who], "url": self.address}])
            tab = context.new_page()
            tab.set_default_timeout(20_000)
            tab.on("response", lambda response: self.loaded.append(response))
            self.tabs[language, who] = tab
        return self.tabs[language, who]

    def visit(self, visit: Visit, language: str) -> Any:
        """The page of a visit, in the state it is about."""
        tab = self.tab(language, visit.who)
        tab.set_viewport_size(WIDE)
        self.loaded.clear()
        tab.goto(self.address + visit.address(self.scene))
        if visit.do:
            visit.do(tab, self.scene)
        return tab

    @property
    def status(self) -> int:
        return int([response.status for response in self.loaded if response.request.is_navigation_request() and response.status != 302][-1])


VISITED = pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)


def test_every_page_is_visited() -> None:
    assert unvisited() == set()


@VISITED
@pytest.mark.parametrize("language", LOCALES)
def test_a_page(guest: Guest, visit: Visit, language: str) -> None:
    tab = guest.visit(visit, language)
    assert guest.status == visit.status
    assert tab.get_attribute("html", "lang") == language
    _fits(tab)
    _speaks(tab, visit)
    if visit.is_public:
        _is_light(tab, guest)
    tab.evaluate(AXE)
    assert violations(tab, without=() if language == "en" else COLOURS) == []
    if language == "en":
        _keep_pictures(tab, visit)
        _keyboard(tab, visit)


def violations(tab: Any, only: Sequence[str] = (), without: Sequence[str] = ()) -> list[Any]:
    """What axe finds, of all its rules or of some."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "rules": {name: {"enabled": False} for name in without}}
    found = tab.evaluate("options => axe.run(options)", options | ({"runOnly": list(only)} if only else {}))["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def _fits(tab: Any) -> None:
    """No scrolling from side to side at 320 px, and nothing that sticks out (1.4.10); then as wide as before."""
    tab.set_viewport_size(NARROW)
    assert tab.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    tab.set_viewport_size(WIDE)


def _speaks(tab: Any, visit: Visit) -> None:
    """A title of its own, one first heading; where something is wrong the title says so first, and focus is where it says what."""
    assert tab.locator("h1").count() == 1
    title = tab.title()
    if visit.at == "checker":
        return
    assert title.endswith(f" · {NAME}")
    wrong = tab.locator("#main .note.error[autofocus]")
    assert (wrong.count() == 1) == (visit.status == 422)
    if visit.status == 422:
        assert title.startswith(tab.locator(".field .fault .quiet").first.inner_text() if tab.locator(".field .fault .quiet").count() else title.split()[0])
        assert tab.evaluate("document.activeElement.matches('.note.error')")
        led = wrong.locator("a").evaluate_all("links => links.map(link => document.getElementById(link.hash.slice(1))?.matches('input, select, textarea'))")
        assert all(led), led


def _is_light(tab: Any, guest: Guest) -> None:
    """What anybody and the person called are sent: no script, little weight, few requests. Only the page that checks offline is a program."""
    pages = [response for response in guest.loaded if response.request.is_navigation_request() and response.status not in (301, 302)]
    last = guest.loaded[guest.loaded.index(pages[-1]) :]
    assert len(last) <= MOST_REQUESTS
    if not tab.url.endswith("checker.html"):
        assert tab.locator("script, [onclick], [onload], [onchange], [onsubmit]").count() == 0
    style = (served.HERE.parents[1] / "src/rightcall/office/static/office.css").stat().st_size
    assert len(pages[-1].body()) + style < MOST_BYTES


def _keep_pictures(tab: Any, visit: Visit) -> None:
    """For people to look at; and the colours of the dark are tried too."""
    PICTURES.mkdir(exist_ok=True)
    tab.screenshot(path=PICTURES / f"{visit.name}-light.png", full_page=True)
    tab.emulate_media(color_scheme="dark")
    tab.set_viewport_size(NARROW)
    tab.screenshot(path=PICTURES / f"{visit.name}-dark.png", full_page=True)
    dark = violations(tab, only=COLOURS)
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(WIDE)
    assert dark == []


STOPS = """() => {
  const wanted = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  const seen = wanted.filter(one => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))
  const group = one => seen.filter(other => other.type === "radio" && other.name === one.name && other.form === one.form)
  const stops = seen.filter(one => one.type !== "radio" || one === (group(one).find(other => other.checked) ?? group(one)[0]))
  stops.forEach((one, place) => { one.dataset.stop = place })
  document.activeElement.blur()
  getSelection().removeAllRanges()
  return stops.length
}"""
HERE = """() => {
  const one = document.activeElement, style = getComputedStyle(one)
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || one.matches("input[type=checkbox], input[type=radio]")
  return [Number(one.dataset.stop ?? -1), shown]
}"""


def _keyboard(tab: Any, visit: Visit) -> None:
    """Tab leads to everything that can be used, in the order of reading, and shows where it is; the first stop leads past the head."""
    number = tab.evaluate(STOPS)
    tab.evaluate("document.body.tabIndex = -1; document.body.focus()")
    met: list[int] = []
    for _ in range(6 * number + 10):
        tab.keyboard.press("Tab")
        place, shown = tab.evaluate(HERE)
        if place < 0 or (met and place < met[-1]):
            break
        assert shown, f"focus cannot be seen at stop {place}"
        if not met or met[-1] != place:
            met.append(place)
    assert met == list(range(number))
    if visit.at != "checker":
        assert tab.locator("[data-stop='0']").get_attribute("class") == "skip"


def test_the_first_link_leads_past_the_head(guest: Guest) -> None:
    tab = guest.visit(Visit("check"), "en")
    tab.keyboard.press("Tab")
    assert tab.locator(".skip").evaluate("link => link.getBoundingClientRect().left") > 0
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.name") == "number"


def test_a_notice_is_checked_with_the_keyboard_alone(guest: Guest) -> None:
    tab = guest.visit(Visit("check"), "en")
    tab.focus("[name=number]")
    tab.keyboard.insert_text(guest.scene.secrets["number-revoked"].lower().replace("-", " "))
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Revoked").wait_for()
    assert tab.evaluate("document.activeElement.matches('.note.revoked')")


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_what_is_in_another_language_says_so(guest: Guest, language: str) -> None:
    """The law packs are written in English."""
    tab = guest.visit(Visit("explanation", who="clerk", key="deferred"), language)
    told = tab.evaluate("words => words.map(word => document.evaluate(`//main//*[text()[contains(., '${word}')]]`, document).iterateNext()?.closest('[lang]').lang)",
                        ["Students", "full time", "Which is the last day", "step-child"])  # fmt: skip
    assert told == ["en"] * 4
    assert tab.locator(".ground .quiet").first.evaluate("one => one.closest('[lang]').lang") == language
