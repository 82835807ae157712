"""What RouterOS has to configure: menus with their parameters, and what is in them when new.

A line is a path, then parameters; the first is the one that names an item ("-" where none does),
one with a star is read only. Menus in SINGLE hold one set of values, not items.
"""

from tests.playbooks.devices.routeros.parsing import Menus

_TABLE = """
/system/script name source policy owner dont-require-permissions comment run-count* last-started*
/system/script/job script owner started*
/system/scheduler name on-event interval start-time start-date policy owner comment disabled run-count* next-run*
/system/resource uptime* version* cpu-load* free-memory* total-memory* free-hdd-space* total-hdd-space* board-name* architecture-name*
/system/identity name
/system/clock time date time-zone-name time-zone-autodetect gmt-offset*
/system/ntp/client enabled mode servers primary-ntp secondary-ntp server-dns-names status*
/system/ntp/client/servers address comment disabled iburst
/system/package name version* disabled
/system/package/update channel installed-version* latest-version* status*
/system/routerboard model* serial-number* current-firmware* upgrade-firmware* routerboard*
/system/health name value*
/system/device-mode mode* scheduler* fetch*
/system/license level*
/system/logging topics action prefix disabled
/system/note note show-at-login
/system/watchdog watch-address watchdog-timer
/system/backup -
/interface name type mtu disabled comment running* rx-byte* tx-byte* mac-address* dynamic*
/interface/ethernet name mtu disabled comment poe-out running* mac-address* default-name*
/interface/ethernet/poe name poe-out poe-out-status*
/interface/pppoe-client name interface user password disabled comment add-default-route use-peer-dns profile running*
/interface/wireless name ssid mode band frequency disabled comment security-profile running*
/interface/wireless/security-profiles name mode authentication-types wpa-pre-shared-key wpa2-pre-shared-key comment
/interface/wifi name configuration security disabled comment running*
/interface/wifi/security name passphrase authentication-types comment disabled
/interface/wireguard name private-key listen-port mtu disabled comment running*
/interface/wireguard/peers name interface public-key endpoint-address endpoint-port allowed-address comment disabled persistent-keepalive last-handshake*
/interface/bridge name comment disabled running*
/interface/bridge/port - interface bridge comment disabled pvid
/interface/list name comment
/interface/list/member - interface list comment disabled
/ip/address - address interface network comment disabled dynamic* actual-interface*
/ip/route - dst-address gateway distance comment disabled routing-table check-gateway active* dynamic*
/ip/dns servers allow-remote-requests cache-size dynamic-servers* use-doh-server verify-doh-cert
/ip/dns/cache name type* data* ttl*
/ip/dns/static name address type ttl disabled comment
/ip/dhcp-client interface add-default-route default-route-distance use-peer-dns disabled comment status* address* gateway* dynamic*
/ip/dhcp-server name interface address-pool lease-time disabled comment
/ip/dhcp-server/lease - address mac-address server comment disabled dynamic* status* host-name* expires-after*
/ip/dhcp-server/network - address gateway dns-server netmask comment
/ip/pool name ranges comment
/ip/hotspot name interface profile address-pool disabled invalid* https* comment
/ip/hotspot/profile name hotspot-address dns-name html-directory login-by ssl-certificate
/ip/hotspot/user name password profile disabled comment limit-uptime
/ip/hotspot/active - user* address* mac-address* uptime* server*
/ip/hotspot/host - address* mac-address* authorized* bypassed* server*
/ip/firewall/filter - chain action src-address dst-address protocol src-port dst-port in-interface out-interface in-interface-list connection-state comment disabled place-before log dynamic*
/ip/firewall/nat - chain action src-address dst-address protocol src-port dst-port in-interface out-interface to-addresses to-ports comment disabled place-before dynamic*
/ip/firewall/mangle - chain action src-address dst-address protocol dst-port in-interface new-routing-mark comment disabled place-before
/ip/firewall/address-list - list address timeout comment disabled
/ip/service name port address disabled certificate tls-version vrf invalid*
/ip/socks enabled port
/ip/proxy enabled port
/ip/neighbor/discovery-settings discover-interface-list
/ip/ssh strong-crypto always-allow-password-login host-key-size host-key-type
/queue/simple name target max-limit limit-at comment disabled parent queue dst bytes* rate*
/user name group password address comment disabled last-logged-in*
/user/group name policy comment
/user/ssh-keys user key-owner
/certificate name common-name fingerprint* invalid-after* trusted
/file name contents size* type* creation-time*
/log - message* topics* time*
/tool/netwatch host interval timeout up-script down-script type comment disabled status*
/tool/bandwidth-server enabled
/tool/mac-server allowed-interface-list
/tool/romon enabled
/snmp enabled contact location
/radius - service address secret comment disabled
/routing/table name fib comment disabled
/user-manager/database -
"""
SINGLE = {
    "system/resource", "system/identity", "system/clock", "system/ntp/client", "ip/dns",
    "system/package/update", "system/routerboard", "system/device-mode", "ip/socks", "ip/proxy",
    "ip/neighbor/discovery-settings", "ip/ssh", "tool/bandwidth-server", "tool/mac-server",
    "tool/romon", "snmp", "system/license", "system/note", "system/watchdog",
}  # fmt: skip
# parameters that no two items of a menu may share, beside the name
UNIQUE = {"ip/dhcp-client": "interface", "ip/dns/static": ""}
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
