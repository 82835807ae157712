# Takes chosen. The lines of one report, but for its head.
:local checksOf [:parse [/system script get ronda-checks source]]
:local routerOf [:parse [/system script get ronda-router source]]
:local lines [$checksOf chosen=$chosen]
:if ($chosen->"host") do={ :set lines ($lines . [$routerOf]) }
:if ($chosen->"link") do={
  :local trafficOf [:parse [/system script get ronda-traffic source]]
  :set lines ($lines . [$trafficOf chosen=$chosen])
}
# each speaks of menus that not every version has, or not every set of packages
:foreach part in=($chosen->"parts") do={
  :do {
    :local partOf [:parse [/system script get $part source]]
    :set lines ($lines . [$partOf])
  } on-error={}
}
:return $lines
