"""Ways round the door: filters and keys with the ids of others, names of files, other methods, error pages, the person's own file, bodies of the interface."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
import world
from django.test import Client

from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns.models import CallUp, Questionnaire
from rightcall.office.clock import now
from rightcall.office.journal.models import Event
from rightcall.office.keys import person_code
from rightcall.office.lists import LISTS, number_of
from rightcall.office.notices import issuing
from rightcall.office.notices.models import Notice
from rightcall.office.person.models import Look

pytestmark = pytest.mark.django_db
SEERS = {"clerk", "commissar", "board", "reviewer", "overseer"}


@dataclass
class Two:
    """The same in two offices: one's own, and another's."""

    units: world.Units
    own: Notice
    other: Notice


def noticed(unit: Any, surname: str) -> Notice:
    campaign = world.campaign(unit, [unit])
    callup = world.person(world.roll(campaign, unit), surname=surname)
    return issuing.issue(world.officer(Role.CLERK, unit), callup.pk, world.site(unit), world.reporting_day(campaign), now().time(), "en")


@pytest.fixture
def two() -> Two:
    units = world.units()
    return Two(units, noticed(units.office, "Ownling"), noticed(units.other, "Otherling"))


def clerk(two: Two) -> Client:
    return world.signed_in(world.officer(Role.CLERK, two.units.office))


def body(response: Any) -> str:
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode("utf-8", "replace")


def filters(two: Two) -> list[tuple[str, str]]:
    """Every filter with what would find the other's row."""
    other = two.other
    return [
        ("people", "q=Otherling"),
        ("people", f"q={other.callup.person.number}"),
        ("people", f"q={other.callup.row_id}"),
        ("people", f"roll={other.callup.roll_id}"),
        ("people", f"roll={other.callup.roll_id}&queue=noticed"),
        ("notices", f"q={number_of(other)}"),
        ("notices", "state=in_force&batch="),
        ("people", f"after={other.callup_id - 1}"),
        ("notices", f"after={other.pk + 1}"),
        ("findings", "verdict=clear"),
    ]


@pytest.mark.parametrize("path", ["/lists/{}", "/lists/{}.csv", "/api/v1/{}"])
def test_no_filter_finds_what_is_not_ones_own(two: Two, path: str) -> None:
    mine, theirs = clerk(two), world.signed_in(world.officer(Role.CLERK, two.units.other))
    for name, query in filters(two):
        address = f"{path.format(name)}?{query}"
        seen = body(mine.get(address)).replace(query.partition("=")[2], "")
        assert "Otherling" not in seen, address
        assert number_of(two.other) not in seen, address
        assert "Otherling" in body(theirs.get(address)) or name == "findings", address


@pytest.mark.parametrize("role", Role)
def test_lists_name_persons_only_to_who_sees_persons(two: Two, role: Role) -> None:
    """All lists, each format, over the whole tree: what is not a list of persons names none, to anybody."""
    client = world.signed_in(world.officer(role, two.units.ministry))
    named = {name for name in LISTS if "Ownling" in body(client.get(f"/lists/{name}")) + body(client.get(f"/api/v1/{name}?limit=500"))}
    assert named == ({"people", "notices"} - (set() if role != Role.BOARD else {"notices"}) if role in SEERS else set())


@pytest.mark.parametrize("name", ["people", "notices", "events", "cases"])
def test_a_strange_value_is_refused_in_words(two: Two, name: str) -> None:
    """Whatever stands in an address is answered: with rows, with none, or with what is wrong; never with a fault."""
    client = world.signed_in(world.officer(Role.OVERSEER, two.units.ministry))
    strange = [
        "9" * 40,
        "-1",
        "x",
        "\x00",
        "' OR 1=1 --",
        "<script>",
        "٣",
        "1_0",
        "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        "=1+1",
    ]
    for field in ("after", *(filter.name for filter in LISTS[name].filters)):
        for value in strange:
            page, program = client.get(f"/lists/{name}", {field: value}), client.get(f"/api/v1/{name}", {field: value})
            assert {page.status_code, program.status_code} <= {200, 409, 422}, (field, value)
            assert b"<script>" not in page.content
            assert program.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("name", ["nothing", "people.html", "people.json", "people.pdf"])
def test_there_are_no_other_lists_or_formats(two: Two, name: str) -> None:
    assert clerk(two).get(f"/lists/{name}").status_code == 404


def test_names_of_files_say_nothing(two: Two) -> None:
    struck = world.person(two.own.callup.roll, "barred", surname="Ownling")
    client = clerk(two)
    for path in ("/lists/people.csv", "/lists/people.xlsx", f"/people/{struck.pk}/letter.pdf"):
        name = client.get(path).headers["Content-Disposition"]
        assert not any(words in name for words in ("Ownling", struck.person.number, struck.row_id))


def test_a_paper_is_found_by_its_row_not_by_its_number(two: Two) -> None:
    assert not world.work()
    client = clerk(two)
    assert client.get(f"/notices/{two.own.pk}/paper.pdf").content.startswith(b"%PDF")
    assert client.get(f"/notices/{two.other.pk}/paper.pdf").status_code == 404
    assert client.get(f"/notices/{two.other.number}/paper.pdf").status_code == 404


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_do_and_show_nothing(two: Two, method: str) -> None:
    """They do not tell either whether a row is there."""
    client, looks = clerk(two), Look.objects.count()
    for of in (two.own, two.other):
        for path in (f"/people/{of.callup_id}", f"/notices/{of.pk}", f"/api/v1/people/{of.callup_id}/finding", "/lists/people.csv", f"/notices/{of.pk}/revoke"):
            answer = client.generic(method, path)
            assert answer.status_code == 405
            assert not answer.content.replace(b"Method not allowed", b"")
    assert Look.objects.count() == looks
    assert Client().generic(method, f"/people/{two.own.callup_id}").status_code in (403, 405)


def test_what_is_not_there_and_what_is_anothers_look_alike(two: Two) -> None:
    client = clerk(two)
    for path in ("/people/{}", "/people/{}/finding", "/notices/{}", "/rolls/{}", "/jobs/{}", "/api/v1/people/{}/finding"):
        theirs = {"people": two.other.callup_id, "notices": two.other.pk, "rolls": two.other.callup.roll_id, "jobs": 10**9}[
            path.strip("/").split("/")[-2 if path.endswith("}") else -3]
        ]
        there, not_there = (client.get(path.format(pk)) for pk in (theirs, 10**9))
        assert there.status_code == 404
        assert re.sub(rb'value="\w{64}"|\d+', b"", there.content) == re.sub(rb'value="\w{64}"|\d+', b"", not_there.content)


def test_an_answer_that_is_refused_leads_back_only_into_the_office(two: Two) -> None:
    client = clerk(two)
    path = f"/people/{two.own.callup_id}/letter.pdf"
    for came, led in (("https://evil.example/x", "/work"), ("http://testserver/people/1?x=2", "/people/1?x=2"), ("javascript:alert(1)", "/work")):
        page = client.get(path, HTTP_REFERER=came).content.decode()
        assert f'href="{led}">Go back</a>' in page
        assert "evil" not in page


# --- a person's own file ------------------------------------------------------------------------------------------


def test_a_code_opens_only_the_file_of_its_own_notice(two: Two) -> None:
    own, other = (number_of(notice) for notice in (two.own, two.other))
    for number, code in (
        (own, person_code(two.other.number)),
        (other, person_code(two.own.number)),
        (own, ""),
        (own, "0000-0000-0000"),
        ("x", person_code(two.own.number)),
    ):
        client = Client()
        assert client.post("/mine", {"number": number, "code": code}).status_code == 422
        assert client.get("/mine/file").status_code == 302
    client = Client()
    client.post("/mine", {"number": own.lower(), "code": person_code(two.own.number).replace("-", " ").lower()})
    page = client.get("/mine/file").content.decode()
    assert "Ownling" in page
    assert "Otherling" not in page
    client.post("/mine/leave")
    assert client.get("/mine/file").status_code == 302


def test_receipts_and_contents_are_given_of_ones_own_events_only(two: Two) -> None:
    client = Client()
    client.post("/mine", {"number": number_of(two.own), "code": person_code(two.own.number)})
    mine = Event.objects.get(kind="notice.issued", subject=f"notice:{two.own.pk}").index
    for event in Event.objects.all():
        for query in ("", "?content"):
            answer = client.get(f"/mine/receipt/{event.index}{query}")
            assert answer.status_code == (200 if event.index == mine else 404), (event, query)
            assert b"Otherling" not in answer.content
    assert client.get(f"/mine/receipt/{'9' * 30}").status_code == 404


def test_codes_cannot_be_tried_many_times(two: Two) -> None:
    client = Client()
    answers = [client.post("/mine", {"number": number_of(two.own), "code": "0000-0000-0000"}).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]
    assert client.post("/mine", {"number": number_of(two.own), "code": person_code(two.own.number)}).status_code == 429


def test_a_file_that_is_open_says_who_looked_by_role_not_by_name(two: Two) -> None:
    who = world.officer(Role.OVERSEER, two.units.ministry, "observer-by-name")
    world.signed_in(who).get(f"/people/{two.own.callup_id}")
    client = Client()
    client.post("/mine", {"number": number_of(two.own), "code": person_code(two.own.number)})
    page = client.get("/mine/file").content.decode()
    assert "Overseer, Ministry: the file" in page
    assert "observer-by-name" not in page


def test_a_session_that_was_made_up_opens_nothing(two: Two) -> None:
    for value in ("x", None, [two.own.pk], f"{two.own.pk}"):
        client = Client()
        session = client.session
        session["own"] = value
        session.save()
        client.cookies["sessionid"] = session.session_key
        assert client.get("/mine/file").status_code == 302


def test_questions_are_opened_by_their_number_alone(two: Two) -> None:
    """Not by the row, the hash that is kept, or the number of a notice; and not any more once newer ones were sent."""
    from rightcall.office.campaigns import asking

    CallUp.objects.filter(pk=two.own.callup_id).update(verdict="open", because="ask", state="checked")
    callup, actor = CallUp.objects.get(pk=two.own.callup_id), world.officer(Role.CLERK, two.units.office)
    ((first, secret),) = asking.send(actor, [callup])
    Questionnaire.objects.filter(pk=first.pk).update(known={})
    for typed in (str(first.pk), first.token, number_of(two.own), f"{secret[:-1]}0"):
        assert Client().get(f"/answer/{typed}").status_code == 404
    assert Client().get(f"/answer/{secret}").status_code == 200
    asking.send(actor, [callup])
    assert Client().get(f"/answer/{secret}").status_code == 404


# --- the interface for programs -----------------------------------------------------------------------------------


def wanted(two: Two, site: int, **more: Any) -> dict[str, Any]:
    return {"site": site, "day": str(world.reporting_day(two.own.callup.roll.campaign)), **more}


def send(client: Client, path: str, data: Any) -> Any:
    return client.post(f"/api/v1{path}", json.dumps(data), content_type="application/json")


def test_a_body_that_names_the_site_or_the_roll_of_another_office_is_refused(two: Two) -> None:
    client = clerk(two)
    mine = world.person(two.own.callup.roll)
    before = Notice.objects.count()
    assert send(client, f"/people/{mine.pk}/notice", wanted(two, two.other.site_id)).status_code == 404
    assert send(client, f"/people/{two.other.callup_id}/notice", wanted(two, two.own.site_id)).status_code == 404
    assert send(client, f"/rolls/{two.other.callup.roll_id}/notices", wanted(two, two.own.site_id, number=1)).status_code == 404
    assert send(client, f"/notices/{two.other.pk}/revoke", {"why": "x"}).status_code == 404
    assert Notice.objects.count() == before


def test_nobody_is_sent_to_the_site_of_another_region_even_by_who_sees_both(two: Two) -> None:
    both = world.officer(Role.CLERK, two.units.ministry)
    mine = world.person(two.own.callup.roll)
    answer = send(world.signed_in(both), f"/people/{mine.pk}/notice", wanted(two, two.other.site_id))
    assert (answer.status_code, [reason["code"] for reason in answer.json()["reasons"]]) == (409, ["other-site"])
    page = world.signed_in(both).get(f"/people/{mine.pk}/notice").content.decode()
    assert page.count("<option") == 1 + 1 + 3, "the empty choice, the one site, three languages"


def test_a_clerk_uses_the_site_of_the_region(two: Two) -> None:
    site, mine = world.site(two.units.region), world.person(two.own.callup.roll)
    assert send(clerk(two), f"/people/{mine.pk}/notice", wanted(two, site.pk)).status_code == 201


def test_a_request_of_a_program_needs_the_token_of_the_pages(two: Two) -> None:
    client = world.signed_in(world.officer(Role.CLERK, two.units.office), enforce_csrf_checks=True)
    answer = send(client, f"/notices/{two.own.pk}/revoke", {"why": "x"})
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (403, "forged")
    page = client.post(f"/notices/{two.own.pk}/revoke", {"why": "x"})
    assert page.status_code == 403
    assert "This form was open for too long" in page.content.decode()
    assert Notice.objects.get(pk=two.own.pk).state == "in_force"
    client.get("/check")
    token = client.cookies["csrftoken"].value
    assert client.post(f"/api/v1/notices/{two.own.pk}/revoke", '{"why": "x"}', content_type="application/json", HTTP_X_CSRFTOKEN=token).status_code == 200


def test_what_was_sent_wrongly_is_not_sent_back(two: Two) -> None:
    answer = send(clerk(two), f"/notices/{two.own.pk}/revoke", {"why": ["Ownling"]})
    assert answer.status_code == 422
    assert "Ownling" not in answer.content.decode()
    broken = clerk(two).post(f"/api/v1/notices/{two.own.pk}/revoke", "{Ownling", content_type="application/json")
    assert broken.status_code == 400
    assert "Ownling" not in broken.content.decode()


def test_the_check_answers_alike_and_not_without_end(two: Two) -> None:
    client = Client()
    for path, kind in (("/check", "multipart/form-data"), ("/api/v1/check", "application/json")):
        for notice in (two.own, two.other):
            answer = send(client, "/check", {"number": number_of(notice)}) if kind == "application/json" else client.post(path, {"number": number_of(notice)})
            assert "Ownling" not in answer.content.decode()
            assert "Otherling" not in answer.content.decode()
    answers = [send(client, "/check", {"number": "x"}).status_code for _ in range(60)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_an_upload_is_not_read_from_who_may_not(two: Two) -> None:
    file = io.BytesIO(b"id\n1\n")
    file.name = "people.csv"
    answer = world.signed_in(world.officer(Role.STATISTICIAN, two.units.office)).post(
        f"/campaigns/{two.own.callup.roll.campaign_id}/rolls/new", {"chosen": file}
    )
    assert answer.status_code == 403
