"""A campaign from its draft to a notice, through the services and a real run, in a made-up country."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest
import world

from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns import acts, rolls, screening
from rightcall.office.campaigns.models import CallUp, Campaign, Roll
from rightcall.office.clock import today
from rightcall.office.journal.models import Event
from rightcall.office.notices import check, issuing
from rightcall.office.notices.printing import file_of
from rightcall.office.refusal import Refusal

pytestmark = pytest.mark.django_db
ROLL = Path(__file__).parents[2] / "examples" / "valmora-roll"


def files() -> list[world.Sent]:
    return [world.sent(path.name, path.read_bytes()) for path in sorted(ROLL.glob("*.csv"))]


@pytest.fixture
def units() -> world.Units:
    return world.units()


@pytest.fixture
def campaign(units: world.Units) -> Campaign:
    first, second = (world.officer(Role.COMMISSAR, units.region) for _ in range(2))
    plan = acts.Draft("Spring", "Act on call-up", "art. 1", world.VALMORA, "", today(), today() + timedelta(days=90), 10, on="2024-04-01")
    made = acts.draft(first, units.region, plan)
    acts.set_tasks(first, made.pk, {units.office.pk: 10})
    with pytest.raises(Refusal, match="second-person"):
        acts.authorise(first, made.pk)
    return acts.authorise(second, made.pk)


def screened(campaign: Campaign, units: world.Units, sent: list[world.Sent] | None = None) -> Roll:
    clerk, commissar = world.officer(Role.CLERK, units.office), world.officer(Role.COMMISSAR, units.office)
    roll = rolls.upload(clerk, campaign, units.office, sent or files())
    assert not world.work()
    rolls.freeze(clerk, roll.pk)
    assert not world.work()
    rolls.sign(commissar, roll.pk, roll.sha256)
    screening.screen(commissar, roll.pk)
    assert not world.work()
    return Roll.objects.get(pk=roll.pk)


def test_a_campaign_from_its_draft_to_a_notice_that_is_revoked(campaign: Campaign, units: world.Units) -> None:
    roll, clerk, place = screened(campaign, units), world.officer(Role.CLERK, units.office), world.site(units.region)
    verdicts = dict(CallUp.objects.filter(roll=roll).values_list("row_id", "verdict"))
    assert len(verdicts) == roll.count == 7
    clear = CallUp.objects.filter(roll=roll, verdict="clear").first()
    assert clear is not None, verdicts
    notice = issuing.issue(clerk, clear.pk, place, world.reporting_day(campaign), time(9), "en")
    assert not world.work()
    notice.refresh_from_db()
    assert file_of(notice).read_bytes().startswith(b"%PDF")
    from rightcall.office.lists import number_of

    assert check.answer_of(number_of(notice)) == "genuine"
    issuing.revoke(clerk, notice.pk, "a mistake")
    assert check.answer_of(number_of(notice)) == "revoked"
    kinds = list(Event.objects.order_by("index").values_list("kind", flat=True))
    assert [kind for kind in kinds if kind.startswith(("roll.", "notice."))] == [
        "roll.uploaded",
        "roll.read",
        "roll.frozen",
        "roll.signed",
        "roll.screened",
        "notice.issued",
        "notice.revoked",
    ]
