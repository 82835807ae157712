"""Somebody knows better why a site was away: the word of a person, with its reason.

It is an act: the fold puts the word beside the guess, which is kept.
"""

from sqlalchemy import Connection

from agent.strict import Refused
from collector import acts, states
from collector.availability import Interval, State
from collector.cause import CAUSES

VERB = "cause"
MOST_NOTE = 500


def correct(
    connection: Connection, by: str, now: float, site: str, since: float, cause: str, note: str
) -> int:
    """Say why `site` was away in the interval that holds the moment `since`; the act's id.

    Refused: a cause nobody knows, no reason or one of over 500 characters, a moment at which the
    site was not away.
    """
    if cause not in CAUSES:
        raise Refused("cause", f"{cause!r} is not one of {', '.join(CAUSES)}")
    why = " ".join(note.split())
    if not why:
        raise Refused("note", "say how you know")
    if len(why) > MOST_NOTE:
        raise Refused("note", f"at most {MOST_NOTE} characters, this has {len(why)}")
    told = _at(connection, site, since)
    body = {"since": max(since, told.since), "cause": cause, "note": why}
    return acts.record(connection, now, by, VERB, site, body)


def _at(connection: Connection, site: str, since: float) -> Interval:
    held = states.timeline(connection, site, since, since + 0.001)
    found = next((interval for interval in held if interval.since <= since < interval.end), None)
    if found is None:
        raise Refused("since", f"nothing is known of {site} at that time")
    if found.state == State.NORMAL:
        raise Refused("since", f"{site} was normal at that time")
    return found
