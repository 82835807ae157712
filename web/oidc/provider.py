"""The provider as this centre asks it: where it is, its keys, a token for a code."""

import base64
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from web.oidc.asking import LONGEST_S, Line, ProviderFailed

_KEPT_S = 600.0
# whoever is sent there is to find it: is it still?
_SEEN_S = 60.0
# keys that change are asked for again, and not by everybody who sends nonsense
_AGAIN_S = 30.0


@dataclass
class Provider:
    """One issuer and what this centre is to it; the secret is in no representation."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    stopwatch: Callable[[], float] = field(default=time.monotonic, repr=False)
    longest_s: float = field(default=LONGEST_S, repr=False)
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._line = Line(self.stopwatch, self.longest_s)

    def way_in(self, state: str, nonce: str, challenge: str, back: str) -> str:
        """The address that somebody's browser is sent to."""
        self._line.check()
        asked = {"response_type": "code", "client_id": self.client, "redirect_uri": back}
        asked |= {"scope": "openid email profile", "state": state, "nonce": nonce}
        asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        place = self._place("authorization_endpoint", _SEEN_S)
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

    def _place(self, name: str, kept_s: float = _KEPT_S) -> str:
        told = self._of_itself(kept_s)
        if told.get("issuer") != self.issuer:
            raise ProviderFailed(f"it calls itself {str(told.get('issuer'))[:100]!r}")
        place = told.get(name)
        scheme = urlsplit(self.issuer).scheme
        if not isinstance(place, str) or urlsplit(place).scheme not in ("https", scheme):
            raise ProviderFailed(f"it has no {name}")
        return place

    def _of_itself(self, kept_s: float = _KEPT_S) -> dict[str, Any]:
        place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        return self._looked_up(place, kept_s)

    def _basic(self) -> bool:
        told = self._of_itself()
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
        return self._line.ask(request)
