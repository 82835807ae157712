# shellcheck shell=dash disable=SC3045
# Looks at the checks of the site. Each has a file in $RUN/looks, its lines of the report; beside it its
# verdict and when it is due again. CHANGED is set when a verdict is another than before.

MOST_AT_ONCE=4
SEPARATOR=$(printf '\037')

# `look_around [all]`: at what is due
look_around() {
  local number=0 running=0 kind name uplink every where port wait
  mkdir -p "$RUN/looks"
  [ -s "$RUN/checks" ] || return
  while IFS=$SEPARATOR read -r kind name uplink every where port wait; do
    number=$((number + 1))
    [ -n "$kind" ] && is_due "$number" "${1:-}" || continue
    [ "$every" -ge 1 ] 2>/dev/null || every=$LOOK_S
    spend_on_look "$kind" "$where"
    # who spares bytes looks as much less often
    [ "$THRIFT" = 0 ] || every=$((every * 4))
    look "$number" "$kind" "$name" "$every" "$where" "$port" "$wait" &
    running=$((running + 1))
    [ $((running % MOST_AT_ONCE)) -ne 0 ] || wait
  done <"$RUN/checks"
  wait
  for number in "$RUN/looks/"*.changed; do
    [ ! -e "$number" ] || { CHANGED=1 && rm -f "$number"; }
  done
}

is_due() {
  local due=0
  [ "$2" != all ] || return 0
  [ ! -s "$RUN/looks/$1.due" ] || read -r due <"$RUN/looks/$1.due"
  [ "$due" -le "$NOW" ]
}

look() {
  local number=$1 kind=$2 name=$3 every=$4 before lines="$RUN/looks/$1"
  shift 4
  verdict_of "$lines"
  before=$WAS
  look_once "$kind" "$name" "$@" >"$lines.new"
  if [ "$before" != bad ] && [ "$VERDICT" = bad ]; then
    # a blip is not news
    sleep 2
    look_once "$kind" "$name" "$@" >"$lines.new"
  fi
  [ -z "$before" ] || [ "$before" = "$VERDICT" ] || : >"$lines.changed"
  mv "$lines.new" "$lines"
  echo "$VERDICT" >"$lines.is"
  up
  echo $((NOW + every)) >"$lines.due"
}

# what was last seen of a check, in WAS
verdict_of() {
  WAS=
  [ ! -s "$1.is" ] || read -r WAS <"$1.is"
}

# `look_once KIND NAME WHERE PORT WAIT`
look_once() {
  local kind=$1 name=$2 begun
  shift 2
  up
  begun=$CENTS
  WHY='' VALUES='' VERDICT=unknown
  label "$name"
  case $kind in
    ping) look_ping "$name" "$@" ;;
    tcp) look_tcp "$@" ;;
    http) look_http "$@" ;;
    dns) look_dns "$@" ;;
    known) look_known "$@" ;;
  esac
  up
  passed $((CENTS - begun))
  echo "check.$name=$VERDICT${WHY:+:$WHY}"
  echo "ronda_check_duration_seconds{check=\"$LABEL\"}=$SECONDS_PASSED"
  [ -z "$VALUES" ] || printf '%s\n' "$VALUES"
}

look_ping() {
  local host=$2 wait=${4:-2} said
  [ "$host" != gateway ] || host=$(ip -4 route show default 2>/dev/null | sed -n 's/.* via \([^ ]*\).*/\1/p' | head -n 1)
  if [ -z "$host" ]; then
    VERDICT=bad WHY="no default gateway"
    return
  fi
  [ "$wait" -ge 1 ] 2>/dev/null && [ "$wait" -le 10 ] || wait=2
  said=$(ping -c 3 -W "$wait" -w $((wait + 5)) "$host" 2>&1)
  case $said in
    *" 0% packet loss"* | *"min/avg/max"*) VERDICT=good ;;
    *"bad address"* | *"not known"*) VERDICT=bad WHY="the name $host is not found" ;;
    *"ermission denied"* | *"not permitted"*) VERDICT=unknown WHY="may not ping" ;;
    *) VERDICT=bad WHY="no answer from $host" ;;
  esac
  # not by -v: awk would take its backslashes for its own
  VALUES=$(printf '%s\n' "$said" | target=$LABEL awk '
    BEGIN { target = ENVIRON["target"] }
    / packet loss/ { for (i = 1; i <= NF; i++) if ($i ~ /%$/) loss = $i / 100 }
    /min\/avg\/max/ { split($0, side, "= "); split(side[2], n, "/"); rtt = n[2] / 1000; heard = 1 }
    END {
      if (loss == "") loss = 1
      printf "ronda_uplink_loss_ratio{target=\"%s\"}=%.3f\n", target, loss
      printf "ronda_uplink_rtt_seconds{target=\"%s\"}=%s", target, heard ? sprintf("%.6f", rtt) : ""
    }')
}

# nc of busybox knows no time limit and does not say that it is connected: the kernel does
look_tcp() {
  local host=$1 port=$2 wait=${3:-5} job left
  [ "$wait" -ge 1 ] 2>/dev/null && [ "$wait" -le 20 ] || wait=5
  nc "$host" "$port" </dev/null >/dev/null 2>"$RUN/looks/nc.$port.$$" &
  job=$!
  left=$((wait * 5))
  VERDICT=bad WHY="no answer from $host port $port"
  while [ "$left" -gt 0 ]; do
    if ! kill -0 "$job" 2>/dev/null; then
      if wait "$job"; then VERDICT=good WHY=''; else WHY="$host port $port refuses the connection"; fi
      job=
      break
    fi
    if is_connected "$job"; then
      VERDICT=good WHY=''
      break
    fi
    left=$((left - 1))
    nap
  done
  [ -z "$job" ] || { kill -9 "$job"; wait "$job"; } 2>/dev/null
  rm -f "$RUN/looks/nc.$port.$$"
}

# a fifth of a second, where this sleep can
nap() { sleep 0.2 2>/dev/null || { sleep 1; left=$((left - 4)); }; }

# does a socket of this process stand? 02 is one that still calls
is_connected() {
  local inode
  for inode in $(ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]/\1/p'); do
    awk -v inode="$inode" '$10 == inode && $4 != "02" && $4 != "07" { found = 1 } END { exit !found }' \
      "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null && return 0
  done
  return 1
}

look_http() {
  local url=$1 wait=${3:-10} code
  [ "$wait" -ge 1 ] 2>/dev/null && [ "$wait" -le 30 ] || wait=10
  case $CLIENT in
    curl)
      code=$(curl -s -o /dev/null -w '%{http_code}' -m "$wait" -L --max-redirs 5 -- "$url" 2>/dev/null)
      ;;
    uclient)
      code=$(uclient-fetch -T "$wait" -O /dev/null "$url" 2>&1 >/dev/null) && code=200 ||
        code=$(printf '%s\n' "$code" | sed -n 's/.*HTTP error \([0-9][0-9]*\).*/\1/p')
      ;;
  esac
  case ${code:-000} in
    200) VERDICT=good VALUES="ronda_check_http_status_code{check=\"$LABEL\"}=200" ;;
    000) VERDICT=bad WHY="no answer from $url" ;;
    *)
      VERDICT=bad WHY="HTTP $code instead of 200"
      VALUES="ronda_check_http_status_code{check=\"$LABEL\"}=$code"
      ;;
  esac
}

look_dns() {
  local query=${1:-www.google.com} begun=$CENTS
  if limited 6 nslookup "$query" >/dev/null 2>&1; then
    up
    passed $((CENTS - begun))
    VERDICT=good VALUES="ronda_uplink_dns_up=1
ronda_uplink_dns_seconds=$SECONDS_PASSED"
  else
    VERDICT=bad WHY="$query is not found" VALUES="ronda_uplink_dns_up=0
ronda_uplink_dns_seconds="
  fi
}

# a suspended line answers everything, with a page of its own
look_known() {
  local centre=$1 right said
  # reports are sent at the same time
  SCRATCH=$RUN/known TOKEN='' MORE='' MOST_KB=''
  mkdir -p "$SCRATCH"
  ask /known
  said="$STATUS ${BADCERT:-0} $(head -n 1 "$SCRATCH/answer" | tr -d '\r' | cut -c1-200)"
  case $said in
    "200 0 ronda-known $centre"*) VERDICT=good right=1 ;;
    "000 0"* | 5*) VERDICT=unknown right='' WHY="the centre cannot be reached" ;;
    "000 1"*)
      if doubtful; then VERDICT=unknown right='' WHY="the clock is wrong"
      else VERDICT=bad right=0 WHY="another server answers for the centre"; fi
      ;;
    *) VERDICT=bad right=0 WHY="another page instead of the centre's" ;;
  esac
  VALUES="ronda_uplink_content_ok=$right"
}

# all that was last seen, as lines of the report
seen() {
  local number=0 kind name uplink line _
  [ -s "$RUN/checks" ] || return
  : >"$RUN/uplinks"
  while IFS=$SEPARATOR read -r kind name uplink _; do
    number=$((number + 1))
    [ -s "$RUN/looks/$number" ] || continue
    while read -r line; do printf '%s\n' "$line"; done <"$RUN/looks/$number"
    verdict_of "$RUN/looks/$number"
    [ -z "$uplink" ] || echo "$uplink$SEPARATOR$WAS" >>"$RUN/uplinks"
  done <"$RUN/checks"
  # one good check is enough for a line, and all must be bad for none
  awk -F "$SEPARATOR" '
    { known[$1] = 1; if ($2 == "good") good[$1] = 1; if ($2 != "bad") doubt[$1] = 1 }
    END {
      for (one in known) {
        spelled = one
        gsub(/[\\"]/, "\\\\&", spelled)
        print "ronda_uplink_up{uplink=\"" spelled "\"}=" (good[one] ? 1 : doubt[one] ? "" : 0)
      }
    }' "$RUN/uplinks"
}
