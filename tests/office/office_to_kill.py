"""Begins an office for those who will kill it, as a program of its own: prints, as JSON, what they need to work in it through its pages."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import django

django.setup()

import world  # noqa: E402 - models are there once Django is
from django.core.management import call_command  # noqa: E402

from rightcall.office.accounts.roles import Role  # noqa: E402
from rightcall.office.campaigns.models import Campaign  # noqa: E402
from rightcall.office.clock import today  # noqa: E402
from rightcall.office.keys import ledger_key, ledger_verifier, notice_key  # noqa: E402

PLENTY = 1_000_000


def main() -> None:
    call_command("migrate", verbosity=0)
    ledger_key()
    notice_key()
    units = world.units()
    campaign = world.campaign(units.region, [units.office], PLENTY)
    Campaign.objects.filter(pk=campaign.pk).update(most=PLENTY, on="2024-04-01")
    officers = {role: world.officer(role, units.office) for role in (Role.CLERK, Role.COMMISSAR)}
    made = {
        "sessions": {str(role): world.signed_in(who).cookies["sessionid"].value for role, who in officers.items()},
        "campaign": campaign.pk,
        "unit": units.office.pk,
        "site": world.site(units.region, PLENTY).pk,
        "day": str(today() + timedelta(days=30)),
        "log": ledger_verifier(),
    }
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
