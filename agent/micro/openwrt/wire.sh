# shellcheck shell=dash
# One request to the centre, by whatever this device has: curl, or uclient-fetch of any age.
#
# uclient-fetch sends bodies in pieces and without their length, shows a password with GET alone, and
# knows headers since April 2024 only: so each report ends with a line that says so, and carries
# the token as a line where nothing else can.

# ten years: a hint beyond is none
MOST_AHEAD=315360000

choose_client() {
  local usage
  CLIENT=none HEADERS=1 BODY_FILE=1
  if command -v curl >/dev/null; then
    CLIENT=curl
  elif command -v uclient-fetch >/dev/null; then
    CLIENT=uclient
    usage=$(uclient-fetch --help 2>&1)
    case $usage in *--header*) ;; *) HEADERS= ;; esac
    case $usage in *--post-file*) ;; *) BODY_FILE= ;; esac
  fi
}

# `ask PATH [BODY]`: the answer in $SCRATCH/answer, STATUS its number or 000, TROUBLE why there is none,
# BADCERT set where the certificate was not believed. Options: TOKEN shown, MORE headers by line,
# BLIND to believe any certificate, MOST_S seconds.
ask() {
  STATUS=000 TROUBLE='' BADCERT=''
  rm -f "$SCRATCH/answer"
  case $CLIENT in
    curl) by_curl "$@" ;;
    uclient) by_uclient "$@" ;;
    *) TROUBLE="neither curl nor uclient-fetch is installed" ;;
  esac
  [ -e "$SCRATCH/answer" ] || : >"$SCRATCH/answer"
  spend_on "${2:-}"
}

by_curl() {
  local path=$1 body=${2:-} code
  set -- -sS -K - -m "${MOST_S:-30}" --connect-timeout 10 -o "$SCRATCH/answer" -w '%{http_code}'
  [ -z "$body" ] || set -- "$@" --data-binary "@$body"
  [ -z "$CA" ] || set -- "$@" --cacert "$CA"
  [ -z "${BLIND:-}" ] || set -- "$@" -k
  # by standard input: the arguments of a process are for all to read
  STATUS=$(headers | sed 's/.*/header = "&"/' | curl "$@" "$URL$path" 2>"$SCRATCH/trouble")
  code=$?
  [ "$code" = 0 ] && return
  STATUS=000
  # how long it took is another each time, and would be told each time
  TROUBLE=$(sed 's/ after [0-9]* [a-z]*//; q' "$SCRATCH/trouble")
  case $code in 35 | 51 | 60) BADCERT=1 ;; esac
}

headers() {
  # an old curl waits a second for leave to send a body
  echo "Expect:"
  [ -z "${TOKEN:-}" ] || echo "Authorization: Bearer $TOKEN"
  [ -z "${MORE:-}" ] || echo "$MORE"
}

by_uclient() {
  local path=$1 body=${2:-} code line
  set -- -T "${MOST_S:-20}" -O "$SCRATCH/answer"
  if [ -n "$body" ] && [ -n "$BODY_FILE" ]; then
    set -- "$@" "--post-file=$body"
  elif [ -n "$body" ]; then
    set -- "$@" "--post-data=$(cat "$body")"
  fi
  if [ -n "$HEADERS" ]; then
    [ -z "${TOKEN:-}" ] || set -- "$@" "--header=Authorization: Bearer $TOKEN"
    [ -z "${MORE:-}" ] || while read -r line; do set -- "$@" "--header=$line"; done <<EOT
$MORE
EOT
  elif [ -n "${TOKEN:-}" ] && [ -z "$body" ]; then
    set -- "$@" --user=ronda "--password=$TOKEN"
  fi
  [ -z "$CA" ] || set -- "$@" "--ca-certificate=$CA"
  [ -z "${BLIND:-}" ] || set -- "$@" --no-check-certificate
  uclient-fetch "$@" "$URL$path" >/dev/null 2>"$SCRATCH/trouble"
  code=$?
  case $code in
    0) STATUS=200 ;;
    5) BADCERT=1 ;;
  esac
  [ "$code" = 0 ] && return
  STATUS=$(sed -n 's/.*HTTP error \([0-9][0-9]*\).*/\1/p' "$SCRATCH/trouble")
  STATUS=${STATUS:-000}
  TROUBLE=$(grep -i 'error\|fail\|timed out\|certificate\|refused\|reset' "$SCRATCH/trouble" | head -n 1)
  TROUBLE=${TROUBLE:-uclient-fetch ended with $code}
}

# the token as a line, where no header can be sent
token_line() { [ "$CLIENT" = uclient ] && [ -z "$HEADERS" ] && echo "token=$TOKEN"; }

# is this time certainly wrong? Without a word of the centre the day of this release counts
wrong() { [ "$1" -lt "$BUILT" ] || [ "$1" -lt $((${LEARNED:-0} - 3600)) ]; }

doubtful() { wrong "$(wall)"; }

# a certificate is "not yet valid" for who woke up in 1970: that is the clock's fault, not the
# centre's. Only a clock that is certainly wrong is set, and everything is asked again afterwards
# with the certificate checked; nothing secret goes out before.
mend_clock() {
  doubtful || return 1
  up
  [ "$NOW" -ge "${MEND_AGAIN:-0}" ] || return 1
  MEND_AGAIN=$((NOW + 600))
  by_ntp || by_hint || return 1
  tell "the clock was wrong and was set to $(date)"
}

# by address: a name cannot be looked up where the resolver wants a right clock
by_ntp() {
  local server
  command -v ntpd >/dev/null || return 1
  for server in $NTP; do
    limited 8 ntpd -n -q -p "$server" >/dev/null 2>&1
    doubtful || return 0
  done
  return 1
}

by_hint() {
  local told
  told=$(
    BLIND=1 TOKEN='' MORE=''
    ask /healthz
    sed -n 's/.*"time":\([0-9]*\).*/\1/p' "$SCRATCH/answer"
  )
  case $told in '' | *[!0-9]*) return 1 ;; esac
  # nobody proved it: so it may not go back, nor so far that nothing can mend it any more
  [ ${#told} -le 11 ] && [ "$told" -le $((BUILT + MOST_AHEAD)) ] || return 1
  wrong "$told" && return 1
  date -s "@$told" >/dev/null 2>&1 && ! doubtful
}
