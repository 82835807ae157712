# shellcheck shell=dash
# What this device knows of its line, its radios, its leases and itself, as lines of a report.
# People are counted, never named: no address of a phone leaves this file.

facts() {
  of_line
  of_wifi
  of_leases
  of_host
}

# `asked PATH METHOD [SETTINGS]`: what ubus says, flattened; nothing where there is no ubus
asked() {
  command -v ubus >/dev/null || return 1
  ubus call "$@" 2>/dev/null | awk -f "$HOME_DIR/json.awk"
}

# `told KEY` from flattened lines
told() { awk -F '\t' -v key="$1" '$1 == key { print $2; exit }'; }

of_line() {
  local said device up carrier
  said=$(asked "network.interface.$WAN" status)
  device=$(printf '%s\n' "$said" | told l3_device)
  # while the line is down nobody says which device it was
  [ -n "$device" ] || [ -z "$said" ] || device=$(cat "$RUN/line" 2>/dev/null)
  [ -n "$device" ] || device=$(ip -4 route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
  [ -n "$device" ] || device=$(cat "$RUN/line" 2>/dev/null)
  [ -n "$device" ] || return
  [ "$(cat "$RUN/line" 2>/dev/null)" = "$device" ] || echo "$device" >"$RUN/line"
  up=$(printf '%s\n' "$said" | told up)
  carrier=$(cat "$SYS/class/net/$device/carrier" 2>/dev/null)
  if [ "${up:-true}" = true ] && [ "${carrier:-0}" = 1 ]; then LINE=1; else LINE=0; fi
  echo "ronda_uplink_link_up{interface=\"$device\"}=$LINE"
  awk -v name="$device" '
    { sub(/^ */, ""); at = index($0, ":") }
    substr($0, 1, at - 1) == name {
      split(substr($0, at + 1), n, " ")
      label = "{interface=\"" name "\"}="
      print "ronda_uplink_receive_bytes_total" label n[1]
      print "ronda_uplink_receive_errors_total" label n[3]
      print "ronda_uplink_transmit_bytes_total" label n[9]
    }' "$PROC/net/dev"
}

of_wifi() {
  local ap
  if command -v ubus >/dev/null && ubus list 'hostapd.*' >"$RUN/radios" 2>/dev/null && [ -s "$RUN/radios" ]; then
    while read -r ap; do of_hostapd "${ap#hostapd.}"; done <"$RUN/radios"
  elif command -v iwinfo >/dev/null; then
    iwinfo 2>/dev/null | sed -n 's/^\([^ ]*\) *ESSID: .*/\1/p' >"$RUN/radios"
    while read -r ap; do of_iwinfo "$ap"; done <"$RUN/radios"
  fi
}

of_hostapd() {
  local ap=$1 ssid clients
  ssid=$(asked "hostapd.$ap" get_status | told ssid)
  [ -n "$ssid" ] || ssid=$(asked iwinfo info "{\"device\":\"$ap\"}" | told ssid)
  # a hundred people are too much text to be read whole by a small processor
  clients=$(ubus call "hostapd.$ap" get_clients 2>/dev/null | grep -c '"[0-9A-Fa-f:]\{17\}": {')
  of_ap "$ap" "$ssid" "$clients"
}

of_iwinfo() {
  local ap=$1 ssid clients
  iwinfo "$ap" info 2>/dev/null | grep -q 'Mode: Master' || return
  ssid=$(iwinfo "$ap" info 2>/dev/null | sed -n 's/.*ESSID: "\(.*\)"$/\1/p')
  clients=$(iwinfo "$ap" assoclist 2>/dev/null | grep -c '^..:..:..:..:..:.. ')
  of_ap "$ap" "$ssid" "$clients"
}

of_ap() {
  local labels
  label "$1"
  labels="{ap=\"$LABEL\",ssid="
  label "$2"
  labels="$labels\"$LABEL\"}"
  echo "ronda_wifi_up$labels=$([ "$(cat "$SYS/class/net/$1/operstate" 2>/dev/null)" = down ] && echo 0 || echo 1)"
  echo "ronda_wifi_clients$labels=$3"
}

# the clock of dnsmasq is ours: what has ended has ended, also in 1970
of_leases() {
  local count limit pools
  [ -r "$LEASES" ] || return
  count=$(awk -v now="$(wall)" '
    $3 ~ /^[0-9.]+$/ && ($1 == 0 || $1 > now) { count++ } END { print count + 0 }' "$LEASES")
  echo "ronda_dhcp_leases{pool=\"all\"}=$count"
  command -v uci >/dev/null || return
  pools=$(uci -q show dhcp | grep -c '^dhcp\.[^.]*=dhcp$')
  pools=$((pools - $(uci -q show dhcp | grep -c "\.ignore='*1'*\$")))
  limit=$(uci -q get dhcp.lan.limit)
  case $pools-$limit in
    1-[1-9]*) awk "BEGIN { printf \"ronda_dhcp_leases_used_ratio{pool=\\\"all\\\"}=%.3f\n\", $count / $limit }" ;;
  esac
}

of_host() {
  local load mount=/
  read -r load _ <"$PROC/loadavg" && echo "ronda_host_load1=$load"
  awk '
    { kib[$1] = $2 }
    END {
      free = ("MemAvailable:" in kib) ? kib["MemAvailable:"] : kib["MemFree:"] + kib["Buffers:"] + kib["Cached:"]
      if (kib["MemTotal:"] > 0) printf "ronda_host_memory_used_ratio=%.3f\n", 1 - free / kib["MemTotal:"]
    }' "$PROC/meminfo"
  of_processor
  [ -d /overlay ] && mount=/overlay
  # a long name of a device is a line by itself
  df -k "$mount" 2>/dev/null | tail -n 1 | awk -v mount="$mount" '
    $(NF - 3) + $(NF - 2) > 0 {
      printf "ronda_host_disk_used_ratio{mount=\"%s\"}=%.3f\n", mount, $(NF - 3) / ($(NF - 3) + $(NF - 2))
    }'
  awk '/^VmRSS:/ { print "ronda_agent_resident_bytes=" $2 * 1024 }' "/proc/$$/status"
}

# busy part of the time since the last report
of_processor() {
  local now
  now=$(awk '/^cpu / { for (i = 2; i <= 9; i++) all += $i; print all - $5 - $6, all; exit }' "$PROC/stat")
  echo "$(cat "$RUN/ticks" 2>/dev/null) $now" | awk '
    NF == 4 && $4 > $2 { printf "ronda_host_cpu_ratio=%.3f\n", ($3 - $1) / ($4 - $2) }'
  echo "$now" >"$RUN/ticks"
}
