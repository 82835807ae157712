"""One round at one device: who is it, and, when it is time, everything that it has to tell."""

import errno
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from time import monotonic

from agent.probes.snmp import profile
from agent.probes.snmp.check import Snmp
from agent.probes.snmp.choose import choose
from agent.probes.snmp.counters import Counters
from agent.probes.snmp.first import of_first
from agent.probes.snmp.message import NO_ACCESS, Ask, Denied, Oid, Value, oid
from agent.probes.snmp.number import number_in, text_in
from agent.probes.snmp.profile import Item, is_scalar
from agent.probes.snmp.series import NAMES, Found, Names, Told, interface_names, read
from agent.probes.snmp.session import Session, Silent
from agent.probes.snmp.walk import REPETITIONS, Walker
from agent.probes.snmp.who import Community
from agent.report import Verdict, series

MOST_SERIES = 1000
_POWER = ("ronda_power_on_mains", "ronda_power_battery_ratio", "ronda_power_runtime_seconds")
_DESCR, _OBJECT_ID, _UPTIME = (oid(f"1.3.6.1.2.1.1.{n}.0") for n in (1, 2, 3))
# how long a device is asked only in the version that it was found to speak
_KNOWN_S = 3600.0
_GONE = (errno.ECONNREFUSED, errno.EHOSTUNREACH)


@dataclass
class Device:
    """What is remembered of a device: `latest` are its series, `profile` what it was taken for."""

    latest: dict[str, float | None] = field(default_factory=dict)
    profile: str = ""
    _identity: tuple[Value, Value] = (None, None)
    _uptime: float | None = None
    _walk_due: float = 0.0
    _repetitions: int = REPETITIONS
    _counters: Counters = field(default_factory=Counters)
    # what it was found to speak, and until when that holds
    _version: int = 0
    _known_until: float = 0.0
    # whether it said anything in the last conversation
    _heard: bool = False

    def look(self, wish: Snmp, now: float) -> tuple[Verdict, str]:
        """Verdict and reason of this round; `latest` is what there is to say."""
        deadline = now + wish.within_s
        try:
            return Verdict.GOOD, self._converse(wish, now, deadline)
        except Denied as denied:
            self.latest, why = {}, f"the device answers and refuses: {denied}"
            return Verdict.UNKNOWN, why
        except Silent:
            self.latest = {}
            return Verdict.BAD, f"no answer over SNMP from {wish.host} port {wish.port}"
        except OSError as error:
            self.latest = {}
            if error.errno not in _GONE:
                raise
            return Verdict.BAD, f"no SNMP at {wish.host} port {wish.port}: {error.strerror}"

    def _converse(self, wish: Snmp, now: float, deadline: float) -> str:
        """In the version it speaks; one that has not answered in v2c yet may know only v1."""
        # answers in v2c may have been lost then, or another device stands there since
        found = self._version if now < self._known_until else 0
        known = wish.version or (2 if wish.v3 else found)
        try:
            reason = self._in(known or 2, wish, now, deadline)
        except (Silent, Denied) as wrong:
            if known or not self._speaks_first(wish, deadline, isinstance(wrong, Denied)):
                # nothing is known any more of one that has only ever answered in v1
                self._known_until = 0.0 if known == 1 else self._known_until
                raise
            reason = self._in(1, wish, now, deadline)
            known = 1
        if known != 1 or found != 1:
            self._version, self._known_until = known or 2, now + _KNOWN_S
        return reason

    def _in(self, version: int, wish: Snmp, now: float, deadline: float) -> str:
        who, before = wish.who(version), self._repetitions
        with closing(Session(wish.host, wish.port, who, wish.timeout_s, deadline)) as session:
            try:
                if not isinstance(who, Community) or who.version != 1:
                    return self._talk(wish, Walker(session.ask, before), now, deadline)
                reason = self._talk(wish, Walker(of_first(session.ask), 1), now, deadline)
                self._repetitions = before
                return reason
            finally:
                self._heard = session.heard

    def _speaks_first(self, wish: Snmp, deadline: float, refused: bool) -> bool:
        """Does it answer in v1, and v1 alone? One question is enough, whatever it says; unless it
        refused in v2c: v1 has no word for that but that nothing is there."""
        if self._heard and not refused:
            return False
        who = wish.who(1)
        with closing(Session(wish.host, wish.port, who, wish.timeout_s, deadline)) as session:
            try:
                error = session.ask(Ask((_DESCR,)), 1).error
                return error not in NO_ACCESS and not (refused and error)
            except Silent:
                return False

    def _talk(self, wish: Snmp, walker: Walker, now: float, deadline: float) -> str:
        """Reads what is due; what could not be read of it, in words."""
        values = walker.values((_DESCR, _OBJECT_ID, _UPTIME))
        identity = (values.get(_DESCR), values.get(_OBJECT_ID))
        uptime = number_in(values.get(_UPTIME))
        restarted = uptime is not None and self._uptime is not None and uptime < self._uptime
        known = self.latest and identity == self._identity and not restarted
        if known and now < self._walk_due:
            self._freshen(wish, walker, uptime)
            return ""
        if wish.profile != "auto":
            self.profile = wish.profile
        elif not self.profile or identity != self._identity:
            self.profile = _choose(walker, *identity)
        told, whole = _everything(walker, profile.items(self.profile), values, deadline)
        left_out = self._keep(wish, told, uptime, now)
        if left_out:
            walker.troubles.insert(0, f"{left_out} series over {MOST_SERIES} are left out")
        self._identity, self._uptime = identity, uptime
        self._walk_due, self._repetitions = now + wish.walk_every_s * 0.9, walker.repetitions
        return _words(walker.troubles, whole, wish.within_s)

    def _freshen(self, wish: Snmp, walker: Walker, uptime: float | None) -> None:
        """Between walks: how long it is up, and of a UPS whether the mains is there."""
        name = series("ronda_device_uptime_seconds", {"device": wish.label})
        if uptime is not None and name in self.latest:
            self.latest[name] = uptime / 100
        self._uptime = uptime
        if any(name.startswith(_POWER) for name in self.latest):
            items = [i for i in profile.items(self.profile) if i.name.startswith(_POWER)]
            wanted = dict.fromkeys(n for item in items for n in item.oids() if is_scalar(n))
            told = Told(walker.values(list(wanted)))
            self.latest |= read(items, told, Names(wish.label)).values

    def _keep(self, wish: Snmp, told: Told, uptime: float | None, now: float) -> int:
        """Makes series of what was told; how many there was no room for."""
        names = Names(wish.label, wish.given_name, interface_names(told))
        items = profile.items(self.profile)
        found = read(items, told, names)
        _empty_counts(items, self.latest, found)
        wide = self._counters.widen(found.values, found.narrow, uptime, now)
        wanted = [n for n in found.values if _wanted(found.labels[n], wish.interfaces)]
        self.latest = {n: wide.get(n, found.values[n]) for n in wanted[:MOST_SERIES]}
        return max(0, len(wanted) - MOST_SERIES)


def _choose(walker: Walker, descr: Value, object_id: Value) -> str:
    known = object_id if isinstance(object_id, tuple) else None
    return choose(known, text_in(descr), walker.beneath)


def _everything(
    walker: Walker, items: Iterable[Item], known: Mapping[Oid, Value], deadline: float
) -> tuple[Told, bool]:
    """All that the items need, and whether there was time for it."""
    wanted = dict.fromkeys(name for item in items for name in item.oids())
    columns: dict[Oid, dict[Oid, Value]] = {}
    values = dict(known)
    try:
        values |= walker.values([n for n in wanted if is_scalar(n) and n not in known])
        walker.columns([*NAMES, *(n for n in wanted if not is_scalar(n))], columns)
    except Silent:
        # silence of the device, or only the end of our patience?
        if monotonic() < deadline:
            raise
        return Told(values, columns), False
    return Told(values, columns), True


def _empty_counts(items: Iterable[Item], before: Mapping[str, object], found: Found) -> None:
    """A table whose rows were counted and that has none now counts 0."""
    for item in items:
        if item.combine == "count" and item.name in before and item.name not in found.values:
            found.values[item.name], found.labels[item.name] = 0.0, {}


def _wanted(labels: Mapping[str, str], patterns: Sequence[str]) -> bool:
    name = labels.get("interface")
    if name is None or not patterns:
        return True
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _words(troubles: Sequence[str], whole: bool, within_s: float) -> str:
    words = list(troubles[:3])
    if len(troubles) > 3:
        words.append(f"and {len(troubles) - 3} more")
    if not whole:
        words.append(f"not everything could be read within {within_s:g} s")
    return "; ".join(words)
