"""`ronda-agent.pyz install URL CODE`: from a file in a folder to an agent whose report arrived.

Every step may be done again: what is there already is left as it is.
"""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent import __version__, clock, status
from agent.enrol import NotEnrolled, Patience, Request, default_name, enrol
from agent.identity import Home, Identity
from agent.setup import place
from agent.setup.proof import prove
from agent.setup.words import Stop, Tongue
from agent.strict import Refused

_LOOK_S = 0.5


@dataclass(frozen=True)
class Wish:
    """What was typed; `file` is the one that runs. Waits: for network and approval, for the first
    report."""

    file: str
    url: str = ""
    code: str = ""
    name: str = ""
    ca: str = ""
    wait_s: float = 3600.0
    report_s: float = 90.0


def install(wish: Wish, tongue: Tongue) -> int:
    """0: its report arrived; 1: not, and what to do is said."""
    try:
        return _install(wish, tongue)
    except Stop as stop:
        tongue.say(stop.name, **stop.values)
    except (OSError, subprocess.TimeoutExpired) as error:
        tongue.say("disk", why=getattr(error, "strerror", None) or error)
    return 1


def uninstall(forget: bool, tongue: Tongue) -> int:
    """0: gone; 1: there was none."""
    try:
        place.checked(())
        there = place.take_away(forget)
    except Stop as stop:
        tongue.say(stop.name, **stop.values)
        return 1
    tongue.say("removed" if there else "not_there")
    if there:
        tongue.say("forgotten" if forget else "kept", place=place.DATA)
    return 0 if there else 1


def _install(wish: Wish, tongue: Tongue) -> int:
    if not wish.file:
        raise Stop("no_file")
    place.checked(("ping",))
    tongue.say("begin", version=__version__)
    how, key = prove(wish.file, place.KEY)
    tongue.say("whole" if how else "unchecked", how=how)
    place.trial(wish.file)
    tongue.say("python", version=place.python_version())
    old = _told()
    fresh = place.put(wish.file)
    tongue.say("placed" if fresh else "same", place=place.FILE)
    if place.account():
        tongue.say("account", user=place.USER)
    changed = place.furnish(key) or fresh
    tongue.say("unit")
    place.hand_over()
    if not _enrolled(wish, tongue):
        return 1
    return _started(changed, fresh and old is not None, wish.report_s, tongue)


def _enrolled(wish: Wish, tongue: Tongue) -> bool:
    """Does this machine belong to a village, by now?"""
    home = Home(place.DATA)
    known = _identity(home)
    asked = wish.code.partition(".")[0]
    if known and known.token and (not wish.url or (known.url, known.code) == (wish.url, asked)):
        tongue.say("already", agent=known.agent, site=known.site)
        return True
    if not wish.url:
        raise Stop("need_code", file=wish.file)
    # it holds the folder while it runs
    place.systemctl("stop", place.SERVICE)
    tongue.say("enrolling", url=wish.url)
    request = Request(wish.url, wish.code, wish.name or default_name(), wish.ca)

    patience = Patience(wish.wait_s, time.monotonic, time.sleep, tongue.still_waiting)
    try:
        with place.as_account():
            identity = enrol(home, request, clock.Clock(), patience)
    except (NotEnrolled, Refused) as no:
        tongue.say("not_enrolled", why=tongue.why(str(no)))
        tongue.say("again")
        if known and known.token:
            # it stays who it was
            place.systemctl("start", place.SERVICE)
        return False
    tongue.say("enrolled", agent=identity.agent, site=identity.site)
    return True


def _started(changed: bool, upgraded: bool, report_s: float, tongue: Tongue) -> int:
    """Start it, and look whether its report arrives; one in the place of another goes back else."""
    tongue.say("starting")
    try:
        running = place.started(changed)
        told = _wait(lambda: bool((_told() or {}).get("reports")), report_s) if running else None
    except KeyboardInterrupt:
        if upgraded:
            _back("-", tongue)
        raise
    if told:
        tongue.say("done")
        return 0
    if upgraded:
        why = "no_report" if _told() else "no_start"
        return _back(tongue.of(why, seconds=f"{report_s:.0f}"), tongue)
    found = _told()
    if found is None:
        raise Stop("dead")
    tongue.say("silent", why=tongue.why(str(found.get("trouble") or "?")))
    return 1


def _back(why: str, tongue: Tongue) -> int:
    """The agent of before, and its unit, in the place of the new one."""
    place.put_back()
    running = place.started(True) and _wait(lambda: _told() is not None, 30.0)
    if not running:
        raise Stop("back_dead", why=why)
    tongue.say("back", why=why, version=place.trial(place.FILE))
    return 1


def _wait(holds: Callable[[], bool], limit_s: float) -> bool:
    """Until it holds; False when it is too late."""
    end = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() >= end:
            return False
        time.sleep(_LOOK_S)
    return True


def _told() -> dict[str, Any] | None:
    """What the running agent says; None when none runs."""
    return status.ask(Home(place.DATA).path("status.sock"))


def _identity(home: Home) -> Identity | None:
    try:
        return home.identity()
    except Refused:
        return None
