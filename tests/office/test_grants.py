"""Grants are given by two persons, not to oneself, not beyond one's own reach, and end in the middle of an open session."""

from __future__ import annotations

from datetime import timedelta

import pytest
import world
from django.db import IntegrityError, transaction

from rightcall.office import clock
from rightcall.office.accounts import grants
from rightcall.office.accounts.models import Account, Grant, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor
from rightcall.office.clock import now, today
from rightcall.office.journal.models import Event
from rightcall.office.refusal import Refusal

pytestmark = pytest.mark.django_db
LATER = timedelta(days=90)


@pytest.fixture
def units() -> world.Units:
    return world.units()


def administrators(unit: Unit) -> tuple[Actor, Actor]:
    return world.officer(Role.ADMINISTRATOR, unit), world.officer(Role.ADMINISTRATOR, unit)


def proposed(by: Actor, to: Account, role: Role, unit: Unit) -> Grant:
    return grants.propose(by, to, role, unit, today(), today() + LATER, "an order")


def roles_of(account: Account) -> set[Role]:
    return set(grants.actor_of(account).roles)


def test_a_grant_counts_once_a_second_person_has_confirmed_it(units: world.Units) -> None:
    (first, second), to = administrators(units.region), world.account()
    grant = proposed(first, to, Role.CLERK, units.office)
    assert not roles_of(to)
    with pytest.raises(Refusal, match="second-person"):
        grants.confirm(first, grant.pk)
    grants.confirm(second, grant.pk)
    assert roles_of(to) == {Role.CLERK}
    with pytest.raises(Refusal, match="not-proposed"):
        grants.confirm(second, grant.pk)


def test_nobody_gives_himself_anything(units: world.Units) -> None:
    first, second = administrators(units.region)
    assert first.account is not None
    assert second.account is not None
    with pytest.raises(Refusal, match="own-grant"):
        proposed(first, first.account, Role.CLERK, units.office)
    grant = proposed(first, second.account, Role.CLERK, units.office)
    with pytest.raises(Refusal, match="second-person"):
        grants.confirm(second, grant.pk)


def test_the_database_holds_it_too(units: world.Units) -> None:
    first, to = world.account(), world.account()
    grant = Grant.objects.create(
        account=to, role=Role.CLERK, unit=units.office, since=today(), until=today() + LATER, reason="x", proposed_by=first, proposed_at=now()
    )
    for confirmer in (first, to):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.filter(pk=grant.pk).update(confirmed_by=confirmer, confirmed_at=now())


@pytest.mark.parametrize("place", ["ministry", "elsewhere", "other"])
@pytest.mark.parametrize("role", Role)
def test_an_administrator_of_a_region_grants_nothing_beyond_it(units: world.Units, place: str, role: Role) -> None:
    first, second = administrators(units.region)
    unit = getattr(units, place)
    with pytest.raises(Refusal, match="not-allowed"):
        proposed(first, world.account(), role, unit)
    grant = proposed(world.officer(Role.ADMINISTRATOR, units.ministry), world.account(), role, unit)
    with pytest.raises(Grant.DoesNotExist):
        grants.confirm(second, grant.pk)
    with pytest.raises(Grant.DoesNotExist):
        grants.end(second, grant.pk)


def test_the_form_offers_only_units_within_reach(units: world.Units) -> None:
    """Also where the same account sees more of the tree in another role."""
    first, _ = administrators(units.region)
    assert first.account is not None
    world.grant(first.account, Role.AUDITOR, units.ministry)
    page = world.signed_in(first.account).get("/grants/new").content.decode()
    assert ">Riverside</option>" in page
    assert ">Hillside</option>" not in page
    assert ">Ministry</option>" not in page


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_administrators_give_grants(units: world.Units, role: Role) -> None:
    with pytest.raises(Refusal, match="not-allowed"):
        proposed(world.officer(role, units.ministry), world.account(), Role.CLERK, units.office)


def test_two_administrators_who_want_to_see_persons_leave_it_in_the_log(units: world.Units) -> None:
    """They need a third for each grant of their own; and what they did stands there for the overseer, in his own list."""
    (first, second), third = administrators(units.region), world.officer(Role.ADMINISTRATOR, units.region)
    assert second.account is not None
    grant = proposed(first, second.account, Role.CLERK, units.office)
    grants.confirm(third, grant.pk)
    kinds = [(event.kind, event.actor, event.unit) for event in Event.objects.filter(subject=f"grant:{grant.pk}").order_by("index")]
    assert kinds == [("grant.proposed", first.account, units.office), ("grant.confirmed", third.account, units.office)]
    content = Event.objects.get(kind="grant.proposed").content
    assert (content["account"], content["role"], content["unit"]) == (second.account.pk, "clerk", units.office.pk)
    overseer = world.signed_in(world.officer(Role.OVERSEER, units.region))
    assert f"grant:{grant.pk}" in overseer.get("/lists/events?kind=grant.confirmed").content.decode()
    assert second.account.username in overseer.get("/lists/grants").content.decode()


def test_a_grant_runs_out_in_an_open_session(units: world.Units) -> None:
    account = world.account()
    world.grant(account, Role.CLERK, units.office, until=today() + timedelta(days=1))
    client = world.signed_in(account)
    assert client.get("/lists/people").status_code == 200
    with clock.at(now() + timedelta(days=1)):
        world.SignIn.objects.update(at=now(), last=now())
        assert client.get("/lists/people").status_code == 403
        assert client.get("/api/v1/people").status_code == 403
        assert client.get("/lists/people.csv").status_code == 403


def test_a_grant_that_begins_tomorrow_does_not_count_today(units: world.Units) -> None:
    account = world.account()
    world.grant(account, Role.CLERK, units.office, since=today() + timedelta(days=1))
    assert not roles_of(account)
    with clock.at(now() + timedelta(days=1)):
        assert roles_of(account) == {Role.CLERK}


def test_a_grant_is_ended_in_an_open_session(units: world.Units) -> None:
    clerk, (administrator, _) = world.officer(Role.CLERK, units.office), administrators(units.region)
    assert clerk.account is not None
    client = world.signed_in(clerk)
    assert client.get("/lists/people").status_code == 200
    grants.end(administrator, clerk.account.grants.get().pk)
    assert client.get("/lists/people").status_code == 403
    with pytest.raises(Refusal, match="ended"):
        grants.end(administrator, clerk.account.grants.get().pk)


def test_a_proposal_that_was_ended_cannot_be_confirmed(units: world.Units) -> None:
    (first, second), to = administrators(units.region), world.account()
    grant = proposed(first, to, Role.CLERK, units.office)
    grants.end(first, grant.pk)
    with pytest.raises(Refusal, match="not-proposed"):
        grants.confirm(second, grant.pk)
    assert not roles_of(to)


def test_a_campaign_is_seen_by_units_with_a_task_in_it(units: world.Units) -> None:
    """The one way upwards: an office sees the campaign of its region, where it has a task in it; and the sites to which it sends people."""
    campaign, site = world.campaign(units.region, [units.office]), world.site(units.region)
    for unit, sees in ((units.office, True), (units.branch, False), (units.region, True), (units.other, False), (units.elsewhere, False)):
        client = world.signed_in(world.officer(Role.CLERK, unit))
        assert client.get(f"/campaigns/{campaign.pk}").status_code == (200 if sees else 404)
        below = unit.path.startswith(units.region.path)
        assert (site.name in client.get("/lists/sites").content.decode()) is below


def test_ones_own_page_names_the_unit_of_a_grant() -> None:
    units = world.units()
    page = world.signed_in(world.officer(Role.CLERK, units.office)).get("/own").content.decode()
    assert f"Clerk, over unit {units.office.name}</li>" in page
