"""What lies here and not there is brought there, the newest first; what is too old there goes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from collector.backup.erased import listed
from collector.backup.far import PART, Far, FarFailed
from collector.backup.shelf import is_ours, mark_of, ours
from collector.settings import Settings

# between tries of one night; after them the engine tries again later
PAUSES_S = (10.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Copied:
    """How many files went over, and the bytes of the newest backup there."""

    files: int
    bytes: int


def copy(
    settings: Settings,
    reach: Callable[[Settings], AbstractContextManager[Far]],
    wait: Callable[[float], object],
) -> Copied:
    """Make the far folder hold what this one does; FarFailed after the last try."""
    for pause_s in PAUSES_S:
        try:
            return _once(settings, reach)
        except FarFailed as failed:
            if failed.permanent:
                raise
            wait(pause_s)
    return _once(settings, reach)


def _once(settings: Settings, reach: Callable[[Settings], AbstractContextManager[Far]]) -> Copied:
    here, mark = ours(settings), mark_of(settings)
    if not here:
        raise FarFailed("there is no backup yet", permanent=True)
    with reach(settings) as far:
        there = far.sizes()
        for name in there:
            # what was cut short takes room that the next may need
            if name.endswith(PART) and is_ours(name.removesuffix(PART), mark):
                far.remove(name)
        missing = [
            one for one in (*listed(settings), *here) if there.get(one.name) != one.stat().st_size
        ]
        for one in missing:
            there[one.name] = far.put(one)
        # only now: until the new ones are whole there, nothing old goes
        old = sorted((name for name in there if is_ours(name, mark)), reverse=True)
        for name in old[settings.backup_keep :]:
            far.remove(name)
    return Copied(len(missing), here[0].stat().st_size)
