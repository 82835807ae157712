"""What the collector asks for in its answers: a new configuration, a probe now, a new token."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent import diary
from agent.config import Config, read
from agent.identity import Home, new_nonce
from agent.knows import vocabulary
from agent.post import Post, Response
from agent.strict import Refused
from agent.wire import WireError

if TYPE_CHECKING:
    from agent.tunnel import Tunnel

_OPEN = "open_tunnel:"
# after one answer of the collector: a configuration, and the word that it is in use or refused
_FETCHES = 2


class Orders:
    """`use` takes a configuration that was accepted, `probe_now` starts all probes."""

    def __init__(
        self,
        home: Home,
        centre: Mapping[str, str],
        use: Callable[[Config], None],
        probe_now: Callable[[], None],
        local: bool = False,
    ) -> None:
        self.etag = ""
        self._home, self._centre, self._use, self._probe_now = home, centre, use, probe_now
        # a local file rules: what the collector has is not asked for
        self._local = local
        self._fetch = self._rotate = False
        self._tunnel = ""
        self._way_in: Tunnel | None = None
        self._targets: Mapping[str, str] = {}
        self._fetches_left = 0
        self._refused_etag, self._refusal, self._untold = "", "", False
        self._said_no: list[str] = []

    def resume(self, etag: str) -> None:
        """A configuration that was kept is in use; what another release of this agent said of what
        it knows is put right with the first answer."""
        self.etag = etag
        self._untold = bool(etag) and self._home.knew() != vocabulary()
        self._fetches_left = _FETCHES

    def take(self, orders: Sequence[str], etag: str, trusted: bool) -> None:
        """Note what an answer asks for; what cannot be done is told with the next report."""
        self._said_no.clear()
        self._fetches_left = _FETCHES
        for order in orders:
            if order == "fetch_config":
                self._fetch = True
            elif order == "probe_now":
                self._probe_now()
            elif order == "rotate_token" and trusted:
                self._rotate = True
            elif order.startswith(_OPEN) and trusted:
                self._tunnel = order.removeprefix(_OPEN)
            else:
                self._said_no.append(f"{order[:40]} {_why_not(order, trusted)}")
        if etag and etag not in (self.etag, self._refused_etag):
            self._fetch = True
        if etag and etag == self.etag and self._refusal:
            # taken back at the centre, which must not go on saying that we refuse it
            self._refused_etag = self._refusal = ""
            self._untold = True

    def may_open(self, targets: Mapping[str, str]) -> None:
        """What a tunnel may lead to, by the configuration in use."""
        self._targets = targets

    def close(self) -> None:
        """End what was opened on request."""
        if self._way_in is not None:
            self._way_in.close()

    def headers(self) -> dict[str, str]:
        """What the next report has to say beside its entries."""
        return {"X-Ronda-Refused": _quote("; ".join(self._said_no))} if self._said_no else {}

    def pending(self) -> bool:
        """Bounded: a centre that answers each question with something new is asked no more often
        than it is reported to."""
        wanted = self._untold or (self._fetch and not self._local)
        asked = self._rotate or bool(self._tunnel)
        return asked or (wanted and self._fetches_left > 0)

    def carry_out(self, post: Post) -> None:
        """Do one thing that is pending. WireError when the collector cannot be reached."""
        if self._rotate:
            self._rotate_token(post)
        elif self._tunnel:
            self._open_tunnel(post)
        else:
            self._fetch_config(post)

    def _open_tunnel(self, post: Post) -> None:
        # brought in when it is asked for: an agent's memory is small, and few ever are
        from agent.tunnel import Tunnel

        name, self._tunnel = self._tunnel, ""
        if self._way_in is None:
            self._way_in = Tunnel(self._home)
        try:
            self._way_in.open(name, self._targets, post)
        except (Refused, OSError) as error:
            self._said_no.append(f"{_OPEN}{name} {error}"[:200])

    def _fetch_config(self, post: Post) -> None:
        headers = {"X-Ronda-Config": f'"{self.etag}"', "X-Ronda-Knows": vocabulary()}
        known = self._refused_etag or self.etag
        if known:
            headers["If-None-Match"] = f'"{known}"'
        if self._refusal:
            headers["X-Ronda-Config-Error"] = _quote(self._refusal)
        self._fetch = self._untold = False
        self._fetches_left -= 1
        answer = post.config(headers)
        if answer.status == 200:
            self._receive(answer)
        elif answer.status == 304:
            with suppress(OSError, Refused):
                self._home.keep_knowing(vocabulary())
        else:
            raise WireError(f"the collector gives no configuration: {answer.status}")

    def _receive(self, answer: Response) -> None:
        etag = answer.headers.get("etag", "").removeprefix("W/").strip('"')
        if not etag:
            raise WireError("what answers is no collector: a configuration without a tag")
        table = _table(answer.body)
        if etag == self.etag:
            # something on the way takes "not modified" away
            return
        try:
            config = read(table, etag, self._centre)
        except Refused as refused:
            self._refused_etag, self._refusal, self._untold = etag, str(refused), True
            words = f"configuration {etag} refused, the old one stays: {refused}"
            diary.say_once("configuration", words)
            return
        self._refused_etag = self._refusal = ""
        # asked once more, so that the collector knows which one runs here
        self.etag, self._untold = etag, True
        try:
            self._home.keep_config(table, etag, vocabulary())
        except OSError as error:
            diary.say(f"the configuration cannot be written: {error}")
        self._use(config)

    def _rotate_token(self, post: Post) -> None:
        """The nonce is kept before it is sent: with the same one the collector repeats itself."""
        # tried once an order: should it fail, reports go on and the order comes again
        self._rotate = False
        if not post.identity.nonce:
            post.keep(replace(post.identity, nonce=new_nonce()))
        answer = post.rotate(json.dumps({"nonce": post.identity.nonce}).encode())
        given = _table(answer.body) if answer.status == 200 else {}
        token, key = given.get("token"), given.get("key")
        if not isinstance(token, str) or not token:
            raise WireError(f"the collector gives no new token: {answer.status}")
        post.new_token(token, key if isinstance(key, str) else "")


def _why_not(order: str, trusted: bool) -> str:
    if order == "open_tunnel":
        return "no tunnel target"
    return "unknown" if trusted else "not over plain HTTP"


def _table(body: bytes) -> dict[str, Any]:
    try:
        table = json.loads(body)
    except ValueError as error:
        raise WireError("what answers is no collector: not JSON") from error
    if not isinstance(table, dict):
        raise WireError("what answers is no collector: not a table")
    return table


def _quote(text: str) -> str:
    """As in a URL: a header takes only ASCII."""
    plain = "-_.~ /:,;()'=<>"
    return "".join(
        c
        if c.isascii() and (c.isalnum() or c in plain)
        else "".join(f"%{b:02X}" for b in c.encode())
        for c in text[:500]
    )
