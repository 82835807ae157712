# Takes chosen. The lines of one report, but for its head.
:local checksOf [:parse [/system script get ronda-checks source]]
:local routerOf [:parse [/system script get ronda-router source]]
:local peopleOf [:parse [/system script get ronda-people source]]
:local lines [$checksOf chosen=$chosen]
:if ($chosen->"host") do={ :set lines ($lines . [$routerOf]) }
:if ($chosen->"link") do={
  :local trafficOf [:parse [/system script get ronda-traffic source]]
  :set lines ($lines . [$trafficOf chosen=$chosen])
}
:set lines ($lines . [$peopleOf])
:if ($chosen->"wifi") do={
  # each speaks of menus that not every version has
  :foreach part in={"ronda-wifi";"ronda-wireless";"ronda-wave2";"ronda-capsman"} do={
    :do {
      :local wifiOf [:parse [/system script get $part source]]
      :set lines ($lines . [$wifiOf])
    } on-error={}
  }
}
:return $lines
