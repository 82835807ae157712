# shellcheck shell=dash
# What every part needs: the two clocks, the log, chance, and a time limit for what has none.

# the day of this release: a wall clock before it is certainly wrong
BUILT=1795132800

# the only place that asks the wall clock
wall() { date +%s; }

# since boot, which nobody ever sets: UP as the kernel writes it, NOW in seconds, CENTS in hundredths
up() {
  read -r UP _ <"$PROC/uptime"
  NOW=${UP%.*}
  CENTS=$((NOW * 100 + 1${UP#*.} - 100))
}

# hundredths as seconds, in SECONDS_PASSED: a program for each look would cost more than the look
passed() { SECONDS_PASSED=$(($1 / 100)).$(($1 % 100 / 10))$(($1 % 10)); }

boot() { cut -c1-8 "$PROC/sys/kernel/random/boot_id" 2>/dev/null || echo unknown; }

fresh() { tr -d - <"$PROC/sys/kernel/random/uuid"; }

# a number from 0 up to, not including, the first word
chance() {
  local digits
  digits=$(fresh | cut -c1-6)
  echo $((0x$digits % $1))
}

tell() { logger -t ronda -p daemon.notice -- "$1" 2>/dev/null || echo "ronda: $1" >&2; }

# a trouble is told when it begins or changes, not each minute; KEY is a file name
complain() {
  local key=$1 text=$2
  if [ "$(cat "$RUN/said/$key" 2>/dev/null)" != "$text" ]; then
    tell "$text"
    printf '%s\n' "$text" >"$RUN/said/$key"
  fi
}

settled() {
  [ -e "$RUN/said/$1" ] || return 0
  rm -f "$RUN/said/$1"
  tell "$2"
}

# `keep FILE` from standard input: whole or not at all, and to flash only when it changed
keep() {
  cat >"$1.new" || return 1
  if cmp -s "$1.new" "$1"; then rm -f "$1.new"; else mv "$1.new" "$1"; fi
}

# `limited SECONDS COMMAND...`: its status, or that of a killed one
limited() {
  local most=$1 job nurse code
  shift
  "$@" &
  job=$!
  (
    nap=
    trap '[ -z "$nap" ] || kill "$nap"; exit 0' TERM
    sleep "$most" &
    nap=$!
    wait "$nap" && kill -9 "$job"
  ) >/dev/null 2>&1 &
  nurse=$!
  wait "$job" 2>/dev/null
  code=$?
  kill "$nurse" 2>/dev/null
  wait "$nurse" 2>/dev/null
  return "$code"
}

# text as a label's value, in LABEL
label() {
  LABEL=$1
  case $1 in *[\\\"]*) LABEL=$(printf '%s' "$1" | sed 's/[\\"]/\\&/g') ;; esac
}
