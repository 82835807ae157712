"""Alerts of others among what is wrong: looked at now and then, kept in step with their rows."""

from sqlalchemy import Connection

from alerts.ailments import Ailment, Ailments, End
from alerts.alertmanager import taken
from alerts.alertmanager.foreign import KEY, OVER, RULE, Foreign
from alerts.alertmanager.taken import Standing

LOOK_EVERY_S = 2.0


class Watch:
    """In between looks it says what it saw."""

    def __init__(self) -> None:
        self._looked_at = float("-inf")
        self._seen = Standing()

    def look(self, connection: Connection, ailments: Ailments, now: float) -> None:
        if not 0 <= now - self._looked_at < LOOK_EVERY_S:
            self._looked_at = now
            self._seen = taken.standing(connection, now)
        keep_in_step(self._seen, ailments, now)


def keep_in_step(seen: Standing, ailments: Ailments, now: float) -> None:
    """Raise what goes on, end what does not."""
    going = {f"{KEY}{one.key}": one for one in seen.going}
    for key in [key for key in ailments.keys if key.startswith(KEY)]:
        if key not in going:
            ailments.over(key, seen.ends.get(key.removeprefix(KEY), End(now, OVER)))
    for key, one in going.items():
        if ailments.says(key) is None:
            ailments.raised(key, _ailment(key, one, now))


def _ailment(key: str, one: Foreign, now: float) -> Ailment:
    return Ailment(
        key,
        one.site,
        one.subject,
        one.severity,
        one.title,
        one.starts_at,
        now,
        rule=f"{RULE}{one.name}",
        kind="foreign",
        told={"message": one.words},
    )
