"""Keys with which offices sign their notices, and the public list of them that goes into every checking page.

Ed25519 (RFC 8032). A key has an issuer, whose lists say what became of its notices, a name to show, and the days on which it may sign. The
list is a TOML file that people can read; a private key is a PKCS 8 file that only its owner can read.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from rightcall.law.problem import Problem, Refused, refuse
from rightcall.notice import base64url

ID_SIZE = 4
_FIELDS = {"issuer": str, "name": str, "public": str, "from": date, "until": date, "withdrawn": date}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key as everybody may see it. ``first`` and ``last`` are the days on which it may sign; once ``withdrawn``, nothing it signed counts."""

    issuer: str
    name: str
    raw: bytes
    first: date
    last: date
    withdrawn: date | None = None

    @property
    def id(self) -> bytes:
        """Its first four bytes: enough to find it in a list; the signature says whether it was the right one."""
        return self.raw[:ID_SIZE]

    def may_sign_on(self, day: date) -> bool:
        return self.first <= day <= self.last

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """What signs, beside what everybody may see of it. Never printed."""

    public: PublicKey
    secret: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self.secret.sign(message)

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.id.hex()})"


@dataclass(frozen=True, slots=True)
class Keys:
    """A public list. INVARIANT: no two of its keys have one id."""

    all: tuple[PublicKey, ...]

    def __post_init__(self) -> None:
        if len({key.id for key in self.all}) != len(self.all):
            raise refuse("two keys of the list have one id", help="a key stands in it once; if these are two, make one of them anew")

    def __iter__(self) -> Iterator[PublicKey]:
        return iter(self.all)

    def find(self, id: bytes) -> PublicKey | None:
        return next((key for key in self.all if key.id == id), None)


def new_key(issuer: str, name: str, first: date, last: date) -> PrivateKey:
    """A key made at random."""
    secret = Ed25519PrivateKey.generate()
    return PrivateKey(PublicKey(issuer, name, secret.public_key().public_bytes_raw(), first, last), secret)


def save_private(key: PrivateKey, path: Path) -> None:
    """Write what signs as PKCS 8 in PEM, for its owner's eyes only (0600), never over what is there. Raises ``Refused``."""
    pem = key.secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise refuse(f"the key cannot be written: {error.strerror}", path, help="a private key is never written over what is there") from None
    with os.fdopen(file, "wb") as stream:
        stream.write(pem)


def load_private(path: Path, keys: Iterable[PublicKey]) -> PrivateKey:
    """The private key in a file, with its entry in the public list. Raises ``Refused`` where others can read the file, or the list has no such key."""
    try:
        mode, pem = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise refuse(f"the key cannot be read: {error.strerror}", path) from None
    if mode & 0o077:
        raise refuse("others can read this private key", path, help=f"chmod 600 {path}")
    try:
        secret = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        raise refuse("this is not a private key in PEM", path) from None
    if not isinstance(secret, Ed25519PrivateKey):
        raise refuse("this private key is not of the kind Ed25519", path)
    raw = secret.public_key().public_bytes_raw()
    found = next((key for key in keys if key.raw == raw), None)
    if found is None:
        raise refuse("the public list has no entry for this private key", path, help="put its public part into the list first")
    return PrivateKey(found, secret)


def keys_text(keys: Iterable[PublicKey]) -> str:
    """The list as TOML."""
    return "\n".join(_entry(key) for key in keys)


def _entry(key: PublicKey) -> str:
    lines = ["[[key]]", f"issuer = {_quoted(key.issuer)}", f"name = {_quoted(key.name)}", f'public = "{base64url.written(key.raw)}"']
    lines += [f"from = {key.first}", f"until = {key.last}", *([f"withdrawn = {key.withdrawn}"] if key.withdrawn else [])]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A JSON string is a basic string of TOML, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_keys(path: Path) -> Keys:
    """The public list in a file. Raises ``Refused`` with all that is wrong in it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(f"the list of keys cannot be read: {error}", path) from None
    return keys_of(text, str(path))


def keys_of(text: str, file: str = "") -> Keys:
    """The public list in a text of TOML. Raises ``Refused``."""
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refuse(f"the list of keys is not TOML: {error}", file) from None
    if set(entries) != {"key"} or not isinstance(entries["key"], list):
        raise refuse("a list of keys has only tables `[[key]]`", file)
    problems = [problem for place, entry in enumerate(entries["key"], 1) for problem in _problems(entry, place, file)]
    if problems:
        raise Refused(problems)
    return Keys(tuple(_key(entry) for entry in entries["key"]))


def _problems(entry: dict[str, Any], place: int, file: str) -> Iterator[Problem]:
    for field, kind in _FIELDS.items():
        if field in entry and type(entry[field]) is not kind:
            yield Problem(f"`{field}` of key {place} is to be {'a date' if kind is date else 'a text'}", file)
        elif field not in entry and field != "withdrawn":
            yield Problem(f"key {place} has no `{field}`", file)
    for field in entry.keys() - _FIELDS.keys():
        yield Problem(f"key {place} has `{field}`, which means nothing here", file, help=f"a key has {', '.join(_FIELDS)}")
    if type(entry.get("public")) is str and len(base64url.read(entry["public"]) or b"") != 32:
        yield Problem(f"`public` of key {place} is not 32 bytes in base64url", file)
    if type(entry.get("from")) is type(entry.get("until")) is date and entry["from"] > entry["until"]:
        yield Problem(f"key {place} ends before it begins", file)


def _key(entry: dict[str, Any]) -> PublicKey:
    raw = base64url.read(entry["public"])
    assert raw is not None
    return PublicKey(entry["issuer"], entry["name"], raw, entry["from"], entry["until"], entry.get("withdrawn"))
