"""That this centre came back from a backup: what is still to be entered, who must enrol again."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, select

from collector.cli_common import iso
from collector.db import meta_get, meta_set, reading
from collector.finding import Finding, few
from collector.schema import agents
from collector.secret import FILE, LENGTH, derive
from collector.settings import Settings

KEY = "restored"
AUTHORITY = "tls/ca.pem"
# agents that were enrolled after the backup, by what they say of themselves
STRANGERS = "restored_strangers"
_MOST_STRANGERS = 2000
_AGAIN_S = 86400.0
# links of the old key are of no use to anybody after so long, and villages have been visited
_KEY_MATTERS_S = 30 * 86400.0


def knocked(connection: Connection, agent: int, site: str, now: float) -> None:
    """Somebody whose token nobody knows says who it is; kept when a restore may have lost it."""
    told = _told(connection)
    if not told or agent <= told["newest_agent"]:
        return
    known = json.loads(meta_get(connection, STRANGERS, "{}"))
    before = known.get(str(agent))
    if before and now - before["at"] < _AGAIN_S or not before and len(known) >= _MOST_STRANGERS:
        return
    known[str(agent)] = {"site": site, "at": now}
    meta_set(connection, STRANGERS, json.dumps(known))


def enrol_again(connection: Connection) -> list[str]:
    """Sites whose agents were enrolled after the backup and have not been enrolled anew."""
    told = _told(connection)
    if not told:
        return []
    known = json.loads(meta_get(connection, STRANGERS, "{}"))
    since = (agents.c.state == "active", agents.c.id > told["newest_agent"])
    back = set(connection.execute(select(agents.c.site).where(*since)).scalars())
    return sorted({one["site"] for one in known.values()} - back)


def findings(settings: Settings, engine: Engine, now: float) -> Iterator[Finding]:
    """What `doctor` says after a restore; nothing of a centre that never had one."""
    with reading(engine) as connection:
        told, sites = _told(connection), enrol_again(connection)
    if not told:
        return
    words = f"{iso(told['at'])}, from a backup of {iso(told['made_at'])}"
    if sites:
        yield Finding(
            "restored",
            f"{words}; enrol again: {few(sites, most=50)}",
            "ronda sites codes --site CODE, and ronda-agent enrol there",
        )
    else:
        yield Finding("restored", words)
    if missing := _missing(settings, told, now):
        yield Finding(
            "secrets",
            f"not in the backup, enter again: {', '.join(missing)}",
            f"bring them back into {settings.folder}; without the old {FILE}: ronda agents ask ID"
            " rotate_token for beacons, new links for people",
        )


def _missing(settings: Settings, told: dict[str, Any], now: float) -> list[str]:
    """A start makes a new key and authority where there is none: there is one, but another."""
    folder, names = settings.folder, told["enter_again"]
    missing = [name for name in names if not (folder / name).exists()]
    if now - told["at"] < _KEY_MATTERS_S:
        for name, mark, known in ((FILE, fingerprint, "key"), (AUTHORITY, digest, "ca")):
            path = folder / name
            if name in names and path.is_file() and mark(path.read_bytes()) != told[known]:
                missing.append(name)
    return sorted(missing)


def fingerprint(key: bytes) -> str:
    """Says whether two key files are the same, and nothing else of them."""
    return derive(key, "backup", "fingerprint").hex()[:16] if len(key) == LENGTH else ""


def digest(certificate: bytes) -> str:
    """The same for what is no secret."""
    return hashlib.sha256(certificate).hexdigest()[:16] if certificate else ""


def _told(connection: Connection) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(meta_get(connection, KEY, "{}"))
    return told
