"""The office's log: every act is an event in its transaction, the tree is that of the events, what is tampered with is found, and a person can prove what was said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import world
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from test_gate import at_once

from rightcall.ledger.checkpoint import read_checkpoint
from rightcall.ledger.note import COSIGNATURE, Signer, read_note, read_verifier, verified
from rightcall.ledger.service import Server
from rightcall.ledger.tree import Frontier
from rightcall.ledger.witness import Witness, begin_memory
from rightcall.office import clock
from rightcall.office.accounts.models import Account
from rightcall.office.accounts.roles import Role
from rightcall.office.campaigns.models import CallUp
from rightcall.office.cases.models import Case
from rightcall.office.cases.opening import open_case
from rightcall.office.clock import now
from rightcall.office.journal import checkpoints, keeping, verifying
from rightcall.office.journal.models import Checkpoint, Event, Head, Node
from rightcall.office.journal.verifying import verify
from rightcall.office.journal.writing import Said, record, record_all
from rightcall.office.keys import ledger_verifier, person_code
from rightcall.office.lists import number_of
from rightcall.office.notices import issuing
from rightcall.office.notices.models import Notice
from rightcall.office.refusal import Refusal

pytestmark = pytest.mark.django_db
I = '"index"'  # noqa: E741 - the column, as both databases take it
ODD = {"words": "Имя \u202e\U0001f600 <b>'; DROP", "nested": {"b": [1, None, True, {"a": "\u20ac"}], "a": ""}, "large": 2**53 - 1}


@pytest.fixture
def somebody(db: None) -> Account:
    return world.account()


def written(by: Account, number: int, **content: Any) -> list[Event]:
    return record_all([Said("test.event", by, {"number": place, **content}) for place in range(number)], by)


def sql(statement: str, *values: object) -> None:
    """Past the application, as somebody with the password of the database would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# --- the tree -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(), (1,), (1, 1, 1), (7, 1, 8), (64, 3), (2, 4, 8, 16, 32)])
def test_the_stored_tree_is_the_tree_of_the_events_made_from_scratch(sizes: tuple[int, ...], somebody: Account) -> None:
    for size in sizes:
        written(somebody, size, **ODD)
    tree, made = Frontier().grow(event.entry.leaf() for event in Event.objects.order_by("index"))
    assert checkpoints.frontier() == tree
    assert {(node.level, node.index, bytes(node.hash)) for node in Node.objects.all()} == {tuple(node) for node in made if node.level}
    checkpoints.checkpoint()
    found = verify()
    assert (found.events, found.opened, found.proven, found.faults) == (sum(sizes), sum(sizes), sum(sizes), [])


def test_an_act_that_is_rolled_back_leaves_no_event(somebody: Account) -> None:
    def half() -> None:
        with transaction.atomic():
            record("test.event", somebody, somebody)
            raise Refusal

    with pytest.raises(Refusal):
        half()
    assert not Event.objects.exists()
    assert checkpoints.frontier().size == 0


@pytest.mark.django_db(transaction=True)
def test_events_at_once_stand_in_one_order() -> None:
    somebody = world.account()
    at_once(*[partial(written, somebody, 5)] * 4)
    assert list(Event.objects.order_by("index").values_list("index", flat=True)) == list(range(20))
    assert not verify().faults


@pytest.mark.django_db(transaction=True)
def test_checkpoints_at_once_are_one() -> None:
    written(world.account(), 3)
    came = at_once(*[checkpoints.checkpoint] * 3)
    assert all(isinstance(one, Checkpoint) for one in came), came
    assert Checkpoint.objects.count() == 1


@pytest.mark.parametrize("chunk", [1, 2, 7, 100])
def test_verifying_in_chunks_of_any_size_finds_the_same(chunk: int, somebody: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "CHUNK", chunk)
    for size in (3, 4, 6):
        written(somebody, size)
        checkpoints.checkpoint()
    assert (verify().faults, verify().proven) == ([], 13)
    sql(f"UPDATE journal_event SET kind = 'other.event' WHERE {I} = 5")
    found = verify()
    assert found.proven == 3
    assert "changed: the first 7 events are not as they were signed" in found.faults


# --- tampering ----------------------------------------------------------------------------------------------------

TAMPERED: dict[str, tuple[list[str], str]] = {
    "content": ([f"UPDATE journal_event SET content = '{{}}' WHERE {I} = 4"], "changed: what event 4 (test.event) says is not what was written"),
    "one letter of it": ([f"""UPDATE journal_event SET content = '{{"about": "account:1", "by": 1, "number": 5}}' WHERE {I} = 4"""], "what event 4"),
    "salt": ([f"UPDATE journal_event SET salt = (SELECT salt FROM journal_event WHERE {I} = 5) WHERE {I} = 4"], "what event 4"),
    "commitment": ([f"UPDATE journal_event SET commitment = (SELECT commitment FROM journal_event WHERE {I} = 5) WHERE {I} = 4"], "the first 9 events are not as they were signed"),
    "kind": ([f"UPDATE journal_event SET kind = 'other.event' WHERE {I} = 4"], "the first 9 events are not as they were signed"),
    "deleted": ([f"DELETE FROM journal_event WHERE {I} = 4"], "removed: event 4 is missing"),
    "several deleted": ([f"DELETE FROM journal_event WHERE {I} IN (4, 5, 6)"], "removed: the events 4 to 6 are missing"),
    "cut off": ([f"DELETE FROM journal_event WHERE {I} > 6"], "cut off: a checkpoint of 9 events was signed, and there are 7"),
    "reordered": (
        [f"UPDATE journal_event SET {I} = 999 WHERE {I} = 4", f"UPDATE journal_event SET {I} = 4 WHERE {I} = 5", f"UPDATE journal_event SET {I} = 5 WHERE {I} = 999"],
        "the first 9 events are not as they were signed",
    ),
    "a hash": (["UPDATE journal_node SET hash = (SELECT commitment FROM journal_event LIMIT 1) WHERE level = 1 AND \"index\" = 2"], "the hash over the events 4 to 5 is not the one that was stored"),
    "a hash more": (["INSERT INTO journal_node (level, \"index\", hash) SELECT 9, 9, commitment FROM journal_event LIMIT 1"], "hashes of the tree are stored"),
    "a checkpoint": (["UPDATE journal_checkpoint SET note = replace(note, '\n9\n', '\n8\n')"], "forged: the checkpoint of 9 events is not signed by this log"),
    "a checkpoint that is none": (["UPDATE journal_checkpoint SET note = 'x'"], "forged: the checkpoint of 9 events is not signed by this log"),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_in_the_database_is_found(how: str, somebody: Account) -> None:
    written(somebody, 9)
    checkpoints.checkpoint()
    assert not verify().faults
    statements, says = TAMPERED[how]
    for statement in statements:
        sql(statement)
    found = verify()
    assert found.count == len(found.faults) > 0
    assert any(says in fault for fault in found.faults), found.faults


def test_a_history_that_was_written_anew_is_found_by_what_was_signed(somebody: Account) -> None:
    """Whoever has the whole database, but not what others keep: every event and hash of his fits; the checkpoint that was given out does not."""
    written(somebody, 9)
    signed = checkpoints.checkpoint().note
    Event.objects.all().delete()
    Node.objects.all().delete()
    Head.objects.all().delete()
    Checkpoint.objects.all().delete()
    written(somebody, 9)
    assert not verify().faults
    Checkpoint.objects.create(size=9, note=signed, at=now())
    assert verify().faults == ["changed: the first 9 events are not as they were signed"]


def test_content_that_was_destroyed_is_no_fault_and_stays_proven(somebody: Account) -> None:
    """A person's right: the fact stays, what it says is gone."""
    written(somebody, 9)
    checkpoints.checkpoint()
    Event.objects.filter(index=4).update(content=None, salt=None)
    found = verify()
    assert (found.faults, found.events, found.opened, found.proven) == ([], 9, 8, 9)


@pytest.mark.parametrize("how", ["frontier", "event", "node"])
def test_nothing_is_signed_that_does_not_continue_what_was_signed(how: str, somebody: Account, client: Client) -> None:
    written(somebody, 9)
    checkpoints.checkpoint()
    if how == "frontier":
        Head.objects.update(frontier=Frontier().extend([b"x" * 32] * 11).to_bytes())
    else:
        written(somebody, 3)
        Event.objects.filter(index=8).update(kind="other.event") if how == "event" else Node.objects.filter(level=3, index=0).update(hash=b"x" * 32)
    with pytest.raises(Refusal, match="ledger-changed"):
        checkpoints.checkpoint()
    answer = client.get("/ledger/checkpoint")
    assert answer.status_code == 409
    assert "does not continue what was signed before" in answer.content.decode()
    assert Checkpoint.objects.count() == 1


def test_many_faults_are_counted_and_the_first_are_told(somebody: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "MOST_FAULTS", 3)
    written(somebody, 9)
    Event.objects.update(content={})
    found = verify()
    assert (found.count, len(found.faults)) == (9, 3)


# --- as others see it ---------------------------------------------------------------------------------------------


def fetched(client: Client, folder: Path) -> tuple[Path, Path]:
    """What an outsider does."""
    log, checkpoint = folder / "log.jsonl", folder / "checkpoint"
    checkpoint.write_bytes(client.get("/ledger/checkpoint").content)
    log.write_bytes(b"".join(client.get("/ledger/log.jsonl")))
    return log, checkpoint


def test_an_outsider_verifies_the_log_and_learns_nothing_about_anybody(somebody: Account, client: Client, tmp_path: Path, run: Any) -> None:
    written(somebody, 20, **ODD)
    log, checkpoint = fetched(client, tmp_path)
    said = run("ledger", "verify", log, "--checkpoint", checkpoint, "--key", ledger_verifier())
    assert (said.code, said.out) == (0, "20 entries; the first 20 are as they were signed; 0 after them are not signed yet\n")
    assert not any(word in log.read_text() for word in ("account", "number", "words", "DROP"))
    sql(f"UPDATE journal_event SET kind = 'other.event' WHERE {I} = 4")
    log = tmp_path / "later.jsonl"
    log.write_bytes(b"".join(client.get("/ledger/log.jsonl")))
    said = run("ledger", "verify", log, "--checkpoint", checkpoint, "--key", ledger_verifier())
    assert said.code == 1
    assert said.out.startswith("changed: ")


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[tuple[Server, Signer]]:
    """A real one that listens, and watches this office."""
    key = Signer.new("ombudsman.example/w1", COSIGNATURE)
    begin_memory(tmp_path / "seen.json")
    log = read_verifier(ledger_verifier())
    server = Server(Witness(key, {log.name: log}, tmp_path / "seen.json"), "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server, key
    server.shutdown()
    server.server_close()


def test_a_witness_cosigns_each_checkpoint_and_another_history_never(
    somebody: Account, witness: tuple[Server, Signer], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server, key = witness
    settings.WITNESSES = f"{server.url} {key.verifier}"
    for size in (3, 4):
        written(somebody, size)
        row = keeping.witnessed(checkpoints.checkpoint())
        assert [one.key for one in verified(read_note(row.note.encode()), [key.verifier])] == [key.verifier]
        assert Checkpoint.objects.first() == row
    Event.objects.all().delete()
    Node.objects.all().delete()
    Head.objects.all().delete()
    Checkpoint.objects.all().delete()
    written(somebody, 9)
    row = keeping.witnessed(checkpoints.checkpoint())
    assert not verified(read_note(row.note.encode()), [key.verifier])
    assert "the witness ombudsman.example/w1 does not co-sign" in caplog.text


def test_a_witness_that_does_not_answer_stops_nothing_and_is_asked_again_later(somebody: Account, witness: tuple[Server, Signer], settings: Any) -> None:
    server, key = witness
    silent = Signer.new("silent.example/w2", COSIGNATURE)
    settings.WITNESSES = f"http://127.0.0.1:9 {silent.verifier} {server.url} {key.verifier}"
    keeping._TRIED.clear()
    written(somebody, 3)
    row = keeping.witnessed(checkpoints.checkpoint())
    assert [one.key.name for one in verified(read_note(row.note.encode()), [silent.verifier, key.verifier])] == [key.verifier.name]
    assert list(keeping._TRIED) == ["http://127.0.0.1:9"]


def test_the_log_is_signed_every_hour_and_once_it_is_quiet(somebody: Account) -> None:
    start = now()

    def kept(after: timedelta) -> int:
        with clock.at(start + after):
            keeping.keep()
        return int(Checkpoint.objects.count())

    assert kept(timedelta(0)) == 0, "there is nothing to sign"
    written(somebody, 1)
    assert kept(timedelta(seconds=1)) == 1
    with clock.at(start + timedelta(minutes=2)):
        written(somebody, 1)
    assert kept(timedelta(minutes=2, seconds=30)) == 1
    assert kept(timedelta(minutes=3)) == 2, "a minute of quiet"
    assert kept(timedelta(minutes=9)) == 2, "nothing new"
    with clock.at(start + timedelta(minutes=63)):
        written(somebody, 1)
    assert kept(timedelta(minutes=63)) == 3, "an hour"


def test_a_worker_keeps_the_log_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread looks, and a fault of it ends neither it nor the worker."""
    stop, looked = threading.Event(), list[int]()

    def look() -> None:
        looked.append(1)
        if len(looked) > 1:
            stop.set()
        raise Refusal

    monkeypatch.setattr(keeping, "_LOOK", 0.01)
    monkeypatch.setattr(keeping, "keep", look)
    thread = threading.Thread(target=keeping.keep_forever, args=(stop,))
    thread.start()
    thread.join(5)
    assert len(looked) == 2
    assert not thread.is_alive()


# --- a person -----------------------------------------------------------------------------------------------------


@pytest.fixture
def notice(db: None) -> Notice:
    units = world.units()
    campaign = world.campaign(units.region, [units.office])
    callup = world.person(world.roll(campaign, units.office), surname="Canary")
    return issuing.issue(world.officer(Role.CLERK, units.office), callup.pk, world.site(units.region), world.reporting_day(campaign), time(9), "en")


def entered(notice: Notice) -> Client:
    client = Client()
    assert client.post("/mine", {"number": number_of(notice), "code": person_code(notice.number)}).status_code == 302
    return client


def test_a_person_takes_receipts_home_and_proves_offline_what_was_said(notice: Notice, tmp_path: Path, run: Any) -> None:
    case = open_case(CallUp.objects.get(pk=notice.callup_id), Case.Kind.CONTEST, Case.Origin.PERSON, "I am not he")
    client = entered(notice)
    page = client.get("/mine/file").content.decode()
    events = Event.objects.filter(subject__in=[f"notice:{notice.pk}", f"case:{case.pk}"]).order_by("index")
    assert [event.kind for event in events] == ["notice.issued", "case.received"]
    for event in events:
        assert f'href="/mine/receipt/{event.index}"' in page
        receipt, content = tmp_path / "receipt", tmp_path / "content"
        receipt.write_bytes(client.get(f"/mine/receipt/{event.index}").content)
        content.write_bytes(client.get(f"/mine/receipt/{event.index}?content").content)
        assert len(receipt.read_bytes()) < 1024
        said = run("ledger", "verify", "--receipt", receipt, "--content", content, "--key", ledger_verifier())
        assert said.code == 0, said.err
        assert "the content is what was logged" in said.out
        opening = json.loads(content.read_text())
        content.write_text(json.dumps({**opening, "content": {**opening["content"], "callup": 0}}))
        said = run("ledger", "verify", "--receipt", receipt, "--content", content, "--key", ledger_verifier())
        assert said.code == 1


def test_receipts_of_others_are_as_if_they_were_not_there(notice: Notice, somebody: Account) -> None:
    other = written(somebody, 1)[0]
    client = entered(notice)
    for address in (f"/mine/receipt/{other.index}", f"/mine/receipt/{other.index}?content", "/mine/receipt/99999999999"):
        assert client.get(address).status_code == 404
    mine = Event.objects.get(kind="notice.issued").index
    assert Client().get(f"/mine/receipt/{mine}").status_code == 302
    Event.objects.filter(index=mine).update(content=None, salt=None)
    assert client.get(f"/mine/receipt/{mine}?content").status_code == 404
    assert client.get(f"/mine/receipt/{mine}").status_code == 200


def test_a_receipt_rests_on_a_checkpoint_that_is_there_and_makes_one_only_where_it_must(notice: Notice) -> None:
    event = Event.objects.get(kind="notice.issued")
    first = checkpoints.receipt_of(event)
    written(world.account(), 5)
    assert checkpoints.receipt_of(event) == first
    assert Checkpoint.objects.count() == 1
    assert read_checkpoint(first.note).size == event.index + 1


@pytest.mark.parametrize("damage", ["", f"DELETE FROM journal_event WHERE {I} = 1"])
def test_the_command_looks_at_the_log_from_within(damage: str, notice: Notice, run: Any) -> None:
    checkpoints.checkpoint()
    count = Event.objects.count()
    if damage:
        written(world.account(), 3)
        sql(damage)
    said = run("office", "verify", "--data", settings.PLACE.root)
    if damage:
        assert said.code == 1
        assert said.out.startswith("removed: event 1 is missing\n") or "not as they were signed" in said.out
    else:
        assert (said.code, said.out) == (0, f"{count} events, {count} of them opened; the first {count} are as they were signed\n")


def test_what_cannot_be_written_down_is_not_done(somebody: Account) -> None:
    """An act whose event has no canonical form is refused with it."""
    for content in ({"x": 1.5}, {"x": "\ud800"}, {"x": 2**53}):
        with pytest.raises(Exception, match="canonical"), transaction.atomic():
            record("test.event", somebody, somebody, content)  # type: ignore[arg-type]
    assert not Event.objects.exists()
