"""Units, accounts, grants, and the sign-ins of an account."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rightcall.office.accounts.roles import Role
from rightcall.office.accounts.scope import Scoped, ScopedModel


class Unit(models.Model):
    """An office, board, site, prosecutor ...: a place in the tree, for a time. ``path`` holds the ids from the root down: ``/1/4/9/``."""

    class Kind(models.TextChoices):
        MINISTRY = "ministry", _("ministry")
        REGION = "region", _("region")
        OFFICE = "office", _("call-up office")
        BOARD = "board", _("medical board")
        SITE = "site", _("site")
        OVERSIGHT = "oversight", _("oversight")

    KIND: ClassVar[Any] = "unit"
    UNIT = "pk"
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    address = models.CharField(max_length=300, blank=True)
    telephone = models.CharField(max_length=60, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=200, db_index=True, editable=False)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    objects = Scoped.as_manager()

    class Meta:
        ordering = ("path",)
        constraints = (models.CheckConstraint(name="unit_ends_after_it_begins", condition=Q(until=None) | Q(until__gt=F("since"))),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The path follows from the parent; a unit does not move (it ends, and another begins)."""
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if self.path != path:
            self.path = path
            super().save(update_fields=["path"])

    @property
    def depth(self) -> int:
        return self.path.count("/") - 2

    def stands_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(username=self.model.normalize_username(username), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person on the staff. It has no rights of its own, only grants.

    ``subject``: who it is at the OpenID Connect provider. ``handed_out``: whoever made it knows its password and its secret still, so it may do nothing.
    """

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    post = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    subject = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True)
    handed_out = models.BooleanField(default=False)
    objects = AccountManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("username",)
        constraints = (models.UniqueConstraint(name="one_account_a_subject", fields=("subject",), condition=~Q(subject="")),)

    def __str__(self) -> str:
        return f"{self.name}, {self.post}" if self.post else self.name


class Grant(ScopedModel):
    """A role over a unit for a period, half-open. It counts once a second person has confirmed it, and until it is ended."""

    KIND = "grant"
    account = models.ForeignKey(Account, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=14, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants")
    since = models.DateField()
    until = models.DateField()
    reason = models.CharField(max_length=200)
    proposed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(name="grant_ends_after_it_begins", condition=Q(until__gt=F("since"))),
            models.CheckConstraint(name="grant_given_by_two", condition=Q(confirmed_by=None) | Q(proposed_by=None) | ~Q(confirmed_by=F("proposed_by"))),
            models.CheckConstraint(name="nobody_grants_himself", condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("account"))),
        )

    def __str__(self) -> str:
        return f"{self.account.username}: {self.role} @ {self.unit}"

    def in_force(self, moment: datetime, day: date) -> bool:
        ended = self.ended_at is not None and self.ended_at <= moment
        return self.confirmed_at is not None and not ended and self.since <= day < self.until

    @property
    def state(self) -> str:
        if self.ended_at:
            return "ended"
        return "confirmed" if self.confirmed_at else "proposed"


class SignIn(models.Model):
    """One sign-in of an account: so that he can see where he is signed in, and end it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="sign_ins")
    session = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=60)
    at = models.DateTimeField()
    last = models.DateTimeField()

    class Meta:
        ordering = ("-last",)

    def __str__(self) -> str:
        return f"{self.account.username}, {self.at:%Y-%m-%d %H:%M}"
