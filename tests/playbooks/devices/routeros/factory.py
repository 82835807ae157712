"""What a new router is configured with, and what it alone knows about its items."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.playbooks.devices.routeros.values import Value, shown, true

if TYPE_CHECKING:
    from tests.playbooks.devices.routeros.box import Box

Item = dict[str, Value]
_ETHERS = ("ether1", "ether2", "ether3", "ether4", "ether5")
_SERVICES = {
    "telnet": 23,
    "ftp": 21,
    "www": 80,
    "ssh": 22,
    "www-ssl": 443,
    "api": 8728,
    "winbox": 8291,
    "api-ssl": 8729,
}
_ITEMS: dict[str, list[Item]] = {
    "interface/ethernet": [{"name": name, "mtu": 1500} for name in _ETHERS],
    "interface/ethernet/poe": [{"name": "ether5", "poe-out": "auto-on"}],
    "interface": [{"name": name, "type": "ether", "mtu": 1500} for name in _ETHERS],
    "interface/pppoe-client": [
        {"name": "pppoe-out1", "interface": "ether1", "user": "desa", "disabled": True}
    ],
    "interface/wireless/security-profiles": [
        {"name": "kantor", "wpa2-pre-shared-key": "lama-sekali"}
    ],
    "interface/wifi/security": [{"name": "kantor", "passphrase": "lama-sekali"}],
    "interface/wireguard": [{"name": "wg0", "listen-port": 13231}],
    "interface/wireguard/peers": [{"name": "noc", "interface": "wg0", "comment": "noc"}],
    "ip/address": [{"address": "10.99.0.2/24", "interface": "ether1", "network": "10.99.0.0"}],
    "ip/route": [
        {"dst-address": "0.0.0.0/0", "gateway": "10.99.0.1", "distance": 1, "comment": "ISP1"},
        {"dst-address": "0.0.0.0/0", "gateway": "10.98.0.1", "distance": 10, "comment": "ISP2"},
    ],
    "ip/dhcp-client": [{"interface": "ether1", "add-default-route": True, "use-peer-dns": True}],
    "ip/pool": [{"name": "pool-hs", "ranges": "10.5.50.2-10.5.50.254"}],
    "ip/dhcp-server": [
        {"name": "dhcp-hs", "interface": "ether2", "address-pool": "pool-hs", "lease-time": "1h"}
    ],
    "ip/dhcp-server/lease": [
        {"address": "10.5.50.7", "server": "dhcp-hs", "dynamic": True, "status": "bound"},
        {"address": "10.5.50.8", "server": "dhcp-hs", "dynamic": True, "status": "waiting"},
        {"address": "10.5.50.9", "server": "dhcp-hs", "dynamic": False, "status": "waiting"},
    ],
    "ip/hotspot": [
        {"name": "hs1", "interface": "ether2", "profile": "hsprof1", "address-pool": "pool-hs"}
    ],
    "ip/hotspot/profile": [
        {"name": "default"},
        {"name": "hsprof1", "hotspot-address": "10.5.50.1"},
    ],
    "ip/hotspot/user": [{"name": "warga", "password": "lama", "profile": "default"}],
    "ip/hotspot/host": [
        {"address": "10.5.50.7", "authorized": True, "bypassed": False, "server": "hs1"},
        {"address": "10.5.50.8", "authorized": False, "bypassed": False, "server": "hs1"},
    ],
    "ip/hotspot/active": [{"user": "warga", "address": "10.5.50.7", "server": "hs1"}],
    "ip/service": [{"name": name, "port": port, "address": ""} for name, port in _SERVICES.items()],
    "user": [{"name": "admin", "group": "full"}],
    "user/group": [{"name": name} for name in ("full", "write", "read")],
    "ip/dns/cache": [{"name": "example.go.id", "data": "203.0.113.9", "type": "A"}],
    "system/package": [{"name": "routeros"}],
    "queue/simple": [],
}
_SINGLES: dict[str, Item] = {
    "system/identity": {"name": "MikroTik"},
    "system/clock": {"time-zone-name": "Asia/Jakarta", "time-zone-autodetect": True},
    "system/ntp/client": {"enabled": False},
    "ip/dns": {"servers": "203.0.113.53", "allow-remote-requests": True, "cache-size": "2048KiB"},
    "ip/socks": {"enabled": False, "port": 1080},
    "ip/proxy": {"enabled": False, "port": 8080},
    "ip/ssh": {"strong-crypto": False},
    "system/package/update": {"channel": "stable", "status": "System is already up to date"},
    "system/routerboard": {"model": "RB951", "serial-number": "HE0", "routerboard": True},
    "system/routerboard/settings": {"auto-upgrade": False},
    "system/device-mode": {"mode": "advanced"},
    "tool/bandwidth-server": {"enabled": True},
    "snmp": {"enabled": False},
}


def furnish(box: "Box") -> None:
    for name, items in _ITEMS.items():
        path = tuple(name.split("/"))
        for item in items:
            if path in box.items:
                box.add(path, dict(item))
    for name, item in _SINGLES.items():
        path = tuple(name.split("/"))
        if path in box.singles:
            box.singles[path] = dict(item)


def _resource(box: "Box", item: Item) -> Item:
    return {
        "uptime": box.up(), "version": f"{box.version} (stable)", "cpu-load": 4,
        "free-memory": 80_000_000, "total-memory": 134_217_728, "free-hdd-space": 2_097_152,
        "total-hdd-space": 16_777_216, "board-name": "hAP", "architecture-name": "mipsbe", **item,
    }  # fmt: skip


def _clock(box: "Box", item: Item) -> Item:
    date = box.date()
    text = date.strftime("%b/%d/%Y").lower() if box.menus.version < 7 else date.strftime("%Y-%m-%d")
    return {"time": date.strftime("%H:%M:%S"), "date": text}


def _dhcp_client(box: "Box", item: Item) -> Item:
    if true(item.get("disabled")):
        return {"status": "stopped"}
    return {"status": "bound", "address": "10.99.0.2/24", "gateway": "10.99.0.1"}


def _running(box: "Box", item: Item) -> Item:
    return {"running": not true(item.get("disabled"))}


def _poe(box: "Box", item: Item) -> Item:
    on = shown(item.get("poe-out")) != "off"
    return {"poe-out-status": "powered-on" if on else "disabled"}


def _schedule(box: "Box", item: Item) -> Item:
    return {"next-run": "" if item.get("next") is None else str(item["next"])}


DERIVED: dict[tuple[str, ...], Callable[["Box", Item], Item]] = {
    ("system", "resource"): _resource,
    ("system", "clock"): _clock,
    ("system", "device-mode"): lambda box, item: {"scheduler": "scheduler" not in box.barred},
    ("system", "package"): lambda box, item: {"version": box.version},
    ("system", "package", "update"): lambda box, item: {"installed-version": box.version},
    ("system", "scheduler"): _schedule,
    ("system", "ntp", "client"): lambda box, item: {
        "status": "synchronized" if true(item.get("enabled")) else "stopped"
    },
    ("ip", "dhcp-client"): _dhcp_client,
    ("ip", "route"): lambda box, item: {"active": not true(item.get("disabled"))},
    ("ip", "hotspot"): lambda box, item: {"invalid": False},
    ("interface",): _running,
    ("interface", "ethernet"): _running,
    ("interface", "ethernet", "poe"): _poe,
    ("interface", "pppoe-client"): _running,
    ("interface", "wireguard"): _running,
}
