"""A mini-PC with Debian: OpenSSH, units that are enabled start at boot; with systemd or without."""

import subprocess
from pathlib import Path

from tests.playbooks.devices.linux import address, authorized, linked, written

_SSHD = """
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin yes
UsePAM no
PidFile none
Subsystem sftp /usr/lib/openssh/sftp-server
"""
# a unit is started if a link in multi-user.target.wants names it, as systemd reads them
_BOOT = """
mkdir -p /run/sshd /run/lock {more}
ip link set lo up
sh /etc/network/up
[ ! -f /etc/nftables.conf ] || nft -f /etc/nftables.conf
/usr/sbin/sshd -f /etc/ssh/sshd_config
for unit in /etc/systemd/system/multi-user.target.wants/*.service; do
  start=$(sed -n 's/^ExecStart=//p' "$unit" 2>/dev/null)
  [ -z "$start" ] || sh -c "$start" </dev/null >>/run/units.log 2>&1 &
done
: >/run/booted
exec sleep infinity
"""
_TOOLS = [
    "systemctl",
    "resolvectl",
    "timedatectl",
    "reboot",
    "ifup",
    "ifdown",
    "mysqladmin",
    "certbot",
]
# what systemd-run does with a timer, without systemd: only options that it knows
_SYSTEMD_RUN = """#!/bin/sh
after=0
while :; do
  case $1 in
    --quiet|--collect|--timer-property=*|--property=*) ;;
    --unit=*) unit=${1#--unit=} ;;
    --on-active=*) after=${1#--on-active=} ;;
    -*) echo "systemd-run: unrecognized option '$1'" >&2; exit 1 ;;
    *) break ;;
  esac
  shift
done
[ ! -e "/run/timers/$unit" ] || { echo "Failed to start: unit $unit exists" >&2; exit 1; }
setsid sh -c 'echo $$ >"/run/timers/$1"; sleep "$2"; rm "/run/timers/$1"; shift 2; exec "$@"' \\
  timer "$unit" "$after" "$@" </dev/null >/dev/null 2>&1 &
"""
TOOLS = Path(__file__).parent / "debian_tools"
KNOWN = "ssh ronda-agent wg-quick@wg0 nginx php8.2-fpm mariadb freeradius opennds systemd-timesyncd"
# programs of village servers that only write down how they were called
NOTED = (
    "networkctl journalctl apt-get nginx freeradius mysqlcheck mysqldump docker mtr ethtool curl"
)
_RESOLV = "nameserver 203.0.113.53\n"


class Debian:
    """`systemd`: it runs there, with a stand-in for `systemd-run`."""

    interface = "eth0"
    shell = "/bin/sh"

    def __init__(self, systemd: bool = False) -> None:
        self.systemd = systemd

    def furnish(self, disk: Path, public_key: str) -> None:
        links = {name: f"usr/{name}" for name in ("bin", "sbin", "lib", "lib64")}
        of_usr = ("bin", "sbin", "lib", "lib64", "share", "libexec")
        links |= {f"usr/{name}": f"/host/usr/{name}" for name in of_usr}
        linked(disk, {**links, "var/run": "/run", "etc/alternatives": "/host/etc/alternatives"})
        (disk / "var/lib/dpkg/updates").mkdir(parents=True)
        (disk / "etc/localtime").symlink_to("/usr/share/zoneinfo/Etc/UTC")
        own, gate = address()
        up = f"ip addr add {own} dev eth0\nip link set eth0 up\nip route add default via {gate}\n"
        files = {
            "etc/network/up": up,
            "etc/ssh/sshd_config": _SSHD,
            "etc/resolv.conf": _RESOLV,
            "etc/debian_version": "12.11\n",
            "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
            "etc/timezone": "Etc/UTC\n",
            "var/lib/dpkg/status": "",
            "etc/systemd/known": "\n".join(KNOWN.split()) + "\n",
        }
        written(disk, files)
        (disk / "etc/systemd/system").mkdir(parents=True)
        tools = {name: (TOOLS / name).read_text() for name in _TOOLS}
        tools |= dict.fromkeys(NOTED.split(), (TOOLS / "noted").read_text())
        if self.systemd:
            tools["systemd-run"] = _SYSTEMD_RUN
        written(disk / "usr/local/sbin", tools, 0o755)
        authorized(disk, "root/.ssh/authorized_keys", public_key)
        key = disk / "etc/ssh/ssh_host_ed25519_key"
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
        subprocess.run(made, check=True, timeout=60)

    def boot(self) -> str:
        return _BOOT.format(more="/run/systemd/system /run/timers" if self.systemd else "")
