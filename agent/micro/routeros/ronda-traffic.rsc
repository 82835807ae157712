# Takes chosen. The line to outside: is there a carrier, and how much went over it?
:local lineOf [:parse [/system script get ronda-line source]]
:local labelOf [:parse [/system script get ronda-label source]]
:local line [$lineOf chosen=$chosen]
:local lines ""
:foreach one in=[/interface find where name=$line] do={
  :local label ("{interface=\"" . [$labelOf raw=$line] . "\"}=")
  :local up 0
  :if ([/interface get $one running]) do={ :set up 1 }
  :set lines ("ronda_uplink_link_up" . $label . $up . "\n" . \
    "ronda_uplink_receive_bytes_total" . $label . [/interface get $one rx-byte] . "\n" . \
    "ronda_uplink_transmit_bytes_total" . $label . [/interface get $one tx-byte] . "\n")
}
:return $lines
