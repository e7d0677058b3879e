"""The visits: which pages there are, in which states, who comes, and what he does there. A page of the URL configuration without a visit fails a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from scenes import QUESTIONS, Scene

from rightcall.office import urls
from rightcall.office.lists import LISTS

Do = Callable[[Any, Scene], None]


@dataclass(frozen=True)
class Visit:
    """One page in one state. ``at``: a route, or an address; ``who``: a session of the scene; ``do``: what is done before it is looked at."""

    at: str
    state: str = ""
    who: str = ""
    key: str = ""
    query: str = ""
    do: Do | None = None
    status: int = 200

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.at.strip("/").replace("/", "_") or "root", self.state.replace(" ", "-"))))

    @property
    def is_public(self) -> bool:
        """Whether it is for anybody, or for the person called."""
        return self.who == "" or self.who.startswith(("person", "reporter"))

    def address(self, scene: Scene) -> str:
        return self.at if self.at.startswith("/") else scene.url(self.at, self.key, self.query)


def send(**fields: str) -> Do:
    """Fill the form in the page and send it off. A field is a name in the scene's secrets where it begins with ``@``."""

    def do(tab: Any, scene: Scene) -> None:
        for name, value in fields.items():
            tab.fill(f"main [name={name}]", scene.secrets[value[1:]] if value.startswith("@") else value)
        tab.locator("main form button:not(.second, .plain, .grave):visible").last.click()

    return do


def unfold(summary: str, press: bool = True) -> Do:
    """Open a part of the page, and send what is in it."""

    def do(tab: Any, scene: Scene) -> None:
        part = tab.locator(f"main details[data-act={summary}]")
        part.locator("summary").click()
        if press:
            part.locator("button").last.click()

    return do


def _press(selector: str) -> Do:
    return lambda tab, scene: tab.locator(selector).last.click()


def _public() -> Iterator[Visit]:
    yield Visit("start")
    yield Visit("check")
    yield Visit("check", "error", do=send(), status=422)
    for answer, number in (("genuine", "@number-in-force"), ("replaced", "@number-replaced"), ("revoked", "@number-revoked"), ("unknown", "1234")):
        yield Visit("check", answer, do=send(number=number))
    yield Visit("checker")
    yield Visit("improper")
    yield Visit("improper", "error", do=send(), status=422)
    yield Visit("reported", who="reporter")
    yield Visit("follow")
    yield Visit("follow", "error", do=send(reference="0000"), status=422)
    yield Visit("follow", "waits", do=send(reference="@reference"))
    yield Visit("follow", "answered", do=send(reference="@reference-answered"))
    yield Visit("ledger")
    yield Visit("/nowhere", "404", status=404)
    yield Visit("/test/broken", "500", status=500)
    yield Visit("/test/slow-down", "429", status=429)


def _person() -> Iterator[Visit]:
    yield Visit("own-enter")
    yield Visit("own-enter", "error", do=send(number="1", code="2"), status=422)
    for state in ("in-force", "revoked", "replaced", "contested"):
        yield Visit("own-file", state, who=f"person-{state}")
    yield Visit("own-correct", who="person-in-force")
    yield Visit("own-correct", "contest", who="person-in-force", query="?contest=1")
    yield Visit("own-correct", "error", who="person-in-force", query="?contest=1", do=send(), status=422)
    yield Visit("answer-enter")
    yield Visit("answer-enter", "error", do=send(number="1"), status=422)
    for kind in QUESTIONS:
        yield Visit("answer", kind, key=f"asked {kind}")
        yield Visit("answer", f"{kind} error", key=f"asked {kind}", do=send(), status=422)
    yield Visit("answer", "to be checked", key="asked to be checked")
    yield Visit("answer", "answered", key="asked answered")


def _staff() -> Iterator[Visit]:
    yield Visit("sign-in")
    yield Visit("sign-in", "error", do=send(username="clerk", password="x", code="1"), status=422)
    yield Visit("/test/locked", "locked", status=429)
    yield Visit("second-factor", who="half")
    yield Visit("second-factor", "error", who="half", do=send(code="1"), status=422)
    yield Visit("take-over", who="new")
    yield Visit("take-over", "error", who="new", do=send(new="short", code="1"), status=422)
    yield Visit("own", who="clerk")
    yield Visit("own", "error", who="clerk", do=send(new="short"), status=422)
    for who in ("clerk", "commissar", "overseer", "administrator", "statistician", "ungranted"):
        yield Visit("work", who, who=who)
    yield Visit("figures", who="statistician")
    for name in LISTS:
        who = "administrator" if name in ("accounts", "grants") else "overseer"
        yield Visit(f"/lists/{name}", "full", who=who)
    yield Visit("/lists/campaigns", "narrowed to nothing", who="overseer", query="", do=lambda tab, scene: tab.goto(tab.url + "?state=annulled"))
    yield Visit("/lists/people?q=Surname&roll=x", "refused", who="overseer", status=409)
    yield Visit("/lists/grants", "403", who="clerk", status=403)
    for state in ("waiting", "running", "done", "refused", "failed"):
        yield Visit("job", state, who="clerk", key=f"job-{state}")
    yield Visit("new-account", who="administrator")
    yield Visit("new-account", "error", who="administrator", do=send(username="Not so"), status=422)
    yield Visit("new-account", "made", who="administrator", do=lambda tab, scene: send(username=f"clerk-{token_hex(4)}", name="Somebody")(tab, scene))
    yield Visit("new-grant", who="administrator")
    yield Visit("new-grant", "error", who="administrator", do=send(reason=""), status=422)
    for state in ("proposed", "confirmed", "ended"):
        yield Visit("grant", state, who="administrator", key=f"grant-{state}")


def _campaigns() -> Iterator[Visit]:
    yield Visit("new-campaign", who="commissar")
    yield Visit("new-campaign", "error", who="commissar", do=send(starts="2027-02-01", ends="2027-01-01"), status=422)
    for state, who in (("draft", "commissar"), ("running", "clerk"), ("ended", "overseer")):
        yield Visit("campaign", state, who=who, key=state)
    yield Visit("campaign", "to be ended", who="commissar", key="running", do=unfold("end", press=False))
    yield Visit("campaign", "to be authorised", who="commissar-2", key="tasked")
    yield Visit("campaign", "other drafter", who="commissar", key="tasked")
    yield Visit("tasks", who="commissar", key="draft")
    yield Visit("tasks", "error", who="commissar", key="draft", do=lambda tab, scene: send(**{f"unit-{scene.keys['unit']}": "9999999"})(tab, scene), status=422)
    yield Visit("deliver", who="clerk", key="running")
    yield Visit("deliver", "error", who="clerk", key="running", do=send(), status=422)
    yield Visit("upload", who="clerk", key="running")
    yield Visit("upload", "error", who="clerk", key="running", do=send(), status=422)


def _rolls() -> Iterator[Visit]:
    for state in ("reading", "refused", "ready", "freezing", "frozen", "signed", "screened", "withdrawn"):
        yield Visit("roll", state, who="commissar" if state == "frozen" else "clerk", key=state)
    yield Visit("roll", "frozen error", who="commissar", key="frozen", do=send(), status=422)
    yield Visit("mailings", who="clerk", key="screened")
    yield Visit("issue-batch", who="clerk", key="screened")
    yield Visit("issue-batch", "error", who="clerk", key="screened", do=send(number="9000000", day="2020-01-01"), status=422)
    for name in ("deferred", "barred", "dead", "ask", "evidence", "identity", "law", "clear", "person-in-force", "person-contested"):
        yield Visit("callup", name, who="clerk", key=name)
    for name in ("deferred", "law", "clear", "real"):
        yield Visit("explanation", name, who="clerk", key=name)
    yield Visit("callup", "asked by link", who="clerk", key="identity", do=_press("main form[action$=ask] button:not(.second)"))
    yield Visit("issue", who="clerk", key="clear")
    yield Visit("issue", "error", who="clerk", key="clear", do=send(day="2020-01-01"), status=422)
    for state in ("in-force", "unprinted", "revoked", "replaced"):
        yield Visit("notice", state, who="clerk", key=f"notice-{state}")
    yield Visit("notice", "revoke error", who="clerk", key="notice-in-force", do=unfold("revoke"), status=422)
    yield Visit("notice", "replace error", who="clerk", key="notice-in-force", do=unfold("replace"), status=422)
    yield Visit("notice", "service error", who="clerk", key="notice-in-force", do=unfold("serve"), status=422)
    yield Visit("report", who="overseer", key="report")
    yield Visit("report", "error", who="overseer", key="report", do=send(), status=422)
    yield Visit("report", "answered", who="overseer", key="report-answered")


VISITS = tuple(visit for part in (_public, _person, _staff, _campaigns, _rolls) for visit in part())
NO_PAGE = {
    "keys": "a file", "status-list": "a file", "checkpoint": "a file", "log": "a file", "health": "for programs", "ready": "for programs", "export": "a file",
    "struck-letter": "a PDF", "paper": "a PDF", "mailing-file": "a file", "language": "leads back", "sign-out": "leads on", "own-leave": "leads on", "own-receipt": "a file",
    "end-sign-in": "leads back", "confirm-grant": "leads back", "job-again": "leads back", "end-grant": "leads back", "end-campaign": "leads back", "authorise": "leads back", "ask": "shows the link once", "freeze": "leads back",
    "sign": "leads back", "withdraw": "leads back", "screen": "leads back", "proof": "leads back", "revoke": "shows the notice", "replace": "shows the notice",
    "serve": "shows the notice",
}  # fmt: skip
"""Routes that show no page of their own, and why."""


def unvisited() -> set[str]:
    """Routes of pages that nobody visits, and routes that are named here and are gone."""
    routes = {pattern.name for pattern in (*urls.PUBLIC, *urls.PERSON, *urls.STAFF)}
    visited = {"list" if visit.at.startswith("/lists/") else visit.at for visit in VISITS if not visit.at.startswith("/") or visit.at.startswith("/lists/")}
    return routes ^ (visited | NO_PAGE.keys())
