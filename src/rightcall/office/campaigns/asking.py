"""Asking a person: the interview of the law put as a questionnaire, by a link or on paper, the fewest questions that settle him.

Replies are kept in order and the interview is played again from them, so that it has no state of its own; the last answer can be undone.
What he says are claims: beside the registers, through the same evidence and the same law.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from rightcall.law.account import read_day, read_person, written
from rightcall.law.interview import Checklist, Column, Count, HowMany, Interview, Question, Reply, Single, answer, begin, next_question
from rightcall.law.pack import Pack
from rightcall.law.person import Known, Person
from rightcall.law.problem import Refused
from rightcall.law.value import ABSENT, Span
from rightcall.law.vocabulary import FactType
from rightcall.law.words import fact_label
from rightcall.notice.number import Number
from rightcall.office.accounts.models import Account
from rightcall.office.accounts.scope import Actor
from rightcall.office.campaigns.acts import law_of
from rightcall.office.campaigns.dossier import known_of
from rightcall.office.campaigns.models import CallUp, Campaign, Claim, Questionnaire, Roll
from rightcall.office.clock import now
from rightcall.office.jobs.work import ask_for
from rightcall.office.journal.writing import Said, record, record_all
from rightcall.office.refusal import refuse

_DAY = FactType("on", "date")
_NONE = "none"


def queue_of(roll: Roll) -> Any:
    """Whom to ask: open because nobody has asked, and no questionnaire is out."""
    open = CallUp.objects.filter(roll=roll, verdict=CallUp.Verdict.OPEN, because="ask", state=CallUp.State.CHECKED)
    return open.exclude(questionnaires__state__in=(Questionnaire.State.SENT, Questionnaire.State.OPENED))


@transaction.atomic
def send(actor: Actor, callups: Iterable[CallUp]) -> list[tuple[Questionnaire, str]]:
    """A questionnaire for each, with the secret of its link, which is not kept. Raises ``Refusal``.

    INVARIANT: who is sent another goes on where he was: the earlier link is void, what he has answered is not.
    """
    made = []
    for callup in callups:
        by = actor.require("callup.ask", callup.unit_id)
        if callup.verdict != CallUp.Verdict.OPEN:
            raise refuse("not-open", _("Only somebody whose finding is open is asked."))
        secret = Number.random()
        sent = {"token": _hash(secret), "sent_by": by, "sent_at": now()}
        out = Questionnaire.objects.select_for_update().filter(callup=callup).exclude(state=Questionnaire.State.ANSWERED)
        made.append((_sent_anew(out.first(), sent) or Questionnaire.objects.create(callup=callup, **sent), str(secret)))
    if made:
        record_all([Said("callup.asked", questionnaire.callup) for questionnaire, _secret in made], actor.account)
    return made


def _sent_anew(out: Questionnaire | None, sent: Mapping[str, Any]) -> Questionnaire | None:
    """The one that is out already, under a new link; from the beginning where nothing was answered."""
    if out is not None:
        begun = {} if out.replies else {"known": None, "state": Questionnaire.State.SENT}
        for name, value in {**sent, **begun}.items():
            setattr(out, name, value)
        out.save(update_fields=[*sent, *begun])
    return out


def link_of(secret: str) -> str:
    return f"{settings.ADDRESS}/answer/{secret}"


def _hash(secret: Number) -> str:
    return hashlib.sha256(secret.raw).hexdigest()


def by_secret(secret: str) -> Questionnaire | None:
    """The questionnaire of a link, or of what somebody typed from a letter."""
    try:
        token = _hash(Number.read(secret))
    except Refused:
        return None
    found = Questionnaire.objects.filter(token=token).select_related("callup__roll__campaign", "callup__unit", "callup__person").first()
    return found


@dataclass(frozen=True)
class Sitting:
    """A person at his questionnaire: the interview as far as he has answered it."""

    questionnaire: Questionnaire
    law: Pack
    interview: Interview

    @cached_property
    def question(self) -> Question | None:
        return next_question(self.interview)


def sit_down(questionnaire: Questionnaire) -> Sitting:
    """The interview, played again from the replies. What the registers say of him is looked up when it is opened for the first time."""
    campaign = questionnaire.callup.roll.campaign
    law = law_of(campaign)
    if questionnaire.known is None:
        questionnaire.known = known_of(questionnaire.callup)
        first = Questionnaire.objects.filter(pk=questionnaire.pk, known__isnull=True).update(known=questionnaire.known, state=Questionnaire.State.OPENED)
        if not first:
            questionnaire.refresh_from_db(fields=["known", "replies", "state"])
    interview = _begun(campaign, law, questionnaire)
    for reply in questionnaire.replies:
        question = next_question(interview)
        assert question is not None, "the replies of a questionnaire are to its questions"
        interview = answer(interview, question, _reply_of(question, reply))
    return Sitting(questionnaire, law, interview)


def _begun(campaign: Campaign, law: Pack, questionnaire: Questionnaire) -> Interview:
    person, misfits = read_person(questionnaire.known or {}, law.vocabulary)
    assert not misfits, "what was written of a person reads back"
    on = read_day(_DAY, campaign.on) if campaign.on[:1].isdigit() else None
    return begin(law, law.readings(campaign.readings or None), on, person)


@transaction.atomic
def reply(questionnaire: Questionnaire, given: Reply, place: int) -> Sitting:
    """One more answer, to the question that stood in this place. Raises ``Unfit`` where it is none to it, ``Refusal`` where it was answered already.

    INVARIANT: an answer is never taken for one to another question, as when it comes twice, or from an old window.
    """
    held = _held(questionnaire)
    if len(held.replies) != place:
        raise refuse("answered-there", _("This question was answered already, in another window."), _("Go on from the page that is shown now."))
    sitting = sit_down(held)
    if sitting.question is None:
        return sitting
    after = answer(sitting.interview, sitting.question, given)
    held.replies = [*held.replies, _written(sitting.question, given)]
    held.save(update_fields=["replies"])
    return Sitting(held, sitting.law, after)


@transaction.atomic
def undo(questionnaire: Questionnaire) -> Sitting:
    """The last answer is taken back; until he has sent it off."""
    held = _held(questionnaire)
    held.replies = held.replies[:-1]
    held.save(update_fields=["replies"])
    return sit_down(held)


@transaction.atomic
def send_off(questionnaire: Questionnaire) -> Questionnaire:
    """He is done: what he said counts from now on, and he is looked at again."""
    return _ended(sit_down(_held(questionnaire))).questionnaire


def _held(questionnaire: Questionnaire) -> Questionnaire:
    held: Questionnaire = (
        Questionnaire.objects.select_for_update(of=("self",)).select_related("callup__roll__campaign", "callup__unit", "sent_by").get(pk=questionnaire.pk)
    )
    if held.state == Questionnaire.State.ANSWERED:
        raise refuse("answered", _("These questions are answered already."), _("If something has changed, tell the office."))
    return held


def _ended(sitting: Sitting) -> Sitting:
    held, before = sitting.questionnaire, read_person(sitting.questionnaire.known or {}, sitting.law.vocabulary)[0]
    claims = said_anew(before, sitting.interview.person, sitting.law)
    held.state, held.answered_at = Questionnaire.State.ANSWERED, now()
    held.save(update_fields=["state", "answered_at"])
    record("callup.answered", held.callup, None, {"facts": sorted(claims)})
    take_down(held.callup, claims, None)
    return sitting


def summary(sitting: Sitting) -> list[tuple[str, Any]]:
    """What he has said so far, each beside its question: for him to look at before it is sent off."""
    before = read_person(sitting.questionnaire.known or {}, sitting.law.vocabulary)[0]
    facts = sitting.law.vocabulary
    return [(facts[name].ask or fact_label(name), value) for name, value in said_anew(before, sitting.interview.person, sitting.law).items()]


def said_anew(before: Person, after: Person, law: Pack) -> dict[str, Any]:
    """What an interview added: facts, and whole lists where one of their rows is new."""
    told = written(after, law.vocabulary)
    known = written(before, law.vocabulary)
    new = {name: value for name, value in told.items() if name not in known or known[name] != value}
    emptied = {name for name in new if law.vocabulary[name].kind == "list" and not new[name]}
    return {name: _NONE if value is None else value for name, value in new.items() if name not in emptied and value != "unknown"}


def take_down(callup: CallUp, claims: Mapping[str, Any], by: Account | None, proof: str = "") -> None:
    """Claims of a person; with ``proof``, what an officer saw. He is screened again. To be called after what is recorded: whoever holds the log waits for no job."""
    made = [Claim(callup=callup, fact=fact, value=value, proven=bool(proof), proof=proof, by=by, at=now()) for fact, value in claims.items()]
    Claim.objects.bulk_create(made)
    if made:
        ask_for("roll.screen", callup.roll_id, callup.unit, by, roll=callup.roll_id)


@transaction.atomic
def take_proof(actor: Actor, callup: CallUp, fact: str, proof: str) -> None:
    """An officer has seen the paper for what a person said. Raises ``Refusal``. INVARIANT: nobody is taken out of a protection by it."""
    by = actor.require("callup.answer", callup.unit_id)
    if CallUp.objects.select_for_update().get(pk=callup.pk).verdict in (CallUp.Verdict.BARRED, CallUp.Verdict.DEFERRED):
        raise refuse("protected", _("This person is protected; a paper takes no protection away."), _("If a register is wrong, its keeper has to mend it."))
    claim = Claim.objects.filter(callup=callup, fact=fact).order_by("-pk").first()
    if claim is None or claim.proven:
        raise refuse("no-claim", _("There is no claim without proof of this."))
    record_all([Said("callup.proven", callup, {"fact": fact, "proof": proof})], by)
    take_down(callup, {fact: claim.value}, by, proof)


# --- replies, as they are kept ------------------------------------------------------------------------------------


def _written(question: Question, given: Reply) -> Any:
    match question, given:
        case _, None:
            return None
        case HowMany(), Count(number, open_ended):
            return {"count": number, "more": open_ended}
        case Checklist(), tuple():
            return list(given)
        case Column(), tuple():
            return [_value(value) for value in given]
        case _:
            return _value(given)


def _value(value: Any) -> Any:
    if isinstance(value, Span):
        return {"low": value.low, "high": value.high, "partial": value.partial}
    return {"none": True} if value is ABSENT else value


def _reply_of(question: Question, kept: Any) -> Reply:
    if kept is None:
        return None
    match question:
        case HowMany():
            return Count(kept["count"], kept["more"])
        case Checklist():
            return tuple(kept)
        case Column():
            return tuple(_known(value) for value in kept)
        case Single():
            return _known(kept)


def _known(kept: Any) -> Known:
    if isinstance(kept, dict):
        return ABSENT if kept.get("none") else Span(kept["low"], kept["high"], kept["partial"])
    known: Known = kept
    return known
