"""The values Ronda gives to every command by itself; `faults.GIVEN` names their types."""

from urllib.parse import urlsplit

from collector.settings import Settings
from playbooks.guards.table import GUARDS
from playbooks.hosts import Host


def given(settings: Settings, host: Host, run: int) -> dict[str, str]:
    """Without `begin`, which is known only once the act begins."""
    return {
        "run": str(run),
        "site": host.site,
        "noc": noc(settings),
        "guard": GUARDS[host.platform].folder(run) or "none",
    }


def noc(settings: Settings) -> str:
    """The host that agents report to."""
    told = settings.ingest_url or settings.public_url
    return (urlsplit(told).hostname if told else settings.ingest.rpartition(":")[0]) or "localhost"
