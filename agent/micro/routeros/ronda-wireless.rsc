# Who is in the wifi, on routers with the package wireless.
:local labelOf [:parse [/system script get ronda-label source]]
:local lines ""
:foreach one in=[/interface wireless find where disabled=no mode~"ap|bridge"] do={
  :local ap [/interface wireless get $one name]
  :local clients [:len [/interface wireless registration-table find where interface=$ap]]
  :local ssid [/interface wireless get $one ssid]
  :set lines ($lines . "ronda_wifi_clients{ap=\"" . [$labelOf raw=$ap] . "\",ssid=\"" . \
    [$labelOf raw=$ssid] . "\"}=" . $clients . "\n")
}
:return $lines
