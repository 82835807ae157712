# The first interface that asks for its address, or empty.
:local line ""
:foreach one in=[/ip dhcp-client find where disabled=no] do={
  :if ($line = "") do={ :set line [:tostr [/ip dhcp-client get $one interface]] }
}
:return $line
