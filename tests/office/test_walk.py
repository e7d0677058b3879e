"""The whole way in a real browser, with the office served as anybody serves it: upload, freeze, sign, check, ask, notice, scan the code, revoked.

Four officers and a person, each at a browser of his own; the person's has no scripts.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import served
from django_otp.oath import totp

import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TOWN = Path(__file__).parents[2] / "examples" / "town"
PICTURES = Path(__file__).parent / "screenshots"
SOON = 15_000


@dataclass
class Office:
    """An office that is served, its accounts, and the browser at which everybody sits."""

    address: str
    password: str
    secrets: dict[str, str]
    browser: Any
    tabs: dict[str, Any] = field(default_factory=dict)
    pictures: int = 0

    def person(self, scripts: bool = False, **options: Any) -> Any:
        context = self.browser.new_context(locale="en-GB", java_script_enabled=scripts, viewport={"width": 390, "height": 780}, **options)
        return _patient(context.new_page())

    def officer(self, name: str) -> Any:
        """The tab of an account, signed in with password and code."""
        if name not in self.tabs:
            tab = _patient(self.browser.new_context(locale="en-GB", viewport={"width": 1100, "height": 800}).new_page())
            tab.goto(f"{self.address}/in")
            tab.get_by_label("Name of the account").fill(name)
            tab.get_by_label("Password").fill(self.password)
            tab.get_by_label("Code").fill(f"{totp(base64.b32decode(self.secrets[name])):06d}")
            tab.get_by_role("button", name="Sign in").click()
            tab.get_by_role("heading", name="Work", exact=True).wait_for()
            self.tabs[name] = tab
        return self.tabs[name]

    def paper(self, tab: Any, link: Any, file: Path) -> Path:
        """The PDF that a link leads to, and a picture of it."""
        file.write_bytes(tab.request.get(f"{self.address}{link.get_attribute('href')}").body())
        assert file.read_bytes().startswith(b"%PDF")
        self.pictures += 1
        shutil.copy(chromium.photograph(file), PICTURES / f"walk-{self.pictures:02}-{file.stem}.png")
        return file

    def keep(self, tab: Any, name: str) -> None:
        self.pictures += 1
        PICTURES.mkdir(exist_ok=True)
        tab.screenshot(path=PICTURES / f"walk-{self.pictures:02}-{name}.png", full_page=True)


def _patient(tab: Any) -> Any:
    tab.set_default_timeout(SOON)
    return tab


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    folder, port = tmp_path / "office", served.free_port()
    address = f"http://127.0.0.1:{port}"
    with served.running(["-m", "rightcall", "office", "town", "--people", "0", "--data", str(folder)], folder, port) as town:
        told = town.communicate(timeout=60)[0]
    password = re.findall(r"password +(\S+)", told)[0]
    secrets = dict(re.findall(r"^(\S+) .* ([A-Z2-7]{32})$", told, re.MULTILINE))
    words = ["-m", "rightcall", "serve", "--data", str(folder), "--port", str(port), "--address", address]
    with chromium.browser() as browser, served.running(words, folder, port):
        served.wait_for(address)
        yield Office(address, password, secrets, browser)


# --- files --------------------------------------------------------------------------------------------------------


def _file(name: str, content: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": content.encode()}


def _table(rows: Sequence[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def roll() -> list[dict[str, Any]]:
    """Four people as of the example of a town: one clear, one of whom nobody knows whether he cares for a relative, one who is dead by a register alone, one too old."""
    with (TOWN / "people.csv").open(encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    people = [
        first | {"id": "p1", "card": "N-1", "last_name": "Orlov", "first_name": "Ivan", "person.alive": ""},
        first | {"id": "p2", "card": "N-2", "last_name": "Reed", "first_name": "Owen", "person.alive": "", "care.permanent": "", "wards.complete": ""},
        first | {"id": "p3", "card": "N-3", "last_name": "Late", "first_name": "Peter", "person.alive": ""},
        first | {"id": "p4", "card": "N-4", "last_name": "Olden", "first_name": "Paul", "person.alive": "", "person.birth_date": "1940-05-05"},
    ]
    identity = {"id": "id", "number": "card", "surname": "last_name", "given": "first_name"}
    resource = {
        "name": "people",
        "path": "people.csv",
        "schema": {"fields": [{"name": name, "type": "date" if name == "person.birth_date" else "string"} for name in people[0]]},
        "rightcall": {"kind": "roll", "identity": identity, "facts": {name: name for name in people[0] if "." in name}},
    }
    document = json.dumps({"name": "roll", "resources": [resource]})
    return [_file("people.csv", _table(people)), _file("datapackage.json", document)]


def register() -> list[dict[str, Any]]:
    """Who has died: everybody who is not in it lives."""
    resource = {
        "name": "deaths",
        "title": "Register of deaths",
        "path": "deaths.csv",
        "schema": {"fields": [{"name": "card", "type": "string"}, {"name": "alive", "type": "string"}]},
        "rightcall": {
            "kind": "register", "authority": "Civil registry", "licence": "for checking call-up lists", "asOf": "2022-10-01", "validDays": 60, "complete": True,
            "identity": {"number": "card"}, "facts": {"person.alive": "alive"}, "absent": {"person.alive": True},
        },
    }  # fmt: skip
    return [
        _file("deaths.csv", _table([{"card": "N-3", "alive": "false"}])),
        _file("datapackage.json", json.dumps({"name": "registers", "resources": [resource]})),
    ]


# --- the way ------------------------------------------------------------------------------------------------------


def test_from_the_upload_to_a_revoked_notice(office: Office, tmp_path: Path) -> None:
    _campaign(office)
    _frozen_and_signed(office)
    _checked(office)
    _protected(office, tmp_path)
    _asked(office)
    number, paper, code = _noticed(office, tmp_path)
    saved, photo = _saved_page(office, tmp_path), chromium.photograph(paper)
    assert _checked_online(office, number) == "Genuine"
    assert _checked_offline(office, saved, photo, tmp_path) == "This notice is genuine"
    assert _scanned(office, photo) == "This notice is genuine"
    _contested(office, number, code)
    _revoked(office)
    assert _checked_online(office, number) == "Revoked"
    assert _checked_offline(office, saved, photo, tmp_path) == "This notice was revoked"
    _reported(office)


def _campaign(office: Office) -> None:
    """Drafted by one commissar, authorised by another."""
    tab, first = office.officer("commissar"), date.today()
    tab.goto(f"{office.address}/campaigns/new")
    for label, value in {
        "Name of the campaign": "Autumn",
        "Legal act": "Decree 647 of 21 September 2022",
        "Place in the act": "art. 2",
        "Readings in force": "practice",
        "Day judged": "2022-10-10",
        "First day": first.isoformat(),
        "Last day": (first + timedelta(days=90)).isoformat(),
        "How many people the act allows": "10",
    }.items():
        tab.get_by_label(label).fill(value)
    tab.get_by_label("Unit", exact=True).select_option("Northern region")
    tab.get_by_label("Law pack").select_option("ru_2022")
    tab.get_by_role("button", name="Keep the draft").click()
    tab.get_by_role("link", name="Give the units their tasks").click()
    tab.get_by_label("Call-up office, Riverside").fill("5")
    tab.get_by_role("button", name="Keep the tasks").click()
    assert tab.get_by_role("button", name="Authorise the campaign").count() == 0
    second = office.officer("commissar-2")
    second.goto(tab.url)
    second.get_by_role("button", name="Authorise the campaign").click()
    second.get_by_text("The campaign is authorised.").wait_for()
    tab.reload()
    tab.get_by_role("link", name="Deliver registers").click()
    tab.get_by_label("What is delivered").fill("deaths until today")
    tab.get_by_label("Files").set_input_files(register())
    tab.get_by_role("button", name="Deliver the registers").click()
    tab.get_by_text("The registers are delivered.").wait_for()
    office.keep(tab, "campaign")


def _settled(tab: Any) -> None:
    """Wait for the job without touching the page: only its progress changes, until it offers to show what came of it."""
    shows = tab.get_by_role("link", name="Show what came of it")
    if tab.locator("[data-again]").count():
        shows.wait_for()
        shows.click()


def _frozen_and_signed(office: Office) -> None:
    clerk = office.officer("clerk")
    clerk.goto(f"{office.address}/campaigns/1")
    clerk.get_by_role("link", name="Upload a roll").click()
    clerk.get_by_label("Files").set_input_files(roll())
    clerk.get_by_role("button", name="Upload the roll").click()
    _settled(clerk)
    office.keep(clerk, "read")
    clerk.get_by_role("button", name="Freeze the roll").click()
    _settled(clerk)
    commissar = office.officer("commissar")
    commissar.goto(clerk.url)
    commissar.get_by_role("button", name="Sign the roll").click()
    commissar.get_by_role("alert").get_by_text("Tick the box").wait_for()
    commissar.get_by_label("I have looked at this roll").check()
    commissar.get_by_role("button", name="Sign the roll").click()
    commissar.get_by_text("The roll is signed.").wait_for()


def _checked(office: Office) -> None:
    clerk = office.officer("clerk")
    clerk.goto(f"{office.address}/rolls/1")
    clerk.get_by_role("button", name="Check everybody").click()
    office.keep(clerk, "being-checked")
    _settled(clerk)
    queues = dict(zip(clerk.locator(".queues a").all_inner_texts(), clerk.locator(".queues b").all_inner_texts(), strict=True))
    assert queues == {"Clear": "1", "To ask": "1", "Protected": "2"}
    office.keep(clerk, "queues")


def _person(office: Office, surname: str, who: str = "clerk") -> Any:
    tab = office.officer(who)
    tab.goto(f"{office.address}/lists/people?q={surname}")
    tab.get_by_role("link", name=surname).click()
    return tab


def _protected(office: Office, tmp_path: Path) -> None:
    """Struck by a register alone, the finding names the record, and nobody writes to the dead; another's letter says why."""
    tab = _person(office, "Late")
    tab.get_by_text("no letter is written").wait_for()
    assert not tab.get_by_role("link", name="The letter that says why (PDF)").count()
    tab.get_by_role("link", name="Why: the finding and its records").click()
    tab.get_by_text("Register of deaths (Civil registry)").wait_for()
    office.keep(tab, "why")
    tab = _person(office, "Olden")
    office.paper(tab, tab.get_by_role("link", name="The letter that says why (PDF)"), tmp_path / "struck.pdf")


def _asked(office: Office) -> None:
    """Asked by a link, answered without scripts, checked again, clear."""
    clerk = _person(office, "Reed")
    clerk.get_by_role("button", name="Ask by a link").click()
    link = clerk.locator(".secret").inner_text()
    person = office.person()
    person.goto(link)
    for _ in range(30):
        if person.get_by_role("button", name="Send the answers").count():
            break
        _deny(person)
        person.get_by_role("button", name="Go on").click()
    office.keep(person, "answers")
    person.get_by_role("button", name="Send the answers").click()
    person.get_by_role("heading", name="Your answers are received").wait_for()
    office.keep(person, "answered")
    for _ in range(100):
        if _person(office, "Reed").locator(".tag.clear").count():
            return
        time.sleep(0.2)
    pytest.fail("who denied everything did not become clear")


def _deny(person: Any) -> None:
    """The answer that protects from nothing."""
    for says in ("None of these is so", "not yet"):
        if person.get_by_label(says).count():
            person.get_by_label(says).check()
            return
    for name in dict.fromkeys(person.locator("main input[type=radio]").evaluate_all("all => all.map(one => one.name)")):
        person.locator(f"main input[name='{name}'][value=no]").check()
    for box in person.locator("main input[type=text][inputmode=numeric].count").all():
        box.fill("0")


def _noticed(office: Office, tmp_path: Path) -> tuple[str, Path, str]:
    """Issued, printed and opened: its number, its PDF, and the code in its last lines."""
    clerk = _person(office, "Reed")
    clerk.get_by_role("link", name="Issue a notice").click()
    clerk.get_by_label("Day of reporting").fill("2020-01-01")
    clerk.get_by_label("Site").select_option("Barracks East")
    clerk.get_by_role("button", name="Issue the notice").click()
    clerk.get_by_role("alert").get_by_text("The day of reporting is not after").wait_for()
    clerk.get_by_label("Day of reporting").fill((date.today() + timedelta(days=20)).isoformat())
    clerk.get_by_role("button", name="Issue the notice").click()
    _settled(clerk)
    paper = office.paper(clerk, clerk.get_by_role("link", name="The notice on paper (PDF)"), tmp_path / "notice.pdf")
    office.keep(clerk, "notice")
    words = _words(paper)
    number = clerk.locator("h1").inner_text()
    assert number in words
    assert "S1" in words.split()
    return number, paper, re.findall(r"\b(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}\b(?!-)", words.replace(number, ""))[0]


def _words(paper: Path) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(paper).pages)


def _saved_page(office: Office, tmp_path: Path) -> Path:
    """The page that checks offline, as somebody saved it."""
    saved = tmp_path / "checker.html"
    saved.write_bytes(office.person().request.get(f"{office.address}/checker.html").body())
    return saved


def _checked_online(office: Office, number: str) -> str:
    person = office.person()
    person.goto(f"{office.address}/check")
    person.get_by_label("Number of the notice").fill(number.lower())
    person.get_by_role("button", name="Check").click()
    person.get_by_role("status").wait_for()
    office.keep(person, "checked-online")
    return str(person.get_by_role("status").get_by_role("heading").inner_text())


def _checked_offline(office: Office, saved: Path, photo: Path, tmp_path: Path) -> str:
    """The photograph of the code, on a telephone without a network, with the list that the office gives out now."""
    listed = tmp_path / "status.jwt"
    listed.write_bytes(office.person().request.get(f"{office.address}/status-list").body())
    telephone = office.person(scripts=True, offline=True)
    telephone.goto(saved.as_uri())
    telephone.set_input_files("#photo", photo)
    telephone.get_by_role("heading", name="The signature is genuine").wait_for()
    assert "S1" in telephone.locator("dd").all_inner_texts()
    telephone.set_input_files("#listed", listed)
    telephone.locator("#age:not(:empty)").wait_for()
    office.keep(telephone, "checked-offline")
    return str(telephone.inner_text("#verdict"))


def _scanned(office: Office, photo: Path) -> str:
    """What a camera makes of the code opens the page with the answer; the list is fetched from the office."""
    reader = office.person(scripts=True)
    reader.goto(f"{office.address}/checker.html")
    reader.set_input_files("#photo", photo)
    reader.get_by_role("heading", name="The signature is genuine").wait_for()
    link = reader.input_value("#text")
    assert link.startswith(f"{office.address}/checker.html#")
    scanned = office.person(scripts=True)
    scanned.goto(link)
    scanned.get_by_role("button", name="Fetch the newest list").click()
    scanned.locator("#age:not(:empty)").wait_for()
    return str(scanned.inner_text("#verdict"))


def _contested(office: Office, number: str, code: str) -> None:
    """The person opens the file with what stands on the paper, contests, and is held; the office sees it."""
    person = office.person()
    person.goto(f"{office.address}/mine")
    person.get_by_label("Number of the notice").fill(number)
    person.get_by_label("Code").fill("AAAA-AAAA-AAAA")
    person.get_by_role("button", name="Open the file").click()
    person.get_by_role("alert").get_by_text("do not belong together").wait_for()
    person.get_by_label("Code").fill(code)
    person.get_by_role("button", name="Open the file").click()
    person.get_by_role("heading", name="You are called up").wait_for()
    assert person.get_by_text("Reed Owen").count()
    office.keep(person, "own-file")
    person.get_by_role("link", name="Contest the notice").click()
    person.get_by_label("What is wrong, and what is right?").fill("I care for my mother. The papers follow.")
    person.get_by_role("button", name="Contest the notice").click()
    person.get_by_role("heading", name="You need not come").wait_for()
    office.keep(person, "contested")
    clerk = _person(office, "Reed")
    clerk.get_by_text("An open case holds this call-up.").wait_for()


def _revoked(office: Office) -> None:
    tab = _person(office, "Reed", "commissar")
    tab.locator("main table").first.get_by_role("link").click()
    tab.get_by_text("Revoke the notice").click()
    tab.locator("[data-act=revoke]").get_by_role("button").click()
    tab.get_by_role("alert").get_by_text("Why").wait_for()
    tab.locator("[data-act=revoke]").get_by_label("Why").fill("The person cares for a relative.")
    tab.locator("[data-act=revoke]").get_by_role("button").click()
    tab.get_by_text("The notice is revoked.").wait_for()
    office.keep(tab, "revoked")


def _reported(office: Office) -> None:
    """Somebody without an account reports a loudspeaker; an overseer answers; whoever has the reference reads it."""
    person = office.person()
    person.goto(f"{office.address}/improper")
    person.get_by_label("by loudspeaker or in the street").check()
    person.get_by_label("Where?").fill("Riverside, Station Road")
    person.get_by_role("button", name="Send the report").click()
    reference = person.locator(".secret").inner_text()
    overseer = office.officer("overseer")
    overseer.goto(f"{office.address}/lists/reports")
    overseer.get_by_role("link", name=reference).click()
    overseer.get_by_label("What was found").fill("The car was stopped. Nobody has to come because of it.")
    overseer.get_by_role("button", name="Keep the answer").click()
    person.get_by_role("link", name="What became of a report").click()
    person.get_by_label("Reference").fill(reference)
    person.get_by_role("button", name="Show").click()
    person.get_by_text("The car was stopped.").wait_for()
    office.keep(person, "answer")
