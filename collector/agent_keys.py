"""The SSH host keys that agents' machines reported when they were enrolled. A store file."""

import json

from sqlalchemy import Connection, select

from collector.schema import agents


def reported(connection: Connection, site: str) -> list[tuple[str, list[str]]]:
    """Name and keys of each active agent of a site that told any."""
    query = select(agents.c.name, agents.c.host_keys).where(agents.c.site == site)
    found = connection.execute(query.where(agents.c.state == "active").order_by(agents.c.id))
    told = ((row.name, [str(key) for key in json.loads(row.host_keys)]) for row in found)
    return [(name, keys) for name, keys in told if keys]
