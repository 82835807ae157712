"""What the agent is told to do: a TOML file or the collector's JSON, taken whole or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.probes import Probe, load
from agent.strict import Refused, build
from agent.wire import split_url

DAY_S = 86400
# of one agent that looks at central services and the public names of a regency
MOST_CHECKS = 512
MOST_TUNNELS = 16
_PROFILES = ("fiber", "4g", "hemat")
_METERED = ("4g", "hemat")
_NAME_CHARACTERS = 100
OF_EVERY_KIND = ("kind", "every_s", "uplink", "site", "fenced")


@dataclass(frozen=True, slots=True)
class Check:
    """A probe and how it is run; `every_s` None: at the cadence of its kind.

    `site` is another site than the agent's own that this check speaks of; `fence`: networks
    that it keeps off, and what of them it may reach all the same."""

    name: str
    kind: str
    probe: Probe
    every_s: float | None = None
    uplink: str | None = None
    site: str = ""
    fence: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    @property
    def key(self) -> str:
        """What tells it from every other check: the name alone, of this agent's own site."""
        return f"{self.site}\n{self.name}" if self.site else self.name


@dataclass(frozen=True)
class Plan:
    """The field names are the keys of the configuration; `checks` become `Check`s in `read`."""

    site: str = ""
    profile: str = "fiber"
    check_every_s: float = 12.0
    report_every_s: float = 60.0
    backlog_per_s: float = 8.0
    # near it the agent slows down, over it only findings and a word now and then go
    bytes_per_day: int | None = None
    # how far the site's clock is ahead of UTC: where its day begins
    utc_offset_s: int = 25200
    ingest: tuple[str, ...] = ()
    spool_bytes: int = 16 << 20
    spool_days: int = 35
    # a sign of life by UDP every ten seconds; never on a metered link
    beacons: bool = False
    # HOST:PORT by name, to which the collector may ask for a tunnel
    tunnels: dict[str, str] = field(default_factory=dict)
    # address for our own /metrics, "" for none
    metrics: str = ""
    # networks that fenced checks may not reach, and what of them they may
    off_limits: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    checks: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    @property
    def metered(self) -> bool:
        """Each byte costs."""
        return self.profile in _METERED

    @property
    def counts_bytes(self) -> bool:
        """Nothing may go over the line that nobody asked for: they cost, or they are counted."""
        return self.metered or self.bytes_per_day is not None

    @property
    def sends_beacons(self) -> bool:
        return self.beacons and not self.metered

    def check(self) -> None:
        if self.profile not in _PROFILES:
            raise Refused("profile", f"{self.profile!r} is not one of {', '.join(_PROFILES)}")
        _between("check_every_s", self.check_every_s, 1, DAY_S)
        _between("report_every_s", self.report_every_s, 1, 3600)
        _between("backlog_per_s", self.backlog_per_s, 0.1, 1000)
        _between("spool_bytes", self.spool_bytes, 256 << 10, 1 << 40)
        _between("spool_days", self.spool_days, 1, 400)
        _between("utc_offset_s", self.utc_offset_s, -50_400, 50_400)
        if self.bytes_per_day is not None:
            _between("bytes_per_day", self.bytes_per_day, 100_000, 1 << 40)
        if len(self.checks) > MOST_CHECKS:
            raise Refused("checks", f"{len(self.checks)} checks, {MOST_CHECKS} at most")
        for place, url in enumerate(self.ingest):
            _url(f"ingest[{place}]", url)
        _address("metrics", self.metrics)
        _networks("off_limits", self.off_limits)
        _networks("allowed", self.allowed)
        if len(self.tunnels) > MOST_TUNNELS:
            raise Refused("tunnels", f"{len(self.tunnels)} targets, {MOST_TUNNELS} at most")
        for name, target in self.tunnels.items():
            _target(f"tunnels.{name}", target)


@dataclass(frozen=True)
class Config:
    """A configuration that was accepted; `etag` is "" for a local one."""

    plan: Plan
    checks: tuple[Check, ...]
    etag: str = ""


def read(
    table: Mapping[str, Any], etag: str = "", centre: Mapping[str, str] | None = None
) -> Config:
    """The configuration in `table`, or Refused with the place at fault.

    `centre` is what a `known` check takes where it says nothing itself: `url` and `ca`.
    """
    plan = build(Plan, table)
    checks: list[Check] = []
    known: set[str] = set()
    for place, entry in enumerate(plan.checks):
        check = _check(dict(entry), f"checks[{place}]", centre, plan)
        if check.key in known:
            raise Refused(f"checks[{place}].name", f"{check.name!r} is used twice")
        known.add(check.key)
        checks.append(check)
    return Config(plan, tuple(checks), etag)


def read_toml(text: str, centre: Mapping[str, str] | None = None) -> Config:
    """A configuration written by hand."""
    # parsing TOML costs 2 MB of memory, and few agents have such a file
    import tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused("", f"not TOML: {error}") from error
    return read(table, centre=centre)


def default() -> Config:
    """What an agent looks at before anybody told it: this machine and its way out."""
    checks = (
        {"name": "link", "kind": "link"},
        {"name": "host", "kind": "host"},
        {"name": "gateway", "kind": "ping", "host": "gateway", "uplink": "main"},
        {"name": "dns", "kind": "dns"},
    )
    return read({"checks": list(checks)})


def _check(
    entry: dict[str, Any], place: str, centre: Mapping[str, str] | None, plan: Plan
) -> Check:
    name, kind = _text(entry, "name", place), _text(entry, "kind", place)
    if not (0 < len(name) <= _NAME_CHARACTERS and name.isprintable() and name == name.strip()):
        raise Refused(f"{place}.name", f"not 1 to {_NAME_CHARACTERS} printable characters")
    try:
        # Any: a Probe is a dataclass, which no Protocol can say
        probe_kind: Any = load(kind)
    except Refused as refused:
        raise Refused(f"{place}.{refused.place}", refused.problem) from None
    every_s = _number(entry, "every_s", place)
    # what a kind costs others: registries, a page that a village PC has to compute
    least_s = getattr(probe_kind, "least_every_s", 0.0)
    if every_s is None and least_s > plan.check_every_s:
        every_s = least_s
    uplink = _text(entry, "uplink", place) if entry.get("uplink") is not None else None
    site = _text(entry, "site", place) if entry.get("site") is not None else ""
    if not site.isprintable() or len(site) > _NAME_CHARACTERS:
        raise Refused(f"{place}.site", f"not up to {_NAME_CHARACTERS} printable characters")
    settings = {k: v for k, v in entry.items() if k not in OF_EVERY_KIND}
    if kind == "known":
        settings = {**(centre or {}), **settings}
    elif kind == "capacity":
        settings = {"spread": plan.site, **settings}
        if plan.counts_bytes:
            # whatever else was written: a night of samples is more than many a bound of the day
            settings["metered"] = True
    fence = (plan.off_limits, plan.allowed) if _flag(entry, "fenced", place) else None
    return Check(name, kind, build(probe_kind, settings, place), every_s, uplink, site, fence)


def _text(entry: Mapping[str, Any], key: str, place: str) -> str:
    if key not in entry:
        raise Refused(f"{place}.{key}", "missing")
    value = entry[key]
    if not isinstance(value, str):
        raise Refused(f"{place}.{key}", f"expected text, got {value!r}")
    return value


def _number(entry: Mapping[str, Any], key: str, place: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{place}.{key}", f"expected a number, got {value!r}")
    _between(f"{place}.{key}", value, 1, DAY_S)
    return float(value)


def _flag(entry: Mapping[str, Any], key: str, place: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise Refused(f"{place}.{key}", f"expected true or false, got {value!r}")
    return value


def _between(place: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise Refused(place, f"must be {least:g} to {most:g}, got {value:g}")


def _url(place: str, url: str) -> None:
    try:
        split_url(url)
    except ValueError as error:
        raise Refused(place, str(error)) from None


def _address(place: str, text: str) -> None:
    host, _, port = text.rpartition(":")
    if text and not (host and port.isdigit() and 0 < int(port) < 65536):
        raise Refused(place, f"expected HOST:PORT, got {text!r}")


def _target(place: str, text: str) -> None:
    """HOST:PORT that becomes a word of a command."""
    _address(place, text)
    if not text or not all(c.isascii() and (c.isalnum() or c in ".:-[]") for c in text):
        raise Refused(place, f"expected HOST:PORT, got {text!r}")


def _networks(place: str, texts: tuple[str, ...]) -> None:
    if not texts:
        return
    from ipaddress import ip_network

    for at, text in enumerate(texts):
        try:
            ip_network(text, strict=False)
        except ValueError as error:
            raise Refused(f"{place}[{at}]", str(error)) from None
