"""Sweeping: what killed processes left behind is cleared away, and their jobs are free at once. Done by a worker as it starts, and every hour.

INVARIANT: nothing is taken away that a row names, that a living process is at, or that is so new that its row may be on its way.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from rightcall.office import desk
from rightcall.office.campaigns import tally
from rightcall.office.campaigns.models import Delivery, Roll
from rightcall.office.jobs.models import Job
from rightcall.screening.output import RECEIPT, clear_away

log = logging.getLogger(__name__)
NEW = 3600
"""Seconds: longer than any file is on its way to its row."""
_KEPT = {RECEIPT, "summary.json"}
"""What is kept of a run that another has followed: what it rested on, and its figures. Its findings are in the database."""


def sweep(new: int = NEW) -> int:
    """Free the jobs of the dead and clear away what nobody needs; how many folders went. ``new``: seconds for which a thing without a row is left alone."""
    tally.fold()
    dead = desk.left()
    _free([path.name for path in dead])
    desk.clear(dead)
    unnamed = [*_without_a_row("rolls", _named(Roll), new), *_without_a_row("registers", _named(Delivery), new)]
    for path in unnamed:
        shutil.rmtree(path, ignore_errors=True)
    runs = _runs(new)
    if dead or unnamed or runs:
        log.info("swept: %d desks, %d folders without a row, %d runs", len(dead), len(unnamed), runs)
    return len(dead) + len(unnamed) + runs


def _free(workers: Iterable[str]) -> None:
    """The leases of dead workers end now."""
    for name in workers:
        Job.objects.filter(state=Job.State.RUNNING, worker__endswith=f":{name}").update(leased_until=timezone.now())


def _named(model: type[Roll] | type[Delivery]) -> set[str]:
    return set(model.objects.values_list("folder", flat=True))


def _without_a_row(room: str, named: set[str], new: int) -> Iterator[Path]:
    for path in settings.PLACE.folder(room).iterdir():
        if path.is_dir() and path.name not in named and _is_old(path, new):
            yield path


def _is_old(path: Path, new: int) -> bool:
    try:
        return path.stat().st_mtime <= time.time() - new
    except FileNotFoundError:
        return False


def _runs(new: int) -> int:
    """Runs that broke off, and those that another has followed."""
    room, swept = settings.PLACE.folder("runs"), 0
    in_force = set(Roll.objects.exclude(run="").values_list("run", flat=True))
    going = {f"{job.key}-{job.pk}" for job in Job.objects.filter(Q(state=Job.State.RUNNING) | Q(state=Job.State.WAITING), kind="roll.screen")}
    for path in room.iterdir():
        name = path.name.removesuffix(".registers")
        if name.startswith("."):
            clear_away(room / name[1:].partition(".")[0])
        elif name not in in_force | going and _is_old(path, new):
            swept += _reduced(path)
    return swept


def _reduced(path: Path) -> bool:
    """A run keeps its receipt and its figures; one that has none, nothing."""
    if not (path / RECEIPT).is_file():
        shutil.rmtree(path, ignore_errors=True)
        return True
    over = [inside for inside in path.iterdir() if inside.name not in _KEPT]
    for inside in over:
        shutil.rmtree(inside, ignore_errors=True) if inside.is_dir() else inside.unlink(missing_ok=True)
    return bool(over)
