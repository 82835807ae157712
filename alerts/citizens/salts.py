"""The salt that reporters' addresses are digested with: each day a new one, and the old is gone.

With both gone nobody can find an address from what is kept, not even with the whole database.
"""

import json
import secrets
from typing import Any

from sqlalchemy import Connection

from alerts.citizens.door import digest
from collector.db import meta_get, meta_set

KEY = "citizens_salts"
EVERY_S = 86400.0
# who came before the salt was made, and waited for the one who made it
LATE_S = 60.0


def reporters(connection: Connection, way: str, now: float) -> list[str]:
    """The digests that a way of writing has now, the newest first: by today's salt and the last.

    Empty when it is time for a new salt: `renew` in a transaction that writes.
    """
    kept = json.loads(meta_get(connection, KEY, "{}"))
    if not _holds(kept, now):
        return []
    return [digest(bytes.fromhex(salt), way) for salt in kept["salts"]]


def renew(connection: Connection, now: float) -> None:
    """A new salt, where it is time for one; the one before last is gone.

    Who files at the same moment waits here until this transaction is through.
    """
    kept = json.loads(meta_get(connection, KEY, "{}"))
    if not _holds(kept, now):
        # who comes back after days meets nobody that salt still knows
        recent = kept["salts"][:1] if kept and 0 <= now - kept["at"] < 2 * EVERY_S else []
        kept = {"at": now, "salts": [secrets.token_hex(16), *recent]}
    meta_set(connection, KEY, json.dumps(kept))


def _holds(kept: dict[str, Any], now: float) -> bool:
    return bool(kept) and -LATE_S <= now - kept["at"] < EVERY_S
