"""Tells those who follow a place what is new there; asks each once whether they meant to.

Few messages wait at a time: what the staff is told goes out by the same gateways.
"""

from sqlalchemy import Connection, Engine

from alerts import followers, notices
from alerts.channels.config import FOLLOWERS
from alerts.followers import AGREED, ASKED, FOLLOWING, LEAVING, WAITING, Follower
from alerts.notices import FOLLOWER, Draft
from collector import inventory
from collector.db import reading, writing
from collector.evidence.ninety import Ninety
from collector.secret import load_secret
from collector.settings import Settings
from web.country import Country
from web.public import letters, listing
from web.public.due import Due, due
from web.public.letters import Links
from web.public.listing import News
from web.public.moment import Desk, Now, seen
from web.tongue import speaking

# how often questions and answers are looked for, and news
ANSWER_EVERY_S, LOOK_EVERY_S = 2.0, 30.0
# messages that wait to leave at the same time
MOST_WAITING = 20
# one follower hears no more often than this
EACH_S = 900.0
# a goodbye that could not be sent by then is not worth the address
_GOODBYE_S = 3600.0
_BYE = "bye"


class Following:
    """What `collector.engine` calls; it works in `deliver`."""

    def __init__(self, settings: Settings, store: Engine) -> None:
        self._settings, self._store = settings, store
        self._country, self._desk = Country(store), Desk(Ninety(settings.timezone, None))
        self._on = settings.public and bool(settings.public_url) and not settings.demo
        secret = load_secret(settings.folder) if self._on else b""
        self._links = Links(settings.public_url.rstrip("/"), secret)
        self._said = False
        self._answered_at = self._looked_at = float("-inf")
        self._heard_at: dict[int, float] = {}

    def step(self, now: float, position: int) -> None:
        """Nothing here depends on the fold's place."""

    def forget(self, now: float) -> None:
        """Followers go by their own word."""

    def deliver(self, now: float) -> None:
        """Ask, thank, say goodbye; then tell what is new."""
        if not self._said:
            self._say_so()
        if not self._on:
            return
        if not 0 <= now - self._answered_at < ANSWER_EVERY_S:
            self._answered_at = now
            self._answer(now)
        if not 0 <= now - self._looked_at < LOOK_EVERY_S:
            self._looked_at = now
            self._tell(now)

    def _say_so(self) -> None:
        with reading(self._store) as connection:
            known = followers.open_to_all(connection)
        if known != self._on:
            with writing(self._store) as connection:
                followers.let_in(connection, self._on)
        self._said = True

    def _answer(self, now: float) -> None:
        with reading(self._store) as connection:
            some = followers.of_state(connection, ASKED, AGREED, LEAVING, limit=MOST_WAITING)
        if not some:
            return
        see = self._see(now)
        for one in some:
            with writing(self._store) as connection, speaking(one.language):
                self._go_on(connection, one, see, now)

    def _go_on(self, connection: Connection, one: Follower, see: Now, now: float) -> None:
        name = see.shown.called(one.place)
        if not see.shown.within(one.place):
            followers.remove(connection, one.id)
        elif one.state == LEAVING:
            self._part(connection, one, now)
        elif one.state == ASKED and followers.move(connection, one, WAITING):
            self._queue(connection, one, letters.question(one, name, self._links), now)
        elif one.state == AGREED and followers.move(connection, one, FOLLOWING):
            self._queue(connection, one, letters.thanks(one, name, self._links), now)

    def _part(self, connection: Connection, one: Follower, now: float) -> None:
        """Goodbye goes out first, then the row goes."""
        if _BYE not in one.told:
            followers.heard(connection, one, [_BYE])
            self._queue(connection, one, letters.goodbye(), now)
            self._heard_at[one.id] = now
        elif now - self._heard_at.get(one.id, float("-inf")) > _GOODBYE_S:
            followers.remove(connection, one.id)

    def _tell(self, now: float) -> None:
        with writing(self._store) as connection:
            followers.sweep(connection, now)
        with reading(self._store) as connection:
            everybody = followers.of_state(connection, FOLLOWING)
            room = MOST_WAITING - followers.unsent(connection)
        kept = self._heard_at.items()
        self._heard_at = {number: at for number, at in kept if 0 <= now - at < 2 * _GOODBYE_S}
        ready = [one for one in everybody if now - self._heard_at.get(one.id, -EACH_S) >= EACH_S]
        see = self._see(now) if ready and room > 0 else None
        # whoever sees nothing has no news
        if see is None or see.blind:
            return
        known: dict[tuple[str, str], News] = {}
        for one in ready:
            with speaking(one.language):
                room -= self._tell_one(one, see, known, now)
            if room <= 0:
                return

    def _tell_one(
        self, one: Follower, see: Now, known: dict[tuple[str, str], News], now: float
    ) -> int:
        key = (one.language, one.place)
        if key not in known:
            codes = see.shown.within(one.place)
            with reading(self._store) as connection:
                known[key] = listing.news(connection, see, codes, now, listing.MOST_FEED)
        told = known[key]
        new = due(one.told, told.open, told.past, told.works, now)
        if not new.anything and tuple(new.told) == one.told:
            return 0
        with writing(self._store) as connection:
            followers.heard(connection, one, new.told)
            if new.anything:
                self._queue(connection, one, self._words(one, see, new, told), now)
                self._heard_at[one.id] = now
        return int(new.anything)

    def _words(self, one: Follower, see: Now, new: Due, told: News) -> str:
        zone = inventory.zone(one.place, self._settings.timezone)
        return letters.news(one, see.shown.called(one.place), new, told, zone, self._links)

    def _queue(self, connection: Connection, one: Follower, text: str, now: float) -> None:
        body = letters.body(one, text, self._links)
        draft = Draft(0, FOLLOWER, f"follower:{one.id}", FOLLOWERS, str(one.id), body)
        notices.queue(connection, [draft], now)

    def _see(self, now: float) -> Now:
        return seen(self._settings, self._country, self._desk, now)
