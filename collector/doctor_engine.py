"""What `doctor` finds about the external engine that keeps the numbers."""

import json
from collections.abc import Iterator

from sqlalchemy import Engine

from collector import db
from collector.external import standing
from collector.external.probe import AGAIN_S
from collector.external.standing import Shelf, Standing
from collector.finding import Finding
from collector.settings import Settings

NAME = "engine"
# a probe waits for late samples to appear, and the work before it may be long
_SLACK_S = 900.0
_DAY_S = 86_400


def findings(settings: Settings, engine: Engine, now: float) -> Iterator[Finding]:
    """None where all numbers are kept here."""
    if not settings.metrics_url:
        return
    with db.reading(engine) as connection:
        known, shelf = standing.read(connection), standing.read_shelf(connection)
        rules = json.loads(db.meta_get(connection, "rules_status", "{}"))
    yield _engine(settings, known, shelf, now)
    reach_days = float(rules.get("reach_s", 0.0)) / _DAY_S
    if reach_days > settings.metrics_tail_days:
        words = f"one looks {reach_days:.1f} days back, {settings.metrics_tail_days} are kept here"
        yield Finding("rules", words, f"metrics_tail_days = {int(reach_days) + 1}")


def _engine(settings: Settings, known: Standing | None, shelf: Shelf | None, now: float) -> Finding:
    if known is None:
        return Finding(NAME, "not asked yet", "start the centre; its engine does it")
    if not known.works:
        words = f"{known.host}: {known.said}"
        tail = settings.metrics_tail_days
        return Finding(
            NAME, words, f"see the reason; here are the newest {tail} days and what stays"
        )
    words = f"{known.host}{_shelf(shelf)}"
    if now - known.at > AGAIN_S + _SLACK_S:
        minutes = (now - known.at) / 60
        words = f"{words}; asked last {minutes:.0f} min ago"
        return Finding(NAME, words, "see the log of the engine")
    if not known.late:
        words = f"{words}; it keeps nothing that comes 31 days late: {known.said}"
        return Finding(NAME, words, "let it take late samples; until then such days stay here")
    if known.way == "query":
        words = f"{words}; it does not tell where series end"
    return Finding(NAME, words)


def _shelf(shelf: Shelf | None) -> str:
    if shelf is None:
        return ""
    return f": {shelf.gone} days of sites are there alone, {shelf.stays} stay here"
