"""What `doctor` finds about Alertmanagers: those that hear of our incidents, and those we hear."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import Engine

from collector.db import meta_get, reading
from collector.finding import Finding, few
from collector.settings import Settings

NAME, HEARD = "alertmanager", "alerts of others"
# a round may take as long as its time limit
_LATE_S = 60.0
_LONG_AGO_S = 86400.0


def findings(settings: Settings, engine: Engine, now: float) -> Iterator[Finding]:
    hosts = dict.fromkeys(urlsplit(url).netloc for url in settings.alertmanager_urls)
    with reading(engine) as connection:
        told = {host: meta_get(connection, f"alertmanager:{host}") for host in hosts}
        refused = json.loads(meta_get(connection, "foreign_refused", "{}"))
    for host, text in told.items():
        yield _one(host, json.loads(text or "{}"), settings.alertmanager_every_s, now)
    if refused and now - refused["at"] < _LONG_AGO_S:
        words = f"{refused['count']} in the last message with any were not taken"
        words += f": {few(sorted(set(refused['told'])))}"
        yield Finding(HEARD, words, "see what the sender's labels say, and the token's areas")


def _one(host: str, told: dict[str, object], every_s: float, now: float) -> Finding:
    if not told:
        return Finding(NAME, f"{host}: none yet", "start the centre; its engine sends")
    age_s = now - float(str(told["at"]))
    words = f"{host}: {told['open']} open incidents, {age_s:.0f} s ago: {told['says']}"
    if not told["fine"]:
        return Finding(NAME, words, "see the reason; the address must be reachable from here")
    if age_s > 3 * every_s + _LATE_S:
        return Finding(NAME, words, "the engine does not send: see its log")
    if told["left_out"]:
        words = f"{words}; {told['left_out']} more are left out"
        return Finding(NAME, words, "end incidents that are over, or mute their causes")
    return Finding(NAME, words)
