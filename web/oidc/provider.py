"""The provider as this centre asks it: where it is, its keys, a token for a code. Bounded."""

import base64
import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

LONGEST_S = 6.0
_MOST_BYTES = 1 << 20
_CHUNK = 16 << 10
_KEPT_S = 600.0
# keys that change are asked for again, and not by everybody who sends nonsense
_AGAIN_S = 30.0
AT_ONCE = 2
# threads that wait here are those that all pages are made by
_WAIT_S = 1.0


class ProviderFailed(Exception):
    """The provider does not answer as it should; trying again later can help."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Whoever is asked answers; a code or secret goes nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


@dataclass
class Provider:
    """One issuer and what this centre is to it; the secret is in no representation."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    stopwatch: Callable[[], float] = field(default=time.monotonic, repr=False)
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict, repr=False)
    _room: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE), repr=False
    )

    def way_in(self, state: str, nonce: str, challenge: str, back: str) -> str:
        """The address that somebody's browser is sent to."""
        asked = {"response_type": "code", "client_id": self.client, "redirect_uri": back}
        asked |= {"scope": "openid email profile", "state": state, "nonce": nonce}
        asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        place = self._place("authorization_endpoint")
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    def token(self, code: str, verifier: str, back: str) -> str:
        """The ID token for a code."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        asked |= {"client_id": self.client, "code_verifier": verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.secret and self._basic():
            headers["Authorization"] = f"Basic {self._shown()}"
        elif self.secret:
            asked["client_secret"] = self.secret
        place = self._place("token_endpoint")
        told = self._ask(urllib.request.Request(place, urlencode(asked).encode(), headers))
        token = told.get("id_token")
        if not isinstance(token, str):
            raise ProviderFailed("its answer has no ID token")
        return token

    def keys(self, fresh: bool = False) -> list[Mapping[str, Any]]:
        """Those it signs with now; `fresh`: asked for again, if that was not just done."""
        place = self._place("jwks_uri")
        told = self._looked_up(place, _AGAIN_S if fresh else _KEPT_S)
        found = told.get("keys")
        if not isinstance(found, list):
            raise ProviderFailed("it shows no keys")
        return [each for each in found if isinstance(each, dict)]

    def _place(self, name: str) -> str:
        told = self._looked_up(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer:
            raise ProviderFailed(f"it calls itself {str(told.get('issuer'))[:100]!r}")
        place = told.get(name)
        scheme = urlsplit(self.issuer).scheme
        if not isinstance(place, str) or urlsplit(place).scheme not in ("https", scheme):
            raise ProviderFailed(f"it has no {name}")
        return place

    def _basic(self) -> bool:
        told = self._looked_up(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        ways = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return isinstance(ways, list) and "client_secret_basic" in ways

    def _shown(self) -> str:
        pair = f"{quote(self.client, safe='')}:{quote(self.secret, safe='')}"
        return base64.b64encode(pair.encode()).decode()

    def _looked_up(self, place: str, kept_s: float = _KEPT_S) -> dict[str, Any]:
        at, told = self._kept.get(place, (0.0, None))
        if told is None or self.stopwatch() - at > kept_s:
            told = self._ask(urllib.request.Request(place))
            self._kept[place] = (self.stopwatch(), told)
        found: dict[str, Any] = told
        return found

    def _ask(self, request: urllib.request.Request) -> dict[str, Any]:
        request.add_header("Accept", "application/json")
        if not self._room.acquire(timeout=_WAIT_S):
            raise ProviderFailed("too many are signing in by it")
        try:
            body = self._body(request)
        finally:
            self._room.release()
        try:
            told = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ProviderFailed("its answer is no JSON") from error
        if not isinstance(told, dict):
            raise ProviderFailed("its answer is no object")
        return told

    def _body(self, request: urllib.request.Request) -> bytes:
        until, body = self.stopwatch() + LONGEST_S, b""
        try:
            with _OPENER.open(request, timeout=LONGEST_S / 2) as answer:
                while piece := answer.read1(_CHUNK):
                    body += piece
                    if len(body) > _MOST_BYTES or self.stopwatch() > until:
                        raise ProviderFailed("its answer is too long, or too slow")
        except urllib.error.HTTPError as error:
            with error:
                raise ProviderFailed(f"it answers {error.code}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ProviderFailed(f"it cannot be asked: {str(error)[:100]}") from error
        return body
