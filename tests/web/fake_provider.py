"""A provider of accounts as its documentation says, on loopback: discovery, keys, tokens.

It checks what it is given as a real one would. `twist` changes one thing about the next token.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "ronda-client", "s3cret of the client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
Claims = dict[str, Any]


def shown(key: Any, number: str, kind: Any) -> dict[str, Any]:
    return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": number, "use": "sig"}


def rsa_shown(key: Any, number: str) -> dict[str, Any]:
    return shown(key, number, jwt.algorithms.RSAAlgorithm)


@dataclass
class FakeProvider:
    """What it knows, and what was asked of it."""

    now: Callable[[], float]
    url: str = ""
    claims: Claims = field(default_factory=dict)
    twist: Callable[[Claims], str | None] = lambda claims: None
    keys: list[dict[str, Any]] = field(default_factory=lambda: [rsa_shown(KEY, "k1")])
    down: str = ""
    # what is slow about it waits for this
    release: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    # by what they call themselves at its own form: what it knows of them
    people: dict[str, Claims] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, address: str, **claims: Any) -> str:
        """Somebody with a browser gives the password there; where the browser is sent to."""
        parts = urlsplit(address)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        assert address.startswith(f"{self.url}/authorize?")
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        self.claims = claims
        back = {"code": code, "state": asked["state"]}
        return f"{urlsplit(asked['redirect_uri']).path}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        pair = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if authorization != f"Basic {pair}":
            return 401, {"error": "invalid_client"}
        if asked is None or challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = self.now()
        claims = {"iss": self.url, "aud": CLIENT, "sub": "person-1", "nonce": asked["nonce"]}
        claims |= {"iat": now, "exp": now + 300} | self.claims
        text = self.twist(claims)
        return 200, {"id_token": text or sign(claims), "token_type": "Bearer"}


def sign(claims: Claims, key: Any = KEY, number: str = "k1", how: str = "RS256") -> str:
    return jwt.encode(claims, key, algorithm=how, headers={"kid": number})


_FORM = """<!doctype html><title>SSO</title><h1>SSO Pemkab</h1>
<form method="post"><label>Who <input name="who"></label><button>Let me in</button></form>"""


class Door(BaseHTTPRequestHandler):
    """Its port; `of` is the provider behind it."""

    of: FakeProvider

    def do_GET(self) -> None:
        if self.path.startswith("/authorize?"):
            self._show(_FORM)
            return
        url = self.of.url
        told = {"issuer": url, "authorization_endpoint": f"{url}/authorize"}
        told |= {"token_endpoint": f"{url}/token", "jwks_uri": f"{url}/keys"} | self.of.discovery
        pages = {"/.well-known/openid-configuration": told, "/keys": {"keys": self.of.keys}}
        # a browser asks for a picture of it, too
        found = pages.get(self.path)
        self._say(200 if found else 404, found)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {key: values[0] for key, values in parse_qs(body).items()}
        if self.path.startswith("/authorize?"):
            self._let_go(form["who"])
        else:
            self._say(*self.of.token(form, self.headers.get("Authorization", "")))

    def _say(self, code: int, told: Any) -> None:
        self.of.asked.append(self.path)
        good = (code, json.dumps(told).encode())
        broken = {"500": (500, b"{}"), "no JSON": (200, b"<html>"), "elsewhere": (302, b"{}")}
        code, body = (broken | {"endless": (200, b" " * (2 << 20))}).get(self.of.down, good)
        if self.of.down == "slow":
            self.of.release.wait(20)
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        if code == 302:
            self.send_header("Location", f"{self.of.url}/keys")
        self.end_headers()
        with suppress(ConnectionError):
            if self.of.down == "drops":
                for at in range(len(body)):
                    self.wfile.write(body[at : at + 1])
                    self.of.release.wait(0.05)
            self.wfile.write(body)

    def _show(self, page: str) -> None:
        body = page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _let_go(self, who: str) -> None:
        """Back to where the browser came from, with a code."""
        back = parse_qs(urlsplit(self.path).query)["redirect_uri"][0]
        place = self.of.sign_in(f"{self.of.url}{self.path}", **self.of.people[who])
        self.send_response(303)
        self.send_header("Location", f"{back}?{place.partition('?')[2]}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def provider(
    now: Callable[[], float] = time.time, host: str = "127.0.0.1"
) -> Iterator[FakeProvider]:
    """One that listens until the end of the test; `host`: what this machine is called."""
    made = FakeProvider(now)
    behind = type("Behind", (Door,), {"of": made})
    with ThreadingHTTPServer(("127.0.0.1", 0), behind) as server:
        made.url = f"http://{host}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield made
        finally:
            made.release.set()
            server.shutdown()
            thread.join()
