"""Can the centre see anything at all? By what its own ticks say."""

from sqlalchemy import Connection

from collector.fold.commit import read_ticks
from collector.silence import AWAY_S


def blind_since(connection: Connection) -> float | None:
    """Since when the centre's ticks say that it sees nothing, if they do for long enough."""
    ticks = read_ticks(connection)
    if ticks.newest is None or ticks.good is None or ticks.newest - ticks.good <= AWAY_S:
        return None
    return ticks.good
