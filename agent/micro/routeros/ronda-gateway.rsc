# The address of the next router on the way out; empty where there is none.
:local place ""
:foreach one in=[/ip route find where dst-address=0.0.0.0/0 active=yes] do={
  :if ($place = "") do={ :set place [:tostr [/ip route get $one gateway]] }
}
:local at [:find $place "%"]
:if ([:typeof $at] = "num") do={ :set place [:pick $place 0 $at] }
# a line that is dialled has its other end as the network of its address
:foreach one in=[/interface find where name=$place] do={
  :local line $place
  :set place ""
  :foreach each in=[/ip address find where interface=$line] do={
    :set place [:tostr [/ip address get $each network]]
  }
}
:return $place
