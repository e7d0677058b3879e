"""What goes with every answer: a policy for content without anything unsafe, nothing kept by browsers, cookies that no script reads; and what the logs may hold."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import world
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client, override_settings

from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns import asking
from rightcall.office.campaigns.models import CallUp
from rightcall.office.settings import LOGGING

pytestmark = pytest.mark.django_db
PUBLIC = (
    "/", "/check", "/keys.toml", "/status-list", "/improper", "/improper/follow", "/ledger", "/ledger/checkpoint", "/ledger/log.jsonl", "/health", "/ready",
    "/mine", "/answer", "/in", "/nothing-here", "/work", "/api/v1/people", "/api/v1/openapi.json", "/api/v1/nothing",
)  # fmt: skip
STAFF = (
    "/work",
    "/own",
    "/figures",
    "/lists/people",
    "/lists/people.csv",
    "/lists/people.xlsx",
    "/lists/nothing",
    "/people/1",
    "/api/v1/people",
    "/grants/new",
)
POLICY = {
    "default-src": "'none'", "style-src": "'self'", "script-src": "'self'", "img-src": "'self' data:", "connect-src": "'self'", "form-action": "'self'",
    "frame-ancestors": "'none'", "base-uri": "'none'",
}  # fmt: skip


@pytest.fixture
def staff() -> Client:
    units = world.units()
    world.person(world.roll(world.campaign(units.office, [units.office]), units.office))
    return world.signed_in(world.officer(Role.OVERSEER, units.ministry))


def check(response: Any, path: str) -> None:
    headers = response.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == POLICY, path
    assert headers["X-Content-Type-Options"] == "nosniff", path
    assert headers["X-Frame-Options"] == "DENY", path
    assert headers["Referrer-Policy"] == "same-origin", path
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
    assert headers["Cache-Control"] == "no-store", path
    for cookie in response.cookies.values():
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax"), (path, cookie.key)


def test_every_public_page(staff: Client) -> None:
    for path in PUBLIC:
        check(Client().get(path), path)


def test_every_page_of_the_staff_and_every_refusal(staff: Client) -> None:
    for path in STAFF:
        check(staff.get(path), path)
    check(staff.post("/campaigns/1/authorise"), "refused")
    check(Client(enforce_csrf_checks=True).post("/check", {"number": "x"}), "forged")


def test_an_account_that_rests_is_told_so_under_the_same_policy() -> None:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        for _ in range(6):
            answer = Client().post("/in", {"username": "nobody", "password": "x", "code": "1"})
    assert answer.status_code == 429
    check(answer, "locked")


def test_a_page_that_breaks_shows_nothing_and_says_so_under_the_same_policy(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise ZeroDivisionError("Canary of the fault")

    monkeypatch.setattr("rightcall.office.campaigns.views.latest", broken)
    staff.raise_request_exception = False
    pk = CallUp.objects.get().pk
    page = staff.get(f"/people/{pk}")
    assert page.status_code == 500
    assert b"Canary of the fault" not in page.content
    check(page, "broken")


def test_the_page_that_checks_offline_brings_a_policy_of_its_own() -> None:
    """It has to work from a file: so its policy stands in it, and names its program by its hash."""
    answer = Client().get("/checker.html")
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', answer.content.decode())
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "'sha256-" in policy
    assert (answer.headers["X-Frame-Options"], answer.headers["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_no_page_has_script_or_style_in_it(staff: Client) -> None:
    """The policy would keep it from running; a page that has it is broken."""
    for client, paths in ((Client(), PUBLIC), (staff, STAFF)):
        for path in paths:
            answer = client.get(path)
            page = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if answer.headers["Content-Type"].startswith("text/html"):
                assert not re.search(rb"<script|<style|\son\w+=|\sstyle=|javascript:", page), path


def test_django_has_nothing_to_say_against_an_office_behind_https() -> None:
    """What ``manage check --deploy`` would say, with the settings of an office at an https address."""
    secure = {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    }
    with override_settings(**secure):
        said = {message.id for message in run_checks(include_deployment_checks=True)} - set(settings.SILENCED_SYSTEM_CHECKS)
    assert said <= {"security.W005", "security.W008", "security.W021"}, "subdomains and preloading are its owner's affair; the proxy leads http to https"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What an office writes into its log, as it is set up."""
    said, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(said)
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield said
    root.removeHandler(handler)
    root.setLevel(before)


def test_no_log_holds_the_address_of_a_questionnaire(logged: io.StringIO) -> None:
    """Even where somebody turns the log up as far as it goes."""
    units = world.units()
    callup = world.person(world.roll(world.campaign(units.office, [units.office]), units.office), "open", "ask")
    ((_, secret),) = asking.send(world.officer(Role.CLERK, units.office), [callup])
    asking.Questionnaire.objects.update(known={})
    for path in (f"/answer/{secret}", f"/answer/{secret}/nothing"):
        Client().get(path)
        Client(enforce_csrf_checks=True).post(path, {"place": "0"})
        Client().delete(path)
    assert secret not in logged.getvalue()
    assert set(LOGGING["loggers"]) >= {"django.request", "django.security.csrf", "django.template", "django.db"}  # type: ignore[call-overload]


def test_a_fault_is_logged_without_what_was_in_it(staff: Client, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise ZeroDivisionError("Canary of the fault")

    monkeypatch.setattr("rightcall.office.campaigns.views.latest", broken)
    staff.raise_request_exception = False
    staff.get(f"/people/{CallUp.objects.get().pk}")
    assert "GET people/<int:pk> failed: ZeroDivisionError at" in logged.getvalue()
    assert "Canary" not in logged.getvalue()


def test_the_office_is_not_in_debug_mode() -> None:
    assert not settings.DEBUG
    assert settings.SESSION_COOKIE_AGE == 1800
    assert settings.SESSION_COOKIE_HTTPONLY
