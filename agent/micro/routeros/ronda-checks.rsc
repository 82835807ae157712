# Takes chosen. A line for each check, and whether each line to outside works by their word.
:local look [:parse [/system script get ronda-look source]]
:local labelOf [:parse [/system script get ronda-label source]]
:local lines ""
:local heard [:toarray ""]
:foreach check in=($chosen->"checks") do={
  :local verdict [$look check=$check]
  :local first [:pick $verdict 0 3]
  :set ($heard->("of " . ($check->"name"))) $first
  :if ($verdict != "none") do={ :set lines ($lines . ($check->"line") . $verdict . "\n") }
  :if ((($check->"how") = "dns") and ($first != "unk")) do={
    :local answers 0
    :if ($first = "goo") do={ :set answers 1 }
    :set lines ($lines . "ronda_uplink_dns_up=" . $answers . "\n")
  }
  :if ((($check->"how") = "known") and ($verdict != "none")) do={
    :local right ""
    :if ($first = "goo") do={ :set right "1" }
    :if ($first = "bad") do={ :set right "0" }
    :set lines ($lines . "ronda_uplink_content_ok=" . $right . "\n")
  }
}
:foreach uplink in=($chosen->"uplinks") do={
  :local works 0
  :local fails 0
  :local blind 0
  :foreach check in=($chosen->"checks") do={
    :if (($check->"uplink") = $uplink) do={
      :local first ($heard->("of " . ($check->"name")))
      :if ($first = "goo") do={ :set works ($works + 1) }
      :if ($first = "bad") do={ :set fails ($fails + 1) }
      :if ($first = "unk") do={ :set blind ($blind + 1) }
    }
  }
  :local up ""
  :if ($works > 0) do={ :set up "1" }
  :if (($works = 0) and ($blind = 0) and ($fails > 0)) do={ :set up "0" }
  :set lines ($lines . "ronda_uplink_up{uplink=\"" . [$labelOf raw=$uplink] . "\"}=" . $up . "\n")
}
:return $lines
