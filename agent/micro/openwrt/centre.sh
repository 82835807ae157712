# shellcheck shell=dash
# Who we are to the centre, and what it wants looked at. Flash is written when one of them changes:
# the token once, the configuration when somebody edits it.

enrolled() { [ -s "$ETC/token" ] && [ "$(cat "$ETC/code" 2>/dev/null)" = "$CODE" ]; }

# a new code in the settings enrols anew; until it is taken the old token goes on
enrol() {
  umask 077
  mkdir -p "$ETC" "$RUN/said"
  # kept before it is sent: a lost answer burns nothing
  [ "$(sed -n 1p "$ETC/nonce" 2>/dev/null)" = "$CODE" ] || { echo "$CODE" && fresh; } | keep "$ETC/nonce"
  printf '{"code":"%s","nonce":"%s","name":"%s","boot":"%s"}\n' "$CODE" "$(sed -n 2p "$ETC/nonce")" \
    "$(uname -n | tr -cd 'A-Za-z0-9._-')" "$(boot)" >"$RUN/body"
  TOKEN='' ask /api/v1/enrol "$RUN/body"
  [ -z "$BADCERT" ] || ! mend_clock || TOKEN='' ask /api/v1/enrol "$RUN/body"
  rm -f "$RUN/body"
  case $STATUS in
    200) welcomed ;;
    202) complain enrol "the centre's people have not approved this device yet" && return 1 ;;
    403) complain enrol "the centre refuses the code: make the script anew" && return 1 ;;
    *) complain enrol "cannot enrol at $URL: ${TROUBLE:-it answers $STATUS}" && return 1 ;;
  esac
}

welcomed() {
  local token
  awk -f "$HOME_DIR/json.awk" "$SCRATCH/answer" >"$RUN/enrolled" || { complain enrol "another page answers instead of $URL" && return 1; }
  token=$(told token <"$RUN/enrolled")
  case $token in
    '' | *[!A-Za-z0-9_-]*) complain enrol "another page answers instead of $URL" && return 1 ;;
  esac
  sed -n 's/^config\///p' "$RUN/enrolled" | keep "$ETC/config"
  rm -f "$RUN/enrolled" "$ETC/tag"
  printf '%s\n' "$token" | keep "$ETC/token"
  printf '%s\n' "$CODE" | keep "$ETC/code"
  rm -f "$ETC/nonce"
  rm -f "$RUN/said/enrol"
  tell "enrolled for $SITE"
  understand
}

# what the site's configuration means for us
understand() {
  local every look most given=$ETC/config
  [ -s "$given" ] || given=/dev/null
  every=$(told report_every_s <"$given")
  look=$(told check_every_s <"$given")
  [ "$every" -ge 1 ] 2>/dev/null && [ "$every" -le 3600 ] || every=60
  [ "$look" -ge 1 ] 2>/dev/null && [ "$look" -le 3600 ] || look=$every
  REPORT_S=${EVERY_S:-$every} EVERY_TOLD=$EVERY_S LOOK_S=$look
  most=$(told bytes_per_day <"$given")
  MOST_KB='' AHEAD_S=$(told utc_offset_s <"$given")
  [ "$most" -ge 1000 ] 2>/dev/null && MOST_KB=$((most / 1000))
  [ "$AHEAD_S" -ge -86400 ] 2>/dev/null || AHEAD_S=25200
  # each look starts several programs: a small processor must not live for that alone
  [ "$LOOK_S" -ge "$LEAST_LOOK_S" ] || LOOK_S=$LEAST_LOOK_S
  awk -f "$HOME_DIR/checks.awk" "$given" >"$RUN/checks.new"
  cmp -s "$RUN/checks.new" "$RUN/checks" && return
  rm -f "$RUN/looks/"*
  mv "$RUN/checks.new" "$RUN/checks"
}

# the answer named another configuration than ours
follow() {
  local ours problem=''
  ours=$(cat "$ETC/tag" 2>/dev/null)
  [ -n "$TAG" ] && [ "$TAG" != "$ours" ] && [ "$TAG" != "${REFUSED:-}" ] || return 0
  MORE="X-Ronda-Config: $ours
X-Ronda-Knows: release:$VERSION;$(cat "$HOME_DIR/knows.txt")"
  ask /api/v1/config
  MORE=''
  [ "$STATUS" = 200 ] || return 0
  awk -f "$HOME_DIR/json.awk" "$SCRATCH/answer" >"$RUN/config" || problem="no JSON, or too long"
  [ -n "$problem" ] || [ "$(told site <"$RUN/config")" = "$SITE" ] || problem="it is of another site"
  if [ -n "$problem" ]; then
    REFUSED=$TAG
    complain config "the configuration is not taken: $problem"
    say_which "$ours" "$TAG" "X-Ronda-Config-Error: $problem"
    return
  fi
  keep "$ETC/config" <"$RUN/config"
  printf '%s\n' "$TAG" | keep "$ETC/tag"
  rm -f "$RUN/config"
  settled config "the configuration is taken"
  say_which "$TAG" "$TAG" ''
  understand
}

# `say_which OURS HELD TROUBLE`: people at the centre see which configuration runs here, and why not theirs
say_which() {
  [ -n "$HEADERS" ] || return 0
  MORE="X-Ronda-Config: $1
If-None-Match: $2${3:+
$3}"
  ask /api/v1/config
  MORE=''
}
