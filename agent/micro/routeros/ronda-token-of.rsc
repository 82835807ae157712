# Takes chosen. The token of this router, which only the code of an enrolment brings; or empty.
:global RondaState
:local token ""
:local head (($chosen->"code") . " ")
:foreach one in=[/system script find where name="ronda-token"] do={
  :local kept [/system script get $one source]
  :if ([:pick $kept 0 [:len $head]] = $head) do={
    :set token [:pick $kept [:len $head] [:len $kept]]
  }
}
:if ($token = "") do={
  :local enrol [:parse [/system script get ronda-enrol source]]
  :set token [$enrol chosen=$chosen]
  :if ($token != "") do={
    # the only thing ever written to flash after the installation, once
    /system script remove [/system script find where name="ronda-token"]
    /system script add name="ronda-token" policy=read source=($head . $token)
  }
}
:return $token
