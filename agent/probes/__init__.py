"""One file a kind of probe; `PROBES` says where each lives, `load` brings only what is used."""

from importlib import import_module
from typing import Any, Protocol, cast

from agent.report import Reading
from agent.strict import Refused

PROBES = {
    "ping": "agent.probes.ping:Ping",
    "dns": "agent.probes.dns:Dns",
    "tcp": "agent.probes.tcp:Tcp",
    "http": "agent.probes.http:Http",
    "web": "agent.probes.web:Web",
    "defaced": "agent.probes.web:Defaced",
    "opensid": "agent.probes.opensid:Opensid",
    "sideka": "agent.probes.sideka:Sideka",
    "nextcloud": "agent.probes.nextcloud:Nextcloud",
    "webdav": "agent.probes.webdav:Webdav",
    "tls": "agent.probes.secured:Tls",
    "smtp": "agent.probes.mail:Smtp",
    "imap": "agent.probes.mail:Imap",
    "mail_domain": "agent.probes.mail_domain:MailDomain",
    "domain": "agent.probes.domain:Domain",
    "mysql": "agent.probes.database:Mysql",
    "postgres": "agent.probes.database:Postgres",
    "docker": "agent.probes.docker:Docker",
    "backup_age": "agent.probes.backup:BackupAge",
    "known": "agent.probes.known:Known",
    "link": "agent.probes.link:Link",
    "host": "agent.probes.host:Host",
    "capacity": "agent.probes.capacity:Capacity",
    "service": "agent.probes.service:Service",
    "wifi": "agent.probes.wifi:Wifi",
    "journey": "agent.probes.journey:Journey",
    "routeros": "agent.probes.routeros.check:Routeros",
    "power": "agent.probes.power:Power",
    "snmp": "agent.probes.snmp.check:Snmp",
}


class Probe(Protocol):
    """A frozen dataclass of settings (its fields are the keys) that knows how to look."""

    @property
    def name(self) -> str: ...

    @property
    def limit_s(self) -> float:
        """No measurement takes longer than this."""
        ...

    def measure(self, memory: dict[str, Any]) -> Reading:
        """Look once; `memory` is the probe's own and lasts from round to round.

        ProbeFailed and OSError mean that it could not look.
        """
        ...


def load(kind: str) -> type[Probe]:
    """The settings class of a kind; Refused when there is no such kind."""
    if kind not in PROBES:
        raise Refused("kind", f"{kind!r} is not one of {', '.join(PROBES)}")
    module, _, name = PROBES[kind].partition(":")
    return cast(type[Probe], getattr(import_module(module), name))
