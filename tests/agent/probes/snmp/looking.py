"""One look at a device, as the agent takes it."""

from typing import Any

from agent.config import Check, read
from agent.report import Reading
from agent.runner import measure

HOST = "127.0.0.1"


def check(port: int, **settings: Any) -> Check:
    """A configured check; nobody named the device, unless the settings do."""
    entry = {"name": "router", "kind": "snmp", "host": HOST, "device": HOST, "port": port}
    return read({"checks": [{**entry, **settings}]}).checks[0]


def look(port: int, community: str, **settings: Any) -> tuple[Reading, str]:
    """What a device says, and the profile that was found for it."""
    memory: dict[str, Any] = {}
    reading = measure(check(port, community=community, **settings), memory)
    return reading, memory["device"].profile
