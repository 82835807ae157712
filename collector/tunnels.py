"""Tunnels that agents open from inside: to which devices, at which port, for how long.

Nobody can dial into a village behind CGNAT. Its agent calls the centre's sshd instead and lets one
port of the centre's loopback lead to one device. The account it signs in to can do nothing else,
and each line that lets an agent in ends by itself.
"""

import fcntl
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from agent.strict import Refused
from collector import acts
from collector.intake import orders
from collector.schema import hosts
from collector.settings import Settings, split_address
from collector.vocabularies import askable

FOLDER = "tunnel"
KEYS = "authorized_keys"
FOR_S = 900.0
# an agent that was asked so long ago is not waited for any more
ASKED_S = 900.0
_FIRST_PORT, _LAST_PORT = 20_000, 65_535
_KEY = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp256) [A-Za-z0-9+/]{40,1400}={0,2}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What an agent is told: where to sign in, and which port of the centre it may open."""

    host: str
    port: int
    user: str
    host_key: str
    listen: int
    for_s: float = FOR_S


def targets(connection: Connection, site: str) -> dict[str, str]:
    """HOST:PORT by name: the devices of a site that are reached by a tunnel of its agent."""
    chosen = select(hosts.c.device, hosts.c.address, hosts.c.port)
    query = chosen.where(hosts.c.site == site, hosts.c.way == "tunnel").order_by(hosts.c.device)
    return {row.device: _place(row.address, row.port) for row in connection.execute(query)}


def sites(connection: Connection) -> set[str]:
    """Those that have such devices."""
    return set(connection.execute(select(hosts.c.site).where(hosts.c.way == "tunnel")).scalars())


def openers(connection: Connection, site: str) -> list[int]:
    """The agents that could open a way to its devices, the oldest first; Refused where none could.

    Not each finds each device: 127.0.0.1 is another one to each, and one may be switched off.
    """
    found = askable(connection, site)
    if not found:
        raise Refused(site, "no agent of it could open a tunnel")
    return found


def ask(connection: Connection, agent: int, device: str, now: float, by: str) -> None:
    """Have an agent asked to open the way to a device of its site."""
    orders.ask(connection, agent, [orders.OPEN + device], now, by)


def was_asked(connection: Connection, site: str, agent: int, device: str, now: float) -> bool:
    """Whether somebody wants this tunnel: an agent opens none by itself."""
    return any(
        act.at >= now - ASKED_S
        and act.body.get("agent") == agent
        and orders.OPEN + device in act.body.get("do", ())
        for act in acts.about(connection, site, orders.VERB)
    )


def port_of(settings: Settings, agent: int) -> int:
    """The one port that is an agent's for good; Refused beyond the last one."""
    port = settings.tunnel_ports + agent
    if not _FIRST_PORT <= port <= _LAST_PORT:
        raise Refused("tunnel_ports", f"agent {agent} would have port {port}, beyond {_LAST_PORT}")
    return port


def grant(settings: Settings, agent: int, key: str, now: float) -> Grant:
    """Let an agent in with this key for a while; Refused says why not."""
    if not settings.tunnel_ssh:
        raise Refused("tunnel_ssh", "not set: this centre takes no tunnels")
    if not _KEY.fullmatch(key):
        raise Refused("key", "expected a public key such as ssh-ed25519 AAAA...")
    listen = port_of(settings, agent)
    let_in(settings.folder, agent, key, listen, now + FOR_S, now)
    user, _, place = settings.tunnel_ssh.rpartition("@")
    host, port = split_address(place)
    return Grant(host, port, user, settings.tunnel_host_key, listen)


def let_in(folder: Path, agent: int, key: str, listen: int, until: float, now: float) -> None:
    """Write the line that lets an agent in until then; those that are over go."""
    place = folder / FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = place / KEYS
        before = path.read_text().splitlines() if path.exists() else []
        mark = f" ronda-agent-{agent}"
        kept = [line for line in before if not line.endswith(mark) and _is_good(line, now)]
        lines = [*kept, line_of(key, listen, until) + mark]
        _replace(path, "".join(f"{line}\n" for line in lines))


def line_of(key: str, listen: int, until: float) -> str:
    """One port of the loopback, one key, until then: everything else is refused by sshd."""
    ends = datetime.fromtimestamp(until, UTC).strftime("%Y%m%d%H%M%SZ")
    options = f'restrict,port-forwarding,permitlisten="127.0.0.1:{listen}",expiry-time="{ends}"'
    return f'{options},command="/bin/false" {key}'


def _is_good(line: str, now: float) -> bool:
    found = re.search(r'expiry-time="(\d{14})Z"', line)
    if found is None:
        return False
    ends = datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return ends.timestamp() > now


def _replace(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    part.replace(path)


def _place(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
