"""The net on OpenWrt: a process that waits, an init script, and a copy of the configuration.

Only what every image has: neither setsid nor flock nor timeout is in its busybox.
"""

from playbooks.guards.debian import FOLDER_WORKS
from playbooks.guards.shell import STOP_TIMER, TIMER_RAN, Shell

_FUNCTIONS = """
detached() {
  start-stop-daemon -S -b -p "$live.none" -x /bin/sh -- "$dir/net" "$@"
}

timer() { detached wait "$1"; }

last_resort() {
  for file in config/*; do
    name=${file#config/}
    [ -f "$file" ] && ! cmp -s "$file" "/etc/config/$name" || continue
    echo "put back $name as it was"
    cp -p "$file" "/etc/config/.$name" && mv "/etc/config/.$name" "/etc/config/$name"
    uci -q revert "$name"
  done
  reload_config
}
"""
_INIT = """#!/bin/sh /etc/rc.common
START=99
start() {
  start-stop-daemon -S -b -p @LIVE@.none -x /bin/sh -- @DIR@/net boot
}
"""
_NAME = "ronda-guard-@RUN@"
_LINK = f"/etc/rc.d/S99{_NAME}"
_BOOT = f"""
umask 077
rm -rf @DIR@/config && cp -pR /etc/config @DIR@/config && chmod 700 @DIR@/config &&
  printf '%s' '{_INIT}' >/etc/init.d/{_NAME} && chmod 700 /etc/init.d/{_NAME} &&
  ln -sf ../init.d/{_NAME} {_LINK} && sync
"""
_UNBOOT = f"rm -f {_LINK} /etc/init.d/{_NAME}"
_TIMER_STARTS = """
mark=@LIVE@.proof
rm -f "$mark"
start-stop-daemon -S -b -p @LIVE@.none -x /bin/sh -- -c "sleep 1; umask 077; : >$mark"
"""
_BOOT_WORKS = f"""
umask 077
trap '{_UNBOOT}' EXIT
# an overlay in memory, after a failed start or before the flash is ready, forgets all at a restart
! grep -q '^overlayfs:/tmp/root ' /proc/mounts || {{ echo "/etc is in memory only"; exit 1; }}
[ -f /etc/rc.common ] || {{ echo "there is no /etc/rc.common"; exit 1; }}
printf '%s' '{_INIT}' >/etc/init.d/{_NAME} && chmod 700 /etc/init.d/{_NAME} &&
  ln -sf ../init.d/{_NAME} {_LINK} && /etc/init.d/{_NAME} enabled ||
  {{ echo "init scripts cannot be written to /etc/init.d"; exit 1; }}
echo "ronda-guard works"
"""

OPENWRT = Shell(
    base="/etc/ronda-guard",
    functions=_FUNCTIONS,
    boot=_BOOT,
    unboot=_UNBOOT,
    stop=STOP_TIMER,
    proofs=(FOLDER_WORKS.replace("@SPACE@", "256"), _TIMER_STARTS + TIMER_RAN, _BOOT_WORKS),
)
