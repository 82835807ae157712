# Takes chosen. The interface of the line to outside: as it was chosen, else as it is dialled.
:local line ($chosen->"wan")
:if ($line = "") do={
  :foreach one in=[/interface pppoe-client find where disabled=no] do={
    :if ($line = "") do={ :set line [/interface pppoe-client get $one name] }
  }
}
:if ($line = "") do={
  :foreach one in=[/ip dhcp-client find where disabled=no] do={
    :if ($line = "") do={ :set line [:tostr [/ip dhcp-client get $one interface]] }
  }
}
:if ($line = "") do={ :set line "ether1" }
:return $line
