"""When did a site come back? Not when it changed last: before anybody looked it may have turned
slow, or the centre may have been away again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from alerts.ailments import SITE, End
from alerts.cases import Cases
from collector import states
from collector.availability import Interval, State
from collector.fold.timelines import CENTRE_AWAY

_WORKS = frozenset({State.NORMAL, State.SLOW})
# where more come back at one step, when each of them did is no longer what people ask
_MOST = 500


def really_ended(connection: Connection, ended: Mapping[str, End], cases: Cases) -> dict[str, End]:
    """The same ends, those of sites at the time that they came back."""
    told = dict(ended)
    bad_at = {
        key.removeprefix(SITE): case.members[key].bad_at
        for key, end in ended.items()
        if key.startswith(SITE) and not end.quiet and (case := cases.holder(key)) is not None
    }
    if bad_at and len(bad_at) <= _MOST:
        timelines = states.timelines(connection, bad_at, min(bad_at.values()))
        for code, since in bad_at.items():
            key = f"{SITE}{code}"
            told[key] = replace(ended[key], at=came_back(timelines[code], since, ended[key].at))
    return told


def came_back(timeline: Sequence[Interval], bad_at: float, at: float) -> float:
    """Since when a site works that was bad at `bad_at` and is not since `at`, at the latest."""
    for interval in reversed(timeline):
        if interval.since >= at:
            continue
        works = interval.state in _WORKS
        if interval.since <= bad_at or not (works or interval.reason == CENTRE_AWAY):
            break
        at = interval.since if works else at
    return at
