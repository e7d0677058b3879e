"""Work that broke off is begun anew by who may, and does what is left."""

from __future__ import annotations

import pytest
import world
from test_campaigns import files

from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns import rolls
from rightcall.office.campaigns.models import Campaign, Roll
from rightcall.office.jobs import work
from rightcall.office.jobs.models import Job
from rightcall.office.journal.models import Event
from rightcall.office.refusal import Refusal

pytestmark = pytest.mark.django_db


def broken(units: world.Units) -> Job:
    """The reading of a roll that killed its worker five times."""
    clerk, campaign = world.officer(Role.CLERK, units.office), world.campaign(units.region, [units.office])
    Campaign.objects.update(on="2024-04-01")
    rolls.upload(clerk, Campaign.objects.get(pk=campaign.pk), units.office, files())
    Job.objects.update(state=Job.State.FAILED, attempts=6, problems=[{"says": "The work was begun and broke off five times."}])
    return Job.objects.get()


def test_it_goes_on_and_says_who_asked() -> None:
    units = world.units()
    job, clerk = broken(units), world.officer(Role.CLERK, units.office)
    page = world.signed_in(clerk).get(f"/jobs/{job.pk}").content.decode()
    assert "Begin it anew" in page
    assert world.signed_in(clerk).post(f"/jobs/{job.pk}/again").status_code == 302
    assert not world.work()
    assert Roll.objects.get().state == Roll.State.READY
    assert Event.objects.get(kind="job.again").actor_id == clerk.account.pk  # type: ignore[union-attr]


@pytest.mark.parametrize("state", sorted(set(Job.State.values) - {"failed"}))
def test_only_what_broke_off_is_begun_anew(state: str) -> None:
    units = world.units()
    job, clerk = broken(units), world.officer(Role.CLERK, units.office)
    Job.objects.update(state=state)
    with pytest.raises(Refusal, match="not-failed"):
        work.again(clerk, job.pk)
    assert "Begin it anew" not in world.signed_in(clerk).get(f"/jobs/{job.pk}").content.decode()


def test_not_where_the_same_waits_already() -> None:
    units = world.units()
    job, clerk = broken(units), world.officer(Role.CLERK, units.office)
    work.ask_for(job.kind, job.key, units.office, None)
    with pytest.raises(Refusal, match="waits"):
        work.again(clerk, job.pk)
