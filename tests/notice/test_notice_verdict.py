"""What a notice is worth, and that the page reckons in the browser what Python does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from tarn import ADDRESS, CODE, KEYS, NOW, OTHER, STRANGER, TARN, key, listed, read_back, text

from chromium import browser
from rightcall.law.problem import Refused
from rightcall.notice import base64url
from rightcall.notice.checker import checker_page
from rightcall.notice.code import Code, sign
from rightcall.notice.key import Keys, PrivateKey
from rightcall.notice.number import Number
from rightcall.notice.status import Status, StatusList, read_list
from rightcall.notice.verdict import judge

WITHDRAWN = key(4, "tarn", "Call-up office of Tarn, key of 2025", withdrawn=NOW.date())
ALL = Keys((*KEYS, WITHDRAWN.public))


@pytest.mark.parametrize(
    ("status", "word"), [(Status.IN_FORCE, "genuine"), (Status.REVOKED, "revoked"), (Status.REPLACED, "replaced"), (Status.UNUSED, "unknown")]
)
def test_the_list_decides(status: Status, word: str) -> None:
    verdict = judge(text(), KEYS, NOW, read_back((CODE.index, status)))
    assert (verdict.word, verdict.signed and verdict.signed.code) == (word, CODE)
    assert "2026-10-11 09:00 UTC" in verdict.says


def test_without_a_list_of_its_office_nothing_is_said_of_revocation() -> None:
    revoked = read_back((CODE.index, Status.REVOKED), by=OTHER)
    for verdict in (judge(text(), KEYS, NOW), judge(text(), KEYS, NOW, revoked)):
        assert verdict.word == "signed"
        assert "not known" in verdict.says


@pytest.mark.parametrize(("days", "word"), [(-3, "signed"), (0, "signed"), (1, "signed"), (2, "unknown")])
def test_a_list_older_than_the_notice_has_not_heard_of_it(days: int, word: str) -> None:
    made = NOW.replace(month=CODE.issued.month, day=CODE.issued.day) + timedelta(days=days)
    assert judge(text(), KEYS, NOW, read_back(made=made)).word == word


def test_no_list_makes_a_false_code_genuine() -> None:
    bits = StatusList("tarn", NOW, NOW, bytes(1000))
    changed = text()[:-1] + ("A" if text()[-1] != "A" else "Q")
    assert [judge(written, ALL, NOW, bits).word for written in (text(), changed, text(by=STRANGER), "x")] == ["genuine", "forged", "foreign", "foreign"]


# --- the page reckons the same ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page, open in a browser, as something to put questions to."""
    file: Path = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(checker_page(ALL, NOW.date(), address=ADDRESS), "utf-8")
    with browser() as opened:
        page = opened.new_page()
        page.goto(file.as_uri())
        yield page


JUDGE = """async ([texts, now, list]) => {
  const read = list && (await rightcall.readList(list, rightcall.keys));
  return texts.map((text) => {
    const { word, code } = rightcall.judge(text, rightcall.keys, now, read);
    return [word, code ? [code.number, code.index, code.issued, code.reports, code.place] : null];
  });
}"""


def _in_python(written: str, found: StatusList | None, now: Any = NOW) -> list[Any]:
    verdict = judge(written, ALL, now, found)
    if verdict.signed is None:
        return [verdict.word, None]
    code = verdict.signed.code
    return [verdict.word, [str(code.number), code.index, code.issued.isoformat(), code.reports and code.reports.isoformat(), code.place]]


def _random_code(rng: random.Random) -> tuple[Code, PrivateKey]:
    days = CODE.issued + timedelta(days=rng.randrange(-40, 20))
    reports = days + timedelta(days=rng.randrange(40)) if rng.random() < 0.8 else None
    place = "".join(rng.choices("ABCXYZ019-", k=rng.randrange(9)))
    return Code(Number(rng.randbytes(16)), rng.choice((rng.randrange(1200), (1 << 32) - 1)), days, reports, place), rng.choice((TARN, OTHER, STRANGER))


def _texts() -> list[str]:
    """True codes, and such as are false in every way that we know."""
    rng = random.Random(11)
    true = [text(*_random_code(rng)) for _ in range(120)]
    payload = sign(CODE, TARN)
    flipped = [base64url.written(bytes(byte ^ (1 << bit % 8) * (place == bit // 8) for place, byte in enumerate(payload))) for bit in range(8 * len(payload))]
    body = payload[:-64]
    odd = [base64url.written(body[:29] + place + WITHDRAWN.sign(b"")) for place in (b"tarn\0\0\0\0", b"A\0B\0\0\0\0\0")]
    live = PrivateKey(WITHDRAWN.public.__class__("tarn", "Tarn", WITHDRAWN.public.raw, *(TARN.public.first, TARN.public.last)), WITHDRAWN.secret)
    spelled = [text()[:-1] + sign_ for sign_ in "AEIMQUYcgkosw048"] + [text() + "A", text() + "=", text().replace("_", "/"), f" {text()[:70]}\n{text()[70:]} "]
    return [*true, *flipped, *odd, *spelled, text(by=live), "", "#", "x", "Ж", "https://example.org/"]


@pytest.mark.parametrize("held", ["no list", "a list", "a list of the other"])
def test_the_page_judges_as_python_does(program: Any, held: str) -> None:
    rng = random.Random(5)
    told = [(index, Status(rng.randrange(4))) for index in range(1000)]
    lists = {"no list": None, "a list": listed(*told), "a list of the other": listed(*told, by=OTHER)}
    written, texts = lists[held], _texts()
    found = read_list(written, ALL) if written else None
    expected = [_in_python(one, found) for one in texts]
    assert program.evaluate(JUDGE, [texts, NOW.timestamp() * 1000, written]) == expected
    words = {word for word, _ in expected}
    assert words >= {"signed", "forged", "foreign", "key", "day"} | ({"genuine", "revoked", "replaced", "unknown"} if held == "a list" else set())


@pytest.mark.parametrize("days", [-8, -7, -6, 0, 90, 400])
def test_the_page_judges_as_python_does_on_other_days(program: Any, days: int) -> None:
    now = NOW + timedelta(days=days)
    assert program.evaluate(JUDGE, [[text()], now.timestamp() * 1000, None]) == [_in_python(text(), None, now)]


def test_the_page_reads_lists_as_python_does(program: Any) -> None:
    good = listed((1, Status.REVOKED))
    bad = [good[:place] + ("B" if good[place] != "B" else "C") + good[place + 1 :] for place in range(0, len(good), 7)]
    bad += ["", "a.b.c", good + ".x", good.split(".", 1)[1], listed(by=STRANGER), listed(by=TARN, made=NOW - timedelta(days=200))[:-4]]
    ask = "async (texts) => { const all = []; for (const text of texts) { const read = await rightcall.readList(text, rightcall.keys); all.push(!!read); } return all; }"
    assert program.evaluate(ask, [good, *bad]) == [True, *(_reads(one) for one in bad)]
    assert not any(_reads(one) for one in bad)


def _reads(written: str) -> bool:
    try:
        read_list(written, ALL)
    except Refused:
        return False
    return True


def test_a_list_of_a_million_is_read_by_the_page(program: Any) -> None:
    rng = random.Random(3)
    written = listed(*((index, Status(rng.choices((0, 1, 3), (94, 5, 1))[0])) for index in range(1_000_000)), size=1_000_000)
    found = read_list(written, ALL)
    asked = rng.sample(range(1_000_000), 2000)
    ask = "async ([text, asked]) => { const { bits } = await rightcall.readList(text, rightcall.keys); return asked.map((one) => (bits[one >> 2] >> ((one % 4) * 2)) & 3); }"
    assert program.evaluate(ask, [written, asked]) == [int(found.status_of(one)) for one in asked]


L = 2**252 + 27742317777372353535851937790883648493


def test_the_page_verifies_signatures_as_openssl_does(program: Any) -> None:
    """RFC 8032, section 7.1, tests 1 to 3; then random ones with everything that can be wrong: another message, key or bit, and S + L, the second spelling of a scalar."""
    cases = [(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)) for public, message, signature in RFC_8032]
    rng = random.Random(1)
    for size in (0, 1, 63, 64, 111, 112, 127, 128, 500):
        secret, message = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32)), rng.randbytes(size)
        public, signature = secret.public_key().public_bytes_raw(), secret.sign(message)
        second = (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")
        bit = rng.randrange(512)
        flipped = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
        cases += [(public, message, signature), (public, message + b"x", signature), (rng.randbytes(32), message, signature)]
        cases += [
            (public, message, flipped),
            (public, message, signature[:32] + second),
            (public, message, bytes(64)),
            (public, message, signature[:32] + bytes(32)),
        ]
    ask = "(cases) => cases.map(([key, message, signature]) => rightcall.verify(new Uint8Array(signature), new Uint8Array(message), new Uint8Array(key)))"
    expected = [_openssl(*case) for case in cases]
    assert program.evaluate(ask, [[list(part) for part in case] for case in cases]) == expected
    assert sum(expected) == len(RFC_8032) + 9


def _openssl(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
