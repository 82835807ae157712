"""Opening a connection to a device: its key is proved before anything is said to it.

Nothing of this machine has a say: no agent, no known_hosts, no configuration of ssh.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import paramiko

from collector.ssh_keys import NotAKey, PublicKey, public_key, shown_key
from playbooks.hosts import Host, Login, Way
from playbooks.model import Platform
from playbooks.session import Session, WrongHostKey
from playbooks.transport.algorithms import Modern, Old
from playbooks.transport.line import Clock, Line
from playbooks.transport.reasons import SILENT, UNANSWERED, lost, told
from playbooks.transport.routeros import RouterOsSession
from playbooks.transport.shell import ShellSession
from playbooks.transport.signing_in import sign_in

_SESSIONS: Mapping[Platform, Callable[[Line], Session]] = {
    Platform.ROUTEROS: RouterOsSession,
    Platform.OPENWRT: ShellSession,
    Platform.DEBIAN: ShellSession,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each part of opening may take; a small router behind a satellite needs seconds.

    `gone_s`: data that nobody confirms for so long were sent into a dead line.
    """

    connect_s: float = 15.0
    handshake_s: float = 30.0
    sign_in_s: float = 30.0
    keepalive_s: int = 20
    gone_s: float = 45.0


@dataclass(frozen=True, slots=True)
class _Peer:
    """One machine that is signed in to: the device, or one on the way."""

    address: str
    port: int
    login: Login
    host_keys: tuple[str, ...]
    old: bool

    @property
    def name(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}"


# gives a new line to a machine, closed with the stack
_Dial = Callable[[_Peer, ExitStack], Any]


def connect(host: Host, patience: Patience | None = None, clock: Clock = time.monotonic) -> Session:
    """A session with a device; Unreachable says why there is none, WrongHostKey that another
    machine, or a device with a new key, answers in its place."""
    # what goes wrong is told in one line by us
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    patience = patience or Patience()
    device = _Peer(host.address, host.port, host.login, host.host_keys, host.old_algorithms)
    with ExitStack() as opened:
        dial = _direct(patience)
        if host.way is Way.JUMP:
            dial = _through(_jump(host, patience, opened), patience)
        transport = _signed_in(device, dial, patience, opened)
        line = Line(transport, device.name, opened.pop_all(), clock)
    return _SESSIONS[host.platform](line)


def _jump(host: Host, patience: Patience, opened: ExitStack) -> Any:
    if host.jump is None:
        raise lost(host.name, "no machine to go through is set: name one")
    on_the_way = host.jump
    peer = _Peer(
        on_the_way.address, on_the_way.port, on_the_way.login, on_the_way.host_keys, old=False
    )
    try:
        return _signed_in(peer, _direct(patience), patience, opened)
    except WrongHostKey as wrong:
        wrong.on_the_way = True
        raise


def _direct(patience: Patience) -> _Dial:
    def dial(peer: _Peer, opened: ExitStack) -> socket.socket:
        with told(peer.name, UNANSWERED.format(patience.connect_s)):
            line = socket.create_connection((peer.address, peer.port), patience.connect_s)
        opened.callback(line.close)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        gone_ms = int(patience.gone_s * 1000)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, gone_ms)
        return line

    return dial


def _through(jump: Any, patience: Patience) -> _Dial:
    def dial(peer: _Peer, opened: ExitStack) -> Any:
        with told(peer.name, UNANSWERED.format(patience.connect_s)):
            channel = jump.open_channel(
                "direct-tcpip",
                (peer.address, peer.port),
                ("127.0.0.1", 0),
                timeout=patience.connect_s,
            )
        opened.callback(channel.close)
        return channel

    return dial


def _signed_in(peer: _Peer, dial: _Dial, patience: Patience, opened: ExitStack) -> Any:
    pinned = _pinned(peer)
    signatures = tuple(dict.fromkeys(s for key in pinned for s in key.signatures))
    with ExitStack() as first:
        try:
            transport = _greeted(peer, dial, patience, first, signatures)
        except paramiko.ssh_exception.IncompatiblePeer:
            # it has no key of the kinds that are known: which one does it have?
            transport = _greeted(peer, dial, patience, first, ())
        shown = shown_key(transport.get_remote_server_key().asbytes())
        if shown not in pinned:
            raise _wrong(peer, pinned, shown)
        with told(peer.name, SILENT.format(patience.sign_in_s)):
            sign_in(transport, peer.login, peer.old)
        transport.set_keepalive(patience.keepalive_s)
        opened.push(first.pop_all())
    return transport


def _greeted(
    peer: _Peer,
    dial: _Dial,
    patience: Patience,
    opened: ExitStack,
    signatures: tuple[str, ...],
) -> Any:
    """Through the exchange of keys, with whoever answers; `signatures`: which keys it may show."""
    line = dial(peer, opened)
    transport = (Old if peer.old else Modern)(line)
    opened.callback(transport.close)
    # whose time is over first says why
    transport.banner_timeout = patience.handshake_s + 5
    transport.auth_timeout = patience.sign_in_s
    asked = [name for name in transport._preferred_keys if name in signatures]
    if peer.old and "rsa-sha2-256" in signatures:
        asked.append("ssh-rsa")
    if asked:
        transport.get_security_options().key_types = asked
    done = threading.Event()
    silent = SILENT.format(patience.handshake_s)
    with told(peer.name, silent, old=peer.old, narrowed=bool(asked)):
        transport.start_client(event=done)
        if not done.wait(patience.handshake_s):
            raise TimeoutError
        if not transport.is_active():
            raise transport.get_exception() or EOFError()
    return transport


def _pinned(peer: _Peer) -> list[PublicKey]:
    try:
        return [public_key(line) for line in peer.host_keys]
    except NotAKey as error:
        raise lost(peer.name, f"a key that is known of it {error}: enter it again") from error


def _wrong(peer: _Peer, pinned: list[PublicKey], shown: PublicKey) -> WrongHostKey:
    what = f"{shown.kind} {shown.fingerprint}"
    if not pinned:
        why = f"no key is known of it; it shows {what}: compare it on the device, then approve it"
    else:
        why = (
            f"shows another key than the one known of it, {what}: find out who replaced the "
            f"device or stands in its place, then approve it"
        )
    return WrongHostKey(f"{peer.name}: {why}", shown.fingerprint, shown.text)
