"""One body to one receiver, within a bounded time, and what its answer means for the next try."""

import base64
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from collector import release
from collector.outward.encode import CONTENT_TYPE, VERSION
from collector.outward.wire import Wire, within
from collector.printable import on_one_line

LIMIT_S = 30.0
# how centres call themselves, also to each other
CENTRES = "ronda/"
MOST_ANSWER = 4096
_MOST_WORDS = 200
# a receiver that asks for more patience than this is asked again sooner
LONGEST_WAIT_S = 600.0
# what may be mended by asking again: too early, too slow, too often
_LATER = (408, 425, 429)
# how a connection ends that the receiver closed while it was idle
_LET_GO = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
# it speaks of the address or of who we are, not of what was sent
_WRONG = (401, 402, 403, 404, 405, 407, 410)


class Verdict(Enum):
    """What becomes of a body."""

    ACCEPTED = "accepted"
    # the receiver will never take it as it is: send its halves, or count it
    REFUSED = "refused"
    # the receiver is away, or has too much to do: send it again
    LATER = "later"
    # address, credentials or certificate are wrong: no body would be taken until somebody mends it
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Answer:
    """`wait_s`: so long the receiver asks us to wait, None where it does not say."""

    verdict: Verdict
    status: int = 0
    problem: str = ""
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where to, and as whom. With a `user` the secret is a password, without it a bearer token."""

    url: str
    user: str = ""
    secret: str = ""
    tenant: str = ""

    def __repr__(self) -> str:
        return f"Receiver({self.shown})"

    @property
    def shown(self) -> str:
        """The address for people: without what may hide in a query."""
        return self.url.partition("?")[0]

    @property
    def headers(self) -> dict[str, str]:
        """Of who we are, for whatever is asked of it."""
        made = {"User-Agent": f"{CENTRES}{release.number()}"}
        if self.user:
            made["Authorization"] = f"Basic {self._pair}"
        elif self.secret:
            made["Authorization"] = f"Bearer {self.secret}"
        if self.tenant:
            made["X-Scope-OrgID"] = self.tenant
        return made

    def words(self, text: str) -> str:
        """What may be shown of somebody else's words: a part, on one line, without our secret."""
        for hidden in (self._pair, self.secret) if self.secret else ():
            text = text.replace(hidden, "***")
        return on_one_line(text[:MOST_ANSWER])[:_MOST_WORDS]

    @property
    def _pair(self) -> str:
        return base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()


class Poster:
    """Keeps one connection to a receiver, whose certificate and name are checked.

    Not for several threads at once.
    """

    def __init__(self, receiver: Receiver, limit_s: float = LIMIT_S) -> None:
        self._receiver, self._limit_s = receiver, limit_s
        self._wire = Wire(receiver.url)
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes) -> Answer:
        """Send `body`, as `write_request` makes them, and judge the answer; never raises."""
        headers = {
            **self._receiver.headers,
            "Content-Type": CONTENT_TYPE,
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": VERSION,
        }
        try:
            return self._within(body, headers)
        except ssl.SSLCertVerificationError as error:
            self.close()
            words = f"its certificate is not believed: {error.verify_message}"
            return Answer(Verdict.WRONG, problem=words)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            return Answer(Verdict.LATER, problem=self._receiver.words(_why(error)))

    def close(self) -> None:
        """Let go of the connection; the next body opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _within(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        fresh = self._connection is None
        connection = self._connection or self._wire.connection(self._limit_s)
        self._connection = connection
        try:
            with within(connection, self._limit_s):
                return self._ask(connection, body, headers)
        except _LET_GO:
            if fresh:
                raise
        # the receiver had let go of a connection that was idle: that says nothing of it
        self.close()
        return self._within(body, headers)

    def _ask(
        self, connection: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        connection.request("POST", self._wire.path or "/", body, dict(headers))
        with connection.getresponse() as told:
            words = told.read(MOST_ANSWER)
            whole = told.isclosed() or not told.read(1)
        if not whole or told.will_close:
            self.close()
        problem = self._receiver.words(words.decode("utf-8", "replace"))
        return judge(told.status, problem, told.getheader("retry-after", ""))


def judge(status: int, problem: str, retry_after: str = "") -> Answer:
    """What an answer means: 2xx, what asking again may mend, and what it will not."""
    if 200 <= status < 300:
        return Answer(Verdict.ACCEPTED, status)
    # many refuse without a word: a bare number says little at night
    said = f"{status} {problem or http.client.responses.get(status, '')}".strip()
    if status >= 500 or status in _LATER:
        return Answer(Verdict.LATER, status, said, _wait_s(retry_after))
    if status < 400 or status in _WRONG:
        return Answer(Verdict.WRONG, status, said, _wait_s(retry_after))
    return Answer(Verdict.REFUSED, status, said)


def _why(error: Exception) -> str:
    """Without the number that the system gives it."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _wait_s(told: str) -> float | None:
    """Seconds of a Retry-After; dates are not worth a clock that may be wrong."""
    told = told.strip()
    if not told.isascii() or not told.isdigit():
        return None
    return min(float(told[:9]), LONGEST_WAIT_S)
