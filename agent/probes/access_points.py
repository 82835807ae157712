"""One look at all access points of this machine, also at one that was there and is gone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from agent.probes.air import Air, Counted, busy_part
from agent.probes.radios import AccessPoint
from agent.probes.sources import Source
from agent.probes.system import Traffic, read_or, traffic
from agent.report import series

_MOST_RADIOS = 16
# these know what others do not; the rest is asked where they name no access point
_ALWAYS_ASKED = ("iw", "ubus")

Values = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Known:
    """An access point that was there, and the source that said so."""

    point: AccessPoint
    source: str


@dataclass(frozen=True, slots=True)
class Radio:
    """What was seen of one radio interface; `there` is None when nobody could look.

    `air` is None where another interface speaks for the same piece of hardware.
    """

    name: str
    ssid: str
    there: bool | None
    clients: float | None = None
    traffic: Traffic | None = None
    air: Air | None = None
    busy: float | None = None


def look(sources: Mapping[str, Source], memory: dict[str, Any]) -> tuple[list[Radio], str]:
    """All that are or were there, and what kept from looking; "" when nothing did."""
    known: dict[str, Known] = memory.setdefault("radios", {})
    seen, looked, why = see(sources, {one.source for one in known.values()})
    remember(known, seen, memory.get("sections", {}))
    if len(seen) > _MOST_RADIOS:
        why = f"{len(seen)} access points, only {_MOST_RADIOS} are read"
    forget(known, seen, _MOST_RADIOS)
    counters = traffic(read_or("/proc/net/dev", ""))
    radios = []
    hardware: set[str] = set()
    for name, one in known.items():
        there = one.point.up if name in seen else False if one.source in looked else None
        radio = Radio(name, one.point.ssid, there, traffic=counters.get(name))
        if there:
            radio = replace(radio, clients=_clients(sources, name))
            # several networks share one channel, which is counted once
            if (piece := one.point.radio or name) not in hardware:
                hardware.add(piece)
                radio = _heard(radio, sources, memory)
        radios.append(radio)
    return radios, why


def see(
    sources: Mapping[str, Source], named: Collection[str]
) -> tuple[dict[str, Known], set[str], str]:
    """Access points of now, the sources that could look, and why there is nothing to see.

    Of several sources that know an interface the first has the word. `named` are sources that
    named one before.
    """
    seen: dict[str, Known] = {}
    looked: set[str] = set()
    why = "" if sources else "no iw, ubus, hostapd or iwinfo on this system"
    for name, source in sources.items():
        if seen and name not in _ALWAYS_ASKED and name not in named:
            continue
        points = source.points()
        if points is None:
            why = why or f"{name} does not answer"
            continue
        looked.add(name)
        for interface, point in points.items():
            seen.setdefault(interface, Known(point, name))
    # hostapd or rpcd need not run where iw does
    return seen, looked, "" if looked else why


def remember(
    known: dict[str, Known], seen: Mapping[str, Known], sections: Mapping[str, str]
) -> None:
    """What was seen goes into `known`; a network that is not sent keeps the name it had."""
    for name, now in seen.items():
        if not now.point.ssid and (before := known.get(name)):
            now = replace(now, point=replace(now.point, ssid=before.point.ssid))
        known[name] = now
    # a section of the configuration that got its interface goes by that
    for section, name in sections.items():
        if section != name:
            known.pop(section, None)


def forget(known: dict[str, Any], seen: Collection[str], most: int) -> None:
    """Keep no more than `most`; those that are gone make room first."""
    for name in sorted(known, key=lambda name: name not in seen)[most:]:
        del known[name]


def told(ap: str, radios: Iterable[Radio], memory: dict[str, Any]) -> Values:
    """The series of these radios; `ap` makes all of them one access point."""
    values: Values = {}
    groups: dict[tuple[str, str], list[Radio]] = {}
    for radio in radios:
        groups.setdefault((ap or radio.name, radio.ssid), []).append(radio)
        values |= _air(ap or radio.name, radio, memory)
        for metric, count in _ways(radio.traffic):
            name = series(metric, {"ap": ap or radio.name})
            values[name] = _total(memory, name, radio.name, count) if ap else count
    for (label, ssid), group in groups.items():
        labels = {"ap": label, "ssid": ssid}
        up, clients = people(group)
        values[series("ronda_wifi_up", labels)] = up
        values[series("ronda_wifi_clients", labels)] = clients
    return values


def people(group: Iterable[Radio]) -> tuple[float | None, float | None]:
    """Is one of these radios there, and how many clients have those that are?"""
    there = [radio for radio in group if radio.there is not False]
    if not there:
        return 0.0, None
    up = 1.0 if any(radio.there for radio in there) else None
    counts = [radio.clients for radio in there if radio.clients is not None]
    return up, sum(counts) if len(counts) == len(there) else None


def _clients(sources: Mapping[str, Source], name: str) -> float | None:
    for source in sources.values():
        if (counted := source.clients(name)) is not None:
            return counted
    return None


def _heard(radio: Radio, sources: Mapping[str, Source], memory: dict[str, Any]) -> Radio:
    counters: dict[str, Counted | None] = memory.setdefault("air", {})
    said = Air()
    for source in sources.values():
        answer = source.air(radio.name)
        if answer and (answer.noise_dbm, answer.active_ms, answer.busy_ratio) != (None, None, None):
            said = answer
            break
    counters[radio.name], busy = busy_part(counters.get(radio.name), said, monotonic())
    return replace(radio, air=said, busy=busy if said.busy_ratio is None else said.busy_ratio)


def _air(ap: str, radio: Radio, memory: dict[str, Any]) -> Values:
    labels = {"ap": ap, "radio": radio.name}
    values: Values = {
        series("ronda_wifi_noise_dbm", labels): radio.air.noise_dbm if radio.air else None,
        series("ronda_wifi_channel_busy_ratio", labels): radio.busy,
    }
    # a radio that never tells has no series
    known: set[str] = memory.setdefault("heard", set())
    known.update(name for name, value in values.items() if value is not None)
    return {name: value for name, value in values.items() if name in known}


def _ways(counters: Traffic | None) -> tuple[tuple[str, float | None], ...]:
    return (
        ("ronda_wifi_receive_bytes_total", float(counters.receive_bytes) if counters else None),
        ("ronda_wifi_transmit_bytes_total", float(counters.transmit_bytes) if counters else None),
    )


def _total(memory: dict[str, Any], name: str, radio: str, count: float | None) -> float | None:
    """The sum over radios: one of them that began again must not look as if all had."""
    totals: dict[str, float] = memory.setdefault("totals", {})
    last: dict[tuple[str, str], float] = memory.setdefault("counters", {})
    if count is not None:
        before = last.get((name, radio), 0.0)
        last[name, radio] = count
        totals[name] = totals.get(name, 0.0) + (count - before if count >= before else count)
    return totals.get(name)
