"""The way to the external engine: what is asked there is bounded in bytes, time and number.

One that gave no answer is left alone for a while: the threads that make pages wait for it once.
"""

import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from collector.external.place import Place

# an answer of so many samples as are asked for at once is far smaller
MOST_BYTES = 64 << 20
PAUSE_S = 10.0
AT_ONCE = 4
_CHUNK = 256 << 10
_SAID = 200
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Unanswered(Exception):
    """Why there is no answer that can be used; `status` is that of one which says no, else 0."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


class TooLong(Unanswered):
    """It answers with more than is taken at once."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Whoever is asked answers; a secret goes nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


class Line:
    """To one engine, for all threads of a process; `clock` counts seconds from anywhere."""

    def __init__(self, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        self.place, self.clock = place, clock
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._silent_until, self._why = float("-inf"), ""

    def ask(self, path: str, body: bytes, headers: Mapping[str, str], limit_s: float) -> bytes:
        """What it answers to a POST of `body`; Unanswered when that takes longer, or is no 200."""
        if self.clock() < self._silent_until:
            raise Unanswered(self._why)
        if limit_s <= 0:
            raise Unanswered(f"it takes longer than {self.place.timeout_s:g} s")
        if not self._room.acquire(timeout=limit_s):
            raise Unanswered(f"{AT_ONCE} questions are under way there already")
        try:
            request = urllib.request.Request(
                f"{self.place.read}{path}", body, {**self.place.receiver.headers, **headers}
            )
            return self._answer(request, limit_s)
        finally:
            self._room.release()

    def reopen(self) -> None:
        """Ask again, however long it is since it was silent."""
        self._silent_until = float("-inf")

    def _answer(self, request: urllib.request.Request, limit_s: float) -> bytes:
        until, pieces, size = self.clock() + limit_s, list[bytes](), 0
        try:
            with _OPENER.open(request, timeout=limit_s) as answer:
                while piece := answer.read1(_CHUNK):
                    pieces.append(piece)
                    size += len(piece)
                    if size > MOST_BYTES:
                        raise TooLong(f"its answer is longer than {MOST_BYTES >> 20} MiB")
                    if self.clock() > until:
                        raise TimeoutError
        except urllib.error.HTTPError as error:
            with error:
                said = self._said(error.read(_SAID))
            raise Unanswered(f"it answers {error.code} {said}".rstrip(), error.code) from None
        except TimeoutError:
            raise self._silent(f"it takes longer than {limit_s:.0f} s") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise self._silent(f"it takes longer than {limit_s:.0f} s") from None
            raise self._silent(f"it cannot be asked: {str(reason)[:_SAID]}") from None
        return b"".join(pieces)

    def _said(self, words: bytes) -> str:
        """What may be shown of somebody else's words."""
        text, secret = words.decode(errors="replace"), self.place.receiver.secret
        text = text.replace(secret, "***") if secret else text
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())

    def _silent(self, why: str) -> Unanswered:
        self._silent_until, self._why = self.clock() + PAUSE_S, why
        return Unanswered(why)
