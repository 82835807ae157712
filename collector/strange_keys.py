"""Devices that showed another host key than the one that is believed: changed, or an intruder's."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from collector.schema import hosts

MOST = 1000

_T = hosts.c
# made once: putting a statement together costs as much as asking it
_OF_ALL = (
    select(_T.site, _T.device, _T.strange_key, _T.strange_at)
    .where(_T.strange_key != "")
    .order_by(_T.site, _T.device)
    .limit(MOST)
)


@dataclass(frozen=True, slots=True)
class Strange:
    """`fingerprint` of the key that was shown, since when."""

    site: str
    device: str
    fingerprint: str
    since: float


def told(connection: Connection, site: str, device: str, fingerprint: str, now: float) -> None:
    """A device showed this key; since when stays what it was."""
    t = hosts.c
    here = (t.site == site, t.device == device, t.strange_key != fingerprint)
    shown = {"strange_key": fingerprint, "strange_at": now}
    connection.execute(update(hosts).where(*here).values(shown))


def over(connection: Connection, site: str, device: str) -> None:
    """It showed the key that is believed."""
    t = hosts.c
    here = (t.site == site, t.device == device, t.strange_key != "")
    connection.execute(update(hosts).where(*here).values(strange_key="", strange_at=None))


def of_all(connection: Connection) -> list[Strange]:
    """All of them, by site."""
    return [Strange(*row) for row in connection.execute(_OF_ALL)]
