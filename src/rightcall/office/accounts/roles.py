"""What each role sees and does, as data. A role counts only through a grant: over a unit and all beneath it, for a period.

INVARIANT: the administrator sees no person and no case; the statistician sees figures, never a row; who works at a site sees no call-up file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

Kind = Literal[
    "unit", "grant", "account", "campaign", "roll", "callup", "finding", "questionnaire", "notice", "site", "case", "report", "look", "event", "job", "figure"
]
Act = Literal[
    "campaign.draft", "campaign.authorise", "campaign.end", "roll.upload", "roll.freeze", "roll.sign", "roll.screen", "registers.deliver",
    "callup.ask", "callup.answer", "callup.strike", "notice.issue", "notice.revoke", "notice.serve", "report.handle", "grant.propose", "grant.confirm", "grant.end", "job.again",
]  # fmt: skip


class Role(TextChoices):
    """The roles of an office and of those who watch it."""

    CLERK = "clerk", _("clerk")
    COMMISSAR = "commissar", _("commissar")
    BOARD = "board", _("medical board")
    REVIEWER = "reviewer", _("reviewer")
    OVERSEER = "overseer", _("overseer")
    SITE = "site", _("site officer")
    QUARTERMASTER = "quartermaster", _("quartermaster")
    MEDIC = "medic", _("medic")
    STATISTICIAN = "statistician", _("statistician")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


_OFFICE = frozenset({Role.CLERK, Role.COMMISSAR})
_FILES = _OFFICE | {Role.BOARD, Role.REVIEWER, Role.OVERSEER}
_ALL = frozenset(Role)

SEES: Mapping[Kind, frozenset[Role]] = {
    "unit": _ALL,
    "site": _ALL - {Role.ADMINISTRATOR},
    "campaign": _ALL - {Role.ADMINISTRATOR},
    "roll": _OFFICE | {Role.REVIEWER, Role.OVERSEER},
    "callup": _FILES,
    "finding": _FILES,
    "questionnaire": _OFFICE | {Role.REVIEWER, Role.OVERSEER},
    "notice": _OFFICE | {Role.REVIEWER, Role.OVERSEER},
    "case": _FILES,
    "report": frozenset({Role.OVERSEER, Role.REVIEWER}),
    "look": frozenset({Role.OVERSEER, Role.AUDITOR}),
    "event": frozenset({Role.OVERSEER, Role.AUDITOR}),
    "job": _OFFICE | {Role.OVERSEER},
    "figure": _FILES | {Role.STATISTICIAN, Role.AUDITOR},
    "grant": frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.OVERSEER}),
    "account": frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
}
DOES: Mapping[Act, frozenset[Role]] = {
    "campaign.draft": frozenset({Role.COMMISSAR}),
    "campaign.authorise": frozenset({Role.COMMISSAR}),
    "campaign.end": frozenset({Role.COMMISSAR, Role.OVERSEER}),
    "roll.upload": frozenset({Role.CLERK}),
    "roll.freeze": frozenset({Role.CLERK}),
    "roll.sign": frozenset({Role.COMMISSAR}),
    "roll.screen": _OFFICE,
    "registers.deliver": _OFFICE,
    "callup.ask": frozenset({Role.CLERK}),
    "callup.answer": frozenset({Role.CLERK}),
    "callup.strike": _OFFICE | {Role.OVERSEER},
    "notice.issue": frozenset({Role.CLERK}),
    "notice.revoke": _OFFICE | {Role.OVERSEER},
    "notice.serve": frozenset({Role.CLERK}),
    "report.handle": frozenset({Role.OVERSEER}),
    "grant.propose": frozenset({Role.ADMINISTRATOR}),
    "grant.confirm": frozenset({Role.ADMINISTRATOR}),
    "grant.end": frozenset({Role.ADMINISTRATOR, Role.OVERSEER}),
    "job.again": _OFFICE,
}
