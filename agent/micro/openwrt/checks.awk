# The checks of a flattened configuration, a line each: kind, name, uplink, seconds between looks,
# where (host, url or name), port, how long to wait. Between them stands the separator of units.

BEGIN { FS = "\t"; OFS = "\037" }

$1 ~ /^checks\/[0-9]+\/[a-z_]+(\/[0-9]+)?$/ {
  split($1, part, "/")
  at[part[2], part[3]] = $2
  if (part[2] + 1 > count) count = part[2] + 1
}

END {
  for (i = 0; i < count && shown < 64; i++) {
    kind = at[i, "kind"]
    if (kind == "ping") { where = at[i, "host"]; wait = at[i, "wait_s"] }
    else if (kind == "tcp") { where = at[i, "host"]; wait = at[i, "timeout_s"] }
    else if (kind == "http") { where = at[i, "url"]; wait = at[i, "timeout_s"] }
    else if (kind == "dns") { where = at[i, "query"]; wait = "" }
    else if (kind == "known") { where = at[i, "centre"]; wait = "" }
    else continue
    # an option is no host; what we cannot look at as it was meant we do not look at
    if (where ~ /^-/ || at[i, "site"] != "" || strange(i)) continue
    print kind, at[i, "name"], at[i, "uplink"], int(at[i, "every_s"]), where, at[i, "port"], int(wait)
    shown++
  }
}

function strange(i) { return at[i, "must_match"] != "" || at[i, "status"] != "" || at[i, "server"] != "" }
