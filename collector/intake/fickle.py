"""How often may an agent say that it knows other checks than before? Each costs a transaction.

A release says its own words, so a handful an hour is plenty; what comes beyond is left out,
counted, and told by `doctor`. The last words that were taken stand meanwhile.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Engine

from collector.db import meta_get, meta_set, reading
from collector.finding import Finding, few

AT_ONCE = 6
AGAIN_S = 600.0
WRITE_EVERY_S = 60.0
KEY = "fickle_agents"
_MOST_NAMED = 50


class Fickle:
    """Turns by agent; `left_out` counts what was not taken since ingest began, by site."""

    def __init__(self) -> None:
        # turns taken, and when that was counted last
        self._taken: dict[int, tuple[float, float]] = {}
        self.left_out: Counter[str] = Counter()
        self._written = (0, -WRITE_EVERY_S)

    def takes(self, agent: int, site: str, now: float) -> bool:
        """Is there a turn for this agent? If not, that is counted."""
        taken, since = self._taken.get(agent, (0.0, now))
        taken = max(0.0, taken - max(0.0, now - since) / AGAIN_S)
        fits = taken + 1 <= AT_ONCE
        self._taken[agent] = (taken + 1 if fits else taken, now)
        if not fits:
            self.left_out[site] += 1
        return fits

    def news(self, now: float) -> Mapping[str, int] | None:
        """What should be written down now; None where nothing is new, or it was just written."""
        count, at = self._written
        total = self.left_out.total()
        if total == count or 0 <= now - at < WRITE_EVERY_S:
            return None
        self._written = (total, now)
        return dict(self.left_out.most_common(_MOST_NAMED))


def remember(connection: Connection, told: Mapping[str, int], now: float) -> None:
    """Where `doctor` finds it."""
    meta_set(connection, KEY, json.dumps({"at": now, "left_out": told}))


def findings(engine: Engine, now: float) -> Iterator[Finding]:
    """Of the last day."""
    with reading(engine) as connection:
        told = json.loads(meta_get(connection, KEY, "{}"))
    if told and now - told["at"] < 86400:
        named = [f"{site} {count} times" for site, count in told["left_out"].items()]
        words = f"say that they know other checks over and over, left out: {few(named)}"
        do = "see whether two agents share a token there, or install the agent again"
        yield Finding("vocabulary", words, do)
