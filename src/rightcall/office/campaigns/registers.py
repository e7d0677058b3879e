"""Deliveries of registers, and what is put beside the roll for a run: the registers of the latest delivery and the answers of people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from rightcall.law.pack import Pack
from rightcall.law.problem import Refused
from rightcall.law.vocabulary import FactType
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.files import Incoming, linked, put_down, taken_back
from rightcall.office.campaigns.models import Campaign, Claim, Delivery, Roll
from rightcall.office.clock import now
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.work import ask_for
from rightcall.office.journal.writing import record
from rightcall.office.refusal import Refusal, of_problem
from rightcall.records.descriptor import FILE, read_descriptors
from rightcall.records.workbook import check_workbook
from rightcall.screening.output import settle

ANSWERS = "answers"


def deliver(actor: Actor, campaign: Campaign, files: Sequence[Incoming], says: str) -> Delivery:
    """New registers, or new files of some of them; the others stay as they were. Every roll that was screened is screened again.

    Raises ``Refusal``, also where their descriptor is none. Faults of the tables are told by the run of each roll; until they are mended the gate stays shut.
    """
    by = actor.require("registers.deliver", campaign.unit)
    parent = settings.PLACE.folder("registers")
    folder, written = put_down(files, parent)
    with taken_back(parent / folder), transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        tables = _completed(campaign, parent, folder)
        delivery = Delivery.objects.create(campaign=campaign, folder=folder, files=written, says=says, by=by, at=now())
        record("registers.delivered", delivery, by, {"tables": tables, "files": {str(file["name"]): str(file["sha256"]) for file in written}})
        for roll in _to_check_again(campaign):
            ask_for("roll.screen", roll.pk, roll.unit, by, roll=roll.pk)
    return delivery


def _completed(campaign: Campaign, parent: Path, folder: str) -> list[str]:
    """The files that were not delivered anew put beside; the names of all tables. INVARIANT: of two deliveries at once each has the files of the other."""
    latest = latest_of(campaign)
    if latest:
        _beside(parent / latest.folder, parent / folder)
        settle(parent / folder, files=False)
    try:
        for path in (parent / folder).glob("*.xlsx"):
            check_workbook(path)
        return [descriptor.name for descriptor in read_descriptors(parent / folder)]
    except Refused as refused:
        raise Refusal(of_problem("descriptor", refused.problems[0])) from None


def _to_check_again(campaign: Campaign) -> QuerySet[Roll]:
    """The rolls that were checked, or are being checked beside the registers of before."""
    going = Job.objects.filter(kind="roll.screen", key=Cast(OuterRef("pk"), CharField()), state__in=(Job.State.WAITING, Job.State.RUNNING))
    return Roll.objects.filter(~Q(run="") | Exists(going), campaign=campaign, state=Roll.State.SIGNED).select_related("unit")


def latest_of(campaign: Campaign) -> Delivery | None:
    return Delivery.objects.filter(campaign=campaign).order_by("-pk").first()


def _beside(earlier: Path, folder: Path) -> None:
    """The files of the delivery before that were not delivered anew."""
    anew = {path.name for path in folder.iterdir()}
    aside = folder / ".earlier"
    linked(earlier, aside)
    for path in aside.iterdir():
        if path.name not in anew:
            path.rename(folder / path.name)
        else:
            path.unlink()
    aside.rmdir()


def put_together(roll: Roll, law: Pack, delivery: Delivery | None, target: Path) -> Path | None:
    """The folder of registers for a run of a roll, answers among them; nothing where there are neither."""
    tables = list(_answers(roll, law))
    if delivery is None and not tables:
        return None
    target.mkdir(mode=0o700)
    document: dict[str, Any] = {"name": ANSWERS, "resources": []}
    if delivery:
        linked(settings.PLACE.folder("registers") / delivery.folder, target)
        document = json.loads((target / FILE).read_text("utf-8"))
        (target / FILE).unlink()
    for name, rows, own in tables:
        rows.write_parquet(target / f"{name}.parquet")
        document["resources"].append(_resource(name, rows, own))
    (target / FILE).write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return target


def _resource(name: str, rows: pl.DataFrame, own: Mapping[str, Any]) -> dict[str, Any]:
    fields = [{"name": column, "type": "string"} for column in rows.columns]
    facts = {column: column for column in rows.columns if column != "id"}
    return {
        "name": name,
        "title": "What people said",
        "path": f"{name}.parquet",
        "schema": {"fields": fields},
        "rightcall": {"kind": "answers", "identity": {"id": "id"}, "facts": facts, **own},
    }


def _answers(roll: Roll, law: Pack) -> Iterable[tuple[str, pl.DataFrame, dict[str, Any]]]:
    """What people of a roll said, as tables: of single facts, and of each list; with proof, and without."""
    latest: dict[tuple[str, str], Claim] = {}
    for claim in Claim.objects.filter(callup__roll=roll).select_related("callup").order_by("pk"):
        latest[claim.callup.row_id, claim.fact] = claim
    for proven in (True, False):
        said = {key: claim for key, claim in latest.items() if claim.proven is proven and key[1] in law.vocabulary}
        yield from _tables(said, law, proven)


def _tables(said: Mapping[tuple[str, str], Claim], law: Pack, proven: bool) -> Iterable[tuple[str, pl.DataFrame, dict[str, Any]]]:
    name = f"{ANSWERS}-proven" if proven else ANSWERS
    people: dict[str, dict[str, str]] = {}
    lists: dict[str, list[dict[str, str]]] = {}
    for (id, fact), claim in said.items():
        kind = law.vocabulary[fact]
        if kind.kind == "list":
            lists.setdefault(fact, []).extend({"id": id, **_row(kind, row)} for row in claim.value)
        else:
            people.setdefault(id, {"id": id})[fact] = text_of(claim.value)
    if people:
        yield name, _frame(people.values()), {"proven": proven}
    for listed, rows in lists.items():
        if rows:
            yield f"{name}-{listed.replace('.', '-')}", _frame(rows), {"proven": proven, "list": listed, "complete": True}


def _row(kind: FactType, row: Mapping[str, Any]) -> dict[str, str]:
    return {name: text_of(row.get(name)) for name in kind.row}


def _frame(rows: Iterable[Mapping[str, str]]) -> pl.DataFrame:
    """Texts; an empty cell is unknown."""
    rows = list(rows)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame({name: [row.get(name) or None for row in rows] for name in columns}, schema=dict.fromkeys(columns, pl.String))


def text_of(value: Any) -> str:
    """A value as a cell of a roll has it: nothing is unknown, ``none`` is the word."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
