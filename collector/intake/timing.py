"""When was it really? Clocks in villages lie, so what agents tell is placed on ours.

Our time at receipt minus the agent's uptime at sending is when it booted, plus the delay on the
way: an upper bound, the smaller the better. Such anchors place every entry of that boot.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

# a wall clock this near is believed, and its own words are kept
AGREES_S = 2.0
# what a crystal may gain or lose at most, and what it usually does, seconds per second
MOST_DRIFT = 1e-4
USUAL_DRIFT = 2e-5
LEARNED_DRIFT = 5e-6
# a drift is learned over at least this long, so that a second of delay is lost in it
LEARN_OVER_S = 3 * 86400.0
HOUR_S = 3600.0
MOST_ANCHORS = 64
MOST_BOOTS = 8
# an uptime that fell back this far under a known boot id is a machine restored from a snapshot
FELL_BACK_S = 60.0
# no report is under way for so long: our clock was set, or the agent's machine stood still
STEPPED_S = 90.0
# no agent keeps entries longer
MOST_AGE_S = 60 * 86400.0
NEVER = float("-inf")


@dataclass(slots=True)
class Boot:
    """One boot of an agent's machine: its anchors, as (uptime, our time of its start)."""

    anchors: list[tuple[float, float]] = field(default_factory=list)
    latest: float = NEVER  # the newest entry placed so far
    # a boot that never had contact: where its start was guessed, and how wrong that may be
    guess: float | None = None
    guess_error_s: float = 0.0
    changed: bool = False  # anchors differ from what is stored


@dataclass(slots=True)
class Skew:
    """How far the wall clock was ahead of ours, and when we saw it."""

    ahead_s: float
    at: float


@dataclass(slots=True)
class Clock:
    """What is known of one agent's clocks; grows with every report, bounded."""

    boots: dict[str, Boot] = field(default_factory=dict)
    running: str = ""
    skew: Skew | None = None
    skew_before: Skew | None = None  # of the boot that had contact before the running one
    drift: float = 0.0
    drift_over_s: float = 0.0

    def hear(self, boot: str, up: float, sent_at: float, received: float) -> None:
        """A report of the running boot was sent at its uptime `up` and came in at `received`."""
        known = self.boots.get(boot)
        if known is None:
            known = self._new(boot)
        if boot != self.running:
            self._end_running()
            self.running = boot
            # the running boot is the last to be forgotten
            self.boots[boot] = self.boots.pop(boot)
        if _add_anchor(known, up, received - up):
            known.changed = True
            self._learn_drift(known)
        self.skew = Skew(sent_at - up - known.anchors[-1][1], received)

    def set_back(self, now: float) -> None:
        """Our clock was set back: nothing was placed, or heard, later than `now`.

        Anchors stay: the next report is earlier than they say, which pulls them back.
        """
        for known in self.boots.values():
            known.latest = min(known.latest, now)
        for skew in (self.skew, self.skew_before):
            if skew is not None:
                skew.at = min(skew.at, now)

    def place(self, boot: str, at: float, up: float | None, received: float) -> tuple[float, float]:
        """Our time of an entry, and by how much it may be wrong in seconds (0: as promised).

        Never later than `received`, but for a believed wall clock that is ahead of ours.
        """
        known = self.boots.get(boot)
        if known is None:
            known = self._new(boot)
        if up is None:
            told, error_s = self._by_wall(at, NEVER, received)
            time = received if told is None else told
        elif known.anchors:
            time, error_s = self._by_anchor(known, up)
        else:
            time, error_s = self._by_guess(known, boot, at, up, received)
        time = at if abs(at - time) <= AGREES_S else min(time, received)
        if time > known.latest:
            known.latest = time
        return time, error_s

    def _end_running(self) -> None:
        self.running = ""
        self.skew_before = self.skew or self.skew_before
        self.skew = None

    def _new(self, boot: str) -> Boot:
        while len(self.boots) >= MOST_BOOTS:
            oldest = next(name for name in self.boots if name != self.running)
            del self.boots[oldest]
        made = self.boots[boot] = Boot()
        return made

    def _learn_drift(self, boot: Boot) -> None:
        (first_up, first), (last_up, last) = boot.anchors[0], boot.anchors[-1]
        over_s = last_up - first_up
        if over_s >= max(LEARN_OVER_S, self.drift_over_s):
            self.drift = max(-MOST_DRIFT, min(MOST_DRIFT, (last - first) / over_s))
            self.drift_over_s = over_s

    def _by_anchor(self, boot: Boot, up: float) -> tuple[float, float]:
        anchors = boot.anchors
        last_up, last = anchors[-1]
        if up >= last_up:
            return self._beyond(last, up, up - last_up)
        first_up, first = anchors[0]
        if up <= first_up:
            return self._beyond(first, up, up - first_up)
        after = bisect_right(anchors, (up, float("inf")))
        (left_up, left), (right_up, right) = anchors[after - 1], anchors[after]
        return left + (right - left) * (up - left_up) / (right_up - left_up) + up, 0.0

    def _beyond(self, base: float, up: float, away_s: float) -> tuple[float, float]:
        rate = LEARNED_DRIFT if self.drift_over_s else USUAL_DRIFT
        return base + self.drift * away_s + up, _error(rate * abs(away_s), abs(away_s))

    def _by_guess(
        self, known: Boot, boot: str, at: float, up: float, received: float
    ) -> tuple[float, float]:
        if self.skew is not None and at - self.skew.ahead_s > self.skew.at + AGREES_S:
            # sampled after our last contact, on another boot: the one we took as running is over
            self._end_running()
        earliest, latest = self._between(boot, received)
        if known.guess is None or known.guess_error_s:
            time, error_s = self._by_wall(at, earliest, latest)
            if time is not None and (known.guess is None or not error_s):
                known.guess, known.guess_error_s = time - up, error_s
            elif known.guess is None:
                # a boot begins after the one before it ended; more is not known
                known.guess = latest - up if earliest == NEVER else earliest
                known.guess_error_s = error_s
        return max(earliest, min(known.guess + up, latest)), known.guess_error_s

    def _between(self, boot: str, received: float) -> tuple[float, float]:
        """What is known of an entry of a boot without contact: after and before its neighbours."""
        others = [b.latest for name, b in self.boots.items() if name not in (boot, self.running)]
        running = self.boots.get(self.running)
        latest = received
        if running is not None and running.anchors and boot != self.running:
            latest = min(received, running.anchors[0][1])
        return min(max(others, default=NEVER), latest), latest

    def _by_wall(self, at: float, earliest: float, latest: float) -> tuple[float | None, float]:
        """Our time by what the wall clock was off before and after; None when it cannot be."""
        before, after = self.skew_before, self.skew
        if before is None:
            before, after = after, None
        if before is None:
            fits = earliest < at <= latest and at > latest - MOST_AGE_S
            return at if fits else None, max(1.0, abs(latest - at))
        time = at - before.ahead_s
        error_s = _error(USUAL_DRIFT * abs(time - before.at), abs(time - before.at))
        if after is not None:
            change_s, apart_s = after.ahead_s - before.ahead_s, max(1.0, after.at - before.at)
            if abs(change_s) <= AGREES_S + MOST_DRIFT * apart_s:
                time, error_s = time - change_s * (time - before.at) / apart_s, 0.0
            else:
                error_s = abs(change_s)
                fits = earliest - AGREES_S <= time <= latest + AGREES_S
                time = time if fits else at - after.ahead_s
        if earliest - AGREES_S <= time <= latest + AGREES_S:
            return time, error_s
        # it breaks the order of boots: a clock that lost its way
        return None, max(1.0, latest - max(earliest, latest - MOST_AGE_S))


def _error(expected_s: float, away_s: float) -> float:
    """0 where the promise holds: 2 s, growing to 30 s over 30 days."""
    return 0.0 if expected_s <= AGREES_S + 30.0 * away_s / (30 * 86400) else expected_s + AGREES_S


def _add_anchor(boot: Boot, up: float, base: float) -> bool:
    """Keep the smallest base of each hour of uptime; True when the anchors changed."""
    anchors = boot.anchors
    if not anchors:
        anchors.append((up, base))
        return True
    last_up, last = anchors[-1]
    if up <= last_up:
        return _fell_back(anchors, up, base)
    # delay only adds: what exceeds the largest drift since the last anchor is delay
    reach_s = MOST_DRIFT * (up - last_up)
    if base > last + reach_s + STEPPED_S:
        # what this report brings is of the new time, what was told before stays where it is
        turn = max(last_up, up - STEPPED_S)
        anchors += [(turn, last), (turn + 0.001, base)]
        _thin(anchors)
        return True
    base = min(base, last + reach_s)
    if up // HOUR_S == last_up // HOUR_S:
        if base >= last:
            return False
        anchors[-1] = (up, base)
    else:
        anchors.append((up, base))
    _pull_down(anchors)
    _thin(anchors)
    return True


def _thin(anchors: list[tuple[float, float]]) -> None:
    if len(anchors) > MOST_ANCHORS:
        del anchors[1 : -MOST_ANCHORS // 2 : 2]


def _pull_down(anchors: list[tuple[float, float]]) -> None:
    """A smaller base found now shows how late earlier reports were."""
    up, base = anchors[-1]
    for i in range(len(anchors) - 2, -1, -1):
        most = base + MOST_DRIFT * (up - anchors[i][0])
        if anchors[i][1] <= most:
            return
        up, base = anchors[i] = (anchors[i][0], most)


def _fell_back(anchors: list[tuple[float, float]], up: float, base: float) -> bool:
    if anchors[-1][0] - up < FELL_BACK_S:
        return False
    anchors[:] = [(up, base)]
    return True
