# The first line that is dialled (PPPoE), or empty.
:local line ""
:foreach one in=[/interface pppoe-client find where disabled=no] do={
  :if ($line = "") do={ :set line [/interface pppoe-client get $one name] }
}
:return $line
