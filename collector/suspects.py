"""Sites that may be falling silent: one beacon missed, or a report over 1.2 intervals late.

The fold writes them with each commit; whoever holds a message back for company reads them.
"""

import json
from collections.abc import Mapping

from sqlalchemy import Connection

from collector.db import meta_get

KEY = "suspects"
# as many as anybody would wait for
MOST = 20_000


def pack(suspects: Mapping[str, float]) -> str:
    """As a row keeps them: those who fell last, where they are too many."""
    chosen = sorted(suspects.items(), key=lambda one: one[1], reverse=True)[:MOST]
    return json.dumps(dict(sorted(chosen)), separators=(",", ":"))


def read(connection: Connection) -> dict[str, float]:
    """Code of each suspect site, with its last contact (a beacon or a report)."""
    found: dict[str, float] = json.loads(meta_get(connection, KEY) or "{}")
    return found
