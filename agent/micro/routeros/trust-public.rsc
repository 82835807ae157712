{
  # since 7.19 RouterOS knows the public authorities, but has to be told to believe them
  :local trust [:len [/certificate find where trusted=yes]]
  :do {
    :local believe [:parse "/certificate settings set builtin-trust-anchors=trusted"]
    [$believe]
    :set trust 1
  } on-error={}
  :do {
    :local store [:parse ":return [:tostr [/certificate settings get builtin-trust-store]]"]
    :local before [$store]
    :if ($before = "untrusted") do={
      :local believe [:parse "/certificate settings set builtin-trust-store=fetch"]
      [$believe]
    }
    :if ($before != "") do={ :set trust 1 }
  } on-error={}
  :if ($trust = 0) do={
    :put "This version of RouterOS trusts nobody by itself, so no report will leave yet."
    :put "Make the script again with --ca FILE, the authority of the centre's certificate."
  }
}
