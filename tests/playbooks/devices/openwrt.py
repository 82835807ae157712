"""A router with OpenWrt: dropbear, busybox and nothing of coreutils; uci, ubus, init scripts.

What Debian has no package for is in openwrt_tools/, as small as its documentation allows.
"""

import subprocess
from pathlib import Path

from tests.playbooks.devices.linux import address, authorized, linked, written

TOOLS = Path(__file__).parent / "openwrt_tools"
# applets of an image as it comes: no setsid, flock, timeout, nohup, stat, base64 or install
APPLETS = (
    "[ ash awk basename cat chgrp chmod chown chroot clear cmp cp cut date dd df dirname "
    "dmesg du echo egrep env expr false fgrep find free grep gunzip gzip head hexdump hostid "
    "hwclock id ifconfig kill killall less ln logger ls md5sum mkdir mkfifo mknod mktemp more "
    "mount mv nc netstat nice nslookup pgrep pidof ping printf ps pwd readlink realpath "
    "renice reset rm rmdir sed seq sh sha256sum sleep sort start-stop-daemon strings sync "
    "sysctl tail tar tee test top touch tr traceroute true umount uname uniq uptime vi wc "
    "which xargs yes zcat "
)
_PROGRAMS = (
    "uci ubus service wifi reload_config ifup ndsctl mwan3 sysupgrade owut logread uclient-fetch"
)
_OWN = ("network", "firewall", "dropbear", "dnsmasq", "acme")
_SERVICES = {"system": 10, "sysntpd": 98, "cron": 50, "log": 12, "uhttpd": 50,
             "opennds": 95, "ronda": 95, "mwan3": 19}  # fmt: skip
# procd mounts nothing here: it runs what is enabled, in its order
_BOOT = """
mkdir -p /tmp/run /tmp/lock /tmp/log /tmp/etc
ip link set lo up
for script in /etc/rc.d/S*; do "$script" boot; done
mkdir -p /tmp/run/config.md5
for file in /etc/config/*; do md5sum <"$file" >"/tmp/run/config.md5/${file##*/}"; done
: >/tmp/run/booted
exec sleep 2147483647
"""
_CONFIG = {
    "network": """
config interface 'loopback'
\toption device 'lo'
\toption proto 'static'

config interface 'wan'
\toption device 'wan'
\toption proto 'static'
\toption ipaddr '{own}'
\toption netmask '255.255.255.0'
\toption gateway '{gate}'
\tlist dns '203.0.113.53'
""",
    "dhcp": """
config dnsmasq
\toption domain 'lan'

config dhcp 'lan'
\toption interface 'lan'
\toption start '100'
\toption limit '150'
\toption leasetime '12h'
""",
    "system": """
config system
\toption hostname 'desa'
\toption timezone 'UTC'

config timeserver 'ntp'
\toption enabled '1'
\tlist server '0.openwrt.pool.ntp.org'
""",
    "wireless": """
config wifi-device 'radio0'
\toption type 'mac80211'
\toption channel '6'

config wifi-iface
\toption device 'radio0'
\toption mode 'ap'
\toption ssid 'kantor'
\toption encryption 'psk2'
\toption key 'lama-sekali'
""",
    "firewall": """
config defaults
\toption input 'ACCEPT'
""",
    "dropbear": """
config dropbear
\toption Port '22'
""",
}


class OpenWrt:
    """Its WAN is the only interface; /var is in memory, as /tmp is."""

    interface = "wan"
    shell = "/bin/ash"

    def furnish(self, disk: Path, public_key: str) -> None:
        busy = {f"bin/{name}": "busybox" for name in APPLETS.split()}
        real = {"sbin/ip": "/host/usr/bin/ip", "usr/sbin/nft": "/host/usr/sbin/nft"}
        real |= {f"usr/sbin/{name}": f"/host/usr/sbin/{name}" for name in ("dropbear", "dnsmasq")}
        # the name it is run by is that of the applet
        linked(disk, {"bin/busybox": "/host/usr/bin/busybox", **busy, **real})
        libraries = {"lib": "/host/usr/lib", "lib64": "/host/usr/lib64", "usr/lib": "/host/usr/lib"}
        linked(
            disk,
            {**libraries, "var": "/tmp", "etc/resolv.conf": "/tmp/resolv.conf.d/resolv.conf.auto"},
        )
        for name in _PROGRAMS.split():
            written(disk, {f"sbin/{name}": (TOOLS / name).read_text()}, 0o755)
        for name in ("etc/ssl/acme", "overlay/upper"):
            (disk / name).mkdir(parents=True)
        written(disk, {"sbin/reboot": "#!/bin/sh\ntouch /.reboot\n"}, 0o755)
        written(disk, {"etc/rc.common": (TOOLS / "rc.common").read_text()}, 0o755)
        self._services(disk)
        own, gate = address()
        for name, text in _CONFIG.items():
            text = text.replace("{own}", own.partition("/")[0]).replace("{gate}", gate)
            written(disk, {f"etc/config/{name}": text}, 0o600)
        names = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
        written(disk, {"etc/openwrt_release": "DISTRIB_RELEASE='23.05.5'\n", "etc/hosts": names})
        authorized(disk, "etc/dropbear/authorized_keys", public_key)
        (disk / "root/.ssh").symlink_to("/etc/dropbear")
        key = str(disk / "etc/dropbear/dropbear_key")
        made = ["dropbearkey", "-t", "ed25519", "-f", key]
        subprocess.run(made, check=True, capture_output=True, timeout=60)

    def boot(self) -> str:
        return _BOOT

    def _services(self, disk: Path) -> None:
        own = {name: (TOOLS / name).read_text() for name in _OWN}
        plain = (TOOLS / "plain").read_text()
        own |= {name: plain.replace("50", str(at)) for name, at in _SERVICES.items()}
        for name, text in own.items():
            written(disk, {f"etc/init.d/{name}": text}, 0o755)
            start = text.split("START=")[1].split()[0]
            linked(disk, {f"etc/rc.d/S{start}{name}": f"../init.d/{name}"})
