"""Signed notes: a text, and lines with the signatures of named keys (https://c2sp.org/signed-note).

Two kinds of signatures: Ed25519 over the text (of a log), and the cosignature of a witness, which says the time too (https://c2sp.org/tlog-cosignature).
A text says nothing until ``verified`` has named the key that signed it. Needs the extra ``ledger``.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rightcall.law.problem import Problem, Refused, refuse

ED25519, COSIGNATURE = 0x01, 0x04
"""What a key signs: a text, or a text at a time."""
ALGORITHMS = (ED25519, COSIGNATURE)
KEY_SIZE, KEY_ID_SIZE, TIME_SIZE, SIGNATURE_SIZE = 32, 4, 8, 64
LAST_SECOND = 253_402_300_799
"""Of the year 9999. No witness saw anything later."""
MOST_SIGNATURES = 64
MOST_CHARACTERS = 1 << 16
_PRIVATE = "PRIVATE+KEY+"
_DASH = "— "


class Unproven(Refused):
    """A signature that is missing or not made by its key, or a proof that does not hold."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line. ``data`` is what the algorithm of the key makes: 64 bytes, or 8 bytes of POSIX seconds before them."""

    name: str
    key_id: bytes
    data: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.data)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends in a newline, and its signatures; ``str`` of it is the note as it is stored and sent."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{line}\n" for line in self.signatures)

    def signed(self, *more: Signature) -> Note:
        """The note with further signatures, each line once."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *more))))


class Attestation(NamedTuple):
    """Whose signature was found right, and for a cosignature when it was made (POSIX seconds)."""

    key: Verifier
    at: int | None


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name; ``str`` of it is the verifier key ``name+hash+base64``."""

    name: str
    algorithm: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        return _key_id(self.name, self.algorithm, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.algorithm]) + self.public)}"

    def is_named_by(self, signature: Signature) -> bool:
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def attests(self, text: str, signature: Signature) -> Attestation | None:
        """What a signature that names this key says; nothing where the key did not make it."""
        at = int.from_bytes(signature.data[:TIME_SIZE], "big") if self.algorithm == COSIGNATURE else None
        made = signature.data if at is None else signature.data[TIME_SIZE:]
        if len(made) != SIGNATURE_SIZE or (at is not None and at > LAST_SECOND):
            return None
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(made, _message(text, at))
        except InvalidSignature:
            return None
        return Attestation(self, at)


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name."""

    name: str
    algorithm: int
    seed: bytes = field(repr=False)

    @classmethod
    def new(cls, name: str, algorithm: int = ED25519) -> Signer:
        """A key that nobody had before. Raises ``Refused`` for a name that cannot stand in a note."""
        _check_name(name)
        return cls(name, algorithm, secrets.token_bytes(KEY_SIZE))

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.algorithm, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def secret(self) -> str:
        """The private key as a line to be kept: ``PRIVATE+KEY+name+hash+base64``."""
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{to_base64(bytes([self.algorithm]) + self.seed)}"

    def sign(self, text: str) -> Signature:
        """Sign a text that ends in a newline, as a log does."""
        if self.algorithm != ED25519:
            raise ValueError(f"the key of {self.name} is for cosignatures")
        return self._signature(text, None)

    def cosign(self, text: str, at: int) -> Signature:
        """Sign a checkpoint as a witness that saw it at this time, in POSIX seconds."""
        if self.algorithm != COSIGNATURE:
            raise ValueError(f"the key of {self.name} is not for cosignatures")
        return self._signature(text, at)

    def _signature(self, text: str, at: int | None) -> Signature:
        made = Ed25519PrivateKey.from_private_bytes(self.seed).sign(_message(text, at))
        return Signature(self.name, self.verifier.key_id, (b"" if at is None else at.to_bytes(TIME_SIZE, "big")) + made)


def _message(text: str, at: int | None) -> bytes:
    return (text if at is None else f"cosignature/v1\ntime {at}\n{text}").encode()


def verified(note: Note, keys: Iterable[Verifier]) -> tuple[Attestation, ...]:
    """Which of these keys signed a note. Signatures of other keys are passed over; raises ``Unproven`` when one of these keys is named and did not sign."""
    found = []
    for key in keys:
        for signature in filter(key.is_named_by, note.signatures):
            attestation = key.attests(note.text, signature)
            if attestation is None:
                raise unproven(f"the signature of `{key.name}` is not made by its key", help="the text or the signature was changed after signing, or forged")
            found.append(attestation)
    return tuple(found)


def unproven(message: str, help: str = "") -> Unproven:
    return Unproven(Problem(message, help=help))


def read_note(stored: str | bytes, file: Path | str = "") -> Note:
    """Read a signed note. Raises ``Refused`` where it is not one; no signature is verified by this."""
    text = _characters(stored, file)
    body, gap, lines = text.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise refuse("this is not a signed note", file, help="a note is a text, an empty line, and signature lines, each with its newline")
    signatures = lines[:-1].split("\n")
    if len(signatures) > MOST_SIGNATURES:
        raise refuse(f"the note has more than {MOST_SIGNATURES} signatures", file)
    return Note(body + "\n", tuple(read_signature(line, file) for line in signatures))


def _characters(stored: str | bytes, file: Path | str) -> str:
    try:
        text = stored if isinstance(stored, str) else stored.decode()
    except UnicodeDecodeError:
        raise refuse("a note is UTF-8", file) from None
    if len(text) > MOST_CHARACTERS:
        raise refuse(f"the note is longer than {MOST_CHARACTERS} characters", file)
    if any(character < " " and character != "\n" for character in text):
        raise refuse("there is a control character in the note", file)
    return text


def read_signature(line: str, file: Path | str = "") -> Signature:
    """Read a signature line, without its newline."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signed = from_base64(encoded, file)
    if dash != _DASH[0] or not _is_name(name) or len(signed) <= KEY_ID_SIZE:
        raise refuse(f"`{line}` is not a signature line", file, help="it would be `— name base64`")
    return Signature(name, signed[:KEY_ID_SIZE], signed[KEY_ID_SIZE:])


def read_verifier(vkey: str) -> Verifier:
    """Read a verifier key ``name+hash+base64``."""
    name, key_id, algorithm, public = _key_parts(vkey)
    verifier = Verifier(name, algorithm, public)
    if verifier.key_id.hex() != key_id:
        raise refuse(f"the key of `{name}` does not have the hash `{key_id}`", help="a character of the key was changed")
    return verifier


def read_signer(secret: str, file: Path | str = "") -> Signer:
    """Read a private key, a line ``PRIVATE+KEY+name+hash+base64``. No refusal shows it."""
    if not secret.startswith(_PRIVATE):
        raise refuse("this is not a private key", file, help="rightcall ledger key NAME --out FILE")
    name, key_id, algorithm, seed = _key_parts(secret.removeprefix(_PRIVATE), file)
    signer = Signer(name, algorithm, seed)
    if signer.verifier.key_id.hex() != key_id:
        raise refuse(f"the private key of `{name}` does not have the hash `{key_id}`", file, help="a character of the key was changed")
    return signer


def _key_parts(key: str, file: Path | str = "") -> tuple[str, str, int, bytes]:
    name, _, rest = key.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        material = from_base64(encoded)
    except Refused:
        material = b""
    if not _is_name(name) or len(material) != 1 + KEY_SIZE or material[0] not in ALGORITHMS:
        raise refuse("this is not an Ed25519 key of a log or a witness", file, help="it would be `name+hash+base64`, as `rightcall ledger key` prints it")
    return name, key_id, material[0], material[1:]


def _key_id(name: str, algorithm: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:KEY_ID_SIZE]


def _is_name(name: str) -> bool:
    return bool(name) and not any(character.isspace() or character == "+" or character < " " for character in name)


def _check_name(name: str) -> None:
    if not _is_name(name):
        raise refuse(f"`{name}` cannot be the name of a key", help="no spaces and no `+`; best an address without `https://`, such as `example.org/log`")


def to_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def from_base64(encoded: str, file: Path | str = "") -> bytes:
    """Standard base64 (RFC 4648, 4), in its one right spelling."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise refuse(f"`{encoded}` is not base64", file) from None
    if to_base64(raw) != encoded:
        raise refuse(f"`{encoded}` is not base64", file)
    return raw
