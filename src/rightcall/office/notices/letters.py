"""What letters say: the notice, the letter to somebody who was struck, the printed questionnaire. How they look is the business of ``rightcall.notice.letter``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rightcall.law.pack import Pack
from rightcall.notice.code import qr_svg
from rightcall.notice.letter import Facts, Letter, Lines, Paragraph, Points, Press, Section, Strip, day_words
from rightcall.notice.number import Number
from rightcall.office.accounts.models import Unit
from rightcall.office.campaigns.acts import law_of
from rightcall.office.campaigns.models import CallUp, Person
from rightcall.office.clock import today
from rightcall.office.keys import person_code
from rightcall.office.notices.models import Notice

_PRESS = threading.local()
_MOST_ASKED = 40


def printed(letter: Letter) -> bytes:
    """The PDF. One press for each thread."""
    if not hasattr(_PRESS, "press"):
        _PRESS.press = Press()
    pdf: bytes = _PRESS.press.pdf(letter)
    return pdf


def notice_letter(notice: Notice) -> Letter:
    """The notice itself: what, on what ground, when and where, what to bring, which rights, until when."""
    with translation.override(notice.language):
        return _notice(notice)


def _notice(notice: Notice) -> Letter:
    unit, language = notice.unit, notice.language
    until, day = day_words(notice.contest_until, language), day_words(notice.report_on, language)
    hour = time_format(notice.report_at, "H:i")
    number = str(Number(bytes.fromhex(notice.number)))
    return Letter(
        language=language,
        title=_("Notice of call-up"),
        office=unit.name,
        office_lines=tuple(filter(None, (unit.address, unit.telephone))),
        addressee=_addressee(notice.callup.person),
        dated=notice.issued_at.date(),
        lead=_("You are called up. If you think that this is a mistake, say so until %(until)s: you then need not come until it is decided.")
        % {"until": until},
        sections=tuple(_notice_sections(notice, day, hour, until)),
        officer=(notice.issued_by.name, notice.issued_by.post, unit.name),
        strip=Strip(
            heading=_("Is this notice genuine?"),
            number=number,
            lines=(
                _("Check it at %(address)s or scan the code. It shows nothing about you.") % {"address": f"{settings.ADDRESS}/check"},
                _("Without a phone, ask the office: %(telephone)s.") % {"telephone": unit.telephone or unit.address or unit.name},
                _("Your own file: %(address)s, with the number above and the code %(code)s. Show the code to nobody.")
                % {"address": f"{settings.ADDRESS}/mine", "code": person_code(notice.number)},
            ),
            qr=qr_svg(notice.code),
            alt=_("The code of this notice, for a phone"),
        ),
        footer=_("A call by loudspeaker, a list on a door, an unsigned paper or a telephone call is no notice. Report it at %(address)s.")
        % {"address": f"{settings.ADDRESS}/improper"},
    )


def _notice_sections(notice: Notice, day: str, hour: str, until: str) -> Iterator[Section]:
    site = notice.site
    yield Section(
        _("When and where"), (Facts(((_("Day"), day), (_("Hour"), hour), (_("Place"), f"{site.name}, {site.address}"), (_("Code of the place"), site.code))),)
    )
    ground = _("By %(act)s, %(cite)s. Before this notice your name was checked against the law and the registers; nothing was found that protects you.")
    yield Section(_("On what ground"), (Paragraph(ground % {"act": notice.ground["act"], "cite": notice.ground["cite"]}),))
    yield Section(
        _("What to bring"),
        (Points((_("this notice and a paper that proves who you are"), _("papers about your health, your family, your studies or your work"), _("medicines that you need"))),),
    )  # fmt: skip
    rights = (
        _("You may contest this notice until %(until)s: in your file, by letter or at the office. No form is needed, and papers may follow later.")
        % {"until": until},
        _("While your contest is open, this notice is suspended: you need not come, and nobody may fetch you."),
        _("You may see what is held about you, from which register, and who looked, and have it corrected."),
        _("A relative or a lawyer may do all this for you."),
    )
    yield Section(_("Your rights"), (Points(rights),))


def _addressee(person: Person) -> tuple[str, ...]:
    return tuple(filter(None, (str(person), person.place)))


def struck_letter(callup: CallUp, explanation: dict[str, Any], officer: tuple[str, ...], language: str) -> Letter:
    """To somebody who was proposed and may not be called up: that he was struck from the list, and why."""
    with translation.override(language):
        grounds = [ground for ground in explanation.get("grounds", []) if ground["truth"]]
        unit = callup.unit
        return Letter(
            language=language,
            title=_("You are not called up"),
            office=unit.name,
            office_lines=tuple(filter(None, (unit.address, unit.telephone))),
            addressee=_addressee(callup.person),
            dated=today(),
            lead=_("Your name was on a list of people to be called up. The law protects you, so it was struck from the list. You need not do anything."),
            sections=tuple(_struck_sections(grounds)),
            officer=officer,
            footer=_("Keep this letter. If somebody calls you up all the same, show it, and report it at %(address)s.")
            % {"address": f"{settings.ADDRESS}/improper"},
        )


def _until(day: str, language: str) -> str:
    """The last day of a ground as the letter writes days."""
    return day_words(date.fromisoformat(day), language)


def _struck_sections(grounds: list[dict[str, Any]]) -> Iterator[Section]:
    for ground in grounds:
        blocks = [Paragraph(f"{ground['act']}, {ground['cite']}")] if ground["cite"] != "-" else []
        if ground["holds_until"] and ground["holds_until"] != "never":
            blocks.append(
                Paragraph(_("On what is known today it protects you until %(day)s.") % {"day": _until(ground["holds_until"], get_language() or "en")})
            )
        yield Section(ground["title"], tuple(blocks))
    yield Section(_("If something here is wrong"), (Paragraph(_("Tell the office. What is held about you is corrected, and you are told.")),))


def questionnaire_letter(callup: CallUp, missing: list[str], secret: str, officer: tuple[str, ...], language: str) -> Letter:
    """The questions on paper, for somebody who does not answer by phone or computer."""
    with translation.override(language):
        unit, law = callup.unit, law_of(callup.roll.campaign)
        return Letter(
            language=language,
            title=_("Questions before a decision"),
            office=unit.name,
            office_lines=tuple(filter(None, (unit.address, unit.telephone))),
            addressee=_addressee(callup.person),
            dated=today(),
            lead=_("Your name is on a list. Before anybody decides, you are asked what no register says. Nobody is called up over silence."),
            sections=(Section(_("Answer on this paper and send it back, or online as the strip below says"), tuple(_questions(law, missing))),),
            officer=officer,
            strip=Strip(
                heading=_("Answer online"),
                number=secret,
                lines=(
                    _("Scan the code, or open %(address)s and type the number. Show it to nobody: whoever has it can answer for you.")
                    % {"address": f"{settings.ADDRESS}/answer"},
                ),
                qr=qr_svg(f"{settings.ADDRESS}/answer/{secret}"),
                alt=_("The link to the questions, for a phone"),
            ),
            footer=_("Leave open what you do not know: it stays unknown, and counts against nobody."),
        )


def _questions(law: Pack, missing: list[str]) -> Iterator[Any]:
    for name in dict.fromkeys(name.partition("[].")[0] for name in missing[:_MOST_ASKED]):
        fact = law.vocabulary.facts.get(name.removesuffix(".complete"))
        if fact is None:
            continue
        yield Paragraph(fact.ask or fact.name)
        if fact.kind == "bool":
            yield Points((_("yes"), _("no"), _("I do not know")), "box")
        elif fact.kind == "one_of":
            yield Points(tuple(value.replace("_", " ") for value in fact.values), "box")
        else:
            yield Lines(1)


def unit_officer(unit: Unit, name: str, post: str) -> tuple[str, ...]:
    return tuple(filter(None, (name, post, unit.name)))
