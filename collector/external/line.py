"""The way to the external engine: what is asked there is bounded in bytes, time and number.

One that gave no answer is left alone for a while: the threads that make pages wait for it once.
"""

import contextlib
import http.client
import threading
import time
from collections.abc import Callable, Mapping

from collector.external.place import Place
from collector.outward.post import MOST_ANSWER
from collector.outward.wire import Wire, within

# an answer of so many samples as are asked for at once is far smaller
MOST_BYTES = 16 << 20
PAUSE_S = 10.0
AT_ONCE = 4
_CHUNK = 256 << 10
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Unanswered(Exception):
    """Why there is no answer that can be used; `status` is that of one which says no, else 0.

    `words` are somebody else's, for who looks after the centre: `why` alone is for everybody.
    """

    def __init__(self, why: str, status: int = 0, words: str = "") -> None:
        super().__init__(f"{why}{words}".rstrip())
        self.why, self.status = why, status


class TooLong(Unanswered):
    """It answers with more than is taken at once."""


class Line:
    """To one engine, for all threads of a process; `clock` counts seconds from anywhere."""

    def __init__(self, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        self.place, self.clock = place, clock
        self._wire = Wire(place.read)
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._silent_until, self._silence = float("-inf"), ("", 0, "")

    def ask(self, path: str, body: bytes, headers: Mapping[str, str], limit_s: float) -> bytes:
        """What it answers to a POST of `body`; Unanswered when that takes longer, or is no 200."""
        if self.clock() < self._silent_until:
            raise Unanswered(*self._silence)
        until = self.clock() + limit_s
        if limit_s <= 0:
            raise Unanswered(f"it takes longer than {self.place.timeout_s:g} s")
        if not self._room.acquire(timeout=limit_s):
            raise Unanswered(f"{AT_ONCE} questions are under way there already")
        try:
            told = {**self.place.receiver.headers, **headers}
            # whoever waited for room has less time for the answer
            return self._answer(path, body, told, max(0.0, until - self.clock()))
        finally:
            self._room.release()

    def reopen(self) -> None:
        """Ask again, however long it is since it was silent."""
        self._silent_until = float("-inf")

    def _answer(self, path: str, body: bytes, headers: Mapping[str, str], limit_s: float) -> bytes:
        connection = self._wire.connection(limit_s)
        try:
            with contextlib.closing(connection), within(connection, limit_s):
                connection.request("POST", self._wire.path + path, body, dict(headers))
                answer = connection.getresponse()
                if 200 <= answer.status < 300:
                    return _whole(answer)
                said = answer.read(MOST_ANSWER).decode(errors="replace")
        except TimeoutError:
            raise self._silent(f"it takes longer than {limit_s:.0f} s") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = self.place.receiver.words(str(error) or type(error).__name__)
            raise self._silent("it cannot be asked", f": {said}") from None
        words = self.place.receiver.words(said)
        raise Unanswered(f"it answers {answer.status}", answer.status, f" {words}")

    def _silent(self, why: str, words: str = "") -> Unanswered:
        self._silent_until, self._silence = self.clock() + PAUSE_S, (why, 0, words)
        return Unanswered(*self._silence)


def _whole(answer: http.client.HTTPResponse) -> bytes:
    """Its body; TooLong, or IncompleteRead where it hung up in the middle."""
    pieces, size = list[bytes](), 0
    while piece := answer.read1(_CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise TooLong(f"its answer is longer than {MOST_BYTES >> 20} MiB")
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return b"".join(pieces)
