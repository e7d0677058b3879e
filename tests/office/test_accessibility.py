"""Every page in every state, in a real browser: for those who read with their ears, with a magnifier, with the keyboard alone, on a small telephone, without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import pytest
import scenes
import served
from visits import VISITS, Visit, unvisited

pytestmark = pytest.mark.browser
LOCALES = {"en": "en-GB", "ru": "ru-RU", "uk": "uk-UA"}
PICTURES = Path(__file__).parent / "screenshots"
MOST_BYTES, MOST_REQUESTS = 100_000, 3
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1100, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def guest(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    folder, port = tmp_path_factory.mktemp("scene") / "office", served.free_port()
    with served.running([str(served.HERE / "serve_scene.py"), str(port)], folder, port) as process:
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
            tab.set_default_timeout(4000)
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
def test_looks(guest: Guest, visit: Visit) -> None:
    PICTURES.mkdir(exist_ok=True)
    tab = guest.visit(visit, "en")
    for scheme, size in (("light", WIDE), ("dark", NARROW)):
        tab.emulate_media(color_scheme=scheme)
        tab.set_viewport_size(size)
        tab.screenshot(path=PICTURES / f"{visit.name}-{scheme}.png", full_page=True)
    tab.emulate_media(color_scheme="light")
    assert guest.status == visit.status
