"""Whose turn it is to write incidents: each write counts on from the number it knows.

What a dying engine sent last may be committed when the next one has already read what there is;
so whoever writes makes sure that it has read all of it.
"""

from sqlalchemy import Connection

from collector import positions
from collector.lease import Overtaken

TURN = "alerts_turn"


class Turn:
    """The writes of incidents that somebody knows of."""

    def __init__(self) -> None:
        self._known = 0

    def look(self, connection: Connection) -> None:
        """Before anything else is read: what is written meanwhile is then noticed."""
        self._known = positions.get(connection, TURN)

    def take(self, connection: Connection) -> None:
        """In the transaction that writes; Overtaken where somebody else has written since."""
        if positions.get(connection, TURN) != self._known:
            raise Overtaken("another engine has written incidents meanwhile")
        self._known += 1
        positions.put(connection, TURN, self._known)
