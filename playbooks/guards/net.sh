# The net under run @RUN@: takes back what the run changed, unless the run stops it first.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077
dir=@DIR@ live=@LIVE@
mark=$live.$(cat /proc/sys/kernel/random/boot_id)
cd "$dir" || exit 1

state() {
  # in the order in which a net passes them, so that one that moves on meanwhile is seen later
  for name in armed again undoing undone failed disarmed armed again undoing; do
    [ ! -e "$name" ] || { echo "$name"; return; }
  done
  echo absent
}

tell() {
  [ ! -s log ] || sed 's/^/| /' log
  is=$(state)
  [ "$is" != again ] || is=undoing
  echo "ronda-guard $is"
}

limited() {
  # a command that hangs must not keep the next ones from the device
  (cd / && . "$dir/$1") </dev/null >>"$live.log" 2>&1 &
  job=$!
  # told to end it ends, also before it knows its own sleep: a late kill would hit a stranger
  (
    nap=
    trap '[ -z "$nap" ] || kill "$nap"; exit 0' TERM
    sleep @LIMIT@ & nap=$!
    wait "$nap" && kill -9 "$job"
  ) >/dev/null 2>&1 &
  watch=$!
  wait "$job"
  code=$?
  kill "$watch" 2>/dev/null
  return "$code"
}

undo() {
  mv armed undoing 2>/dev/null || mv again undoing 2>/dev/null || return 0
  echo "$$" >"$live.undo"
  sync
  end=undone
  : >"$live.log"
  for step in undo.*; do
    echo "$step" >>"$live.log"
    limited "$step" || { echo "$step ended with $?" >>"$live.log"; end=failed; }
    tail -c 4096 "$live.log" >"$live.tail"
    mv "$live.tail" "$live.log"
  done
  [ "$end" = undone ] || last_resort >>"$live.log" 2>&1
  tail -c 4096 "$live.log" >log
  # should this rename be lost with the power, the undo is done once more, which harms nobody
  sync
  mv undoing "$end"
}

fire() {
  mv failed again 2>/dev/null
  # whoever was at it is gone, without a power cut
  if [ -s "$live.undo" ] && ! grep -qs "$dir/net" "/proc/$(cat "$live.undo")/cmdline"; then
    mv undoing again 2>/dev/null
  fi
  left=@LONGEST@ # seconds
  case $(state) in armed | again) detached undo ;; esac
  while :; do
    case $(state) in armed | again | undoing) ;; *) break ;; esac
    [ "$left" -gt 0 ] || break
    left=$((left - 1))
    sleep 1
  done
}

@FUNCTIONS@

case $1 in
  arm)
    mkdir "$mark" || exit 1
    timer "$2" || exit 1
    : >arming
    sync
    mv arming armed || exit 1
    sync
    tell
    ;;
  wait)
    sleep "$2" &
    echo "$$ $!" >"$live.timer"
    wait "$!"
    rm -f "$live.timer"
    undo
    ;;
  boot)
    # made when the net was armed and lost with the power: this is another boot, and its first start
    mkdir "$mark" 2>/dev/null || exit 0
    mv undoing again 2>/dev/null
    undo
    ;;
  undo) undo ;;
  fire) fire; tell ;;
  disarm)
    mv armed disarmed 2>/dev/null && sync
    tell
    ;;
  read) tell ;;
esac
