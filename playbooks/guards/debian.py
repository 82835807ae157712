"""The net on Debian: systemd's timer where it runs, else a process that waits; a unit at boot."""

from playbooks.guards.shell import STOP_TIMER, TIMER_RAN, Shell

_FUNCTIONS = """
detached() {
  setsid sh "$dir/net" "$@" </dev/null >/dev/null 2>&1 &
}

timer() {
  # what an undo starts must live on when its unit ends: only the script itself is ended
  [ -d /run/systemd/system ] &&
    systemd-run --quiet --collect --unit=ronda-guard-@RUN@ --on-active="$1" \\
      --timer-property=AccuracySec=1s --property=KillMode=process /bin/sh "$dir/net" undo &&
    return
  detached wait "$1"
}

last_resort() { :; }
"""
_UNIT = """[Unit]
Description=Ronda: take back run @RUN@ after a restart
After=network.target
[Service]
Type=oneshot
KillMode=process
ExecStart=/bin/sh @DIR@/net boot
[Install]
WantedBy=multi-user.target
"""
_UNITS = "/etc/systemd/system"
_NAME = "ronda-guard-boot-@RUN@.service"
_WANTS = f"{_UNITS}/multi-user.target.wants"
# written by hand: systemctl wants a systemd that runs
_BOOT = f"""
umask 022
mkdir -p {_WANTS} && printf '%s' '{_UNIT}' >{_UNITS}/{_NAME} &&
  ln -sf ../{_NAME} {_WANTS}/{_NAME} && sync
"""
_UNBOOT = f"rm -f {_WANTS}/{_NAME} {_UNITS}/{_NAME}; rmdir {_WANTS} 2>/dev/null"
_STOP = f"""
[ ! -d /run/systemd/system ] || systemctl stop ronda-guard-@RUN@.timer 2>/dev/null
{STOP_TIMER.strip()}
"""
_TIMER_STARTS = """
mark=@LIVE@.proof
rm -f "$mark"
touch="umask 077; : >$mark"
[ -d /run/systemd/system ] &&
  systemd-run --quiet --collect --unit=ronda-guard-proof-@RUN@ --on-active=1 \\
    --timer-property=AccuracySec=1s /bin/sh -c "$touch" ||
  setsid sh -c "sleep 1; $touch" </dev/null >/dev/null 2>&1 &
"""
_BOOT_WORKS = f"""
made=; [ -d {_WANTS} ] || made={_WANTS}
trap 'rm -f {_WANTS}/{_NAME} {_UNITS}/{_NAME}; [ -z "$made" ] || rmdir "$made"' EXIT
{{ {_BOOT.strip()}; }} || {{ echo "units cannot be written to {_UNITS}"; exit 1; }}
is=$(systemctl --root=/ is-enabled {_NAME} 2>&1)
[ "$is" = enabled ] || {{ echo "systemd would not start a unit at boot: $is"; exit 1; }}
echo "ronda-guard works"
"""
FOLDER_WORKS = """
umask 077
[ "$(id -u)" = 0 ] || { echo "only root can lay a net"; exit 1; }
for net in @BASE@/*/armed @BASE@/*/again @BASE@/*/undoing; do
  [ ! -e "$net" ] || { echo "the net of another run is still out: wait for its end: $net"; exit 1; }
done
trap 'rm -rf @BASE@/proof-@RUN@; rmdir @BASE@ 2>/dev/null' EXIT
mkdir -p @BASE@/proof-@RUN@ && cd @BASE@/proof-@RUN@ && : >one && mv one two && [ ! -e one ] &&
  [ -e two ] && sync || { echo "files cannot be written to @BASE@"; exit 1; }
free=$(df -k . | awk 'END { print $(NF - 2) }')
[ "$free" -ge @SPACE@ ] || { echo "only $free kB are free in @BASE@"; exit 1; }
cd /
echo "ronda-guard works"
"""

DEBIAN = Shell(
    base="/var/lib/ronda-guard",
    functions=_FUNCTIONS,
    boot=_BOOT,
    unboot=_UNBOOT,
    stop=_STOP,
    proofs=(FOLDER_WORKS.replace("@SPACE@", "4096"), _TIMER_STARTS + TIMER_RAN, _BOOT_WORKS),
)
