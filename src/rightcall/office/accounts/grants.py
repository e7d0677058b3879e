"""Giving and ending grants. One person proposes, another confirms; nobody confirms his own, and nobody gives himself anything."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Aggregate, CharField
from django.utils.translation import gettext as _

from rightcall.office.accounts.models import Account, Grant, Unit
from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Actor, Held
from rightcall.office.clock import now, today
from rightcall.office.journal.writing import record
from rightcall.office.refusal import refuse


def actor_of(account: Account) -> Actor:
    """The account with the grants in force now. Two queries, of which the second gives one row however many units there are."""
    moment, day = now(), today()
    grants = Grant.objects.filter(account=account, confirmed_at__lte=moment, since__lte=day, until__gt=day, ended_at=None).select_related("unit")
    held = [Held(Role(grant.role), grant.unit_id, grant.unit.path) for grant in grants]
    return Actor(account, held, _units(Unit.objects.aggregate(paths=_Paths("path"))["paths"]) if held else ())


class _Paths(Aggregate):
    """All paths in one text: read anew at each request, since what somebody reaches is never taken from memory."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="GROUP_CONCAT(%(expressions)s, ' ')", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="STRING_AGG(%(expressions)s, ' ')", **more)


@lru_cache(maxsize=8)
def _units(paths: str) -> tuple[tuple[int, str], ...]:
    """Key and path of each unit: a path ends with the key."""
    return tuple((int(path.rstrip("/").rpartition("/")[2]), path) for path in paths.split())


@transaction.atomic
def propose(actor: Actor, account: Account, role: Role, unit: Unit, since: date, until: date, reason: str) -> Grant:
    """A grant that waits for its second person. Raises ``Refusal``."""
    by = actor.require("grant.propose", unit)
    if until <= since:
        raise refuse("period", _("The grant ends before it begins."), _("Give an end after the beginning."))
    if account.pk == by.pk:
        raise refuse("own-grant", _("Nobody gives himself a grant."), _("Another administrator proposes it."))
    grant: Grant = Grant.objects.create(account=account, role=role, unit=unit, since=since, until=until, reason=reason, proposed_by=by, proposed_at=now())
    record("grant.proposed", grant, by, {"account": account.pk, "role": str(role), "unit": unit.pk, "since": str(since), "until": str(until), "reason": reason})
    return grant


@transaction.atomic
def confirm(actor: Actor, pk: int) -> Grant:
    """The second person. Raises ``Refusal``."""
    grant: Grant = Grant.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    by = actor.require("grant.confirm", grant.unit)
    if grant.state != "proposed":
        raise refuse("not-proposed", _("This grant does not wait for anybody."), _("Look at its state; propose a new one if it is needed."))
    if by.pk in (grant.proposed_by_id, grant.account_id):
        raise refuse("second-person", _("A grant is given by two persons, and not to oneself."), _("Ask another administrator to confirm it."))
    grant.confirmed_by, grant.confirmed_at = by, now()
    grant.save(update_fields=["confirmed_by", "confirmed_at"])
    record("grant.confirmed", grant, by)
    return grant


@transaction.atomic
def end(actor: Actor, pk: int) -> Grant:
    """It ends now, also in sessions that are open. Raises ``Refusal``."""
    grant: Grant = Grant.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    by = actor.require("grant.end", grant.unit)
    if grant.ended_at:
        raise refuse("ended", _("This grant has ended already."))
    grant.ended_by, grant.ended_at = by, now()
    grant.save(update_fields=["ended_by", "ended_at"])
    record("grant.ended", grant, by)
    return grant
