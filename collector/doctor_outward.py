"""What `doctor` finds about receivers of remote_write: told, waited for, refused, dropped."""

from collections.abc import Iterator

from sqlalchemy import Engine

from agent.strict import Refused
from collector import db
from collector.cli_common import iso
from collector.finding import Finding
from collector.outward import outlets
from collector.outward.bag import waiting_bytes
from collector.outward.outlets import CALLED
from collector.outward.store import Outlet, listed
from collector.settings import Settings

# a sender that has not said how it goes for so long does not run; one post may take 30 s
QUIET_S = 120.0
LATE_S = 300.0
# what fell over the edge is shown for so long as something to do
LATELY_S = 7 * 86400.0


def findings(settings: Settings, engine: Engine, now: float) -> Iterator[Finding]:
    names = outlets.wanted(settings)
    if not names:
        return
    with db.reading(engine) as connection:
        known = {one.name: one for one in listed(connection)}
    try:
        where = {name: one.shown for name, one in outlets.receivers(settings).items()}
    except Refused as refused:
        yield Finding(CALLED[names[0]], str(refused), "mend the setting; nothing is sent without")
        return
    for name in names:
        outlet = known.get(name)
        if outlet is None:
            words = f"nothing was sent to {where[name]} yet"
            yield Finding(CALLED[name], words, "start the centre")
        else:
            waiting = waiting_bytes(settings.folder / "outward", outlet.position)
            yield finding(outlet, where[name], waiting, settings.outward_mb, now)


def finding(outlet: Outlet, where: str, waiting: int, most_mb: int, now: float) -> Finding:
    """How one receiver stands."""
    name = CALLED.get(outlet.name, outlet.name)
    words = f"{where}: {outlet.sent} samples sent since {iso(outlet.begun_at)}"
    words += f", {waiting / (1 << 20):.1f} of {most_mb} MiB wait"
    words += f", {outlet.refused} refused ({outlet.refusal})" if outlet.refused else ""
    if outlet.dropped_at is not None:
        words += f", {outlet.dropped} dropped, the last {iso(outlet.dropped_at)}"
    if outlet.told_at is None or now - outlet.told_at > QUIET_S:
        return Finding(name, f"{words}; nothing goes there now", "start the centre, see its log")
    if outlet.trouble:
        words += f"; what is newer than {iso(outlet.reached)} waits: {outlet.trouble}"
        return Finding(name, words, "see the reason; what waits is kept, outward_mb at most")
    if waiting and now - outlet.reached > LATE_S:
        return Finding(name, f"{words}; {now - outlet.reached:.0f} s behind", "wait; it catches up")
    if outlet.dropped_at is not None and now - outlet.dropped_at < LATELY_S:
        return Finding(name, words, "see why it was away so long, or raise outward_mb")
    return Finding(name, words)
