"""The worker: takes a job whose turn it is, keeps its lease while it works, and writes down how it ended.

INVARIANT: a job is never lost. Killed at any moment, its lease runs out and it is taken again, at once where a worker of this machine is known to be dead;
after five deaths it is put aside as failed, for a person.
"""

from __future__ import annotations

import logging
import math
import os
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rightcall.law.problem import Problem, Refused
from rightcall.office import sweeping
from rightcall.office.clock import now
from rightcall.office.desk import desk
from rightcall.office.jobs.models import Job
from rightcall.office.jobs.work import KINDS, LEASE, LeaseLost, Progress
from rightcall.office.journal import keeping
from rightcall.office.refusal import ClockSetBack, Refusal, tell

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 5
_MANY = 1000
"""Work on more rows than this leaves tables that are not what they were."""
_GONE = (OperationalError, InterfaceError)
"""The database is not there, or busy for too long: that ends no job."""
_PAUSE = 0.3
_RENEW = LEASE.total_seconds() / 3


def work_forever(name: str = "", stop: threading.Event | None = None) -> None:
    """Do jobs until told to stop."""
    name = name or f"{socket.gethostname()}:{os.getpid()}:{desk().name}"
    stop = stop or threading.Event()
    threading.Thread(target=keeping.keep_forever, args=(stop,), name="checkpoints", daemon=True).start()
    swept = -math.inf
    while not stop.is_set():
        close_old_connections()
        if time.monotonic() - swept > sweeping.NEW:
            sweeping.sweep()
            swept = time.monotonic()
        if not work_once(name):
            stop.wait(_PAUSE)


def work_once(name: str = "worker") -> bool:
    """Do one job, if one waits."""
    try:
        job = _taken(name)
    except _GONE as error:
        log.warning("the database could not be asked for work: %s", type(error).__name__)
        return False
    if job is None:
        return False
    with _kept(job), translation.override(job.language):
        _done(job)
    return True


def _taken(name: str) -> Job | None:
    """The next job, leased to this worker."""
    same = Job.objects.filter(kind=OuterRef("kind"), key=OuterRef("key"), state=Job.State.RUNNING)
    free = Q(state=Job.State.WAITING) & ~Exists(same) | Q(state=Job.State.RUNNING, leased_until__lt=timezone.now())
    with transaction.atomic():
        waiting = Job.objects.filter(free).order_by("pk")
        job: Job | None = waiting.select_for_update(skip_locked=True).first() if connection.features.has_select_for_update_skip_locked else waiting.first()
        if job is None:
            return None
        job.state, job.worker, job.leased_until, job.begun = Job.State.RUNNING, name, timezone.now() + LEASE, job.begun or now()
        job.attempts += 1
        job.save(update_fields=["state", "worker", "leased_until", "begun", "attempts"])
    return job


@contextmanager
def _kept(job: Job) -> Iterator[None]:
    """The lease is renewed beside the work, which may be long in one call."""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(_RENEW):
            try:
                Job.objects.filter(pk=job.pk, worker=job.worker, state=Job.State.RUNNING).update(leased_until=timezone.now() + LEASE)
            except _GONE:
                log.warning("job %s: its lease could not be renewed", job.pk)
        connection.close()

    beside = threading.Thread(target=renew, name=f"lease-{job.pk}", daemon=True)
    beside.start()
    try:
        yield
    finally:
        stop.set()
        beside.join()


def _done(job: Job) -> None:
    if job.attempts > MOST_ATTEMPTS:
        _end(job, Job.State.FAILED, _told(_("The work was begun and broke off five times."), _("Somebody who runs this office has to look at it.")))
        return
    try:
        KINDS[job.kind](Progress(job), job.argument)
    except LeaseLost:
        log.warning("job %s: another worker has it", job.pk)
    except _GONE as error:
        log.warning("job %s (%s) waits for the database: %s", job.pk, job.kind, type(error).__name__)
    except Refused as refused:
        log.warning("job %s (%s) is refused: %d problems", job.pk, job.kind, refused.count)
        _end(job, Job.State.REFUSED, [_found(problem) for problem in refused.problems])
    except ClockSetBack as refusal:
        log.warning("job %s (%s) waits until the clock is right", job.pk, job.kind)
        _later(job, _reasons(refusal))
    except Refusal as refusal:
        tell(refusal, f"job {job.pk} ({job.kind})")
        _end(job, Job.State.REFUSED, _reasons(refusal))
    except Exception as error:  # noqa: BLE001 - a fault of ours ends this job, not the worker; where it happened is written down, without what was in it
        log.error("job %s (%s) failed: %s at %s", job.pk, job.kind, type(error).__name__, where_of(error))
        _end(job, Job.State.FAILED, _told(_("A fault of the program: %(fault)s.") % {"fault": type(error).__name__}, _("It is in the log of the worker.")))
    else:
        _end(job, Job.State.DONE, [])
        if job.of > _MANY:
            _weigh_tables()


def _weigh_tables() -> None:
    """SQLite chooses its indexes by what it knows of its tables, and learns it only when told to. PostgreSQL sees for itself."""
    if connection.vendor != "sqlite":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("ANALYZE")
    except _GONE as error:
        log.warning("SQLite did not look at its tables anew, which it will after the next great work: %s", type(error).__name__)


def _end(job: Job, state: str, problems: list[dict[str, str]]) -> None:
    ours = Job.objects.filter(pk=job.pk, worker=job.worker, state=Job.State.RUNNING)
    ours.update(state=state, problems=problems, ended=now(), done=F("of") if state == Job.State.DONE else F("done"), leased_until=None)


def _later(job: Job, problems: list[dict[str, str]]) -> None:
    """It is taken again once its lease has run out, and was not at fault."""
    ours = Job.objects.filter(pk=job.pk, worker=job.worker, state=Job.State.RUNNING)
    ours.update(problems=problems, attempts=F("attempts") - 1, leased_until=timezone.now() + LEASE)


def _told(says: str, help: str, language: str = "") -> list[dict[str, str]]:
    return [{"says": says, "help": help, "language": language or translation.get_language() or "en"}]


def _reasons(refusal: Refusal) -> list[dict[str, str]]:
    return [told for reason in refusal.reasons for told in _told(reason.says, reason.help, reason.language)]


def _found(problem: Problem) -> dict[str, str]:
    """What is wrong in a file: in English, as records and law packs say it."""
    return {"says": problem.message, "place": _place(problem), "help": problem.help or "", "language": "en"}


def _place(problem: Problem) -> str:
    parts = ((name, getattr(problem, name, None)) for name in ("file", "row", "column"))
    return ", ".join(f"{value}" if name == "file" else f"{name} {value}" for name, value in parts if value)


def where_of(error: BaseException) -> str:
    """File and line of each step, without any value."""
    return " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(traceback.extract_tb(error.__traceback__)[-6:]))


def wait_for(pk: int, seconds: float = 60) -> Job:
    """The job once it has ended: for tests and for the command line."""
    end = time.monotonic() + seconds
    while (job := Job.objects.get(pk=pk)).goes_on and time.monotonic() < end:
        time.sleep(0.05)
    return job
