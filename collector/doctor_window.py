"""How far does the window of this machine's engine reach back, and why so far?"""

from collections.abc import Iterator

from sqlalchemy import Engine

from collector import db
from collector.finding import Finding
from collector.inventory import store
from collector.lease import works_here
from collector.series.window_head import next_minutes, read_head
from collector.settings import Settings

NAME = "window"


def findings(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """None where no engine of this machine has opened one yet, or it only stands by: whoever takes
    over opens another one."""
    head = read_head(settings.window)
    if head is None:
        return
    with db.reading(engine) as connection:
        if not works_here(connection, settings):
            return
        sites = store.count(connection)
    then = next_minutes(settings.window, settings.window_minutes, sites)
    why = "as window_minutes says" if settings.window_minutes else f"for {sites} sites"
    if then == head.minutes:
        yield Finding(NAME, f"{head.minutes} minutes, {why}")
    else:
        words = f"{head.minutes} minutes; from the next start {then}, {why}"
        # a longer one is no trouble to wait for
        waits = then > head.minutes and not settings.window_minutes
        yield Finding(NAME, words, "" if waits else "start the engine again when it suits")
