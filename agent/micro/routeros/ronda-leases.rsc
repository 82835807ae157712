# How many addresses are lent, by pool. Nobody is named.
:local labelOf [:parse [/system script get ronda-label source]]
:local lines ""
:foreach one in=[/ip pool find] do={
  :local pool [/ip pool get $one name]
  :local serves false
  :local leases 0
  :foreach each in=[/ip dhcp-server find where disabled=no address-pool=$pool] do={
    :local giver [/ip dhcp-server get $each name]
    :local bound [/ip dhcp-server lease find where server=$giver status="bound"]
    :set leases ($leases + [:len $bound])
    :set serves true
  }
  :if ($serves) do={
    :set lines ($lines . "ronda_dhcp_leases{pool=\"" . [$labelOf raw=$pool] . "\"}=" . $leases . "\n")
  }
}
:return $lines
