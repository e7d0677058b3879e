"""Signing in through an OpenID Connect provider: a real one, which the test plays, and a real office. The provider vouches for the first factor and for nothing else."""

from __future__ import annotations

import base64
import hashlib
import http.cookiejar
import json
import re
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django_otp.oath import TOTP
from served import free_port, running, wait_for

CLIENT, SUBJECT = "the-office", "f3a1-anna"
KEY, FORGED = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


@dataclass
class Provider:
    """What it says of who comes; ``token`` is changed by a test, ``key`` is what it signs with."""

    issuer: str = ""
    key: Any = KEY
    claims: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def code(self, query: Mapping[str, str]) -> str:
        code = secrets.token_hex(8)
        self.asked[code] = query
        return code

    def token(self, form: Mapping[str, str]) -> dict[str, str]:
        """Once for a code, and only to whoever asked for it (PKCE)."""
        query = self.asked.pop(form["code"])
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        assert proof == query["code_challenge"]
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "sub": SUBJECT, "nonce": query["nonce"], "iat": now, "exp": now + 60, **self.claims}
        return {"id_token": jwt.encode(said, self.key, "RS256", headers={"kid": "1"}), "access_token": "x", "token_type": "Bearer"}

    def keys(self) -> dict[str, Any]:
        return {"keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "1", "alg": "RS256"}]}


@contextmanager
def provided() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/jwks":
                self._say(provider.keys())
                return
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{urlencode({'code': provider.code(query), 'state': query['state']})}")
            self.end_headers()

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._say(provider.token({name: values[0] for name, values in form.items()}))

        def _say(self, what: Any) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(what).encode())

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


class Browser:
    """Follows where it is led, keeps cookies, and knows where it ended."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open

    def get(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Status, the path it ended at, the page."""
        address = path if path.startswith("http") else self.address + path
        sent = urllib.request.Request(address, urlencode(form).encode() if form else None, {"Referer": self.address})
        try:
            answer = self._open(sent)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, urlsplit(answer.url).path, answer.read().decode()


@dataclass
class Office:
    address: str
    secret: str
    provider: Provider


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, port = tmp_path_factory.mktemp("provider") / "office", free_port()
    folder.mkdir()
    words = [str(Path(__file__).with_name("serve_to_provider.py")), str(port), SUBJECT]
    with provided() as provider:
        settings = {"RIGHTCALL_OIDC_ISSUER": provider.issuer, "RIGHTCALL_OIDC_CLIENT": CLIENT}
        with running(words, folder, port, **settings) as process:
            assert process.stdout is not None
            secret = process.stdout.readline().strip()
            wait_for(f"http://127.0.0.1:{port}")
            yield Office(f"http://127.0.0.1:{port}", secret, provider)


@pytest.fixture(autouse=True)
def honest(office: Office) -> None:
    office.provider.claims, office.provider.key = {}, KEY


def through_the_provider(office: Office) -> tuple[Browser, tuple[int, str, str]]:
    browser = Browser(office.address)
    _, _, page = browser.get("/in?next=/lists/people")
    link = re.search(r'href="(/oidc/authenticate/[^"]*)"', page)
    assert link is not None
    return browser, browser.get(link[1])


def test_it_vouches_for_the_first_factor_and_the_second_is_asked_for_here(office: Office) -> None:
    browser, (status, path, page) = through_the_provider(office)
    assert (status, path) == (200, "/code")
    assert browser.get("/lists/people")[1] == "/code"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    code = f"{TOTP(bytes.fromhex(office.secret)).token():06d}"
    status, path, _ = browser.get("/code?next=/lists/people", {"csrfmiddlewaretoken": token[1], "code": code})
    assert (status, path) == (200, "/lists/people")
    assert "here" in browser.get("/own")[2]


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "somebody-else"}, {"sub": ""}, {"aud": "another-office"}, {"iss": "https://elsewhere.example"}, {"nonce": "x"}, {"exp": 1_000_000_000}, {"aud": []},
        {"email": "anna@office.example", "sub": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_nobody_is_signed_in_by_a_token_that_is_not_for_him_and_here(office: Office, claims: dict[str, Any]) -> None:
    office.provider.claims = claims
    browser, (status, path, page) = through_the_provider(office)
    assert (status, path) == (200, "/in")
    assert "Nobody was signed in" in page
    assert browser.get("/own")[1] == "/in"


def test_a_token_that_another_signed_counts_for_nothing(office: Office) -> None:
    office.provider.key = FORGED
    browser, (_, path, _) = through_the_provider(office)
    assert path == "/in"
    assert browser.get("/own")[1] == "/in"


def test_an_answer_that_nobody_asked_for_or_that_was_given_already(office: Office) -> None:
    browser, _ = through_the_provider(office)
    for who in (browser, Browser(office.address)):
        assert who.get("/oidc/callback/?code=x&state=y")[:2] == (200, "/in")
