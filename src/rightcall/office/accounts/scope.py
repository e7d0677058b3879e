"""The one door. ``visible_to(actor)`` is how every page, list, search, export, file and API reads; nothing else may.

An actor is an account with the grants that are in force at this moment, read anew at each request: a grant that has run out is gone in the middle of
an open session. A scope is the set of units a role reaches: the unit of the grant and all beneath it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext as _

from rightcall.office.accounts.roles import DOES, SEES, Act, Kind, Role
from rightcall.office.refusal import refuse

if TYPE_CHECKING:
    from rightcall.office.accounts.models import Account, Unit


@dataclass(frozen=True, slots=True)
class Scope:
    """Units that are reached; ``everywhere``: all there are, so that no filter is needed."""

    units: frozenset[int]
    everywhere: bool = False

    def __contains__(self, unit: int | None) -> bool:
        return self.everywhere or unit in self.units


NOWHERE = Scope(frozenset())


@dataclass(frozen=True, slots=True)
class Held:
    """A grant in force: a role over a unit, by the path of the unit."""

    role: Role
    unit: int
    path: str


class Actor:
    """Who asks. Nobody (not signed in) has no grants and reaches nothing."""

    def __init__(self, account: Account | None, grants: Iterable[Held] = (), units: Iterable[tuple[int, str]] = ()) -> None:
        self.account = account
        self.grants = tuple(grants)
        self._units = tuple(units)
        self._scopes: dict[frozenset[Role], Scope] = {}

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    def scope(self, kind: Kind) -> Scope:
        """The units in which this actor sees things of a kind."""
        return self._reach(SEES[kind])

    def above(self, kind: Kind) -> frozenset[int]:
        """The units over those in which this actor sees things of a kind."""
        return frozenset(int(step) for grant in self.grants if grant.role in SEES[kind] for step in grant.path.strip("/").split("/"))

    def sees(self, kind: Kind) -> bool:
        return bool(self.roles & SEES[kind])

    def reach(self, act: Act) -> Scope:
        """The units in which this actor may do something."""
        return self._reach(DOES[act])

    def may(self, act: Act, unit: Unit | int) -> bool:
        return (unit if isinstance(unit, int) else unit.pk) in self.reach(act)

    def can(self, act: Act) -> bool:
        """Whether the actor may do it anywhere: for what is offered on a page, never for what is allowed."""
        return bool(self.roles & DOES[act])

    def require(self, act: Act, unit: Unit | int) -> Account:
        """The account, if it may. Raises ``Refusal``."""
        if self.account is None or not self.may(act, unit):
            raise refuse("not-allowed", _("Your grants do not allow this here."), _("Ask an administrator which role it needs, and over which unit."))
        return self.account

    def _reach(self, roles: frozenset[Role]) -> Scope:
        if roles not in self._scopes:
            paths = tuple(grant.path for grant in self.grants if grant.role in roles)
            reached = frozenset(unit for unit, path in self._units if path.startswith(paths)) if paths else frozenset()
            self._scopes[roles] = Scope(reached, bool(reached) and len(reached) == len(self._units))
        return self._scopes[roles]


NOBODY = Actor(None)


class Scoped(models.QuerySet[Any]):
    """Rows that belong to a unit. The model says of which ``KIND`` it is and where its unit stands (``UNIT``, a lookup)."""

    def visible_to(self, actor: Actor) -> Self:
        return self.of_units(actor.scope(self.model.KIND))

    def of_units(self, scope: Scope) -> Self:
        """The rows of these units: for counting, where somebody sees figures and no row."""
        if scope.everywhere:
            return self
        return self.filter(**{f"{self.model.UNIT}__in": sorted(scope.units)}) if scope.units else self.none()


class ScopedModel(models.Model):
    """A row that is seen only through ``visible_to``."""

    KIND: Kind
    UNIT = "unit_id"
    objects: ClassVar[Any] = Scoped.as_manager()

    class Meta:
        abstract = True
