"""Does Nextcloud work, by its own `status.php`; with a login also how full the user's space is."""

import json
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from agent.probes import login
from agent.probes.text import title
from agent.probes.visit import MOST_REDIRECTS, Cookies, Trust, Visit, visit
from agent.probes.webdav import Store, quota
from agent.report import Reading, Verdict, series
from agent.wire import split_url


@dataclass(frozen=True)
class Nextcloud(Store):
    """`url` is where Nextcloud is. `login`: see agent/probes/login.py."""

    def visit(self, trust: Trust, deadline: float, cookies: Cookies) -> Visit:
        status = f"{self.url.rstrip('/')}/status.php"
        return visit(status, trust, deadline, cookies, address=self.address)

    def judge(self, seen: Visit) -> str:
        if len(seen.redirects) > MOST_REDIRECTS:
            return f"more than {MOST_REDIRECTS} redirects, the last to {seen.redirects[-1]}"
        return judge_status(seen.response.status, seen.response.body)

    def measure(self, memory: dict[str, Any]) -> Reading:
        begun = monotonic()
        reading = super().measure(memory)
        if not self.login:
            return reading
        name = series("ronda_check_quota_used_ratio", {"check": self.name})
        used = None
        if reading.verdict is Verdict.GOOD:
            user, _ = login.of(split_url(self.url)[1])
            files = f"{self.url.rstrip('/')}/remote.php/dav/files/{user}/"
            used = quota(replace(self, url=files), begun + self.timeout_s)
        return replace(reading, values={**reading.values, name: used})


def judge_status(status: int, body: bytes) -> str:
    """What is wrong by the answer of status.php; "" when nothing is."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or "installed" not in told:
        if status != 200:
            return f"HTTP {status} instead of 200"
        shown = title(body.decode("utf-8", "replace"))
        return f"another page instead of Nextcloud's status{f': {shown}' if shown else ''}"
    if told["installed"] is not True:
        return "Nextcloud is not set up"
    if told.get("maintenance") is not False:
        return "Nextcloud is in maintenance mode"
    if told.get("needsDbUpgrade", False) is not False:
        return "Nextcloud waits for the upgrade of its database (occ upgrade)"
    return "" if status == 200 else f"HTTP {status} instead of 200"
