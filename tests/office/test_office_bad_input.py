"""Bad input through the pages: each is met with words that a clerk can act on, a line in the log without a name in it, and nothing half done."""

from __future__ import annotations

import io
import logging
import resource
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import world
import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from test_gate import at_once, codes

from rightcall.office import clock, desk
from rightcall.office.accounts import grants
from rightcall.office.accounts.models import Account, Grant
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns import rolls
from rightcall.office.campaigns.models import CallUp, Campaign, Person, Roll
from rightcall.office.clock import now
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.worker import work_once
from rightcall.office.journal.models import Event
from rightcall.office.uploading import MOST_BYTES

pytestmark = pytest.mark.django_db
HEAD = "id,number,surname,given,birth,person.district,study.form,study.since,study.until,children.complete,notice.served,notice.report_on,job.teacher"
REST = "1994-11-02,south,none,none,none,true,2024-03-01,2024-04-01,false"


class Desk:
    """A clerk and a commissar at work, and what they read."""

    def __init__(self) -> None:
        units = world.units()
        self.campaign = world.campaign(units.region, [units.office])
        Campaign.objects.filter(pk=self.campaign.pk).update(on="2024-04-01")
        self.unit = units.office
        self.clerk, self.commissar = world.officer(Role.CLERK, units.office), world.officer(Role.COMMISSAR, units.office)
        self.page, self.other = world.signed_in(self.clerk), world.signed_in(self.commissar)

    @property
    def address(self) -> str:
        return f"/campaigns/{self.campaign.pk}/rolls/new"

    def send(self, *files: tuple[str, bytes]) -> Any:
        chosen = [SimpleUploadedFile(name, content) for name, content in files]
        return self.page.post(self.address, {"unit": self.unit.pk, "chosen": chosen})

    def read(self, content: bytes, name: str = "roll.csv") -> Roll:
        """The roll that came of a file, and was read."""
        answer = self.send((name, content))
        assert answer.status_code == 302, answer.content.decode()
        assert not world.work()
        return Roll.objects.latest("pk")

    def says(self, roll: Roll) -> str:
        return str(self.page.get(f"/rolls/{roll.pk}").content.decode())

    def taken(self, content: bytes) -> Roll:
        roll = self.read(content)
        assert roll.state == "ready", roll.problems
        assert self.page.post(f"/rolls/{roll.pk}/freeze").status_code == 302
        assert not world.work()
        return Roll.objects.get(pk=roll.pk)


@pytest.fixture
def office(db: None) -> Desk:
    return Desk()


@pytest.fixture(autouse=True)
def silent_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """INVARIANT: whatever happens, no name and no number of anybody is in the log."""
    caplog.set_level(logging.INFO)
    yield
    names = set(Person.objects.values_list("surname", flat=True)) | set(Person.objects.exclude(number="").values_list("number", flat=True)) | {"Surname", "N00"}
    assert not [name for name in names if name and name in caplog.text]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("rightcall"))


def listed(*people: str) -> bytes:
    """A list of people, each as ``number,surname,given``."""
    return "\n".join([HEAD, *(f"p{row},{who},{REST}" for row, who in enumerate(people, 1)), ""]).encode()


def nothing_came_of_it() -> None:
    assert not Roll.objects.exists()
    assert not Event.objects.filter(kind__startswith="roll.").exists()
    assert list(settings.PLACE.folder("rolls").iterdir()) == []
    assert [path for path in desk.desk().iterdir() if path.is_file()] == []


# --- files --------------------------------------------------------------------------------------------------------


class Stream(io.RawIOBase):
    """A body that is made as it is read, so that nobody holds it."""

    def __init__(self, *parts: bytes | Path) -> None:
        self.parts = [io.BytesIO(part) if isinstance(part, bytes) else part.open("rb") for part in parts]
        self.length = sum(len(part) if isinstance(part, bytes) else part.stat().st_size for part in parts)

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "all of it at once would be held"
        while self.parts:
            if piece := self.parts[0].read(size):
                return piece
            self.parts.pop(0).close()
        return b""

    def close(self) -> None:
        for part in self.parts:
            part.close()
        super().close()


def streamed(client: Client, address: str, unit: int, name: str, file: Path, length: int | None = None) -> Any:
    """A real upload of any size."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="unit"\r\n\r\n{unit}\r\n--{BOUNDARY}\r\n'
        f'Content-Disposition: form-data; name="chosen"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    with closing(Stream(head.encode(), file, f"\r\n--{BOUNDARY}--\r\n".encode())) as body:
        given = {"wsgi.input": body, "CONTENT_LENGTH": str(length or body.length), "CONTENT_TYPE": MULTIPART_CONTENT}
        return client.request(REQUEST_METHOD="POST", PATH_INFO=address, **given)


def test_a_spreadsheet_of_200_mb_is_refused_and_never_held(office: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "roll.xlsx"
    with zipfile.ZipFile(path, "w") as book, book.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(200):
            part.write(b" " * (1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = streamed(office.page, office.address, office.unit.pk, path.name, path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10
    assert answer.status_code == 422
    assert "`roll.xlsx` is too large for a workbook (200 MiB unpacked). Save it as CSV; a roll needs no formats." in answer.content.decode()
    assert "refused on a page: too-large" in logged(caplog)
    nothing_came_of_it()


def test_200_mb_of_csv_are_put_down_and_never_held(office: Desk, tmp_path: Path) -> None:
    """As large as it may be: it comes in, and its hash is that of the file."""
    path = tmp_path / "roll.csv"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert streamed(office.page, office.address, office.unit.pk, path.name, path).status_code == 302
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10
    (file_of,) = Roll.objects.get().files
    assert file_of["size"] == 200 << 20


def test_more_than_the_office_takes_is_refused_by_its_length(office: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "roll.csv").write_bytes(b"id\n")
    answer = streamed(office.page, office.address, office.unit.pk, "roll.csv", tmp_path / "roll.csv", MOST_BYTES + 1)
    assert answer.status_code == 413
    assert "More than 512 MiB were sent" in answer.content.decode()
    assert "Nothing was changed." in answer.content.decode()
    assert "upload-too-large" in logged(caplog)
    nothing_came_of_it()


def book(fill: Callable[[Any], None]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        fill(made.add_worksheet("people"))
    return buffer.getvalue()


def bomb(says: bool) -> bytes:
    """A workbook that becomes 600 MiB. ``says``: whether it says so."""
    buffer = io.BytesIO(book(lambda sheet: sheet.write_row(0, 0, ["id"])))
    size = 600 << 20
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/a.xml", "w") as part:
        for _ in range(600):
            part.write(b"\0" * (1 << 20))
    content = buffer.getvalue()
    return content if says else content.replace(size.to_bytes(4, "little"), (9).to_bytes(4, "little"))


def test_a_zip_bomb_is_refused_as_it_comes(office: Desk, caplog: pytest.LogCaptureFixture) -> None:
    answer = office.send(("roll.xlsx", bomb(True)))
    assert answer.status_code == 422
    assert "`roll.xlsx` is too large for a workbook (600 MiB unpacked)." in answer.content.decode()
    assert "too-large" in logged(caplog)
    nothing_came_of_it()


def test_a_zip_bomb_that_lies_is_refused_when_it_is_read(office: Desk, caplog: pytest.LogCaptureFixture) -> None:
    roll = office.read(bomb(False), "roll.xlsx")
    assert roll.state == "refused"
    assert "the workbook is too large: 512 MiB or more unpacked" in office.says(roll)
    assert f"roll {roll.pk} has 1 faults" in logged(caplog)


def test_formulas_are_told_with_their_sheet_row_and_column(office: Desk) -> None:
    def fill(sheet: Any) -> None:
        sheet.write_row(0, 0, HEAD.split(","))
        sheet.write_row(1, 0, ["p1", "N1", "Surname", "Given", *REST.split(",")])
        sheet.write_formula(1, 4, "=DATE(1994,11,2)", None, "1994-11-02")

    roll = office.read(book(fill), "roll.xlsx")
    assert (roll.state, roll.problem_count) == ("refused", 1)
    says = office.says(roll)
    assert "the sheet `people` has a formula" in says
    assert '<td class="number">2</td><td class="mono">E</td>' in says
    assert office.page.post(f"/rolls/{roll.pk}/freeze").status_code == 409
    assert not CallUp.objects.exists()


FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("roll.csv", b"", "empty"),
    "another kind": ("roll.docx", b"x", "is not a file that is read here"),
    "hidden": (".roll.csv", b"x", "is not a file that is read here"),
    "no workbook": ("roll.xlsx", b"id,name\n", "is not a workbook, or it is damaged"),
}


@pytest.mark.parametrize("case", FILES)
def test_files_that_are_none(case: str, office: Desk) -> None:
    name, content, says = FILES[case]
    answer = office.send((name, content))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    nothing_came_of_it()


def test_two_files_of_one_name_and_a_name_that_leads_elsewhere(office: Desk) -> None:
    answer = office.send(("people.csv", b"id\n"), ("people.csv", b"id\n"))
    assert "`people.csv` was chosen twice." in answer.content.decode()
    nothing_came_of_it()
    roll = office.read(listed("N1,Surname,Given"), "../../../keys/roll.csv")
    assert [file["name"] for file in roll.files] == ["roll.csv"]
    assert sorted(path.name for path in (settings.PLACE.folder("rolls") / roll.folder).iterdir()) == ["roll.csv"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (listed("N1,Имя,Given").decode().encode("cp1251"), "the file is not UTF-8"),
        (b"\xff\xfe" + listed("N1,Surname,Given").decode().encode("utf-16-le"), "the file is not UTF-8"),
        (b"id,name\np1\n", "the row has 1 cells, the header 2"),
        (b"\x00" * 1000, ""),
        (listed("N1,Sur\x00name,Given"), "control character"),
        (listed(f"N1,{'S' * 300},Given"), "`surname` has 300 signs, and at most 120 are kept"),
        (listed(f"{'9' * 61},Surname,Given"), "`number` has 61 signs, and at most 60 are kept"),
    ],
    ids=["CP1251", "UTF-16", "short", "zeros", "NUL", "300 signs", "long number"],
)
def test_a_roll_with_faults_says_them_and_takes_nobody_over(content: bytes, says: str, office: Desk) -> None:
    roll = office.read(content)
    assert roll.state == "refused"
    assert says in office.says(roll)
    assert office.page.post(f"/rolls/{roll.pk}/freeze").status_code == 409
    assert not CallUp.objects.exists()


# --- people -------------------------------------------------------------------------------------------------------


def test_the_same_person_three_times_is_told_with_all_his_rows(office: Desk) -> None:
    roll = office.read(listed("N1,Surname,Given", "N2,Other,Given", "N1,Surname,Given", "N3,Third,Given", "N1,Surname,Given"))
    assert (roll.state, roll.problem_count) == ("refused", 1)
    assert "the same person stands in 3 rows: the number of this row is also in row 4, 6" in office.says(roll)


def test_the_same_name_and_birth_without_a_number_is_noted_and_nobody_is_merged(office: Desk) -> None:
    roll = office.taken(listed(",Surname,Given", ",Other,Given", ",Surname,Given", ",Surname,Given", "N9,Surname,Given"))
    assert "rows 2, 4, 5 have the same name and day of birth: see whether it is one person" in office.says(roll)
    assert CallUp.objects.filter(roll=roll).count() == 5


EVIL = {
    "HTML": "<script>alert(1)</script>",
    "SQL": "'; DROP TABLE campaigns_person; --",
    "right to left": "\u202eevil\u202c",
    "Arabic": "\u0627\u0644\u0627\u0633\u0645",
    "emoji": "\U0001f600",
    "a formula": '=HYPERLINK("http://evil")',
    "plus": "+1",
    "at": "@SUM(1)",
    "a template": "{{ settings.SECRET_KEY }}{% debug %}",
    "120 signs": "S" * 120,
    "combined": "e\u0301\u0323" * 20,
}


@pytest.mark.parametrize("kind", EVIL)
def test_a_name_is_kept_as_it_is_and_shown_as_text(kind: str, office: Desk) -> None:
    name = EVIL[kind]
    quoted = name.replace('"', '""')
    roll = office.taken(listed(f'N1,"{quoted}",Given'))
    assert Person.objects.get().surname == name
    callup = CallUp.objects.get(roll=roll)
    for address in (f"/people/{callup.pk}", f"/lists/people?roll={roll.pk}"):
        page = office.page.get(address).content.decode()
        assert "<script>alert" not in page
        assert settings.SECRET_KEY not in page
        assert html(name) in page
    exported = b"".join(office.page.get(f"/lists/people.csv?roll={roll.pk}")).decode()
    assert name.replace('"', '""') in exported
    assert not [cell for line in exported.splitlines() for cell in line.split(",") if cell.strip('"').startswith(("=", "+", "@"))]
    found = office.page.get("/lists/people", {"surname": name, "q": name, "search": name})
    assert found.status_code in (200, 409)
    assert Person.objects.count() == 1


def html(text: str) -> str:
    from django.utils.html import escape

    return str(escape(text))


# --- twice, and at the wrong time ---------------------------------------------------------------------------------


def test_a_roll_is_frozen_once(office: Desk, caplog: pytest.LogCaptureFixture) -> None:
    roll = office.taken(listed("N1,Surname,Given"))
    answer = office.page.post(f"/rolls/{roll.pk}/freeze")
    assert answer.status_code == 409
    assert "This roll is frozen already. Nothing more has to be done; it can be signed." in answer.content.decode()
    assert "refused on a page: frozen" in logged(caplog)
    assert Event.objects.filter(kind="roll.frozen").count() == CallUp.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_roll_is_frozen_once_by_two_windows() -> None:
    office = Desk()
    roll = office.read(listed("N1,Surname,Given", "N2,Surname,Given"))
    came = at_once(*[lambda: rolls.freeze(office.clerk, roll.pk)] * 3)
    assert codes(came) == ["frozen", "frozen"]
    assert not world.work()
    assert (Event.objects.filter(kind="roll.frozen").count(), CallUp.objects.count()) == (1, 2)


def test_a_roll_that_is_withdrawn_while_it_is_read_stays_withdrawn(office: Desk) -> None:
    assert office.send(("roll.csv", listed("N1,Surname,Given"))).status_code == 302
    roll = Roll.objects.get()
    assert office.page.post(f"/rolls/{roll.pk}/withdraw").status_code == 302
    assert not world.work()
    assert Roll.objects.get().state == "withdrawn"
    assert not Event.objects.filter(kind="roll.read").exists()


def test_a_file_that_was_changed_on_disk_is_found_before_it_is_frozen_signed_and_screened(office: Desk) -> None:
    roll = office.read(listed("N1,Surname,Given"))
    path = rolls.path_of(roll)
    path.write_bytes(path.read_bytes() + b"\n")
    answer = office.page.post(f"/rolls/{roll.pk}/freeze")
    assert answer.status_code == 409
    assert "is not the one that was uploaded" in answer.content.decode()
    assert Roll.objects.get().state == "ready"


def test_with_a_clock_set_back_nothing_is_done_and_what_waits_is_done_later(office: Desk, caplog: pytest.LogCaptureFixture) -> None:
    roll = office.read(listed("N1,Surname,Given"))
    with clock.at(now() - timedelta(hours=1)):
        answer = office.page.post(f"/rolls/{roll.pk}/freeze")
        assert answer.status_code == 409
        assert "The clock of this machine says" in answer.content.decode()
        assert "Set the clock right (UTC), then do it again." in answer.content.decode()
        assert Roll.objects.get().frozen_at is None
    assert "refused on a page: clock" in logged(caplog)
    assert office.send(("roll.csv", listed("N1,Surname,Given"))).status_code == 302
    with clock.at(now() - timedelta(hours=1)):
        assert work_once("test")
        job = Job.objects.get(state="running")
        assert "The clock of this machine says" in job.problems[0]["says"]
    assert "waits until the clock is right" in logged(caplog)
    Job.objects.filter(pk=job.pk).update(leased_until=now() - timedelta(seconds=1))
    assert not world.work()
    assert [one.state for one in Roll.objects.order_by("pk")] == ["ready", "ready"]


def test_an_upload_with_the_clock_set_back_leaves_no_file(office: Desk) -> None:
    Event.objects.all()
    assert office.read(listed("N1,Surname,Given")).state == "ready"
    with clock.at(now() - timedelta(hours=1)):
        assert office.send(("roll.csv", listed("N2,Surname,Given"))).status_code in (409, 422)
    assert len(list(settings.PLACE.folder("rolls").iterdir())) == Roll.objects.count() == 1


def test_some_seconds_between_two_machines_are_no_clock_set_back(office: Desk) -> None:
    roll = office.read(listed("N1,Surname,Given"))
    last = Event.objects.order_by("-index")[0].at
    with clock.at(last - timedelta(seconds=4)):
        assert office.page.post(f"/rolls/{roll.pk}/freeze").status_code == 302
    assert Event.objects.order_by("-index")[0].at == last


def test_a_grant_that_ends_in_an_open_session_is_over_at_once(office: Desk) -> None:
    roll = office.read(listed("N1,Surname,Given"))
    assert office.page.get(f"/rolls/{roll.pk}").status_code == 200
    Grant.objects.filter(account=office.clerk.account).update(ended_at=now())
    for answer in (office.page.post(f"/rolls/{roll.pk}/freeze"), office.page.get(f"/rolls/{roll.pk}"), office.page.get("/lists/people")):
        assert answer.status_code in (403, 404)
        assert b"<h1>" in answer.content
    assert Roll.objects.get().state == "ready"


def test_a_grant_runs_out_at_midnight_also_in_an_open_session(office: Desk) -> None:
    roll = office.read(listed("N1,Surname,Given"))
    Grant.objects.filter(account=office.clerk.account).update(until=clock.today() + timedelta(days=1))
    assert office.page.get(f"/rolls/{roll.pk}").status_code == 200
    with clock.at(now() + timedelta(days=1)):
        assert office.page.post(f"/rolls/{roll.pk}/freeze").status_code in (403, 404)
    assert Roll.objects.get().state == "ready"


# --- forged and replayed ------------------------------------------------------------------------------------------


def test_a_code_is_taken_once(client: Client, db: None) -> None:
    account = Account.objects.create_user("clerk", "a password of some length", name="Some Officer")
    device = TOTPDevice.objects.create(user=account, name="phone", confirmed=True)
    given = {"username": "clerk", "password": "a password of some length", "code": f"{totp(device.bin_key):06d}"}
    assert client.post("/in", given).status_code == 302
    again = Client().post("/in", given)
    assert again.status_code == 422
    assert "Try again with the next code" in again.content.decode()


@pytest.mark.parametrize("path", ["/rolls/1/freeze", "/notices/1/revoke", "/mine/correct", "/improper", "/in"])
def test_a_forged_request_is_refused(path: str, office: Desk) -> None:
    """From another site, with the session of the clerk but without the token."""
    page = world.signed_in(office.clerk, enforce_csrf_checks=True)
    answer = page.post(path)
    assert answer.status_code == 403
    assert b"<h1>" in answer.content


@pytest.mark.parametrize(
    "typed", ["", "0000-0000-0000-0000-0000-0000-0000", "2QD8-6JTW-1111-1111-1111-1111-1111", "'; DROP TABLE notices_notice; --", "\x00" * 5, "9" * 80]
)
def test_a_forged_number_is_unknown_and_says_nothing(typed: str, office: Desk) -> None:
    answer = office.page.post("/check", {"number": typed})
    assert answer.status_code in (200, 422)
    assert "genuine" not in answer.content.decode().lower().replace("is a notice genuine", "")
    assert Client().get(f"/answer/{'2QD8-6JTW-1111-1111-1111-1111-1111'}").status_code == 404


@pytest.mark.parametrize("after", ["9" * 40, "-1", "1;DROP TABLE x", "\u0661"], ids=["long", "negative", "SQL", "an Arabic digit"])
def test_a_page_of_a_list_that_is_none(after: str, office: Desk) -> None:
    answer = office.page.get("/lists/people", {"after": after})
    assert answer.status_code in (200, 409)


def test_nobody_confirms_what_he_proposed_with_a_forged_form(office: Desk) -> None:
    root = world.account()
    world.grant(root, Role.ADMINISTRATOR, office.unit)
    actor: Actor = grants.actor_of(root)
    made = grants.propose(actor, world.account(), Role.CLERK, office.unit, clock.today(), clock.today() + timedelta(days=9), "test")
    answer = world.signed_in(root).post(f"/grants/{made.pk}/confirm")
    assert answer.status_code == 409
    assert "by two persons" in answer.content.decode()
