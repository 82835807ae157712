"""The channel of followers: each is looked up as a message is sent: who left hears nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine

from alerts import followers
from alerts.channels import NotifyFailed
from alerts.channels.config import Line
from collector.db import reading


class Followed:
    """Sends by the first channel that serves the way somebody chose."""

    def __init__(self, store: Engine, lines: Sequence[Line]) -> None:
        self._store = store
        self._ways = {line.serves: line for line in reversed(lines)}

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        """What the gateway answered; NotifyFailed when it did not take the message."""
        with reading(self._store) as connection:
            found = followers.find(connection, int(target))
        if found is None:
            raise NotifyFailed("they follow no more", permanent=True)
        line = self._ways.get(found.way)
        if line is None:
            raise NotifyFailed(f"there is no channel for {found.way}", permanent=True)
        return line.channel.send(found.address, message)
