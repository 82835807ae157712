"""How each channel is: its gateway is asked every few minutes, the answer kept for everybody."""

import json
import logging
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Engine

from alerts.channels import Health, NotifyFailed, Watched
from alerts.channels.config import Line
from collector.db import meta_get, meta_set, reading, writing
from collector.doctor_contacts import CHANNELS
from collector.trouble import tell

log = logging.getLogger(__name__)

LOOK_EVERY_S = 180.0
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen, when, and since when it is so; times are UTC epoch seconds."""

    fine: bool
    says: str
    at: float
    since: float


class Rounds:
    """Looks at every channel in turn, beside the messages and never in their way."""

    def __init__(self, store: Engine, lines: Iterable[Line]) -> None:
        self._store = store
        listed = list(lines)
        self._lines = [line for line in listed if isinstance(line.channel, Watched)]
        self._serves = {line.name: line.serves for line in listed}
        self._said = False
        self._looked_at: dict[str, float] = {}
        self._under_way: dict[str, Future[None]] = {}
        self._lookers = ThreadPoolExecutor(_AT_ONCE, "look")

    def begin_due(self, now: float) -> int:
        """Begin to look at what was not looked at for a while; how many channels that is."""
        self._say_which()
        begun = 0
        for line in self._lines:
            under_way = self._under_way.get(line.name)
            if under_way is not None and not under_way.done():
                continue
            if abs(now - self._looked_at.get(line.name, float("-inf"))) >= LOOK_EVERY_S:
                self._looked_at[line.name] = now
                self._under_way[line.name] = self._lookers.submit(self._look, line, now)
                begun += 1
        return begun

    def wait(self) -> None:
        """Return when all that was begun is through."""
        for one in self._under_way.values():
            one.result()

    def _say_which(self) -> None:
        """Write down once which channels there are, for who looks after this centre."""
        if not self._said:
            with writing(self._store) as connection:
                meta_set(connection, CHANNELS, json.dumps(self._serves))
            self._said = True

    def _look(self, line: Line, now: float) -> None:
        try:
            seen = look_at(line)
            with writing(self._store) as connection:
                before = last(connection, line.name)
                keep(connection, line.name, seen, now)
        except Exception as error:
            tell(f"looking at channel {line.name}", error)
            return
        if before is None or before.fine != seen.fine:
            say = log.info if seen.fine else log.warning
            say("channel %s is %s: %s", line.name, "well" if seen.fine else "not well", seen.says)


def look_at(line: Line) -> Health:
    """How a channel is now; one that cannot be asked is not well."""
    if not isinstance(line.channel, Watched):
        return Health(True, "not watched")
    try:
        return line.channel.look()
    except NotifyFailed as failed:
        return Health(False, failed.reason)


def keep(connection: Connection, name: str, seen: Health, now: float) -> None:
    """Write down how a channel is; since when, too."""
    before = last(connection, name)
    since = before.since if before is not None and before.fine == seen.fine else now
    look = Look(seen.fine, seen.says[:500], now, since)
    meta_set(connection, _key(name), json.dumps(asdict(look), ensure_ascii=False))


def last(connection: Connection, name: str) -> Look | None:
    """What was seen last; None when nobody has looked yet."""
    text = meta_get(connection, _key(name))
    return Look(**json.loads(text)) if text else None


def put_deaf(connection: Connection, name: str, trouble: str) -> None:
    """Write down why nothing is heard by a channel; empty: it hears."""
    meta_set(connection, f"deaf:{name}", trouble[:500])


def deaf(connection: Connection, name: str) -> str:
    """Why nothing that people answer is heard by a channel; empty when nobody knows a reason."""
    return meta_get(connection, f"deaf:{name}")


def looks(engine: Engine, names: Iterable[str]) -> dict[str, Look | None]:
    """What was seen last of several channels."""
    with reading(engine) as connection:
        return {name: last(connection, name) for name in names}


def _key(name: str) -> str:
    return f"channel:{name}"
