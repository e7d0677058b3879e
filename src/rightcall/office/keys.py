"""The keys of an office: one signs its log, one its notices. Made at first need, kept in its folder, never shown."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from rightcall.ledger.disk import replace_file
from rightcall.ledger.note import Signer, read_signer
from rightcall.notice.key import Keys, PrivateKey, keys_text, load_private, new_key, read_keys, save_private
from rightcall.notice.number import ALPHABET
from rightcall.office.clock import today
from rightcall.office.place import write_secret

_YEARS = 2


def origin() -> str:
    """The name of this office's log: it was given with its key, and stays when the office moves to another address."""
    name: str = read_signer(ledger_key()).verifier.name
    return name


def ledger_key() -> str:
    """The signing key of the log, as the C2SP note format writes it."""
    path = settings.PLACE.keys / "ledger"
    if not path.exists():
        write_secret(path, Signer.new(f"{urlsplit(settings.ADDRESS).netloc or 'localhost'}/log").secret().encode())
    return path.read_text().strip()


def ledger_verifier() -> str:
    """The public key of the log."""
    return str(read_signer(ledger_key()).verifier)


def notice_keys() -> Keys:
    """The public keys by which notices of this office are checked, old ones too."""
    return _read(_public(), _public().stat().st_mtime_ns)


def notice_key() -> PrivateKey:
    """The key that signs notices today. The newest that may."""
    return _usable(today()) or _made_once(today())


def _made_once(day: date) -> PrivateKey:
    with _alone():
        return _usable(day) or _made(day)


def _usable(day: date) -> PrivateKey | None:
    keys = notice_keys()
    for public in reversed(list(keys)):
        path = settings.PLACE.keys / f"notice-{public.id.hex()}"
        if path.exists() and public.may_sign_on(day) and not public.withdrawn:
            return load_private(path, keys)
    return None


def _public() -> Path:
    path: Path = settings.PLACE.keys / "notices.toml"
    if not path.exists():
        with _alone():
            if not path.exists():
                _made(today())
    return path


def _made(day: date) -> PrivateKey:
    """A new key. INVARIANT: it is in the public list, on the disk, before anything is signed with it."""
    folder = settings.PLACE.keys
    key = new_key(urlsplit(settings.ADDRESS).netloc, str(settings.OFFICE_NAME), day, day + timedelta(days=365 * _YEARS))
    save_private(key, folder / f"notice-{key.public.id.hex()}")
    path = folder / "notices.toml"
    before = list(read_keys(path)) if path.exists() else []
    replace_file(path, keys_text([*before, key.public]))
    return key


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time makes keys."""
    handle = os.open(settings.PLACE.keys, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def person_code(number: str) -> str:
    """The code on a notice with which a person opens his own file: 60 bits, made from the number by a secret of the office, so that it is kept nowhere."""
    digest = hmac.new(settings.PLACE.secret("persons").encode(), bytes.fromhex(number), hashlib.sha256).digest()
    symbols = "".join(ALPHABET[byte & 31] for byte in digest[:12])
    return "-".join(symbols[start : start + 4] for start in range(0, 12, 4))


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Keys:
    return read_keys(path)
