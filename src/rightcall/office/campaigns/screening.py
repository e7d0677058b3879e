"""Screening a roll, as a job: the run, and its findings taken over.

The run writes its folder whole or not at all, and the findings are taken over in chunks that can be repeated; so a job that was killed goes on where it was.
INVARIANT: somebody who has become protected is struck, or, if he was noticed, held by a case, in the same transaction as his finding. So is somebody who was
noticed and is not clear any more: doubt protects him until it is decided.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from rightcall.law.pack import Pack
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.acts import law_of
from rightcall.office.campaigns.files import is_unchanged
from rightcall.office.campaigns.models import CallUp, Delivery, Finding, Roll
from rightcall.office.campaigns.registers import latest_of, put_together
from rightcall.office.campaigns.rolls import CHUNK, folder_of, path_of
from rightcall.office.cases.models import Case
from rightcall.office.cases.opening import MOST_WORDS, open_case
from rightcall.office.clock import now
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.work import Progress, ask_for, kind
from rightcall.office.journal.writing import Said, record, record_all
from rightcall.office.refusal import refuse
from rightcall.screening import job as screening
from rightcall.screening.output import RECEIPT

DELIVERY = "delivery"
PROTECTED = (CallUp.Verdict.BARRED, CallUp.Verdict.DEFERRED)
AT_THE_OFFICE = (CallUp.State.LISTED, CallUp.State.CHECKED, CallUp.State.EXCUSED)
CALLED = (CallUp.State.NOTICED, CallUp.State.SERVED, CallUp.State.REPORTED, CallUp.State.SERVING)


@transaction.atomic
def screen(actor: Actor, pk: int) -> Job:
    """Have everybody on a signed roll checked. Raises ``Refusal``."""
    roll = Roll.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    by = actor.require("roll.screen", roll.unit)
    if roll.state != Roll.State.SIGNED:
        raise refuse("not-signed", _("Only a signed roll is screened."), _("An officer has to sign it first."))
    return ask_for("roll.screen", roll.pk, roll.unit, by, roll=roll.pk)


def order_of(roll: Roll, registers: Path | None, since: Path | None) -> screening.Order:
    """What is checked by which law: as the campaign says. Raises ``Refusal`` where the law is not the one authorised."""
    campaign, law = roll.campaign, law_of(roll.campaign)
    readings = campaign.readings or None
    return screening.Order(path_of(roll), law, law.readings(readings), readings, campaign.on or None, registers, since)


def run_folder(name: str) -> Path:
    folder: Path = settings.PLACE.folder("runs") / name
    return folder


@kind("roll.screen")
def run(progress: Progress, argument: Mapping[str, Any]) -> None:
    """The run, unless it was done before the job was killed; then its findings."""
    roll = Roll.objects.select_related("campaign", "unit").get(pk=argument["roll"])
    if not is_unchanged(folder_of(roll), roll.files):
        raise refuse("file-changed", _("The file of this roll is not the one that was frozen."), _("Tell your overseer; nobody is noticed from it."))
    name = f"{roll.pk}-{progress.job.pk}"
    out = run_folder(name)
    if roll.run == name:
        return
    delivery = _looked_at(roll, progress.job)
    if not (out / RECEIPT).is_file():
        _checked(roll, out, progress, delivery)
    _take_over(roll, name, progress)


def _looked_at(roll: Roll, job: Job) -> Delivery | None:
    """The delivery beside which a run is: the newest when it begins, also where it has to begin again. INVARIANT: it is known of every run."""
    if DELIVERY not in job.argument:
        latest = latest_of(roll.campaign)
        job.argument = {**job.argument, DELIVERY: latest.pk if latest else 0}
        job.save(update_fields=["argument"])
    return Delivery.objects.filter(pk=job.argument[DELIVERY]).first()


def delivery_of(roll: Roll) -> int:
    """The number of the delivery beside which a roll was checked last; nought where there was none."""
    of = roll.run.rpartition("-")[2]
    job = Job.objects.filter(pk=int(of), kind="roll.screen").first() if of.isdecimal() else None
    return int(job.argument.get(DELIVERY, 0)) if job else 0


def _checked(roll: Roll, out: Path, progress: Progress, delivery: Delivery | None) -> None:
    registers = put_together(roll, law_of(roll.campaign), delivery, _empty(out.with_name(f"{out.name}.registers")))
    since = run_folder(roll.run) / RECEIPT if roll.run else None
    screening.run(order_of(roll, registers, since), out, screening.Watch(progress.doing, progress.more))


def registers_of(name: str) -> Path | None:
    """What stood beside the roll in a run."""
    folder = run_folder(f"{name}.registers")
    return folder if folder.is_dir() else None


def _empty(folder: Path) -> Path:
    """A folder that a killed run may have begun is begun anew."""
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    return folder


# --- findings -----------------------------------------------------------------------------------------------------


def _take_over(roll: Roll, name: str, progress: Progress) -> None:
    progress.doing("taking the findings over")
    law = law_of(roll.campaign)
    for rows, of in _new_findings(roll, name):
        _take(roll, name, rows, law, progress)
        progress.more(len(rows), of)
    receipt, summary = (json.loads((run_folder(name) / file).read_text("utf-8")) for file in (RECEIPT, "summary.json"))
    with transaction.atomic():
        progress.hold()
        figures = {key: summary[key] for key in ("verdicts", "open_because")}
        Roll.objects.filter(pk=roll.pk).update(run=name, screened_at=now(), summary=figures)
        record("roll.screened", roll, None, {"pack": law.hash, "findings": receipt["findings"]["sha256"]})


_COLUMNS = ("id", "verdict", "reasons", "missing", "questions")


def _new_findings(roll: Roll, name: str) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """The findings that differ from those of the run before, a chunk at a time, with how many there are."""
    found = _findings(name)
    if roll.run and roll.run != name:
        found = found.join(_findings(roll.run).select("id", "~all"), on=("id", "~all"), how="anti", maintain_order="left")
    rows = found.drop("~all").collect()
    for chunk in rows.iter_slices(CHUNK):
        yield chunk.to_dicts(), rows.height


def _findings(name: str) -> pl.LazyFrame:
    frame = pl.scan_parquet(run_folder(name) / "findings.parquet")
    label = pl.col("label").fill_null("") if "label" in frame.collect_schema().names() else pl.lit("").alias("label")
    lists = [pl.col(column).list.join(" ") for column in _COLUMNS[2:]]
    return frame.select(*_COLUMNS, label, pl.concat_str([pl.col("verdict"), label, *lists], separator="|").alias("~all"))


@transaction.atomic
def _take(roll: Roll, name: str, rows: list[dict[str, Any]], law: Pack, progress: Progress) -> None:
    progress.hold()
    by_row = {callup.row_id: callup for callup in CallUp.objects.select_for_update().filter(roll=roll, row_id__in=[row["id"] for row in rows])}
    there = set(Finding.objects.filter(run=name, callup__in=by_row.values()).values_list("callup_id", flat=True))
    new = [row for row in rows if by_row[row["id"]].pk not in there]
    Finding.objects.bulk_create([_finding(by_row[row["id"]], name, row) for row in new])
    said = [event for row in new for event in _moved(by_row[row["id"]], row, law)]
    _write([by_row[row["id"]] for row in new])
    if said:
        record_all(said, None)


def _write(callups: Iterable[CallUp]) -> None:
    """Where call-ups stand now. There are a dozen ways to stand, so it is an update for each of them rather than a value for each row."""
    standing: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for callup in callups:
        standing[callup.verdict, callup.because, callup.state].append(callup.pk)
    for (verdict, because, state), keys in standing.items():
        CallUp.objects.filter(pk__in=keys).update(verdict=verdict, because=because, state=state)


def _finding(callup: CallUp, run: str, row: Mapping[str, Any]) -> Finding:
    return Finding(
        callup=callup, run=run, at=now(), verdict=row["verdict"], label=row["label"], reasons=row["reasons"], missing=row["missing"], questions=row["questions"]
    )


def _because(row: Mapping[str, Any], law: Pack) -> str:
    """What leaves somebody open, or that nobody is there to read why he was struck."""
    if row["verdict"] in PROTECTED:
        return "" if all(law.provisions[id].letter for id in row["reasons"]) else CallUp.NO_READER
    return row["reasons"][0] if row["verdict"] == CallUp.Verdict.OPEN and row["reasons"] else ""


def _why(verdict: str, row: Mapping[str, Any], law: Pack) -> str:
    """What a case says that a finding opened."""
    if verdict in PROTECTED:
        return "; ".join(law.provisions[id].title for id in row["reasons"])
    return f"No longer clear. What is not known: {', '.join(row['missing'] or row['questions'] or row['reasons'])}."[:MOST_WORDS]


def _moved(callup: CallUp, row: Mapping[str, Any], law: Pack) -> Iterator[Said]:
    """What a new finding does to a call-up."""
    verdict = row["verdict"]
    callup.verdict, callup.because = verdict, _because(row, law)
    if callup.state in CALLED and verdict != CallUp.Verdict.CLEAR:
        open_case(callup, Case.Kind.CONTEST, Case.Origin.REGISTER, _why(verdict, row, law))
    elif callup.state in AT_THE_OFFICE:
        was, callup.state = callup.state, CallUp.State.EXCUSED if verdict in PROTECTED else CallUp.State.CHECKED
        if callup.state != was and CallUp.State.EXCUSED in (was, callup.state):
            yield Said("callup.struck" if callup.state == CallUp.State.EXCUSED else "callup.listed_again", callup, {"grounds": list(row["reasons"])})
