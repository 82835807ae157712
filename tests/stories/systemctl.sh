#!/bin/sh
# What guides ask of systemctl, on a machine whose first process is another: the unit's
# ExecStart, as its User, with its Environment, EnvironmentFile and StateDirectory.
set -eu
units=/etc/systemd/system

of() { sed -n "s/^$1=//p" "$units/$name.service"; }

stop() {
    [ -f "/var/lib/$name.pid" ] || return 0
    kill "$(cat "/var/lib/$name.pid")" 2>/dev/null || true
    for _ in $(seq 300); do
        kill -0 "$(cat "/var/lib/$name.pid")" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$(cat "/var/lib/$name.pid")" 2>/dev/null || true
    rm "/var/lib/$name.pid"
}

start() {
    user=$(of User)
    for folder in $(of StateDirectory); do
        mkdir -p "/var/lib/$folder"
        chown -R "$user:" "/var/lib/$folder"
        chmod "$(of StateDirectoryMode)" "/var/lib/$folder"
    done
    settings=$(of Environment; for file in $(of EnvironmentFile); do cat "$file"; done)
    cd "$(of WorkingDirectory)/"
    # shellcheck disable=SC2046,SC2086  # a unit's words are parted by spaces
    setsid setpriv --reuid "$user" --regid "$user" --init-groups \
        env -i "PATH=$PATH" $settings $(of ExecStart) >>"/var/log/$name.log" 2>&1 </dev/null &
    echo $! >"/var/lib/$name.pid"
}

case $1 in
daemon-reload) exit 0 ;;
enable) [ "$2" = --now ] || exit 0; name=$3 ;;
*) name=$2 ;;
esac
case $1 in
enable | start) start ;;
restart) stop; start ;;
stop) stop ;;
*) echo "systemctl: $*?" >&2; exit 1 ;;
esac
