"""Asking the provider: bounded, by two at once, and for a while not at all once it was silent.

Whoever waits here is one of the few threads that all pages are made by.
"""

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

# a page waits no longer, whatever holds it up: names, connecting, or an answer in drops
LONGEST_S = 2.0
# of a provider that was silent nobody waits for so long: it is said at once
PAUSE_S = 10.0
AT_ONCE = 2
_WAIT_S = 0.3
_MOST_BYTES = 1 << 20
_CHUNK = 16 << 10


class ProviderFailed(Exception):
    """The provider does not answer as it should; `again_s`: not asked again before."""

    def __init__(self, why: str, again_s: float = 0.0) -> None:
        super().__init__(why)
        self.again_s = again_s


class _Silent(Exception):
    """It gives no answer that could be judged."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Whoever is asked answers; a code or secret goes nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


class Line:
    """The way to one provider, for all threads of a console."""

    def __init__(self, stopwatch: Callable[[], float], longest_s: float = LONGEST_S) -> None:
        self._stopwatch, self._longest_s = stopwatch, longest_s
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._silent_until, self._why = float("-inf"), ""

    def check(self) -> None:
        """ProviderFailed while it is not asked: nobody is sent there either."""
        left_s = self._silent_until - self._stopwatch()
        if left_s > 0:
            raise ProviderFailed(self._why, left_s)

    def ask(self, request: urllib.request.Request) -> dict[str, Any]:
        """The object that it answers with."""
        self.check()
        try:
            told = json.loads(self._within(request))
        except (ValueError, RecursionError) as error:
            raise ProviderFailed("its answer is no JSON") from error
        if not isinstance(told, dict):
            raise ProviderFailed("its answer is no object")
        return told

    def _within(self, request: urllib.request.Request) -> bytes:
        if not self._room.acquire(timeout=_WAIT_S):
            raise ProviderFailed("too many are signing in by it")
        answer: Future[bytes] = Future()
        # no limit of a socket holds for the resolver of names: that is waited for in here
        threading.Thread(
            target=self._fetch, args=(request, answer), name="oidc", daemon=True
        ).start()
        try:
            return answer.result(self._longest_s)
        except TimeoutError:
            raise self._silent(f"it takes longer than {self._longest_s:g} s") from None
        except _Silent as silent:
            raise self._silent(str(silent)) from silent

    def _silent(self, why: str) -> ProviderFailed:
        self._silent_until, self._why = self._stopwatch() + PAUSE_S, why
        return ProviderFailed(why, PAUSE_S)

    def _fetch(self, request: urllib.request.Request, answer: "Future[bytes]") -> None:
        try:
            answer.set_result(self._body(request))
        except (ProviderFailed, _Silent) as failed:
            answer.set_exception(failed)
        finally:
            self._room.release()

    def _body(self, request: urllib.request.Request) -> bytes:
        until, body = self._stopwatch() + self._longest_s, b""
        try:
            # whoever waits gives up first, and says after how long
            with _OPENER.open(request, timeout=2 * self._longest_s) as answer:
                while piece := answer.read1(_CHUNK):
                    body += piece
                    if len(body) > _MOST_BYTES or self._stopwatch() > until:
                        raise _Silent("its answer is too long, or too slow")
        except urllib.error.HTTPError as error:
            with error:
                # an answer that refuses one code says nothing of the next
                kind = _Silent if error.code >= 500 else ProviderFailed
                raise kind(f"it answers {error.code}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _Silent(f"it cannot be asked: {str(error)[:100]}") from error
        return body
