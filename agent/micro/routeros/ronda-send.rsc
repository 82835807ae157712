# Takes chosen, record, waited. One report: kept, or lost on the way, or not the centre's answer.
:global RondaState
:global RondaQueue
:local tokenOf [:parse [/system script get ronda-token-of source]]
:local read [:parse [/system script get ronda-answer source]]
:local token [$tokenOf chosen=$chosen ask=(!$waited)]
:local word "nobody"
:if ($token != "") do={
  :local lines ("seq=" . ($record->"seq") . "\nuptime=" . ($record->"uptime") . "\n")
  :if ($waited) do={ :set lines ($lines . "sent=" . [/system resource get uptime] . "\n") }
  :set lines ($lines . "boot=" . ($RondaState->"boot") . "\nspool=" . ($RondaState->"boot") . \
    "\nevery_s=" . ($RondaState->"pace") . "\n" . ($record->"lines") . \
    "ronda_agent_spool_entries=" . ([:len $RondaQueue] - 1) . \
    "\nronda_agent_spool_dropped_total=" . ($RondaState->"dropped") . "\n")
  :set word "lost"
  :local answer ""
  :do {
    :local got [/tool fetch url=(($chosen->"centre") . "/api/v1/reports/flat") http-method=post \
      http-header-field=("Authorization: Bearer " . $token) http-data=$lines \
      check-certificate=yes-without-crl output=user as-value]
    :set answer ($got->"data")
    :set word "came"
  } on-error={}
  :if ($word = "came") do={
    :set ($RondaState->"spent") (($RondaState->"spent") + ($chosen->"costs") + [:len $lines])
    :local dayOf [:parse [/system script get ronda-day source]]
    [$dayOf chosen=$chosen answer=$answer]
    :set word [$read answer=$answer number=($record->"seq")]
  } else={
    :set ($RondaState->"page") ""
  }
}
:return $word
