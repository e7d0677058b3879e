"""Notices: check the code of one, and make the page with which anybody can."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rightcall.cli.console import print_plain
from rightcall.law.problem import Refused, refuse

if TYPE_CHECKING:
    from rightcall.notice.status import StatusList
    from rightcall.notice.verdict import Verdict

app = typer.Typer(help="Notices: check one, make the page that checks them offline, and keys to sign them.", no_args_is_help=True)
INSTALL = "pip install 'rightcall[notice]'"

KeysOption = Annotated[Path, typer.Option("--keys", metavar="FILE", help="The public list of keys (TOML).")]


@app.callback()
def _notice() -> None:
    """Notices: check one, make the page that checks them offline, and keys to sign them."""


def _no_extra() -> Refused:
    return refuse("notices are signed and read with libraries that are not installed", help=INSTALL)


@app.command("check", epilog="**Example:** `rightcall notice check 'https://check.example/n#AWgc...' --keys keys.toml --status status.jwt`")
def check(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the QR code says, with or without its address.")],
    keys: KeysOption,
    status: Annotated[Path | None, typer.Option("--status", metavar="FILE", help="The office's list of what became of its notices.")] = None,
) -> None:
    """Check the code of a notice: genuine, signed (no list says more), replaced, revoked, unknown, forged, or not a code of these offices.

    Exit status 1 when the notice cannot be relied on.
    """
    try:
        from rightcall.notice.key import read_keys
        from rightcall.notice.verdict import judge
    except ImportError:
        raise _no_extra() from None
    known, now = read_keys(keys), datetime.now(UTC)
    listed = _list(status, keys) if status else None
    verdict = judge(text, known, now, listed)
    _show(verdict, now.date())
    if listed is not None:
        _show_list(listed, now)
    raise typer.Exit(0 if verdict.word in ("genuine", "signed") else 1)


def _list(file: Path, keys: Path) -> StatusList:
    from rightcall.notice.key import read_keys
    from rightcall.notice.status import read_list

    try:
        return read_list(file.read_text("utf-8"), read_keys(keys))
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(f"the list of notices cannot be read: {error}", file) from None


def _show(verdict: Verdict, today: date) -> None:
    print_plain(f"{verdict.word}: {verdict.says}")
    if verdict.signed is None:
        return
    code, key = verdict.signed
    reports = "no day is named" if code.reports is None else f"{code.reports}{' (this day is over)' if code.reports < today else ''}"
    lines = {"office": key.name, "number": str(code.number), "issued on": str(code.issued), "report on": reports, "place": code.place or "none is named"}
    for label, value in lines.items():
        print_plain(f"  {label:<10}{value}")
    print_plain("compare each line with the paper; if one differs, the code was copied from another notice")


def _show_list(listed: StatusList, now: datetime) -> None:
    stale = f"; a newer one was promised by {listed.until:%Y-%m-%d %H:%M} UTC" if listed.is_stale(now) else ""
    print_plain(f"the list of {listed.issuer} was made on {listed.made:%Y-%m-%d %H:%M} UTC, age in days: {max(listed.age(now).days, 0)}{stale}")


@app.command(
    "checker", epilog="**Example:** `rightcall notice checker --keys keys.toml --address https://check.example/n --phone '020 555 0199' --out page.html`"
)
def checker(
    keys: KeysOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The page; it is written over.")],
    address: Annotated[str, typer.Option("--address", metavar="URL", help="The true address of the page, as it warns of others.")] = "",
    phone: Annotated[str, typer.Option("--phone", metavar="TEXT", help="The number to phone, for those without a phone that can check.")] = "",
    list_address: Annotated[
        str, typer.Option("--list", metavar="URL", help="Where on the same site the list of notices lies; fetched only when asked for.")
    ] = "",
    language: Annotated[list[str] | None, typer.Option("--language", metavar="XX", help="en, ru or uk; may be repeated. By default all.")] = None,
) -> None:
    """Make the page that checks notices offline: one file, with the keys inside, that sends nothing."""
    try:
        from rightcall.notice.checker import LANGUAGES, LARGEST, checker_page
        from rightcall.notice.key import read_keys
    except ImportError:
        raise _no_extra() from None
    known = read_keys(keys)
    page = checker_page(known, datetime.now(UTC).date(), address=address, phone=phone, list_address=list_address, languages=language or LANGUAGES)
    try:
        out.write_text(page, "utf-8")
    except OSError as error:
        raise refuse(f"the page cannot be written: {error.strerror}", out) from None
    weight = len(page.encode())
    heavy = f", more than the {LARGEST:,} that open well on a slow line: leave out a language, or keys that are of no more use" if weight > LARGEST else ""
    print_plain(f"{out}: {weight:,} bytes, keys: {len(known.all)}{heavy}")


@app.command(
    "key", epilog="**Example:** `rightcall notice key tarn --name 'Call-up office of Tarn' --from 2026-01-01 --until 2026-12-31 --out tarn.pem >> keys.toml`"
)
def key(
    issuer: Annotated[str, typer.Argument(metavar="ISSUER", help="A short name for who keeps the list of what became of its notices.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="The name that people are shown.")],
    first: Annotated[datetime, typer.Option("--from", metavar="DATE", formats=["%Y-%m-%d"], help="The first day on which it may sign.")],
    last: Annotated[datetime, typer.Option("--until", metavar="DATE", formats=["%Y-%m-%d"], help="The last one.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The private key, for its owner's eyes only; never written over what is there.")],
) -> None:
    """Make a key to sign notices: write what is secret to a file, and print its entry for the public list."""
    try:
        from rightcall.notice.key import keys_text, new_key, save_private
    except ImportError:
        raise _no_extra() from None
    if first > last:
        raise refuse("the key would end before it begins")
    made = new_key(issuer, name, first.date(), last.date())
    save_private(made, out)
    print_plain(keys_text([made.public]))
