# Who is in the wifi of access points that this router leads.
:local labelOf [:parse [/system script get ronda-label source]]
:local lines ""
:foreach one in=[/caps-man interface find where disabled=no] do={
  :local ap [/caps-man interface get $one name]
  :local ssid ""
  :local clients 0
  :foreach each in=[/caps-man registration-table find where interface=$ap] do={
    :set clients ($clients + 1)
    :set ssid [/caps-man registration-table get $each ssid]
  }
  :set lines ($lines . "ronda_wifi_clients{ap=\"" . [$labelOf raw=$ap] . "\",ssid=\"" . \
    [$labelOf raw=$ssid] . "\"}=" . $clients . "\n")
}
:return $lines
