"""Whose lines are down in an incident of many sites: each provider once, with its numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from alerts.members import Member
from collector import inventory
from collector.inventory import Uplink


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, how many of the main lines are its own, and what they are called there."""

    name: str
    phone: str
    lines: int
    numbers: tuple[str, ...]

    def listed(self, most_chars: int = 120) -> str:
        """A, B, C +34: as many numbers as there is room for."""
        for kept in range(len(self.numbers), 0, -1):
            more = f" +{len(self.numbers) - kept}" if kept < len(self.numbers) else ""
            said = ", ".join(self.numbers[:kept]) + more
            if len(said) <= most_chars or kept == 1:
                return said
        return ""


def bad_at(joined: Sequence[Member]) -> list[str]:
    """The sites that an incident is still about; all that joined, once none is bad any more."""
    bad = [one.site for one in joined if one.good_at is None]
    return list(dict.fromkeys(filter(None, bad or [one.site for one in joined])))


def providers(connection: Connection, sites: Iterable[str]) -> list[Provider]:
    """The providers of the main lines of these sites, most lines first; unnamed ones as ""."""
    wanted = sorted(sites)
    mains = inventory.main_uplinks(connection, wanted)
    lone = [code for code in wanted if code not in mains or not mains[code].isp]
    named = _named(connection, lone)
    grouped: dict[str, list[Uplink]] = {}
    for code in wanted:
        line = mains.get(code) or Uplink("", "", "", "")
        grouped.setdefault(line.isp or named.get(code, ""), []).append(line)
    found = [_provider(name, lines) for name, lines in grouped.items()]
    return sorted(found, key=lambda one: (-one.lines, one.name))


def _named(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """The first provider that sites themselves name, by code."""
    found: dict[str, str] = {}
    for site in inventory.sites_of(connection, codes):
        found[site.code] = next(iter(site.isps), "")
    return found


def _provider(name: str, lines: Sequence[Uplink]) -> Provider:
    phone = next((line.isp_phone for line in lines if line.isp_phone), "")
    numbers = tuple(line.service_no for line in lines if line.service_no)
    return Provider(name, phone if name else "", len(lines), numbers)
