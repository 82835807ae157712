"""What befalls the demo's villages: ninety days that were, and a round of faults that heal."""

from collections.abc import Sequence
from random import Random

from collector.simulate.geography import Village
from collector.simulate.scenario import Event, Kind

DAY_S = 86_400.0
HOUR_S = 3600.0
ROUND_S = 1980.0  # of live faults; the next one begins with others
_LIVE_S = 240.0  # how long a live fault lasts
# a line must be slow for five minutes before anybody is told
_SLOW_S = 480.0
# of ninety days: how often, and between how many hours it lasts
_PAST: Sequence[tuple[Kind, int, float, float]] = (
    (Kind.FIBER_CUT, 45, 0.75, 20.0),
    (Kind.POP_DOWN, 5, 1.0, 6.0),
    (Kind.POWER_CUT, 8, 1.0, 5.0),
    (Kind.SERVICE_DOWN, 25, 1.0, 60.0),
    (Kind.SLOW_EVENING, 6, 48.0, 120.0),
    (Kind.ISOLIR, 2, 40.0, 90.0),
)
_OF_MANY = {
    Kind.POP_DOWN: "upstream",
    Kind.POWER_CUT: "power_feeder",
    Kind.SLOW_EVENING: "district",
}
# what a learner meets, in this order: when it begins
_LIVE: Sequence[tuple[Kind, float]] = (
    (Kind.SERVICE_DOWN, 20.0),
    (Kind.FIBER_CUT, 180.0),
    (Kind.POP_DOWN, 480.0),
    (Kind.BLACKOUT, 780.0),
    (Kind.SLOW_EVENING, 1080.0),
    (Kind.ISOLIR, 1620.0),
)


def past(fleet: Sequence[Village], days: float, seed: int) -> tuple[Event, ...]:
    """What befell within `days`; seconds count from their begin, and all of it is over."""
    lots = Random(seed)
    share = days / 90
    found = []
    for kind, times, shortest_h, longest_h in _PAST:
        for _ in range(max(1, round(times * share))):
            # many short ones, few long ones
            lasts_s = HOUR_S * shortest_h * (longest_h / shortest_h) ** (lots.random() ** 1.5)
            lasts_s = min(lasts_s, days * DAY_S / 4)
            at_s = lots.uniform(0.0, days * DAY_S - lasts_s - HOUR_S)
            found.append(_event(kind, lots.choice(fleet), at_s, at_s + lasts_s))
    return tuple(sorted(found, key=lambda event: event.at_s))


def live(fleet: Sequence[Village], number: int, seed: int) -> tuple[Event, ...]:
    """The faults of one round, each over well before the round is."""
    lots = Random(seed * 1000 + number)
    return tuple(
        _event(
            kind, lots.choice(fleet), at, at + (_SLOW_S if kind is Kind.SLOW_EVENING else _LIVE_S)
        )
        for kind, at in _LIVE
    )


def _event(kind: Kind, village: Village, at_s: float, until_s: float) -> Event:
    group = _OF_MANY.get(kind) or ("power_feeder" if kind is Kind.BLACKOUT else "")
    sites = {group: getattr(village, group)} if group else [village.code]
    # a live evening is at whatever hour the learner looks; its lines are slow all day
    hours = (0.0, 24.0) if until_s - at_s <= _SLOW_S else (19.0, 22.0)
    return Event(
        kind,
        sites,
        at_s,
        until_s,
        service="opensid",
        reason="Koneksi Database Gagal",
        battery_s=60.0,
        clocks_lost=0.2,
        from_hour=hours[0],
        to_hour=hours[1],
    )
