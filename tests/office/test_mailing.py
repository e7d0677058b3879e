"""Letters to many: each to whom it is due, made once, and a questionnaire on paper opens with the link on it."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
import world
from pypdf import PdfReader
from test_campaigns import campaign, files, screened, units

from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns import asking
from rightcall.office.campaigns.models import CallUp, Campaign, Person, Questionnaire
from rightcall.office.notices import mailing
from rightcall.office.notices.models import Mailing
from rightcall.office.refusal import Refusal

__all__ = ["campaign", "files", "units"]
pytestmark = pytest.mark.django_db


def letters(of: Mailing) -> list[str]:
    with zipfile.ZipFile(mailing.file_of(of)) as pack:
        assert all(re.fullmatch(r"\d{6}\.pdf", name) for name in pack.namelist())
        return [" ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pack.read(name))).pages).split()) for name in pack.namelist()]


def test_everybody_who_was_struck_is_written_to_with_his_ground(campaign: Campaign, units: world.Units) -> None:
    roll, clerk = screened(campaign, units), world.officer(Role.CLERK, units.office)
    made = mailing.order(clerk, roll.pk, Mailing.Kind.STRUCK, "en")
    assert not world.work()
    made.refresh_from_db()
    struck = CallUp.objects.filter(roll=roll, state=CallUp.State.EXCUSED)
    texts = letters(made)
    assert made.number == len(texts) == struck.count() > 0
    assert all("struck from the list" in text for text in texts)
    for callup in struck:
        grounds = [ground["title"] for ground in callup.findings.get().explanation["grounds"] if ground["truth"]]
        assert grounds
        assert any(all(ground in text for ground in grounds) for text in texts)


def test_a_questionnaire_on_paper_opens_with_its_link_and_a_job_begun_again_writes_only_what_is_missing(campaign: Campaign, units: world.Units) -> None:
    roll, clerk = screened(campaign, units), world.officer(Role.CLERK, units.office)
    CallUp.objects.filter(roll=roll, verdict="open").update(because="ask")
    made = mailing.order(clerk, roll.pk, Mailing.Kind.QUESTIONS, "en")
    assert not world.work()
    made.refresh_from_db()
    numbers = [re.search(r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}", text) for text in letters(made)]
    found = [asking.by_secret(number[0]) for number in numbers if number]
    assert {one.pk for one in found if one} == set(Questionnaire.objects.values_list("pk", flat=True))
    assert len(found) == made.number > 0
    world.again("letters.make")
    assert not world.work()
    assert len(letters(made)) == made.number == Questionnaire.objects.count()


def test_nobody_writes_to_the_dead(units: world.Units) -> None:
    """One is dead, one too old, one is both: only the second has a letter."""
    running = world.campaign(units.region, [units.office], pack="ru_2022")
    Campaign.objects.filter(pk=running.pk).update(on="2022-10-10")
    table = "id,person.alive,person.birth_date\ndead,false,1990-03-03\nold,true,1940-05-05\nboth,false,1940-05-05\n"
    roll, clerk = screened(running, units, [world.sent("people.csv", table.encode())]), world.officer(Role.CLERK, units.office)
    assert dict(CallUp.objects.values_list("row_id", "because")) == {"dead": CallUp.NO_READER, "old": "", "both": CallUp.NO_READER}
    assert set(CallUp.objects.values_list("queue", flat=True)) == {"protected"}
    made = mailing.order(clerk, roll.pk, Mailing.Kind.STRUCK, "en")
    assert not world.work()
    made.refresh_from_db()
    assert (made.number, len(letters(made)), mailing.unread(clerk, roll)) == (1, 1, 2)


def test_a_letter_to_the_dead_is_refused_one_by_one(units: world.Units) -> None:
    roll = world.roll(world.campaign(units.region, [units.office]), units.office)
    dead = world.person(roll, "barred", CallUp.NO_READER)
    answer = world.signed_in(world.officer(Role.CLERK, units.office)).get(f"/people/{dead.pk}/letter.pdf")
    assert answer.status_code == 409
    assert "nobody to write to" in answer.content.decode()


def test_there_is_nothing_to_write_where_nobody_is_due(campaign: Campaign, units: world.Units) -> None:
    roll = world.roll(campaign, units.office)
    with pytest.raises(Refusal, match="nobody"):
        mailing.order(world.officer(Role.CLERK, units.office), roll.pk, Mailing.Kind.STRUCK, "en")


def test_a_name_that_cannot_be_printed_is_told_and_keeps_nobody_from_his_letter(campaign: Campaign, units: world.Units) -> None:
    roll, clerk = screened(campaign, units), world.officer(Role.CLERK, units.office)
    struck = CallUp.objects.filter(roll=roll, state=CallUp.State.EXCUSED)
    first = struck.order_by("pk")[0]
    Person.objects.filter(pk=first.person_id).update(surname="\U000130f9\u202e")
    made = mailing.order(clerk, roll.pk, Mailing.Kind.STRUCK, "en")
    ((kind, state, problems),) = world.work()
    made.refresh_from_db()
    assert (kind, state) == ("letters.make", "refused")
    assert problems[0]["place"] == f"call-up {first.pk}"
    assert made.number == struck.count() - 1 > 0
