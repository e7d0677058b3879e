"""Signing in: two factors at once, a lockout that counts both, codes that are good once, keys that change, sign-ins that are short and can be ended."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import world
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from rightcall.office import clock
from rightcall.office.accounts import signing, staffing
from rightcall.office.accounts.models import Account, SignIn
from rightcall.office.accounts.roles import Role
from rightcall.office.journal.models import Event

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"


@pytest.fixture(autouse=True)
def fast(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def account() -> Account:
    who = world.officer(Role.CLERK, world.units().office, "anna").account
    assert who is not None
    Account.objects.filter(pk=who.pk).update(password=make_password(PASSWORD))
    return Account.objects.get(pk=who.pk)


def code_of(account: Account) -> str:
    device = TOTPDevice.objects.get(user=account)
    return f"{TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift).token():06d}"


def wrong_code(account: Account) -> str:
    return f"{(int(code_of(account)) + 500_000) % 1_000_000:06d}"


def sign_in(client: Client, username: str, password: str, code: str, **more: str) -> Any:
    """As after a while: the device does not hold the next code back."""
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    return client.post("/in", {"username": username, "password": password, "code": code, **more})


def is_in(client: Client) -> bool:
    return bool(client.get("/work").status_code == 200)


def test_password_and_code_together_let_in(account: Account) -> None:
    client = Client()
    assert sign_in(client, "anna", PASSWORD, code_of(account)).status_code == 302
    assert is_in(client)
    assert SignIn.objects.get(account=account).session == client.session.session_key


@pytest.mark.parametrize(("password", "right"), [("wrong", True), (PASSWORD, False), ("wrong", False)])
def test_which_of_them_was_wrong_is_not_told(account: Account, password: str, right: bool) -> None:
    client = Client()
    page = sign_in(client, "anna", password, code_of(account) if right else wrong_code(account))
    assert page.status_code == 422
    assert b"The name, the password or the code is wrong" in page.content
    assert not is_in(client)


@pytest.mark.parametrize("password", ["wrong", PASSWORD], ids=["wrong passwords", "wrong codes"])
def test_after_five_failures_the_account_rests(account: Account, password: str) -> None:
    for place in range(5):
        answer = sign_in(Client(HTTP_USER_AGENT=f"browser {place}", REMOTE_ADDR=f"10.0.0.{place}"), "anna", password, wrong_code(account))
    assert answer.status_code == 429
    assert sign_in(Client(), "anna", PASSWORD, code_of(account)).status_code == 429
    with_time = clock.now() + timedelta(minutes=16)
    AccessAttempt.objects.update(attempt_time=clock.now() - (with_time - clock.now()))
    assert sign_in(Client(), "anna", PASSWORD, code_of(account)).status_code == 302


def test_four_failures_do_not_and_a_success_forgets_them(account: Account) -> None:
    for _ in range(4):
        assert sign_in(Client(), "anna", PASSWORD, wrong_code(account)).status_code == 422
    assert sign_in(Client(), "anna", PASSWORD, code_of(account)).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_what_was_typed_is_not_kept(account: Account) -> None:
    wrong = wrong_code(account)
    sign_in(Client(), "anna", "typed in vain", wrong, next="/people/7")
    (attempt,) = AccessAttempt.objects.all()
    assert not any(words in attempt.post_data + attempt.get_data for words in ("typed in vain", wrong, "anna", "/people/7"))


def test_a_code_is_good_once(account: Account) -> None:
    code = code_of(account)
    assert sign_in(Client(), "anna", PASSWORD, code).status_code == 302
    assert sign_in(Client(), "anna", PASSWORD, code).status_code == 422


def test_signing_in_gives_a_new_key(account: Account) -> None:
    """Whoever planted a key in a browser has nothing of it (session fixation)."""
    client = Client()
    client.session.save()
    planted = client.session
    planted["x"] = 1
    planted.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    sign_in(client, "anna", PASSWORD, code_of(account))
    assert client.session.session_key != planted.session_key
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    assert not is_in(stranger)


def test_who_came_with_one_factor_is_led_to_the_second_and_gets_a_new_key(account: Account) -> None:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    SignIn.objects.create(account=account, session=client.session.session_key, device="?", at=clock.now(), last=clock.now())
    assert client.get("/work").headers["Location"] == "/code?next=/work"
    before = client.session.session_key
    assert client.post("/code", {"code": wrong_code(account)}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert client.post("/code?next=/own", {"code": code_of(account)}).headers["Location"] == "/own"
    assert client.session.session_key != before
    assert is_in(client)


def test_wrong_codes_alone_lock_too(account: Account) -> None:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    SignIn.objects.create(account=account, session=client.session.session_key, device="?", at=clock.now(), last=clock.now())
    for _ in range(5):
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        answer = client.post("/code", {"code": wrong_code(account)})
    assert answer.status_code == 429
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    client.post("/code", {"code": code_of(account)})
    assert not is_in(client)


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/people/7?x=1", "/people/7?x=1"),
        ("https://evil.example/", "/work"),
        ("//evil.example", "/work"),
        ("/\\evil.example", "/work"),
        ("\\\\evil.example", "/work"),
        ("javascript:alert(1)", "/work"),
        ("nowhere", "/work"),
        ("", "/work"),
    ],
)
def test_one_is_led_to_no_other_address(account: Account, wanted: str, led: str) -> None:
    assert sign_in(Client(), "anna", PASSWORD, code_of(account), next=wanted).headers["Location"] == led
    language = Client().post("/language", {"language": "uk", "next": wanted})
    assert language.headers["Location"] == led.replace("/work", "/")


def test_sign_ins_are_short(account: Account) -> None:
    client = world.signed_in(account)
    assert is_in(client)
    assert not client.cookies[settings.SESSION_COOKIE_NAME]["max-age"], "it goes with the browser"
    assert settings.SESSION_COOKIE_AGE == 1800
    seen = SignIn.objects.get(account=account)
    SignIn.objects.filter(pk=seen.pk).update(at=clock.now() - signing.LONGEST)
    assert not is_in(client)
    assert not SignIn.objects.filter(pk=seen.pk).exists()


def test_only_sign_ins_that_go_on_are_listed(account: Account) -> None:
    world.signed_in(account)
    old = SignIn.objects.create(account=account, session="long-gone", device="?", at=clock.now(), last=clock.now() - signing.IDLE)
    assert old not in signing.sign_ins_of(account)
    sign_in(Client(), "anna", PASSWORD, code_of(account))
    assert not SignIn.objects.filter(pk=old.pk).exists()


def test_a_sign_in_is_ended_from_another_device(account: Account) -> None:
    here, there = world.signed_in(account), world.signed_in(account)
    elsewhere = SignIn.objects.get(session=there.session.session_key)
    here.post(f"/own/sign-ins/{elsewhere.pk}/end")
    assert is_in(here)
    assert not is_in(there)


def test_nobody_ends_the_sign_in_of_another(account: Account) -> None:
    other = world.signed_in(world.officer(Role.CLERK, world.units().office))
    mine = world.signed_in(account)
    other.post(f"/own/sign-ins/{SignIn.objects.get(account=account).pk}/end")
    assert is_in(mine)


def test_a_new_password_ends_every_other_sign_in_and_not_this_one(account: Account) -> None:
    here, there = world.signed_in(account), world.signed_in(account)
    before = here.session.session_key
    assert here.post("/own", {"old": "not it", "new": "another long sentence"}).status_code == 422
    assert here.post("/own", {"old": PASSWORD, "new": "short"}).status_code == 422
    assert is_in(there)
    assert here.post("/own", {"old": PASSWORD, "new": "another long sentence"}).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert here.session.session_key != before


def test_a_person_who_opens_his_file_is_no_longer_signed_in_as_staff(account: Account, notice: Any) -> None:
    from rightcall.office.keys import person_code
    from rightcall.office.lists import number_of

    client = world.signed_in(account)
    before = client.session.session_key
    assert client.post("/mine", {"number": number_of(notice), "code": person_code(notice.number)}).status_code == 302
    assert client.get("/mine/file").status_code == 200
    assert client.session.session_key != before
    assert not is_in(client)


@pytest.fixture
def notice() -> Iterator[Any]:
    units = world.units()
    campaign = world.campaign(units.office, [units.office])
    callup = world.person(world.roll(campaign, units.office))
    from rightcall.office.notices import issuing

    return issuing.issue(world.officer(Role.CLERK, units.office), callup.pk, world.site(units.office), world.reporting_day(campaign), clock.now().time(), "en")


def test_an_account_that_is_switched_off_is_out(account: Account) -> None:
    client = world.signed_in(account)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert not is_in(client)


def test_accounts_are_made_without_rights_and_their_secrets_are_shown_once() -> None:
    units = world.units()
    made = staffing.make(world.officer(Role.ADMINISTRATOR, units.region), "new.one", "New One", "Clerk")
    assert not made.account.grants.exists()
    assert made.password not in str(Account.objects.values())


# --- the first sign-in --------------------------------------------------------------------------------------------


@pytest.fixture
def handed_out() -> staffing.Made:
    units = world.units()
    made = staffing.make(world.officer(Role.ADMINISTRATOR, units.region), "new.one", "New One", "Clerk")
    world.grant(made.account, Role.CLERK, units.office)
    return made


def new_code(client: Client) -> str:
    return f"{TOTP(bytes.fromhex(client.session['fresh'])).token():06d}"


def test_what_was_handed_out_opens_nothing_but_the_page_that_replaces_it(handed_out: staffing.Made) -> None:
    client = Client()
    assert sign_in(client, "new.one", handed_out.password, code_of(handed_out.account)).status_code == 302
    answer = client.get("/lists/people")
    assert (answer.status_code, answer["Location"]) == (302, "/first?next=/lists/people")
    assert client.get("/api/v1/people").status_code == 401
    assert client.post("/own", {"old": handed_out.password, "new": PASSWORD}).status_code == 403
    page = client.get("/first").content.decode()
    fresh = base64.b32encode(bytes.fromhex(client.session["fresh"])).decode()
    assert fresh in page
    assert fresh != handed_out.secret


def test_whoever_made_the_account_knows_nothing_that_opens_it_later(handed_out: staffing.Made) -> None:
    client, old = Client(), code_of(handed_out.account)
    sign_in(client, "new.one", handed_out.password, old)
    elsewhere = world.signed_in(handed_out.account)
    client.get("/first")
    answer = client.post("/first?next=/lists/people", {"new": PASSWORD, "code": new_code(client)})
    assert (answer.status_code, answer["Location"]) == (302, "/lists/people")
    assert client.get("/lists/people").status_code == 200
    assert elsewhere.get("/work").status_code == 302
    assert Event.objects.filter(kind="account.taken_over").count() == 1
    assert TOTPDevice.objects.get(user=handed_out.account).confirmed
    assert not is_in(client_of(handed_out.password, handed_out))
    assert is_in(client_of(PASSWORD, handed_out))


def client_of(password: str, made: staffing.Made) -> Client:
    client = Client()
    TOTPDevice.objects.filter(user=made.account).update(last_t=-1)
    sign_in(client, "new.one", password, code_of(made.account))
    return client


@pytest.mark.parametrize("sent", [{"new": "short"}, {"code": "000000"}, {"new": ""}, {"code": ""}])
def test_a_taking_over_that_fails_changes_nothing(handed_out: staffing.Made, sent: dict[str, str]) -> None:
    client = Client()
    sign_in(client, "new.one", handed_out.password, code_of(handed_out.account))
    client.get("/first")
    given = {"new": PASSWORD, "code": new_code(client)} | sent
    assert client.post("/first", given).status_code == 422
    assert client.post("/first", {"new": handed_out.password, "code": new_code(client)}).status_code == 422
    assert Account.objects.get(pk=handed_out.account.pk).handed_out
    assert client.get("/work").status_code == 302


def test_an_administrator_says_who_an_account_is_at_the_provider(settings: Any) -> None:
    settings.OIDC_ISSUER = "https://login.example"
    client = world.signed_in(world.officer(Role.ADMINISTRATOR, world.units().region))
    given = {"username": "new.one", "name": "New One", "post": "", "subject": "f3a1"}
    assert client.post("/accounts/new", given).status_code == 200
    assert Account.objects.get(username="new.one").subject == "f3a1"
    answer = client.post("/accounts/new", given | {"username": "new.two"})
    assert answer.status_code == 422
    assert "There is an account of this subject." in answer.content.decode()
