# Who is in the wifi, on routers with the package wifi.
:local labelOf [:parse [/system script get ronda-label source]]
:local lines ""
:foreach one in=[/interface wifi find where disabled=no] do={
  :local ap [/interface wifi get $one name]
  :local ssid [:tostr [/interface wifi get $one configuration.ssid]]
  :local clients [:len [/interface wifi registration-table find where interface=$ap]]
  :if ($ssid = "") do={
    # it may stand in a profile, which has its own menu
    :do {
      :local kept [:tostr [/interface wifi get $one configuration]]
      :foreach each in=[/interface wifi configuration find where name=$kept] do={
        :set ssid [/interface wifi configuration get $each ssid]
      }
    } on-error={}
  }
  :set lines ($lines . "ronda_wifi_clients{ap=\"" . [$labelOf raw=$ap] . "\",ssid=\"" . \
    [$labelOf raw=$ssid] . "\"}=" . $clients . "\n")
}
:return $lines
