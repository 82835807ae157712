"""From a device as it is kept to an address that can be dialled: by itself, or by its tunnel."""

import socket
from collections.abc import Callable
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
        """Through the tunnel to it, opened by its agent unless it is open."""
        port, shared = self._asked(host)
        near = replace(host, address="127.0.0.1", port=port)
        why = Unreachable(_NONE_CAME)
        ticks = self.times.ticks
        by, again = ticks() + WAIT_S, ticks() + ASK_EVERY_S
        while True:
            if _answers(port):
                try:
                    return self.connect(near)
                except WrongHostKey as wrong:
                    # until its agent has heard of it, the tunnel may lead to another device there
                    if not (shared and host.host_keys):
                        raise
                    why = wrong
            if ticks() + _LOOK_EVERY_S > by:
                raise why
            if ticks() >= again:
                self._asked(host)
                again = ticks() + ASK_EVERY_S
            self.times.pause(_LOOK_EVERY_S)

    def _asked(self, host: Host) -> tuple[int, bool]:
        """The port its agent was asked to open, and whether other devices are reached by it."""
        if not self.settings.tunnel_ssh:
            raise Unreachable(_NONE_TAKEN)
        try:
            with writing(self.store) as connection:
                [agent] = tunnels.ask(connection, host.site, host.device, self.times.now(), _BY)
                shared = len(tunnels.targets(connection, host.site)) > 1
            return tunnels.port_of(self.settings, agent), shared
        except Refused as refused:
            raise Unreachable(str(refused)) from refused


def _answers(port: int) -> bool:
    """Does a device speak at the end of the tunnel?"""
    try:
        with socket.create_connection(("127.0.0.1", port), _DIAL_S) as line:
            line.settimeout(_DIAL_S)
            return line.recv(4) == b"SSH-"
    except OSError:
        return False
