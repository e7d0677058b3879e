"""The interface for programs keeps its word: what its description says, and nothing else, for bodies and parameters of every sort, as a clerk and as nobody."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
import world
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from rightcall.office.accounts.roles import Role
from rightcall.office.clock import now
from rightcall.office.lists import LISTS
from rightcall.office.notices import issuing
from rightcall.office.notices.models import Notice
from rightcall.office.wsgi import application

pytestmark = pytest.mark.django_db
SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
TOKEN = "t" * 32


def for_who_is_signed_in() -> Any:
    """The same, without its say on sessions: there is one in each request, and none of them is made up."""
    raw = deepcopy(SCHEMA.raw_schema)
    for methods in raw["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(raw)
    schema.app = application
    return schema


SIGNED_IN = for_who_is_signed_in()
TRIES = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    with world.one_connection():
        yield


@pytest.fixture
def session() -> str:
    """A clerk in an office with a roll, people, a notice and a job."""
    units = world.units()
    campaign, site = world.campaign(units.office, [units.office]), world.site(units.office)
    roll = world.roll(campaign, units.office)
    callups = [world.person(roll) for _ in range(3)]
    clerk = world.officer(Role.CLERK, units.office)
    issuing.issue(clerk, callups[0].pk, site, world.reporting_day(campaign), now().time(), "en")
    return str(world.signed_in(clerk).session.session_key)


def test_it_is_described_in_openapi_3_1() -> None:
    raw = SCHEMA.raw_schema
    assert raw["openapi"].startswith("3.1")
    assert {f"/api/v1/{name}" for name in LISTS} <= set(raw["paths"])
    assert all(operation["summary"] for methods in raw["paths"].values() for operation in methods.values())


@TRIES
@SIGNED_IN.parametrize()
def test_as_a_clerk(case: Any, session: str) -> None:
    cache.clear()
    case.call_and_validate(cookies={"sessionid": session, "csrftoken": TOKEN}, headers={"X-CSRFToken": TOKEN})


@TRIES
@SCHEMA.parametrize()
def test_as_nobody(case: Any) -> None:
    """Who is not signed in is told so, whatever he sends; only the check of a notice is for everybody."""
    cache.clear()
    before = Notice.objects.count()
    answer = case.call(cookies={"csrftoken": TOKEN}, headers={"X-CSRFToken": TOKEN})
    case.validate_response(answer)
    assert answer.status_code in (400, 401, 405) or case.operation.path == "/api/v1/check"
    assert Notice.objects.count() == before
