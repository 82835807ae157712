#!/bin/sh
# shellcheck shell=dash source-path=SCRIPTDIR
# The agent of Ronda on OpenWrt: `ronda.sh run | once | status`.
#
# Needs busybox and curl or uclient-fetch; asks ubus, uci and iwinfo where they are. Reports as
# lines (docs/protocol.md, Flat reports), keeps what cannot be sent in RAM.

HOME_DIR=${0%/*}
ETC=${RONDA_ETC:-/etc/ronda}
RUN=${RONDA_RUN:-/tmp/ronda}
# where answers of the centre are put
SCRATCH=$RUN
PROC=${RONDA_PROC:-/proc}
SYS=${RONDA_SYS:-/sys}
LEASES=${RONDA_LEASES:-/tmp/dhcp.leases}
NTP=${RONDA_NTP-162.159.200.1 216.239.35.0}
LEAST_LOOK_S=${RONDA_LEAST_LOOK_S:-10}
CR=$(printf '\r')
CHANGED='' TAG='' LINE='' TOKEN='' MORE='' HEADERS=''

. "$HOME_DIR/common.sh"
. "$HOME_DIR/wire.sh"
. "$HOME_DIR/facts.sh"
. "$HOME_DIR/looks.sh"
. "$HOME_DIR/spool.sh"
. "$HOME_DIR/thrift.sh"
. "$HOME_DIR/centre.sh"

settings() {
  SITE='' URL='' CODE='' CA='' WAN=wan EVERY_S='' VERSION='' COSTS=6000
  # shellcheck disable=SC1091
  . "$ETC/settings" || exit 2
  [ -n "$SITE" ] && [ -n "$URL" ] && return
  echo "ronda: $ETC/settings names no SITE or URL" >&2
  exit 2
}

begin() {
  settings
  choose_client
  spool_begin
  LEARNED=$(cat "$RUN/learned" 2>/dev/null)
  understand
  thrift_begin
}

# one at a time: who was killed does not count
alone() {
  local other
  mkdir -p "$RUN"
  if ! mkdir "$RUN/lock" 2>/dev/null; then
    other=$(cat "$RUN/lock/pid" 2>/dev/null)
    if [ -n "$other" ] && grep -qs 'ronda\.sh' "/proc/$other/cmdline"; then
      echo "ronda: process $other is at it already" >&2
      exit 1
    fi
    mkdir -p "$RUN/lock"
  fi
  echo "$$" >"$RUN/lock/pid"
  trap 'leave' INT TERM
}

leave() {
  trap '' INT TERM
  [ -z "${NAP:-}" ] || kill "$NAP" 2>/dev/null
  farewell
  rm -rf "$RUN/lock"
  exit 0
}

# who is switched off by hand is not missed; procd waits five seconds
farewell() {
  [ -n "$HEADERS" ] && [ -s "$ETC/token" ] && [ "${AGAIN:-0}" = 0 ] || return
  put_down
  TOKEN=$(cat "$ETC/token") MORE="X-Ronda-Shutdown: 1" MOST_S=4
  send_one "$FRESH"
}

# a signal ends it at once
rest() {
  sleep "$1" &
  NAP=$!
  wait "$NAP"
  NAP=''
}

report() {
  put_down "${CHANGED:+!}"
  CHANGED=''
  # the line has just come back: do not wait for the end of a pause
  [ "$LINE" = 1 ] && [ "${LINE_BEFORE:-1}" = 0 ] && AGAIN=0
  LINE_BEFORE=$LINE
  up
  [ "$NOW" -ge "${AGAIN:-0}" ] || return 1
  TOKEN=$(cat "$ETC/token")
  if send_all; then
    FAILED=0 AGAIN=0
    follow
    return
  fi
  pause
  return 1
}

# 1, 2, 4, ... intervals up to five minutes, and a part by chance: a district that has power again
# must not come all at once
pause() {
  local most=$((REPORT_S > 300 ? REPORT_S : 300))
  FAILED=$((${FAILED:-0} + 1))
  PAUSE=$((FAILED > 8 ? most : REPORT_S << (FAILED - 1)))
  [ "$PAUSE" -le "$most" ] || PAUSE=$most
  [ "$FAILED" -gt 1 ] || PAUSE=0
  up
  AGAIN=$((NOW + PAUSE + $(chance $((REPORT_S / 2 + 1)))))
}

next_of_looks() {
  local due
  NEXT=$1
  for due in "$RUN/looks/"*.due; do
    [ -e "$due" ] || return 0
    read -r due <"$due"
    [ "$due" -ge "$NEXT" ] || NEXT=$due
  done
}

# a code that is not taken yet is asked for once a minute
join() {
  enrolled && return
  up
  if [ "$NOW" -ge "${JOIN_AGAIN:-0}" ]; then
    JOIN_AGAIN=$((NOW + 60 + $(chance 10)))
    enrol && return
  fi
  [ -s "$ETC/token" ]
}

run() {
  local due=0 left begun
  while :; do
    if ! join; then
      rest 10
      continue
    fi
    up
    look_around
    up
    begun=$NOW
    pace
    if [ "$NOW" -ge "$due" ] || { [ -n "$CHANGED" ] && [ "$THRIFT" -lt 3 ]; }; then
      report
      # it may be another day by now
      pace
      due=$((begun + PACE_S))
    fi
    next_of_looks "$due"
    up
    left=$((NEXT - NOW))
    rest $((left > 0 ? left : 1))
  done
}

once() {
  enrolled || enrol || exit 1
  up
  look_around all
  report
}

# looks, and touches nothing: the agent is at work meanwhile
status() {
  local file
  settings
  choose_client
  echo "site     $SITE"
  echo "centre   $URL"
  echo "enrolled $([ -s "$ETC/token" ] && echo yes || echo no)"
  echo "client   $CLIENT${CA:+, trusting $CA alone}"
  echo "reports  $(cat "$RUN/seq" 2>/dev/null || echo 0) made, $(waiting) waiting, $(cat "$RUN/dropped" 2>/dev/null || echo 0) dropped"
  for file in "$RUN/said/"*; do
    [ ! -e "$file" ] || echo "trouble  $(cat "$file")"
  done
}

umask 077
case ${1:-} in
  run)
    alone
    begin
    run
    ;;
  once)
    alone
    begin
    once
    code=$?
    rm -rf "$RUN/lock"
    exit "$code"
    ;;
  status) status ;;
  *)
    echo "usage: ronda.sh run | once | status" >&2
    exit 2
    ;;
esac
