# shellcheck shell=dash
# Reports that are not at the centre yet, a file each in RAM, named by their number; with a `!` where
# a verdict changed. Written before they are sent: whoever is killed meanwhile finds them again.

MOST=300
# at most so many of what waited between two fresh reports: reports come first
AT_ONCE=20

spool_begin() {
  mkdir -p "$RUN/queue" "$RUN/said" "$RUN/looks"
  rm -f "$RUN/queue/"*.new
  SEQ=$(cat "$RUN/seq" 2>/dev/null)
  DROPPED=$(cat "$RUN/dropped" 2>/dev/null)
  SEQ=${SEQ:-0} DROPPED=${DROPPED:-0}
  begin_run
}

# a boot is a run of its own; uptimes of another say nothing of when that was
begin_run() {
  local file
  [ "$(cat "$RUN/boot" 2>/dev/null)" != "$(boot)" ] || return 0
  for file in "$RUN/queue/"*; do
    [ ! -e "$file" ] || drop "$file"
  done
  rm -f "$RUN/looks/"*
  fresh | cut -c1-16 | keep "$RUN/spool"
  boot | keep "$RUN/boot"
}

waiting() { set -- "$RUN/queue/"*; [ -e "$1" ] && echo $# || echo 0; }

drop() {
  rm -f "$1"
  DROPPED=$((DROPPED + 1))
  echo "$DROPPED" >"$RUN/dropped"
}

# half of what is least missed goes, evenly, so that a long outage is still told from end to end
make_room() {
  local file odd='' gone=''
  [ "$(waiting)" -ge "$MOST" ] || return 0
  for file in "$RUN/queue/"*[0-9]; do
    [ -e "$file" ] || break
    if [ -n "$odd" ]; then
      odd=''
      drop "$file"
      gone=1
    else
      odd=1
    fi
  done
  [ -n "$gone" ] && return
  set -- "$RUN/queue/"*
  drop "$1"
}

# `put_down [!]`: one report from what is known now; its file is FRESH
put_down() {
  make_room
  SEQ=$((SEQ + 1))
  echo "$SEQ" >"$RUN/seq.new" && mv "$RUN/seq.new" "$RUN/seq"
  FRESH=$RUN/queue/$(printf '%010d' "$SEQ")${1:-}
  up
  {
    echo "seq=$SEQ"
    echo "uptime=$UP"
    echo "spool=$(cat "$RUN/spool")"
    echo "boot=$(boot)"
    echo "at=$(wall)"
    if [ "$THRIFT" -gt 0 ]; then
      echo "every_s=$PACE_S"
    elif [ -n "$EVERY_TOLD" ]; then
      echo "every_s=$EVERY_TOLD"
    fi
    facts
    seen
    echo "ronda_agent_spool_entries=$(waiting)"
    echo "ronda_agent_spool_dropped_total=$DROPPED"
  } >"$FRESH.new"
  mv "$FRESH.new" "$FRESH"
}

# the newest first, so that the centre knows how things are; then what is owed, oldest first
send_all() {
  local file count=0
  send_one "$FRESH" || return
  spares_the_past && return
  for file in "$RUN/queue/"*; do
    [ -e "$file" ] && [ "$count" -lt "$AT_ONCE" ] || break
    case $file in *.new) continue ;; esac
    send_one "$file" || return
    count=$((count + 1))
    sleep 1
  done
}

# 0 when it is off our hands
send_one() {
  local body=$RUN/body seq
  seq=$(sed -n 's/^seq=//p' "$1")
  {
    cat "$1"
    up
    [ "$1" = "$FRESH" ] || echo "sent=$UP"
    token_line
    echo "end=$seq"
  } >"$body"
  ask /api/v1/reports/flat "$body"
  [ -z "$BADCERT" ] || ! mend_clock || ask /api/v1/reports/flat "$body"
  rm -f "$body"
  case $STATUS in
    200) taken "$1" "$seq" ;;
    400 | 411 | 413)
      complain refused "the centre refuses report $seq: ${TROUBLE:-$(head -n 1 "$SCRATCH/answer")}"
      drop "$1"
      ;;
    401)
      complain send "the centre does not know this device any more: make its script anew"
      return 1
      ;;
    000)
      complain send "no report reaches $URL: $TROUBLE"
      return 1
      ;;
    *)
      complain send "$URL answers $STATUS"
      return 1
      ;;
  esac
}

# a billing page answers 200 as well: only `ok` and our own number count
taken() {
  local said
  read -r said <"$SCRATCH/answer"
  if [ "${said%"$CR"}" != "ok $2" ]; then
    complain send "another page answers instead of $URL"
    return 1
  fi
  rm -f "$1"
  settled send "reports reach $URL again"
  said=$(sed -n 's/^error //p' "$SCRATCH/answer" | sort | tr '\n' ';')
  if [ -n "$said" ]; then
    complain lines "the centre does not take: $said"
  else
    settled lines "the centre takes all lines again"
  fi
  said=$(sed -n 's/^time \([0-9]\{9,11\}\).*/\1/p' "$SCRATCH/answer")
  if [ -n "$said" ]; then
    LEARNED=$said
    echo "$said" >"$RUN/learned"
    turn_day
  fi
  TAG=$(sed -n 's/^config \([0-9A-Za-z]*\).*/\1/p' "$SCRATCH/answer")
}
