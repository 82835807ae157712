# Takes check. good, bad:why or unknown:why. Netwatch notices first; before we say bad, we look.
:global RondaState
:local how ($check->"how")
:local told ""
:local status "none"
:do {
  :local netwatch [:parse [/system script get ronda-netwatch source]]
  :set status [$netwatch mark=("ronda " . ($check->"name"))]
} on-error={}
:if ($status = "up") do={ :set told "good" }
:if (($told = "") and ($how = "ping")) do={
  :set told ("bad:" . ($check->"why"))
  :do {
    :local place ($check->"host")
    :if ($place = "gateway") do={
      :local gatewayOf [:parse [/system script get ronda-gateway source]]
      :set place [$gatewayOf]
    }
    :if ($place = "") do={
      :set told "unknown:no default route"
    } else={
      :if ($check->"named") do={ :set place [:resolve $place] }
      :if ([/ping $place count=3] > 0) do={ :set told "good" }
    }
  } on-error={}
}
:if (($told = "") and ($how = "tcp")) do={
  :set told "unknown:this RouterOS cannot look at ports, 7.4 and newer can"
  :if (($status = "none") and ($check->"named")) do={
    :local place ($check->"host")
    :set told ("bad:" . ($check->"lost"))
    :do {
      :set place [:resolve $place]
      :set told "unknown:this RouterOS cannot look at ports, 7.4 and newer can"
    } on-error={}
  }
  # for some minutes after a start netwatch itself does nothing
  :if ($status = "unknown") do={ :set told "unknown:not looked at yet" }
  :if ($status = "down") do={ :set told ("bad:" . ($check->"why")) }
}
:if (($told = "") and ($how = "page")) do={
  :local page [:parse [/system script get ronda-page source]]
  :set told [$page check=$check]
}
:if (($told = "") and ($how = "dns")) do={
  :set told ("bad:" . ($check->"why"))
  :do {
    :local found [:resolve ($check->"host")]
    :set told "good"
  } on-error={}
}
:if (($told = "") and ($how = "known")) do={
  :set told "unknown:the centre was not reached"
  # before the first contact nothing is known of it, not even that it is not reached
  :if (($RondaState->"page") = "new") do={ :set told "none" }
  :if (($RondaState->"page") = "right") do={ :set told "good" }
  :if (($RondaState->"page") = "wrong") do={ :set told "bad:another page instead of the centre's" }
}
:return $told
