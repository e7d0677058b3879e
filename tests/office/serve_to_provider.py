"""An office with one clerk, served by a process of its own beside a provider: ``python serve_to_provider.py PORT SUBJECT``. Its first line is the clerk's secret."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).parent))


def serve(port: int, subject: str) -> None:
    django.setup()
    from django.core.cache import cache
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    import waitress
    import world
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from rightcall.office.accounts.models import Account
    from rightcall.office.accounts.roles import Role
    from rightcall.office.wsgi import application

    def patient(environ: Any, start_response: Any) -> Iterable[bytes]:
        """The office, but it forgets how often it was asked."""
        cache.clear()
        return application(environ, start_response)

    account = world.officer(Role.CLERK, world.units().office, "anna").account
    assert account is not None
    Account.objects.filter(pk=account.pk).update(subject=subject)
    print(TOTPDevice.objects.get(user=account).key, flush=True)
    waitress.serve(patient, host="127.0.0.1", port=port, threads=2)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
