"""What is older than its keep, or than the disk has room for, is forgotten a little at a time."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, delete, select

from collector import layout_rows, signins, states
from collector.db import held_bytes, open_history, open_store, reading, writing
from collector.fold.commit import read_ticks
from collector.inventory import drafts
from collector.schema import codes, signin_links, sites
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.thinning import Thinning, oldest
from collector.settings import Settings

# codes, sign-in links and what an agent reported in mean nothing this long after their end
DEAD_LETTER_DAYS = 30
# a budget does not reach the newest days
LEAST_DAYS = 3


def forget_old(settings: Settings, now: float) -> dict[str, int]:
    """Remove what is past `history_days`, `rollup_days` or the budget; how much of each went."""
    store = open_store(settings)
    history = open_history(settings)
    try:
        gone = _forget_letters(store, now, now - settings.history_days * DAY_S)
        gone["layouts"] = layout_rows.forget_ended(store, now - DEAD_LETTER_DAYS * DAY_S)
        gone["lists"] = layout_rows.forget_unused(store)
        with reading(store) as connection:
            rows = list(connection.execute(select(sites.c.row)).scalars())
        return gone | _forget_numbers(settings, history, rows, int(now // DAY_S))
    finally:
        store.dispose()
        history.dispose()


def believed(settings: Settings, now: float) -> float:
    """Not later than what the centre believes: a clock that is a year ahead costs no history."""
    store = open_store(settings)
    try:
        with reading(store) as connection:
            seen = read_ticks(connection).believed
    finally:
        store.dispose()
    return now if seen is None else min(now, seen)


def over_budget(settings: Settings, engine: Engine) -> bool:
    """Whether history holds more than it may."""
    held, free = held_bytes(engine)
    return 0 < settings.history_budget_mb << 20 < held - free


def _forget_letters(store: Engine, now: float, before: float) -> dict[str, int]:
    with writing(store) as connection:
        gone = {"states": states.forget(connection, before)}
        dead = now - DEAD_LETTER_DAYS * DAY_S
        old_codes = connection.execute(delete(codes).where(codes.c.expires_at < dead))
        old_links = connection.execute(delete(signin_links).where(signin_links.c.expires_at < dead))
        # where people signed in is nobody's business for longer than a session lasts
        over = signins.forget(connection, now - signins.SESSION_S)
        gone["codes"] = old_codes.rowcount + old_links.rowcount + over
        # also where nobody imports any more: telephone numbers are in them
        gone["imports"] = drafts.forget(connection, now)
    return gone


def _forget_numbers(
    settings: Settings, history: Engine, rows: Sequence[int], today: int
) -> dict[str, int]:
    thinning = Thinning(history)
    gone = {"days": 0, "rollups": 0}
    for row in rows:
        # one short transaction a day of a site: the fold writes between them
        gone["days"] += thinning.numbers(row, today - settings.history_days)
        for step_s in (HOUR_S, DAY_S):
            gone["rollups"] += thinning.rollups(row, step_s, today - settings.rollup_days)
    for what, day in _sooner(settings, history, today):
        for row in rows:
            if what == "numbers":
                gone["days"] += thinning.numbers(row, day + 1)
            else:
                gone["rollups"] += thinning.rollups(row, HOUR_S, day + 1)
    return gone


def _sooner(settings: Settings, history: Engine, today: int) -> Iterator[tuple[str, int]]:
    """What goes next, while history is too large: oldest numbers, then oldest hours."""
    before: tuple[str, int] | None = None
    while over_budget(settings, history):
        first = oldest(history)
        found = next(
            (
                (what, day)
                for what in ("numbers", "hours")
                if (day := first[what]) is not None and day < today - LEAST_DAYS
            ),
            None,
        )
        if found is None or found == before:
            return
        before = found
        yield found
