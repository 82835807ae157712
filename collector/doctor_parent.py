"""What `doctor` finds about the centre above this one, and those beneath it."""

from collections.abc import Iterator

from sqlalchemy import Engine

from agent.strict import Refused
from collector import centres, db
from collector.finding import Finding, few
from collector.settings import Settings
from collector.states import current

NAME, BELOW = "centre above", "centres below"
# a process that has not said how it goes for so long does not run
QUIET_S = 60.0
LATE_S = 600.0


def findings(settings: Settings, engine: Engine, now: float) -> Iterator[Finding]:
    if settings.parent_url:
        yield _above(settings, engine, now)
    with db.reading(engine) as connection:
        below = centres.listing(connection)
        held = current(connection, [one.site for one in below]) if below else []
        silent = [one.code for one in held if one.state == "unknown"]
    if below:
        words = f"{len(below)} report here, {len(silent)} are silent"
        named = f"{words}: {few(sorted(silent))}" if silent else words
        yield Finding(BELOW, named, "ask there: ronda parent status" if silent else "")


def _above(settings: Settings, engine: Engine, now: float) -> Finding:
    try:
        known = centres.enrolled(settings.folder)
    except Refused as refused:
        return Finding(NAME, str(refused), "enrol again: ronda parent enrol CODE")
    if not known:
        words = f"not enrolled at {settings.parent_url}"
        return Finding(NAME, words, "get a code there, then: ronda parent enrol CODE")
    with db.reading(engine) as connection:
        told = centres.status(connection)
    if not told or now - float(told["at"]) > QUIET_S:
        return Finding(NAME, "nothing goes there now", "start the centre")
    words = f"{told['waiting']} entries wait for it, {told['dropped']} were dropped"
    if told["trouble"]:
        return Finding(NAME, f"{words}: {told['trouble']}", "see the reason; nothing is lost yet")
    if told["reported_at"] is None or now - float(told["reported_at"]) > LATE_S:
        return Finding(NAME, f"{words}; nothing arrived lately", "see the log of the centre")
    if told["left_out"]:
        words = f"{told['left_out']} figures are too many and left out"
        return Finding(NAME, words, "let fewer areas report through one centre")
    return Finding(NAME, words)
