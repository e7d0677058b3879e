"""A made-up office with its keys, a notice in three languages, and a code: what the tests of notices share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rightcall.notice.code import Code, qr_svg, sign, text_of
from rightcall.notice.key import Keys, PrivateKey, PublicKey
from rightcall.notice.letter import Facts, Letter, Lines, Paragraph, Points, Section, Strip
from rightcall.notice.number import Number
from rightcall.notice.status import Status, StatusList, build, read_list

ADDRESS = "https://check.valmora.example/n"
NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)


def key(seed: int, issuer: str = "tarn", name: str = "Call-up office of Tarn", withdrawn: date | None = None) -> PrivateKey:
    """The same key for the same seed; it signs in 2026."""
    secret = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return PrivateKey(PublicKey(issuer, name, secret.public_key().public_bytes_raw(), date(2026, 1, 1), date(2026, 12, 31), withdrawn), secret)


TARN, OTHER, STRANGER = key(1), key(2, "lume", "Відділ призову Люме </script><b>"), key(3, "nobody", "Nobody")
KEYS = Keys((TARN.public, OTHER.public))
CODE = Code(Number(bytes(range(16))), 77, date(2026, 10, 5), date(2026, 10, 20), "TARN-2")


def text(code: Code = CODE, by: PrivateKey = TARN) -> str:
    return text_of(sign(code, by), ADDRESS)


def listed(*statuses: tuple[int, Status], by: PrivateKey = TARN, made: datetime = NOW - timedelta(days=1), size: int = 1000) -> str:
    return build(statuses, size, by, f"{ADDRESS}/status.jwt", made, made + timedelta(days=7))


def read_back(*statuses: tuple[int, Status], by: PrivateKey = TARN, made: datetime = NOW - timedelta(days=1)) -> StatusList:
    return read_list(listed(*statuses, by=by, made=made), KEYS)


def notice(name: str = "Ilya Petrovich Sample", code: Code = CODE) -> Letter:
    """A usual notice."""
    return Letter(
        language="en",
        title="Notice of call-up",
        office="Call-up office of Tarn",
        office_lines=("12 Mill Street, Tarn · telephone 020 555 0142", "open Monday to Saturday, 8 to 18"),
        addressee=(name, "4 Station Road, flat 9", "Tarn"),
        dated=code.issued,
        lead="You are called to report for service. You have the right to contest this until 19 October.",
        sections=SECTIONS,
        officer=("Responsible: Maria Example, head of section", "telephone 020 555 0143"),
        strip=Strip(
            "Check that this notice is genuine",
            str(code.number),
            (
                "With a phone: point the camera at the code. The page shows the day and the place; compare them with this paper.",
                "Without a phone: call 020 555 0199 and read out the number. It is free.",
                "No one may ask you for money or for data to check it.",
            ),
            qr_svg(text(code)),
            "QR code that opens the page on which this notice can be checked",
        ),
        footer=f"Call-up office of Tarn · notice {code.number}",
    )


SECTIONS = (
    Section(
        "",
        (
            Facts(
                (
                    ("When", "Tuesday, 20 October 2026, 10:00"),
                    ("Where", "Call-up office of Tarn, 12 Mill Street, room 4 (TARN-2)"),
                    ("Contest until", "19 October 2026, end of day"),
                )
            ),
        ),
    ),
    Section(
        "Why you are called",
        (
            Paragraph(
                "You are in the reserve, class A, soldier, aged 31. Reservists of your class up to the age of 35 may be called by Decree 6 of "
                "21 September 2026 (Call-up Act, art. 17). We looked in the registers of health, study, family and civil status on 4 October 2026 and found "
                "nothing that protects you. We may be wrong: if something below is so, tell us."
            ),
        ),
    ),
    Section(
        "What to bring",
        (Points(("passport and military card", "medical papers, if you are or were ill", "papers of children, of relatives you care for, of study, if any")),),
    ),
    Section(
        "Your rights",
        (
            Points(
                (
                    "You may contest this notice, and you need not give proof when you do. While your contest is open you need not report.",
                    "You may bring a lawyer or a relative, and ask for an interpreter.",
                    "You are examined by a medical board before any decision.",
                    "If you cannot come on that day, call us before it.",
                )
            ),
        ),
    ),
    Section(
        "How to contest",
        (
            Paragraph(
                "At this office, by post, by telephone 020 555 0142, or at contest.valmora.example with the number below. A contest is decided within ten days. "
                "If it is refused, you may go to the court of Tarn within thirty days."
            ),
        ),
    ),
)

QUESTIONNAIRE = Letter(
    language="uk",
    title="Що з цього про вас?",
    office="Тарнський відділ призову",
    office_lines=("вул. Млинова, 12, Тарн",),
    addressee=("Ґалаґан Євгенія Їжакевич",),
    dated=date(2026, 10, 5),
    lead="Позначте все, що є правдою. Якщо не знаєте, лишіть порожнім.",
    sections=(
        Section(
            "Сім’я",
            (Points(("У мене є діти до 16 років", "Я доглядаю за родичем"), "box"), Paragraph("Якщо так, скільки дітей і коли вони народилися:"), Lines(3)),
        ),
        Section("Навчання", (Points(("Я навчаюся", "Я пишу дисертацію"), "box"),)),
    ),
    officer=("Відповідальна: Марія Приклад",),
)

PROTECTED = Letter(
    language="ru",
    title="Вы защищены законом",
    office="Тарнский отдел призыва",
    office_lines=("ул. Мельничная, 12, Тарн",),
    addressee=("Сергей Образцов",),
    dated=date(2026, 10, 5),
    lead="Мы вычеркнули вас из списка: у вас четверо детей до шестнадцати лет.",
    sections=(
        Section("Почему", (Paragraph("Закон даёт отсрочку (ст. 18, п. 1, пп. 4)."), Points(("реестр актов гражданского состояния", "ваш ответ"), "number"))),
    ),
    officer=("Ответственная: Мария Пример",),
)
