"""The jobs of an office on a great roll: its people taken over, its findings taken over, and notices issued, in rows a second, with the memory they take. No bar.

What is timed is the job itself, from the files that it reads to its last commit, in the process of a worker; what a run of the law takes is measured elsewhere.

Run: ``python bench/office_jobs.py [--people 300000] [--notices 10000] [--on sqlite postgresql]``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time as hour
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from office import HERE, MIB, database

LAW, SEED, MADE = "ru_2022", 7, 1000


@dataclass(frozen=True, slots=True)
class World:
    """A campaign with one roll, and who works on it."""

    roll: Any
    site: Any
    clerk: Any


def prepared(people: int, work: Path) -> World:
    """A roll that is read and frozen, and whose people are not yet taken over."""
    from great_office import _grant

    from rightcall.law.pack import find_pack
    from rightcall.office.accounts.grants import actor_of
    from rightcall.office.accounts.models import Account, Unit
    from rightcall.office.accounts.roles import Role
    from rightcall.office.campaigns.files import hash_of, put_down
    from rightcall.office.campaigns.models import Campaign, Roll, Task
    from rightcall.office.clock import now, today
    from rightcall.office.notices.models import Site
    from rightcall.office.town import Upload

    unit = Unit.objects.create(name="Office", kind="office", since=today() - timedelta(days=900), address="Street 1", telephone="+00 555 0100")
    first, second = (Account.objects.create(username=name, name=name, post="Officer", password="!") for name in ("first", "second"))
    _grant(first.pk, Role.CLERK, unit.pk).save()
    campaign = Campaign.objects.create(
        unit=unit, name="Autumn", act="Decree on call-up", cite="art. 1", pack=LAW, pack_hash=find_pack(LAW).hash, starts=today(), ends=today() + timedelta(days=90),
        most=people, state="running", drafted_by=first, drafted_at=now(), authorised_by=second, authorised_at=now(),
    )  # fmt: skip
    Task.objects.create(campaign=campaign, unit=unit, number=people)
    files = _files(people, work)
    with files[0].open("rb") as roll, files[1].open("rb") as descriptor:
        from django.conf import settings

        folder, written = put_down([Upload("people.parquet", roll), Upload("datapackage.json", descriptor)], settings.PLACE.folder("rolls"))
    roll = Roll.objects.create(
        campaign=campaign, unit=unit, state="freezing", folder=folder, files=written, sha256=hash_of(written), count=people, uploaded_by=first, uploaded_at=now(),
        frozen_by=first, frozen_at=now(),
    )  # fmt: skip
    return World(roll, Site.objects.create(unit=unit, name="Barracks", address="Depot Road 1", places=people), actor_of(first))


def _files(people: int, work: Path) -> tuple[Path, Path]:
    """A thousand made-up people, over and over, each with an id and a number of his own."""
    from rightcall.synthetic.country import Country, write_country

    write_country(Country(SEED, MADE), work / "country")
    made = pl.read_parquet(work / "country/people.parquet").sample(people, with_replacement=True, seed=SEED)
    number = pl.int_range(people).cast(pl.String).str.zfill(9)
    path = work / "people.parquet"
    made.with_columns(id=pl.concat_str(pl.lit("p"), number), number=pl.concat_str(pl.lit("N"), number)).write_parquet(path)
    return path, work / "country/datapackage.json"


def _found(world: World, name: str) -> None:
    """What a run of the law would have left: one in three clear, one in three protected, one in three open."""
    from rightcall.office.campaigns.screening import run_folder

    folder, people = run_folder(name), world.roll.count
    folder.mkdir(parents=True)
    place = pl.int_range(people)
    pl.select(id=pl.concat_str(pl.lit("p"), place.cast(pl.String).str.zfill(9)), third=place % 3).select(
        "id",
        verdict=pl.when(pl.col("third") == 0).then(pl.lit("clear")).when(pl.col("third") == 1).then(pl.lit("deferred")).otherwise(pl.lit("open")),
        reasons=pl.when(pl.col("third") == 0)
        .then(pl.lit([], pl.List(pl.String)))
        .when(pl.col("third") == 1)
        .then(pl.lit(["RU22-18-1-4a"]))
        .otherwise(pl.lit(["ask"])),
        missing=pl.when(pl.col("third") == 2).then(pl.lit(["children", "health.category"])).otherwise(pl.lit([], pl.List(pl.String))),
        questions=pl.lit([], pl.List(pl.String)),
    ).write_parquet(folder / "findings.parquet")
    (folder / "receipt.json").write_text(json.dumps({"findings": {"sha256": "0" * 64}}))
    (folder / "summary.json").write_text(json.dumps({"verdicts": {}, "open_because": {}}))


def timed(what: str, rows: int, job: Callable[[], None]) -> None:
    begun, worked = time.perf_counter(), time.process_time()
    job()
    taken, worked = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"{what}: {rows:,} rows in {taken:.1f} s, {rows / taken:,.0f} a second ({worked:.1f} s of the processor); peak memory {peak / MIB:,.0f} MiB", flush=True
    )


def _progress(world: World, kind: str, argument: Mapping[str, Any]) -> Any:
    """A job that a worker has taken."""
    from django.utils import timezone

    from rightcall.office.clock import now
    from rightcall.office.jobs.models import Job
    from rightcall.office.jobs.work import Progress

    return Progress(
        Job.objects.create(
            kind=kind,
            key="bench",
            argument=argument,
            unit=world.roll.unit,
            state="running",
            worker="bench",
            made=now(),
            leased_until=timezone.now() + timedelta(days=1),
        )
    )


def measured(kind: str, address: str, folder: Path, given: argparse.Namespace) -> None:
    os.environ.update(DJANGO_SETTINGS_MODULE="rightcall.office.settings", RIGHTCALL_OFFICE=str(folder / "office"), RIGHTCALL_DATABASE=address)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from rightcall.office.campaigns import rolls, screening
    from rightcall.office.campaigns.models import CallUp, Roll
    from rightcall.office.clock import today
    from rightcall.office.notices import issuing

    print(f"\n{kind}: a roll of {given.people:,} people", flush=True)
    world = prepared(given.people, folder)
    argument = {"roll": world.roll.pk}
    timed("people taken over", given.people, lambda: rolls.take(_progress(world, "roll.take", argument), argument))
    Roll.objects.filter(pk=world.roll.pk).update(state="signed")
    _found(world, "bench-1")
    roll = Roll.objects.select_related("campaign", "unit").get(pk=world.roll.pk)
    timed("findings taken over", given.people, lambda: screening._take_over(roll, "bench-1", _progress(world, "roll.screen-bench", argument)))
    number = min(given.notices, CallUp.objects.filter(queue="clear").count())
    batch = issuing.order(world.clerk, roll.pk, world.site, today() + timedelta(days=30), hour(9), number, "en")
    of = {"batch": batch.pk}
    timed("notices issued", number, lambda: issuing.issue_batch(_progress(world, "notices.issue-bench", of), of))


def one(kind: str, given: argparse.Namespace) -> None:
    folder = Path(tempfile.mkdtemp(dir=HERE, prefix=".work-"))
    try:
        with database(kind, folder) as address:
            measured(kind, address, folder, given)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=300_000, metavar="N")
    parser.add_argument("--notices", type=int, default=10_000, metavar="N")
    parser.add_argument("--on", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    if len(given.on) == 1:
        one(given.on[0], given)
        return 0
    return max(subprocess.run([sys.executable, __file__, *sys.argv[1:], "--on", kind]).returncode for kind in given.on)


if __name__ == "__main__":
    sys.exit(main())
