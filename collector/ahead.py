"""Rows with a time ahead of a clock that was set back, brought to it in one transaction."""

from sqlalchemy import Connection, delete, select, update

from collector.db import upsert
from collector.schema import checks, states, verdicts


def sites(connection: Connection, at: float) -> list[str]:
    """Sites whose present state began later than `at`."""
    later = (states.c.until.is_(None), states.c.since > at)
    return list(connection.execute(select(states.c.site).where(*later)).scalars())


def bring_states(connection: Connection, at: float, rev: int) -> None:
    """The same for sites that do not count any more: they ended by `at`."""
    later = states.c.until > at
    connection.execute(delete(states).where(later, states.c.since > at))
    connection.execute(update(states).where(later).values(until=at, rev=rev))


def bring_checks(connection: Connection, at: float, rev: int) -> None:
    """Verdicts hold since `at`; of those told later the newest of each check stays, as of then."""
    connection.execute(update(checks).where(checks.c.since > at).values(since=at, rev=rev))
    later = select(verdicts).where(verdicts.c.at > at).order_by(verdicts.c.at)
    newest = {(row.site, row.check): row._mapping for row in connection.execute(later)}
    connection.execute(delete(verdicts).where(verdicts.c.at > at))
    upsert(verdicts, [{**row, "at": at, "rev": rev} for row in newest.values()], connection)
