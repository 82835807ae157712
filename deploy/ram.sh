#!/bin/sh
# Where tests put their files: memory where there is plenty that programs may run from, else the
# disk. They wait for it thousands of times, and what outlives kill -9 is the same in both.
set -eu
ram=/dev/shm
enough_kib=4194304
if [ -w "$ram" ] && [ "$(df -Pk "$ram" | awk 'NR == 2 { print $4 }')" -ge "$enough_kib" ] &&
    awk -v enough="$enough_kib" '/^MemAvailable/ { exit $2 < 2 * enough }' /proc/meminfo &&
    ! grep -Eq " $ram tmpfs [^ ]*noexec" /proc/mounts; then
    echo "$ram"
else
    echo "${TMPDIR:-/tmp}"
fi
