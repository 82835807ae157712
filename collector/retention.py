"""What is older than its keep is forgotten, a little at a time."""

from sqlalchemy import delete, select

from collector import states
from collector.db import open_history, open_store, reading, writing
from collector.schema import codes, signin_links, sites
from collector.series import blocks
from collector.settings import Settings

DAY_S = 86400
HOUR_S = 3600
# codes and sign-in links mean nothing this long after their end
DEAD_LETTER_DAYS = 30


def forget_old(settings: Settings, now: float) -> dict[str, int]:
    """Remove history, states and verdicts past `history_days`; how many rows of each went."""
    oldest = now - settings.history_days * DAY_S
    store = open_store(settings)
    history = open_history(settings)
    try:
        with writing(store) as connection:
            gone = {"states": states.forget(connection, oldest)}
            dead = now - DEAD_LETTER_DAYS * DAY_S
            old_codes = connection.execute(delete(codes).where(codes.c.expires_at < dead))
            old_links = connection.execute(
                delete(signin_links).where(signin_links.c.expires_at < dead)
            )
            gone["codes"] = old_codes.rowcount + old_links.rowcount
        with reading(store) as connection:
            rows = list(connection.execute(select(sites.c.row)).scalars())
        gone["blocks"] = 0
        for row in rows:
            # one short transaction a site: the fold writes between them
            with writing(history) as connection:
                gone["blocks"] += blocks.delete_before(connection, row, int(oldest // HOUR_S))
        return gone
    finally:
        store.dispose()
        history.dispose()
