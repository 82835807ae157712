"""What RouterOS has to configure: menus with their parameters, and what is in them when new.

A line of menus.txt is a path, then parameters: the first is what names an item ("-" where nothing
does), one with a star is read only. Menus in SINGLE hold one set of values, not items.
"""

from pathlib import Path

from tests.playbooks.devices.routeros.scanning import Menus

_TABLE = (Path(__file__).parent / "menus.txt").read_text()
SINGLE = {
    "system/resource", "system/identity", "system/clock", "system/ntp/client", "ip/dns",
    "system/package/update", "system/routerboard", "system/routerboard/settings",
    "system/device-mode", "ip/socks", "ip/proxy",
    "ip/neighbor/discovery-settings", "ip/ssh", "tool/bandwidth-server", "tool/mac-server",
    "tool/romon", "snmp", "system/license", "system/note", "system/watchdog",
}  # fmt: skip
# commands of one menu, beside those that every menu of items or values has
_ACTIONS = """
/ import export quit ping
/system reboot shutdown
/system/script run
/system/backup save load
/system/package/update check-for-updates download install
/system/routerboard upgrade
/system/device-mode update
/ip/dns/cache flush
/ip/dhcp-client renew release
/ip/dhcp-server/lease make-static
/interface monitor-traffic reset-counters
/interface/ethernet monitor reset-counters
/interface/ethernet/poe power-cycle monitor
/interface/pppoe-client monitor
/log info warning error debug
/tool fetch traceroute bandwidth-test mac-scan ping-speed
/certificate import
/user-manager/database save
/user/ssh-keys import
/queue/simple reset-counters
/ip/firewall/filter reset-counters
"""
_OF_ITEMS = "print find get add set remove enable disable comment move edit reset export".split
_OF_VALUES = "print get set edit export reset".split
_PRINT = {"interval", "file", "where", "from", "count", "duration", "proplist"}
_OLD_ONLY = {"primary-ntp", "secondary-ntp", "server-dns-names"}
_NEW_ONLY = {"servers"}


def _paths(text: str) -> dict[tuple[str, ...], list[str]]:
    found = {}
    for line in text.split("\n"):
        if line:
            path, *words = line.split()
            found[tuple(path.strip("/").split("/") if path != "/" else ())] = words
    return found


TABLE = _paths(_TABLE)
ACTIONS = _paths(_ACTIONS)


class Known(Menus):
    """Menus of a version, 6 or 7."""

    def __init__(self, version: int) -> None:
        lacking = [("system", "device-mode"), ("interface", "wifi"), ("interface", "wireguard"),
                   ("routing", "table"), ("system", "ntp", "client", "servers")]  # fmt: skip
        bars = () if version >= 7 else lacking
        self.version = version
        self.been_read = {}
        self.table = {
            path: words
            for path, words in TABLE.items()
            if not any(path[: len(bar)] == bar for bar in bars)
        }
        self._folders = {path[:depth] for path in self.table for depth in range(len(path) + 1)}

    def known(self, path: tuple[str, ...]) -> bool:
        return path in self._folders

    def command(self, path: tuple[str, ...], word: str) -> bool:
        if word in ACTIONS.get(path, ()):
            return True
        if word == "export":
            return True
        if path not in self.table:
            return False
        return word in (_OF_VALUES() if "/".join(path) in SINGLE else _OF_ITEMS())

    def parameter(self, path: tuple[str, ...], word: str, name: str) -> bool:
        if word in ("add", "set"):
            return name in self.settable(path) or name in ("numbers", "copy-from")
        if word in ("print", "get", "export"):
            return name in _PRINT or name in ("number", "value-name", "show-sensitive", "terse")
        return True

    def settable(self, path: tuple[str, ...]) -> list[str]:
        names = [name for name in self.table[path] if not name.endswith("*") and name != "-"]
        if path == ("system", "ntp", "client"):
            barred = _OLD_ONLY if self.version >= 7 else _NEW_ONLY
            return [name for name in names if name not in barred]
        return names

    def named_by(self, path: tuple[str, ...]) -> str:
        """The parameter that an item is called by; "" where none is."""
        first = self.table[path][0].rstrip("*")
        return "" if first == "-" else first
