"""What is known of sites that speaks for or against beginning there now: as the engine sees it."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection

from collector import inventory, states
from playbooks import run_search
from playbooks.blocking import Scene, scene
from web.context import facts, now

_MAINS = "ronda_power_on_mains"
# a number counts as current for as long, or for so many report intervals
_FRESH_S, _INTERVALS = 300.0, 2.5


def scenes(connection: Connection, codes: Sequence[str]) -> dict[str, Scene]:
    """The scene at each of these sites of the inventory."""
    if not codes:
        return {}
    held = {state.code: state for state in states.current(connection, codes)}
    taken = run_search.taken_by(connection, codes)
    sites = inventory.sites(connection, only=codes)
    dark = _on_battery(max((site.report_every_s for site in sites), default=0))
    told = {}
    for site in sites:
        state = held.get(site.code)
        told[site.code] = scene(
            state.state if state else "",
            state.cause if state else "",
            site.row in dark,
            taken.get(site.code, 0),
            retired=site.lifecycle != "active",
        )
    return told


def _on_battery(report_every_s: float) -> set[int]:
    """Rows of sites with a UPS that says it runs on its battery."""
    numbers, since = facts().numbers, now() - max(_FRESH_S, _INTERVALS * report_every_s)
    dark: set[int] = set()
    for name in numbers.named(_MAINS):
        rows, _, values = numbers.newest(name, since, now())
        dark |= set(np.asarray(rows)[np.asarray(values) == 0].tolist())
    return dark
