"""The sites as the fold sees them: where they stand, whether they count, what they share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from collector.acts import Act
from collector.contracts import Terms
from collector.inventory import places, store
from collector.metered import MOBILE_ISPS, mobile

# a frame is live when it came within this many report intervals of its time
LIVE_INTERVALS = 2.5

Group = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """An uplink as the inventory knows it, as far as causes go by it."""

    isp: str
    upstream: str
    mobile: bool
    terms: Terms
    name: str = "main"
    contract: float = 0.0  # bits per second that are paid for; 0: nobody wrote it down


@dataclass(slots=True)
class Site:
    """A place with an agent; `groups` are what it shares with neighbours, as (kind, name)."""

    code: str
    row: int
    active: bool
    every_s: float
    named: tuple[str, ...]  # providers by its own row, main first
    parent: str  # upstream by its own row
    feeder: str
    lines: tuple[Line, ...] = ()
    isp: str = field(init=False)  # the main one
    isps: tuple[str, ...] = field(init=False)  # of all its lines
    groups: tuple[Group, ...] = field(init=False)
    reserve: bool = field(init=False)  # has a mobile line, not of its main provider

    def __post_init__(self) -> None:
        self.isps = tuple(dict.fromkeys([*self.named, *(x.isp for x in self.lines if x.isp)]))
        self.isp = next(iter(self.isps), "")
        district = places.district(self.code)
        pairs = (
            ("feeder", self.feeder),
            ("district", district),
            ("upstream", self.parent or next((x.upstream for x in self.lines), "")),
            ("isp", f"{district}|{self.isp}" if self.isp else ""),
        )
        self.groups = tuple(pair for pair in pairs if pair[1])
        carried = {line.isp for line in self.lines if line.mobile}
        carried |= {isp for isp in self.isps if isp.lower() in MOBILE_ISPS}
        self.reserve = bool(carried - {self.isp, ""})

    @property
    def live_s(self) -> float:
        return LIVE_INTERVALS * self.every_s

    def contracts(self, uplinks: Iterable[str]) -> tuple[float, ...]:
        """What is paid for on these lines, in bits per second; NaN where nobody knows."""
        known = {line.name: line.contract for line in self.lines}
        return tuple(known.get(name) or float("nan") for name in uplinks)

    @property
    def terms(self) -> tuple[Terms, ...]:
        return tuple(line.terms for line in self.lines) if self.lines else ()


class Sites:
    """All of them, by code and by row in the window."""

    def __init__(self) -> None:
        self._by_code: dict[str, Site] = {}
        self._by_row: dict[int, Site] = {}
        self._lines: dict[str, dict[str, Line]] = {}

    def load(self, connection: Connection, only: Iterable[str] = ()) -> None:
        """These sites, or all of them with their lines, as they are."""
        codes = list(only)
        if not codes:
            self.load_lines(connection)
        for one in store.sites(connection, only=codes):
            self.put(
                {
                    "code": one.code,
                    "row": one.row,
                    "lifecycle": one.lifecycle,
                    "report_every_s": one.report_every_s,
                    "isp": one.isp,
                    "upstream": one.upstream,
                    "power_feeder": one.power_feeder,
                }
            )

    def load_lines(self, connection: Connection, only: Iterable[str] = ()) -> None:
        self._put_lines(store.terms(connection, only))

    def forget_lines(self) -> None:
        """A replay begins with none: the acts tell when each came."""
        known, self._lines = list(self._lines), {}
        self._renew(known)

    def put(self, row: Mapping[str, Any]) -> Site:
        """A site as a row of the inventory; known ones change in place."""
        site = Site(
            row["code"],
            row["row"],
            row["lifecycle"] in ("active", "centre"),
            float(row["report_every_s"]),
            tuple(isp for isp in row["isp"].split("|") if isp),
            # acts of before it was kept lack it
            row.get("upstream", "").partition("|")[0],
            row["power_feeder"],
            self._lines_of(row["code"]),
        )
        return self._keep(site)

    def recall(self, act: Act) -> bool:
        """Put the rows that an act of the inventory holds; False when it holds none."""
        rows = act.body.get("rows") if act.verb == "inventory" else None
        if rows is not None and act.subject == "uplinks":
            self._drop_lines(act.body.get("removed", ()))
            self._put_lines(rows)
            return True
        if rows is None or act.subject != "sites":
            return False
        for row in rows:
            self.put(row)
        return True

    def get(self, code: str) -> Site | None:
        return self._by_code.get(code)

    def at(self, row: int) -> Site | None:
        return self._by_row.get(row)

    def __iter__(self) -> Any:
        return iter(self._by_row.values())

    def _keep(self, site: Site) -> Site:
        self._by_code[site.code] = self._by_row[site.row] = site
        return site

    def _put_lines(self, rows: Iterable[Mapping[str, Any]]) -> None:
        changed: dict[str, None] = {}
        for row in rows:
            terms = Terms(row["bill_day"], row["ends"])
            line = Line(
                row["isp"],
                row["upstream"].partition("|")[0],
                mobile(row["type"], row["isp"]),
                terms,
                row["name"],
                # acts of before it was kept lack it
                (row.get("mbps") or 0.0) * 1e6,
            )
            self._lines.setdefault(row["site"], {})[row["name"]] = line
            changed[row["site"]] = None
        self._renew(changed)

    def _drop_lines(self, keys: Iterable[str]) -> None:
        for site, _, name in (key.partition("/") for key in keys):
            self._lines.get(site, {}).pop(name, None)
            self._renew([site])

    def _renew(self, codes: Iterable[str]) -> None:
        """Sites with the lines that are known now."""
        for code in codes:
            if (old := self._by_code.get(code)) is not None:
                self._keep(replace(old, lines=self._lines_of(code)))

    def _lines_of(self, code: str) -> tuple[Line, ...]:
        lines = self._lines.get(code, {})
        return tuple(lines[name] for name in sorted(lines, key=lambda name: (name != "main", name)))
