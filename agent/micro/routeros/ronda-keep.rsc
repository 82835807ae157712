# Takes chosen, lines. Puts a report at the end of the queue; the oldest fall over its edge.
:global RondaState
:global RondaQueue
:local number (($RondaState->"seq") + 1)
:set ($RondaState->"seq") $number
:local record {"seq"=$number;"uptime"=[:tostr [/system resource get uptime]];"lines"=$lines;"tries"=0}
:if ([:len $RondaQueue] = 0) do={ :set RondaQueue [:toarray ""] }
:set ($RondaQueue->[:len $RondaQueue]) $record
:while ([:len $RondaQueue] > ($chosen->"cap")) do={
  :set RondaQueue [:pick $RondaQueue 1 [:len $RondaQueue]]
  :set ($RondaState->"dropped") (($RondaState->"dropped") + 1)
}
