"""Questions to the REST API of a router: one connection, bounded answers, and whom to believe."""

import json
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from agent.dial import left_s
from agent.probes.routeros.values import Row
from agent.report import ProbeFailed
from agent.wire import Connection, WireError

if TYPE_CHECKING:
    import ssl

_ANSWER_BYTES = 1 << 20
_MOST_ROWS = 20_000
_NO_CHECK_TIME = 0x200000


class Rest:
    """`absent` are the menus that this router has not; it is added to, and not asked again.

    `trouble`: something was asked and not answered.
    """

    def __init__(
        self,
        wire: Connection,
        authorization: str,
        deadline: float,
        timeout_s: float,
        absent: set[str],
    ) -> None:
        self._wire, self._deadline, self._timeout_s = wire, deadline, timeout_s
        self._headers = {
            "Authorization": authorization,
            "User-Agent": "ronda-agent",
            "Accept": "application/json",
        }
        self._absent = absent
        self.trouble = False

    def rows(self, menu: str, *properties: str) -> list[Row] | None:
        """The lines of a menu, with no more than these properties; None when it has none to show.

        Who somebody is is not asked for, so that it never leaves the router.
        """
        asked = f"?.proplist={','.join(properties)}" if properties else ""
        return self._optional(menu, "GET", asked, b"")

    def once(self, command: str, numbers: list[str]) -> list[Row] | None:
        """What a command that would go on says of these items at once."""
        body = json.dumps({"numbers": ",".join(numbers), "once": ""}).encode()
        return self._optional(command, "POST", "", body)

    def forget(self) -> None:
        """Ask again for menus that were not there."""
        self._absent.clear()

    def must(self, menu: str) -> list[Row]:
        """As `rows`; WireError and TimeoutError when there is no answer, ProbeFailed when it is
        no answer of RouterOS."""
        answer = self._ask(menu, "GET", "", b"")
        if answer is None:
            raise ProbeFailed(f"{self._wire.host} answers, but has no REST API of RouterOS 7")
        return answer

    def _optional(self, menu: str, method: str, asked: str, body: bytes) -> list[Row] | None:
        if menu in self._absent:
            return None
        try:
            answer = self._ask(menu, method, asked, body)
        except (WireError, TimeoutError):
            answer = None
        if answer is None and menu not in self._absent:
            self.trouble = True
        return answer

    def _ask(self, menu: str, method: str, asked: str, body: bytes) -> list[Row] | None:
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        limit_s = min(self._timeout_s, left_s(self._deadline))
        answer = self._wire.request(
            method, f"/rest/{menu}{asked}", headers, body, _ANSWER_BYTES, limit_s
        )
        if answer.status in (401, 403):
            raise ProbeFailed(f"{self._wire.host} refuses the login")
        told = None if answer.cut else _json(answer.body)
        if answer.status in (400, 404) and isinstance(told, dict) and "error" in told:
            words = str(told.get("detail", "no such command"))
            if "no such" in words or "bad command" in words:
                self._absent.add(menu)
        if answer.status != 200:
            return None
        rows: list[Any] = told if isinstance(told, list) else [told]
        fine = all(isinstance(row, dict) for row in rows) and len(rows) <= _MOST_ROWS
        return rows if fine else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def pinned(wire: Connection, fingerprint: str, limit_s: float) -> "ssl.SSLContext":
    """Whom to believe when a router's certificate is known by its SHA-256.

    Looks at the certificate once, says nothing, and returns a context that takes this one only.
    ProbeFailed when it is another.
    """
    wire.connect(limit_s)
    der = wire.certificate or b""
    wire.close()
    if sha256(der).hexdigest() != fingerprint:
        where = f"{wire.host} shows another certificate than the one that was written down"
        raise ProbeFailed(f"{where}: {sha256(der).hexdigest()[:16]}...")
    return _only(der)


@lru_cache(maxsize=4)
def _only(der: bytes) -> "ssl.SSLContext":
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # the certificate itself is what is believed: neither who signed it nor until when it is good
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_NO_CHECK_TIME)
    context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(der))
    return context
