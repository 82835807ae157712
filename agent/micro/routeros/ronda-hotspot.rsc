# How many are signed in at the hotspot, where there is one. Nobody is named.
:local lines ""
:if ([:len [/ip hotspot find where disabled=no]] > 0) do={
  :set lines ("ronda_hotspot_sessions=" . [:len [/ip hotspot active find]] . "\n")
}
:return $lines
