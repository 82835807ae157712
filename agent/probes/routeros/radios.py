"""Access points of a router and of those it manages, from the menus of its wifi packages. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.probes.routeros.values import Row, text, yes

MOST_POINTS = 64
_MODES = ("", "ap", "ap-bridge", "bridge")


@dataclass(frozen=True, slots=True)
class Menu:
    """Where a package keeps its interfaces, its clients, its profiles, and whose a radio is."""

    interfaces: str
    clients: str
    profiles: str = ""
    owners: str = ""


# in 7.13 and newer, before that, the old driver, and the old manager of other access points
MENUS = (
    Menu(
        "interface/wifi",
        "interface/wifi/registration-table",
        "interface/wifi/configuration",
        "interface/wifi/radio",
    ),
    Menu(
        "interface/wifiwave2",
        "interface/wifiwave2/registration-table",
        "interface/wifiwave2/configuration",
    ),
    Menu("interface/wireless", "interface/wireless/registration-table"),
    Menu("caps-man/interface", "caps-man/registration-table", "caps-man/configuration"),
)
PROPERTIES = (
    "name", "mode", "ssid", "configuration", "configuration.mode", "configuration.ssid",
    "disabled", "inactive", "bound", "master-interface",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One network of one radio interface; `ap` is whose it is, "" for the router's own."""

    interface: str
    ssid: str
    up: bool
    ap: str = ""


def needs_profiles(rows: Iterable[Row]) -> bool:
    """Does the name of some network stand elsewhere?"""
    return any(row.get("configuration") and not _inline(row, "ssid") for row in rows)


def points(
    rows: Iterable[Row], profiles: Iterable[Row] | None, owners: Iterable[Row] | None
) -> list[Point]:
    """The access points among these interfaces.

    `running` is no sign of life: RouterOS says it while somebody is connected. One that is switched
    off is none.
    """
    by_name = {text(row.get("name")): row for row in profiles or []}
    whose = {text(row.get("interface")): owner(row) for row in owners or []}
    found = []
    for row in rows:
        profile = by_name.get(text(row.get("configuration")), {})
        mode = _inline(row, "mode") or text(profile.get("mode"))
        name = text(row.get("name"))
        if not name or mode not in _MODES or yes(row.get("disabled")):
            continue
        up = not yes(row.get("inactive")) and (yes(row["bound"]) if "bound" in row else True)
        master = text(row.get("master-interface"))
        ssid = _inline(row, "ssid") or text(profile.get("ssid"))
        found.append(Point(name, ssid[:32], up, whose.get(name) or whose.get(master) or ""))
    return found[:MOST_POINTS]


def owner(row: Row) -> str:
    """The name of a managed access point: what stands before @ in `cap`, if it is a name."""
    name = text(row.get("cap")).partition("@")[0].strip()
    return "" if name.count(":") == 5 else name


def clients(rows: Iterable[Row]) -> Mapping[str, int]:
    """People by interface; access points that are each other's clients are no people."""
    counted: dict[str, int] = {}
    for row in rows:
        name = text(row.get("interface"))
        if name and not yes(row.get("ap")):
            counted[name] = counted.get(name, 0) + 1
    return counted


def _inline(row: Row, key: str) -> str:
    return text(row.get(f"configuration.{key}")) or text(row.get(key))
