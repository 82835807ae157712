# shellcheck shell=dash
# How much of the day's bytes is used, and what that leaves room for. Nobody here counts packets:
# a connection costs what the centre counts for it, COSTS, and what it carried.
#
# all --80 %--> reports less often --100 %--> changes, and a report each half hour --125 %--> one an hour

thrift_begin() {
  SPENT='' DAY=''
  [ ! -s "$RUN/spent" ] || read -r SPENT DAY <"$RUN/spent"
  SPENT=${SPENT:-0}
  pace
}

# `spend BYTES`
spend() { [ -z "$MOST_KB" ] || SPENT=$((SPENT + $1)); }

# of a request that got as far as the other side: what went up and what came
spend_on() {
  [ -n "$MOST_KB" ] && [ "$STATUS$BADCERT" != 000 ] || return 0
  spend $((COSTS + $(cat "${1:-/dev/null}" "$SCRATCH/answer" 2>/dev/null | wc -c)))
  echo "$SPENT $DAY" >"$RUN/spent"
}

# a look at what is not in the village
spend_on_look() {
  local host=$2
  [ -n "$MOST_KB" ] || return 0
  case $1 in
    known) spend "$COSTS" && return ;;
    http)
      host=${host#*://}
      host=${host%%/*}
      ;;
  esac
  case $host in
    10.* | 127.* | 192.168.* | 172.1[6-9].* | 172.2?.* | 172.3[01].* | 169.254.*) return ;;
    *.*) ;;
    *) return ;;
  esac
  case $1 in
    ping) spend 588 ;;
    http | tcp) spend 2500 ;;
  esac
}

# the day of the site turns by the centre's word alone: a clock in 1970 forgives nothing
turn_day() {
  local day=$(((LEARNED + AHEAD_S) / 86400))
  [ "$day" != "$DAY" ] || return 0
  # what was spent before any day was known belongs to this one
  [ -z "$DAY" ] || SPENT=0
  DAY=$day
}

# how much is left: THRIFT 0 to 3, PACE_S between reports
pace() {
  local kb=$((SPENT / 1000)) holds=240
  THRIFT=0 PACE_S=$REPORT_S
  [ -n "$MOST_KB" ] || return 0
  # the next report still comes while the numbers of this one hold
  [ $((REPORT_S * 2)) -le "$holds" ] || holds=$((REPORT_S * 2))
  if [ $((kb * 4)) -ge $((MOST_KB * 5)) ]; then
    THRIFT=3 PACE_S=3600
  elif [ "$kb" -ge "$MOST_KB" ]; then
    THRIFT=2 PACE_S=1800
  elif [ $((kb * 5)) -ge $((MOST_KB * 4)) ]; then
    THRIFT=1 PACE_S=$((REPORT_S * 4 < holds ? REPORT_S * 4 : holds))
  fi
  [ "$PACE_S" -ge "$REPORT_S" ] || PACE_S=$REPORT_S
  [ "$PACE_S" -le 3600 ] || PACE_S=3600
  if [ "$THRIFT" -gt 0 ]; then
    complain bytes "bytes of the day: nearly used or over, reports come every $PACE_S s"
  else
    settled bytes "bytes of the day: there is room again"
  fi
}

# the past may have half of a day
spares_the_past() { [ -n "$MOST_KB" ] && [ $((SPENT / 500)) -ge "$MOST_KB" ]; }
