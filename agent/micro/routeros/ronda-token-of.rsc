# Takes chosen, ask. The token of this router, which only the code of an enrolment brings; or empty.
:local site (($chosen->"site") . " ")
:local head ($site . ($chosen->"code") . " ")
:local token ""
:local old ""
:foreach one in=[/system script find where name="ronda-token"] do={
  :local kept [/system script get $one source]
  :if ([:pick $kept 0 [:len $head]] = $head) do={
    :set token [:pick $kept [:len $head] [:len $kept]]
  } else={
    # of another code: good until this one is taken, where it is of this site
    :if ([:pick $kept 0 [:len $site]] = $site) do={
      :set old [:pick $kept [:len $site] [:len $kept]]
      :set old [:pick $old ([:find $old " "] + 1) [:len $old]]
    }
  }
}
:if (($token = "") and $ask) do={
  :local enrol [:parse [/system script get ronda-enrol source]]
  :set token [$enrol chosen=$chosen]
  :if ($token != "") do={
    # the only thing ever written to flash after the installation, once
    /system script remove [/system script find where name="ronda-token"]
    /system script add name="ronda-token" policy=read source=($head . $token)
  }
}
:if ($token = "") do={ :set token $old }
:return $token
