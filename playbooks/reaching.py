"""From a device as it is kept to an address that can be dialled: by itself, or by its tunnel."""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine

from agent.strict import Refused
from collector import strange_keys, tunnels
from collector.db import writing
from collector.settings import Settings
from playbooks.hosts import TUNNEL_S, Host, Way
from playbooks.session import Session, Unreachable, WrongHostKey
from playbooks.times import Times

_BY = "playbooks"
WAIT_S = TUNNEL_S
# An agent is told once, with an answer that may be lost; or it still holds the tunnel of before,
# whose line is dead. A word it has heard already does no harm.
ASK_EVERY_S = 60.0
_NONE_CAME = (
    f"its agent opened no tunnel within {WAIT_S:.0f} s: does the site report, "
    "and is an ssh client there?"
)
_NONE_TAKEN = "it is reached by a tunnel, and tunnel_ssh is not set: see docs/tunnels.md"
_LOOK_EVERY_S = 3.0
_DIAL_S = 2.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """The port of an agent that was asked, of so many; `alone`: it leads to this device, or to
    none."""

    port: int
    alone: bool
    agents: int


@dataclass(frozen=True, slots=True)
class Reach:
    """`connect` opens a session to an address that can be dialled."""

    settings: Settings
    store: Engine
    connect: Callable[[Host], Session]
    times: Times

    def __call__(self, host: Host) -> Session:
        """A session to the device; Unreachable says why there is none. Another key than the one
        that is believed is written down, and becomes an incident."""
        try:
            session = self._tunnelled(host) if host.way is Way.TUNNEL else self.connect(host)
        except WrongHostKey as wrong:
            self._strange(host, wrong)
            raise
        self._tell(lambda db: strange_keys.over(db, host.site, host.device))
        if host.jump is not None:
            on_the_way = host.jump.device
            self._tell(lambda db: strange_keys.over(db, "", on_the_way))
        return session

    def _strange(self, host: Host, wrong: WrongHostKey) -> None:
        """Write down who showed another key than was believed of it: the device, or the machine of
        the centre on the way. Of one that no key is known of none is another."""
        place, known = (host.site, host.device), host.host_keys
        if wrong.on_the_way and host.jump is not None:
            place, known = ("", host.jump.device), host.jump.host_keys
        if known:
            self._tell(lambda db: strange_keys.told(db, *place, wrong.shown, self.times.now()))

    def _tell(self, change: Callable[[Connection], None]) -> None:
        with writing(self.store) as connection:
            change(connection)

    def _tunnelled(self, host: Host) -> Session:
        """Through the tunnel to it, opened by one of its site's agents unless it is open.

        They are asked one after the other, since each holds its tunnel for a while.
        """
        ticks, wrong = self.times.ticks, dict[int, WrongHostKey]()
        by, again = ticks() + WAIT_S, ticks()
        asked: list[_Asked] = []
        while True:
            if ticks() >= again:
                asked.append(self._asked(host, len(asked)))
                again = ticks() + ASK_EVERY_S
            session = self._through(host, asked, wrong)
            if session is not None:
                return session
            if len(wrong) == len(asked) < asked[-1].agents:
                again = ticks()
            elif ticks() + _LOOK_EVERY_S >= by:
                raise _none(wrong, asked[-1].agents)
            else:
                self.times.pause(_LOOK_EVERY_S)

    def _through(
        self, host: Host, asked: Sequence[_Asked], wrong: dict[int, WrongHostKey]
    ) -> Session | None:
        """By the first tunnel that leads to it; who showed another key goes into `wrong`."""
        for port in dict.fromkeys(one.port for one in asked):
            try:
                if _answers(port):
                    return self.connect(replace(host, address="127.0.0.1", port=port))
            except WrongHostKey as error:
                if asked[-1].alone or not host.host_keys:
                    raise
                # another device there, until its agent has heard; or what this agent finds
                wrong[port] = error
        return None

    def _asked(self, host: Host, turn: int) -> _Asked:
        """Have the agent whose turn it is asked."""
        if not self.settings.tunnel_ssh:
            raise Unreachable(_NONE_TAKEN)
        try:
            with writing(self.store) as connection:
                agents = tunnels.openers(connection, host.site)
                agent = agents[turn % len(agents)]
                tunnels.ask(connection, agent, host.device, self.times.now(), _BY)
                devices = len(tunnels.targets(connection, host.site))
            port = tunnels.port_of(self.settings, agent)
        except Refused as refused:
            raise Unreachable(str(refused)) from refused
        return _Asked(port, len(agents) == 1 and devices == 1, len(agents))


def _none(wrong: Mapping[int, WrongHostKey], agents: int) -> Unreachable:
    """Why no tunnel led to the device: of another key is spoken only where all agents found it."""
    if wrong and len(wrong) >= agents:
        return next(iter(wrong.values()))
    return Unreachable(_NONE_CAME)


def _answers(port: int) -> bool:
    """Does a device speak at the end of the tunnel?"""
    try:
        with socket.create_connection(("127.0.0.1", port), _DIAL_S) as line:
            line.settimeout(_DIAL_S)
            return line.recv(4) == b"SSH-"
    except OSError:
        return False
