"""Rows of mutes: asked for by a person, always with an end, lifted by compare-and-set."""

from sqlalchemy import Connection, insert, select, update

from agent.strict import Refused
from alerts import planned
from alerts.planned import Mute
from collector import acts
from collector.schema import mutes

MOST_IN_FORCE = 1000
_TWICE_S = 60.0


def add(connection: Connection, scope: str, why: str, by: str, now: float, ends: float) -> int:
    """Silence from now on; the number of the mute. Refused says what cannot be.

    Asked for twice within a minute, in the same words, it is the same mute.
    """
    planned.scope(scope)
    if not now < ends <= now + planned.LONGEST_MUTE_S:
        raise Refused("for", "a mute lasts longer than nothing and 7 days at most")
    if not why.strip():
        raise Refused("why", "say why, for those who come after you")
    why, held = why.strip()[:500], in_force(connection, now)
    for one in held:
        asked = (one.scope, one.by, one.why) == (scope, by, why)
        if asked and abs(one.begins - now) < _TWICE_S and abs(one.ends - ends) < _TWICE_S:
            return one.id
    if len(held) >= MOST_IN_FORCE:
        raise Refused("mutes", f"{MOST_IN_FORCE} are in force: lift some")
    row = {"scope": scope, "by": by, "why": why, "begins": now, "ends": ends}
    made = connection.execute(insert(mutes).values(row)).inserted_primary_key
    assert made is not None
    acts.record(connection, now, by, "mute", scope, {"mute": int(made[0]), "ends": ends})
    return int(made[0])


def lift(connection: Connection, number: int, by: str, now: float) -> bool:
    """End a mute before its time; False when it is over, lifted, or not there."""
    standing = (mutes.c.id == number, mutes.c.lifted_at.is_(None), mutes.c.ends > now)
    if connection.execute(update(mutes).where(*standing).values(lifted_at=now)).rowcount != 1:
        return False
    acts.record(connection, now, by, "mute_end", f"mute:{number}")
    return True


def in_force(connection: Connection, now: float) -> list[Mute]:
    """Mutes that hold now, or will; those that end first first."""
    standing = (mutes.c.lifted_at.is_(None), mutes.c.ends > now)
    query = select(mutes).where(*standing).order_by(mutes.c.ends, mutes.c.id)
    return [Mute(**row._mapping) for row in connection.execute(query)]


def listing(connection: Connection, limit: int = 1000) -> list[Mute]:
    """All mutes, the newest first."""
    query = select(mutes).order_by(mutes.c.id.desc()).limit(limit)
    return [Mute(**row._mapping) for row in connection.execute(query)]
